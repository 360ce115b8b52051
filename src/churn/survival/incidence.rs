//! How many leave by one of several causes (Aalen & Johansen 1978).

use super::{Interval, Lifetimes, Steps, risk_table::RiskTable};
use crate::error::{Error, ErrorKind};

/// The share that has left by one cause up to any time, when other causes take people away as well:
/// F(t) = Σ over times up to t of S(before) d / n, with d events of that cause among n at risk, and S the share that no
/// cause has taken. The shares of all causes and S add up to 1; one minus the Kaplan-Meier estimate of a cause alone is
/// too much.
///
/// # Example
/// ```
/// use patronage::churn::survival::{CumulativeIncidence, Lifetimes};
///
/// // 1 cancelled, 2 moved away, 0 is still here.
/// let seen = Lifetimes::by_cause(&[1.0, 2.0, 3.0, 4.0], &[1, 2, 1, 0])?;
/// let cancelled = CumulativeIncidence::of(&seen, 1)?;
/// assert!((cancelled.incidence_at(3.0) - 0.5).abs() < 1e-12);
/// assert!(CumulativeIncidence::of(&seen, 3).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(into = "super::saved::SavedIncidence", try_from = "super::saved::SavedIncidence")
)]
pub struct CumulativeIncidence {
    pub(super) cause: u32,
    pub(super) times: Vec<f64>,
    pub(super) incidence: Vec<f64>,
    pub(super) variance: Vec<f64>,
}

impl CumulativeIncidence {
    /// The incidence of a cause over all rows; strata make no difference.
    ///
    /// # Errors
    /// If causes were not given, or nobody left by this one.
    pub fn of(lifetimes: &Lifetimes<'_>, cause: u32) -> Result<Self, Error> {
        let causes = lifetimes.causes().ok_or(ErrorKind::Empty { what: "causes" })?;
        if cause == 0 || !causes.contains(&cause) {
            return Err(Error::parameter("cause", cause, "is none by which anybody left"));
        }
        let table = RiskTable::of(lifetimes, causes.len(), |rows| rows);
        let own = RiskTable::of(lifetimes, causes.len(), |rows| rows.filter(|&row| causes[row] == cause));
        Ok(Self::reckon(cause, table, &own))
    }

    /// The variance is that of the delta method (Collett 2015, 12.2), kept up to date as F grows.
    fn reckon(cause: u32, table: RiskTable, own: &RiskTable) -> Self {
        let mut own = own.times.iter().zip(&own.events).peekable();
        let (mut incidence, mut variance) = (Vec::new(), Vec::new());
        let (mut share, mut reached) = (1.0, 0.0);
        // Over earlier times, of d / (n (n - d)): its sum, and those times F - F' and its square; of the cause's own.
        let [mut all, mut all_rise, mut all_square, mut own_square, mut own_rise, mut own_sum] = [0.0; 6];
        for (at, time) in table.times.iter().enumerate() {
            let (n, d) = (table.at_risk[at], table.events[at]);
            let by_cause = own.next_if(|(other, _)| *other <= time).map_or(0.0, |(_, events)| *events);
            let rise = share * by_cause / n;
            all_square += rise * (2.0 * all_rise + rise * all);
            all_rise += rise * all;
            own_rise += rise * own_sum;
            reached += rise;
            if n > d {
                all += d / n / (n - d);
            }
            own_square += share * share * by_cause / n * ((n - by_cause).max(0.0) / n) / n;
            own_sum += share * by_cause / n / n;
            share *= (n - d) / n;
            incidence.push(f64::min(reached, 1.0));
            variance.push(f64::max(all_square + own_square - 2.0 * own_rise, 0.0));
        }
        Self { cause, times: table.times, incidence, variance }
    }

    /// The cause.
    pub fn cause(&self) -> u32 {
        self.cause
    }

    /// The distinct durations, ascending.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The share that has left by the cause up to each time.
    pub fn incidence(&self) -> &[f64] {
        &self.incidence
    }

    /// The variance of that share.
    pub fn variance(&self) -> &[f64] {
        &self.variance
    }

    /// An interval of this coverage for the incidence up to each time.
    ///
    /// # Errors
    /// If the coverage is not above 0 and below 1.
    pub fn intervals(&self, coverage: f64, interval: Interval) -> Result<Vec<(f64, f64)>, Error> {
        let reach = super::reach(coverage)?;
        let one = |(&share, variance): (&f64, &f64)| {
            let relative = if share > 0.0 { variance.sqrt() / share } else { 0.0 };
            interval.of(share, reach * relative)
        };
        Ok(self.incidence.iter().zip(&self.variance).map(one).collect())
    }

    /// The share that has left by the cause up to `time`; 0 before anybody was seen to leave, and where the time is NaN.
    pub fn incidence_at(&self, time: f64) -> f64 {
        Steps { times: &self.times, values: &self.incidence, before: 0.0 }.at(time)
    }
}
