//! NBD: customers who buy at random and never leave (Ehrenberg 1959).

use std::ops::Range;

use super::{
    Collapsed, Needs, Prior, bounds,
    collapse::Row,
    negative_binomial::negative_binomial_into,
    search::{self, maximise},
};
use crate::{
    domain::{Horizon, Rate, Tick},
    error::Error,
    math::{
        newton::Curve,
        special::{RisingTable, ln_rising},
    },
    model::{
        AliveProbability, DiscountedPurchases, Fit, Parameter, Parametric, PurchaseDistribution,
        PurchaseEstimator, PurchaseForecast, Readiness,
    },
    summary::{Histories, History},
};

/// Learns an NBD model by maximum likelihood: what to compare models with in which customers leave.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::Nbd,
///     domain::{Horizon, Tick},
///     model::{PurchaseEstimator, PurchaseForecast},
///     summary::HistoryTable,
/// };
///
/// let people = HistoryTable::from_columns(Tick::Week, &[2, 0], &[30.43, 0.0], &[38.86, 38.86])?;
/// let fit = Nbd::default().fit(&people)?;
/// // On average, a future as long as the past brings as many purchases.
/// let ahead = fit.model.expected_purchases(&people, Horizon::weeks(39));
/// assert!((ahead[0] + ahead[1] - 2.0).abs() < 0.01);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Nbd {
    priors: [Option<Prior>; 2],
    needs: Needs,
}

/// NBD: every customer buys at a rate λ of their own, gamma distributed of shape `r` and rate `alpha`, for
/// ever. P(alive) is 1.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::NbdModel,
///     domain::{Horizon, Tick},
///     model::PurchaseForecast,
///     summary::HistoryTable,
/// };
///
/// let model = NbdModel::new(Tick::Week, 0.5, 10.0)?;
/// let people = HistoryTable::from_columns(Tick::Week, &[2], &[7.0], &[10.0])?;
/// // (r + x) / (alpha + T) t
/// assert_eq!(model.expected_purchases(&people, Horizon::weeks(4)), [0.5]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct NbdModel {
    tick: Tick,
    r: f64,
    alpha: f64,
}

const NAMES: [&str; 2] = ["r", "alpha"];

impl Nbd {
    /// Adds what is believed of `r` or of `alpha` (in the ticks of the histories).
    ///
    /// # Errors
    /// If there is no such parameter.
    pub fn prior(mut self, parameter: &str, prior: Prior) -> Result<Self, Error> {
        bounds::set_prior(&mut self.priors, NAMES, parameter, prior, "is none of r, alpha")?;
        Ok(self)
    }

    /// Sets how much data a fit should rest on.
    #[must_use]
    pub fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }
}

impl PurchaseEstimator for Nbd {
    type Model = NbdModel;

    fn name(&self) -> &'static str {
        "NBD"
    }

    fn readiness(&self, people: &dyn Histories) -> Readiness {
        self.needs.grade(people)
    }

    fn fit(&self, people: &dyn Histories) -> Result<Fit<NbdModel>, Error> {
        let readiness = self.needs.grade(people);
        let rows = Collapsed::of(people)?;
        let [r, alpha] = self.priors;
        let priors = [r, alpha.map(|alpha| alpha.lowered(rows.scale.ln()))];
        let rate = rows.repeats().max(0.5) / rows.customers;
        let starts = [0.4, 1.5].map(|r: f64| vec![r.ln(), (r / rate).ln()]);
        let found = maximise(&rows, |rows| Likelihood { rows }, &starts, &priors);
        let value = |row: usize| found.at.get(row).map_or(1.0, |at| at.exp());
        let (r, alpha) = (value(0), value(1) * rows.scale);
        let model = NbdModel::new(rows.tick, bounds::clamp(r), bounds::clamp(alpha))?;
        Ok(Fit::of(model, found.record(&rows, readiness)))
    }
}

impl NbdModel {
    /// A model of known parameters; `alpha` is in ticks.
    ///
    /// # Errors
    /// If a parameter is not from 1e-15 to 1e15.
    pub fn new(tick: Tick, r: f64, alpha: f64) -> Result<Self, Error> {
        Ok(Self { tick, r: bounds::positive("r", r)?, alpha: bounds::positive("alpha", alpha)? })
    }

    /// Shape of the rates of purchase.
    pub fn r(&self) -> f64 {
        self.r
    }

    /// Rate of the rates of purchase, in ticks: their mean is r / alpha purchases a tick.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The log-likelihood of one history in ticks, as the fit adds it up: without the constant
    /// `t_x^(x - 1) / (x - 1)!`.
    pub fn log_likelihood(&self, history: &History) -> f64 {
        let repeats = f64::from(history.repeats());
        let log = (history.age() / self.alpha).ln_1p();
        ln_rising(self.r, repeats) - repeats * self.alpha.ln() - (self.r + repeats) * log
    }

