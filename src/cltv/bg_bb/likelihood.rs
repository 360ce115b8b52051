//! The likelihood of BG/BB, with its derivatives.

use std::{cmp::Ordering, ops::Range};

use crate::{
    cltv::{
        distinct::Distinct,
        lifetime::{HEAD, tail},
        search::Likelihood,
    },
    error::Error,
    math::{
        newton::Curve,
        special::{Rising, RisingTable, ln_sum_exp},
    },
    summary::History,
};

/// A history in whole opportunities.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Seen {
    pub(super) repeats: u32,
    pub(super) last: u32,
    pub(super) opportunities: u32,
}

/// So close to a whole number a time counts as one.
const WHOLE: f64 = 1e-9;

impl Seen {
    /// # Errors
    /// If a time is not whole, or there are more purchases than opportunities up to the last of them.
    pub(super) fn of(history: &History) -> Result<Self, Error> {
        for (what, time) in [("age", history.age()), ("recency", history.recency())] {
            if (time - time.round()).abs() > WHOLE {
                return Err(Error::parameter(what, time, "must be a whole number of opportunities"));
            }
        }
        let seen = Self::nearest(history);
        if seen.repeats < history.repeats() {
            let rule = "must be at most the recency, one at an opportunity";
            return Err(Error::parameter("purchases", history.repeats(), rule));
        }
        Ok(seen)
    }

    /// The nearest history that there can be.
    #[allow(clippy::cast_sign_loss, reason = "times are from 0 to 1e9")]
    pub(super) fn nearest(history: &History) -> Self {
        let last = history.recency().round() as u32;
        Self { repeats: history.repeats().min(last), last, opportunities: history.age().round() as u32 }
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        Ord::cmp(self, other)
    }
}

pub(super) struct BgBbLikelihood {
    rows: Distinct<Seen>,
    most: u32,
}

impl BgBbLikelihood {
    pub(super) fn of(rows: Distinct<Seen>) -> Self {
        let most = rows.rows.iter().map(|(seen, _)| seen.opportunities).max().unwrap_or(0);
        Self { rows, most }
    }
}

/// Rising factorials of alpha, beta, their sum; delta, and gamma and delta together.
pub(super) struct Point {
    gamma: f64,
    alpha: Factorials,
    beta: Factorials,
    both: Factorials,
    delta: Factorials,
    leaving: Factorials,
}

/// Rising factorials of one number: from a table, or computed where it ends.
struct Factorials {
    of: f64,
    table: RisingTable,
}

impl Factorials {
    fn new(of: f64, most: u32) -> Self {
        Self { of, table: RisingTable::new(of, most) }
    }

    #[allow(clippy::cast_sign_loss, reason = "counts are not negative")]
    fn at(&self, count: f64) -> Rising {
        if count < HEAD && count.fract() == 0.0 {
            self.table.at(count as u32)
        } else {
            Rising::of(self.of, count)
        }
    }
}

impl Point {
    fn of(at: &[f64], most: u32) -> Self {
        let [alpha, beta, gamma, delta] = [at[0].exp(), at[1].exp(), at[2].exp(), at[3].exp()];
        let factorials = |of: f64| Factorials::new(of, most.saturating_add(1));
        Self {
            gamma,
            alpha: factorials(alpha),
            beta: factorials(beta),
            both: factorials(alpha + beta),
            delta: factorials(delta),
            leaving: factorials(gamma + delta),
        }
    }

    /// Of a path: what it is made of.
    fn parts(&self, seen: &Seen, path: &Path) -> Parts {
        let (x, k) = (f64::from(seen.repeats), path.there);
        Parts {
            alpha: self.alpha.at(x),
            beta: self.beta.at(k - x),
            both: self.both.at(k),
            delta: self.delta.at(k),
            leaving: self.leaving.at(k + path.left),
        }
    }

    fn ln(&self, parts: &Parts, path: &Path) -> f64 {
        let leaving = if path.left > 0.0 { self.gamma.ln() } else { 0.0 };
        parts.alpha.value + parts.beta.value - parts.both.value + parts.delta.value - parts.leaving.value
            + leaving
            + path.weight.abs().ln()
    }
}

