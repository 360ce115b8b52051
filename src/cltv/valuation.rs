//! The value to come: purchases expected, times what one comes to, at a margin, each discounted.

use std::fmt;

use super::NaiveValue;
use crate::{
    domain::{Horizon, Money, Rate, Tick},
    error::{Error, ErrorKind},
    math::parallel,
    model::{
        DiscountedPurchases, LifetimeValue, Margin, PurchaseForecast, Readiness, SpendForecast, Terms,
        Values, check_coverage,
    },
    summary::{Histories, History, Spend, Spends, Summaries},
};

/// Values customers by a model of purchases and one of spend.
///
/// Beside each value with an end stands the [naive](NaiveValue) one. By default over
/// [365 days](Self::HORIZON), discounted by [10 % a year](Self::DISCOUNT), at the full revenue: all of it is
/// stated on the [`Values`].
///
/// # Formula
/// ```text
/// value = margin * E[spend] * sum over steps k of (E[Y(t_k)] - E[Y(t_(k-1))]) / (1 + d)^(t_k)
/// ```
/// `t_k` is the end of step `k`, a [`Tick`] each (a month, unless another is asked for), the last one cut
/// short by the horizon: purchases within a step are discounted as if made at its end, as in lifetimes and
/// pymc-marketing. Without an end it is margin times spend times the discounted expected residual
/// transactions (DERT; Fader, Hardie & Lee, 2005), discounted continuously.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::Valuation,
///     domain::{Horizon, Rate},
///     model::{LifetimeValue, Margin, PurchaseForecast, SpendForecast, Values},
///     summary::Summaries,
/// };
///
/// fn value(
///     buying: &dyn PurchaseForecast,
///     spend: &dyn SpendForecast,
///     people: &Summaries,
/// ) -> Result<Values, patronage::Error> {
///     Valuation::new(buying, spend)
///         .horizon(Horizon::months(12))
///         .discount(Rate::yearly(0.12)?)
///         .margin(Margin::share(0.35)?)
///         .value(people)
/// }
/// ```
#[derive(Clone)]
pub struct Valuation<'a> {
    pub(super) models: Models<'a>,
    /// `None` where the people's own repeat spend is.
    spends: Option<&'a dyn Spends>,
    pub(super) draws: Vec<Models<'a>>,
    pub(super) coverage: f64,
    /// `None` where the horizon is the default.
    horizon: Option<Horizon>,
    discount: Rate,
    margin: Margin,
    step: Tick,
    /// Paid for each tick, as long as the customer is one.
    pub(super) upkeep: Option<(Money, Tick)>,
}

impl fmt::Debug for Valuation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (draws, step) = (self.draws.len(), self.step);
        f.debug_struct("Valuation")
            .field("terms", &self.terms())
            .field("step", &step)
            .field("cost_to_serve", &self.upkeep)
            .field("draws", &draws)
            .finish_non_exhaustive()
    }
}

/// What is expected of a customer is a matter of both.
#[derive(Clone, Copy)]
pub(super) struct Models<'a> {
    pub(super) buying: &'a dyn PurchaseForecast,
    /// The same model, if it can look without end.
    pub(super) endless: Option<&'a dyn DiscountedPurchases>,
    pub(super) spend: &'a dyn SpendForecast,
}

impl<'a> Valuation<'a> {
    /// The horizon, unless another is asked for: 365 days.
    pub const HORIZON: Horizon = Horizon::days(365);

    /// The discount a year, unless another is asked for: 10 %.
    pub const DISCOUNT: Rate = Rate::TENTH_A_YEAR;

    /// By a model of purchases and one of spend.
    pub fn new(buying: &'a dyn PurchaseForecast, spend: &'a dyn SpendForecast) -> Self {
        Self::of(Models { buying, endless: None, spend })
    }

