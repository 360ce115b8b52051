//! Does it refuse bad input, and say where and which rule?

#[cfg(feature = "csv")]
mod command_line;
#[cfg(feature = "csv")]
mod csv_policies;
mod intake;
mod k_means;
#[cfg(feature = "serde")]
mod saved;
mod survival;
mod trees;
mod valuation;
