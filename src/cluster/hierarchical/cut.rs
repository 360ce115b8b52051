//! A tree that is cut: a way to cluster.

use super::{Hierarchical, HierarchicalModel};
use crate::{
    cluster::{Clustered, Clusterer, Clustering, Points},
    error::Error,
};

/// Where a tree is cut.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cut {
    /// Into so many clusters, from 1 to the number of points.
    Clusters(usize),
    /// At a height, 0 or above, in the unit of the points: merges up to it and at it are made.
    Height(f64),
}

/// A [`Hierarchical`] tree, cut: a way to cluster.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{ClusterModel, Cut, Hierarchical, Linkage, Points};
///
/// let rows = array![[0.0, 0.0], [0.0, 2.0], [9.0, 9.0], [9.0, 8.0], [8.0, 9.0]];
/// let ward = Hierarchical::new(Linkage::Ward).cut(Cut::Clusters(2));
/// let found = ward.fit(&Points::new(rows.view())?)?;
/// assert_eq!(found.labels.sizes(), [3, 2]);
/// assert_eq!(found.model.centroids().row(1).to_vec(), [0.0, 1.0]);
///
/// let new = array![[1.0, 1.0], [7.0, 7.0]];
/// let placed = found.model.assign(&Points::new(new.view())?)?;
/// assert_eq!((placed.get(0), placed.get(1)), (Some(1), Some(0)));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct HierarchicalCut {
    tree: Hierarchical,
    at: Cut,
}

impl HierarchicalCut {
    pub(super) fn new(tree: Hierarchical, at: Cut) -> Self {
        Self { tree, at }
    }

    /// The clusters of some points, numbered by size, and a model that assigns others.
    ///
    /// # Errors
    /// As [`Hierarchical::tree`] and [`MergeTree::cut`](super::MergeTree::cut).
    pub fn fit(&self, points: &Points<'_>) -> Result<Clustered<HierarchicalModel>, Error> {
        self.tree.tree(points)?.clusters(self.at, points)
    }
}

impl Clusterer for HierarchicalCut {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.boxed())
    }
}