    /// The same without end, by a model that can discount endless purchases (until a
    /// [horizon](Self::horizon) is asked for).
    pub fn endless(buying: &'a dyn DiscountedPurchases, spend: &'a dyn SpendForecast) -> Self {
        Self::of(Models { buying, endless: Some(buying), spend }).horizon(Horizon::endless())
    }

    fn of(models: Models<'a>) -> Self {
        Self {
            models,
            spends: None,
            draws: Vec::new(),
            coverage: 0.0,
            horizon: None,
            discount: Self::DISCOUNT,
            margin: Margin::ALL,
            step: Tick::Month,
            upkeep: None,
        }
    }

    /// Rows of spend to score by, one for each customer in the order of the table, instead of the repeat
    /// spend of the customers.
    ///
    /// So a model of margins ([`TwoPart`](super::TwoPart), [`NormalNormal`](super::NormalNormal)) values
    /// customers by the [margins of their
    /// purchases](crate::summary::SpendTable::of_purchase_margins); leave the [margin](Self::margin) at all
    /// of it then. What was realised and the naive value stay shares of revenue all the same.
    #[must_use]
    pub fn spends(self, rows: &'a dyn Spends) -> Self {
        Self { spends: Some(rows), ..self }
    }

    /// How far ahead.
    #[must_use]
    pub fn horizon(self, horizon: Horizon) -> Self {
        Self { horizon: Some(horizon), ..self }
    }

    /// How much less money is worth the later it comes.
    #[must_use]
    pub fn discount(self, discount: Rate) -> Self {
        Self { discount, ..self }
    }

    /// The share of revenue that counts: stated, or [known from costs](Margin::known).
    #[must_use]
    pub fn margin(self, margin: Margin) -> Self {
        Self { margin, ..self }
    }

    /// The steps at whose ends purchases are discounted; a month by default.
    #[must_use]
    pub fn step(self, step: Tick) -> Self {
        Self { step, ..self }
    }

    /// What it costs to serve a customer for a tick, whether they buy or not. It is charged at the ends of
    /// the steps and discounted like revenue, times the customer's P(alive) as of now. Whoever leaves later
    /// costs less, so this is the most that serving them may cost; a value may fall below zero by it.
    #[must_use]
    pub fn cost_to_serve(self, cost: Money, per: Tick) -> Self {
        Self { upkeep: Some((cost, per)), ..self }
    }

    /// Adds an interval: models that the data might as well have given, from
    /// [`Fit::draws`](crate::model::Fit::draws), pair by pair. The interval spans the middle `coverage` of
    /// the values they give. It speaks of what is not known of the parameters, not of how a single customer
    /// strays from what is expected.
    ///
    /// # Errors
    /// If there are not as many models of spend as of purchases, fewer than [20](Self::LEAST_DRAWS), or
    /// `coverage` is not between 0 and 1.
    pub fn uncertain<B, S>(self, buying: &'a [B], spend: &'a [S], coverage: f64) -> Result<Self, Error>
    where
        B: PurchaseForecast,
        S: SpendForecast,
    {
        let buying = buying.iter().map(|buying| (buying as &dyn PurchaseForecast, None));
        self.with_draws(buying, spend, coverage)
    }

    /// As [`uncertain`](Self::uncertain), for a valuation [without end](Self::endless).
    ///
    /// # Errors
    /// As [`uncertain`](Self::uncertain).
    pub fn uncertain_endless<B, S>(
        self,
        buying: &'a [B],
        spend: &'a [S],
        coverage: f64,
    ) -> Result<Self, Error>
    where
        B: DiscountedPurchases,
        S: SpendForecast,
    {
        let both =
            |buying: &'a B| (buying as &dyn PurchaseForecast, Some(buying as &dyn DiscountedPurchases));
        self.with_draws(buying.iter().map(both), spend, coverage)
    }

    /// Fewer models say nothing of the ends of an interval.
    pub const LEAST_DRAWS: usize = 20;

