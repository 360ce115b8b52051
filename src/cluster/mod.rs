//! Groups of customers that can be found, trusted, named and kept.
//!
//! A [`Clusterer`] finds groups among [`Points`], rows of numbers that mostly are scaled
//! [`Features`](crate::feature::Features). The answer, [`Clustered`], holds the [`Labels`] of those rows and a model
//! that assigns others.

mod centroids;
mod clustered;
mod clusterer;
mod dbscan;
mod distinct;
mod hdbscan;
mod hierarchical;
mod k_means;
mod k_prototypes;
mod labels;
#[cfg(feature = "linfa")]
#[cfg_attr(docsrs, doc(cfg(feature = "linfa")))]
pub mod linfa;
mod points;
mod scale;

pub use self::{
    clustered::Clustered,
    clusterer::{ClusterModel, Clusterer, Clustering},
    dbscan::{Dbscan, DbscanFit, DbscanModel, KDistances, Knee, PointKind},
    hdbscan::{ClusterNode, ClusterTree, Hdbscan, HdbscanFit, HdbscanModel, Joins, Selection},
    hierarchical::{Cut, Hierarchical, HierarchicalCut, HierarchicalModel, Linkage, Merge, MergeTree},
    k_means::{EmptyCluster, KMeans, KMeansModel, KMeansStart, MiniBatch},
    k_prototypes::{KPrototypes, KPrototypesModel, MixedPoints},
    labels::{LabelOrder, Labels},
    points::Points,
};
