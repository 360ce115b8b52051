//! Purchases to come, discounted (DERT).
//!
//! A [`Staying`] customer buys at time s ahead at the expected rate shape / rate E[(1 + p s / rate)^-(shape + 1)].
//! With u = s / rate = e^l - 1, the integral of it times e^(-δ s) is
//! shape ∫ e^l E[(1 + p u)^-(shape + 1)] e^(-δ rate u) dl. The mean over p depends on x alone, and serves all
//! rows of a block with the same x.

use super::{
    BetaGeometric, Staying,
    beta_rule::BetaRule,
    tables::{Kept, Shared},
};
use crate::{
    math::{
        lanes::{self, each},
        quadrature::{NODES, WEIGHTS},
    },
    summary::History,
};

/// Times u and the rates of purchase at them, times the weights of the quadrature.
pub(super) type Rates = Vec<(f64, f64)>;

pub(super) fn discounted_into(
    model: &BetaGeometric,
    rows: &[History],
    discount: f64,
    shared: &Shared<Rates>,
    out: &mut [f64],
) {
    let mut tables = Tables { kept: Kept::new(shared), rule: BetaRule::default() };
    model.p_alive_into(rows, out);
    for (row, out) in rows.iter().zip(out) {
        let staying = model.staying(row);
        // An endless number of purchases of nobody is none.
        *out = if *out > 0.0 { *out * tables.discounted(row, &staying, discount) } else { 0.0 };
    }
}

struct Tables<'a> {
    /// By x and the power of 2 below δ rate.
    kept: Kept<'a, Rates>,
    rule: BetaRule,
}

/// Beyond e^-45 a discounted purchase is none.
const END: f64 = 45.0;

impl Tables<'_> {
    fn discounted(&mut self, row: &History, staying: &Staying, discount: f64) -> f64 {
        if discount < 0.0 {
            return f64::INFINITY;
        }
        let decay = discount * staying.rate;
        if decay < f64::MIN_POSITIVE {
            return staying.all_purchases();
        }
        let power = decay.log2().floor() as i32;
        let Self { kept, rule } = self;
        let rates = kept.get((row.repeats(), power), || staying.rates(f64::from(power).exp2(), rule));
        rates.iter().map(|&(u, weight)| weight * (-decay * u).exp()).sum()
    }
}

impl Staying {
    /// For δ rate from `decay` to twice it.
    fn rates(&self, decay: f64, rule: &mut BetaRule) -> Rates {
        let end = (END / decay).ln_1p();
        let steep = (END / decay) * (1.0 + self.shape);
        rule.set(self.a, self.b, steep);
        let (mut start, mut width) = (0.0, 2.0 / (2.0 + self.shape + 2.0 * decay));
        let mut rates = Vec::new();
        while start < end {
            let panel = width.min(end - start);
            for (node, weight) in NODES.iter().zip(&WEIGHTS) {
                let log = start + panel * node;
                let u = log.exp_m1();
                let rate = rule.mean(|p| {
                    let log = lanes::ln_1p(&each(p, |p| p * u));
                    lanes::exp_or_0(&each(&log, |log| -(self.shape + 1.0) * log))
                });
                rates.push((u, self.shape * panel * weight * log.exp() * rate));
            }
            start += panel;
            width = (2.0 * width).min(1.0);
        }
        rates
    }
}