    fn with_draws<S: SpendForecast>(
        self,
        buying: impl ExactSizeIterator<Item = (&'a dyn PurchaseForecast, Option<&'a dyn DiscountedPurchases>)>,
        spend: &'a [S],
        coverage: f64,
    ) -> Result<Self, Error> {
        check_coverage(coverage)?;
        let (expected, found) = (buying.len(), spend.len());
        if expected != found {
            return Err(ErrorKind::Length { what: "draws of spend", expected, found }.into());
        }
        if found < Self::LEAST_DRAWS {
            return Err(Error::parameter("draws", found, "must be 20 or more for an interval"));
        }
        let pairs = buying.zip(spend);
        let draws = pairs.map(|((buying, endless), spend)| Models { buying, endless, spend }).collect();
        Ok(Self { draws, coverage, ..self })
    }

    /// Horizon, discount and margin.
    pub fn terms(&self) -> Terms {
        let horizon = self.horizon.unwrap_or(Self::HORIZON);
        Terms { horizon, discount: self.discount, margin: self.margin }
    }
}

impl LifetimeValue for Valuation<'_> {
    /// # Errors
    /// [`ErrorKind::Currency`] if spend, cost and customers are not in one currency; [`ErrorKind::Length`] if
    /// there are not as many [rows of spend](Valuation::spends) as customers; if the horizon has no
    /// end and the model cannot look without one, or the discount is not above 0, or there is a cost to
    /// serve; if the horizon has more than 10,000 steps; [`ErrorKind::Overflow`] if a value does not fit.
    fn value(&self, people: &Summaries) -> Result<Values, Error> {
        self.check(people)?;
        let plan = self.plan()?;
        let blocks: Vec<usize> = (0..people.len()).step_by(BLOCK).collect();
        let parts = parallel::map_with(blocks, Room::default, |room, first| {
            let rows = BLOCK.min(people.len() - first);
            Block { people, first, rows }.value(self, &plan, room)
        });
        let (mut to_come, mut low, mut high) = (Vec::with_capacity(people.len()), Vec::new(), Vec::new());
        for part in parts {
            let part = part?;
            to_come.extend(part.to_come);
            low.extend(part.low);
            high.extend(part.high);
        }
        let mut values = Values::new(people, self.terms(), to_come)?.graded(self.readiness(people));
        // Without an end, or beyond what fits, the naive rule has no answer.
        if let Ok(naive) = NaiveValue::of(people, self.terms().horizon) {
            values =
                values.beside(naive.values().iter().map(|value| self.margin.of(value.minor())).collect())?;
        }
        if self.draws.is_empty() { Ok(values) } else { values.interval(self.coverage, low, high) }
    }
}

impl Valuation<'_> {
    fn check(&self, people: &Summaries) -> Result<(), Error> {
        let of_draws = self.draws.iter().map(|models| models.spend.currency());
        let of_rows = self.spends.iter().map(|rows| rows.currency());
        let of_cost = self.upkeep.iter().map(|(cost, _)| cost.currency());
        let mut others = of_draws.chain(of_rows).chain(of_cost).chain([self.models.spend.currency()]);
        others.try_for_each(|currency| people.currency().require(currency))?;
        let (expected, found) = (people.len(), self.spends.map_or(people.len(), Spends::len));
        if expected != found {
            return Err(ErrorKind::Length { what: "rows of spend", expected, found }.into());
        }
        Ok(())
    }

    /// Nobody was seen for so long as the default horizon looks ahead: then the models guess, unless they
    /// were asked to.
    fn readiness(&self, people: &Summaries) -> Readiness {
        let first = people.first_days().iter().min();
        let seen = first.map_or(0, |&first| people.as_of().since(first).unsigned_abs());
        let needed = Self::HORIZON.in_ticks(Tick::Day);
        if self.horizon.is_some() || people.is_empty() || f64::from(seen) >= needed {
            return Readiness::Ready;
        }
        let why = "the horizon is longer than the history, in days".to_owned();
        Readiness::Degraded { why, needed: 365, found: seen.into() }
    }
}

