//! The maximum of the partial likelihood, by Newton's method with steps that are halved until they lead up.

use super::{
    Ties,
    partial_likelihood::{Point, Slope},
    risk_sets::RiskSets,
};
use crate::{
    churn::survival::{
        collinear::{self, DEPENDENT},
        covariates::listed,
    },
    error::Error,
    math::symmetric::{Symmetric, dot},
};

/// Where the search ended, in the coordinates of the scaled columns and with weights of a mean of 1.
pub(super) struct Peak {
    pub(super) point: Point,
    /// The inverse of the negated curvature, the penalty's own included.
    pub(super) covariance: Symmetric,
    pub(super) null_log_likelihood: f64,
    pub(super) score: f64,
    pub(super) wald: f64,
    pub(super) steps: u32,
}

/// A Newton step promises half of this: the coefficients are then within a hundred thousandth of their standard errors,
/// and the step that follows squares that.
const DECREMENT: f64 = 1e-9;
const MOST_STEPS: u32 = 200;
const MOST_HALVINGS: u32 = 40;
/// Steps of Newton's method shrink by their square towards a maximum, and do not towards one that is infinitely far away.
const SHRINKING: f64 = 0.1;
/// A step shorter than this, in standard deviations, is no flight.
const FAR: f64 = 1e-3;
/// Columns that take part in a direction by this part of the largest are named.
const PART: f64 = 0.3;

pub(super) struct Search<'a> {
    pub(super) sets: &'a RiskSets,
    pub(super) names: &'a [&'a str],
    pub(super) ties: Ties,
    pub(super) ridge: f64,
}

impl Search<'_> {
    pub(super) fn climb(&self) -> Result<Peak, Error> {
        let mut point = self.sets.point(&vec![0.0; self.sets.width()], self.ties);
        let null_log_likelihood = point.log_likelihood;
        let mut slope = self.slope(&point);
        if self.ridge == 0.0 {
            self.check_independent(&slope)?;
        }
        let mut inverse = self.inverse(&slope, &[])?;
        let mut step = inverse.times(&slope.gradient);
        let score = dot(&step, &slope.gradient);
        let mut before: Option<f64> = None;
        for steps in 1..=MOST_STEPS {
            let decrement = dot(&step, &slope.gradient);
            let length = longest(&step);
            let settled = decrement < DECREMENT;
            let fled = |before: f64| length > SHRINKING * before && length > FAR;
            if settled && before.is_some_and(fled) {
                return Err(self.no_maximum(&step));
            }
            let next = self.ahead(&point, &step);
            let moved = next.is_some();
            if let Some(next) = next {
                point = next;
                slope = self.slope(&point);
                inverse = self.inverse(&slope, &step)?;
            }
            if settled || !moved {
                let wald = wald(&point, &inverse);
                return Ok(Peak { point, covariance: inverse, null_log_likelihood, score, wald, steps });
            }
            before = Some(length);
            step = inverse.times(&slope.gradient);
        }
        Err(self.no_maximum(&step))
    }

    /// The penalty is ridge / 2 times the rows times the sum of the squared coefficients.
    fn penalised(&self, point: &Point) -> f64 {
        point.log_likelihood - 0.5 * self.stiffness() * dot(&point.coefficients, &point.coefficients)
    }

    fn stiffness(&self) -> f64 {
        self.ridge * self.sets.rows() as f64
    }

    fn slope(&self, point: &Point) -> Slope {
        let mut slope = self.sets.slope(point);
        for (at, coefficient) in point.coefficients.iter().enumerate() {
            slope.gradient[at] -= self.stiffness() * coefficient;
            slope.information.add(at, at, self.stiffness());
        }
        slope
    }

    /// The first point along the step that is no lower, but for rounding.
    fn ahead(&self, point: &Point, step: &[f64]) -> Option<Point> {
        let here = self.penalised(point);
        let noise = 1e-13 * here.abs().max(1.0);
        let mut part = 1.0;
        for _ in 0..MOST_HALVINGS {
            let moved = point.coefficients.iter().zip(step).map(|(at, step)| at + part * step);
            let next = self.sets.point(&moved.collect::<Vec<f64>>(), self.ties);
            if self.penalised(&next) >= here - noise {
                return Some(next);
            }
            part *= 0.5;
        }
        None
    }

    fn inverse(&self, slope: &Slope, step: &[f64]) -> Result<Symmetric, Error> {
        slope.information.inverse().ok_or_else(|| self.no_maximum(step))
    }

    fn check_independent(&self, slope: &Slope) -> Result<(), Error> {
        let whole = slope.whole.iter().zip(self.names).enumerate();
        for (at, (whole, name)) in whole {
            if !(slope.information.get(at, at) > DEPENDENT * whole) {
                let rule = "is constant among those at risk whenever somebody leaves";
                return Err(Error::parameter("covariate", name, rule));
            }
        }
        collinear::check(&slope.information, self.names)
    }

    fn no_maximum(&self, step: &[f64]) -> Error {
        let least = PART * longest(step);
        let fleeing = self.names.iter().zip(step).filter(|(_, step)| step.abs() >= least);
        let names: Vec<&str> = fleeing.map(|(name, _)| *name).collect();
        let rule =
            "orders all events at risk: the likelihood grows without end, so take it out or set a ridge";
        Error::parameter("covariate", listed(&names), rule)
    }
}

fn longest(step: &[f64]) -> f64 {
    step.iter().fold(0.0, |most: f64, part| most.max(part.abs()))
}

/// |L^-1 b|², which is b' V^-1 b for the covariance V = L L'.
fn wald(point: &Point, covariance: &Symmetric) -> f64 {
    covariance.cholesky().map_or(0.0, |root| {
        let solved = root.forward(&point.coefficients);
        dot(&solved, &solved)
    })
}
