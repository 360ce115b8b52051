//! What more than one room speaks of: results that rooms hand to one another, and how far to trust them.

mod assignment;
mod readiness;
#[cfg(feature = "serde")]
mod saved;

#[cfg(feature = "serde")]
pub(crate) use self::saved::{Exact, SchemaVersion};
pub use self::{
    assignment::{Assignment, Segment},
    readiness::Readiness,
};
