//! DBSCAN (Ester, Kriegel, Sander & Xu 1996): clusters of any shape where points lie dense, and noise between.

mod border;
mod connect;
mod cores;
mod fit;
mod k_distances;
mod mass;
mod model;
mod near;
mod scaled;

pub use self::{
    fit::{DbscanFit, PointKind},
    k_distances::{KDistances, Knee},
    model::DbscanModel,
};

use super::{Clusterer, Clustering, Points};
use crate::error::Error;

/// DBSCAN (Ester, Kriegel, Sander & Xu 1996, "A density-based algorithm for discovering clusters in large spatial
/// databases with noise"), exact, for Euclidean distances.
///
/// A point is a *core* if points within `eps` of it, itself among them, weigh `min_points` at least; without weights
/// they are counted. Cores within `eps` of one another are in one cluster. Another point within `eps` of a core is
/// on the *border* of the nearest core's cluster; of cores equally near, the one whose coordinates come first
/// decides, column by column. All else is *noise*. scikit-learn has the same cores, noise and clusters; there, a
/// point on the border of several clusters goes to that which is found first, so by the order of the rows.
///
/// A distance is the root of the sum of squares in the order of the columns; it is compared squared. Weights are
/// summed exactly, so that neither the order of the rows nor the number of threads changes a label.
///
/// Memory is linear in the number of points, for any data. So is time in a few columns, nearly, for points of like
/// density; it nears the square of the number where `eps` spans much of the data and `min_points` is as large, and
/// with many columns.
///
/// [`KDistances`] help to choose `eps`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{Dbscan, PointKind, Points};
///
/// let rows = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [2.0, 0.5], [9.0, 9.0], [9.0, 8.5], [8.5, 9.0], [5.0, 5.0]];
/// let found = Dbscan::new(1.2, 3).fit(&Points::new(rows.view())?)?;
/// let labels: Vec<_> = found.clustered.labels.iter().collect();
/// assert_eq!(labels, [Some(0), Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
/// assert_eq!((found.kinds()[3], found.kinds()[7]), (PointKind::Border, PointKind::Noise));
///
/// // New points go to the nearest core's cluster, if one is near enough.
/// let rows = array![[0.4, 0.4], [8.0, 8.0], [4.0, 4.0]];
/// let assigned = found.clustered.model.assign(&Points::new(rows.view())?)?;
/// assert_eq!(assigned.iter().collect::<Vec<_>>(), [Some(0), Some(1), None]);
/// # use patronage::cluster::ClusterModel;
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dbscan {
    eps: f64,
    min_points: usize,
}

impl Dbscan {
    /// Clusters of points within `eps` of cores, which have `min_points` within `eps`, counting themselves.
    ///
    /// `eps` is in the units of the columns, finite and above 0, and `min_points` is at least 1, by the time of the
    /// fit.
    pub fn new(eps: f64, min_points: usize) -> Self {
        Self { eps, min_points }
    }

    /// How far a point reaches.
    pub fn eps(&self) -> f64 {
        self.eps
    }

    /// How much a core has within its reach, itself included.
    pub fn min_points(&self) -> usize {
        self.min_points
    }

    fn check(&self) -> Result<(), Error> {
        if !(self.eps > 0.0 && self.eps.is_finite()) {
            return Err(Error::parameter("eps", self.eps, "must be finite and above 0"));
        }
        if self.min_points == 0 {
            return Err(Error::parameter("min_points", 0, "must be at least 1"));
        }
        Ok(())
    }

    /// Finds the clusters, numbered by size, the one with the most rows first.
    ///
    /// # Errors
    /// If `eps` is not finite and above 0, or less than the largest coordinate by a factor of 2^1400, or
    /// `min_points` is 0.
    pub fn fit(&self, points: &Points<'_>) -> Result<DbscanFit, Error> {
        self.check()?;
        fit::fit(*self, points)
    }
}

impl Clusterer for Dbscan {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.clustered.boxed())
    }
}

#[cfg(test)]
mod tests;
