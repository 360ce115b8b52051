//! Gamma-Gamma (Fader & Hardie 2013): what customers spend on a purchase.

use std::ops::Range;

use super::{
    Needs, Prior, SpendCheck, bounds,
    distinct::Distinct,
    search::{Evidence, Likelihood, maximise},
};
use crate::{
    domain::Currency,
    error::{Error, ErrorKind},
    math::{
        newton::Curve,
        special::{Rising, ln_beta},
    },
    model::{Fit, Parameter, ParameterDomain, Parametric, Readiness, SpendEstimator, SpendForecast},
    summary::{Spend, Spends},
};

/// Gamma-Gamma (Fader & Hardie 2013, "The Gamma-Gamma model of monetary value"): the amounts of a customer's
/// purchases are gamma distributed about a mean of the customer's own, of shape `p`; over the customers the
/// rate is gamma distributed, of shape `q` and rate `v`. How much one spends has nothing to do with how
/// often: [`SpendCheck`] shows whether that is so.
///
/// It is fitted to the customers with repeat purchases whose mean is above 0, by maximum likelihood. The
/// others are left out, for the model knows no amounts of 0 and below; [`SpendCheck`] counts them, and if there are
/// any whose mean is not above 0, the [readiness](Fit::readiness) is degraded at best. `q` is above 1 by
/// construction, so that the mean of the population exists.
///
/// # Formula
/// For a customer with x purchases of mean amount z:
/// ```text
/// f(z | x) = 1 / (z B(p x, q)) (v / (v + x z))^q (x z / (v + x z))^(p x)
/// ```
///
/// # Example
/// ```
/// use patronage::{
///     cltv::GammaGamma,
///     domain::Currency,
///     model::{SpendEstimator, SpendForecast},
///     summary::SpendTable,
/// };
///
/// let means = [22.35, 11.77, 73.74, 40.0, 15.2, 31.9];
/// let people = SpendTable::from_columns(Currency::USD, &[2, 1, 7, 3, 2, 4], &means)?;
/// let fit = GammaGamma::default().fit(&people)?;
/// assert!(fit.model.q() > 1.0 && fit.readiness().is_refused());
/// // Few purchases say little: the forecast lies between the customer's mean and that of all.
/// assert!(fit.model.expected_spend(&people)[2] < 73.74);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct GammaGamma {
    needs: Needs,
    priors: [Option<Prior>; 3],
}

impl GammaGamma {
    /// How much data a fit should rest on; of the needs only the repeaters matter here.
    #[must_use]
    pub fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// What is believed of a parameter: `p`, `q` (the prior is of q - 1) or `v` (in major units).
    ///
    /// # Errors
    /// If the model has no such parameter.
    pub fn prior(mut self, parameter: &str, prior: Prior) -> Result<Self, Error> {
        bounds::set_prior(&mut self.priors, NAMES, parameter, prior, "is none of p, q, v")?;
        Ok(self)
    }

    #[allow(clippy::cast_sign_loss, reason = "weights are not negative")]
    fn grade(&self, check: &SpendCheck) -> Readiness {
        let (found, repeaters) = (check.used(), self.needs.repeaters);
        let whole = |customers: f64| customers as u64;
        let few = "few came back: how their spend differs is a guess";
        let hundredths = check.correlation().map_or(0.0, |correlation| 100.0 * correlation.abs()).round();
        let most = 100.0 * SpendCheck::NOTABLE;
        let (why, needed, found) = if whole(found) < repeaters {
            return Readiness::Refused { why: few.to_owned(), needed: repeaters, found: whole(found) };
        } else if check.not_positive() > 0.0 {
            ("customers whose mean spend is not above 0 are left out", found + check.not_positive(), found)
        } else if hundredths >= most {
            ("who buys often spends otherwise: correlation in hundredths, at most", most, hundredths)
        } else if whole(found) < 2 * repeaters {
            (few, 2.0 * repeaters as f64, found)
        } else {
            return Readiness::Ready;
        };
        Readiness::Degraded { why: why.to_owned(), needed: whole(needed), found: whole(found) }
    }
}

const NAMES: [&str; 3] = ["p", "q", "v"];

impl SpendEstimator for GammaGamma {
    type Model = GammaGammaModel;

