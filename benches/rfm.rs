//! Scoring and naming customers.

fn main() {}
