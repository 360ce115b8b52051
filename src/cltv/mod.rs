//! What each customer will be worth: models of how often they buy, until when, and what they spend.
//!
//! | question | models |
//! |---|---|
//! | How often will they buy, and are they still here? | [`ParetoNbd`], [`MbgNbd`], [`BgNbd`]; [`Nbd`] if nobody leaves; [`WithCovariates`] if they differ in what is known |
//! | ... at occasions that come anyway (a yearly appeal)? | [`BgBb`] |
//! | How long does a contract last? | [`ShiftedBetaGeometric`] |
//! | What does a purchase come to? | [`GammaGamma`]; [`NormalNormal`] or [`TwoPart`] for margins, some of which are losses |
//! | What are they worth? | [`Valuation`]; [`Newcomer`] for somebody of whom nothing is known; [`NaiveValue`] beside them |
//! | When is the next purchase due? | [`NextPurchaseForecast`] |
//! | Would it have been right? | [`Backtest`], with [`NaiveRate`] always among the models |
//!
//! Each model is an estimator, which learns ([`PurchaseEstimator`](crate::model::PurchaseEstimator)), and a
//! fitted model of its own type (`ParetoNbdModel`), which answers
//! ([`PurchaseForecast`](crate::model::PurchaseForecast) and its like). A host's own model stands behind the
//! same traits. [The guide](crate::guide::lifetime_value) leads from a purchase log to a decision.
//!
//! Models are fitted by maximum likelihood with analytic gradient and Hessian. Equal histories are one row with
//! a weight, in a fixed order, so that a fit is the same bits whatever the order of the customers and the
//! number of threads.

mod backtest;
mod beta_geometric;
mod bg_bb;
mod bg_nbd;
mod bounds;
mod collapse;
mod covariates;
mod distinct;
mod gamma_gamma;
mod lifetime;
mod mbg_nbd;
mod naive;
mod naive_value;
mod nbd;
mod negative_binomial;
mod newcomer;
mod next_purchase;
mod normal_normal;
mod pareto_nbd;
mod prior;
mod readiness;
mod search;
mod shifted_beta_geometric;
mod spend_check;
mod survivors;
mod two_part;
mod valuation;

use self::collapse::Collapsed;
pub use self::{
    backtest::{
        Accuracy, Backtest, BacktestReport, Candidate, DecileRow, Excess, FrequencyRow, MoneyTest, Outcome,
        Tested, Tracked, Weeks,
    },
    bg_bb::{BgBb, BgBbModel},
    bg_nbd::{BgNbd, BgNbdModel},
    covariates::{CovariateBase, CovariateModel, Covariates, WithCovariates},
    gamma_gamma::{GammaGamma, GammaGammaModel},
    mbg_nbd::{MbgNbd, MbgNbdModel},
    naive::{NaiveRate, NaiveRateModel},
    naive_value::NaiveValue,
    nbd::{Nbd, NbdModel},
    newcomer::Newcomer,
    next_purchase::{Due, NextPurchase, NextPurchaseForecast, NextPurchases},
    normal_normal::{NormalNormal, NormalNormalModel},
    pareto_nbd::{ParetoNbd, ParetoNbdModel},
    prior::Prior,
    readiness::Needs,
    shifted_beta_geometric::{ShiftedBetaGeometric, ShiftedBetaGeometricModel},
    spend_check::SpendCheck,
    survivors::Survivors,
    two_part::{TwoPart, TwoPartModel},
    valuation::Valuation,
};
