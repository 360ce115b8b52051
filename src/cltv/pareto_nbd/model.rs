//! The fitted model: four parameters and their unit of time.

use super::{NAMES, law::Law};
use crate::{
    cltv::bounds,
    domain::Tick,
    error::Error,
    math::special::ln_rising,
    model::{Parameter, Parametric},
    summary::History,
};

/// Pareto/NBD: how often customers buy, and until when.
///
/// While a customer is one, purchases are a Poisson process at a rate λ; the time until leaving is exponential
/// of a rate μ. Over the customers λ is gamma distributed of shape `r` and rate `alpha`, and μ, independent of
/// it, of shape `s` and rate `beta`. So the mean customer buys `r / alpha` times a tick, and the share
/// `(1 + t / beta)^-s` of customers is still there after t ticks.
///
/// The parameters lie between 1e-30 and 1e30. With the feature `serde` a model is saved with a schema version,
/// in less than a kilobyte, and a file of a newer version is refused.
///
/// # Formula
/// For x repeat purchases, the last after `t_x`, in an observation of T ticks:
/// ```text
/// L = Γ(r+x)/Γ(r) α^r β^s [ (α+T)^-(r+x) (β+T)^-s + s ∫ (α+y)^-(r+x) (β+y)^-(s+1) dy, y from t_x to T ]
/// P(alive) = the share of the first term
/// E[X(t)] = r/α ∫ (1+u/β)^-s du, u from 0 to t
/// E[Y(t)] = P(alive) (r+x)/(α+T) ∫ (1+u/(β+T))^-s du, u from 0 to t
/// DERT = P(alive) (r+x)/(α+T) ∫ e^(-δu) (1+u/(β+T))^-s du, u from 0 to ∞
/// ```
/// Sources: Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD
/// Model"; for DERT Fader, Hardie & Lee (2005), "RFM and CLV".
///
/// # Example
/// ```
/// use patronage::{
///     cltv::ParetoNbdModel,
///     domain::{Horizon, Tick},
///     model::{AliveProbability, PurchaseForecast},
///     summary::HistoryTable,
/// };
///
/// let music = ParetoNbdModel::new(Tick::Week, 0.55327710, 10.57768417, 0.60623987, 11.66873058)?;
/// let people = HistoryTable::from_columns(Tick::Day, &[2], &[213.0], &[272.0])?;
/// assert!((music.p_alive(&people)[0] - 0.869134274).abs() < 1e-8);
/// assert!((music.expected_purchases(&people, Horizon::weeks(39))[0] - 1.45520176).abs() < 1e-7);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct ParetoNbdModel {
    pub(super) tick: Tick,
    pub(super) law: Law,
}

const LEAST: f64 = 1e-30;
const MOST: f64 = 1e30;

