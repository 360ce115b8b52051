//! What was learned of lifetimes, and what follows for others.

use super::likelihood::{Likelihood, Peak};
use crate::{
    churn::survival::{Coefficient, Covariates},
    error::Error,
    math::{special::ln_gamma, symmetric::Symmetric},
};

/// Weibull lifetimes: S(t | x) = e^-((t / λ)^ρ), ln λ = β0 + x β.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct WeibullModel {
    pub(super) intercept: Coefficient,
    pub(super) coefficients: Vec<Coefficient>,
    pub(super) log_shape: Coefficient,
    pub(super) covariance: Symmetric,
    pub(super) log_likelihood: f64,
    pub(super) rows: u64,
    pub(super) steps: u32,
}

impl WeibullModel {
    /// Back from the scaled columns; the covariance by the delta method, which is exact at a maximum.
    pub(super) fn of(names: &[&str], likelihood: &Likelihood<'_>, peak: &Peak) -> Self {
        let width = names.len();
        let (scales, time) = (&likelihood.rows.scales, likelihood.time);
        let shape = peak.at[width + 1];
        let stretch = time.deviation / shape;
        let of = |at: usize| stretch * peak.at[at + 1] / scales[at].deviation;
        let values: Vec<f64> = (0..width).map(of).collect();
        let at_means: f64 = values.iter().zip(scales).map(|(value, scale)| value * scale.mean).sum();
        let mut slopes = vec![vec![0.0; width + 2]; width + 2];
        slopes[0][0] = stretch;
        slopes[0][width + 1] = (at_means - stretch * peak.at[0]) / shape;
        for at in 0..width {
            let slope = stretch / scales[at].deviation;
            slopes[at + 1][at + 1] = slope;
            slopes[at + 1][width + 1] = -values[at] / shape;
            slopes[0][at + 1] = -scales[at].mean * slope;
        }
        slopes[width + 1][width + 1] = 1.0 / shape;
        let weight_scale = likelihood.rows.weight_scale;
        let covariance = carried(&peak.covariance, &slopes, 1.0 / weight_scale);
        let one = |name: &str, value: f64, at: usize| Coefficient {
            name: name.to_owned(),
            value,
            std_error: covariance.get(at, at).sqrt(),
        };
        let intercept = one(INTERCEPT, time.mean + stretch * peak.at[0] - at_means, 0);
        let coefficients = names.iter().enumerate().map(|(at, name)| one(name, values[at], at + 1)).collect();
        let log_shape = one(LOG_SHAPE, (shape / time.deviation).ln(), width + 1);
        let log_likelihood = weight_scale * peak.log_likelihood;
        let rows = likelihood.rows.given.len() as u64;
        Self { intercept, coefficients, log_shape, covariance, log_likelihood, rows, steps: peak.steps }
    }

    pub(super) fn is_finite(&self) -> bool {
        let all = self.coefficients.iter().chain([&self.intercept, &self.log_shape]);
        let good =
            |one: &Coefficient| one.value.is_finite() && one.std_error.is_finite() && one.std_error > 0.0;
        let shape = self.shape();
        all.into_iter().all(good) && self.log_likelihood.is_finite() && shape.is_finite() && shape > 0.0
    }

    /// β0: ln λ where all covariates are 0.
    pub fn intercept(&self) -> &Coefficient {
        &self.intercept
    }

    /// The coefficients of ln λ, in the order of the covariates.
    pub fn coefficients(&self) -> &[Coefficient] {
        &self.coefficients
    }

    /// ln ρ, with its standard error.
    pub fn log_shape(&self) -> &Coefficient {
        &self.log_shape
    }

    /// ρ.
    pub fn shape(&self) -> f64 {
        self.log_shape.value.exp()
    }

    /// λ where all covariates are 0: by then a share of 1 - 1/e has left.
    pub fn scale(&self) -> f64 {
        self.intercept.value.exp().min(f64::MAX)
    }