/// One way in which a history may have come about: so many opportunities at which the customer was there.
struct Path {
    there: f64,
    /// 1 if the customer left then, 0 if not at all.
    left: f64,
    /// How often it counts: not once where the sum over many paths is an integral.
    weight: f64,
}

/// ln of a path's probability is the sum of the first two and the fourth, less the third and the fifth.
struct Parts {
    alpha: Rising,
    beta: Rising,
    both: Rising,
    delta: Rising,
    leaving: Rising,
}

/// All paths of a history.
fn paths(seen: &Seen) -> impl Iterator<Item = Path> {
    let last = f64::from(seen.last);
    let missed = f64::from(seen.opportunities - seen.last);
    let few = (0_u32..).map(f64::from).take_while(move |&i| i < missed.min(HEAD)).map(|i| (i, 1.0));
    let left = few.chain(tail(missed)).map(move |(i, weight)| Path { there: last + i, left: 1.0, weight });
    left.chain([Path { there: last + missed, left: 0.0, weight: 1.0 }])
}

/// Shares of the paths in a history, which sum to 1, and ln of its likelihood.
fn shares(point: &Point, seen: &Seen, logs: &mut Vec<f64>) -> f64 {
    logs.clear();
    logs.extend(paths(seen).map(|path| point.ln(&point.parts(seen, &path), &path)));
    let most = ln_sum_exp(logs);
    let mut sum = 0.0;
    for (ln, path) in logs.iter_mut().zip(paths(seen)) {
        *ln = (*ln - most).exp().copysign(path.weight);
        sum += *ln;
    }
    for share in logs.iter_mut() {
        *share /= sum;
    }
    most + sum.ln()
}

impl Likelihood for BgBbLikelihood {
    type Point = Point;

    fn dimensions(&self) -> usize {
        4
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, at: &[f64]) -> Point {
        Point::of(at, self.most)
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        let mut room = Vec::new();
        let rows = self.rows.rows[rows].iter();
        rows.map(|(seen, weight)| weight * shares(point, seen, &mut room)).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        let mut room = Vec::new();
        for (seen, weight) in &self.rows.rows[rows] {
            to.value += weight * shares(point, seen, &mut room);
            let mut sums = Sums::default();
            for (path, share) in paths(seen).zip(&room) {
                sums.add(*share, point, &point.parts(seen, &path), path.left);
            }
            sums.add_to(*weight, point, to);
        }
    }
}

/// Means over the paths, by their shares: of the slopes of the logarithm by the four parameters, and of its
/// bends with the products of the slopes.
#[derive(Default)]
struct Sums {
    slopes: [f64; 4],
    bends: [[f64; 4]; 4],
}

impl Sums {
    fn add(&mut self, share: f64, point: &Point, parts: &Parts, left: f64) {
        let Parts { alpha, beta, both, delta, leaving } = parts;
        let gamma = left / point.gamma;
        let slopes = [
            alpha.first - both.first,
            beta.first - both.first,
            gamma - leaving.first,
            delta.first - leaving.first,
        ];
        let bends = [
            [alpha.second - both.second, -both.second, 0.0, 0.0],
            [-both.second, beta.second - both.second, 0.0, 0.0],
            [0.0, 0.0, -gamma / point.gamma - leaving.second, -leaving.second],
            [0.0, 0.0, -leaving.second, delta.second - leaving.second],
        ];
        for i in 0..4 {
            self.slopes[i] += share * slopes[i];
            for j in 0..=i {
                self.bends[i][j] += share * (bends[i][j] + slopes[i] * slopes[j]);
            }
        }
    }

