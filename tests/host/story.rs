//! Customers simulated by the stories of the models, in time that is not cut into days.

use patronage::{
    cltv::Survivors,
    domain::{Currency, Tick},
    summary::{History, Spend, SpendTable},
};
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

pub(crate) type Chance = Xoshiro256PlusPlus;

pub(crate) fn chance(seed: u64) -> Chance {
    Chance::seed_from_u64(seed)
}

/// When customers leave: never, at a moment of their own, or after a purchase (the first among them or not).
#[derive(Clone, Copy)]
pub(crate) enum Leaving {
    Never,
    AtAnyTime { s: f64, beta: f64 },
    AfterPurchases { a: f64, b: f64, first: bool },
}

fn exponential(rate: f64, chance: &mut Chance) -> f64 {
    Exp::new(rate.max(1e-300)).unwrap().sample(chance)
}

/// One customer of a purchase rate gamma distributed with r and alpha, watched for `age`.
pub(crate) fn history(r: f64, alpha: f64, leaving: Leaving, age: f64, chance: &mut Chance) -> History {
    seen(&repeat_times(r, alpha, leaving, age, chance), age)
}

/// What is seen of a customer at an age.
pub(crate) fn seen(purchases: &[f64], age: f64) -> History {
    let repeats = purchases.partition_point(|&at| at <= age);
    let last = purchases[..repeats].last().copied().unwrap_or(0.0);
    History::new(repeats as u32, last, age).unwrap()
}

/// When one customer buys again, counted from the first purchase, until a day.
pub(crate) fn repeat_times(
    r: f64,
    alpha: f64,
    leaving: Leaving,
    until: f64,
    chance: &mut Chance,
) -> Vec<f64> {
    let rate = Gamma::new(r, alpha.recip()).unwrap().sample(chance);
    let (mut end, mut quits, mut before_first) = (until, 0.0, false);
    match leaving {
        Leaving::Never => {}
        Leaving::AtAnyTime { s, beta } => {
            let leaves = Gamma::new(s, beta.recip()).unwrap().sample(chance);
            end = end.min(exponential(leaves, chance));
        }
        Leaving::AfterPurchases { a, b, first } => {
            quits = Beta::new(a, b).unwrap().sample(chance);
            before_first = first && chance.gen_bool(quits);
        }
    }
    let (mut times, mut last) = (Vec::new(), 0.0);
    while !before_first && times.len() < 10_000 {
        last += exponential(rate, chance);
        if last > end {
            break;
        }
        times.push(last);
        if chance.gen_bool(quits) {
            break;
        }
    }
    times
}

pub(crate) fn size(from: f64, to: f64, chance: &mut Chance) -> f64 {
    chance.gen_range(from.ln()..to.ln()).exp()
}

/// One customer at whole opportunities, whose chances to buy and to leave are beta distributed.
pub(crate) fn opportunities(
    [alpha, beta, gamma, delta]: [f64; 4],
    seen: u32,
    chance: &mut Chance,
) -> History {
    let buys = Beta::new(alpha, beta).unwrap().sample(chance);
    let leaves = Beta::new(gamma, delta).unwrap().sample(chance);
    let (mut repeats, mut last) = (0, 0);
    for opportunity in 1..=seen {
        if chance.gen_bool(leaves) {
            break;
        }
        if chance.gen_bool(buys) {
            (repeats, last) = (repeats + 1, opportunity);
        }
    }
    History::new(repeats, last.into(), seen.into()).unwrap()
}

/// A cohort's customers left after each of some periods, whose chance to leave is beta distributed.
pub(crate) fn contracts(
    [alpha, beta]: [f64; 2],
    customers: u64,
    periods: u32,
    chance: &mut Chance,
) -> Survivors {
    let mut left = vec![0; periods as usize + 1];
    for _ in 0..customers {
        let leaves = Beta::new(alpha, beta).unwrap().sample(chance);
        for (period, left) in left.iter_mut().enumerate() {
            if period > 0 && chance.gen_bool(leaves) {
                break;
            }
            *left += 1;
        }
    }
    Survivors::new(Tick::Month).cohort(&left).unwrap()
}

/// How many purchases a customer's mean is over: from 1, and seldom many.
fn purchases(chance: &mut Chance) -> u32 {
    let mut purchases = 1;
    while purchases < 30 && chance.gen_bool(0.6) {
        purchases += 1;
    }
    purchases
}

/// Spend of customers whose amounts are gamma distributed, with a gamma distributed rate.
pub(crate) fn amounts([p, q, v]: [f64; 3], customers: usize, chance: &mut Chance) -> SpendTable {
    let mut one = |_| {
        let x = purchases(chance);
        let rate = Gamma::new(q, v.recip()).unwrap().sample(chance);
        let shape = p * f64::from(x);
        let mean = Gamma::new(shape, (rate * f64::from(x)).recip()).unwrap().sample(chance);
        Spend::new(x, mean).unwrap()
    };
    SpendTable::new(Currency::EUR, (0..customers).map(&mut one).collect())
}

/// Margins of customers that are normally distributed about a mean of their own.
pub(crate) fn margins(
    [mean, within, between]: [f64; 3],
    customers: usize,
    chance: &mut Chance,
) -> SpendTable {
    let mut one = |_| {
        let x = purchases(chance);
        let own = Normal::new(mean, between).unwrap().sample(chance);
        let seen = Normal::new(own, within / f64::from(x).sqrt()).unwrap().sample(chance);
        Spend::new(x, seen).unwrap()
    };
    SpendTable::new(Currency::EUR, (0..customers).map(&mut one).collect())
}
