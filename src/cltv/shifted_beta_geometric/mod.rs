//! Shifted beta-geometric (Fader & Hardie 2007): how long contracts last.

mod likelihood;

use self::likelihood::TenureLikelihood;
use super::{Needs, Prior, Survivors, bounds, lifetime::Lifetime, search::maximise};
use crate::{
    domain::{Money, Rate, Tick},
    error::{Error, ErrorKind},
    model::{Fit, Parameter, Parametric, Readiness},
};

/// Shifted beta-geometric (Fader & Hardie 2007, "How to project customer retention"): at the end of each
/// period a customer does not renew with a probability θ of their own, beta distributed with `alpha`
/// and `beta`. Retention rises with tenure although nobody changes: those who leave easily have left.
///
/// # Formula
/// ```text
/// S(t) = B(alpha, beta + t) / B(alpha, beta)          P(T = t) = S(t - 1) - S(t)
/// ln L = sum over those who left after t periods of ln P(T = t), and over the others of ln S(t)
/// ```
///
/// # Example
/// ```
/// use patronage::{
///     cltv::{ShiftedBetaGeometric, Survivors},
///     domain::Tick,
/// };
///
/// let seen = [1000, 631, 468, 382, 326, 289, 262, 241];
/// let fit = ShiftedBetaGeometric::default().fit(&Survivors::new(Tick::Year).cohort(&seen)?)?;
/// assert!(fit.stop().is_converged());
/// // In the twelfth year 173 were left.
/// assert!((fit.model.survival(12) - 0.173).abs() < 0.005);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct ShiftedBetaGeometric {
    needs: Needs,
    priors: [Option<Prior>; 2],
}

const NAMES: [&str; 2] = ["alpha", "beta"];
/// From fewer periods no more can be learned than a retention for each.
const PERIODS: u64 = 3;

impl ShiftedBetaGeometric {
    /// How much data a fit should rest on: customers, and for the repeaters those who left. The gaps do not
    /// matter here.
    #[must_use]
    pub fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// What is believed of `alpha` or `beta`.
    ///
    /// # Errors
    /// If the model has no such parameter.
    pub fn prior(mut self, parameter: &str, prior: Prior) -> Result<Self, Error> {
        bounds::set_prior(&mut self.priors, NAMES, parameter, prior, "is none of alpha, beta")?;
        Ok(self)
    }

    /// The model's name, as in a table of models.
    pub fn name(&self) -> &'static str {
        "shifted beta-geometric"
    }

    /// How far the data carries a fit.
    pub fn readiness(&self, contracts: &Survivors) -> Readiness {
        let Needs { customers, repeaters: lost, .. } = self.needs;
        let customers = (contracts.customers(), customers, "few customers: how they differ is a guess");
        let lost = (contracts.lost(), lost, "few left: how soon one does is a guess");
        let periods = (contracts.periods(), PERIODS, "few periods: how retention changes is a guess");
        for (found, needed, why) in [customers, lost] {
            if found < needed {
                return Readiness::Refused { why: why.to_owned(), needed, found };
            }
        }
        let twice = [customers, lost].map(|(found, needed, why)| (found, needed.saturating_mul(2), why));
        for (found, needed, why) in twice.into_iter().chain([periods]) {
            if found < needed {
                return Readiness::Degraded { why: why.to_owned(), needed, found };
            }
        }
        Readiness::Ready
    }

    /// Learns from all cohorts together. If customers differ no more than by chance, or only one period was
    /// seen, the search ends [flat](crate::model::Stop::Flat), with `alpha` and `beta` large or unknown but
    /// for their ratio.
    ///
    /// # Errors
    /// If there are no customers.
    pub fn fit(&self, contracts: &Survivors) -> Result<Fit<ShiftedBetaGeometricModel>, Error> {
        let rows = contracts.tenures();
        if rows.rows.is_empty() {
            return Err(ErrorKind::Empty { what: "customers in the cohorts" }.into());
        }
        let found = maximise(&rows, |rows| TenureLikelihood { rows }, &starts(contracts), &self.priors);
        let [alpha, beta] = bounds::values(&found.at)?.map(f64::exp);
        let model = ShiftedBetaGeometricModel::new(contracts.tick(), alpha, beta)?;
        Ok(Fit::of(model, found.record(&rows, self.readiness(contracts))))
    }
}

