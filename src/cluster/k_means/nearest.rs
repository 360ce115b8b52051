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
    /// The square of the distance to the second nearest, infinite where there is but one; then, when the row is due.
    second: Vec<f64>,
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
        Self { number: vec![0; rows], least: vec![0.0; rows], second: vec![0.0; rows] }
    }

    /// The numbers of the centroids nearest to the rows.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.number
    }

    /// The squares of the distances to them.
    pub(super) fn squares(&self) -> &[f64] {
        &self.least
    }

    /// What [`reckon_due`](Self::reckon_due) found.
    pub(super) fn due(&self) -> &[f64] {
        &self.second
    }

    /// Reckons what a clock shows when the nearest centroid of each of so many rows may be another one: when it has
    /// run by the gap between the distances to the two nearest.
    pub(super) fn reckon_due(&mut self, rows: usize, clock: f64, width: usize) {
        // Sooner than it would be without rounding.
        let (less, sooner) = (1.0 - rounding(width), 1.0 - 4.0 * f64::EPSILON);
        simd::widest(
            #[inline(always)]
            || {
                for (second, least) in self.second[..rows].iter_mut().zip(&self.least) {
                    *second = (clock + (second.sqrt() * less - least.sqrt())) * sooner;
                }
            },
        );
    }

    /// Finds the centroids, of a row each, nearest to the rows of `columns`, which are not more than there is room
    /// for.
    pub(super) fn find(&mut self, columns: &[&[f64]], centroids: &[f64]) {
        match columns.len() {
            1 => self.find_in::<1>(columns, centroids),
            2 => self.find_in::<2>(columns, centroids),
            3 => self.find_in::<3>(columns, centroids),
            4 => self.find_in::<4>(columns, centroids),
            5 => self.find_in::<5>(columns, centroids),
            6 => self.find_in::<6>(columns, centroids),
            7 => self.find_in::<7>(columns, centroids),
            8 => self.find_in::<8>(columns, centroids),
            _ => self.find_in_many(columns, centroids),
        }
    }

    /// With a number of columns known to the compiler their loop is unrolled.
    fn find_in<const D: usize>(&mut self, columns: &[&[f64]], centroids: &[f64]) {
        let Ok(columns) = <[&[f64]; D]>::try_from(columns) else {
            return;
        };
        simd::widest(
            #[inline(always)]
            || {
                for at in (0..columns[0].len()).step_by(LANES) {
                    let mut block = [[0.0; LANES]; D];
                    for (block, column) in block.iter_mut().zip(columns) {
                        *block = load(column, at);
                    }
                    self.write(at, best(&block, centroids));
                }
            },
        );
    }

    fn find_in_many(&mut self, columns: &[&[f64]], centroids: &[f64]) {
        let mut block = vec![[0.0; LANES]; columns.len()];
        simd::widest(
            #[inline(always)]
            || {
                for at in (0..columns[0].len()).step_by(LANES) {
                    for (block, column) in block.iter_mut().zip(columns) {
                        *block = load(column, at);
                    }
                    self.write(at, best(&block, centroids));
                }
            },
        );
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
    fn write(&mut self, at: usize, best: [Lanes; 3]) {
        let [label, least, second] = best;
        for (number, label) in self.number[at..at + LANES].iter_mut().zip(label) {
            *number = label.to_bits() as u32;
        }
        self.least[at..at + LANES].copy_from_slice(&least);
        self.second[at..at + LANES].copy_from_slice(&second);
    }
}

/// Eight numbers of a column, zeros where it ends.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
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
#[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
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

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
fn best(block: &[Lanes], centroids: &[f64]) -> [Lanes; 3] {
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
            for row in 0..rows {
                let distance = |centroid: &[f64]| -> f64 {
                    centroid.iter().zip(&columns).map(|(at, column)| (column[row] - at).powi(2)).sum()
                };
                let mut known: Vec<(f64, u32)> = centroids.chunks(width).map(distance).zip(0..).collect();
                known.sort_by(|a, b| a.partial_cmp(b).unwrap());
                assert_eq!((nearest.least[row], nearest.number[row]), known[0], "{width}: {row}");
                assert_eq!(nearest.second[row], known[1].0);
            }
        }
    }
}
