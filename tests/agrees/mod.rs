//! Does it agree with an independent reckoning?

mod backtest;
mod buying;
pub(crate) mod dbscan;
#[cfg(feature = "serde")]
mod golden;
mod hierarchical;
mod k_prototypes;
#[cfg(feature = "linfa")]
mod linfa;
pub(crate) mod k_means;
mod hdbscan;
mod opportunities;
mod pareto_nbd;
mod spend;
mod summaries;
mod valuation;

use hierarchical::Chance;
pub(crate) use {
    hierarchical::{blobs, moons},
    k_prototypes::mixed,
};
