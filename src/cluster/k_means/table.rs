//! Points as the search reads them: columns of numbers whose squares neither overflow nor vanish.

use std::{borrow::Cow, ops::Range};

use crate::{
    cluster::{Points, distinct::Distinct},
    math::{lanes::LANES, parallel, simd},
};

/// Columns, weights, and what both were multiplied by.
///
/// The factors are powers of two, so that no digit is lost, and 1 but for numbers that are hardly met.
pub(super) struct Table<'a> {
    pub(super) columns: Vec<Cow<'a, [f64]>>,
    weights: Option<Cow<'a, [f64]>>,
    scale: f64,
    weight_scale: f64,
}

/// Rows of a chunk, of which tasks have a whole number: their coordinates stay within a core's own cache.
pub(super) const CHUNK: usize = 1 << 12;

/// The most tasks a loop is split into. Each has sums of its own, joined in their order: the number of threads
/// changes no bit.
const TASKS: usize = 128;

/// Coordinates from 2^-400 to 2^400, and sums of weights from 2^-200 to 2^200, are taken as they are.
const COORDINATES: i32 = 400;
const WEIGHTS: i32 = 200;

#[allow(clippy::float_cmp, reason = "a factor is exactly 1 where nothing is scaled")]
impl<'a> Table<'a> {
    /// The points, along with centroids that may lie far from all of them.
    pub(super) fn of(points: &Points<'a>, centroids: &[f64]) -> Self {
        Self::of_columns(points.columns(), points.weights(), centroids)
    }

    pub(super) fn of_columns(
        columns: Vec<Cow<'a, [f64]>>,
        weights: Option<&'a [f64]>,
        centroids: &[f64],
    ) -> Self {
        let mut table = Self { columns, weights: weights.map(Cow::Borrowed), scale: 1.0, weight_scale: 1.0 };
        let greatest = table.greatest().max(greatest(centroids));
        table.scale = factor(greatest, COORDINATES);
        table.scale_columns();
        let total = weights.map_or(1.0, |weights| weights.iter().sum());
        table.weight_scale = factor(total, WEIGHTS);
        table.scale_weights();
        table
    }

    /// The distinct rows of this table, if there are few, and for each row the one that it equals.
    pub(super) fn collapsed(&self) -> Option<(Table<'static>, Vec<u32>)> {
        let most = (self.len() / 8).min(CHUNK);
        let Distinct { columns, weights, of } =
            Distinct::of_columns(&self.columns, self.weights.as_deref(), most)?;
        let columns = columns.into_iter().map(Cow::Owned).collect();
        let weights = Some(Cow::Owned(weights));
        Some((Table { columns, weights, scale: self.scale, weight_scale: self.weight_scale }, of))
    }

    fn scale_columns(&mut self) {
        let scale = self.scale;
        if scale != 1.0 {
            for column in &mut self.columns {
                column.to_mut().iter_mut().for_each(|number| *number *= scale);
            }
        }
    }

    fn scale_weights(&mut self) {
        let scale = self.weight_scale;
        if let Some(weights) = self.weights.as_mut().filter(|_| scale != 1.0) {
            // A weight is above 0, however little it counts.
            weights.to_mut().iter_mut().for_each(|weight| *weight = (*weight * scale).max(f64::MIN_POSITIVE));
        }
    }

    fn greatest(&self) -> f64 {
        let chunks = self.chunks();
        parallel::map(chunks, |rows| self.slices(rows).into_iter().map(greatest).fold(0.0, f64::max))
            .into_iter()
            .fold(0.0, f64::max)
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The columns of some rows.
    pub(super) fn slices(&self, rows: Range<usize>) -> Vec<&[f64]> {
        self.columns.iter().map(|column| &column[rows.clone()]).collect()
    }

    /// The weight of a row.
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// The weights of some rows, where they are not 1 each.
    pub(super) fn weights(&self, rows: Range<usize>) -> Option<&[f64]> {
        self.weights.as_ref().map(|weights| &weights[rows])
    }

    /// The coordinates of a row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        self.columns.iter().map(move |column| column[row])
    }

