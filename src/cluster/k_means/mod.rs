//! k-means: groups about their means.

mod by_gap;
mod estimator;
mod lloyd;
mod mini_batch;
mod model;
mod nearest;
mod part;
mod refill;
#[cfg(feature = "serde")]
mod saved;
mod start;
mod table;
mod totals;

pub use self::{
    estimator::{EmptyCluster, KMeans, KMeansStart},
    mini_batch::MiniBatch,
    model::KMeansModel,
};
