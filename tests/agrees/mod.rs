//! Does it agree with an independent reckoning?

mod backtest;
mod buying;
pub(crate) mod dbscan;
#[cfg(feature = "serde")]
mod golden;
mod hdbscan;
mod opportunities;
mod pareto_nbd;
mod spend;
mod summaries;
mod valuation;
