//! Named columns with a row for each customer, as of a day and never past it.

mod features;
mod stability;

pub(crate) use self::stability::{smooth_shares, stability_index};
pub use self::{
    features::Features,
    stability::{Baseline, LARGE_SHIFT, SOME_SHIFT, Shift},
};
