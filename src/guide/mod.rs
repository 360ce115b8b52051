//! Pages to read: nothing here runs.

/// What changed for users, version by version.
#[doc = include_str!("../../CHANGELOG.md")]
pub mod changelog {}
