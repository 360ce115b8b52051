//! Shares of few purchases, drawn towards the share of all: a customer with one purchase of bread is not all bread.

use std::collections::BTreeMap;

use crate::{error::Error, math::special::Rising};

/// How strongly a customer's own shares are drawn towards the base rate, which is the share of all customers together.
///
/// # Formula
/// ```text
/// share = (n · own + s · base) / (n + s)
/// ```
/// where n is how much was seen of the customer (purchases, emails) and s the strength: so many made-up purchases at
/// the base rate. It is the mean of the customer's share under a Dirichlet distribution with parameters `s · base`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub enum Shrinkage {
    /// The strength under which the counts of all customers are likeliest (empirical Bayes): the maximum of the
    /// Dirichlet-multinomial likelihood with its mean held at the base rate, from [`WEAKEST`] to [`STRONGEST`]. The
    /// less customers differ beyond chance, the stronger. The default.
    #[default]
    Learned,
    /// A strength that the host states, finite and at least 0.
    Strength(f64),
    /// None: the customer's own share as it is.
    None,
}

/// The least strength that is learned: customers are all of one kind or another.
pub const WEAKEST: f64 = 1e-3;

/// The greatest strength that is learned: customers differ by chance alone.
pub const STRONGEST: f64 = 1e6;

/// How many customers have each count, of every part and of all together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tallies {
    parts: Vec<BTreeMap<u32, u64>>,
    totals: BTreeMap<u32, u64>,
}

impl Tallies {
    pub(super) fn new(parts: usize) -> Self {
        Self { parts: vec![BTreeMap::new(); parts], totals: BTreeMap::new() }
    }

    /// Adds a customer's counts, one for each part.
    pub(super) fn add(&mut self, counts: &[u32]) {
        for (part, &count) in self.parts.iter_mut().zip(counts).filter(|(_, count)| **count > 0) {
            *part.entry(count).or_default() += 1;
        }
        let total = counts.iter().fold(0_u32, |sum, &count| sum.saturating_add(count));
        if total > 0 {
            *self.totals.entry(total).or_default() += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let add = |own: &mut BTreeMap<u32, u64>, other: &BTreeMap<u32, u64>| {
            for (&count, customers) in other {
                *own.entry(count).or_default() += customers;
            }
        };
        add(&mut self.totals, &other.totals);
        for (own, other) in self.parts.iter_mut().zip(&other.parts) {
            add(own, other);
        }
    }

    /// Each part's share of all counts together; `None` if nothing was counted.
    pub(super) fn base(&self) -> Option<Vec<f64>> {
        let sum = |counts: &BTreeMap<u32, u64>| -> u128 {
            counts.iter().map(|(&count, &customers)| u128::from(count) * u128::from(customers)).sum()
        };
        let all = self.parts.iter().map(sum).sum::<u128>();
        (all > 0).then(|| self.parts.iter().map(|part| sum(part) as f64 / all as f64).collect())
    }
}

impl Shrinkage {
    /// # Errors
    /// If a stated strength is not finite or below 0.
    pub(super) fn check(self) -> Result<(), Error> {
        match self {
            Self::Strength(strength) if !(strength >= 0.0 && strength.is_finite()) => {
                Err(Error::parameter("strength of shrinkage", strength, "must be finite and at least 0"))
            }
            _ => Ok(()),
        }
    }

    /// The strength for these counts at this base rate.
    pub(super) fn strength(self, tallies: &Tallies, base: &[f64]) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Strength(strength) => strength,
            Self::Learned => likeliest(tallies, base),
        }
    }
}

/// A share drawn towards the base; `None` if there is nothing of either.
pub(super) fn shrunk(own: f64, seen: f64, base: f64, strength: f64) -> Option<f64> {
    let all = seen + strength;
    (all > 0.0).then(|| ((seen * own + strength * base) / all).clamp(0.0, 1.0))
}

