//! The log-likelihood with its derivatives in the logarithms of r, alpha, a and b.
//!
//! Of a customer with n > 0 chances to leave it is, with `k = a / (b + n - 1)`,
//! `ln (r)_x - x ln alpha + ln (b)_n - ln (a + b)_n + ln[(1 + T/alpha)^-(r + x) + k (1 + t_x/alpha)^-(r + x)]`,
//! where the first of the last two is of those who stayed. Without a chance, k is 0.
//!
//! Rows come sorted by x. What depends on x alone is reckoned once a run, and the rest eight rows at a time.

use std::ops::Range;

use super::Leaving;
use crate::{
    cltv::{
        collapse::{Collapsed, Row},
        search,
    },
    math::{
        lanes::{self, LANES, Lanes, each, gather, sum},
        newton::Curve,
        simd,
        special::{Rising, RisingTable},
    },
};

pub(in crate::cltv) struct Likelihood {
    pub(in crate::cltv) rows: Collapsed,
    pub(in crate::cltv) leaving: Leaving,
}

/// The parameters, and rising factorials over the counts.
pub(in crate::cltv) struct Point {
    r: f64,
    alpha: f64,
    ln_alpha: f64,
    a: f64,
    b: f64,
    rising_r: RisingTable,
    rising_b: RisingTable,
    rising_both: RisingTable,
}

impl search::Likelihood for Likelihood {
    type Point = Point;

    const FEW: usize = 1 << 12;

    fn dimensions(&self) -> usize {
        4
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, coordinates: &[f64]) -> Point {
        let most = self.rows.most_repeats();
        let chances = self.leaving.chances(most);
        let at = |row: usize| coordinates.get(row).map_or(f64::NAN, |coordinate| coordinate.exp());
        let (r, alpha, a, b) = (at(0), at(1), at(2), at(3));
        Point {
            r,
            alpha,
            ln_alpha: alpha.ln(),
            a,
            b,
            rising_r: RisingTable::new(r, most),
            rising_b: RisingTable::new(b, chances),
            rising_both: RisingTable::new(a + b, chances),
        }
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        simd::run(
            #[inline(always)]
            || {
                let mut value = 0.0;
                for run in self.runs(rows) {
                    value += Alike::of(point, run, self.leaving).value(run);
                }
                value
            },
        )
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        simd::run(
            #[inline(always)]
            || {
                for run in self.runs(rows) {
                    let alike = Alike::of(point, run, self.leaving);
                    alike.add_curve(point, &alike.sums(run), to);
                }
            },
        );
    }
}

impl Likelihood {
    /// Runs of rows with the same x.
    fn runs(&self, rows: Range<usize>) -> impl Iterator<Item = &[Row]> {
        self.rows.rows[rows].chunk_by(|row, next| row.repeats == next.repeats)
    }
}

/// What rows with the same x share.
struct Alike {
    alpha: f64,
    repeats: f64,
    /// r + x
    shape: f64,
    /// a / (b + n - 1), or 0 without a chance to leave.
    odds: f64,
    /// b / (b + n - 1)
    q: f64,
    /// The terms of the value in x alone.
    value: f64,
    rising_r: Rising,
    rising_b: Rising,
    rising_both: Rising,
}

/// Eight rows at one point.
struct Eight {
    weight: Lanes,
    /// The terms of the value in the times.
    value: Lanes,
    /// `ln(1 + T / alpha)`
    stayed: Lanes,
    /// `ln(1 + t_x / alpha)`
    bought: Lanes,
    /// The probability of having left.
    left: Lanes,
}

impl Alike {
    #[inline(always)]
    fn of(point: &Point, run: &[Row], leaving: Leaving) -> Self {
        let repeats = run.first().map_or(0, |row| row.repeats);
        let chances = leaving.chances(repeats);
        let below = if chances > 0 { (point.b + f64::from(chances - 1)).recip() } else { 0.0 };
        let [rising_r, rising_b, rising_both] =
            [point.rising_r.at(repeats), point.rising_b.at(chances), point.rising_both.at(chances)];
        Self {
            alpha: point.alpha,
            repeats: f64::from(repeats),
            shape: point.r + f64::from(repeats),
            odds: point.a * below,
            q: point.b * below,
            value: rising_r.value - f64::from(repeats) * point.ln_alpha + rising_b.value - rising_both.value,
            rising_r,
            rising_b,
            rising_both,
        }
    }

    #[inline(always)]
    fn eight(&self, rows: &[Row; LANES], count: usize) -> Eight {
        let mut weight = gather(rows, |row| row.weight);
        weight[count..].fill(0.0);
        let [stayed, bought] = [|row: &Row| row.age, |row: &Row| row.recency]
            .map(|time| lanes::ln_1p(&each(&gather(rows, time), |time| time / self.alpha)));
        let mut exponent = [0.0; LANES];
        for at in 0..LANES {
            exponent[at] = self.shape * (bought[at] - stayed[at]);
        }
        // Where nobody can have left the logarithm undoes the exponential, which may be too small for it.
        let (mut value, mut left) = (exponent, [0.0; LANES]);
        if self.odds > 0.0 {
            let sum = each(&lanes::exp(&exponent), |here| self.odds + here);
            (value, left) = (lanes::ln(&sum), each(&sum, |sum| self.odds / sum));
        }
        for at in 0..LANES {
            value[at] -= self.shape * bought[at];
        }
        Eight { weight, value, stayed, bought, left }
    }

