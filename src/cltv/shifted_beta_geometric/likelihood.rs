//! The log-likelihood of tenures, with its derivatives in the logarithms of alpha and beta.

use std::ops::Range;

use crate::{
    cltv::{distinct::Distinct, search::Likelihood, survivors::Tenure},
    math::{newton::Curve, special::Rising},
};

pub(super) struct TenureLikelihood {
    pub(super) rows: Distinct<Tenure>,
}

/// The parameters.
pub(super) struct Point {
    alpha: f64,
    beta: f64,
}

/// ln of the probability of a tenure is that of the rising factorial of beta less that of alpha + beta, and
/// ln alpha if the customer left.
struct Parts {
    beta: Rising,
    both: Rising,
    left: f64,
}

impl Parts {
    fn of(point: &Point, tenure: Tenure) -> Self {
        let (renewals, left) = (f64::from(tenure.renewals), f64::from(u8::from(tenure.left)));
        Self {
            beta: Rising::of(point.beta, renewals),
            both: Rising::of(point.alpha + point.beta, renewals + left),
            left,
        }
    }

    fn value(&self, point: &Point) -> f64 {
        self.beta.value - self.both.value + self.left * point.alpha.ln()
    }
}

impl Likelihood for TenureLikelihood {
    type Point = Point;

    fn dimensions(&self) -> usize {
        2
    }

    fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    fn point(&self, at: &[f64]) -> Point {
        Point { alpha: at[0].exp(), beta: at[1].exp() }
    }

    fn value(&self, point: &Point, rows: Range<usize>) -> f64 {
        self.rows.rows[rows].iter().map(|(row, weight)| weight * Parts::of(point, *row).value(point)).sum()
    }

    fn add_curve(&self, point: &Point, rows: Range<usize>, to: &mut Curve) {
        let Point { alpha, beta } = *point;
        for (row, weight) in &self.rows.rows[rows] {
            let parts = Parts::of(point, *row);
            let Parts { beta: of_beta, both, left } = &parts;
            // By the logarithms of the parameters: that of ln alpha is 1, and does not change.
            let slopes = [left - alpha * both.first, beta * (of_beta.first - both.first)];
            to.value += weight * parts.value(point);
            to.gradient[0] += weight * slopes[0];
            to.gradient[1] += weight * slopes[1];
            to.hessian.add(0, 0, -weight * alpha * (both.first + alpha * both.second));
            to.hessian.add(0, 1, -weight * alpha * beta * both.second);
            to.hessian.add(1, 1, weight * (slopes[1] + beta * beta * (of_beta.second - both.second)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cltv::{Survivors, search::tests::derivatives_agree},
        domain::Tick,
    };

    #[test]
    fn the_derivatives_are_those_of_the_value() {
        let contracts = Survivors::new(Tick::Year).cohort(&[1000, 631, 468, 3]).unwrap().cohort(&[50, 2]);
        let rows = contracts.unwrap().tenures();
        for at in [[-0.35, 0.17], [-4.0, 3.0], [5.0, 7.0]] {
            derivatives_agree(&TenureLikelihood { rows: rows.clone() }, &at);
        }
    }
}
