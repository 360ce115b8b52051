//! What BG/NBD and MBG/NBD share.
//!
//! A customer buys at a rate λ, gamma distributed of shape r and rate alpha, and leaves after a purchase with
//! a probability p, beta distributed of a and b. The two models differ in whether the first purchase may be
//! the last: in how many chances to leave, n, a customer with x repeat purchases had.
//!
//! Of who stayed through x purchases in T, λ is again gamma (r + x, alpha + T) and p beta (a, b + n). So
//! every forecast is P(alive) times one of such a [`Staying`] customer, and a new customer is one with the
//! history (0, 0, 0).

mod beta_rule;
mod chebyshev;
mod discounted;
mod distribution;
mod fit;
mod likelihood;
mod purchases;
#[cfg(feature = "serde")]
mod saved;
mod tables;

use super::{Prior, bounds};
use crate::{
    domain::{Horizon, Tick},
    error::Error,
    math::{
        lanes::{self, LANES, Lanes, each, gather},
        special::ln_rising,
    },
    model::{Parameter, in_blocks},
    summary::{Histories, History},
};

#[cfg(feature = "serde")]
pub(super) use self::saved::Saved;
use self::tables::Shared;
pub(super) use self::{fit::starts, likelihood::Likelihood};

/// After which purchases a customer may leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Leaving {
    /// After those that follow the first: BG/NBD.
    AfterRepeats,
    /// After the first as well: MBG/NBD.
    AfterAny,
}

impl Leaving {
    /// How often a customer might have left, n.
    pub(super) fn chances(self, repeats: u32) -> u32 {
        repeats.saturating_add(u32::from(self == Self::AfterAny))
    }
}

/// The parameters of either model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct BetaGeometric {
    pub(super) leaving: Leaving,
    pub(super) tick: Tick,
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

pub(super) const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];

impl BetaGeometric {
    pub(super) fn new(leaving: Leaving, tick: Tick, values: [f64; 4]) -> Result<Self, Error> {
        for (name, value) in NAMES.into_iter().zip(values) {
            bounds::positive(name, value)?;
        }
        let [r, alpha, a, b] = values;
        Ok(Self { leaving, tick, r, alpha, a, b })
    }

    pub(super) fn values(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    pub(super) fn parameters(&self) -> Vec<Parameter> {
        bounds::parameters(NAMES, self.values())
    }

    pub(super) fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        Self::new(self.leaving, self.tick, bounds::values(values)?)
    }

