//! Named columns with a row for each customer, as of a day and never past it.

mod blocks;
mod categories;
mod engagement;
mod features;
mod filling;
mod names;
mod profile;
mod purchases;
#[cfg(feature = "serde")]
mod saved;
mod scaling;
mod shares;
mod shrinkage;
mod stability;
mod window;

pub(crate) use self::stability::{smooth_shares, stability_index};
pub use self::{
    categories::{Base, Categories, Encoder, OneHot, Unseen, Vocabulary},
    engagement::{Engagement, EngagementFeature, EngagementModel},
    features::Features,
    filling::{Fill, Filler, Filling},
    profile::Profile,
    purchases::PurchaseFeature,
    scaling::{LearnedStep, RankCurve, SHARES, Scaler, Scaling, Step},
    shares::{CategoryShares, MOST_CATEGORIES, Primary, ShareModel, ShareOf},
    shrinkage::{STRONGEST, Shrinkage, WEAKEST},
    stability::{Baseline, LARGE_SHIFT, SOME_SHIFT, Shift},
};