/// How purchases are discounted.
pub(super) enum Plan {
    /// The ends of the steps, with what money is worth then.
    Steps(Vec<(Horizon, f64)>),
    /// Continuously, without end.
    Endless(Rate),
}

/// No valuation needs more: 27 years of days, 190 of weeks.
const MOST_STEPS: f64 = 10_000.0;

impl Valuation<'_> {
    /// # Errors
    /// If the horizon has too many steps, or has no end and one of the models needs one.
    pub(super) fn plan(&self) -> Result<Plan, Error> {
        let Terms { horizon, discount, .. } = self.terms();
        let refused = |value: &str, rule| Err(Error::parameter("horizon", value, rule));
        let steps = horizon.in_ticks(self.step).ceil();
        if steps <= MOST_STEPS {
            let worth = |end: Horizon| (-discount.continuous_per(Tick::Day) * end.in_ticks(Tick::Day)).exp();
            #[allow(clippy::cast_sign_loss, reason = "from 0 to the most steps")]
            let whole = (1..steps as u32).map(|count| ahead(count, self.step));
            let last = (steps > 0.0).then_some(horizon);
            return Ok(Plan::Steps(whole.chain(last).map(|end| (end, worth(end))).collect()));
        }
        if steps.is_finite() {
            return refused("finite", "has more than 10,000 steps: take longer steps, or no end");
        }
        let mut all = self.draws.iter().chain([&self.models]);
        if all.any(|models| models.endless.is_none()) {
            return refused("endless", "needs a model with discounted purchases: Valuation::endless");
        }
        if self.upkeep.is_some() {
            return refused("endless", "has no end to the cost to serve");
        }
        if !(discount.per(Tick::Year) > 0.0) {
            return Err(Error::parameter("discount", discount.per(Tick::Year), "a year must be above 0"));
        }
        Ok(Plan::Endless(discount))
    }
}

/// Purchases of a step. What is no number stays none.
pub(super) fn made(at: f64, before: f64) -> f64 {
    if at < before { 0.0 } else { at - before }
}

fn ahead(count: u32, tick: Tick) -> Horizon {
    match tick {
        Tick::Day => Horizon::days(count),
        Tick::Week => Horizon::weeks(count),
        Tick::Month => Horizon::months(count),
        Tick::Year => Horizon::years(count),
    }
}

/// Customers valued at a time.
const BLOCK: usize = 1024;

/// Room for a block, kept from one to the next.
#[derive(Default)]
struct Room {
    histories: Vec<History>,
    spends: Vec<Spend>,
    each: Vec<f64>,
    at: Vec<f64>,
    before: Vec<f64>,
    purchases: Vec<f64>,
    alive: Vec<f64>,
    /// Values by draw, then by customer.
    drawn: Vec<f64>,
}

impl Room {
    fn of(&mut self, rows: usize) {
        self.histories.resize(rows, History::default());
        self.spends.resize(rows, Spend::default());
        for column in [&mut self.each, &mut self.at, &mut self.before, &mut self.purchases, &mut self.alive] {
            column.resize(rows, 0.0);
        }
    }
}

/// What a block of customers comes to, in minor units.
struct Valued {
    to_come: Vec<i64>,
    low: Vec<i64>,
    high: Vec<i64>,
}

struct Block<'a> {
    people: &'a Summaries,
    first: usize,
    rows: usize,
}

