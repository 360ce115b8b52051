//! Equal points as one, with a weight: scores of customers have a hundred distinct rows, however many they are.

use std::{borrow::Cow, hash::BuildHasher, ops::Range};

use foldhash::quality::FixedState;

use super::Points;
use crate::math::parallel;

/// The distinct points, in the order in which each is met first.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Distinct {
    /// The coordinates of the distinct points, a column each.
    pub(crate) columns: Vec<Vec<f64>>,
    /// The sum of the weights of the points that are equal; 1 each where none were given.
    pub(crate) weights: Vec<f64>,
    /// For each point the distinct one that it equals.
    pub(crate) of: Vec<u32>,
}

/// Points looked through at a time.
const BLOCK: usize = 1 << 15;

impl Distinct {
    /// The distinct points, or `None` once there are more than `most`.
    pub(crate) fn of(points: &Points<'_>, most: usize) -> Option<Self> {
        Self::of_columns(&points.columns(), points.weights(), most)
    }

    /// The distinct points of given columns, at least one, and of weights, of 1 each where there are none.
    pub(crate) fn of_columns(
        columns: &[Cow<'_, [f64]>],
        weights: Option<&[f64]>,
        most: usize,
    ) -> Option<Self> {
        let rows = columns.first().map_or(0, |column| column.len());
        let found_in = |rows: Range<usize>| {
            let mut table = Table::new(most.min(rows.len()));
            let of: Option<Vec<u32>> = rows.map(|row| table.find(columns, row)).collect();
            of.map(|of| (table.first, of))
        };
        // The first block mostly shows whether they are few.
        let mut blocks = parallel::ranges(rows, BLOCK);
        let others = blocks.split_off(blocks.len().min(1));
        let mut found: Vec<_> = blocks.into_iter().map(found_in).collect();
        if found.iter().all(Option::is_some) {
            found.extend(parallel::map(others, found_in));
        }
        let mut all = Table::new(most);
        let mut of = Vec::with_capacity(rows);
        for block in found {
            let (first, within) = block?;
            let places: Option<Vec<u32>> = first.iter().map(|&row| all.find(columns, row as usize)).collect();
            let places = places?;
            of.extend(within.into_iter().map(|place| places[place as usize]));
        }
        let mut sums = vec![0.0; all.first.len()];
        for (row, &place) in of.iter().enumerate() {
            sums[place as usize] += weights.map_or(1.0, |weights| weights[row]);
        }
        let taken = |column: &Cow<'_, [f64]>| all.first.iter().map(|&row| column[row as usize]).collect();
        Some(Self { columns: columns.iter().map(taken).collect(), weights: sums, of })
    }
}

/// Finds rows by their coordinates: open addressing, at most half full.
struct Table {
    most: usize,
    slots: Vec<u32>,
    /// The row in which each distinct point was met first.
    first: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Table {
    fn new(most: usize) -> Self {
        Self { most, slots: vec![FREE; (2 * most + 2).next_power_of_two()], first: Vec::new() }
    }

    /// The number of the point in a row, or `None` if it is one too many.
    #[allow(clippy::float_cmp, reason = "points are equal to the last bit, or are not one")]
    #[allow(clippy::float_cmp, reason = "points are one where they are equal")]
    fn find(&mut self, columns: &[Cow<'_, [f64]>], row: usize) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut slot = hash(columns, row) as usize & mask;
        loop {
            let place = self.slots[slot];
            if place == FREE {
                break;
            }
            let other = self.first[place as usize] as usize;
            // Zero equals minus zero.
            if columns.iter().all(|column| column[row] == column[other]) {
                return Some(place);
            }
            slot = (slot + 1) & mask;
        }
        if self.first.len() == self.most {
            return None;
        }
        let place = self.first.len() as u32;
        self.slots[slot] = place;
        self.first.push(row as u32);
        Some(place)
    }
}

fn hash(columns: &[Cow<'_, [f64]>], row: usize) -> u64 {
    let state = FixedState::default();
    // Minus zero has the bits of zero once zero is added.
    columns.iter().fold(0, |hash, column| state.hash_one(hash ^ (column[row] + 0.0).to_bits()))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn equal_points_are_one() {
        let rows = array![[0.0, 1.0], [2.0, 1.0], [-0.0, 1.0], [2.0, 1.0], [2.0, 0.0]];
        let points = Points::new(rows.view()).unwrap().weighted(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        let distinct = Distinct::of(&points, 3).unwrap();
        assert_eq!(distinct.columns, [[0.0, 2.0, 2.0], [1.0, 1.0, 0.0]]);
        assert_eq!((distinct.weights, distinct.of), (vec![4.0, 6.0, 5.0], vec![0, 1, 0, 1, 2]));
        assert_eq!(Distinct::of(&points, 2), None);
    }

    #[test]
    fn blocks_change_nothing() {
        let rows =
            Array2::from_shape_fn((2 * BLOCK + 7, 2), |(row, column)| ((row * 7 + column) % 125) as f64);
        let distinct = Distinct::of(&Points::new(rows.view()).unwrap(), 125).unwrap();
        assert_eq!(distinct.weights.len(), 125);
        for (row, &of) in rows.rows().into_iter().zip(&distinct.of) {
            assert_eq!(row[0], distinct.columns[0][of as usize]);
        }
    }
}
