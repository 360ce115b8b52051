//! Does it agree with an independent reckoning?

mod backtest;
mod buying;
#[cfg(feature = "serde")]
mod golden;
pub(crate) mod k_means;
mod opportunities;
mod pareto_nbd;
mod spend;
mod summaries;
mod valuation;
