//! Does it agree with an independent reckoning?

mod backtest;
#[cfg(feature = "boosting")]
mod boosting;
mod buying;
pub(crate) mod dbscan;
mod forest;
#[cfg(feature = "serde")]
mod golden;
mod hdbscan;
mod hierarchical;
pub(crate) mod judge;
pub(crate) mod k_means;
mod k_prototypes;
#[cfg(feature = "linfa")]
mod linfa;
pub(crate) mod logistic;
mod opportunities;
mod pareto_nbd;
mod quality;
mod spend;
mod summaries;
pub(crate) mod survival;
mod survival_groups;
mod survival_models;
#[cfg(feature = "serde")]
mod survival_saved;
mod tree;
mod valuation;

use hierarchical::Chance;
pub(crate) use {
    hierarchical::{blobs, moons},
    k_prototypes::mixed,
};
