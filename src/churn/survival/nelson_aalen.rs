//! The Nelson-Aalen estimate of the hazard that has piled up (Nelson 1972, Aalen 1978).

use super::{Lifetimes, Steps, risk_table::RiskTable};
use crate::{error::Error, math::special::Rising};

/// The cumulative hazard up to any time: H(t) = Σ over times up to t of d / n, with d events among n at risk. Where it
/// bends upward, people leave faster the longer they stay.
///
/// # Example
/// ```
/// use patronage::churn::survival::{Lifetimes, NelsonAalen};
///
/// let seen = Lifetimes::new(&[2.0, 3.0, 3.0, 8.0], &[true, true, false, true])?;
/// let hazard = NelsonAalen::of(&seen);
/// // 1/4, then 1/3, then 1.
/// assert!((hazard.hazard_at(5.0) - 7.0 / 12.0).abs() < 1e-12);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(into = "super::saved::SavedHazard", try_from = "super::saved::SavedHazard")
)]
pub struct NelsonAalen {
    pub(super) table: RiskTable,
    pub(super) hazard: Vec<f64>,
    pub(super) variance: Vec<f64>,
}

impl NelsonAalen {
    /// The cumulative hazard of all rows; strata make no difference. The events at a time are binomial: the variance is
    /// Σ d (n - d) / n³.
    pub fn of(lifetimes: &Lifetimes<'_>) -> Self {
        Self::reckon(lifetimes, |n, d| (d / n, d / n * ((n - d) / n) / n))
    }

    /// As if those who leave at one time left one after the other: 1 / n + 1 / (n - 1) + ... for each time, and the sum
    /// of their squares as its variance (Fleming & Harrington 1984). It is the default of lifelines; where no two leave at
    /// one time it differs in the variance alone.
    pub fn one_by_one(lifetimes: &Lifetimes<'_>) -> Self {
        Self::reckon(lifetimes, |n, d| {
            let sums = Rising::of((n - d).max(0.0) + 1.0, d);
            (sums.first, -sums.second)
        })
    }

    fn reckon(lifetimes: &Lifetimes<'_>, rise: impl Fn(f64, f64) -> (f64, f64)) -> Self {
        let table = RiskTable::of(lifetimes, lifetimes.len(), |rows| rows);
        let (mut sum, mut square) = (0.0, 0.0);
        let each = |(&n, &d): (&f64, &f64)| {
            let (hazard, variance) = rise(n, d);
            sum += hazard;
            square += variance;
            (sum, square)
        };
        let (hazard, variance) = table.at_risk.iter().zip(&table.events).map(each).unzip();
        Self { table, hazard, variance }
    }

    /// The distinct durations, ascending.
    pub fn times(&self) -> &[f64] {
        &self.table.times
    }

    /// How many were at risk just before each time, by weight.
    pub fn at_risk(&self) -> &[f64] {
        &self.table.at_risk
    }

    /// How many left at each time, by weight.
    pub fn events(&self) -> &[f64] {
        &self.table.events
    }

    /// The cumulative hazard up to each time, never falling.
    pub fn hazard(&self) -> &[f64] {
        &self.hazard
    }

    /// Its variance up to each time.
    pub fn variance(&self) -> &[f64] {
        &self.variance
    }

    /// An interval of this coverage for the cumulative hazard up to each time, symmetric for its logarithm.
    ///
    /// # Errors
    /// If the coverage is not above 0 and below 1.
    pub fn intervals(&self, coverage: f64) -> Result<Vec<(f64, f64)>, Error> {
        let reach = super::reach(coverage)?;
        let pairs = self.hazard.iter().zip(&self.variance);
        let one = |(&hazard, variance): (&f64, &f64)| {
            let factor = if hazard > 0.0 { (reach * variance.sqrt() / hazard).exp() } else { 1.0 };
            (hazard / factor, (hazard * factor).min(f64::MAX))
        };
        Ok(pairs.map(one).collect())
    }

    /// The cumulative hazard up to `time`; 0 before anybody was seen to leave, and where the time is NaN.
    pub fn hazard_at(&self, time: f64) -> f64 {
        Steps { times: &self.table.times, values: &self.hazard, before: 0.0 }.at(time)
    }
}
