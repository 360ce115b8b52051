//! Models that a host brings: customers who never leave (negative binomial), and a spend that is always the
//! mean of what was seen. Everything has a closed form.

pub(crate) mod story;

use patronage::{
    domain::{Columns, Currency, Day, Horizon, Ledger, Policies, Rate, Tick},
    model::{AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseForecast, SpendForecast},
    summary::{History, Observation, Spend, Summaries},
};

/// Purchases at a rate that is gamma distributed, of shape `r` and rate `alpha` ticks, and nobody leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steady {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) tick: Tick,
}

impl Steady {
    pub(crate) fn weekly() -> Self {
        Self { r: 0.5, alpha: 9.0, tick: Tick::Week }
    }

    pub(crate) fn rate(&self, row: &History) -> f64 {
        (self.r + f64::from(row.repeats())) / (self.alpha + row.age())
    }
}

impl AliveProbability for Steady {
    fn tick(&self) -> Tick {
        self.tick
    }

    fn p_alive_into(&self, _: &[History], out: &mut [f64]) {
        out.fill(1.0);
    }
}

impl PurchaseForecast for Steady {
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        for (out, row) in out.iter_mut().zip(rows) {
            *out = self.rate(row) * horizon.in_ticks(self.tick);
        }
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.r / self.alpha * horizon.in_ticks(self.tick)
    }
}

impl PurchaseDistribution for Steady {
    fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]) {
        let (shape, scale) = (self.r + f64::from(history.repeats()), self.alpha + history.age());
        let none = scale / (scale + horizon.in_ticks(self.tick));
        let mut likely = none.powf(shape);
        for (count, out) in (0_u32..).zip(out) {
            *out = likely;
            likely *= (shape + f64::from(count)) / f64::from(count + 1) * (1.0 - none);
        }
    }

    fn distribution_new_into(&self, horizon: Horizon, out: &mut [f64]) {
        self.distribution_into(&History::default(), horizon, out);
    }
}

impl DiscountedPurchases for Steady {
    fn discounted_purchases_into(&self, rows: &[History], rate: Rate, out: &mut [f64]) {
        for (out, row) in out.iter_mut().zip(rows) {
            *out = self.rate(row) / rate.continuous_per(self.tick);
        }
    }
}

/// What was spent before is spent again; 10 by whoever bought once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again(pub(crate) Currency);

impl SpendForecast for Again {
    fn currency(&self) -> Currency {
        self.0
    }

    fn expected_spend_into(&self, rows: &[Spend], out: &mut [f64]) {
        for (out, row) in out.iter_mut().zip(rows) {
            *out = if row.purchases() > 0 { row.mean() } else { 10.0 };
        }
    }
}

/// The same forecast for everybody, whatever it is, now and in the beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Always(pub(crate) f64);

impl AliveProbability for Always {
    fn tick(&self) -> Tick {
        Tick::Day
    }

    fn p_alive_into(&self, _: &[History], out: &mut [f64]) {
        out.fill(self.0);
    }
}

impl PurchaseForecast for Always {
    fn expected_purchases_into(&self, _: &[History], _: Horizon, out: &mut [f64]) {
        out.fill(self.0);
    }

    fn expected_purchases_new(&self, _: Horizon) -> f64 {
        self.0
    }
}

impl PurchaseDistribution for Always {
    fn distribution_into(&self, _: &History, _: Horizon, out: &mut [f64]) {
        out.fill(self.0);
    }

    fn distribution_new_into(&self, _: Horizon, out: &mut [f64]) {
        out.fill(self.0);
    }
}

/// The first three customers of the CDNOW sample as of its week 39: 2, 1 and no repeat purchases, of 22.35
/// and 11.77 dollars on average.
pub(crate) fn three() -> Ledger {
    let first = Day::ymd(1997, 1, 1).unwrap();
    let days = [0, 100, 213, 0, 12, 0].map(|day| first.plus(day));
    let columns = Columns::new(&[1_u64, 1, 1, 2, 2, 3][..], &days, &[2933, 2235, 2235, 6334, 1177, 679]);
    Ledger::from_columns(Currency::USD, &columns, Policies::default()).unwrap()
}

pub(crate) fn summaries_of_three(tick: Tick) -> Summaries {
    let end = Day::ymd(1997, 9, 30).unwrap();
    Observation::until(end).every(tick).summarise(&three()).unwrap()
}
