//! Chance that can be repeated: a stream of its own for everyone, and the distributions drawn from it.

use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1, Open01, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The random numbers of one simulated customer.
pub(super) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    /// The stream of number `index` under a seed. It depends on nothing else, so that neither the number of
    /// customers nor the number of threads changes anyone.
    pub(super) fn of(seed: u64, index: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(split_mix(split_mix(seed).wrapping_add(index))))
    }

    /// From 0 (included) to 1 (not included), even.
    pub(super) fn share(&mut self) -> f64 {
        self.0.r#gen()
    }

    /// True so often.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A whole number below `bound`; 0 if that is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 { 0 } else { self.0.gen_range(0..bound) }
    }

    /// A number between two, even.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// A row of a table, as often as its weight says; the last if weights are all zero.
    pub(super) fn pick<'a, T>(&mut self, table: &'a [T], weight: impl Fn(&T) -> f64) -> Option<&'a T> {
        let total: f64 = table.iter().map(&weight).sum();
        let mut left = self.share() * total;
        let found = table.iter().find(|row| {
            left -= weight(row);
            left < 0.0
        });
        found.or(table.last())
    }

    /// An exponential time of mean 1.
    pub(super) fn wait(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }

    /// ln of a gamma variate of a shape, with rate 1.
    ///
    /// The logarithm, because a variate of a small shape is often below every positive `f64`.
    /// Marsaglia & Tsang (2000), with their way of lifting shapes below 1.
    pub(super) fn ln_gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let lift: f64 = self.0.sample(Open01);
            return self.ln_gamma(shape + 1.0) + lift.ln() / shape;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        // Each round is accepted with a probability above 0.95.
        loop {
            let x: f64 = self.0.sample(StandardNormal);
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let ln_v = 3.0 * root.ln();
            let u: f64 = self.0.sample(Open01);
            if u.ln() < 0.5 * x * x + d * (1.0 - ln_v.exp() + ln_v) {
                return d.ln() + ln_v;
            }
        }
    }

    /// A beta variate, from 0 to 1.
    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        // X / (X + Y) of two gamma variates.
        let odds = self.ln_gamma(b) - self.ln_gamma(a);
        1.0 / (1.0 + odds.exp())
    }
}

/// Spreads neighbouring seeds apart (Steele, Lea & Flood, 2014).
fn split_mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: u32 = 40_000;

    /// The mean of many draws, which must lie within four standard errors of the truth.
    fn mean_is(truth: f64, variance: f64, mut draw: impl FnMut(&mut Chance) -> f64) {
        let mut chance = Chance::of(11, 3);
        let mean = (0..DRAWS).map(|_| draw(&mut chance)).sum::<f64>() / f64::from(DRAWS);
        let error = (variance / f64::from(DRAWS)).sqrt();
        assert!((mean - truth).abs() < 4.0 * error, "{mean} is not {truth} +- {error}");
    }

    #[test]
    fn gamma_and_beta_have_their_means() {
        for shape in [0.05, 0.6, 1.0, 3.7, 250.0] {
            mean_is(shape, shape, |chance| chance.ln_gamma(shape).exp());
        }
        for (a, b) in [(0.79, 2.43), (0.05, 0.02), (30.0, 1.0)] {
            let (mean, sum) = (a / (a + b), a + b);
            mean_is(mean, mean * (1.0 - mean) / (sum + 1.0), |chance| chance.beta(a, b));
        }
        mean_is(1.0, 1.0, Chance::wait);
    }

    #[test]
    fn the_smallest_and_largest_shapes_give_numbers() {
        let mut chance = Chance::of(1, 1);
        for shape in [1e-9, 1e-3, 1e9, 1e12] {
            for _ in 0..1000 {
                let ln = chance.ln_gamma(shape);
                let share = chance.beta(shape, 1e-9);
                assert!(ln.is_finite() && (0.0..=1.0).contains(&share), "{shape}: {ln} {share}");
            }
        }
    }

    #[test]
    fn streams_differ_by_seed_and_by_number() {
        let first = |seed, index| Chance::of(seed, index).share().to_bits();
        let mut seen: Vec<u64> = (0..100).flat_map(|a| (0..100).map(move |b| first(a, b))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10_000);
    }

    #[test]
    fn picks_in_proportion() {
        let weights = [1.0, 0.0, 3.0];
        mean_is(0.75, 0.75 * 0.25, |chance| {
            f64::from(u8::from(chance.pick(&weights, |&weight| weight) == Some(&3.0)))
        });
        assert_eq!(Chance::of(1, 1).pick(&[0.0; 0], |&weight| weight), None);
    }
}
