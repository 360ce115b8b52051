//! Normal-normal (Schmittlein & Peterson 1994): mean amounts that may be losses.

use std::{f64::consts::TAU, ops::Range};

use super::{
    Needs, bounds,
    distinct::Distinct,
    search::{Evidence, Likelihood, maximise},
};
use crate::{
    domain::Currency,
    error::{Error, ErrorKind},
    math::{newton::Curve, special::normal_cdf},
    model::{Fit, Parameter, ParameterDomain, Parametric, Readiness, SpendEstimator, SpendForecast},
    summary::{Spend, Spends},
};

/// Normal-normal (Schmittlein & Peterson 1994, "Customer base analysis: an industrial purchase process
/// application", for the volume of a purchase): the alternative to [`GammaGamma`](super::GammaGamma) for
/// margins, some of which are losses. See [`SpendTable::of_margins`](crate::summary::SpendTable::of_margins).
///
/// Two parts make a customer's mean margin: a mean of the customer's own, normally distributed over the
/// customers with a standard deviation `between`, and the chance of the purchases seen, each normally
/// distributed about it with a standard deviation `within`. Both are unknown; they are told apart by
/// how much less the means of many purchases differ than those of few. From a fitted model follow
/// [whether](NormalNormalModel::gain_probability) a customer is a gain and
/// [how much](SpendForecast::expected_spend) a purchase brings.
///
/// The expected margin is the customer's mean drawn towards that of all. It is the best linear forecast
/// whatever the distributions are (credibility, Bühlmann 1967), and has no jump where a gain becomes a
/// loss; a model of gains and losses apart would have one.
///
/// # Formula
/// ```text
/// f(m | x) = Normal(m; mean, between² + within² / x)
/// ```
///
/// # Example
/// ```
/// use patronage::{
///     cltv::NormalNormalModel,
///     domain::Currency,
///     model::SpendForecast,
///     summary::SpendTable,
/// };
///
/// let margins = NormalNormalModel::new(Currency::EUR, 4.0, 6.0, 3.0)?;
/// let people = SpendTable::from_columns(Currency::EUR, &[4, 1, 0], &[-5.0, -5.0, 0.0])?;
/// // Four purchases weigh as much as what is known of everyone; one weighs a fifth.
/// assert_eq!(margins.expected_spend(&people), [-0.5, 2.2, 4.0]);
/// assert!(margins.gain_probability(&people.rows()[0]) < 0.5);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct NormalNormal {
    needs: Needs,
}

impl NormalNormal {
    /// How much data a fit should rest on: the repeaters are customers with two purchases or more, and the
    /// gaps do not matter here.
    #[must_use]
    pub fn needs(self, needs: Needs) -> Self {
        Self { needs }
    }

    #[allow(clippy::cast_sign_loss, reason = "weights are not negative")]
    fn grade(&self, used: &Distinct<Spend>) -> Readiness {
        let customers = used.customers() as u64;
        let several = used.sum(|spend| f64::from(u8::from(spend.purchases() > 1))) as u64;
        let counts = [
            (customers, self.needs.customers, "few customers: how they differ is a guess"),
            (several, self.needs.repeaters, "few bought twice: how purchases differ is a guess"),
        ];
        for (found, needed, why) in counts {
            if found < needed {
                return Readiness::Refused { why: why.to_owned(), needed, found };
            }
        }
        for (found, needed, why) in counts {
            if found / 2 < needed {
                return Readiness::Degraded { why: why.to_owned(), needed: 2 * needed, found };
            }
        }
        Readiness::Ready
    }
}

/// Customers with purchases.
fn used(people: &dyn Spends) -> Distinct<Spend> {
    Distinct::of_spends(people).only(|spend| spend.purchases() > 0)
}

impl SpendEstimator for NormalNormal {
    type Model = NormalNormalModel;

    fn name(&self) -> &'static str {
        "normal-normal"
    }

    fn readiness(&self, people: &dyn Spends) -> Readiness {
        self.grade(&used(people))
    }

    /// # Errors
    /// If there are no customers with purchases, or all have the same mean.
    fn fit(&self, people: &dyn Spends) -> Result<Fit<NormalNormalModel>, Error> {
        let used = used(people);
        if used.rows.is_empty() {
            return Err(ErrorKind::Empty { what: "customers with purchases" }.into());
        }
        let customers = used.customers();
        let centre = used.sum(Spend::mean) / customers;
        let scale = (used.sum(|spend| (spend.mean() - centre).powi(2)) / customers).sqrt();
        if !(scale > SMALLEST && scale.is_finite()) {
            return Err(Error::parameter(
                "standard deviation of the means",
                scale,
                "leaves nothing to learn",
            ));
        }
        let readiness = self.grade(&used);
        let mut rows = used
            .map(|spend| Row { purchases: spend.purchases().into(), mean: (spend.mean() - centre) / scale });
        rows.log_scale = customers * scale.ln();
        let mut found = maximise(&rows, |rows| NormalLikelihood { rows }, &starts(), &[]);
        found.unscale(0, scale);
        let deviation = |at: usize| scale * found.at[at].exp();
        let mean = centre + found.at[0];
        let model = NormalNormalModel::new(people.currency(), mean, deviation(1), deviation(2))?;
        Ok(Fit::of(model, found.record(&rows, readiness)))
    }
}

