//! Survival analysis: how long they stay, who stays longer, and how sure that is.
//!
//! [`Lifetimes`] are the input of everything here. Without covariates: [`KaplanMeier`] says who is still there,
//! [`NelsonAalen`] how the hazard piles up, [`LogRank`] whether groups differ, and [`CumulativeIncidence`] by which of
//! several causes they leave. With [`Covariates`]: [`Cox`] learns what raises the hazard, whatever its course, and
//! [`WeibullAft`] what stretches lifetimes of a given shape.

mod collinear;
mod counts;
mod covariates;
mod cox;
mod incidence;
mod kaplan_meier;
mod lifetimes;
mod log_rank;
mod nelson_aalen;
mod risk_table;
mod rows;
#[cfg(feature = "serde")]
mod saved;
mod squares;
mod steps;
mod weibull;

use self::steps::{Steps, reach};

pub use self::{
    covariates::Covariates,
    cox::{Baseline, Coefficient, Cox, CoxModel, LikelihoodTest, Proportionality, Ties, TimeScale},
    incidence::CumulativeIncidence,
    kaplan_meier::{KaplanMeier, RestrictedMean},
    lifetimes::Lifetimes,
    log_rank::{LogRank, LogRankGroup, Weighting},
    nelson_aalen::NelsonAalen,
    steps::Interval,
    weibull::{WeibullAft, WeibullModel},
};
