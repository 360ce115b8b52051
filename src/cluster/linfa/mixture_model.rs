//! What a mixture of Gaussians says of points.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

use crate::{
    cluster::{ClusterModel, Labels, Points, centroids::Centroids, labels::permutes},
    error::Error,
    math::{parallel, simd, symmetric::Symmetric},
};

/// A mixture of Gaussian distributions. A point is assigned to the one of which it most probably is.
///
/// # Formula
/// ```text
/// p(x) = sum of weight_k N(x; mean_k, covariance_k),    responsibility_k(x) = weight_k N(x; mean_k, covariance_k) / p(x)
/// ```
/// Reckoned by logarithms, so that a point far from all has responsibilities that sum up to 1. One that is farther
/// than there are numbers for is in all alike.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct GaussianMixtureModel {
    weights: Vec<f64>,
    means: Centroids,
    /// Of shape `(clusters, columns, columns)`.
    covariances: Array3<f64>,
    /// Of each covariance the lower triangle L with L L' = covariance, by rows.
    roots: Vec<Vec<Vec<f64>>>,
    /// Of each cluster the logarithm of weight / sqrt(det(2 pi covariance)).
    peaks: Vec<f64>,
}

impl GaussianMixtureModel {
    /// # Errors
    /// If shapes do not fit, weights are not above 0 with a sum of 1, a mean is not finite, or a covariance is not
    /// positive definite.
    pub(super) fn new(
        weights: Vec<f64>,
        means: Array2<f64>,
        covariances: Array3<f64>,
    ) -> Result<Self, Error> {
        let (clusters, width) = means.dim();
        if clusters == 0
            || width == 0
            || weights.len() != clusters
            || covariances.dim() != (clusters, width, width)
        {
            return Err(Error::parameter("clusters", clusters, "have other weights, means or covariances"));
        }
        let sum: f64 = weights.iter().sum();
        if !weights.iter().all(|weight| *weight > 0.0) || !((sum - 1.0).abs() < 1e-9) {
            return Err(Error::parameter(
                "weights",
                format!("{weights:?}"),
                "must be above 0 and sum up to 1",
            ));
        }
        if let Some(bad) = means.iter().find(|mean| !mean.is_finite()) {
            return Err(Error::parameter("mean", bad, "must be finite"));
        }
        let (mut roots, mut peaks) = (Vec::with_capacity(clusters), Vec::with_capacity(clusters));
        for (covariance, weight) in covariances.outer_iter().zip(&weights) {
            let mut matrix = Symmetric::zeros(width);
            for ((row, column), &entry) in
                covariance.indexed_iter().filter(|((row, column), _)| column <= row)
            {
                matrix.set(row, column, entry);
            }
            let root = matrix.cholesky().ok_or_else(|| {
                let entries = covariance.diag().to_vec();
                Error::parameter(
                    "covariance",
                    format!("{entries:?}"),
                    "is the diagonal, and not positive definite",
                )
            })?;
            let rows = root.rows().to_vec();
            let logarithms: f64 = rows.iter().filter_map(|row| row.last()).map(|pivot| pivot.ln()).sum();
            peaks.push(weight.ln() - logarithms - 0.5 * width as f64 * std::f64::consts::TAU.ln());
            roots.push(rows);
        }
        Ok(Self { weights, means: Centroids(means), covariances, roots, peaks })
    }

