//! How simulated customers buy, how they leave, and what they spend.

use super::chance::Chance;
use crate::{
    Error,
    domain::{Currency, Tick},
};

/// A gamma distribution by shape and rate: its mean is shape / rate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Gamma {
    shape: f64,
    rate: f64,
}

impl Gamma {
    pub(super) fn draw(self, chance: &mut Chance) -> f64 {
        (chance.ln_gamma(self.shape) - self.rate.ln()).exp()
    }
}

/// How customers buy and leave: a model of repeat buying, with its parameters and its unit of time.
///
/// In all of them a customer buys for the first time when they are won, then at random at a rate λ of their
/// own until they leave; λ is gamma distributed, of shape `r` and rate `alpha`, so that its mean is
/// `r / alpha` purchases a tick. They differ in how customers leave.
///
/// Every parameter lies between 1e-9 and 1e12.
///
/// # Example
/// ```
/// use patronage::{domain::Tick, simulate::Process};
///
/// let music = Process::pareto_nbd(0.5533, 10.578, 0.6062, 11.669, Tick::Week)?;
/// assert_eq!(music.tick(), Tick::Week);
/// assert!(Process::bg_nbd(0.24, 4.4, 0.79, f64::NAN, Tick::Week).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Process {
    pub(super) tick: Tick,
    pub(super) rate: Gamma,
    pub(super) leaving: LeavingLaw,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum LeavingLaw {
    AtAnyTime(Gamma),
    AfterPurchase { a: f64, b: f64, first_too: bool },
}

impl Process {
    /// Pareto/NBD (Schmittlein, Morrison & Colombo, 1987): customers leave at any time, at a rate μ of their
    /// own that is gamma distributed, of shape `s` and rate `beta`.
    ///
    /// # Errors
    /// If a parameter is not between 1e-9 and 1e12.
    pub fn pareto_nbd(r: f64, alpha: f64, s: f64, beta: f64, tick: Tick) -> Result<Self, Error> {
        let leaving = Gamma { shape: parameter("s", s)?, rate: parameter("beta", beta)? };
        Self::new(r, alpha, LeavingLaw::AtAnyTime(leaving), tick)
    }

    /// BG/NBD (Fader, Hardie & Lee, 2005): customers leave right after a repeat purchase, with a probability
    /// p of their own that is beta distributed.
    ///
    /// # Errors
    /// If a parameter is not between 1e-9 and 1e12.
    pub fn bg_nbd(r: f64, alpha: f64, a: f64, b: f64, tick: Tick) -> Result<Self, Error> {
        let (a, b) = (parameter("a", a)?, parameter("b", b)?);
        Self::new(r, alpha, LeavingLaw::AfterPurchase { a, b, first_too: false }, tick)
    }

    /// MBG/NBD (Batislam, Denizel & Filiztekin, 2007): as [`bg_nbd`](Self::bg_nbd), but customers may leave
    /// after the first purchase as well.
    ///
    /// # Errors
    /// If a parameter is not between 1e-9 and 1e12.
    pub fn mbg_nbd(r: f64, alpha: f64, a: f64, b: f64, tick: Tick) -> Result<Self, Error> {
        let (a, b) = (parameter("a", a)?, parameter("b", b)?);
        Self::new(r, alpha, LeavingLaw::AfterPurchase { a, b, first_too: true }, tick)
    }

    fn new(r: f64, alpha: f64, leaving: LeavingLaw, tick: Tick) -> Result<Self, Error> {
        let rate = Gamma { shape: parameter("r", r)?, rate: parameter("alpha", alpha)? };
        Ok(Self { tick, rate, leaving })
    }

    /// The unit of time of the parameters.
    pub fn tick(&self) -> Tick {
        self.tick
    }
}

/// What customers spend: each purchase is gamma distributed around a mean of the customer's own.
///
/// # Example
/// ```
/// use patronage::{domain::Currency, simulate::Spend};
///
/// let spend = Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::USD)?;
/// assert!((spend.mean().unwrap() - 35.21897810).abs() < 1e-8);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spend {
    pub(super) p: f64,
    pub(super) q: f64,
    pub(super) v: f64,
    pub(super) currency: Currency,
}

impl Spend {
    /// Gamma-Gamma (Fader & Hardie, 2013): an amount, in major units of the currency, is gamma distributed,
    /// of shape `p` and a rate ν of the customer's own; ν is gamma distributed, of shape `q` and rate `v`.
    /// A customer's mean spend is p / ν.
    ///
    /// # Errors
    /// If a parameter is not between 1e-9 and 1e12.
    pub fn gamma_gamma(p: f64, q: f64, v: f64, currency: Currency) -> Result<Self, Error> {
        Ok(Self { p: parameter("p", p)?, q: parameter("q", q)?, v: parameter("v", v)?, currency })
    }

    /// The mean over all customers, p v / (q - 1), in major units; `None` if it is infinite (q at most 1).
    pub fn mean(&self) -> Option<f64> {
        (self.q > 1.0).then(|| self.p * self.v / (self.q - 1.0))
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }
}

fn parameter(name: &'static str, value: f64) -> Result<f64, Error> {
    // NaN lies in no range.
    if (1e-9..=1e12).contains(&value) {
        return Ok(value);
    }
    Err(Error::parameter(name, value, "must be between 1e-9 and 1e12"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_refused_by_name() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
            let refused = [
                Process::pareto_nbd(bad, 1.0, 1.0, 1.0, Tick::Week).unwrap_err(),
                Process::pareto_nbd(1.0, 1.0, 1.0, bad, Tick::Week).unwrap_err(),
                Process::bg_nbd(1.0, 1.0, bad, 1.0, Tick::Week).unwrap_err(),
                Spend::gamma_gamma(1.0, 1.0, bad, Currency::EUR).unwrap_err(),
            ];
            for (error, name) in refused.iter().zip(["r", "beta", "a", "v"]) {
                assert_eq!(error.to_string(), format!("{name}: `{bad}` must be between 1e-9 and 1e12"));
            }
        }
        assert_eq!(Spend::gamma_gamma(1.0, 1.0, 1.0, Currency::EUR).unwrap().mean(), None);
    }
}