    fn name(&self) -> &'static str {
        "Gamma-Gamma"
    }

    fn readiness(&self, people: &dyn Spends) -> Readiness {
        self.grade(&SpendCheck::of(people))
    }

    fn fit(&self, people: &dyn Spends) -> Result<Fit<GammaGammaModel>, Error> {
        let (check, used) = SpendCheck::used_of(people);
        let (customers, amounts) = (used.customers(), used.sum(Spend::mean));
        if used.rows.is_empty() {
            return Err(ErrorKind::Empty { what: "customers with repeat purchases of a mean above 0" }.into());
        }
        let scale = amounts / customers;
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(Error::parameter("mean spend", scale, "of all customers is no number above 0"));
        }
        let mut rows = used.map(|spend| Row::of(&spend, scale));
        rows.log_scale = customers * scale.ln();
        let mut priors = self.priors;
        priors[2] = priors[2].map(|prior| prior.lowered(scale.ln()));

        let found = maximise(&rows, |rows| GammaLikelihood { rows }, &starts(), &priors);
        let value = |domain: ParameterDomain, at: usize| domain.value(found.at[at]);
        let (p, q) = (value(ParameterDomain::Positive, 0), value(ParameterDomain::AboveOne, 1));
        let v = (scale * value(ParameterDomain::Positive, 2)).clamp(*AMOUNTS.start(), *AMOUNTS.end());
        let model = GammaGammaModel::new(people.currency(), p, q, v)?;
        Ok(Fit::of(model, found.record(&rows, self.grade(&check))))
    }
}

/// Spend that differs little, some and much, each with the mean 1 of scaled amounts.
fn starts() -> Vec<Vec<f64>> {
    let start = |p: f64, over: f64| vec![p.ln(), over.ln(), (over / p).ln()];
    vec![start(6.0, 3.0), start(1.0, 1.0), start(50.0, 30.0)]
}

/// A fitted [`GammaGamma`], or one of given parameters.
///
/// # Example
/// ```
/// use patronage::{cltv::GammaGammaModel, domain::Currency, model::SpendForecast, summary::SpendTable};
///
/// let spend = GammaGammaModel::new(Currency::USD, 6.25, 3.74, 15.44)?;
/// assert!((spend.population_mean() - 35.21897810).abs() < 1e-8);
/// let people = SpendTable::from_columns(Currency::USD, &[2, 0], &[22.35, 0.0])?;
/// let expected = spend.expected_spend(&people);
/// assert!((expected[0] - 24.663713910761).abs() < 1e-12 && expected[1] == spend.population_mean());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct GammaGammaModel {
    currency: Currency,
    p: f64,
    q: f64,
    v: f64,
}

/// Where `v` may lie, in major units.
pub(super) const AMOUNTS: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

impl GammaGammaModel {
    /// A model of given parameters, `v` in major units of the currency.
    ///
    /// # Errors
    /// If `p` or `q - 1` is not from 1e-15 to 1e15, or `v` not from 1e-100 to 1e100.
    pub fn new(currency: Currency, p: f64, q: f64, v: f64) -> Result<Self, Error> {
        bounds::positive("q - 1", q - 1.0)?;
        if !AMOUNTS.contains(&v) {
            return Err(Error::parameter("v", v, "must be from 1e-100 to 1e100"));
        }
        Ok(Self { currency, p: bounds::positive("p", p)?, q, v })
    }

    /// The shape of a customer's amounts: the larger, the more alike they are.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// The shape of the customers' rates, above 1: the larger, the more alike customers are.
    pub fn q(&self) -> f64 {
        self.q
    }

    /// The rate of the customers' rates, in major units.
    pub fn v(&self) -> f64 {
        self.v
    }

    /// The mean amount of a purchase over all customers, `p v / (q - 1)`, in major units.
    pub fn population_mean(&self) -> f64 {
        self.expected(&Spend::default())
    }

    /// The mean of the amounts seen and that of the population, each with its weight:
    /// `p (v + x z) / (p x + q - 1)`.
    pub(super) fn expected(&self, spend: &Spend) -> f64 {
        let x = f64::from(spend.purchases());
        self.p * (self.v + x * spend.mean().max(0.0)) / (self.p * x + (self.q - 1.0))
    }
}

impl SpendForecast for GammaGammaModel {
    fn currency(&self) -> Currency {
        self.currency
    }

