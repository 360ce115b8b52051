//! Private numerics. Knows no customer.

pub(crate) mod fold;
pub(crate) mod fork;
pub(crate) mod group;
pub(crate) mod parallel;
pub(crate) mod quantile;
mod scatter;