impl ParetoNbdModel {
    /// A model of given parameters: `alpha` and `beta` in ticks, `r` and `s` without a unit.
    ///
    /// # Errors
    /// If a parameter is not between 1e-30 and 1e30.
    pub fn new(tick: Tick, r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self, Error> {
        for (name, value) in NAMES.into_iter().zip([r, alpha, s, beta]) {
            if !(LEAST..=MOST).contains(&value) {
                return Err(Error::parameter(name, value, "must be between 1e-30 and 1e30"));
            }
        }
        Ok(Self { tick, law: Law { r, alpha, s, beta } })
    }

    /// Of what a search found: logarithms, in a time of which `scale` ticks are 1.
    pub(super) fn found(tick: Tick, coordinates: &[f64], scale: f64) -> Self {
        let value = |at: usize, unit: f64| {
            (coordinates.get(at).map_or(1.0, |coordinate| coordinate.exp()) * unit).clamp(LEAST, MOST)
        };
        let law = Law { r: value(0, 1.0), alpha: value(1, scale), s: value(2, 1.0), beta: value(3, scale) };
        Self { tick, law }
    }

    /// The shape of the purchase rates: the smaller, the more they differ.
    pub fn r(&self) -> f64 {
        self.law.r
    }

    /// The rate of the purchase rates, in ticks.
    pub fn alpha(&self) -> f64 {
        self.law.alpha
    }

    /// The shape of the rates of leaving.
    pub fn s(&self) -> f64 {
        self.law.s
    }

    /// The rate of the rates of leaving, in ticks.
    pub fn beta(&self) -> f64 {
        self.law.beta
    }

    /// The log-likelihood of a history whose times are in the model's tick. Of the times of the purchases it
    /// is a density, but for the last without their order: as the sum that a fit reports.
    pub fn log_likelihood(&self, history: &History) -> f64 {
        let x = f64::from(history.repeats());
        self.law.log_likelihood(ln_rising(self.law.r, x), x, history.recency(), history.age())
    }
}

impl Parametric for ParetoNbdModel {
    fn parameters(&self) -> Vec<Parameter> {
        let Law { r, alpha, s, beta } = self.law;
        bounds::parameters(NAMES, [r, alpha, s, beta])
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [r, alpha, s, beta] = bounds::values(values)?;
        Self::new(self.tick, r, alpha, s, beta)
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::{Law, ParetoNbdModel};
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
        r: Exact,
        alpha: Exact,
        s: Exact,
        beta: Exact,
    }

    impl From<ParetoNbdModel> for Saved {
        fn from(model: ParetoNbdModel) -> Self {
            let Law { r, alpha, s, beta } = model.law;
            let [r, alpha, s, beta] = [r, alpha, s, beta].map(Exact);
            Self { schema: SchemaVersion, tick: model.tick, r, alpha, s, beta }
        }
    }

    impl TryFrom<Saved> for ParetoNbdModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.tick, saved.r.0, saved.alpha.0, saved.s.0, saved.beta.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(values: [f64; 4]) -> ParetoNbdModel {
        let [r, alpha, s, beta] = values;
        ParetoNbdModel::new(Tick::Week, r, alpha, s, beta).unwrap()
    }

    #[test]
    fn parameters_are_refused_by_name() {
        for (at, name) in NAMES.into_iter().enumerate() {
            for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-31, 1e31] {
                let mut values = [1.0; 4];
                values[at] = bad;
                let error = model([1.0; 4]).with_values(&values).unwrap_err();
                assert_eq!(error.to_string(), format!("{name}: `{bad}` must be between 1e-30 and 1e30"));
            }
        }
        assert!(model([1.0; 4]).with_values(&[1.0; 3]).is_err());
    }

    #[test]
    fn is_its_parameters() {
        let music = model([0.55, 10.58, 0.61, 11.67]);
        assert_eq!((music.r(), music.alpha(), music.s(), music.beta()), (0.55, 10.58, 0.61, 11.67));
        let values: Vec<f64> = music.parameters().iter().map(|parameter| parameter.value).collect();
        assert_eq!(music.with_values(&values).unwrap(), music);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn is_saved_to_the_bit_and_refused_when_newer() {
        let music = model([0.1 + 0.2, 1e-30, 1e30, 11.67 / 3.0]);
        let text = serde_json::to_string(&music).unwrap();
        assert!(text.len() < 1000 && text.starts_with(r#"{"schema":1,"#));
        assert_eq!(serde_json::from_str::<ParetoNbdModel>(&text).unwrap(), music);
        let newer = text.replace(r#""schema":1"#, r#""schema":2"#);
        let refused = serde_json::from_str::<ParetoNbdModel>(&newer).unwrap_err().to_string();
        assert!(refused.contains("saved with schema 2, this version reads up to 1"), "{refused}");
        let wrong = text.replace(r#""s":"1e30""#, r#""s":"-1""#);
        assert!(wrong != text && serde_json::from_str::<ParetoNbdModel>(&wrong).is_err());
    }
}