    /// Rows in chunks.
    pub(super) fn chunks(&self) -> Vec<Range<usize>> {
        parallel::ranges(self.len(), CHUNK)
    }

    /// Rows of a task: whole chunks.
    pub(super) fn task(&self) -> usize {
        CHUNK * self.len().div_ceil(CHUNK * TASKS)
    }

    /// The rows of each task.
    pub(super) fn tasks(&self) -> Vec<Range<usize>> {
        parallel::ranges(self.len(), self.task())
    }

    /// Coordinates of a host's in those of the table.
    pub(super) fn scaled(&self, coordinates: &[f64]) -> Vec<f64> {
        coordinates.iter().map(|number| number * self.scale).collect()
    }

    /// Coordinates of the table in those of the host, always finite.
    pub(super) fn unscaled(&self, coordinates: Vec<f64>) -> Vec<f64> {
        if self.scale == 1.0 {
            return coordinates;
        }
        coordinates.into_iter().map(|number| (number / self.scale).clamp(f64::MIN, f64::MAX)).collect()
    }

    /// A weight of the table in those of the host.
    pub(super) fn unscaled_weight(&self, weight: f64) -> f64 {
        weight / self.weight_scale
    }

    /// A distance of the table in units of the host; infinite if there is no such number.
    pub(super) fn unscaled_distance(&self, distance: f64) -> f64 {
        distance / self.scale
    }

    /// A weighted square of the table in those of the host; infinite if there is no such number.
    pub(super) fn unscaled_square(&self, square: f64) -> f64 {
        square / self.weight_scale / self.scale / self.scale
    }
}

fn greatest(numbers: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| if a > b { a } else { b };
    let (eights, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    simd::widest(
        #[inline(always)]
        || {
            for eight in eights {
                for (lane, number) in lanes.iter_mut().zip(eight) {
                    *lane = larger(number.abs(), *lane);
                }
            }
        },
    );
    lanes.into_iter().chain(rest.iter().map(|number| number.abs())).fold(0.0, larger)
}

/// The power of two that brings a number near 2^(most / 2), or 1 where it is from 2^-most to 2^most, or 0.
fn factor(number: f64, most: i32) -> f64 {
    let two = 2.0_f64;
    if number == 0.0 || (two.powi(-most)..=two.powi(most)).contains(&number) {
        return 1.0;
    }
    // A number too small to have a logarithm of its own is brought up as far as can be.
    let exponent = number.log2().floor() as i32;
    two.powi((most / 2 - exponent).clamp(-1000, 1000))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn usual_numbers_are_taken_as_they_are_and_others_lose_no_digit() {
        let rows = array![[1.0, -1e100], [3.0, 0.0]];
        let table = Table::of(&Points::new(rows.view()).unwrap(), &[]);
        assert_eq!(table.row(0).collect::<Vec<_>>(), [1.0, -1e100]);
        for huge in [f64::MAX, 1e300, 1e-300, f64::MIN_POSITIVE] {
            let rows = array![[huge, huge / 3.0], [-huge, 0.0]];
            let table = Table::of(&Points::new(rows.view()).unwrap(), &[]);
            let row: Vec<f64> = table.row(0).collect();
            assert!((1e-90..1e90).contains(&row[0]), "{huge}: {}", row[0]);
            assert_eq!(table.unscaled(row), [huge, huge / 3.0]);
        }
        let weights = [1e-300, 3e300];
        let points = Points::new(rows.view()).unwrap().weighted(&weights).unwrap();
        let table = Table::of(&points, &[]);
        assert!(table.weight(0) > 0.0 && table.weight(1) < 1e70);
        assert_eq!(table.unscaled_weight(table.weight(1)), 3e300);
    }
}
