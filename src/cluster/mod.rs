//! Groups of customers that can be found, trusted, named and kept.
//!
//! A [`Clusterer`] finds groups among [`Points`], rows of numbers that mostly are scaled
//! [`Features`](crate::feature::Features). The answer, [`Clustered`], holds the [`Labels`] of those rows and a model
//! that assigns others.

mod clustered;
mod clusterer;
mod dbscan;
mod distinct;
mod drift;
mod hdbscan;
mod k_means;
mod hierarchical;
mod labels;
mod matching;
mod points;
mod profile;
mod quality;

pub use self::{
    clustered::Clustered,
    clusterer::{ClusterModel, Clusterer, Clustering},
    drift::{ClusterBaseline, ClusterDrift, Drift, DriftGrade},
    dbscan::{Dbscan, DbscanFit, DbscanModel, KDistances, Knee, PointKind},
    hdbscan::{ClusterNode, ClusterTree, Hdbscan, HdbscanFit, HdbscanModel, Selection},
    k_means::{EmptyCluster, KMeans, KMeansModel, KMeansStart},
    hdbscan::{ClusterNode, ClusterTree, Hdbscan, HdbscanFit, HdbscanModel, Joins, Selection},
    hierarchical::{Cut, Hierarchical, HierarchicalCut, HierarchicalModel, Linkage, Merge, MergeTree},
    labels::{LabelOrder, Labels},
    matching::{MatchedCluster, Matching},
    points::Points,
    profile::{Bound, ClusterProfile, Condition, MEDIUM_EFFECT, Profile, Rule, Words},
    quality::{Agreement, Silhouette, Spread},
    quality::{Agreement, Bootstrap, Family, Gap, GapCurve, GapStatistic, Silhouette, Spread, Stability},
};
