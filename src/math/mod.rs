//! Private numerics. Knows no customer.

pub(crate) mod fold;
pub(crate) mod fork;
pub(crate) mod group;
#[allow(dead_code, reason = "the models use it")]
pub(crate) mod hypergeometric;
#[allow(dead_code, reason = "the models use it")]
pub(crate) mod newton;
#[allow(dead_code, reason = "the models use it")]
mod normal;
pub(crate) mod parallel;
#[allow(dead_code, reason = "the models use it")]
pub(crate) mod quadrature;
pub(crate) mod quantile;
mod scatter;
#[allow(dead_code, unused_imports, reason = "the models use it")]
pub(crate) mod special;
#[allow(dead_code, reason = "the models use it")]
pub(crate) mod sum;
#[allow(dead_code, reason = "the models use it")]
pub(crate) mod symmetric;