    /// A mean below 0, which the model does not know, counts as 0; who has not come back gets the mean of
    /// the population.
    fn expected_spend_into(&self, rows: &[Spend], out: &mut [f64]) {
        for (spend, out) in rows.iter().zip(out) {
            *out = self.expected(spend);
        }
    }
}

impl Parametric for GammaGammaModel {
    fn parameters(&self) -> Vec<Parameter> {
        let domains = [ParameterDomain::Positive, ParameterDomain::AboveOne, ParameterDomain::Positive];
        let values = [self.p, self.q, self.v].into_iter().zip(domains);
        let named = NAMES.into_iter().zip(values);
        named.map(|(name, (value, domain))| Parameter { name: name.to_owned(), value, domain }).collect()
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [p, q, v] = bounds::values(values)?;
        Self::new(self.currency, p, q, v)
    }
}

/// A customer in scaled amounts.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Purchases, x.
    purchases: f64,
    /// ln z, of the mean amount.
    ln_mean: f64,
}

impl Row {
    fn of(spend: &Spend, scale: f64) -> Self {
        // Next to enormous amounts the smallest are none.
        let mean = (spend.mean() / scale).max(f64::MIN_POSITIVE);
        Self { purchases: spend.purchases().into(), ln_mean: mean.ln() }
    }
}

struct GammaLikelihood {
    rows: Distinct<Row>,
}

/// The parameters, and what of them the rows share.
struct Point {
    p: f64,
    over: f64,
    ln_v: f64,
}

/// What a row's density is made of: with a = p x and u = ln(v / (x z)) it is
/// -ln z - ln B(a, q) - a ln(1 + e^u) - q ln(1 + e^-u).
struct Parts {
    a: f64,
    q: f64,
    u: f64,
}

impl Parts {
    fn of(point: &Point, row: &Row) -> Self {
        let u = point.ln_v - row.purchases.ln() - row.ln_mean;
        Self { a: point.p * row.purchases, q: 1.0 + point.over, u }
    }

    fn value(&self) -> f64 {
        -ln_beta(self.a, self.q) - self.a * ln_1p_exp(self.u) - self.q * ln_1p_exp(-self.u)
    }
}

/// ln(1 + e^x).
fn ln_1p_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

impl Likelihood for GammaLikelihood {
    type Point = Point;

    fn dimensions(&self) -> usize {
        3
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, at: &[f64]) -> Point {
        Point { p: at[0].exp(), over: at[1].exp(), ln_v: at[2] }
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        let rows = self.rows.rows[rows].iter();
        rows.map(|(row, weight)| weight * (Parts::of(point, row).value() - row.ln_mean)).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        for (row, weight) in &self.rows.rows[rows] {
            let parts = Parts::of(point, row);
            let Parts { a, q, u } = parts;
            // The rest is small where q is large, and is not a difference then.
            let (share, rest) = ((1.0 + (-u).exp()).recip(), (1.0 + u.exp()).recip());
            let (of_a, of_q) = (Rising::of(a, q), Rising::of(q, a));
            let slopes = [of_a.first - ln_1p_exp(u), of_q.first - ln_1p_exp(-u), q * rest - a * share];
            // The trigamma function at a + q: what the shapes have in common.
            let common = crate::math::special::trigamma(a + q);
            let bends = [
                [of_a.second, common, -share],
                [common, of_q.second, rest],
                [-share, rest, -(a + q) * share * rest],
            ];
            // By the coordinates: da = a dp, dq = over dq, du = dv.
            let by = [a, point.over, 1.0];
            to.value += weight * (parts.value() - row.ln_mean);
            for i in 0..3 {
                to.gradient[i] += weight * by[i] * slopes[i];
                for j in 0..=i {
                    to.hessian.add(i, j, weight * by[i] * by[j] * bends[i][j]);
                }
            }
            to.hessian.add(0, 0, weight * a * slopes[0]);
            to.hessian.add(1, 1, weight * point.over * slopes[1]);
        }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::GammaGammaModel;
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
        p: Exact,
        q: Exact,
        v: Exact,
    }

    impl From<GammaGammaModel> for Saved {
        fn from(model: GammaGammaModel) -> Self {
            let GammaGammaModel { currency, p, q, v } = model;
            Self { schema: SchemaVersion, currency, p: Exact(p), q: Exact(q), v: Exact(v) }
        }
    }

