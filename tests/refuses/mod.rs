//! Does it refuse bad input, and say where and which rule?

#[cfg(feature = "boosting")]
mod boosting;
#[cfg(feature = "csv")]
pub(crate) mod command_line;
#[cfg(feature = "csv")]
mod csv_policies;
mod intake;
mod k_means;
mod logistic;
#[cfg(feature = "serde")]
mod saved;
mod survival;
mod trees;
mod valuation;
