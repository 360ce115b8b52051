//! How good forecasts would have been: models learn from the customers as they were on a day, and are held
//! against what these did afterwards.

mod measure;
mod report;
mod tracking;

use std::fmt;

pub use self::report::{
    Accuracy, BacktestReport, Candidate, DecileRow, Excess, FrequencyRow, MoneyTest, Outcome, Tested,
    Tracked, Weeks,
};
use self::tracking::Cohorts;
use super::NaiveRate;
use crate::{
    domain::{Horizon, Ledger},
    error::{Error, ErrorKind},
    model::{ForecastEstimator, SpendForecast},
    summary::{Spends, Split},
};

/// Compares models of purchases on a [`Split`]: each is fitted to the calibration and forecasts the holdout.
/// The [naive rate](super::NaiveRate) is always among them, as the last.
///
/// A model that cannot be fitted stands in the report with the reason.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::Backtest,
///     domain::{Currency, Day, Tick},
///     simulate::{Cohort, Population, Process, Spend},
///     summary::Observation,
/// };
///
/// let first = Day::ymd(1997, 1, 1)?;
/// let shop = Population::new(
///     Cohort::new(300, first, first.plus(83))?,
///     Process::pareto_nbd(0.55, 10.6, 0.61, 11.7, Tick::Week)?,
///     Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::USD)?,
///     first.plus(545),
///     7,
/// )?;
/// let ledger = shop.ledger()?;
/// let split = Observation::until(first.plus(272)).every(Tick::Week).split(&ledger, shop.end())?;
///
/// let report = Backtest::new(&split).tracking(&ledger).run(&[])?;
/// assert_eq!(report.actual, split.holdout.purchases().iter().map(|&made| u64::from(made)).sum());
/// let naive = report.of("naive").unwrap();
/// assert!(naive.accuracy.mae > 0.0 && naive.tracked.is_some());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Backtest<'a> {
    split: &'a Split,
    ledger: Option<&'a Ledger>,
    spend: Option<&'a dyn SpendForecast>,
}

impl fmt::Debug for Backtest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backtest")
            .field("calibration", self.split.calibration.observation())
            .field("holdout_until", &self.split.holdout.until())
            .finish_non_exhaustive()
    }
}

impl<'a> Backtest<'a> {
    /// On a split of calibration and holdout.
    pub fn new(split: &'a Split) -> Self {
        Self { split, ledger: None, spend: None }
    }

    /// Tracks repeat purchases tick by tick as well, over both stretches: by the ledger that was split.
    #[must_use]
    pub fn tracking(self, ledger: &'a Ledger) -> Self {
        Self { ledger: Some(ledger), ..self }
    }

    /// Holds money against money as well: a model of spend that was fitted to the calibration.
    #[must_use]
    pub fn spend(self, spend: &'a dyn SpendForecast) -> Self {
        Self { spend: Some(spend), ..self }
    }

    /// Fits and holds each candidate against the holdout, in the order given, then the naive rate.
    ///
    /// # Errors
    /// If there are no customers, the ledger is not that of the split, tracking would reach over more than
    /// 100 years, or the spend is in another currency.
    pub fn run(&self, candidates: &[&dyn ForecastEstimator]) -> Result<BacktestReport, Error> {
        let Split { calibration, holdout } = self.split;
        if calibration.is_empty() {
            return Err(ErrorKind::Empty { what: "customers with a purchase in the calibration" }.into());
        }
        let spends = self.spends()?;
        let cohorts = self.ledger.map(|ledger| Cohorts::of(self.split, ledger)).transpose()?;
        let actual: Vec<f64> = holdout.purchases().iter().map(|&made| f64::from(made)).collect();
        let truth = Truth { actual: &actual, cohorts: cohorts.as_ref(), spends: spends.as_deref() };
        let (mut tried, mut losses) = (Vec::new(), Vec::new());
        for candidate in candidates.iter().copied().chain([&NaiveRate as &dyn ForecastEstimator]) {
            let name = candidate.label().to_owned();
            let (outcome, of_each) = match self.test(candidate, &truth) {
                Ok((tested, losses)) => (Outcome::Tested(Box::new(tested)), losses),
                Err(error) => (Outcome::Refused { why: error.to_string() }, Vec::new()),
            };
            tried.push(Candidate { name, outcome });
            losses.push(of_each);
        }
        report::compare(&mut tried, &losses);
        Ok(BacktestReport {
            as_of: calibration.as_of(),
            until: holdout.until(),
            customers: calibration.len() as u64,
            actual: holdout.purchases().iter().map(|&made| u64::from(made)).sum(),
            weeks: cohorts.map(|cohorts| cohorts.weeks),
            candidates: tried,
        })
    }

    /// What a purchase of each customer is expected to come to, in major units.
    fn spends(&self) -> Result<Option<Vec<f64>>, Error> {
        let Some(spend) = self.spend else {
            return Ok(None);
        };
        self.split.calibration.currency().require(spend.currency())?;
        let people: &dyn Spends = &self.split.calibration;
        Ok(Some(spend.expected_spend(people)))
    }

    /// One candidate's forecast held against the holdout, with the loss of each customer.
    ///
    /// # Errors
    /// If it cannot be fitted, or what it forecasts is not finite.
    fn test(
        &self,
        candidate: &dyn ForecastEstimator,
        truth: &Truth<'_>,
    ) -> Result<(Tested, Vec<f64>), Error> {
        let Split { calibration, holdout } = self.split;
        let fit = candidate.fit_forecast(calibration)?;
        let days = holdout.until().since(calibration.as_of()).unsigned_abs();
        let predicted = fit.model.expected_purchases(calibration, Horizon::days(days));
        // NaN is below nothing.
        let far = |expected: &f64| !(expected.abs() < FARTHEST);
        if let Some((row, bad)) = (0..).zip(&predicted).find(|(_, expected)| far(expected)) {
            return Err(Error::parameter("forecast", bad, "is not a number below 1e100").at_row(row));
        }
        let tracked = truth.cohorts.map(|cohorts| cohorts.tracked(&*fit.model)).transpose()?;
        let money = truth.spends.map(|each| self.money(&predicted, each)).transpose()?;
        let tested = Tested {
            stop: fit.stop(),
            readiness: fit.readiness().clone(),
            log_likelihood: fit.log_likelihood(),
            parameters: fit.estimates().len(),
            accuracy: measure::accuracy(&predicted, truth.actual),
            by_frequency: measure::by_frequency(calibration.purchases(), &predicted, truth.actual),
            deciles: measure::deciles(&predicted, truth.actual),
            top_decile_found: measure::top_decile_found(&predicted, truth.actual),
            tracked,
            money,
            excess: Excess::default(),
        };
        Ok((tested, measure::losses(&predicted, truth.actual)))
    }

    fn money(&self, predicted: &[f64], each: &[f64]) -> Result<MoneyTest, Error> {
        let currency = self.split.calibration.currency();
        measure::money(predicted, each, self.split.holdout.totals(), currency)
    }
}

/// The squares of lesser forecasts can be summed.
const FARTHEST: f64 = 1e100;

/// What every candidate is held against.
struct Truth<'a> {
    actual: &'a [f64],
    cohorts: Option<&'a Cohorts>,
    spends: Option<&'a [f64]>,
}
