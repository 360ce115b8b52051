//! Repeat purchases week by week: what happened, and what a model expects of the cohorts.

use super::{Tracked, Weeks};
use crate::{
    domain::{Day, Horizon, Ledger},
    error::Error,
    math::parallel,
    model::PurchaseForecast,
    summary::{Observation, Split},
};

/// The customers of a calibration by the days of their first purchases, and what they did.
pub(super) struct Cohorts {
    pub(super) weeks: Weeks,
    /// Days of first purchases, ascending, with the number of customers.
    first: Vec<(Day, f64)>,
}

/// In days: a century.
const LONGEST: u32 = 36_525;

impl Cohorts {
    /// # Errors
    /// If a customer is not in the ledger, or both stretches together are longer than 100 years.
    pub(super) fn of(split: &Split, ledger: &Ledger) -> Result<Self, Error> {
        let Split { calibration, holdout } = split;
        let mut days = calibration.first_days().to_vec();
        days.sort_unstable();
        let first = days.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f64)).collect::<Vec<_>>();
        let seen = calibration.observation();
        let whole = Observation::until(holdout.until())
            .from(seen.start())
            .grain(seen.grain_of_purchases())
            .every(seen.tick());
        let start = ledger.first_day().unwrap_or(seen.end()).max(seen.start());
        let span = holdout.until().since(start).unsigned_abs();
        if span > LONGEST {
            return Err(Error::parameter("tracking", span, "days are more than 100 years"));
        }
        let cumulative = whole.cumulative_repeats_of(ledger, calibration.customers())?;
        let tick = seen.tick().days();
        // The last day that lies within so many ticks.
        let end = |count: usize| start.plus((count as f64 * tick).ceil() as i32 - 1).min(holdout.until());
        let ends: Vec<Day> = (1..=cumulative.len()).map(end).collect();
        let before = [0].into_iter().chain(cumulative.iter().copied());
        let incremental = cumulative.iter().zip(before).map(|(at, before)| at - before).collect();
        let calibrated = ends.iter().filter(|&&end| end <= seen.end()).count();
        Ok(Self { weeks: Weeks { ends, cumulative, incremental, calibration: calibrated }, first })
    }

    /// What a model expects of the cohorts. A tick ends when its last day does: at the end of the first week,
    /// who bought on its first day has been a customer for seven days.
    ///
    /// # Errors
    /// If what it expects is not finite.
    pub(super) fn tracked(&self, model: &dyn PurchaseForecast) -> Result<Tracked, Error> {
        let (first, last) = (self.first.first(), self.weeks.ends.last());
        let longest = first.zip(last).map_or(0, |(&(first, _), &last)| days_through(first, last));
        let expected = parallel::map((0..=longest).collect(), |days| match days {
            0 => 0.0,
            _ => model.expected_purchases_new(Horizon::days(days)),
        });
        if let Some(bad) = expected.iter().find(|expected| !expected.is_finite()) {
            return Err(Error::parameter("purchases expected of a new customer", bad, "are not finite"));
        }
        let at = |end: Day| {
            let won = self.first.iter().take_while(|(day, _)| *day <= end);
            won.map(|&(day, count)| count * expected[days_through(day, end) as usize]).sum::<f64>()
        };
        let cumulative = parallel::map(self.weeks.ends.clone(), at);
        let before = [0.0].into_iter().chain(cumulative.iter().copied());
        let incremental = cumulative.iter().zip(before).map(|(at, before)| at - before).collect();
        let cumulative_mape = self.mape(&cumulative);
        Ok(Tracked { cumulative, incremental, cumulative_mape })
    }

    fn mape(&self, cumulative: &[f64]) -> Option<f64> {
        let ticks = cumulative.iter().zip(&self.weeks.cumulative).skip(self.weeks.calibration);
        let errors: Vec<f64> = ticks
            .filter(|&(_, &actual)| actual > 0)
            .map(|(expected, &actual)| (expected - actual as f64).abs() / actual as f64)
            .collect();
        (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / errors.len() as f64)
    }
}

/// Days from the first to the last, both counted; 0 if that comes before.
fn days_through(first: Day, last: Day) -> u32 {
    (last.since(first) + 1).max(0).unsigned_abs()
}
