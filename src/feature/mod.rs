//! Named columns with a row for each customer, as of a day and never past it.
//!
//! * [`Features`] are numbers, [`Categories`] texts from short lists; a value of either may be missing, and says so.
//! * They are made of purchases ([`Features::rfm`], [`PurchaseFeature`]), of those of the last days ([`Windows`]), of
//!   what is bought ([`CategoryShares`]), of what customers do besides ([`Engagement`]), of their profiles
//!   ([`Profile`]) and of a host's own columns. Tables of the same customers are joined; [`Features::rows_of`] brings one
//!   to the customers of another, and [`Features::trend_since`] holds one against an earlier one.
//! * What is learned from a table is learned once and applied later: a [`Scaling`] learns a [`Scaler`], a [`Filling`] a
//!   [`Filler`], a [`OneHot`] an [`Encoder`]. These hold no customer.

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
mod trend;
mod window;
mod windows;

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
    windows::{WindowFeature, Windows},
};