/// Means that differ less are equal, and those of which the squares are no numbers are refused too.
const SMALLEST: f64 = 1e-50;

/// Scaled means, mostly by chance, by both, and mostly by who the customer is.
fn starts() -> Vec<Vec<f64>> {
    [(1.0, 0.2), (0.7, 0.7), (0.2, 1.0_f64)]
        .map(|(within, between): (f64, f64)| vec![0.0, within.ln(), between.ln()])
        .to_vec()
}

/// A fitted [`NormalNormal`], or one of given parameters.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct NormalNormalModel {
    currency: Currency,
    mean: f64,
    within: f64,
    between: f64,
}

impl NormalNormalModel {
    /// The mean over all customers, and two standard deviations: of a customer's purchases about the
    /// customer's mean, and of those means over the customers; all in major units.
    ///
    /// # Errors
    /// If the mean is not from -1e100 to 1e100, or a deviation not from 1e-100 to 1e100.
    pub fn new(currency: Currency, mean: f64, within: f64, between: f64) -> Result<Self, Error> {
        if !(-1e100..=1e100).contains(&mean) {
            return Err(Error::parameter("mean", mean, "must be from -1e100 to 1e100"));
        }
        for (name, deviation) in [("within", within), ("between", between)] {
            if !(1e-100..=1e100).contains(&deviation) {
                return Err(Error::parameter(name, deviation, "must be from 1e-100 to 1e100"));
            }
        }
        Ok(Self { currency, mean, within, between })
    }

    /// The mean over all customers, in major units.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation of a customer's purchases, in major units.
    pub fn within(&self) -> f64 {
        self.within
    }

    /// The standard deviation of the customers' means, in major units.
    pub fn between(&self) -> f64 {
        self.between
    }

    /// The probability that a customer's own mean is above 0: a gain in the long run. From 0 to 1.
    pub fn gain_probability(&self, spend: &Spend) -> f64 {
        let deviation = self.between * (1.0 - self.weight(spend)).sqrt();
        let away = self.expected(spend) / deviation;
        // Nothing over nothing: either way.
        normal_cdf(if away.is_nan() { 0.0 } else { away })
    }

    /// How much the customer's mean counts, the rest being that of all: `x / (x + within² / between²)`.
    fn weight(&self, spend: &Spend) -> f64 {
        let x = f64::from(spend.purchases());
        if x > 0.0 { x / (x + (self.within / self.between).powi(2)) } else { 0.0 }
    }

    fn expected(&self, spend: &Spend) -> f64 {
        let weight = self.weight(spend);
        weight * spend.mean() + (1.0 - weight) * self.mean
    }
}

impl SpendForecast for NormalNormalModel {
    fn currency(&self) -> Currency {
        self.currency
    }

    fn expected_spend_into(&self, rows: &[Spend], out: &mut [f64]) {
        for (spend, out) in rows.iter().zip(out) {
            *out = self.expected(spend);
        }
    }
}

impl Parametric for NormalNormalModel {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |name: &str, value, domain| Parameter { name: name.to_owned(), value, domain };
        vec![
            parameter("mean", self.mean, ParameterDomain::Real),
            parameter("within", self.within, ParameterDomain::Positive),
            parameter("between", self.between, ParameterDomain::Positive),
        ]
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [mean, within, between] = bounds::values(values)?;
        Self::new(self.currency, mean, within, between)
    }
}

/// A customer in scaled amounts.
#[derive(Clone, Copy, Debug)]
struct Row {
    purchases: f64,
    mean: f64,
}

struct NormalLikelihood {
    rows: Distinct<Row>,
}

/// The parameters, the deviations squared.
struct Point {
    mean: f64,
    within: f64,
    between: f64,
}

impl Likelihood for NormalLikelihood {
    type Point = Point;

