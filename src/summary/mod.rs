//! From a ledger to one row a customer.

mod observation;
mod reckon;
mod summaries;
mod summarise;

pub use self::{
    observation::{Grain, Observation},
    summaries::{Age, Idle, Recency, Summaries, Summary},
};
