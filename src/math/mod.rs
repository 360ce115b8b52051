//! Private numerics. Knows no customer.

pub(crate) mod fold;
pub(crate) mod group;
pub(crate) mod parallel;
mod scatter;
