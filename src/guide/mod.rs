//! Pages to read: no code but their examples.

/// From a purchase log to what each customer will be worth, and what to do with it.
#[doc = include_str!("lifetime_value.md")]
pub mod lifetime_value {}

/// From purchases to groups that a shop can act on: when not to look for any, how to find, name and keep them.
#[doc = include_str!("clusters.md")]
pub mod clusters {}

/// From a log to a list of customers worth saving: what churn is, who is judged by what, and what pays.
#[doc = include_str!("churn.md")]
pub mod churn {}

/// How long customers stay, who stays longer and why they go, where most have not left yet.
#[doc = include_str!("survival.md")]
pub mod survival {}

/// What changed for users, version by version.
#[doc = include_str!("../../CHANGELOG.md")]
pub mod changelog {}
