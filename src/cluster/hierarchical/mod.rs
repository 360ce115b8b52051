//! Hierarchical agglomerative clustering: the two nearest clusters become one, until there is one.

mod chain;
mod cut;
mod distances;
mod k_d_tree;
mod model;
mod rows;
#[cfg(feature = "serde")]
mod saved;
mod single;
mod tree;
mod ward;

pub use self::{
    cut::{Cut, HierarchicalCut},
    model::HierarchicalModel,
    tree::{Merge, MergeTree},
};

use self::{chain::chain, distances::Distances, rows::Rows, ward::Ward};
use super::Points;
use crate::{error::Error, math::simd};

/// Builds the tree of all clusterings of some points: each begins as a cluster of its own, and the two clusters
/// nearest to one another are merged until one is left.
///
/// The tree is cut where one likes, by [`MergeTree::cut`]. A way to cluster, behind
/// [`Clusterer`](super::Clusterer), is a linkage with the place to [cut](Hierarchical::cut).
///
/// # How it is built
/// * Equal points are merged first, at height 0, and are one weighted point from there on: the cost is that of the
///   distinct points, and the tree is the same.
/// * Ward: by chains of nearest neighbours (Murtagh 1983; Müllner 2011) among centroids in a k-d tree. Memory is
///   linear in the number of points; so is time, nearly, in a few dimensions, and quadratic in many.
/// * Single: by Prim's shortest tree that spans the points, in linear memory and quadratic time.
/// * Average and complete: by chains of nearest neighbours among all distances between distinct points, which are
///   held: 8 bytes a pair, at most [`memory`](Self::memory).
///
/// # Weights
/// A point of weight 3 counts as three equal ones. Only Ward and average ask how many points a cluster has.
///
/// # Ties
/// Where clusters are equally near, the one is merged first whose first point comes first, as far as the search
/// meets both: another order of the rows may give another tree of the same right. Points in general position,
/// however many are equal, have one tree.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{Cut, Hierarchical, Linkage, Points};
///
/// let rows = array![[0.0], [1.0], [10.0], [12.0], [50.0]];
/// let tree = Hierarchical::new(Linkage::Single).tree(&Points::new(rows.view())?)?;
/// assert_eq!(tree.heights().collect::<Vec<_>>(), [1.0, 2.0, 9.0, 38.0]);
/// assert_eq!(tree.cut(Cut::Clusters(3))?.sizes(), [2, 2, 1]);
/// assert_eq!(tree.cut(Cut::Height(9.0))?.sizes(), [4, 1]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hierarchical {
    linkage: Linkage,
    memory: u64,
}

/// How far two clusters are from one another, and the height at which they merge.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Linkage {
    /// Ward 1963: by how much the sum of squares about the centroids grows. The height is
    /// `sqrt(2 m n / (m + n)) |centroid - centroid|` for clusters of m and n points, as in scipy: the distance for
    /// two points. Round groups of like size.
    Ward,
    /// The mean distance from a point of the one to a point of the other (UPGMA).
    Average,
    /// The greatest distance from a point of the one to a point of the other. Compact groups.
    Complete,
    /// The least distance from a point of the one to a point of the other. Groups of any shape; a few points
    /// between two groups join them.
    Single,
}

impl Hierarchical {
    /// The memory that distances may take unless set, 1 GiB: some 16,000 distinct points.
    pub const MEMORY: u64 = 1 << 30;

    /// A builder of trees.
    pub fn new(linkage: Linkage) -> Self {
        Self { linkage, memory: Self::MEMORY }
    }

    /// The bytes that the distances of average and complete linkage may take. Of n distinct points there are
    /// n (n - 1) / 2 distances of 8 bytes each.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Self {
        Self { memory: bytes, ..self }
    }

    /// A way to cluster: the tree, cut.
    pub fn cut(self, at: Cut) -> HierarchicalCut {
        HierarchicalCut::new(self, at)
    }

    /// Which linkage.
    pub fn linkage(&self) -> Linkage {
        self.linkage
    }

    /// The tree of some points. Of one point it has no merge.
    ///
    /// Distances of less than 1e-154 times the greatest range of a coordinate may count as 0.
    ///
    /// # Errors
    /// If distances do not fit into the [memory](Self::memory) allowed, or a height is beyond the largest number.
    pub fn tree(&self, points: &Points<'_>) -> Result<MergeTree, Error> {
        let rows = Rows::of(points);
        let joins = match self.linkage {
            Linkage::Ward => {
                let mut clusters = Ward::of(&rows);
                simd::widest(|| chain(&mut clusters))
            }
            Linkage::Average | Linkage::Complete => {
                let mut clusters = Distances::between(&rows, self.linkage, self.memory)?;
                simd::widest(|| chain(&mut clusters))
            }
            Linkage::Single => single::joins(&rows),
        };
        MergeTree::of(&rows, joins)
    }
}
