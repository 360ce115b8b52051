//! Whether between every two clusters there is a valley, where points are fewer than on both sides.

use std::ops::Range;

use super::judged::{Judged, Middle, square};
use crate::{
    cluster::{Labels, Points},
    error::Error,
    math::parallel,
};

/// The valley between two clusters: how many times denser points lie around either centroid than between them.
///
/// The points of both clusters are seen along the line through their centroids. Two groups that are apart have few
/// points halfway; one group that was cut in two has most of them there, whatever its shape: a depth of about 1
/// if they are spread evenly, and of 3/4 in a bell curve.
///
/// # Formula
/// ```text
/// depth = (min(n_a, n_b) + 1/2) / (n_m + 1/2)
/// ```
/// where on a line on which the centroids lie at -1 and 1 there are `n_a` and `n_b` points within 0.4 of either, and
/// `n_m` within 0.4 of -0.2, of 0 or of 0.2, wherever there are the fewest: beside a wide group the valley is not
/// halfway. Weights count as so many points. Where a coordinate has equal values (scores, counts), these are first
/// spread evenly, as far as halfway to the nearest other value: the steps of a scale are no valleys. They stay where
/// they are if all points of each cluster are equal.
///
/// # Example
/// ```
/// use ndarray::Array2;
/// use patronage::cluster::{Labels, Points, Valley};
///
/// let even = Array2::from_shape_fn((100, 1), |(row, _)| row as f64);
/// let halves = Labels::new(2, &(0..100).map(|row| Some(row / 50)).collect::<Vec<_>>())?;
/// let valley = Valley::shallowest(&Points::new(even.view())?, &halves)?.unwrap();
/// assert!((valley.depth - 1.0).abs() < 0.1);
///
/// let apart = even.map(|x| if *x < 50.0 { *x } else { x + 100.0 });
/// let valley = Valley::shallowest(&Points::new(apart.view())?, &halves)?.unwrap();
/// assert!(valley.depth > 50.0);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Valley {
    /// The numbers of the two clusters.
    pub between: (usize, usize),
    /// How many times denser the thinner side is than the middle.
    pub depth: f64,
    /// The standard error of the logarithm of the depth, by the numbers of points.
    pub std_error: f64,
}

/// How far from a place on the line points are counted; the centroids lie at -1 and 1.
const REACH: f64 = 0.4;

/// Where points are counted, on a line on which the own centroid lies at 1: there, and between the centroids.
const PLACES: [f64; 4] = [1.0, 0.2, 0.0, -0.2];

impl Valley {
    /// The least deep of the valleys between any two clusters; `None` if fewer than two clusters hold points. Points
    /// in no cluster are left out.
    ///
    /// # Errors
    /// If there is not a label a point.
    pub fn shallowest(points: &Points<'_>, labels: &Labels) -> Result<Option<Self>, Error> {
        let mut judged = Judged::of(points, labels)?;
        let middles = judged.middles();
        let spread = judged.sums(1, |row, sums| {
            sums[0] += judged.square_from(row, &middles[judged.numbers[row] as usize].centroid);
        });
        if spread.iter().any(|sums| sums[0] > 0.0) {
            spread_ties(&mut judged);
        }
        let held: Vec<usize> = (0..middles.len()).filter(|&at| middles[at].size > 0.0).collect();
        let counts = Counts::of(&judged, &middles, &held);
        let valleys =
            held.iter().enumerate().flat_map(|(at, &a)| held[at + 1..].iter().map(move |&b| (a, b)));
        let valleys = valleys.map(|(a, b)| counts.valley(a, b));
        Ok(valleys.min_by(|a, b| a.depth.total_cmp(&b.depth)))
    }
}

/// For each two clusters a and b, one after the other, the weights of the points of a that lie near the places.
struct Counts(Vec<Vec<f64>>);

impl Counts {
    fn of(judged: &Judged<'_, '_>, middles: &[Middle], held: &[usize]) -> Self {
        let places = PLACES.len();
        Self(judged.sums(places * middles.len(), |row, sums| {
            let (own, weight) = (judged.numbers[row] as usize, judged.weight(row));
            for &other in held.iter().filter(|&&other| other != own) {
                let along = judged.along(row, &middles[own], &middles[other]);
                for (sum, place) in sums[other * places..].iter_mut().zip(PLACES) {
                    if (along - place).abs() < REACH {
                        *sum += weight;
                    }
                }
            }
        }))
    }

    fn valley(&self, a: usize, b: usize) -> Valley {
        let of = |own: usize, other: usize, at: usize| self.0[own][other * PLACES.len() + at];
        let side = of(a, b, 0).min(of(b, a, 0)) + 0.5;
        // Seen from the other centroid the places lie in the other order.
        let between = (1..PLACES.len()).map(|at| of(a, b, at) + of(b, a, PLACES.len() - at));
        let middle = between.fold(f64::INFINITY, f64::min) + 0.5;
        Valley { between: (a, b), depth: side / middle, std_error: (side.recip() + middle.recip()).sqrt() }
    }
}