/// Where the slope of the likelihood turns from up to down, by bisection of the logarithm of the strength.
fn likeliest(tallies: &Tallies, base: &[f64]) -> f64 {
    let (mut low, mut high) = (WEAKEST.ln(), STRONGEST.ln());
    if !(slope(tallies, base, WEAKEST) > 0.0) {
        return WEAKEST;
    }
    if slope(tallies, base, STRONGEST) > 0.0 {
        return STRONGEST;
    }
    // Until the ends are neighbours, or nearly so.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if slope(tallies, base, middle.exp()) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high).exp()
}

/// The derivative by s of the logarithm of the likelihood: the sum over customers of
/// `ln Γ(s) - ln Γ(s + n) + Σ ln Γ(s base + count) - ln Γ(s base)`.
fn slope(tallies: &Tallies, base: &[f64], strength: f64) -> f64 {
    let sum = |counts: &BTreeMap<u32, u64>, at: f64| -> f64 {
        counts
            .iter()
            .map(|(&count, &customers)| customers as f64 * Rising::of(at, f64::from(count)).first)
            .sum()
    };
    let parts = tallies.parts.iter().zip(base).filter(|(_, base)| **base > 0.0);
    let parts: f64 = parts.map(|(part, base)| base * sum(part, strength * base)).sum();
    parts - sum(&tallies.totals, strength)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_strength_agrees_with_scipy() {
        // scipy 1.17: minimize_scalar(bounded, xatol 1e-12) of the negative log-likelihood by gammaln, over ln s.
        let baskets: [&[u32]; 8] =
            [&[3, 0, 1], &[0, 4, 0], &[1, 1, 0], &[0, 0, 2], &[5, 1, 0], &[2, 2, 3], &[0, 1, 0], &[7, 0, 0]];
        let opened: [&[u32]; 8] = [&[0, 10], &[3, 1], &[5, 5], &[1, 9], &[9, 3], &[2, 18], &[0, 3], &[6, 2]];
        for (counts, base, known) in [
            (baskets, &[18.0 / 33.0, 9.0 / 33.0, 6.0 / 33.0][..], 1.667_622_270_998_857),
            (opened, &[26.0 / 77.0, 51.0 / 77.0], 2.013_471_101_904_147),
        ] {
            let mut tallies = Tallies::new(base.len());
            let mut later = Tallies::new(base.len());
            counts.iter().take(3).for_each(|counts| tallies.add(counts));
            counts.iter().skip(3).for_each(|counts| later.add(counts));
            tallies.merge(&later);
            assert_eq!(tallies.base().unwrap(), base);
            let found = Shrinkage::Learned.strength(&tallies, base);
            assert!((found / known - 1.0).abs() < 1e-6, "{found} is not {known}");
        }
    }

    #[test]
    fn customers_of_one_kind_or_all_alike_meet_the_bounds() {
        let strength = |counts: &[[u32; 2]]| {
            let mut tallies = Tallies::new(2);
            for counts in counts {
                tallies.add(counts);
            }
            Shrinkage::Learned.strength(&tallies, &tallies.base().unwrap())
        };
        assert_eq!(strength(&[[5, 0], [0, 5], [9, 0], [0, 9]]), WEAKEST);
        assert_eq!(strength(&[[5, 5]; 10]), STRONGEST);
        // One purchase each says nothing of how customers differ, and one part leaves nothing to learn.
        assert_eq!(strength(&[[1, 0], [0, 1]]), WEAKEST);
        assert_eq!(strength(&[[7, 0]]), WEAKEST);
        assert_eq!(Tallies::new(2).base(), None);
        assert!(strength(&[[u32::MAX, u32::MAX], [1, 0]]).is_finite());
    }

    #[test]
    fn the_stronger_the_nearer_to_the_base() {
        assert_eq!(shrunk(1.0, 4.0, 0.5, 0.0), Some(1.0));
        assert_eq!(shrunk(1.0, 4.0, 0.5, 4.0), Some(0.75));
        assert_eq!((shrunk(0.0, 0.0, 0.5, 4.0), shrunk(0.0, 0.0, 0.5, 0.0)), (Some(0.5), None));
        for bad in [f64::NAN, -1.0, f64::INFINITY] {
            assert!(Shrinkage::Strength(bad).check().is_err());
        }
    }
}
