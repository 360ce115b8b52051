//! Private numerics. Knows no customer.

pub(crate) mod group;
pub(crate) mod parallel;
