//! Does it survive anything?

mod beta_geometric;
#[cfg(feature = "boosting")]
mod boosting;
mod contracts;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod dates;
mod discover;
mod hierarchical;
mod k_means;
mod k_prototypes;
mod ledger;
#[cfg(feature = "linfa")]
mod linfa;
mod logistic;
#[cfg(feature = "csv")]
mod money;
mod opportunities;
mod pareto_nbd;
mod quality;
mod rounding;
mod small_data;
mod spend;
mod survival;
mod trees;
mod valuation;