impl Judged<'_, '_> {
    /// Where a row lies on a line on which the centroid of its own cluster is at 1, and that of another at -1; 0 if
    /// they are the same.
    fn along(&self, row: usize, own: &Middle, other: &Middle) -> f64 {
        let squares = square(&own.centroid, &other.centroid);
        if squares == 0.0 {
            return 0.0;
        }
        let parts = self.columns.iter().zip(own.centroid.iter().zip(&other.centroid));
        let product = parts.map(|(column, (own, other))| (column[row] - (own + other) / 2.0) * (own - other));
        2.0 * product.sum::<f64>() / squares
    }
}

/// Moves equal values of a coordinate apart: evenly, as far as halfway to the nearest other value. The places
/// follow the rows in a sequence that fills every coordinate evenly, and all of them together (Roberts, 2018).
fn spread_ties(judged: &mut Judged<'_, '_>) {
    let golden = golden(judged.columns.len());
    let mut step = 1.0;
    for column in &mut judged.columns {
        step /= golden;
        let mut values = column.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        if values.len() == column.len() || values.len() < 2 {
            continue;
        }
        let reach: Vec<f64> = (0..values.len()).map(|at| reach(&values, at)).collect();
        let moved =
            parallel::column(column.len(), parallel::BLOCK, |rows: Range<usize>, slots: &mut [f64]| {
                for (slot, row) in slots.iter_mut().zip(rows) {
                    let at = values.partition_point(|value| *value < column[row]).min(reach.len() - 1);
                    *slot = column[row] + reach[at] * (2.0 * (row as f64 * step).fract() - 1.0);
                }
            });
        *column = moved.into();
    }
}

/// Half the distance from one of the ascending values to the nearest other.
fn reach(values: &[f64], at: usize) -> f64 {
    let below = if at > 0 { values[at] - values[at - 1] } else { f64::INFINITY };
    let above = values.get(at + 1).map_or(f64::INFINITY, |next| next - values[at]);
    below.min(above) / 2.0
}

/// The root of `x^(width + 1) = x + 1` above 1: the golden ratio for one coordinate.
fn golden(width: usize) -> f64 {
    let power = (width as f64 + 1.0).recip();
    (0..64).fold(2.0, |x: f64, _| (1.0 + x).powf(power))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn shallowest(rows: &Array2<f64>, clusters: usize, of: impl Fn(usize) -> usize) -> Option<Valley> {
        let labels: Vec<Option<usize>> = (0..rows.nrows()).map(|row| Some(of(row))).collect();
        let labels = Labels::new(clusters, &labels).unwrap();
        Valley::shallowest(&Points::new(rows.view()).unwrap(), &labels).unwrap()
    }

    #[test]
    fn counts_are_those_of_the_windows() {
        // The centroids are 0 and 10: three points lie near one, two near the other, and none halfway.
        let rows = Array2::from_shape_vec((6, 1), vec![-1.5, 0.0, 1.5, 7.5, 11.0, 11.5]).unwrap();
        let valley = shallowest(&rows, 2, |row| usize::from(row > 2)).unwrap();
        assert_eq!((valley.between, valley.depth), ((0, 1), 2.5 / 0.5));
        let rows = Array2::from_shape_vec((7, 1), vec![-3.0, 0.0, 3.0, 5.5, 9.0, 10.0, 11.0]).unwrap();
        let valley = shallowest(&rows, 2, |row| usize::from(row > 3)).unwrap();
        assert_eq!(valley.depth, 2.5 / 1.5);
        assert_eq!(valley.std_error, (2.5_f64.recip() + 1.5_f64.recip()).sqrt());
        assert_eq!(shallowest(&rows, 3, |_| 1), None);
    }

    #[test]
    fn the_steps_of_a_scale_are_no_valleys() {
        // Scores from 1 to 5, evenly, cut between 2 and 3.
        let scores =
            Array2::from_shape_fn((2_000, 2), |(row, column)| 1.0 + (row / [1, 5][column] % 5) as f64);
        let depth = shallowest(&scores, 2, |row| usize::from(row % 5 >= 2)).unwrap().depth;
        assert!((0.7..1.2).contains(&depth), "{depth}");
        // Points that are all alike in either cluster are apart all the same.
        let flags = Array2::from_shape_fn((100, 1), |(row, _)| (row % 2) as f64);
        assert!(shallowest(&flags, 2, |row| row % 2).unwrap().depth > 50.0);
    }
}
