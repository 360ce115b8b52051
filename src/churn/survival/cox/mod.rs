//! The proportional hazards model (Cox 1972).

mod concordance;
mod model;
mod partial_likelihood;
mod proportionality;
mod risk_sets;
#[cfg(feature = "serde")]
mod saved;
mod search;

use self::{risk_sets::RiskSets, search::Search};
use super::{Covariates, Lifetimes, lifetimes::check_length};
use crate::error::{Error, ErrorKind};

pub use self::{
    model::{Baseline, Coefficient, CoxModel, LikelihoodTest},
    proportionality::{Proportionality, TimeScale},
};

/// Learns by how much covariates raise or lower the hazard: h(t | x) = h0(t) e^(x β), whatever the baseline h0 is.
///
/// # Example
/// ```
/// use patronage::churn::survival::{Covariates, Cox, Lifetimes};
///
/// let durations = [4.0, 3.0, 1.0, 1.0, 2.0, 2.0, 3.0];
/// let events = [true, true, true, false, true, true, false];
/// let tickets = vec![0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 0.0];
/// let seen = Lifetimes::new(&durations, &events)?;
/// let model = Cox::default().fit(&seen, &Covariates::new([("tickets", tickets)])?)?;
/// let tickets = &model.coefficients()[0];
/// assert!(tickets.ratio() > 1.0 && tickets.std_error > 0.0);
///
/// // Who is still there after two months, with no ticket and with three?
/// let new = Covariates::new([("tickets", vec![0.0, 3.0])])?;
/// let survival = model.survival(&new, 2.0)?;
/// assert!(survival[0] > survival[1]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Cox {
    ties: Ties,
    ridge: f64,
}

/// What the likelihood of several events at one time is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Ties {
    /// The mean over their orders, nearly (Efron 1977). Weights are then no repeated rows: an order among copies of one
    /// row would count.
    #[default]
    Efron,
    /// As if none of them left the risk set before the others (Breslow 1974): less exact where many leave at once.
    Breslow,
}

impl Cox {
    /// Sets how events at one time are taken.
    #[must_use]
    pub fn ties(self, ties: Ties) -> Self {
        Self { ties, ..self }
    }

    /// Draws the coefficients towards 0: the log-likelihood is reduced by `ridge` / 2 · W · Σ (s β)², where W is the sum
    /// of the weights and s the standard deviation of a covariate by weight (the divisor is W). The scale of a covariate
    /// does not matter then, and collinear or separating ones have an answer.
    ///
    /// In lifelines without weights, this is a `penalizer` of `ridge` (n - 1) / n with an `l1_ratio` of 0.
    ///
    /// # Errors
    /// If it is not finite or below 0.
    pub fn ridge(self, ridge: f64) -> Result<Self, Error> {
        if !(0.0..=MOST_RIDGE).contains(&ridge) {
            return Err(Error::parameter("ridge", ridge, "must be from 0 to 1e12"));
        }
        Ok(Self { ridge, ..self })
    }

    /// Learns the coefficients by maximum partial likelihood, with standard errors from its exact curvature, and the
    /// baseline of each stratum by Breslow's estimate. A step costs rows times width²; any order of the rows gives the
    /// same bits.
    ///
    /// # Errors
    /// If there are not as many covariates as lifetimes, fewer than two rows, or no event; if a covariate is constant,
    /// at all or among those at risk, or follows from others; or if one orders all events at risk, so that the
    /// likelihood grows without end. The error names the covariates.
    pub fn fit(&self, lifetimes: &Lifetimes<'_>, covariates: &Covariates<'_>) -> Result<CoxModel, Error> {
        check_length("covariates", lifetimes.len(), covariates.len())?;
        let names: Vec<&str> = covariates.names().collect();
        let columns: Vec<&[f64]> = covariates.columns().iter().map(|column| &**column).collect();
        let sets = RiskSets::new(lifetimes, &columns);
        sets.check_rows()?;
        sets.of.check_columns(&names)?;
        let search = Search { sets: &sets, names: &names, ties: self.ties, ridge: self.ridge };
        let peak = search.climb()?;
        let model = CoxModel::of(self, &names, &sets, &peak);
        if !model.is_finite() {
            return Err(ErrorKind::Overflow { what: "a coefficient or its variance" }.into());
        }
        Ok(model)
    }
}

const MOST_RIDGE: f64 = 1e12;
