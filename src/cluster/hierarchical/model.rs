//! Clusters of a tree as they are kept: their centroids.

use ndarray::ArrayView2;

use super::{Cut, MergeTree};
use crate::{
    cluster::{ClusterModel, Clustered, Labels, Points, centroids::Centroids, labels::permutes},
    error::Error,
};

/// The clusters that a tree was cut into. Another point is assigned to the one whose centroid is nearest, whatever
/// the linkage; of several as near, to the one of the lowest number.
///
/// A tree says nothing of points that it was not built of, and it has no rows to ask. Round clusters, as Ward's are,
/// are told apart so; points of long ones, as single linkage finds, may be assigned to a neighbour.
/// [`agreement`](Self::agreement) says how many of the points learned from are assigned to their own cluster.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct HierarchicalModel {
    pub(super) centroids: Centroids,
    /// The share of the points learned from that the centroids assign to their own cluster.
    pub(super) agreement: f64,
}

impl MergeTree {
    /// The clusters where the tree is cut, with a model that assigns others. `points` are those it was built of.
    ///
    /// # Errors
    /// As [`cut`](Self::cut), or if there are not as many points as the tree was built of.
    pub fn clusters(&self, at: Cut, points: &Points<'_>) -> Result<Clustered<HierarchicalModel>, Error> {
        if points.len() != self.len() {
            return Err(Error::parameter("points", points.len(), "are not as many as the tree was built of"));
        }
        let labels = self.cut(at)?;
        let mut model = HierarchicalModel { centroids: Centroids::of(points, &labels), agreement: 1.0 };
        let assigned = model.assign(points)?;
        let same = assigned.iter().zip(labels.iter()).filter(|(assigned, own)| assigned == own).count();
        model.agreement = same as f64 / points.len() as f64;
        Ok(Clustered::new(model, labels))
    }
}

impl HierarchicalModel {
    /// The weighted mean of the points of each cluster, of shape `(clusters, columns)`.
    pub fn centroids(&self) -> ArrayView2<'_, f64> {
        self.centroids.0.view()
    }

    /// The share of the points learned from, weights aside, that [`assign`](ClusterModel::assign) gives to the
    /// cluster the tree has them in; from 0 to 1.
    pub fn agreement(&self) -> f64 {
        self.agreement
    }
}

impl ClusterModel for HierarchicalModel {
    fn clusters(&self) -> usize {
        self.centroids.0.nrows()
    }

    fn width(&self) -> usize {
        self.centroids.0.ncols()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        self.centroids.assign(points)
    }

    fn renumber(&mut self, numbers: &[usize]) {
        if !permutes(numbers, self.clusters()) {
            return;
        }
        self.centroids.renumber(numbers);
    }
}
