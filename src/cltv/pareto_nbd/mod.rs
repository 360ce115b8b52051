//! Pareto/NBD: customers buy at random, each at a rate of their own, until they leave, each at a rate of
//! their own and unseen (Schmittlein, Morrison & Colombo 1987, "Counting Your Customers").

mod alive;
mod distribution;
mod forecast;
mod law;
mod likelihood;
mod model;

use self::law::Law;
pub(super) use self::likelihood::Rows;
pub use self::model::ParetoNbdModel;
use super::{Collapsed, Needs, Prior, bounds, search};
use crate::{
    error::Error,
    model::{Fit, PurchaseEstimator, Readiness},
    summary::Histories,
};

/// Learns a [`ParetoNbdModel`] by maximum likelihood.
///
/// # Method
/// Newton's method over ln r, ln α, ln s and ln β, with the exact gradient and Hessian; the integral of the
/// likelihood is reckoned by quadrature of positive terms, and is finite for every history. Equal histories
/// are one row with a weight.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::ParetoNbd,
///     domain::{Currency, Day, Horizon, Tick},
///     model::{PurchaseEstimator, PurchaseForecast},
///     simulate::{Cohort, Population, Process, Spend},
///     summary::Observation,
/// };
///
/// let first = Day::ymd(2024, 1, 1)?;
/// let shop = Population::new(
///     Cohort::new(500, first, first.plus(83))?,
///     Process::pareto_nbd(0.55, 10.6, 0.61, 11.7, Tick::Week)?,
///     Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::EUR)?,
///     first.plus(365),
///     7,
/// )?;
/// let people = Observation::until(shop.end()).every(Tick::Week).summarise(&shop.ledger()?)?;
///
/// let fit = ParetoNbd::default().fit(&people)?;
/// assert!(fit.stop().is_converged());
/// let next_quarter = fit.model.expected_purchases(&people, Horizon::weeks(13));
/// assert_eq!(next_quarter.len(), people.len());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ParetoNbd {
    pub(super) priors: [Option<Prior>; 4],
    needs: Needs,
}

/// The parameters, in the order of the paper.
const NAMES: [&str; 4] = ["r", "alpha", "s", "beta"];

impl ParetoNbd {
    /// States what is known of a parameter (`r`, `alpha`, `s` or `beta`) beforehand; `alpha` and `beta` are in
    /// the tick of the histories.
    ///
    /// # Errors
    /// If the model has no such parameter.
    pub fn prior(mut self, parameter: &str, prior: Prior) -> Result<Self, Error> {
        bounds::set_prior(&mut self.priors, NAMES, parameter, prior, "is none of r, alpha, s, beta")?;
        Ok(self)
    }

    /// How much data a fit should rest on.
    #[must_use]
    pub fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }
}

impl PurchaseEstimator for ParetoNbd {
    type Model = ParetoNbdModel;

    fn name(&self) -> &'static str {
        "Pareto/NBD"
    }

    fn readiness(&self, people: &dyn Histories) -> Readiness {
        self.needs.grade(people)
    }

    fn fit(&self, people: &dyn Histories) -> Result<Fit<ParetoNbdModel>, Error> {
        let rows = Collapsed::of(people)?;
        let mut priors = self.priors;
        for at in [1, 3] {
            priors[at] = priors[at].map(|prior| prior.lowered(rows.scale.ln()));
        }
        let found = search::maximise(&rows, Rows, &starts(&rows), &priors);
        let model = ParetoNbdModel::found(rows.tick, &found.at, rows.scale);
        Ok(Fit::of(model, found.record(&rows, self.readiness(people))))
    }
}

/// Where to begin: the rate of purchases as it was seen, and customers who leave early or late.
pub(super) fn starts(rows: &Collapsed) -> Vec<Vec<f64>> {
    let rate = rows.repeats().max(0.5) / rows.customers;
    let start = |r: f64, s: f64, beta: f64| {
        let stay = Law { r, alpha: 1.0, s, beta }.time_as_customer(1.0);
        [r, r * stay / rate, s, beta].map(f64::ln).to_vec()
    };
    vec![start(0.5, 0.5, 0.3), start(1.0, 1.0, 1.0)]
}
