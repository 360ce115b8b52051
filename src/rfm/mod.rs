//! Recency, frequency, monetary value: scores, and segments that have a name.
//!
//! A [`Scheme`] says how values become scores. Fitted to customers it gives [`Cuts`], and those give
//! [`Scores`].

mod cell;
mod composite;
mod cut;
mod cuts;
mod dimension;
#[cfg(test)]
mod fixture;
mod learn;
#[cfg(feature = "serde")]
mod saved;
mod scheme;
mod scores;

pub use self::{
    cell::Cell,
    composite::Weights,
    cut::Cut,
    cuts::{CutPoints, Cuts},
    dimension::{Amount, Dimension},
    scheme::{ENOUGH_CUSTOMERS, FixedCuts, Frequency, IDLE_DAYS, LEAST_CUSTOMERS, Monetary, Scheme, Ties},
    scores::Scores,
};
