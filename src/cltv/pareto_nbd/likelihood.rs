//! The log-likelihood with its derivatives in ln r, ln α, ln s and ln β.
//!
//! It is the logarithm of a sum of positive terms: the nodes of the integral, and the customers who stayed. Its
//! gradient is the mean, over these terms, of the gradients of their logarithms; its Hessian the mean of
//! theirs, plus the covariance of the gradients.

use std::ops::Range;

use super::law::{Law, Nodes, Silence};
use crate::{
    cltv::{
        collapse::{Collapsed, Row},
        search::Likelihood,
    },
    math::{
        lanes::{Lanes, each, sum},
        newton::Curve,
        special::{Rising, RisingTable},
    },
};

/// The likelihood of histories, for the search.
pub(in crate::cltv) struct Rows(pub(in crate::cltv) Collapsed);

/// The parameters, and Γ(r+x)/Γ(r) for every x.
pub(in crate::cltv) struct Point {
    law: Law,
    rising: RisingTable,
}

impl Point {
    /// At logarithms of r, α, s and β.
    fn at(coordinates: &[f64], most_repeats: u32) -> Self {
        let mut values = coordinates.iter().map(|coordinate| coordinate.exp());
        let mut next = || values.next().unwrap_or(f64::NAN);
        let law = Law { r: next(), alpha: next(), s: next(), beta: next() };
        Self { law, rising: RisingTable::new(law.r, most_repeats) }
    }

    /// The log-likelihood of one row.
    fn value(&self, row: &Row) -> f64 {
        let x = f64::from(row.repeats);
        self.law.log_likelihood(self.rising.at(row.repeats).value, x, row.recency, row.age)
    }

    /// The same with its derivatives.
    fn bend(&self, row: &Row) -> Bend {
        self.law.bend(self.rising.at(row.repeats), row)
    }
}

impl Likelihood for Rows {
    type Point = Point;

    fn dimensions(&self) -> usize {
        4
    }

    fn rows(&self) -> usize {
        self.0.rows.len()
    }

    fn point(&self, coordinates: &[f64]) -> Point {
        Point::at(coordinates, self.0.most_repeats())
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        self.0.rows[rows].iter().map(|row| row.weight * point.value(row)).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        for row in &self.0.rows[rows] {
            let bend = point.bend(row);
            to.value += row.weight * bend.value;
            for i in 0..4 {
                to.gradient[i] += row.weight * bend.gradient[i];
                for j in 0..=i {
                    to.hessian.add(i, j, row.weight * bend.hessian[i][j]);
                }
            }
        }
    }
}

/// A log-likelihood and its derivatives in the logarithms of four parameters; of the Hessian the lower
/// triangle.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Bend {
    value: f64,
    gradient: [f64; 4],
    hessian: [[f64; 4]; 4],
}

impl Law {
    /// Of one history, given ln Γ(r+x)/Γ(r).
    pub(super) fn log_likelihood(&self, rising: f64, x: f64, recency: f64, age: f64) -> f64 {
        self.until_last(rising, x, recency) + self.ends(self.r + x, recency, age).sum().ln()
    }

    /// The factor before the brackets of [`super::law`], and what was divided out of them.
    fn until_last(&self, rising: f64, x: f64, recency: f64) -> f64 {
        rising
            - x * (self.alpha + recency).ln()
            - self.r * (recency / self.alpha).ln_1p()
            - self.s * (recency / self.beta).ln_1p()
    }

    /// The same with its derivatives.
    fn bend(&self, rising: Rising, row: &Row) -> Bend {
        let &Self { r, alpha, s, beta } = self;
        let (x, recency) = (f64::from(row.repeats), row.recency);
        let silence = Silence::of(self, r + x, recency, row.age);
        let (left, stayed, sum) = Moments::of_terms(s, &silence);
        // What all terms have in common; then what they differ by.
        let shares = [Share::of(alpha, recency), Share::of(beta, recency)];
        let common = [
            r * rising.first - r * (recency / alpha).ln_1p(),
            r * shares[0].rest - x * shares[0].share,
            -s * (recency / beta).ln_1p(),
            s * shares[1].rest,
        ];
        let mut means = Means::default();
        means.add(&left, self, r + x, &shares, 1.0);
        means.add(&stayed, self, r + x, &shares, 0.0);
        let Means { gradient, mut hessian, squares } = means;
        hessian[0][0] += common[0] + r * r * rising.second;
        hessian[2][2] += common[2];
        for i in 0..4 {
            for j in 0..=i {
                hessian[i][j] += squares[i][j] - gradient[i] * gradient[j];
            }
        }
        Bend {
            value: self.until_last(rising.value, x, recency) + sum.ln(),
            gradient: std::array::from_fn(|i| common[i] + gradient[i]),
            hessian,
        }
    }
}

/// `α/(α+t_x)`, or the same of β, and what it lacks of 1.
#[derive(Clone, Copy)]
struct Share {
    share: f64,
    rest: f64,
}

impl Share {
    fn of(scale: f64, recency: f64) -> Self {
        Self { share: scale / (scale + recency), rest: recency / (scale + recency) }
    }

    /// The sum of A (1 - A), where A = share (1 - feature) is α/(α+y).
    fn spread(self, moments: &Moments, feature: usize) -> f64 {
        let (first, second) = (moments.first[feature], moments.second[feature][feature]);
        self.share * (self.rest * (moments.mass - first) + self.share * (first - second))
    }
}

/// Sums over terms, by their share in the likelihood, of what the derivatives of their logarithms are made of:
/// `ln((α+y)/(α+t_x))`, `(y-t_x)/(α+y)`, and the same of β.
#[derive(Clone, Copy, Default)]
struct Moments {
    mass: f64,
    first: [f64; 4],
    /// The lower triangle.
    second: [[f64; 4]; 4],
}

