//! Named columns with a row for each customer, as of a day and never past it.

mod blocks;
mod features;
mod names;
mod purchases;
#[cfg(feature = "serde")]
mod saved;
mod scaling;

pub use self::{
    features::Features,
    purchases::PurchaseFeature,
    scaling::{LearnedStep, RankCurve, SHARES, Scaler, Scaling, Step},
};
