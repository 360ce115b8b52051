//! What a customer won today is worth, beside what it costs to win one.

use super::valuation::{Models, Plan, Valuation, made, quantile, to_minor};
use crate::{
    domain::{Horizon, Money, Tick},
    error::Error,
    summary::{History, Spend},
};

/// A customer who buys for the first time today: the value of all purchases within the horizon, the first
/// among them, against the cost of winning them.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::Valuation,
///     domain::Money,
///     model::{PurchaseForecast, SpendForecast},
/// };
///
/// /// Whether to bid so much for a new customer: the usual rule asks for three times the cost.
/// fn worth_it(
///     buying: &dyn PurchaseForecast,
///     spend: &dyn SpendForecast,
///     bid: Money,
/// ) -> Result<bool, patronage::Error> {
///     let newcomer = Valuation::new(buying, spend).newcomer(bid)?;
///     Ok(newcomer.ratio().is_none_or(|ratio| ratio >= 3.0))
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Newcomer {
    /// What is expected within the horizon, discounted, at the margin, less the cost to serve; the first
    /// purchase counts in full.
    pub value: Money,
    /// The ends of the middle share of the values that [draws](Valuation::uncertain) give; `None` without draws.
    /// It speaks of what is not known of the parameters, not of how a single customer strays.
    pub interval: Option<[Money; 2]>,
    /// What it costs to win one.
    pub cost: Money,
    /// Days until what is expected of a newcomer, not discounted, has paid the cost, 0 if the first purchase
    /// does. `None` if that is not within the horizon, or not within 100 years.
    pub payback_days: Option<u32>,
}

impl Newcomer {
    /// CLTV to CAC: the value over the cost; `None` if winning one costs nothing.
    pub fn ratio(&self) -> Option<f64> {
        (self.cost.minor() > 0).then(|| self.value.minor() as f64 / self.cost.minor() as f64)
    }
}

/// In days, 100 years.
const LONGEST_PAYBACK: f64 = 36_525.0;

/// What is expected of one newcomer, in major units.
struct OfOne {
    /// Of a purchase, at the margin.
    each: f64,
    /// P(alive) after the first purchase.
    alive: f64,
    upkeep_a_day: f64,
}

impl Valuation<'_> {
    /// Sets the value of a new customer against the cost of winning one.
    ///
    /// # Errors
    /// If the cost is below zero or in another currency than the spend, if the
    /// [terms](crate::model::LifetimeValue::value) cannot be met, or the value does not fit.
    pub fn newcomer(&self, acquisition_cost: Money) -> Result<Newcomer, Error> {
        let currency = self.models.spend.currency();
        let costs = self.upkeep.iter().map(|(cost, _)| cost).chain([&acquisition_cost]);
        costs.map(|cost| cost.currency()).try_for_each(|of_cost| currency.require(of_cost))?;
        self.draws.iter().try_for_each(|models| currency.require(models.spend.currency()))?;
        if acquisition_cost.minor() < 0 {
            return Err(Error::parameter("acquisition cost", acquisition_cost, "must not be below zero"));
        }
        let plan = self.plan()?;
        let money = |major: f64| {
            to_minor(major, currency.minor_per_major()).map(|minor| Money::of_minor(minor, currency))
        };
        let mut drawn: Vec<f64> =
            self.draws.iter().map(|models| self.newcomer_value(models, &plan)).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let end = |share: f64| money(quantile(&drawn, share));
        let halves = [0.5 - self.coverage / 2.0, 0.5 + self.coverage / 2.0];
        Ok(Newcomer {
            value: money(self.newcomer_value(&self.models, &plan))?,
            interval: if drawn.is_empty() { None } else { Some([end(halves[0])?, end(halves[1])?]) },
            cost: acquisition_cost,
            payback_days: self.payback(acquisition_cost.major()),
        })
    }

    /// In major units.
    fn newcomer_value(&self, models: &Models<'_>, plan: &Plan) -> f64 {
        let of_one = self.of_one_newcomer(models);
        of_one.each * (1.0 + models.newcomer_purchases(plan)) - of_one.alive * self.upkeep_over(plan)
    }

    fn of_one_newcomer(&self, models: &Models<'_>) -> OfOne {
        let (mut each, mut alive) = ([0.0], [0.0]);
        models.spend.expected_spend_into(&[Spend::default()], &mut each);
        models.buying.p_alive_into(&[History::default()], &mut alive);
        let upkeep = self.upkeep.map_or(0.0, |(cost, per)| alive[0] * cost.major() / per.days());
        OfOne { each: self.terms().margin.get() * each[0], alive: alive[0], upkeep_a_day: upkeep }
    }

    fn payback(&self, cost: f64) -> Option<u32> {
        let horizon = self.terms().horizon.in_ticks(Tick::Day).min(LONGEST_PAYBACK);
        let of_one = self.of_one_newcomer(&self.models);
        let paid = |day: u32| {
            let purchases = 1.0 + self.models.buying.expected_purchases_new(Horizon::days(day));
            of_one.each * purchases - of_one.upkeep_a_day * f64::from(day) >= cost
        };
        #[allow(clippy::cast_sign_loss, reason = "from 0 to 100 years")]
        (0..=horizon as u32).find(|&day| paid(day))
    }
}

impl Models<'_> {
    /// Repeat purchases of a newcomer, discounted.
    fn newcomer_purchases(&self, plan: &Plan) -> f64 {
        match plan {
            Plan::Steps(steps) => {
                let mut before = 0.0;
                let discounted = steps.iter().map(|&(end, worth)| {
                    let at = self.buying.expected_purchases_new(end);
                    let discounted = worth * made(at, before);
                    before = at;
                    discounted
                });
                discounted.sum()
            }
            Plan::Endless(rate) => {
                let mut purchases = [0.0];
                if let Some(endless) = self.endless {
                    endless.discounted_purchases_into(&[History::default()], *rate, &mut purchases);
                }
                purchases[0]
            }
        }
    }
}
