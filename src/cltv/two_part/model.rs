//! The fitted model: what a purchase is expected to bring.

use super::{chance::Chance, sizes::Sizes};
use crate::{
    cltv::GammaGammaModel,
    domain::Currency,
    error::Error,
    model::{Parameter, ParameterDomain, Parametric, SpendForecast},
    summary::Spend,
};

/// A fitted [`TwoPart`](super::TwoPart), or one of given parameters.
///
/// Its parameters are `loss_a` and `loss_b` of the chance of a loss, and `gain_p`, `gain_q`, `gain_v`,
/// `loss_p`, `loss_q`, `loss_v` of the sizes. Where few gains or losses were seen it has `gain_mean` or
/// `loss_mean` instead of the three, and where none, no parameters of them nor of the chance.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct TwoPartModel {
    currency: Currency,
    /// Nothing where all purchases are of one kind.
    pub(super) chance: Option<Chance>,
    gains: Sizes,
    losses: Sizes,
}

impl TwoPartModel {
    /// A model of given parameters: of the chance of a loss, of the sizes of gains, and of those of losses.
    ///
    /// # Errors
    /// If `loss_a` or `loss_b` is not from 1e-15 to 1e15, or the sizes are in two currencies.
    pub fn new(
        loss_a: f64,
        loss_b: f64,
        gains: GammaGammaModel,
        losses: GammaGammaModel,
    ) -> Result<Self, Error> {
        let currency = SpendForecast::currency(&gains);
        currency.require(SpendForecast::currency(&losses))?;
        let chance = Chance::new(loss_a, loss_b)?;
        Self::of(currency, Some(chance), Sizes::Differ(gains), Sizes::Differ(losses))
    }

    /// # Errors
    /// If there is a chance of losses that have no size, or no chance and not just one kind.
    pub(super) fn of(
        currency: Currency,
        chance: Option<Chance>,
        gains: Sizes,
        losses: Sizes,
    ) -> Result<Self, Error> {
        let kinds = [gains, losses].iter().filter(|sizes| **sizes != Sizes::None).count();
        let whole = if chance.is_some() { losses != Sizes::None } else { kinds == 1 };
        if whole {
            return Ok(Self { currency, chance, gains, losses });
        }
        Err(Error::parameter("parts", kinds, "do not go with the chance of a loss"))
    }

    /// The probability that a purchase of the customer is a loss, from 0 to 1.
    pub fn loss_probability(&self, spend: &Spend) -> f64 {
        let of_one_kind = f64::from(u8::from(self.gains == Sizes::None));
        self.chance.map_or(of_one_kind, |chance| chance.of(spend))
    }

    /// The expected margin of a gain of the customer, in major units.
    pub fn expected_gain(&self, spend: &Spend) -> f64 {
        self.gains.expected(&spend.gains_alone())
    }

    /// The expected size of a loss of the customer, in major units.
    pub fn expected_loss(&self, spend: &Spend) -> f64 {
        self.losses.expected(&spend.losses_alone())
    }

    fn expected(&self, spend: &Spend) -> f64 {
        let loss = self.loss_probability(spend);
        (1.0 - loss) * self.expected_gain(spend) - loss * self.expected_loss(spend)
    }
}

impl SpendForecast for TwoPartModel {
    fn currency(&self) -> Currency {
        self.currency
    }

    /// Below 0 where a purchase is expected to be a loss.
    fn expected_spend_into(&self, rows: &[Spend], out: &mut [f64]) {
        for (spend, out) in rows.iter().zip(out) {
            *out = self.expected(spend);
        }
    }
}

impl Parametric for TwoPartModel {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter =
            |name: &str, value| Parameter { name: name.to_owned(), value, domain: ParameterDomain::Positive };
        let chance = self
            .chance
            .iter()
            .flat_map(|chance| [parameter("loss_a", chance.a), parameter("loss_b", chance.b)]);
        chance.chain(self.gains.parameters("gain")).chain(self.losses.parameters("loss")).collect()
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let of_chance = self.chance.map_or(0, |_| 2);
        let of_gains = self.gains.parameters("gain").len();
        let of_losses = self.losses.parameters("loss").len();
        if values.len() != of_chance + of_gains + of_losses {
            return Err(Error::parameter("values", values.len(), "must be one for each parameter"));
        }
        let (chance, sizes) = values.split_at(of_chance);
        let (gains, losses) = sizes.split_at(of_gains);
        let chance = if let [a, b] = *chance { Some(Chance::new(a, b)?) } else { None };
        let [gains, losses] = [gains, losses].map(|values| Sizes::of(self.currency, values));
        Self::of(self.currency, chance, gains?, losses?)
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::{Chance, Sizes, TwoPartModel};
    use crate::{
        domain::Currency,
        error::Error,
        model::{Exact, SchemaVersion},
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        currency: Currency,
        chance: Option<[Exact; 2]>,
        /// As many numbers as the part has parameters.
        gains: Vec<Exact>,
        losses: Vec<Exact>,
    }

