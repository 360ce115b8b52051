//! Groups of customers that can be found, trusted, named and kept.
//!
//! A [`Clusterer`] finds groups among [`Points`], rows of numbers that mostly are scaled
//! [`Features`](crate::feature::Features). The answer, [`Clustered`], holds the [`Labels`] of those rows and a model
//! that assigns others.

mod clustered;
mod clusterer;
mod discover;
mod distinct;
mod k_means;
mod labels;
mod points;
mod quality;

pub use self::{
    clustered::Clustered,
    clusterer::{ClusterModel, Clusterer, Clustering},
    discover::{Answer, Discover, Discovery, Evidence, Rejection},
    k_means::{EmptyCluster, KMeans, KMeansModel, KMeansStart},
    labels::{LabelOrder, Labels},
    points::Points,
    quality::{
        Agreement, Bootstrap, Family, Gap, GapCurve, GapStatistic, Silhouette, Spread, Stability, Valley,
    },
};
