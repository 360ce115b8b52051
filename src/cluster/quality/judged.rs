//! Points and their labels, as all indices of quality read them.

use std::{borrow::Cow, ops::Range};

use crate::{
    cluster::{Labels, Points, labels::NOISE},
    error::{Error, ErrorKind},
    math::parallel,
};

/// Points with a label each. Coordinates are divided by a power of two, so that no digit is lost; it is 1 unless
/// they are so enormous or tiny that squares of them would overflow or vanish.
pub(super) struct Judged<'p, 'l> {
    pub(super) columns: Vec<Cow<'p, [f64]>>,
    pub(super) numbers: &'l [u32],
    pub(super) weights: Option<&'p [f64]>,
    /// Number of clusters, those that hold no point among them.
    pub(super) clusters: usize,
    /// The root of the power, for that itself may be no number.
    root: f64,
}

/// The middle of a cluster.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Middle {
    /// The sum of the weights. If it is 0, the centroid is none.
    pub(super) size: f64,
    pub(super) centroid: Vec<f64>,
}

/// Squares of coordinates between these, and sums of four thousand million of them, are ordinary numbers.
const LEAST: f64 = 1e-130;
const MOST: f64 = 1e130;

impl<'p, 'l> Judged<'p, 'l> {
    pub(super) fn of(points: &Points<'p>, labels: &'l Labels) -> Result<Self, Error> {
        if points.len() != labels.len() {
            let (expected, found) = (points.len(), labels.len());
            return Err(ErrorKind::Length { what: "labels", expected, found }.into());
        }
        let mut columns = points.columns();
        let numbers = columns.iter().flat_map(|column| column.iter());
        let most = numbers.fold(0.0, |most: f64, x| most.max(x.abs()));
        let mut root = 1.0;
        if most > 0.0 && !(LEAST..=MOST).contains(&most) {
            root = (most.log2() / 2.0).ceil().exp2();
            for column in &mut columns {
                column.to_mut().iter_mut().for_each(|x| *x = *x / root / root);
            }
        }
        let (numbers, clusters) = (labels.numbers(), labels.clusters());
        Ok(Self { columns, numbers, weights: points.weights(), clusters, root })
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// A sum of squares in the original units.
    pub(super) fn squares(&self, sum: f64) -> Result<f64, Error> {
        let sum = (0..4).fold(sum, |sum, _| sum * self.root);
        if sum.is_finite() { Ok(sum) } else { Err(ErrorKind::Overflow { what: "sum of squares" }.into()) }
    }

    /// So many sums for each cluster, over its rows and in the order of these.
    pub(super) fn sums(&self, count: usize, add: impl Fn(usize, &mut [f64]) + Sync + Send) -> Vec<Vec<f64>> {
        let block = |rows: Range<usize>| {
            let mut total = vec![0.0; self.clusters * count];
            for row in rows {
                let number = self.numbers[row];
                if number != NOISE {
                    let at = number as usize * count;
                    add(row, &mut total[at..at + count]);
                }
            }
            total
        };
        // So large that the sums of all blocks are no more than the rows.
        let size = (self.clusters * count).max(parallel::BLOCK);
        let mut total = vec![0.0; self.clusters * count];
        for of_block in parallel::map(parallel::ranges(self.numbers.len(), size), block) {
            for (total, of_block) in total.iter_mut().zip(of_block) {
                *total += of_block;
            }
        }
        total.chunks(count).map(<[f64]>::to_vec).collect()
    }

    pub(super) fn middles(&self) -> Vec<Middle> {
        let width = self.columns.len();
        let sums = self.sums(width + 1, |row, sums| {
            let weight = self.weight(row);
            for (sum, column) in sums.iter_mut().zip(&self.columns) {
                *sum += weight * column[row];
            }
            sums[width] += weight;
        });
        let middle = |sums: Vec<f64>| {
            let size = sums[width];
            Middle { size, centroid: sums[..width].iter().map(|sum| sum / size).collect() }
        };
        sums.into_iter().map(middle).collect()
    }

    /// The square of the distance of a row from a centroid.
    pub(super) fn square_from(&self, row: usize, centroid: &[f64]) -> f64 {
        self.columns.iter().zip(centroid).map(|(column, c)| (column[row] - c) * (column[row] - c)).sum()
    }
}

impl Middle {
    pub(super) fn distance(&self, other: &Self) -> f64 {
        square(&self.centroid, &other.centroid).sqrt()
    }
}

/// The square of a distance.
pub(super) fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
