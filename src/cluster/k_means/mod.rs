//! k-means: groups about their means.

mod estimator;
mod lloyd;
mod model;
mod nearest;
mod start;
mod table;
mod totals;

pub use self::{
    estimator::{EmptyCluster, KMeans, KMeansStart},
    model::KMeansModel,
};