    /// By the coordinates, which are the logarithms of the parameters.
    fn add_to(&self, weight: f64, point: &Point, to: &mut Curve) {
        let by = [point.alpha.of, point.beta.of, point.gamma, point.delta.of];
        for i in 0..4 {
            let slope = by[i] * self.slopes[i];
            to.gradient[i] += weight * slope;
            to.hessian.add(i, i, weight * slope);
            for j in 0..=i {
                let bend = self.bends[i][j] - self.slopes[i] * self.slopes[j];
                to.hessian.add(i, j, weight * by[i] * by[j] * bend);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cltv::search::tests::derivatives_agree;

    fn likelihood(rows: &[(u32, u32, u32)]) -> BgBbLikelihood {
        let seen = |&(repeats, last, opportunities): &(u32, u32, u32)| Seen { repeats, last, opportunities };
        BgBbLikelihood::of(Distinct::of(rows.iter().map(|row| (seen(row), 1.0)).collect(), Seen::cmp))
    }

    fn log_likelihood(row: (u32, u32, u32), at: [f64; 4]) -> f64 {
        let likelihood = likelihood(&[row]);
        likelihood.value(&likelihood.point(&at.map(f64::ln)), 0..1)
    }

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let rows = [(0, 0, 6), (1, 3, 6), (6, 6, 6), (2, 4, 5), (0, 0, 0), (12, 40, 60), (3, 5, 1500)];
        for at in [[0.2, -0.3, -0.4, 1.0], [-3.0, 2.0, 3.0, -2.0], [3.0, 5.0, -5.0, 0.0]] {
            derivatives_agree(&likelihood(&rows), &at);
        }
    }

    #[test]
    fn donors_are_as_likely_as_in_other_reckonings() {
        // Summed by mpmath at 40 digits; and of another implementation, at the parameters that four of its
        // eight values have.
        let known = [
            ((6, 6, 6), -2.182_248_447_62, -2.181_670_188_24),
            ((5, 6, 6), -4.295_124_765_38, -4.294_850_349_29),
            ((3, 6, 6), -5.809_372_079_44, -5.809_158_816_01),
            ((1, 6, 6), -4.884_145_541_90, -4.883_701_646_95),
            ((5, 5, 6), -3.716_999_307_29, -3.716_821_274_37),
            ((2, 4, 6), -5.195_697_601_04, -5.195_621_910_19),
            ((1, 1, 6), -2.288_531_685_67, -2.288_828_474_51),
            ((0, 0, 6), -1.167_262_472_67, -1.167_516_223_67),
        ];
        for (row, rounded, others) in known {
            let found = log_likelihood(row, [1.204, 0.750, 0.657, 2.783]);
            assert!((found / rounded - 1.0).abs() < 1e-11, "{row:?}: {found} {rounded}");
            let found = log_likelihood(row, [1.203_520_83, 0.749_714_24, 0.656_712_17, 2.783_408_03]);
            assert!((found / others - 1.0).abs() < 5e-9, "{row:?}: {found} {others}");
        }
    }

    #[test]
    fn all_histories_together_are_certain() {
        for at in [[1.2, 0.75, 0.66, 2.78], [0.01, 5.0, 30.0, 0.02], [1e6, 1e6, 1e-6, 3.0]] {
            let opportunities = 9_u32;
            let mut sum = log_likelihood((0, 0, opportunities), at).exp();
            for last in 1..=opportunities {
                let mut ways = 1.0;
                for repeats in 1..=last {
                    sum += ways * log_likelihood((repeats, last, opportunities), at).exp();
                    // The other purchases may have been at any opportunities before the last.
                    ways *= f64::from(last - repeats) / f64::from(repeats);
                }
            }
            assert!((sum - 1.0).abs() < 1e-9, "{at:?}: {sum}");
        }
    }

    #[test]
    fn a_long_sum_of_paths_is_the_sum_of_its_terms() {
        for at in [[1.2_f64, 0.75, 0.66, 2.78], [0.02, 3.0, 0.5, 0.5], [2.0, 900.0, 1.5, 300.0]] {
            let [alpha, beta, gamma, delta] = at;
            // The path without leaving, and that of leaving at once, divided by the latter.
            let (mut sum, mut left, mut stayed) = (0.0, 1.0, (gamma + delta) / gamma);
            for k in 0..5000_u32 {
                let k = f64::from(k);
                sum += left;
                left *= (beta + k) / (alpha + beta + k) * (delta + k) / (gamma + delta + k + 1.0);
                stayed *= (beta + k) / (alpha + beta + k) * (delta + k) / (gamma + delta + k);
            }
            let known = (sum + stayed).ln() + (gamma / (gamma + delta)).ln();
            let found = log_likelihood((0, 0, 5000), at);
            assert!((found - known).abs() < 1e-10, "{at:?}: {found} {known}");
        }
    }
}
