//! Does it survive anything?

#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod dates;
mod ledger;
#[cfg(feature = "csv")]
mod money;
#[cfg(feature = "csv")]
mod rounding;
