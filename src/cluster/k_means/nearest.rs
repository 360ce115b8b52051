//! The nearest and the second nearest centroid of eight rows at a time.
//!
//! Distances are sums of squared differences, as they are written: so a row that equals a centroid is at distance 0
//! of it, and equal distances are equal. Of centroids equally near the first is taken.

use crate::math::{
    lanes::{LANES, Lanes},
    simd,
};

/// The nearest centroid of each row of a chunk. Lengths are multiples of [`LANES`]; what is beyond the rows means
/// nothing.
pub(super) struct Nearest {
    number: Vec<u32>,
    least: Vec<f64>,
}

/// Added to a whole number, it leaves that number in the last bits.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// More than the rounding of a few distances, relatively.
pub(super) fn rounding(width: usize) -> f64 {
    4.0 * (width as f64 + 8.0) * f64::EPSILON
}

impl Nearest {
    /// Room for so many rows.
    pub(super) fn of_rows(rows: usize) -> Self {
        let rows = rows.next_multiple_of(LANES);
        Self { number: vec![0; rows], least: vec![0.0; rows] }
    }

    /// The numbers of the centroids nearest to the rows.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.number
    }

    /// The squares of the distances to them.
    pub(super) fn squares(&self) -> &[f64] {
        &self.least
    }

    /// Finds the centroids, of a row each, nearest to the rows of `columns`, which are not more than there is room
    /// for.
    pub(super) fn find(&mut self, columns: &[&[f64]], centroids: &[f64]) {
        each_block(
            columns,
            #[inline(always)]
            |at, block| self.write(at, best(block, centroids)),
        );
    }

    #[inline(always)]
    fn write(&mut self, at: usize, best: [Lanes; 3]) {
        let [label, least, _] = best;
        self.number[at..at + LANES].copy_from_slice(&numbers(&label));
        self.least[at..at + LANES].copy_from_slice(&least);
    }
}

/// Calls `work` with the place of eight rows and their coordinates, a column each. It takes part in the widest
/// vectors if it is inlined.
#[inline(always)]
pub(super) fn each_block(columns: &[&[f64]], work: impl FnMut(usize, &[Lanes])) {
    let rows = columns.first().map_or(0, |column| column.len());
    blocks_at(columns, &(0..rows).step_by(LANES), work);
}

/// As [`each_block`], at some places.
#[inline(always)]
pub(super) fn blocks_at(
    columns: &[&[f64]],
    places: &(impl Iterator<Item = usize> + Clone),
    work: impl FnMut(usize, &[Lanes]),
) {
    match columns.len() {
        1 => blocks::<1>(columns, places, work),
        2 => blocks::<2>(columns, places, work),
        3 => blocks::<3>(columns, places, work),
        4 => blocks::<4>(columns, places, work),
        5 => blocks::<5>(columns, places, work),
        6 => blocks::<6>(columns, places, work),
        7 => blocks::<7>(columns, places, work),
        8 => blocks::<8>(columns, places, work),
        _ => blocks_of_many(columns, places, work),
    }
}

/// With a number of columns known to the compiler their loop is unrolled.
fn blocks<const D: usize>(
    columns: &[&[f64]],
    places: &(impl Iterator<Item = usize> + Clone),
    mut work: impl FnMut(usize, &[Lanes]),
) {
    let Ok(columns) = <[&[f64]; D]>::try_from(columns) else {
        return;
    };
    simd::widest(
        #[inline(always)]
        || {
            for at in places.clone() {
                let mut block = [[0.0; LANES]; D];
                for (block, column) in block.iter_mut().zip(columns) {
                    *block = load(column, at);
                }
                work(at, &block);
            }
        },
    );
}

fn blocks_of_many(
    columns: &[&[f64]],
    places: &(impl Iterator<Item = usize> + Clone),
    mut work: impl FnMut(usize, &[Lanes]),
) {
    let mut block = vec![[0.0; LANES]; columns.len()];
    simd::widest(
        #[inline(always)]
        || {
            for at in places.clone() {
                for (block, column) in block.iter_mut().zip(columns) {
                    *block = load(column, at);
                }
                work(at, &block);
            }
        },
    );
}

/// Eight numbers of a column, zeros where it ends.
#[inline(always)]
pub(super) fn load(column: &[f64], at: usize) -> Lanes {
    let mut lanes = [0.0; LANES];
    match column.get(at..at + LANES) {
        Some(eight) => lanes.copy_from_slice(eight),
        None => lanes.iter_mut().zip(&column[at..]).for_each(|(lane, number)| *lane = *number),
    }
    lanes
}

/// The squared distances of eight rows from a point.
#[inline(always)]
pub(super) fn squares(block: &[Lanes], point: &[f64]) -> Lanes {
    let mut sum = [0.0; LANES];
    for (lanes, at) in block.iter().zip(point) {
        for (sum, lane) in sum.iter_mut().zip(lanes) {
            let difference = lane - at;
            *sum += difference * difference;
        }
    }
    sum
}

/// The numbers that [`best`] found.
#[inline(always)]
pub(super) fn numbers(label: &Lanes) -> [u32; LANES] {
    let mut numbers = [0; LANES];
    for (number, label) in numbers.iter_mut().zip(label) {
        *number = label.to_bits() as u32;
    }
    numbers
}

/// The [number](numbers) of the nearest centroid, in the last bits, and the squares of the distances to it and to the second
/// nearest, infinite where there is but one.
#[inline(always)]
pub(super) fn best(block: &[Lanes], centroids: &[f64]) -> [Lanes; 3] {
    let (mut label, mut least, mut second) = ([WHOLE; LANES], [f64::INFINITY; LANES], [f64::INFINITY; LANES]);
    let mut number = WHOLE;
    for centroid in centroids.chunks_exact(block.len()) {
        let distance = squares(block, centroid);
        for lane in 0..LANES {
            let (new, old) = (distance[lane], least[lane]);
            let further = if new < old { old } else { new };
            second[lane] = if further < second[lane] { further } else { second[lane] };
            label[lane] = if new < old { number } else { label[lane] };
            least[lane] = if new < old { new } else { old };
        }
        number += 1.0;
    }
    [label, least, second]
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_nearest_is_taken_in_any_number_of_columns() {
        for width in 1..=11 {
            let rows = 37;
            let number = |at: usize| ((at * 7_919 + width) % 5) as f64;
            let columns: Vec<Vec<f64>> = (0..width)
                .map(|column| (0..rows).map(|row| number(row * width + column)).collect())
                .collect();
            let centroids: Vec<f64> = (0..4 * width).map(|at| number(at + 3)).collect();
            let mut nearest = Nearest::of_rows(rows);
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            nearest.find(&slices, &centroids);
            let mut second = vec![0.0; rows.next_multiple_of(LANES)];
            each_block(&slices, |at, block| {
                second[at..at + LANES].copy_from_slice(&best(block, &centroids)[2]);
            });
            for row in 0..rows {
                let distance = |centroid: &[f64]| -> f64 {
                    centroid.iter().zip(&columns).map(|(at, column)| (column[row] - at).powi(2)).sum()
                };
                let mut known: Vec<(f64, u32)> = centroids.chunks(width).map(distance).zip(0..).collect();
                known.sort_by(|a, b| a.partial_cmp(b).unwrap());
                assert_eq!((nearest.least[row], nearest.number[row]), known[0], "{width}: {row}");
                assert_eq!(second[row], known[1].0);
            }
        }
    }
}