impl Block<'_> {
    fn value(&self, of: &Valuation<'_>, plan: &Plan, room: &mut Room) -> Result<Valued, Error> {
        room.of(self.rows);
        of.spends.unwrap_or(self.people).read(self.first, &mut room.spends);
        let mut expected = vec![0.0; self.rows];
        self.worth(of, &of.models, plan, room, &mut expected);
        let to_come = expected.iter().map(|&major| self.minor(major)).collect::<Result<_, _>>()?;
        let (mut low, mut high) = (Vec::new(), Vec::new());
        if !of.draws.is_empty() {
            let mut drawn = std::mem::take(&mut room.drawn);
            drawn.resize(self.rows * of.draws.len(), 0.0);
            for (models, out) in of.draws.iter().zip(drawn.chunks_mut(self.rows)) {
                self.worth(of, models, plan, room, out);
            }
            let mut column = vec![0.0; of.draws.len()];
            for row in 0..self.rows {
                let of_row = drawn.iter().skip(row).step_by(self.rows);
                column.iter_mut().zip(of_row).for_each(|(to, &value)| *to = value);
                column.sort_unstable_by(f64::total_cmp);
                low.push(self.minor(quantile(&column, 0.5 - of.coverage / 2.0))?);
                high.push(self.minor(quantile(&column, 0.5 + of.coverage / 2.0))?);
            }
            room.drawn = drawn;
        }
        Ok(Valued { to_come, low, high })
    }

    /// Writes the value of each customer in major units.
    fn worth(&self, of: &Valuation<'_>, models: &Models<'_>, plan: &Plan, room: &mut Room, out: &mut [f64]) {
        Histories::read(self.people, self.first, models.buying.tick(), &mut room.histories);
        let Room { histories, spends, each, at, before, purchases, alive, .. } = room;
        models.spend.expected_spend_into(spends, each);
        match plan {
            Plan::Endless(rate) => {
                if let Some(endless) = models.endless {
                    endless.discounted_purchases_into(histories, *rate, purchases);
                }
            }
            Plan::Steps(steps) => {
                purchases.fill(0.0);
                before.fill(0.0);
                for &(end, worth) in steps {
                    models.buying.expected_purchases_into(histories, end, at);
                    for ((sum, &at), before) in purchases.iter_mut().zip(&*at).zip(&mut *before) {
                        *sum += worth * made(at, *before);
                        *before = at;
                    }
                }
            }
        }
        let margin = of.margin.get();
        for ((out, each), purchases) in out.iter_mut().zip(each).zip(purchases) {
            *out = margin * *each * *purchases;
        }
        let upkeep = of.upkeep_over(plan);
        if upkeep != 0.0 {
            models.buying.p_alive_into(histories, alive);
            out.iter_mut().zip(alive).for_each(|(out, alive)| *out -= upkeep * *alive);
        }
    }

    /// Rounded half away from zero.
    fn minor(&self, major: f64) -> Result<i64, Error> {
        to_minor(major, self.people.currency().minor_per_major())
    }
}

/// # Errors
/// If the amount is no number or does not fit.
pub(super) fn to_minor(major: f64, per_major: i64) -> Result<i64, Error> {
    let minor = (major * per_major as f64).round();
    // 2^63, the first that does not fit.
    if minor.abs() < 9_223_372_036_854_775_808.0 {
        return Ok(minor as i64);
    }
    if minor.is_nan() {
        return Err(Error::parameter("lifetime value", major, "is no number: a model gave none"));
    }
    Err(ErrorKind::Overflow { what: "lifetime value" }.into())
}

impl Valuation<'_> {
    /// What a customer who stays costs over the horizon, discounted, in major units.
    pub(super) fn upkeep_over(&self, plan: &Plan) -> f64 {
        let (Some((cost, per)), Plan::Steps(steps)) = (self.upkeep, plan) else {
            return 0.0;
        };
        let mut before = 0.0;
        let ticks = steps.iter().map(|&(end, worth)| {
            let at = end.in_ticks(per);
            let paid = worth * (at - before);
            before = at;
            paid
        });
        cost.major() * ticks.sum::<f64>()
    }
}

/// Of type 7, of a sorted column.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len().saturating_sub(1)) as f64;
    #[allow(clippy::cast_sign_loss, reason = "a share of a length")]
    let below = place.floor() as usize;
    let low = sorted.get(below).copied().unwrap_or(0.0);
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (place - below as f64)
}
