//! Does it agree with an independent reckoning?

mod backtest;
mod buying;
#[cfg(feature = "serde")]
mod golden;
mod hierarchical;
#[cfg(feature = "linfa")]
mod linfa;
mod opportunities;
mod pareto_nbd;
mod spend;
mod summaries;
mod valuation;

pub(crate) use hierarchical::{blobs, moons};
