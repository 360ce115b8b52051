//! What more than one room speaks of: what models can be asked, how they are learned, how far to trust
//! them, and the results that rooms hand to one another.

mod assignment;
mod estimator;
mod fit;
mod forecast;
mod parameter;
mod readiness;
mod spend;
mod terms;
mod tiers;
mod value;

pub(crate) use self::value::check_coverage;
pub use self::{
    assignment::{Assignment, Segment},
    estimator::{ForecastEstimator, PurchaseEstimator, SpendEstimator},
    fit::{Estimate, Fit, Stop},
    forecast::{
        AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseForecast, PurchaseModel,
    },
    parameter::{Parameter, ParameterDomain, Parametric},
    readiness::Readiness,
    spend::SpendForecast,
    terms::{Margin, Terms},
    tiers::{TierRule, Ties, ValueTiers},
    value::{LifetimeValue, Value, Values},
};
pub(crate) use self::{
    fit::Record,
    forecast::{check_discount, in_blocks},
};
#[cfg(feature = "serde")]
pub(crate) use crate::domain::{Exact, SchemaVersion};
