//! Private numerics. Knows no customer.

pub(crate) mod chi_square;
pub(crate) mod disjoint_sets;
pub(crate) mod fold;
pub(crate) mod fork;
pub(crate) mod group;
pub(crate) mod hungarian;
pub(crate) mod kd_tree;
pub(crate) mod lanes;
pub(crate) mod newton;
mod normal;
pub(crate) mod parallel;
pub(crate) mod quadrature;
pub(crate) mod quantile;
mod scatter;
pub(crate) mod simd;
pub(crate) mod sort;
pub(crate) mod special;
pub(crate) mod sum;
pub(crate) mod symmetric;
