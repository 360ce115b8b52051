//! Whether a purchase is a loss: the beta-binomial distribution.

use std::ops::Range;

use super::closed;
use crate::{
    cltv::{
        bounds,
        distinct::Distinct,
        search::{Likelihood, maximise},
    },
    error::Error,
    math::{newton::Curve, special::RisingTable},
    model::{Readiness, Record},
    summary::Spend,
};

/// A customer makes losses with a probability of their own, beta distributed with `a` and `b`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Chance {
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Chance {
    /// # Errors
    /// If a parameter is not from 1e-15 to 1e15.
    pub(super) fn new(a: f64, b: f64) -> Result<Self, Error> {
        Ok(Self { a: bounds::positive("loss_a", a)?, b: bounds::positive("loss_b", b)? })
    }

    /// The posterior mean of a customer's probability.
    pub(super) fn of(&self, spend: &Spend) -> f64 {
        let (losses, gains) = (f64::from(spend.losses()), f64::from(spend.gains()));
        (self.a + losses) / (self.a + losses + (self.b + gains))
    }

    /// Nothing if all purchases are of one kind: then there is nothing to search.
    pub(super) fn fit(people: &Distinct<Spend>) -> Result<(Option<Self>, Record), Error> {
        let losses = people.sum(|spend| spend.losses().into());
        let gains = people.sum(|spend| spend.gains().into());
        if !(losses > 0.0 && gains > 0.0) {
            return Ok((None, closed(0.0, &[])));
        }
        let counts = people.rows.iter().map(|(spend, weight)| ((spend.losses(), spend.gains()), *weight));
        let rows = Distinct::of(counts.collect(), Ord::cmp);
        let share = losses / (losses + gains);
        // Customers who are hardly alike, somewhat, and much.
        let start = |sum: f64| vec![(share * sum).ln(), ((1.0 - share) * sum).ln()];
        let found = maximise(&rows, BetaBinomial::of, &[1.0, 10.0, 100.0].map(start), &[]);
        let chance = Self::new(found.at[0].exp(), found.at[1].exp())?;
        Ok((Some(chance), found.record(&rows, Readiness::Ready)))
    }
}

/// Rows are losses and gains.
struct BetaBinomial {
    rows: Distinct<(u32, u32)>,
    most: u32,
}

impl BetaBinomial {
    fn of(rows: Distinct<(u32, u32)>) -> Self {
        let most = rows.rows.iter().map(|((losses, gains), _)| losses + gains).max().unwrap_or(0);
        Self { rows, most }
    }
}

/// Rising factorials of a, of b and of both: the probability of k losses and g gains, in their order, is
/// (a)_k (b)_g / (a + b)_(k + g).
struct Point {
    by: [f64; 2],
    of: [RisingTable; 2],
    both: RisingTable,
}

impl Likelihood for BetaBinomial {
    type Point = Point;

    fn dimensions(&self) -> usize {
        2
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, at: &[f64]) -> Point {
        let by = [at[0].exp(), at[1].exp()];
        let of = by.map(|parameter| RisingTable::new(parameter, self.most));
        Point { by, of, both: RisingTable::new(by[0] + by[1], self.most) }
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        let ln = |losses: u32, gains: u32| {
            let both = point.both.at(losses + gains).value;
            point.of[0].at(losses).value + point.of[1].at(gains).value - both
        };
        self.rows.rows[rows].iter().map(|&((losses, gains), weight)| weight * ln(losses, gains)).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        for &((losses, gains), weight) in &self.rows.rows[rows] {
            let both = point.both.at(losses + gains);
            let each = [point.of[0].at(losses), point.of[1].at(gains)];
            to.value += weight * (each[0].value + each[1].value - both.value);
            for (i, (rising, by)) in each.iter().zip(point.by).enumerate() {
                let slope = by * (rising.first - both.first);
                to.gradient[i] += weight * slope;
                to.hessian.add(i, i, weight * (slope + by * by * (rising.second - both.second)));
            }
            to.hessian.add(0, 1, -weight * point.by[0] * point.by[1] * both.second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cltv::search::tests::derivatives_agree, domain::Currency, model::Stop, summary::SpendTable};

    fn likelihood(rows: &[(u32, u32)]) -> BetaBinomial {
        BetaBinomial::of(Distinct::of(rows.iter().map(|&row| (row, 1.0)).collect(), Ord::cmp))
    }

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let rows = likelihood(&[(0, 1), (1, 0), (2, 5), (7, 1), (40, 3000), (3, 3)]);
        for at in [[0.0, 0.0], [-1.0, 1.5], [3.0, 4.0], [-4.0, -3.0]] {
            derivatives_agree(&rows, &at);
        }
    }

    #[test]
    fn the_likelihood_is_that_of_another_program() {
        // Python, scipy 1.17: betabinom.logpmf(k, k + g, 0.7, 4.2) - log(comb(k + g, k)), summed over the rows.
        let rows = likelihood(&[(0, 1), (1, 0), (2, 5), (7, 1), (0, 12), (3, 3)]);
        let found = rows.value(&rows.point(&[0.7_f64.ln(), 4.2_f64.ln()]), 0..6);
        let known = -21.503_933_646_348_28;
        assert!((found - known).abs() < 1e-12, "{found}");
    }

    #[test]
    fn customers_who_are_alike_run_to_the_binomial() {
        let rows = (0..60).map(|_| Spend::signed(3, 1.0, 1, 1.0).unwrap()).collect();
        let people = Distinct::of_spends(&SpendTable::new(Currency::EUR, rows));
        let (chance, record) = Chance::fit(&people).unwrap();
        let chance = chance.unwrap();
        assert_ne!(record.stop, Stop::NotFinite);
        assert!((chance.of(&Spend::default()) - 0.25).abs() < 1e-6, "{chance:?} {:?}", record.stop);
        assert!(chance.a > 1e5);
    }
}