    impl From<TwoPartModel> for Saved {
        fn from(model: TwoPartModel) -> Self {
            let TwoPartModel { currency, chance, gains, losses } = model;
            let chance = chance.map(|chance| [Exact(chance.a), Exact(chance.b)]);
            let [gains, losses] = [gains, losses]
                .map(|sizes| sizes.parameters("").iter().map(|one| Exact(one.value)).collect());
            Self { schema: SchemaVersion, currency, chance, gains, losses }
        }
    }

    impl TryFrom<Saved> for TwoPartModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            let chance = saved.chance.map(|[a, b]| Chance::new(a.0, b.0)).transpose()?;
            let sizes = |values: Vec<Exact>| {
                Sizes::of(saved.currency, &values.iter().map(|value| value.0).collect::<Vec<_>>())
            };
            Self::of(saved.currency, chance, sizes(saved.gains)?, sizes(saved.losses)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> TwoPartModel {
        let sizes = |p, q, v| GammaGammaModel::new(Currency::EUR, p, q, v).unwrap();
        TwoPartModel::new(0.5, 4.5, sizes(6.0, 4.0, 15.0), sizes(2.0, 3.0, 5.0)).unwrap()
    }

    #[test]
    fn nobody_known_is_everybody() {
        // 0.9 * 6 * 15 / 3 - 0.1 * 2 * 5 / 2.
        let mut out = [0.0];
        model().expected_spend_into(&[Spend::default()], &mut out);
        assert!((out[0] - 26.5).abs() < 1e-12, "{out:?}");
    }

    #[test]
    fn values_are_one_for_each_parameter() {
        let values: Vec<f64> = model().parameters().iter().map(|parameter| parameter.value).collect();
        assert_eq!(values, [0.5, 4.5, 6.0, 4.0, 15.0, 2.0, 3.0, 5.0]);
        assert_eq!(model().with_values(&values).unwrap(), model());
        assert!(model().with_values(&values[1..]).unwrap_err().is_parameter());
        let dollars = GammaGammaModel::new(Currency::USD, 1.0, 2.0, 3.0).unwrap();
        let euros = GammaGammaModel::new(Currency::EUR, 1.0, 2.0, 3.0).unwrap();
        assert!(TwoPartModel::new(1.0, 1.0, euros, dollars).is_err());
        assert!(TwoPartModel::new(0.0, 1.0, euros, euros).unwrap_err().is_parameter());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let saved = serde_json::to_string(&model()).unwrap();
        let parts = r#""chance":["0.5","4.5"],"gains":["6.0","4.0","15.0"],"losses":["2.0","3.0","5.0"]"#;
        assert_eq!(saved, format!(r#"{{"schema":1,"currency":"EUR",{parts}}}"#));
        assert_eq!(serde_json::from_str::<TwoPartModel>(&saved).unwrap(), model());
        let one_kind = saved.replace(r#"["2.0","3.0","5.0"]"#, "[]").replace(r#"["0.5","4.5"]"#, "null");
        let read = serde_json::from_str::<TwoPartModel>(&one_kind).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), one_kind);
        assert!(read.loss_probability(&Spend::default()) <= 0.0);
        for (whole, broken) in [
            (r#""schema":1"#, r#""schema":2"#),
            (r#"["0.5","4.5"]"#, "null"),
            (r#"["0.5","4.5"]"#, r#"["0.5","0.0"]"#),
            (r#"["2.0","3.0","5.0"]"#, "[]"),
            (r#"["2.0","3.0","5.0"]"#, r#"["-1.0"]"#),
            (r#"["6.0","4.0","15.0"]"#, r#"["6.0","4.0"]"#),
            ("4.0", "1.0"),
        ] {
            assert!(serde_json::from_str::<TwoPartModel>(&saved.replace(whole, broken)).is_err(), "{broken}");
        }
    }
}