    /// The covariance of two of β0, the coefficients, and ln ρ, by their places in this order; `None` out of range.
    pub fn covariance(&self, one: usize, other: usize) -> Option<f64> {
        let size = self.covariance.size();
        (one < size && other < size).then(|| self.covariance.get(one, other))
    }

    /// The log-likelihood of the rows learned from.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Akaike's information criterion: lower is better.
    pub fn aic(&self) -> f64 {
        2.0 * self.covariance.size() as f64 - 2.0 * self.log_likelihood
    }

    /// The number of rows learned from.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Steps that the search took.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// λ of each row.
    ///
    /// # Errors
    /// If a covariate learned from is missing; others are left aside.
    pub fn scales(&self, rows: &Covariates<'_>) -> Result<Vec<f64>, Error> {
        Ok(self.log_scales(rows)?.into_iter().map(|log| log.exp().min(f64::MAX)).collect())
    }

    /// The time after which half of those like each row have left.
    ///
    /// # Errors
    /// As [`scales`](Self::scales).
    pub fn median(&self, rows: &Covariates<'_>) -> Result<Vec<f64>, Error> {
        self.quantile(rows, 0.5)
    }

    /// The time after which `share` of those like each row have left: λ (-ln(1 - share))^(1/ρ).
    ///
    /// # Errors
    /// As [`scales`](Self::scales), and if the share is not above 0 and below 1.
    pub fn quantile(&self, rows: &Covariates<'_>, share: f64) -> Result<Vec<f64>, Error> {
        if !(share > 0.0 && share < 1.0) {
            return Err(Error::parameter("share", share, "must be above 0 and below 1"));
        }
        let away = (-(-share).ln_1p()).ln() / self.shape();
        Ok(self.log_scales(rows)?.into_iter().map(|log| (log + away).exp().min(f64::MAX)).collect())
    }

    /// The mean lifetime of those like each row: λ Γ(1 + 1/ρ).
    ///
    /// # Errors
    /// As [`scales`](Self::scales).
    pub fn mean(&self, rows: &Covariates<'_>) -> Result<Vec<f64>, Error> {
        let away = ln_gamma(1.0 + self.shape().recip()).min(f64::MAX);
        Ok(self.log_scales(rows)?.into_iter().map(|log| (log + away).exp().min(f64::MAX)).collect())
    }

    /// The probability of each row to be still there after `time`.
    ///
    /// # Errors
    /// As [`scales`](Self::scales), and if the time is below 0 or no number.
    pub fn survival(&self, rows: &Covariates<'_>, time: f64) -> Result<Vec<f64>, Error> {
        if !(time >= 0.0) {
            return Err(Error::parameter("time", time, "must not be below 0"));
        }
        let hazard = |log: f64| (self.shape() * (time.ln() - log)).exp();
        Ok(self.log_scales(rows)?.into_iter().map(|log| (-hazard(log)).exp()).collect())
    }

    fn log_scales(&self, rows: &Covariates<'_>) -> Result<Vec<f64>, Error> {
        let columns = rows.in_order_of(self.coefficients.iter().map(|one| one.name.as_str()))?;
        let mut logs = vec![self.intercept.value; rows.len()];
        for (one, column) in self.coefficients.iter().zip(columns) {
            for (log, number) in logs.iter_mut().zip(column) {
                *log += (one.value * number).clamp(-FARTHEST, FARTHEST);
            }
        }
        Ok(logs)
    }
}

pub(super) const INTERCEPT: &str = "intercept";
pub(super) const LOG_SHAPE: &str = "ln rho";

/// So far from any bound that a sum of them is finite.
const FARTHEST: f64 = 1e300;

/// J C J' times a factor.
fn carried(covariance: &Symmetric, slopes: &[Vec<f64>], factor: f64) -> Symmetric {
    let size = covariance.size();
    let mut carried = Symmetric::zeros(size);
    for (row, slope) in slopes.iter().enumerate() {
        let along = covariance.times(slope);
        for (column, other) in slopes.iter().enumerate().take(row + 1) {
            carried.set(row, column, factor * crate::math::symmetric::dot(&along, other));
        }
    }
    carried
}
