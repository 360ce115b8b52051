//! Clusters as a point each, to which others are assigned by distance.

use ndarray::{Array2, ArrayView2};

use super::{Labels, Points, scale};
#[cfg(feature = "serde")]
use crate::model::Exact;
use crate::{
    error::Error,
    math::{parallel, simd},
};

/// Of shape `(clusters, columns)`, finite, at least one of either.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Centroids(pub(super) Array2<f64>);

impl Centroids {
    /// The weighted mean of each cluster; that of an empty one is 0. Each point adds its share, for a sum might be
    /// beyond the largest number.
    pub(super) fn of(points: &Points<'_>, labels: &Labels) -> Self {
        let weight = |row: usize| points.weights().map_or(1.0, |weights| weights[row]);
        let mut total = vec![0.0; labels.clusters()];
        for (row, cluster) in labels.iter().enumerate() {
            if let Some(cluster) = cluster {
                total[cluster] += weight(row);
            }
        }
        let mut centroids = Array2::zeros((labels.clusters(), points.width()));
        for ((row, cluster), point) in labels.iter().enumerate().zip(points.rows().rows()) {
            if let Some(cluster) = cluster {
                let share = weight(row) / total[cluster];
                centroids.row_mut(cluster).zip_mut_with(&point, |mean: &mut f64, x| *mean += share * x);
            }
        }
        Self(centroids.mapv_into(|mean| mean.clamp(f64::MIN, f64::MAX)))
    }

    /// As they are saved: the rows.
    #[cfg(feature = "serde")]
    pub(super) fn save(&self) -> Vec<Vec<Exact>> {
        self.0.rows().into_iter().map(|row| row.iter().copied().map(Exact).collect()).collect()
    }

    /// # Errors
    /// If there is no row or no column, or the rows differ in width.
    #[cfg(feature = "serde")]
    pub(super) fn read(rows: Vec<Vec<Exact>>) -> Result<Self, Error> {
        let shape = (rows.len(), rows.first().map_or(0, Vec::len));
        let refused = || Error::parameter("saved centroids", shape.0, "are not of one width, above 0");
        if shape.1 == 0 || rows.iter().any(|row| row.len() != shape.1) {
            return Err(refused());
        }
        let numbers = rows.into_iter().flatten().map(|number| number.0).collect();
        Array2::from_shape_vec(shape, numbers).map(Self).map_err(|_| refused())
    }

    /// The nearest to each point; of several as near, that of the lowest number.
    ///
    /// # Errors
    /// If the points are of another width.
    pub(super) fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        points.check_width(self.0.ncols())?;
        let columns = points.columns();
        let both = columns.iter().zip(self.0.columns());
        let unit = scale::unit(both.map(|(column, means)| column.iter().chain(means).copied()));
        let numbers = parallel::column(points.len(), BLOCK, |rows, numbers: &mut [u32]| {
            simd::widest(|| {
                let block: Vec<&[f64]> = columns.iter().map(|column| &column[rows.clone()]).collect();
                nearest(&block, self.0.view(), unit.recip(), numbers);
            });
        });
        Ok(Labels::of_valid(self.0.nrows(), numbers))
    }

    /// Gives cluster `c` the number `numbers[c]`, a permutation.
    pub(super) fn renumber(&mut self, numbers: &[usize]) {
        let old = self.0.clone();
        for (row, &number) in old.rows().into_iter().zip(numbers) {
            self.0.row_mut(number).assign(&row);
        }
    }
}

/// Points whose distances are held at once.
const BLOCK: usize = 512;

/// The nearest centroid to each point of a block, both scaled by a power of 2.
#[inline(always)]
fn nearest(columns: &[&[f64]], centroids: ArrayView2<'_, f64>, scale: f64, numbers: &mut [u32]) {
    let mut least = [f64::INFINITY; BLOCK];
    for (number, centroid) in (0..).zip(centroids.rows()) {
        let mut sums = [0.0; BLOCK];
        for (column, mean) in columns.iter().zip(centroid) {
            let mean = mean * scale;
            for (sum, x) in sums.iter_mut().zip(*column) {
                let apart = x * scale - mean;
                *sum += apart * apart;
            }
        }
        for ((least, sum), nearest) in least.iter_mut().zip(&sums).zip(numbers.iter_mut()) {
            *nearest = if sum < least { number } else { *nearest };
            *least = if sum < least { *sum } else { *least };
        }
    }
}
