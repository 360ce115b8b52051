//! The Kaplan-Meier estimate of who is still there (Kaplan & Meier 1958).

use super::{Interval, Lifetimes, Steps, risk_table::RiskTable};
use crate::{error::Error, math::special::Compensated};

/// The share that is still there after any time: S(t) = Π over times up to t of (1 - d / n), with d events among n at
/// risk. It needs no assumption of how people leave, but one: who was censored would have stayed as long as the others.
///
/// # Example
/// ```
/// use patronage::churn::survival::{Interval, KaplanMeier, Lifetimes};
///
/// // Months of five subscriptions; two still run.
/// let seen = Lifetimes::new(&[2.0, 3.0, 3.0, 8.0, 9.0], &[true, true, false, true, false])?;
/// let curve = KaplanMeier::of(&seen);
/// assert_eq!(curve.times(), [2.0, 3.0, 8.0, 9.0]);
/// assert!((curve.survival_at(3.5) - 0.6).abs() < 1e-12);
/// assert_eq!(curve.median(), Some(8.0));
/// let (low, high) = curve.intervals(0.95, Interval::LogLog)?[1];
/// assert!(low < 0.6 && 0.6 < high);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(into = "super::saved::SavedSurvival", try_from = "super::saved::SavedSurvival")
)]
pub struct KaplanMeier {
    pub(super) table: RiskTable,
    survival: Vec<f64>,
    /// Greenwood's sum of d / (n (n - d)).
    relative: Vec<f64>,
}

/// What is expected of the time up to a limit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RestrictedMean {
    /// The mean of the time spent before the limit, in the unit of the durations.
    pub mean: f64,
    /// Its standard error.
    pub std_error: f64,
}

impl KaplanMeier {
    /// The curve of all rows; strata make no difference.
    pub fn of(lifetimes: &Lifetimes<'_>) -> Self {
        Self::reckon(RiskTable::of(lifetimes, lifetimes.len(), |rows| rows))
    }

    /// A curve for each stratum, by their numbers, ascending.
    pub fn by_stratum(lifetimes: &Lifetimes<'_>) -> Vec<(u32, Self)> {
        let of = |rows: Vec<usize>| {
            Self::reckon(RiskTable::of(lifetimes, rows.len(), |part| rows[part].iter().copied()))
        };
        lifetimes.by_stratum().into_iter().map(|(stratum, rows)| (stratum, of(rows))).collect()
    }

    pub(super) fn reckon(table: RiskTable) -> Self {
        let (mut share, mut sum) = (1.0, 0.0);
        let (mut survival, mut relative) = (Vec::with_capacity(table.times.len()), Vec::new());
        relative.reserve(table.times.len());
        for (n, d) in table.at_risk.iter().zip(&table.events) {
            let left = n - d;
            share *= left / n;
            // After the last has left, nothing is uncertain.
            if left > 0.0 {
                sum += d / n / left;
            }
            survival.push(share);
            relative.push(sum);
        }
        Self { table, survival, relative }
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

    /// How many were censored at each time, by weight.
    pub fn censored(&self) -> &[f64] {
        &self.table.censored
    }

    /// The share still there after each time, from 1 down to 0 at the least.
    pub fn survival(&self) -> &[f64] {
        &self.survival
    }

    /// Greenwood's variance of the survival after each time: S² Σ d / (n (n - d)).
    pub fn variance(&self) -> impl ExactSizeIterator<Item = f64> {
        self.survival.iter().zip(&self.relative).map(|(share, sum)| share * share * sum)
    }

    /// An interval of this coverage for the survival after each time.
    ///
    /// # Errors
    /// If the coverage is not above 0 and below 1.
    pub fn intervals(&self, coverage: f64, interval: Interval) -> Result<Vec<(f64, f64)>, Error> {
        let reach = super::reach(coverage)?;
        let pairs = self.survival.iter().zip(&self.relative);
        Ok(pairs.map(|(&share, sum)| interval.of(share, reach * sum.sqrt())).collect())
    }

    /// The share still there after `time`; 1 before anybody was seen to leave, and where the time is NaN.
    pub fn survival_at(&self, time: f64) -> f64 {
        self.steps().at(time)
    }

    /// The first time after which at most half are still there; `None` if it never comes to that.
    pub fn median(&self) -> Option<f64> {
        self.steps().first_down_to(0.5)
    }

    /// The first time after which at least `share` have left; `None` if it never comes to that.
    ///
    /// # Errors
    /// If the share is not above 0 and at most 1.
    pub fn quantile(&self, share: f64) -> Result<Option<f64>, Error> {
        if !(share > 0.0 && share <= 1.0) {
            return Err(Error::parameter("share", share, "must be above 0 and at most 1"));
        }
        Ok(self.steps().first_down_to(1.0 - share))
    }

    fn steps(&self) -> Steps<'_> {
        Steps { times: &self.table.times, values: &self.survival, before: 1.0 }
    }

    /// The mean time spent before `limit`: the area under the curve up to there, and its standard error
    /// sqrt(Σ A² d / (n (n - d))), where A is the area from the event's time on (Klein & Moeschberger 2003, 4.5).
    ///
    /// # Errors
    /// If the limit is not finite and above 0, or lies beyond the last duration while somebody is still there: nothing
    /// is known of that time.
    pub fn restricted_mean(&self, limit: f64) -> Result<RestrictedMean, Error> {
        if !(limit > 0.0 && limit.is_finite()) {
            return Err(Error::parameter("limit", limit, "must be finite and above 0"));
        }
        let last = |column: &[f64], none: f64| column.last().copied().unwrap_or(none);
        if limit > last(&self.table.times, 0.0) && last(&self.survival, 1.0) > 0.0 {
            return Err(Error::parameter("limit", limit, "lies beyond the last duration"));
        }
        let within = self.table.times.partition_point(|&time| time <= limit);
        let (mut area, mut square, mut until) = (0.0, Compensated::default(), limit);
        for at in (0..within).rev() {
            // As a share of the whole, for squares of long times are too large.
            area += self.survival[at] * ((until - self.table.times[at]) / limit);
            until = self.table.times[at];
            let (n, d) = (self.table.at_risk[at], self.table.events[at]);
            if n > d {
                square.add(area * area * (d / n / (n - d)));
            }
        }
        Ok(RestrictedMean { mean: area * limit + until, std_error: square.total().sqrt() * limit })
    }
}