    /// P(alive) of each row.
    pub(super) fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
        lanes::answer(
            rows,
            out,
            #[inline(always)]
            |rows, out| *out = self.p_alive_of(rows),
        );
    }

    fn p_alive(&self, history: &History) -> f64 {
        self.p_alive_of(&[*history; LANES])[0]
    }

    /// `1 / (1 + a / (b + n - 1) ((alpha + T) / (alpha + t_x))^(r + x))`, and 1 for who could not leave yet.
    #[inline(always)]
    fn p_alive_of(&self, rows: &[History; LANES]) -> Lanes {
        let first = f64::from(self.leaving.chances(0));
        let repeats = gather(rows, |row| f64::from(row.repeats()));
        let idle = gather(rows, |row| row.age() - row.recency());
        let mut silence = gather(rows, |row| self.alpha + row.recency());
        for at in 0..LANES {
            silence[at] = idle[at] / silence[at];
        }
        silence = lanes::ln_1p(&silence);
        let chances = each(&repeats, |repeats| repeats + first);
        for at in 0..LANES {
            // 1, or 0 for who could not leave: without a branch, for rows of both kinds come mixed.
            let leaves = chances[at].min(1.0);
            silence[at] *= -leaves * (self.r + repeats[at]);
        }
        let mut p_alive = lanes::exp_or_0(&silence);
        for at in 0..LANES {
            let leaves = chances[at].min(1.0);
            let stayed = p_alive[at] * (self.b + (chances[at] - leaves));
            p_alive[at] = stayed / (stayed + leaves * self.a);
        }
        p_alive
    }

    /// a / (b + n - 1): the odds of leaving at the last of n chances, having stayed at the others.
    fn leaving_odds(&self, chances: u32) -> f64 {
        self.a / (self.b + f64::from(chances - 1))
    }

    /// The log-likelihood of a history in ticks.
    pub(super) fn log_likelihood(&self, history: &History) -> f64 {
        let repeats = f64::from(history.repeats());
        let chances = self.leaving.chances(history.repeats());
        let shape = self.r + repeats;
        let [stayed, bought] =
            [history.age(), history.recency()].map(|time| shape * (time / self.alpha).ln_1p());
        let buying = ln_rising(self.r, repeats) - repeats * self.alpha.ln();
        if chances == 0 {
            return buying - stayed;
        }
        let staying = ln_rising(self.b, f64::from(chances)) - ln_rising(self.a + self.b, f64::from(chances));
        buying + staying - bought + (self.leaving_odds(chances) + (bought - stayed).exp()).ln()
    }

    /// What is known of a customer of this history who has not left.
    fn staying(&self, history: &History) -> Staying {
        let chances = self.leaving.chances(history.repeats());
        Staying {
            shape: self.r + f64::from(history.repeats()),
            rate: self.alpha + history.age(),
            a: self.a,
            b: self.b + f64::from(chances),
        }
    }

    pub(super) fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        let time = horizon.in_ticks(self.tick);
        purchases::expected_into(self, rows, time, &Shared::default(), out);
    }

    pub(super) fn expected_purchases(&self, people: &dyn Histories, horizon: Horizon) -> Vec<f64> {
        let (time, shared) = (horizon.in_ticks(self.tick), Shared::default());
        in_blocks(people, self.tick, |rows, out| {
            purchases::expected_into(self, rows, time, &shared, out);
        })
    }

    pub(super) fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        let mut answer = [0.0];
        self.expected_purchases_into(&[History::default()], horizon, &mut answer);
        answer[0]
    }

    pub(super) fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]) {
        let alive = self.p_alive(history);
        self.staying(history).distribution_into(horizon.in_ticks(self.tick), out);
        for probability in &mut *out {
            *probability *= alive;
        }
        if let Some(none) = out.first_mut() {
            *none += 1.0 - alive;
        }
    }

    pub(super) fn discounted_purchases_into(&self, rows: &[History], discount: f64, out: &mut [f64]) {
        discounted::discounted_into(self, rows, discount, &Shared::default(), out);
    }

    pub(super) fn discounted_purchases(&self, people: &dyn Histories, discount: f64) -> Vec<f64> {
        let shared = Shared::default();
        in_blocks(people, self.tick, |rows, out| {
            discounted::discounted_into(self, rows, discount, &shared, out);
        })
    }
}

/// A customer who has not left: λ is gamma distributed of shape and rate, p beta distributed of a and b.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Staying {
    shape: f64,
    rate: f64,
    a: f64,
    b: f64,
}

/// The parts of an estimator that are not the model.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Question {
    pub(super) priors: [Option<Prior>; 4],
    pub(super) needs: super::Needs,
}

impl Question {
    pub(super) fn prior(mut self, parameter: &str, prior: Prior) -> Result<Self, Error> {
        bounds::set_prior(&mut self.priors, NAMES, parameter, prior, "is none of r, alpha, a, b")?;
        Ok(self)
    }
}

