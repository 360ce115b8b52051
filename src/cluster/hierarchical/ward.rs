//! Ward's linkage.

use super::{chain::Clusters, k_d_tree::KdTree, rows::Rows};

/// Clusters as their centroids, in memory linear in their number.
pub(super) struct Ward {
    centroids: KdTree,
    clusters: usize,
    unit: f64,
    root_of_weight: f64,
}

impl Ward {
    pub(super) fn of(rows: &Rows) -> Self {
        let &Rows { unit, root_of_weight, .. } = rows;
        Self { centroids: KdTree::of(rows), clusters: rows.len(), unit, root_of_weight }
    }
}

impl Clusters for Ward {
    fn len(&self) -> usize {
        self.clusters
    }

    #[inline(always)]
    fn nearest(&mut self, to: usize, before: Option<usize>) -> (usize, f64) {
        self.centroids.nearest(to, before)
    }

    fn merge(&mut self, gone: usize, into: usize) {
        self.centroids.merge(gone, into);
    }

    /// The growth of the sum of squares is half the square of the height.
    fn height(&self, growth: f64) -> f64 {
        (2.0 * growth).sqrt() * self.unit * self.root_of_weight
    }
}
