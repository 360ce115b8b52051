//! Histories drawn from models of known parameters, from a fixed seed, with what came afterwards.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::cast_sign_loss, reason = "counts come as floats, and are at least 0")]

use patronage::{domain::Tick, summary::HistoryTable};
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution, Gamma, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Weeks after the observation in which purchases are counted again.
pub(crate) const AHEAD: u32 = 39;

/// Customers seen for 27 to 39 weeks, at times that are no whole days: hardly two have the same history.
pub(crate) struct Simulated {
    pub(crate) people: HistoryTable,
    /// Whether each is still a customer at the end of the observation.
    pub(crate) alive: Vec<bool>,
    /// Purchases of each in the weeks ahead.
    pub(crate) ahead: Vec<f64>,
}

/// One customer: x, `t_x`, whether still one, purchases ahead.
type Drawn = (u32, f64, bool, f64);

impl Simulated {
    /// Customers who buy at a gamma rate (`r`, `alpha`) and leave after a purchase with a beta probability.
    pub(crate) fn bg_nbd(customers: usize, [r, alpha, a, b]: [f64; 4]) -> Self {
        let (rates, leaving) = (Gamma::new(r, 1.0 / alpha).unwrap(), Beta::new(a, b).unwrap());
        Self::draw(customers, |rng, age| {
            let (rate, leaves) = (rates.sample(rng), leaving.sample(rng));
            // The purchase after which the customer leaves.
            let last = 1.0 + ((-rng.r#gen::<f64>()).ln_1p() / (-leaves).ln_1p()).floor();
            let (seen, later) = (count(rng, rate * age), count(rng, rate * f64::from(AHEAD)));
            let repeats = last.min(seen);
            (repeats as u32, age * place(rng, repeats, seen), last > seen, later.min(last - repeats))
        })
    }

    /// Customers who buy at a gamma rate (`r`, `alpha`) and leave at another (`s`, `beta`).
    pub(crate) fn pareto_nbd(customers: usize, [r, alpha, s, beta]: [f64; 4]) -> Self {
        let (rates, leaving) = (Gamma::new(r, 1.0 / alpha).unwrap(), Gamma::new(s, 1.0 / beta).unwrap());
        Self::draw(customers, |rng, age| {
            let (rate, leaves) = (rates.sample(rng), leaving.sample(rng));
            let life = -(-rng.r#gen::<f64>()).ln_1p() / leaves;
            let (seen, rest) = (life.min(age), (life - age).clamp(0.0, f64::from(AHEAD)));
            let repeats = count(rng, rate * seen);
            let recency = seen * place(rng, repeats, repeats);
            (repeats as u32, recency, life > age, count(rng, rate * rest))
        })
    }

    fn draw(customers: usize, one: impl Fn(&mut Xoshiro256PlusPlus, f64) -> Drawn) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(20_240_229);
        let ages: Vec<f64> = (0..customers).map(|_| rng.gen_range(27.0..39.0)).collect();
        let drawn: Vec<Drawn> = ages.iter().map(|&age| one(&mut rng, age)).collect();
        let repeats: Vec<u32> = drawn.iter().map(|drawn| drawn.0).collect();
        let recency: Vec<f64> = drawn.iter().map(|drawn| drawn.1).collect();
        Self {
            people: HistoryTable::from_columns(Tick::Week, &repeats, &recency, &ages).unwrap(),
            alive: drawn.iter().map(|drawn| drawn.2).collect(),
            ahead: drawn.iter().map(|drawn| drawn.3).collect(),
        }
    }
}

/// How many purchases, if so many are expected.
fn count(rng: &mut impl Rng, mean: f64) -> f64 {
    if mean > 0.0 { Poisson::new(mean).unwrap().sample(rng) } else { 0.0 }
}

/// Where among `of` purchases, spread evenly over a time of 1, the `at`-th lies.
fn place(rng: &mut impl Rng, at: f64, of: f64) -> f64 {
    if at > 0.0 { Beta::new(at, of - at + 1.0).unwrap().sample(rng).min(1.0) } else { 0.0 }
}