/// The estimator of a model around [`BetaGeometric`], and what the model can be asked.
macro_rules! beta_geometric_model {
    ($question:ident, $model:ident, $name:literal, $leaving:expr) => {
        impl $question {
            /// Adds what is believed of `r`, `alpha` (in the ticks of the histories), `a` or `b`.
            ///
            /// # Errors
            /// If there is no such parameter.
            pub fn prior(self, parameter: &str, prior: Prior) -> Result<Self, Error> {
                Ok(Self(self.0.prior(parameter, prior)?))
            }

            /// Sets how much data a fit should rest on.
            #[must_use]
            pub fn needs(self, needs: Needs) -> Self {
                Self(Question { needs, ..self.0 })
            }
        }

        impl PurchaseEstimator for $question {
            type Model = $model;

            fn name(&self) -> &'static str {
                $name
            }

            fn readiness(&self, people: &dyn Histories) -> Readiness {
                self.0.needs.grade(people)
            }

            fn fit(&self, people: &dyn Histories) -> Result<Fit<$model>, Error> {
                let (model, record) = self.0.fit($leaving, people)?;
                Ok(Fit::of($model(model), record))
            }
        }

        impl $model {
            /// A model of known parameters; `alpha` is in ticks.
            ///
            /// # Errors
            /// If a parameter is not from 1e-15 to 1e15.
            pub fn new(tick: Tick, r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, Error> {
                BetaGeometric::new($leaving, tick, [r, alpha, a, b]).map(Self)
            }

            /// Shape of the rates of purchase.
            pub fn r(&self) -> f64 {
                self.0.r
            }

            /// Rate of the rates of purchase, in ticks: their mean is r / alpha purchases a tick.
            pub fn alpha(&self) -> f64 {
                self.0.alpha
            }

            /// First parameter of the probabilities of leaving: their mean is a / (a + b).
            pub fn a(&self) -> f64 {
                self.0.a
            }

            /// Second parameter of the probabilities of leaving.
            pub fn b(&self) -> f64 {
                self.0.b
            }

            /// The log-likelihood of one history in ticks, as the fit adds it up: without the constant
            /// `t_x^(x - 1) / (x - 1)!`.
            pub fn log_likelihood(&self, history: &History) -> f64 {
                self.0.log_likelihood(history)
            }
        }

        impl Parametric for $model {
            fn parameters(&self) -> Vec<Parameter> {
                self.0.parameters()
            }

            fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
                self.0.with_values(values).map(Self)
            }
        }

        impl AliveProbability for $model {
            fn tick(&self) -> Tick {
                self.0.tick
            }

            fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
                self.0.p_alive_into(rows, out);
            }
        }

        impl PurchaseForecast for $model {
            /// Without end it is finite where a > 1 and infinite otherwise: then too many are likely never
            /// to leave.
            fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
                self.0.expected_purchases_into(rows, horizon, out);
            }

            fn expected_purchases(&self, people: &dyn Histories, horizon: Horizon) -> Vec<f64> {
                self.0.expected_purchases(people, horizon)
            }

            fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
                self.0.expected_purchases_new(horizon)
            }
        }

        impl PurchaseDistribution for $model {
            fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]) {
                self.0.distribution_into(history, horizon, out);
            }

            fn distribution_new_into(&self, horizon: Horizon, out: &mut [f64]) {
                self.0.distribution_into(&History::default(), horizon, out);
            }
        }

        impl DiscountedPurchases for $model {
            fn discounted_purchases_into(&self, rows: &[History], rate: Rate, out: &mut [f64]) {
                self.0.discounted_purchases_into(rows, rate.continuous_per(self.0.tick), out);
            }

            fn discounted_purchases(&self, people: &dyn Histories, rate: Rate) -> Result<Vec<f64>, Error> {
                check_discount(rate)?;
                Ok(self.0.discounted_purchases(people, rate.continuous_per(self.0.tick)))
            }
        }

        #[cfg(feature = "serde")]
        impl From<$model> for Saved {
            fn from(model: $model) -> Self {
                model.0.into()
            }
        }

        #[cfg(feature = "serde")]
        impl TryFrom<Saved> for $model {
            type Error = Error;

            fn try_from(saved: Saved) -> Result<Self, Error> {
                saved.read($leaving).map(Self)
            }
        }
    };
}
pub(super) use beta_geometric_model;
