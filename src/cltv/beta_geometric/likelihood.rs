//! The log-likelihood with its derivatives in the logarithms of r, alpha, a and b.
//!
//! Of a customer with n > 0 chances to leave it is, with `k = a / (b + n - 1)`,
//! `ln (r)_x - x ln alpha + ln (b)_n - ln (a + b)_n + ln[(1 + T/alpha)^-(r + x) + k (1 + t_x/alpha)^-(r + x)]`,
//! where the first of the last two is of those who stayed. Without a chance, k is 0.

use std::ops::Range;

use super::Leaving;
use crate::{
    cltv::{
        collapse::{Collapsed, Row},
        search,
    },
    math::{
        newton::Curve,
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
        self.rows.rows[rows].iter().map(|row| row.weight * Terms::of(point, row, self.leaving).value).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        let mut sum = Sum::default();
        for row in &self.rows.rows[rows] {
            let terms = Terms::of(point, row, self.leaving);
            sum.add(point, &terms, row.weight);
        }
        sum.add_to(to);
    }
}

/// One row at one point.
struct Terms {
    repeats: f64,
    value: f64,
    /// r + x
    shape: f64,
    /// `ln(1 + T / alpha)` and `ln(1 + t_x / alpha)`
    logs: [f64; 2],
    /// `T / (alpha + T)` and `t_x / (alpha + t_x)`
    shares: [f64; 2],
    /// b / (b + n - 1)
    q: f64,
    /// The probability of having left.
    left: f64,
    rising_r: Rising,
    rising_b: Rising,
    rising_both: Rising,
}

impl Terms {
    #[inline]
    fn of(point: &Point, row: &Row, leaving: Leaving) -> Self {
        let repeats = f64::from(row.repeats);
        let chances = leaving.chances(row.repeats);
        let shape = point.r + repeats;
        let times = [row.age, row.recency];
        let shares = times.map(|time| time / (point.alpha + time));
        let stayed = (row.age / point.alpha).ln_1p();
        let rising_r = point.rising_r.at(row.repeats);
        let buying = rising_r.value - repeats * point.ln_alpha;
        if chances == 0 {
            return Self {
                repeats,
                value: buying - shape * stayed,
                shape,
                logs: [stayed, 0.0],
                shares,
                q: 0.0,
                left: 0.0,
                rising_r,
                rising_b: Rising::default(),
                rising_both: Rising::default(),
            };
        }
        // Of one purchase only, t_x is 0.
        let bought = if row.recency > 0.0 { (row.recency / point.alpha).ln_1p() } else { 0.0 };
        let below = (point.b + f64::from(chances - 1)).recip();
        let odds = point.a * below;
        let sum = odds + (shape * (bought - stayed)).exp();
        let (rising_b, rising_both) = (point.rising_b.at(chances), point.rising_both.at(chances));
        Self {
            repeats,
            value: buying + rising_b.value - rising_both.value - shape * bought + sum.ln(),
            shape,
            logs: [stayed, bought],
            shares,
            q: point.b * below,
            left: odds / sum,
            rising_r,
            rising_b,
            rising_both,
        }
    }
}

/// The value, the gradient, and the lower triangle of the Hessian by rows.
#[derive(Default)]
struct Sum {
    value: f64,
    gradient: [f64; 4],
    hessian: [f64; 10],
}

impl Sum {
    #[inline]
    fn add(&mut self, point: &Point, terms: &Terms, weight: f64) {
        let Point { r, a, b, .. } = *point;
        let Terms { shape, left, q, logs: [stayed, bought], shares: [old, late], .. } = *terms;
        let here = 1.0 - left;
        // The two terms differ in their slopes by `apart`.
        let apart = [r * (stayed - bought), shape * (late - old), 1.0, -q];
        let spread = left * here;
        let log = here * stayed + left * bought;
        let share = here * old + left * late;
        let bend = here * old * (1.0 - old) + left * late * (1.0 - late);
        let (of_r, of_b, of_both) = (&terms.rising_r, &terms.rising_b, &terms.rising_both);
        let slope_r = r * (of_r.first - log);
        let slope_b = b * (of_b.first - of_both.first);
        let gradient = [slope_r, shape * share - terms.repeats, left - a * of_both.first, slope_b - left * q];
        let hessian = [
            slope_r + r * r * of_r.second,
            r * share,
            -shape * bend,
            0.0,
            0.0,
            -a * of_both.first - a * a * of_both.second,
            0.0,
            0.0,
            -a * b * of_both.second,
            slope_b + b * b * (of_b.second - of_both.second) - left * q * (1.0 - q),
        ];
        self.value += weight * terms.value;
        for (sum, slope) in self.gradient.iter_mut().zip(gradient) {
            *sum += weight * slope;
        }
        let pairs = PLACES.iter().map(|&(row, column)| spread * apart[row] * apart[column]);
        for ((sum, bend), pair) in self.hessian.iter_mut().zip(hessian).zip(pairs) {
            *sum += weight * (bend + pair);
        }
    }

    fn add_to(&self, curve: &mut Curve) {
        curve.value += self.value;
        curve.gradient.iter_mut().zip(self.gradient).for_each(|(sum, slope)| *sum += slope);
        for (&(row, column), bend) in PLACES.iter().zip(self.hessian) {
            curve.hessian.add(row, column, bend);
        }
    }
}

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
