//! Groups of customers that can be found, trusted, named and kept.
//!
//! A [`Clusterer`] finds groups among [`Points`], rows of numbers that mostly are scaled
//! [`Features`](crate::feature::Features). The answer, [`Clustered`], holds the [`Labels`] of those rows and a model
//! that assigns others.

mod clustered;
mod clusterer;
mod core_distance;
mod dbscan;
mod distinct;
mod hdbscan;
mod labels;
mod points;

pub use self::{
    clustered::Clustered,
    clusterer::{ClusterModel, Clusterer, Clustering},
    dbscan::{Dbscan, DbscanFit, DbscanModel, KDistances, Knee, PointKind},
    hdbscan::{ClusterNode, ClusterTree, Hdbscan, HdbscanFit, HdbscanModel, Joins, Selection},
    labels::{LabelOrder, Labels},
    points::Points,
};