impl Moments {
    /// Of the customers who left, and of those who stayed; and the sum that both are shares of.
    fn of_terms(s: f64, silence: &Silence) -> (Self, Self, f64) {
        let mut left = Self::default();
        silence.visit(|nodes| left.add_nodes(nodes, silence));
        let factor = s * silence.scale;
        let sum = silence.stayed + factor * left.mass;
        left.multiply(factor / sum);

        let features =
            [silence.logs[0], -(-silence.logs[0]).exp_m1(), silence.logs[1], -(-silence.logs[1]).exp_m1()];
        let mut stayed = Self {
            mass: 1.0,
            first: features,
            second: features.map(|one| features.map(|other| one * other)),
        };
        stayed.multiply(silence.stayed / sum);
        (left, stayed, sum)
    }

    #[inline]
    fn add_nodes(&mut self, nodes: &Nodes, silence: &Silence) {
        let low_part = each(&nodes.growth, |growth| growth / (1.0 + growth));
        let high_part = each(&nodes.growth, |growth| {
            let growth = silence.ratio * growth;
            growth / (1.0 + growth)
        });
        let features = if silence.alpha_is_low {
            [&nodes.low, &low_part, &nodes.high, &high_part]
        } else {
            [&nodes.high, &high_part, &nodes.low, &low_part]
        };
        self.mass += sum(&nodes.mass);
        for i in 0..4 {
            let weighted = product(&nodes.mass, features[i]);
            self.first[i] += sum(&weighted);
            for (j, feature) in features.iter().enumerate().take(i + 1) {
                self.second[i][j] += sum(&product(&weighted, feature));
            }
        }
    }

    fn multiply(&mut self, by: f64) {
        self.mass *= by;
        self.first = self.first.map(|first| first * by);
        self.second = self.second.map(|row| row.map(|second| second * by));
    }
}

/// Sums over terms of the gradients of their logarithms, of the squares of these and of the Hessians.
#[derive(Default)]
struct Means {
    gradient: [f64; 4],
    squares: [[f64; 4]; 4],
    hessian: [[f64; 4]; 4],
}

impl Means {
    /// Adds terms s^n α^-a β^-(s+n) in (α+y) and (β+y), with n = `leavings`.
    fn add(&mut self, terms: &Moments, law: &Law, a: f64, shares: &[Share; 2], leavings: f64) {
        let &Moments { mass, first, second } = terms;
        let &Law { r, s, .. } = law;
        let [alpha, beta] = *shares;
        // Each slope of a term's logarithm is linear in its feature.
        let offset = [0.0, 0.0, leavings, -leavings * beta.share];
        let slope = [-r, a * alpha.share, -s, (s + leavings) * beta.share];
        for i in 0..4 {
            self.gradient[i] += offset[i] * mass + slope[i] * first[i];
            for j in 0..=i {
                let crossed = offset[i] * slope[j] * first[j] + offset[j] * slope[i] * first[i];
                self.squares[i][j] +=
                    offset[i] * offset[j] * mass + crossed + slope[i] * slope[j] * second[i][j];
            }
        }
        let hessian = &mut self.hessian;
        hessian[0][0] -= r * first[0];
        hessian[1][0] += r * (alpha.rest * mass + alpha.share * first[1]);
        hessian[1][1] -= a * alpha.spread(terms, 1);
        hessian[2][2] -= s * first[2];
        hessian[3][2] += s * (beta.rest * mass + beta.share * first[3]);
        hessian[3][3] -= (s + leavings) * beta.spread(terms, 3);
    }
}

#[inline]
fn product(a: &Lanes, b: &Lanes) -> Lanes {
    let mut product = *a;
    product.iter_mut().zip(b).for_each(|(a, b)| *a *= b);
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(u32, f64, f64, f64); 8] = [
        (0, 0.0, 1.3, 1.0),
        (1, 0.4, 1.0, 2.0),
        (3, 1.1, 1.1, 1.0),
        (7, 0.9, 1.2, 0.5),
        (40, 0.5, 0.7, 1.0),
        (200, 1.0, 1.4, 1.0),
        (5, 1e-9, 1.2, 1.0),
        (0, 0.0, 0.0, 3.0),
    ];

    fn bend(at: &[f64], (repeats, recency, age, weight): (u32, f64, f64, f64)) -> Bend {
        Point::at(at, 300).bend(&Row { repeats, recency, age, weight })
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let points =
            [[-0.6, -1.3, -0.5, -1.2], [1.0, 2.0, 0.7, -2.0], [-2.0, -1.0, 3.0, 3.0], [3.0, 0.0, -3.0, 1.0]];
        for (at, row) in points.iter().flat_map(|at| ROWS.map(|row| (at, row))) {
            let here = bend(at, row);
            for i in 0..4 {
                let step = 1e-4;
                let [up, down] = [step, -step].map(|step| {
                    let mut there = *at;
                    there[i] += step;
                    bend(&there, row)
                });
                let size = 1.0 + here.value.abs();
                let slope = (up.value - down.value) / (2.0 * step);
                assert!(
                    (slope - here.gradient[i]).abs() < 1e-6 * size,
                    "{at:?} {row:?} {i}: {slope} {here:?}"
                );
                for j in 0..4 {
                    let slope = (up.gradient[j] - down.gradient[j]) / (2.0 * step);
                    let known = here.hessian[i.max(j)][i.min(j)];
                    assert!((slope - known).abs() < 1e-6 * size, "{at:?} {row:?} {i} {j}: {slope} {here:?}");
                }
            }
        }
    }
}