/// Customers who differ much and little, with the mean churn of the first period.
fn starts(contracts: &Survivors) -> Vec<Vec<f64>> {
    let kept: f64 = contracts.cohorts().map(|counts| counts[1] as f64).sum();
    let churn = (1.0 - kept / contracts.customers() as f64).clamp(0.01, 0.99);
    [2.0, 50.0].map(|size: f64| vec![(size * churn).ln(), (size * (1.0 - churn)).ln()]).to_vec()
}

/// A fitted [`ShiftedBetaGeometric`], or one of given parameters.
///
/// # Units
/// Periods are ticks. Tenure is how often a customer has renewed: 0 for one in the first period, who has the
/// first renewal ahead.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::ShiftedBetaGeometricModel,
///     domain::{Currency, Money, Rate, Tick},
/// };
///
/// let contracts = ShiftedBetaGeometricModel::new(Tick::Year, 0.704, 1.182)?;
/// assert!(contracts.retention_rate(1) < contracts.retention_rate(5));
/// // What one in the fifth year is still worth, just before the renewal: 100 dollars a year at 10 %.
/// let (rate, yearly) = (Rate::yearly(0.10)?, Money::parse("100", Currency::USD)?);
/// let worth = contracts.residual_value(4, rate, yearly)?;
/// assert!(worth.minor() > contracts.residual_value(0, rate, yearly)?.minor());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct ShiftedBetaGeometricModel {
    tick: Tick,
    alpha: f64,
    beta: f64,
}

impl ShiftedBetaGeometricModel {
    /// A model of given parameters, of contracts renewed every `tick`.
    ///
    /// # Errors
    /// If a parameter is not from 1e-15 to 1e15.
    pub fn new(tick: Tick, alpha: f64, beta: f64) -> Result<Self, Error> {
        let (alpha, beta) = (bounds::positive("alpha", alpha)?, bounds::positive("beta", beta)?);
        Ok(Self { tick, alpha, beta })
    }

    /// How often contracts are renewed.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// With `beta`, how likely customers leave at a renewal: at first `alpha / (alpha + beta)` of them.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// See [`alpha`](Self::alpha).
    pub fn beta(&self) -> f64 {
        self.beta
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime { gamma: self.alpha, delta: self.beta }
    }

    /// The share that renews at least `t` times, S(t): from 0 to 1.
    pub fn survival(&self, t: u32) -> f64 {
        self.lifetime().survival(t.into())
    }

    /// The share that leaves at the end of period `t`, P(T = t): from 0 to 1, and 0 for t = 0.
    pub fn lifetime_probability(&self, t: u32) -> f64 {
        let Some(renewals) = t.checked_sub(1) else { return 0.0 };
        let left = self.lifetime().after(renewals.into());
        self.survival(renewals) * (left.gamma / (left.gamma + left.delta))
    }

    /// Of those who renewed t - 1 times the share that does so again, r(t) = S(t) / S(t - 1)
    /// = (beta + t - 1) / (alpha + beta + t - 1): from 0 to 1. For t = 0 that of the first renewal.
    pub fn retention_rate(&self, t: u32) -> f64 {
        self.lifetime().after(t.saturating_sub(1).into()).lasting()
    }

    /// How many more renewals to expect of a customer of a tenure, (beta + tenure) / (alpha - 1). Infinite
    /// if `alpha` is at most 1: some stay so long that there is no mean.
    pub fn expected_residual_lifetime(&self, tenure: u32) -> f64 {
        self.lifetime().after(tenure.into()).periods(f64::INFINITY)
    }

    /// Discounted expected residual lifetime, DERL (Fader & Hardie 2010, "Customer-base valuation in a
    /// contractual setting"), in periods: of a customer of a tenure, just before the next renewal. That
    /// renewal counts in full if it is made, and those after it less, by the rate a tick:
    /// ```text
    /// sum over t > tenure of S(t) / S(tenure) (1 + d)^-(t - tenure - 1)
    /// ```
    /// At least 0; infinite if the rate is below 0, or is 0 and `alpha` at most 1.
    pub fn discounted_residual_lifetime(&self, tenure: u32, rate: Rate) -> f64 {
        let rate = rate.continuous_per(self.tick);
        self.lifetime().after(tenure.into()).discounted_periods(rate) * rate.exp()
    }

    /// What a customer of a tenure is still worth, just before the next renewal: the
    /// [discounted residual lifetime](Self::discounted_residual_lifetime) times the net cash flow of a
    /// period, paid at its start, to the nearest minor unit.
    ///
    /// # Errors
    /// If it has no bound, or is too large.
    pub fn residual_value(&self, tenure: u32, rate: Rate, per_period: Money) -> Result<Money, Error> {
        let value = self.discounted_residual_lifetime(tenure, rate) * per_period.minor() as f64;
        if !(value.abs() < i64::MAX as f64) {
            return Err(ErrorKind::Overflow { what: "residual value" }.into());
        }
        Ok(Money::of_minor(value.round() as i64, per_period.currency()))
    }
}

