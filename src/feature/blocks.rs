//! Tables written by all threads, a block of rows at a time.

use std::ops::Range;

use crate::{domain::Customers, math::parallel};

/// The columns, one after the other, of a table of so many rows and columns. `write` is given the rows of a
/// block and their slots in each column.
pub(super) fn write(
    rows: usize,
    width: usize,
    write: impl Fn(Range<usize>, &mut [&mut [f64]]) + Sync + Send,
) -> Vec<f64> {
    let mut values = vec![0.0; rows * width];
    let ranges = parallel::ranges(rows, parallel::BLOCK);
    let mut blocks: Vec<(Range<usize>, Vec<&mut [f64]>)> =
        ranges.into_iter().map(|range| (range, Vec::with_capacity(width))).collect();
    for column in values.chunks_mut(rows.max(1)) {
        for ((_, columns), slots) in blocks.iter_mut().zip(column.chunks_mut(parallel::BLOCK)) {
            columns.push(slots);
        }
    }
    parallel::map(blocks, |(range, mut columns)| write(range, &mut columns));
    values
}

/// For each of `wanted` the row among `known`, if there is one.
pub(super) fn rows_of(known: &Customers, wanted: &Customers) -> Vec<Option<u32>> {
    let mut known = (0..).zip(known.iter()).peekable();
    let row = |id| {
        while known.next_if(|(_, other)| *other < id).is_some() {}
        known.next_if(|(_, other)| *other == id).map(|(row, _)| row)
    };
    wanted.iter().map(row).collect()
}
