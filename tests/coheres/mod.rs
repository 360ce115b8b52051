//! Does it cohere with itself?

mod ledger;