impl Parametric for ShiftedBetaGeometricModel {
    fn parameters(&self) -> Vec<Parameter> {
        bounds::parameters(NAMES, [self.alpha, self.beta])
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [alpha, beta] = bounds::values(values)?;
        Self::new(self.tick, alpha, beta)
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::ShiftedBetaGeometricModel;
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
        alpha: Exact,
        beta: Exact,
    }

    impl From<ShiftedBetaGeometricModel> for Saved {
        fn from(model: ShiftedBetaGeometricModel) -> Self {
            let ShiftedBetaGeometricModel { tick, alpha, beta } = model;
            Self { schema: SchemaVersion, tick, alpha: Exact(alpha), beta: Exact(beta) }
        }
    }

    impl TryFrom<Saved> for ShiftedBetaGeometricModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.tick, saved.alpha.0, saved.beta.0)
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::{domain::Currency, model::Stop};

    fn model(alpha: f64, beta: f64) -> ShiftedBetaGeometricModel {
        ShiftedBetaGeometricModel::new(Tick::Year, alpha, beta).unwrap()
    }

    fn fit(cohorts: &[&[u64]]) -> Fit<ShiftedBetaGeometricModel> {
        let all = cohorts.iter().try_fold(Survivors::new(Tick::Year), |all, counts| all.cohort(counts));
        ShiftedBetaGeometric::default().fit(&all.unwrap()).unwrap()
    }

    #[test]
    fn the_regular_customers_of_the_paper() {
        let fit = fit(&[&[1000, 631, 468, 382, 326, 289, 262, 241]]);
        assert_eq!((fit.stop(), fit.customers()), (Stop::Converged, 1000.0));
        assert!((fit.log_likelihood() - -1_680.265_188_463).abs() < 1e-6, "{}", fit.log_likelihood());
        assert!((fit.model.alpha() / 0.704_077_302 - 1.0).abs() < 1e-4);
        assert!((fit.model.beta() / 1.182_043_031 - 1.0).abs() < 1e-4);
        for (t, known) in (8..).zip([22.008, 20.441, 19.119, 17.986, 17.004]) {
            assert!((100.0 * fit.model.survival(t) - known).abs() <= 5e-4, "{t}");
        }
        assert!(fit.readiness().is_ready());
    }

    #[test]
    fn a_cohort_in_parts_is_the_cohort() {
        let whole = fit(&[&[1000, 631, 468, 382]]);
        let parts = fit(&[&[600, 331, 268, 232], &[400, 300, 200, 150]]);
        assert_eq!((whole.model, whole.log_likelihood()), (parts.model, parts.log_likelihood()));
    }

    #[test]
    fn uniform_churn_is_as_printed() {
        let uniform = model(1.0, 1.0);
        assert_eq!(uniform.lifetime_probability(0), 0.0);
        for (t, known) in (1..).zip([0.5, 0.167, 0.083, 0.05, 0.033, 0.024, 0.018]) {
            assert!((uniform.lifetime_probability(t) - known).abs() <= 5e-4, "{t}");
            assert!((uniform.lifetime_probability(t) - 1.0 / f64::from(t * (t + 1))).abs() < 1e-15, "{t}");
        }
    }

    #[test]
    fn long_tenures_and_extreme_parameters_keep_their_digits() {
        // beta(a, b + t) / beta(a, b) by mpmath at 40 digits.
        let known = [
            (0.704, 1.182, 1_000_000, 6.189_576_624_181_394e-5),
            (0.5, 1e12, 1_000_000_000, 0.999_500_374_687_773_1),
            (1e12, 3e12, 20, 0.003_171_211_938_984_204),
            (1e-9, 2.0, 100_000, 0.999_999_988_909_843_9),
            (40.0, 3.0, 10_000, 6.421_214_012_683_69e-110),
        ];
        for (alpha, beta, t, known) in known {
            let found = model(alpha, beta).survival(t);
            assert!((found / known - 1.0).abs() < 1e-11, "{alpha} {beta} {t}: {found} {known}");
        }
        // The geometric distribution is the limit of customers who are all alike.
        let alike = model(2e14, 8e14);
        assert!((alike.survival(10) / 0.8_f64.powi(10) - 1.0).abs() < 1e-11);
        assert!((alike.expected_residual_lifetime(7) - 4.0).abs() < 1e-11);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_file_of_another_model_is_not_read_as_this_one() {
        let other = crate::cltv::ParetoNbdModel::new(Tick::Year, 0.6, 9.0, 0.6, 11.0).unwrap();
        let json = serde_json::to_string(&other).unwrap();
        let error = serde_json::from_str::<ShiftedBetaGeometricModel>(&json).unwrap_err().to_string();
        assert!(error.contains("unknown field `r`"), "{error}");
    }

    #[test]
    fn discounted_lifetimes_are_those_of_the_hypergeometric_form() {
        // (b + n) / (a + b + n) 2F1(1, b + n + 1; a + b + n + 1; 1 / (1 + d)) by mpmath at 40 digits.
        let known = [
            (
                0.704_077_302,
                1.182_043_031,
                0,
                [2.964_399_262_379_889, 20.351_486_502_357_784, 0.845_215_976_876_552_8],
            ),
            (
                0.704_077_302,
                1.182_043_031,
                4,
                [5.894_095_347_589_844, 56.034_940_305_581_07, 1.259_419_428_646_027_4],
            ),
            (0.668, 3.806, 1, [5.901_753_167_753_022, 60.250_866_677_530_04, 1.255_587_627_012_59]),
            (1.0, 1.0, 1000, [10.881_580_241_524_504, 596.838_231_920_130_4, 1.497_756_726_472_398_5]),
            (3.5, 0.2, 0, [0.075_240_457_696_093_35, 0.079_936_319_585_790_33, 0.059_361_968_363_407]),
        ];
        for (alpha, beta, tenure, values) in known {
            for (rate, known) in [0.1, 0.001, 2.0].into_iter().zip(values) {
                let rate = Rate::yearly(rate).unwrap();
                let found = model(alpha, beta).discounted_residual_lifetime(tenure, rate);
                assert!((found / known - 1.0).abs() < 1e-9, "{alpha} {beta} {tenure}: {found} {known}");
            }
        }
    }

    #[test]
    fn a_value_is_in_money_or_refused() {
        let (rate, none) = (Rate::yearly(0.1).unwrap(), Rate::yearly(0.0).unwrap());
        let dollars = Money::of_minor(10_000, Currency::USD);
        let (regular, steady) = (model(0.704, 1.182), model(3.0, 6.0));
        let lifetime = regular.discounted_residual_lifetime(3, rate);
        let value = regular.residual_value(3, rate, dollars).unwrap();
        assert_eq!(value.minor(), (10_000.0 * lifetime).round() as i64);
        assert_eq!(steady.residual_value(0, none, dollars).unwrap().minor(), 30_000);
        for refused in [
            regular.residual_value(3, none, dollars),
            steady.residual_value(3, Rate::yearly(-0.1).unwrap(), dollars),
            regular.residual_value(3, rate, Money::of_minor(i64::MAX, Currency::USD)),
        ] {
            assert_eq!(refused.unwrap_err().to_string(), "residual value is too large");
        }
    }

    #[test]
    fn awkward_cohorts_give_a_fit_that_says_how_it_ended() {
        // A constant retention, all or nobody lost, one period, one customer.
        for (counts, stop) in [
            (&[1024, 512, 256, 128, 64][..], Stop::Flat),
            (&[100, 0, 0], Stop::Flat),
            (&[100, 100, 100], Stop::Flat),
            (&[100, 60], Stop::Flat),
            (&[1, 1, 0], Stop::Flat),
        ] {
            let fit = fit(&[counts]);
            assert_eq!(fit.stop(), stop, "{counts:?} {fit:?}");
            assert!((0.0..=1.0).contains(&fit.model.survival(3)));
        }
        let halved = fit(&[&[1024, 512, 256, 128, 64]]).model;
        assert!((halved.survival(10) - 0.5_f64.powi(10)).abs() < 1e-5);
        let nobody = Survivors::new(Tick::Year).cohort(&[0, 0]).unwrap();
        assert!(ShiftedBetaGeometric::default().fit(&nobody).unwrap_err().is_empty());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let saved = serde_json::to_string(&model(0.704, 1.182)).unwrap();
        assert_eq!(saved, r#"{"schema":1,"tick":"Year","alpha":"0.704","beta":"1.182"}"#);
        let read: ShiftedBetaGeometricModel = serde_json::from_str(&saved).unwrap();
        assert_eq!(read, model(0.704, 1.182));
        assert!(serde_json::from_str::<ShiftedBetaGeometricModel>(&saved.replace("0.704", "-1")).is_err());
    }
}
