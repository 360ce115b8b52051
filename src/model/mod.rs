//! What more than one room speaks of: what models can be asked, how they are learned, how far to trust
//! them, and the results that rooms hand to one another.

mod assignment;
mod estimator;
mod fit;
mod forecast;
mod parameter;
mod readiness;
#[cfg(feature = "serde")]
mod saved;
mod spend;

pub(crate) use self::fit::Record;
#[cfg(feature = "serde")]
pub(crate) use self::saved::{Exact, SchemaVersion};
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
};
