//! What the model says of customers, and of those to come.

use super::{
    ParetoNbdModel,
    law::{Ends, Law},
};
use crate::{
    domain::{Horizon, Rate, Tick},
    math::{
        lanes::{self, LANES, Lanes, each, gather},
        quadrature::laplace_power,
    },
    model::{AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseForecast},
    summary::History,
};

impl Law {
    /// Expected time as a customer within t of now: the integral of (1+u/β)^-s over u from 0 to t.
    pub(super) fn time_as_customer(&self, t: f64) -> f64 {
        let length = (t / self.beta).ln_1p();
        let growth = 1.0 - self.s;
        // At s = 1 both vanish, and their ratio is the length.
        let relative = if growth == 0.0 { length } else { (growth * length).exp_m1() / growth };
        self.beta * relative
    }

    /// E[X(t)].
    pub(super) fn expected(&self, t: f64) -> f64 {
        self.r / self.alpha * self.time_as_customer(t)
    }

    /// The same without end, discounted at a continuous rate.
    fn discounted(&self, rate: f64) -> f64 {
        let time = if rate > 0.0 {
            laplace_power(self.s, self.beta, rate)
        } else if rate < 0.0 {
            f64::INFINITY
        } else {
            self.time_as_customer(f64::INFINITY)
        };
        self.r / self.alpha * time
    }

    /// What is known of a customer after a history, if still there.
    pub(super) fn after(&self, history: &History) -> Self {
        let Self { r, alpha, s, beta } = *self;
        let (x, age) = (f64::from(history.repeats()), history.age());
        Self { r: r + x, alpha: alpha + age, s, beta: beta + age }
    }

    pub(super) fn ends_of(&self, history: &History) -> Ends {
        self.ends(self.r + f64::from(history.repeats()), history.recency(), history.age())
    }

    /// Makes of each P(alive) what is expected of who is alive, times it; of who surely left nothing,
    /// however much that were.
    fn weigh(&self, rows: &[History], p_alive: &mut [f64], expected: impl Fn(&Self) -> f64) {
        for (row, out) in rows.iter().zip(p_alive) {
            *out = if *out > 0.0 { *out * expected(&self.after(row)) } else { 0.0 };
        }
    }

    /// The same for [`Law::expected`], eight rows at a time, for t up to [`LONGEST`] β.
    fn weigh_expected(&self, rows: &[History], p_alive: &mut [f64], t: f64) {
        lanes::answer(
            rows,
            p_alive,
            #[inline(always)]
            |rows, out| {
                let expected = self.expected_of(rows, t);
                out.iter_mut().zip(expected).for_each(|(out, expected)| *out *= expected);
            },
        );
    }

    #[inline(always)]
    fn expected_of(&self, rows: &[History; LANES], t: f64) -> Lanes {
        let growth = 1.0 - self.s;
        let a = gather(rows, |row| self.r + f64::from(row.repeats()));
        let age = gather(rows, History::age);
        let length = lanes::ln_1p(&each(&age, |age| t / (self.beta + age)));
        let relative = if growth == 0.0 {
            length
        } else {
            each(&lanes::exp_m1(&each(&length, |length| growth * length)), |grown| grown / growth)
        };
        let mut expected = [0.0; LANES];
        for at in 0..LANES {
            expected[at] = a[at] / (self.alpha + age[at]) * ((self.beta + age[at]) * relative[at]);
        }
        expected
    }
}

/// [`lanes`] serve times up to so many β.
const LONGEST: f64 = 1e300;

impl AliveProbability for ParetoNbdModel {
    fn tick(&self) -> Tick {
        self.tick
    }

    fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
        self.law.p_alive_into(rows, out);
    }
}

impl PurchaseForecast for ParetoNbdModel {
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        let t = horizon.in_ticks(self.tick);
        self.law.p_alive_into(rows, out);
        if t / self.law.beta <= LONGEST {
            self.law.weigh_expected(rows, out, t);
        } else {
            self.law.weigh(rows, out, |law| law.expected(t));
        }
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.law.expected(horizon.in_ticks(self.tick))
    }
}

impl PurchaseDistribution for ParetoNbdModel {
    fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]) {
        out.fill(0.0);
        let ends = self.law.ends_of(history);
        if let Some(none) = out.first_mut() {
            *none = ends.left / ends.sum();
        }
        self.law.after(history).add_distribution(ends.p_alive(), horizon.in_ticks(self.tick), out);
    }

    fn distribution_new_into(&self, horizon: Horizon, out: &mut [f64]) {
        out.fill(0.0);
        self.law.add_distribution(1.0, horizon.in_ticks(self.tick), out);
    }
}

impl DiscountedPurchases for ParetoNbdModel {
    fn discounted_purchases_into(&self, rows: &[History], rate: Rate, out: &mut [f64]) {
        let rate = rate.continuous_per(self.tick);
        self.law.p_alive_into(rows, out);
        self.law.weigh(rows, out, |law| law.discounted(rate));
    }
}
