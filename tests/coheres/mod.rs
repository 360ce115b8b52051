//! Does it cohere with itself?

#[cfg(feature = "csv")]
mod bakery;
mod ledger;
mod rfm;