    fn dimensions(&self) -> usize {
        3
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, at: &[f64]) -> Point {
        Point { mean: at[0], within: (2.0 * at[1]).exp(), between: (2.0 * at[2]).exp() }
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        let value = |row: &Row| {
            let variance = point.between + point.within / row.purchases;
            -0.5 * ((TAU * variance).ln() + (row.mean - point.mean).powi(2) / variance)
        };
        self.rows.rows[rows].iter().map(|(row, weight)| weight * value(row)).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        to.value += self.value(point, rows.clone());
        for (row, weight) in &self.rows.rows[rows] {
            let within = point.within / row.purchases;
            let variance = point.between + within;
            let away = (row.mean - point.mean) / variance;
            // By the mean and by the variance.
            let slope = 0.5 * (away * away - variance.recip());
            let bend = (0.5 / variance - away * away) / variance;
            // Of the variance by the logarithm of each deviation; its second derivative is twice that.
            let by = [2.0 * within, 2.0 * point.between];
            to.gradient[0] += weight * away;
            to.hessian.add(0, 0, -weight / variance);
            for (i, by) in (1..).zip(by) {
                to.gradient[i] += weight * by * slope;
                to.hessian.add(i, 0, -weight * by * away / variance);
                to.hessian.add(i, i, weight * by * (2.0 * slope + by * bend));
            }
            to.hessian.add(1, 2, weight * by[0] * by[1] * bend);
        }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::NormalNormalModel;
    use crate::{
        domain::Currency,
        error::Error,
        model::{Exact, SchemaVersion},
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    /// No file of another model is read as this one: its parameters have other names.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        currency: Currency,
        mean: Exact,
        within: Exact,
        between: Exact,
    }

    impl From<NormalNormalModel> for Saved {
        fn from(model: NormalNormalModel) -> Self {
            let NormalNormalModel { currency, mean, within, between } = model;
            let (mean, within, between) = (Exact(mean), Exact(within), Exact(between));
            Self { schema: SchemaVersion, currency, mean, within, between }
        }
    }

    impl TryFrom<Saved> for NormalNormalModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.currency, saved.mean.0, saved.within.0, saved.between.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cltv::search::tests::derivatives_agree, model::Stop, summary::SpendTable};

    fn table(rows: &[(u32, f64)]) -> SpendTable {
        let (purchases, means): (Vec<u32>, Vec<f64>) = rows.iter().copied().unzip();
        SpendTable::from_columns(Currency::EUR, &purchases, &means).unwrap()
    }

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let rows = [(1, -3.0), (2, 0.7), (7, 1.1), (400, 0.0), (1, 1e-6)];
        let rows = Distinct::of_spends(&table(&rows))
            .map(|spend| Row { purchases: spend.purchases().into(), mean: spend.mean() });
        for at in [[0.0, 0.3, -0.4], [1.5, -1.0, 1.0], [-0.2, 2.0, -3.0]] {
            derivatives_agree(&NormalLikelihood { rows: rows.clone() }, &at);
        }
    }

    #[test]
    fn with_as_many_purchases_each_only_the_whole_variance_is_known() {
        // Efron & Morris (1975): 18 batters' averages after 45 at bats, to be drawn towards their mean .265.
        let hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7];
        let rows: Vec<(u32, f64)> = hits.iter().map(|&hits| (45, f64::from(hits) / 45.0)).collect();
        let fit = NormalNormal::default().fit(&table(&rows)).unwrap();
        assert_eq!(fit.stop(), Stop::Flat);
        assert!((fit.model.mean() - 0.265).abs() < 5e-4);
        let mean = rows.iter().map(|row| row.1).sum::<f64>() / 18.0;
        let variance = rows.iter().map(|row| (row.1 - mean).powi(2)).sum::<f64>() / 18.0;
        let whole = fit.model.between().powi(2) + fit.model.within().powi(2) / 45.0;
        assert!((whole / variance - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_shift_shifts_and_a_scale_scales() {
        let rows: Vec<(u32, f64)> = (1..90_u32)
            .map(|i| {
                (
                    1 + i % 7,
                    f64::from(i % 13) - 6.0 + f64::from(i * i % 83) / f64::from(1 + i % 7).sqrt() / 4.0,
                )
            })
            .collect();
        let moved: Vec<(u32, f64)> = rows.iter().map(|&(x, m)| (x, 100.0 * (m - 5.0))).collect();
        let [here, there] = [rows, moved].map(|rows| NormalNormal::default().fit(&table(&rows)).unwrap());
        assert_eq!(here.stop(), Stop::Converged);
        let known =
            [100.0 * (here.model.mean() - 5.0), 100.0 * here.model.within(), 100.0 * here.model.between()];
        for ((found, known), here) in there.estimates().iter().zip(known).zip(here.estimates()) {
            assert!((found.value / known - 1.0).abs() < 1e-7, "{found:?} {known}");
            assert!((found.std_error.unwrap() / here.std_error.unwrap() / 100.0 - 1.0).abs() < 1e-6);
        }
        assert!(there.draws(20, 3).unwrap().iter().any(|model| model.mean() < there.model.mean()));
    }

    #[test]
    fn nothing_to_learn_is_refused() {
        assert!(NormalNormal::default().fit(&table(&[(0, 0.0)])).unwrap_err().is_empty());
        for rows in [vec![(3, -2.0)], vec![(1, 5.0), (2, 5.0)]] {
            assert!(NormalNormal::default().fit(&table(&rows)).unwrap_err().is_parameter());
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let model = NormalNormalModel::new(Currency::EUR, -1.5, 6.0, 0.1).unwrap();
        let saved = serde_json::to_string(&model).unwrap();
        assert_eq!(saved, r#"{"schema":1,"currency":"EUR","mean":"-1.5","within":"6.0","between":"0.1"}"#);
        assert_eq!(serde_json::from_str::<NormalNormalModel>(&saved).unwrap(), model);
        assert!(serde_json::from_str::<NormalNormalModel>(&saved.replace("0.1", "0.0")).is_err());
    }
}