    /// Shape and rate of the customer's λ.
    fn known(&self, history: &History) -> (f64, f64) {
        (self.r + f64::from(history.repeats()), self.alpha + history.age())
    }
}

impl Parametric for NbdModel {
    fn parameters(&self) -> Vec<Parameter> {
        bounds::parameters(NAMES, [self.r, self.alpha])
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [r, alpha] = bounds::values(values)?;
        Self::new(self.tick, r, alpha)
    }
}

impl AliveProbability for NbdModel {
    fn tick(&self) -> Tick {
        self.tick
    }

    fn p_alive_into(&self, _: &[History], out: &mut [f64]) {
        out.fill(1.0);
    }
}

impl PurchaseForecast for NbdModel {
    /// Infinite without end.
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        let time = horizon.in_ticks(self.tick);
        for (row, out) in rows.iter().zip(out) {
            let (shape, rate) = self.known(row);
            *out = shape * time / rate;
        }
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.r * horizon.in_ticks(self.tick) / self.alpha
    }
}

impl PurchaseDistribution for NbdModel {
    /// Without end every number has the probability 0.
    fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]) {
        let (shape, rate) = self.known(history);
        negative_binomial_into(shape, horizon.in_ticks(self.tick) / rate, out);
    }

    fn distribution_new_into(&self, horizon: Horizon, out: &mut [f64]) {
        self.distribution_into(&History::default(), horizon, out);
    }
}

impl DiscountedPurchases for NbdModel {
    fn discounted_purchases_into(&self, rows: &[History], rate: Rate, out: &mut [f64]) {
        // Without a discount, purchases have no end.
        let discount = rate.continuous_per(self.tick).max(0.0);
        for (row, out) in rows.iter().zip(out) {
            let (shape, rate) = self.known(row);
            *out = shape / rate / discount;
        }
    }
}

/// Of a customer: ln (r)_x - x ln alpha - (r + x) ln(1 + T / alpha), over ln r and ln alpha.
struct Likelihood {
    rows: Collapsed,
}

struct Point {
    r: f64,
    alpha: f64,
    ln_alpha: f64,
    rising: RisingTable,
}

impl Point {
    /// r + x, ln(1 + T / alpha) and T / (alpha + T).
    fn terms(&self, row: &Row) -> [f64; 3] {
        let log = (row.age / self.alpha).ln_1p();
        [self.r + f64::from(row.repeats), log, row.age / (self.alpha + row.age)]
    }

    fn value(&self, row: &Row, [shape, log, _]: [f64; 3]) -> f64 {
        self.rising.at(row.repeats).value - f64::from(row.repeats) * self.ln_alpha - shape * log
    }
}

impl search::Likelihood for Likelihood {
    type Point = Point;

    fn dimensions(&self) -> usize {
        2
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, coordinates: &[f64]) -> Point {
        let at = |row: usize| coordinates.get(row).map_or(f64::NAN, |coordinate| coordinate.exp());
        let (r, alpha) = (at(0), at(1));
        Point { r, alpha, ln_alpha: alpha.ln(), rising: RisingTable::new(r, self.rows.most_repeats()) }
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        self.rows.rows[rows].iter().map(|row| row.weight * point.value(row, point.terms(row))).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        let r = point.r;
        for row in &self.rows.rows[rows] {
            let terms = point.terms(row);
            let [count, log, share] = terms;
            let rising = point.rising.at(row.repeats);
            let slope = r * (rising.first - log);
            to.value += row.weight * point.value(row, terms);
            to.gradient[0] += row.weight * slope;
            to.gradient[1] += row.weight * (count * share - f64::from(row.repeats));
            to.hessian.add(0, 0, row.weight * (slope + r * r * rising.second));
            to.hessian.add(1, 0, row.weight * (r * share));
            to.hessian.add(1, 1, -row.weight * (count * share * (1.0 - share)));
        }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::NbdModel;
    use crate::{
        domain::Tick,
        error::Error,
        model::{Exact, SchemaVersion},
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        model: Name,
        tick: Tick,
        r: Exact,
        alpha: Exact,
    }

    /// No file of another model is read as this one.
    #[derive(serde::Serialize, serde::Deserialize)]
    enum Name {
        #[serde(rename = "NBD")]
        Nbd,
    }

    impl From<NbdModel> for Saved {
        fn from(NbdModel { tick, r, alpha }: NbdModel) -> Self {
            Self { schema: SchemaVersion, model: Name::Nbd, tick, r: Exact(r), alpha: Exact(alpha) }
        }
    }

    impl TryFrom<Saved> for NbdModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.tick, saved.r.0, saved.alpha.0)
        }
    }
}