    impl TryFrom<Saved> for GammaGammaModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.currency, saved.p.0, saved.q.0, saved.v.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cltv::search::tests::derivatives_agree, model::Stop, summary::SpendTable};

    fn table(rows: &[(u32, f64)]) -> SpendTable {
        let (purchases, means): (Vec<u32>, Vec<f64>) = rows.iter().copied().unzip();
        SpendTable::from_columns(Currency::USD, &purchases, &means).unwrap()
    }

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let rows = [(1, 3.0), (2, 0.7), (7, 1.1), (400, 9.0), (1, 1e-6), (3, 1e6)];
        let rows = Distinct::of_spends(&table(&rows)).map(|spend| Row::of(&spend, 1.0));
        for at in [[1.8, 1.0, 2.7], [-3.0, 0.0, 0.0], [5.0, -4.0, -2.0], [0.0, 6.0, 5.0]] {
            derivatives_agree(&GammaLikelihood { rows: rows.clone() }, &at);
        }
    }

    #[test]
    fn all_equal_spends_and_one_customer_give_a_fit_that_says_how_it_ended() {
        for rows in [vec![(2, 10.0); 50], vec![(1, 10.0), (2, 10.0), (9, 10.0)], vec![(3, 7.5)]] {
            let fit = GammaGamma::default().fit(&table(&rows)).unwrap();
            assert_ne!(fit.stop(), Stop::NotFinite);
            assert!(fit.estimates().iter().any(|estimate| estimate.at_boundary), "{fit:?}");
            let mean = fit.model.population_mean();
            assert!((mean - rows[0].1).abs() < 0.01 * mean, "{fit:?}");
        }
    }

    #[test]
    fn nobody_to_learn_from_is_refused() {
        for rows in [vec![], vec![(0, 0.0)], vec![(2, 0.0), (3, -5.0)]] {
            assert!(GammaGamma::default().fit(&table(&rows)).unwrap_err().is_empty());
        }
    }

    #[test]
    fn amounts_in_another_unit_change_only_the_unit() {
        let rows: Vec<(u32, f64)> = (1..90_u32)
            .map(|i| (1 + i % 7, 20.0 + f64::from(i * i % 83) / f64::from(1 + i % 7).sqrt()))
            .collect();
        let cents: Vec<(u32, f64)> = rows.iter().map(|&(x, z)| (x, 100.0 * z)).collect();
        let [large, small] = [&rows, &cents].map(|rows| GammaGamma::default().fit(&table(rows)).unwrap());
        assert_eq!(large.stop(), Stop::Converged);
        assert!((small.model.v() / large.model.v() / 100.0 - 1.0).abs() < 1e-7);
        assert!((small.model.q() - large.model.q()).abs() < 1e-7);
        // An amount may be a large number of a small unit: it has not run to a bound.
        let dong: Vec<(u32, f64)> = rows.iter().map(|&(x, z)| (x, 250_000.0 * z)).collect();
        let tiny = GammaGamma::default().fit(&table(&dong)).unwrap();
        assert!(tiny.model.v() > 1e6 && !tiny.estimates()[2].at_boundary, "{tiny:?}");
        let by_cents = large.log_likelihood() - large.customers() * 100_f64.ln();
        assert!((small.log_likelihood() - by_cents).abs() < 1e-7);
        assert!(
            (small.estimates()[2].std_error.unwrap() / large.estimates()[2].std_error.unwrap() - 100.0).abs()
                < 1e-3
        );
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let model = GammaGammaModel::new(Currency::USD, 6.25, 3.74, 15.44).unwrap();
        let saved = serde_json::to_string(&model).unwrap();
        assert_eq!(saved, r#"{"schema":1,"currency":"USD","p":"6.25","q":"3.74","v":"15.44"}"#);
        assert_eq!(serde_json::from_str::<GammaGammaModel>(&saved).unwrap(), model);
        for (whole, broken) in [(r#""schema":1"#, r#""schema":2"#), ("3.74", "1.0"), ("15.44", "-1")] {
            assert!(serde_json::from_str::<GammaGammaModel>(&saved.replace(whole, broken)).is_err());
        }
    }
}