    /// The share of each cluster, above 0; their sum is 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The mean of each cluster, of shape `(clusters, columns)`.
    pub fn means(&self) -> ArrayView2<'_, f64> {
        self.means.0.view()
    }

    /// The covariance of each cluster, of shape `(clusters, columns, columns)`.
    pub fn covariances(&self) -> ArrayView3<'_, f64> {
        self.covariances.view()
    }

    /// The probability that each point is of each cluster, of shape `(points, clusters)`. Rows sum up to 1.
    ///
    /// # Errors
    /// If the points are not of the width learned from.
    pub fn responsibilities(&self, points: &Points<'_>) -> Result<Array2<f64>, Error> {
        let blocks = self.by_block(points, |logs| {
            for log in logs.chunks_mut(self.weights.len()) {
                let most = greatest(log);
                for log in log.iter_mut() {
                    *log = (*log - most).exp();
                }
                // At least 1, for it is of the greatest too.
                let sum: f64 = log.iter().sum();
                for share in log {
                    *share /= sum;
                }
            }
            logs.to_vec()
        })?;
        let all: Vec<f64> = blocks.into_iter().flatten().collect();
        Ok(Array2::from_shape_fn((points.len(), self.weights.len()), |(row, cluster)| {
            all[row * self.weights.len() + cluster]
        }))
    }

    /// The mean over the points of the logarithm of their density.
    ///
    /// # Errors
    /// If the points are not of the width learned from.
    pub fn log_likelihood(&self, points: &Points<'_>) -> Result<f64, Error> {
        let share = (points.len() as f64).recip();
        let sums = self.by_block(points, |logs| {
            logs.chunks(self.weights.len()).map(|log| share * log_of_sum(log)).sum::<f64>()
        })?;
        Ok(sums.into_iter().sum())
    }

    /// Some work on the logarithms of weight times density of a block of points, by point and cluster.
    fn by_block<R: Send>(
        &self,
        points: &Points<'_>,
        work: impl Fn(&mut [f64]) -> R + Sync + Send,
    ) -> Result<Vec<R>, Error> {
        points.check_width(self.means.0.ncols())?;
        let columns = points.columns();
        let block = |rows: Range<usize>| {
            let columns: Vec<&[f64]> = columns.iter().map(|column| &column[rows.clone()]).collect();
            let mut logs = vec![0.0; rows.len() * self.weights.len()];
            simd::widest(|| self.logs(&columns, &mut logs));
            work(&mut logs)
        };
        Ok(parallel::map(parallel::ranges(points.len(), BLOCK), block))
    }

    #[inline(always)]
    fn logs(&self, columns: &[&[f64]], logs: &mut [f64]) {
        let clusters = self.weights.len();
        let mut whitened = vec![[0.0; BLOCK]; columns.len()];
        for (cluster, (root, mean)) in self.roots.iter().zip(self.means.0.rows()).enumerate() {
            let mut squares = [0.0; BLOCK];
            // Solves L z = x - mean.
            for (at, ((row, column), mean)) in root.iter().zip(columns).zip(mean).enumerate() {
                let (before, rest) = whitened.split_at_mut(at);
                let Some(z) = rest.first_mut() else { continue };
                for (z, x) in z.iter_mut().zip(*column) {
                    *z = x - mean;
                }
                for (before, entry) in before.iter().zip(row) {
                    for (z, before) in z.iter_mut().zip(before) {
                        *z -= entry * before;
                    }
                }
                let pivot = row[at];
                for (z, square) in z.iter_mut().zip(&mut squares) {
                    *z /= pivot;
                    *square += *z * *z;
                }
            }
            for (log, square) in logs.iter_mut().skip(cluster).step_by(clusters).zip(squares) {
                // Beyond the largest number, or the difference of two that are, it is as far as may be.
                let square = if square < FARTHEST { square } else { FARTHEST };
                *log = self.peaks[cluster] - 0.5 * square;
            }
        }
    }
}

/// Points whose densities are reckoned at once.
const BLOCK: usize = 256;

const FARTHEST: f64 = 1e300;

/// The logarithm of the sum of numbers of which the logarithms are given, finite all.
fn log_of_sum(logs: &[f64]) -> f64 {
    let most = greatest(logs);
    most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln()
}

fn greatest(logs: &[f64]) -> f64 {
    logs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

impl ClusterModel for GaussianMixtureModel {
    fn clusters(&self) -> usize {
        self.weights.len()
    }

    fn width(&self) -> usize {
        self.means.0.ncols()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        let numbers = self.by_block(points, |logs| {
            let most = |logs: &[f64]| {
                let first = (0_u32, f64::NEG_INFINITY);
                (0..)
                    .zip(logs)
                    .fold(first, |most, (number, &log)| if log > most.1 { (number, log) } else { most })
                    .0
            };
            logs.chunks(self.weights.len()).map(most).collect::<Vec<u32>>()
        })?;
        Ok(Labels::of_valid(self.weights.len(), numbers.into_iter().flatten().collect()))
    }

    fn renumber(&mut self, numbers: &[usize]) {
        if !permutes(numbers, self.clusters()) {
            return;
        }
        let old = self.clone();
        self.means.renumber(numbers);
        for (from, &to) in numbers.iter().enumerate() {
            self.weights[to] = old.weights[from];
            self.covariances
                .index_axis_mut(ndarray::Axis(0), to)
                .assign(&old.covariances.index_axis(ndarray::Axis(0), from));
            self.roots[to].clone_from(&old.roots[from]);
            self.peaks[to] = old.peaks[from];
        }
    }
}