    #[inline(always)]
    fn value(&self, run: &[Row]) -> f64 {
        let (mut values, mut weights) = ([0.0; LANES], [0.0; LANES]);
        lanes::visit(
            run,
            #[inline(always)]
            |rows, count| {
                let Eight { weight, value, .. } = self.eight(rows, count);
                for at in 0..LANES {
                    values[at] += weight[at] * value[at];
                    weights[at] += weight[at];
                }
            },
        );
        sum(&values) + self.value * sum(&weights)
    }

    #[inline(always)]
    fn sums(&self, run: &[Row]) -> Sums {
        let mut sums = [[0.0; LANES]; SUMS];
        lanes::visit(
            run,
            #[inline(always)]
            |rows, count| {
                let eight = self.eight(rows, count);
                let [age, recency] = [gather(rows, |row| row.age), gather(rows, |row| row.recency)];
                for at in 0..LANES {
                    let (stayed, bought, left) = (eight.stayed[at], eight.bought[at], eight.left[at]);
                    // T / (alpha + T) and t_x / (alpha + t_x)
                    let [old, late] = [age[at], recency[at]].map(|time| time / (self.alpha + time));
                    let here = 1.0 - left;
                    let [by_log, by_share] = [stayed - bought, late - old];
                    let spread = left * here;
                    let terms = [
                        1.0,
                        eight.value[at],
                        left,
                        here * stayed + left * bought,
                        here * old + left * late,
                        here * old * (1.0 - old) + left * late * (1.0 - late),
                        spread,
                        spread * by_log,
                        spread * by_share,
                        spread * by_log * by_log,
                        spread * by_log * by_share,
                        spread * by_share * by_share,
                    ];
                    for (sum, term) in sums.iter_mut().zip(terms) {
                        sum[at] += eight.weight[at] * term;
                    }
                }
            },
        );
        sums.map(|lanes| sum(&lanes))
    }

    /// Adds the value, the gradient, and the lower triangle of the Hessian.
    fn add_curve(&self, &Point { r, a, b, .. }: &Point, sums: &Sums, to: &mut Curve) {
        let &[
            weight,
            value,
            left,
            log,
            share,
            bend,
            spread,
            by_log,
            by_share,
            log_log,
            log_share,
            share_share,
        ] = sums;
        let &Self { repeats, shape, q, rising_r: of_r, rising_b: of_b, rising_both: of_both, .. } = self;
        let slope_r = r * (weight * of_r.first - log);
        let slope_b = b * weight * (of_b.first - of_both.first);
        let gradient = [
            slope_r,
            shape * share - weight * repeats,
            left - weight * a * of_both.first,
            slope_b - left * q,
        ];
        let hessian = [
            slope_r + weight * r * r * of_r.second + r * r * log_log,
            r * share + r * shape * log_share,
            shape * (shape * share_share - bend),
            r * by_log,
            shape * by_share,
            spread - weight * a * (of_both.first + a * of_both.second),
            -q * r * by_log,
            -q * shape * by_share,
            -q * spread - weight * a * b * of_both.second,
            slope_b + weight * b * b * (of_b.second - of_both.second) - left * q * (1.0 - q) + q * q * spread,
        ];
        to.value += value + weight * self.value;
        to.gradient.iter_mut().zip(gradient).for_each(|(sum, slope)| *sum += slope);
        for (&(row, column), bend) in PLACES.iter().zip(hessian) {
            to.hessian.add(row, column, bend);
        }
    }
}

/// Sums over rows, by weight, of the terms in [`Alike::sums`].
type Sums = [f64; SUMS];
const SUMS: usize = 12;

const PLACES: [(usize, usize); 10] =
    [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2), (3, 3)];

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the same sums are compared")]
mod tests {
    use super::*;
    use crate::{
        cltv::search::Likelihood as _, domain::Tick, math::symmetric::Symmetric, summary::HistoryTable,
    };

    fn curve(likelihood: &Likelihood, at: &[f64]) -> Curve {
        let mut curve = Curve { value: 0.0, gradient: vec![0.0; 4], hessian: Symmetric::zeros(4) };
        likelihood.add_curve(&likelihood.point(at), 0..likelihood.rows(), &mut curve);
        curve
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let columns: (Vec<u32>, Vec<f64>, Vec<f64>) =
            (vec![0, 1, 2, 40, 3], vec![0.0, 2.0, 30.0, 38.0, 38.5], vec![38.0, 38.0, 31.0, 38.0, 38.5]);
        let people = HistoryTable::from_columns(Tick::Week, &columns.0, &columns.1, &columns.2).unwrap();
        let rows = Collapsed::of(&people).unwrap();
        for leaving in [Leaving::AfterRepeats, Leaving::AfterAny] {
            let likelihood = Likelihood { rows: rows.clone(), leaving };
            for at in [[-1.4, 1.5, -0.2, 0.9], [2.0, -1.0, 3.0, -2.0], [0.0, 4.0, -6.0, 5.0]] {
                let here = curve(&likelihood, &at);
                assert_eq!(here.value, likelihood.value(&likelihood.point(&at), 0..5));
                for way in 0..4 {
                    let step = 1e-5;
                    let (mut low, mut high) = (at, at);
                    low[way] -= step;
                    high[way] += step;
                    let [low, high] = [low, high].map(|at| curve(&likelihood, &at));
                    let near = |slope: f64, known: f64, size: f64| {
                        assert!((slope - known).abs() < 1e-8 * size.max(1.0), "{way}: {slope} {known}");
                    };
                    near((high.value - low.value) / (2.0 * step), here.gradient[way], here.value.abs());
                    for other in 0..4 {
                        let slope = (high.gradient[other] - low.gradient[other]) / (2.0 * step);
                        near(slope, here.hessian.get(way, other), here.value.abs());
                    }
                }
            }
        }
    }
}
