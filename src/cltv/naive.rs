//! The naive forecast: everyone goes on as before.

use super::bounds;
use crate::{
    domain::{Horizon, Tick},
    error::{Error, ErrorKind},
    model::{
        AliveProbability, Fit, Parameter, ParameterDomain, Parametric, PurchaseEstimator, PurchaseForecast,
        Readiness, Record,
    },
    summary::{Histories, History},
};

/// Each customer goes on buying as often as until now: `x / T` purchases a tick, for ever. The forecast
/// that a model has to beat.
///
/// A customer who was first seen at the end of the observation, with T = 0, is taken to buy like all: the sum
/// of x over the sum of T. There is no likelihood, so that the fit's is 0, and its criteria compare nothing.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::NaiveRate,
///     domain::{Horizon, Tick},
///     model::{PurchaseEstimator, PurchaseForecast},
///     summary::HistoryTable,
/// };
///
/// let people = HistoryTable::from_columns(Tick::Week, &[2, 0, 0], &[9.0, 0.0, 0.0], &[10.0, 6.0, 0.0])?;
/// let naive = NaiveRate.fit(&people)?.model;
/// assert_eq!(naive.expected_purchases(&people, Horizon::weeks(4)), [0.8, 0.0, 0.5]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NaiveRate;

impl PurchaseEstimator for NaiveRate {
    type Model = NaiveRateModel;

    fn name(&self) -> &'static str {
        "naive"
    }

    /// Always ready: little data makes it no worse.
    fn readiness(&self, _: &dyn Histories) -> Readiness {
        Readiness::Ready
    }

    /// # Errors
    /// If there are no customers.
    fn fit(&self, people: &dyn Histories) -> Result<Fit<NaiveRateModel>, Error> {
        // In the order of the rows alone the sums would depend on it.
        let mut rows = Vec::with_capacity(people.len());
        people.for_each(|history, weight| rows.push((history.repeats(), history.age(), weight)));
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        let sum = |of: fn(&(u32, f64, f64)) -> f64| rows.iter().map(|row| row.2 * of(row)).sum::<f64>();
        let (customers, repeats, ages) = (sum(|_| 1.0), sum(|row| row.0.into()), sum(|row| row.1));
        if !(customers > 0.0) {
            return Err(ErrorKind::Empty { what: "customers with a weight above 0" }.into());
        }
        let rate = if ages > 0.0 { (repeats / ages).min(bounds::MOST) } else { 0.0 };
        let record = Record { customers, as_of: people.as_of(), ..Record::CLOSED };
        Ok(Fit::of(NaiveRateModel::new(people.tick(), rate)?, record))
    }
}

/// A fitted [`NaiveRate`], or one of a given rate.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct NaiveRateModel {
    tick: Tick,
    rate: f64,
}

impl NaiveRateModel {
    /// With the repeat purchases a tick of those of whom nothing is known.
    ///
    /// # Errors
    /// If the rate is not from 0 to 1e15.
    pub fn new(tick: Tick, rate: f64) -> Result<Self, Error> {
        if !(0.0..=bounds::MOST).contains(&rate) {
            return Err(Error::parameter("rate", rate, "must be from 0 to 1e15"));
        }
        Ok(Self { tick, rate })
    }

    /// Repeat purchases a tick over all customers.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

/// So many purchases a tick: none at all without end are none, and a number stays one.
fn purchases(rate: f64, ticks: f64) -> f64 {
    match rate * ticks {
        _ if rate == 0.0 => 0.0,
        _ if ticks.is_infinite() => f64::INFINITY,
        product => product.min(f64::MAX),
    }
}

impl AliveProbability for NaiveRateModel {
    fn tick(&self) -> Tick {
        self.tick
    }

    /// 1 for everyone: nobody leaves.
    fn p_alive_into(&self, _: &[History], out: &mut [f64]) {
        out.fill(1.0);
    }
}

impl PurchaseForecast for NaiveRateModel {
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        let ticks = horizon.in_ticks(self.tick);
        for (history, out) in rows.iter().zip(out) {
            let (x, age) = (f64::from(history.repeats()), history.age());
            *out = purchases(if age > 0.0 { x / age } else { self.rate }, ticks);
        }
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        purchases(self.rate, horizon.in_ticks(self.tick))
    }
}

impl Parametric for NaiveRateModel {
    fn parameters(&self) -> Vec<Parameter> {
        let domain = ParameterDomain::Positive;
        vec![Parameter { name: "rate".to_owned(), value: self.rate, domain }]
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [rate] = bounds::values(values)?;
        Self::new(self.tick, rate)
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::NaiveRateModel;
    use crate::{
        domain::Tick,
        error::Error,
        model::{Exact, SchemaVersion},
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    /// No file of another model is read as this one: its parameters have other names.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        tick: Tick,
        rate: Exact,
    }

    impl From<NaiveRateModel> for Saved {
        fn from(model: NaiveRateModel) -> Self {
            Self { schema: SchemaVersion, tick: model.tick, rate: Exact(model.rate) }
        }
    }

    impl TryFrom<Saved> for NaiveRateModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.tick, saved.rate.0)
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::{model::ForecastEstimator, summary::HistoryTable};

    fn table(rows: &[(u32, f64, f64)]) -> HistoryTable {
        let rows = rows.iter().map(|&(x, recency, age)| History::new(x, recency, age).unwrap());
        HistoryTable::new(Tick::Week, rows.collect())
    }

    #[test]
    fn nothing_without_end_is_nothing_and_the_rest_has_no_bound() {
        let people = table(&[(0, 0.0, 8.0), (3, 5.0, 8.0), (7, 0.0, 0.0), (5, 1e-300, 1e-300)]);
        let naive = NaiveRate.fit_forecast(&people).unwrap().model;
        let endless = naive.expected_purchases(&people, Horizon::endless());
        assert_eq!(endless, [0.0, f64::INFINITY, f64::INFINITY, f64::INFINITY]);
        assert!(naive.expected_purchases(&people, Horizon::years(u32::MAX)).iter().all(|e| e.is_finite()));
        assert_eq!(naive.p_alive(&people), [1.0; 4]);
    }

    #[test]
    fn who_has_no_age_buys_like_all_or_not_at_all() {
        let new = table(&[(0, 0.0, 0.0)]);
        assert_eq!(NaiveRate.fit(&new).unwrap().model.expected_purchases(&new, Horizon::weeks(9)), [0.0]);
        let all = NaiveRate.fit(&table(&[(3, 2.0, 4.0), (0, 0.0, 8.0)])).unwrap();
        assert_eq!(all.model.expected_purchases(&new, Horizon::weeks(4)), [1.0]);
        assert_eq!(all.model.expected_purchases_new(Horizon::weeks(4)), 1.0);
        assert!(NaiveRate.fit(&table(&[])).unwrap_err().is_empty());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let model = NaiveRateModel::new(Tick::Week, 0.03).unwrap();
        let saved = serde_json::to_string(&model).unwrap();
        assert_eq!(saved, r#"{"schema":1,"tick":"Week","rate":"0.03"}"#);
        assert_eq!(serde_json::from_str::<NaiveRateModel>(&saved).unwrap(), model);
        assert!(serde_json::from_str::<NaiveRateModel>(&saved.replace("0.03", "-1")).is_err());
    }
}
