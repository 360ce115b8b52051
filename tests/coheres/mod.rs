//! Does it cohere with itself?

#[cfg(feature = "csv")]
mod bakery;
mod beta_geometric;
#[cfg(feature = "boosting")]
mod boosting;
mod compare;
mod contracts;
mod covariates;
mod coverage;
mod discover;
mod hierarchical;
mod judge;
mod k_means;
mod k_prototypes;
mod ledger;
#[cfg(feature = "linfa")]
mod linfa;
mod logistic;
mod models;
mod opportunities;
mod pareto_nbd;
mod rfm;
mod spend;
mod survival;
mod valuation;
