//! Does it survive anything?

mod ledger;
