//! The likelihood of Weibull lifetimes, and its maximum.
//!
//! With y = ln t on its own scale (mean m, deviation s), the cumulative hazard is e^z, z = r y - a0 - x a: the
//! log-likelihood Σ w [e (ln r + z - ln s - ln t) - e^z] is concave in a and r (Olsen 1978), whatever the data. A late
//! entry adds w e^z at its time, and is not.

use crate::{
    churn::survival::{
        Lifetimes,
        covariates::listed,
        rows::{Rows, Scale},
        squares::{dot, sum_of_squares},
    },
    error::Error,
    math::{
        special::Compensated,
        symmetric::{self, Symmetric},
    },
};

pub(super) struct Likelihood<'a> {
    pub(super) rows: &'a Rows,
    pub(super) time: Scale,
    events: Vec<f64>,
    pub(super) total_events: f64,
    /// Of z by a0, a and r: -1, -x, y. At the exits, and at entries where there are any.
    exits: Vec<Vec<f64>>,
    entries: Option<Vec<Vec<f64>>>,
    /// The weights of late entries; 0 where a row is at risk from the beginning.
    entry_weights: Vec<f64>,
    /// Σ w e (ln s + ln t).
    constant: f64,
}

/// Where the search ended: a0, a, r, in the coordinates of the scaled columns.
pub(super) struct Peak {
    pub(super) at: Vec<f64>,
    pub(super) covariance: Symmetric,
    pub(super) log_likelihood: f64,
    pub(super) steps: u32,
}

const DECREMENT: f64 = 1e-9;
const MOST_STEPS: u32 = 200;
const MOST_HALVINGS: u32 = 60;
const SHRINKING: f64 = 0.1;
const FAR: f64 = 1e-3;
const PART: f64 = 0.3;
/// A shape so large, against the spread of the lifetimes, has no bound.
const STEEPEST: f64 = 1e8;

impl<'a> Likelihood<'a> {
    pub(super) fn new(lifetimes: &Lifetimes<'_>, rows: &'a Rows) -> Self {
        let logs: Vec<f64> = rows.given.iter().map(|&row| lifetimes.durations()[row as usize].ln()).collect();
        let time = spread(&logs, &rows.weights);
        let of =
            |given: &u32, weight: &f64| weight * f64::from(u8::from(lifetimes.events()[*given as usize]));
        let events: Vec<f64> =
            rows.given.iter().zip(&rows.weights).map(|(given, weight)| of(given, weight)).collect();
        let total_events: f64 = events.iter().sum();
        let constant = dot(&events, &logs) + total_events * time.deviation.ln();
        let directions = |logs: &[f64]| {
            let mut of = vec![vec![-1.0; logs.len()]];
            of.extend(rows.columns.iter().map(|column| column.iter().map(|x| -x).collect()));
            of.push(logs.iter().map(|log| (log - time.mean) / time.deviation).collect());
            of
        };
        let entry = |row: u32| lifetimes.entries().map_or(0.0, |entries| entries[row as usize]);
        let late = |(&row, &weight): (&u32, &f64)| if entry(row) > 0.0 { weight } else { 0.0 };
        let entry_weights: Vec<f64> = rows.given.iter().zip(&rows.weights).map(late).collect();
        let entries = lifetimes.entries().map(|_| {
            let logs: Vec<f64> =
                rows.given.iter().map(|&row| entry(row).max(f64::MIN_POSITIVE).ln()).collect();
            directions(&logs)
        });
        let exits = directions(&logs);
        Self { rows, time, events, total_events, exits, entries, entry_weights, constant }
    }

    pub(super) fn climb(&self, names: &[&str]) -> Result<Peak, Error> {
        let mut at = vec![0.0; names.len() + 2];
        at[names.len() + 1] = 1.0;
        // Of all rows together, at a shape of 1.
        let hazard: f64 = dot(&Self::hazards(&self.exits, &at), &self.rows.weights);
        at[0] = (hazard / self.total_events).ln();
        let mut value = self.value(&at);
        let mut before: Option<f64> = None;
        for steps in 1..=MOST_STEPS {
            let (gradient, information) = self.slope(&at);
            let step = uphill(&information).map(|inverse| inverse.times(&gradient)).unwrap_or_default();
            let (decrement, length) = (symmetric::dot(&step, &gradient), longest(&step));
            let settled = decrement < DECREMENT && !step.is_empty();
            if settled && before.is_some_and(|before| length > SHRINKING * before && length > FAR) {
                return Err(no_maximum(names, &step));
            }
            let next = self.ahead(&at, value, &step);
            let moved = next.is_some();
            if let Some(next) = next {
                (at, value) = next;
            }
            if !(at[names.len() + 1] < STEEPEST) {
                return Err(no_maximum(names, &step));
            }
            if settled || !moved {
                let covariance = self.slope(&at).1.inverse().ok_or_else(|| no_maximum(names, &step))?;
                return Ok(Peak { at, covariance, log_likelihood: value, steps });
            }
            before = Some(length);
        }
        Err(no_maximum(names, &[]))
    }

    fn ahead(&self, at: &[f64], value: f64, step: &[f64]) -> Option<(Vec<f64>, f64)> {
        let noise = 1e-13 * value.abs().max(1.0);
        let mut part = 1.0;
        for _ in 0..MOST_HALVINGS {
            let next: Vec<f64> = at.iter().zip(step).map(|(at, step)| at + part * step).collect();
            let found = if next.is_empty() { f64::NAN } else { self.value(&next) };
            if found >= value - noise {
                return Some((next, found));
            }
            part *= 0.5;
        }
        None
    }

    /// z of each row.
    fn exponents(directions: &[Vec<f64>], at: &[f64]) -> Vec<f64> {
        let mut z = vec![0.0; directions.first().map_or(0, Vec::len)];
        for (direction, at) in directions.iter().zip(at) {
            for (z, number) in z.iter_mut().zip(direction) {
                *z += at * number;
            }
        }
        z
    }

    fn hazards(directions: &[Vec<f64>], at: &[f64]) -> Vec<f64> {
        Self::exponents(directions, at).into_iter().map(f64::exp).collect()
    }

    fn value(&self, at: &[f64]) -> f64 {
        let shape = at.last().copied().unwrap_or(0.0);
        if !(shape > 0.0) {
            return f64::NAN;
        }
        let z = Self::exponents(&self.exits, at);
        let mut sum = Compensated::default();
        sum.add(self.total_events * shape.ln() - self.constant);
        for ((z, weight), event) in z.iter().zip(&self.rows.weights).zip(&self.events) {
            sum.add(event * z - weight * z.exp());
        }
        if let Some(entries) = &self.entries {
            for (z, weight) in Self::exponents(entries, at).iter().zip(&self.entry_weights) {
                if *weight > 0.0 {
                    sum.add(weight * z.exp());
                }
            }
        }
        sum.total()
    }

    /// The gradient and the negated curvature.
    fn slope(&self, at: &[f64]) -> (Vec<f64>, Symmetric) {
        let times = |hazards: Vec<f64>, weights: &[f64]| -> Vec<f64> {
            hazards.iter().zip(weights).map(|(hazard, weight)| hazard * weight).collect()
        };
        let spent = times(Self::hazards(&self.exits, at), &self.rows.weights);
        let residuals: Vec<f64> =
            self.events.iter().zip(&spent).map(|(event, spent)| event - spent).collect();
        let mut gradient: Vec<f64> = self.exits.iter().map(|direction| dot(direction, &residuals)).collect();
        let mut information = squares(&self.exits, &spent);
        if let Some(entries) = &self.entries {
            // Of a row that is at risk from the beginning, nothing came before.
            let before = Self::exponents(entries, at).into_iter().zip(&self.entry_weights);
            let before: Vec<f64> =
                before.map(|(z, weight)| if *weight > 0.0 { weight * z.exp() } else { 0.0 }).collect();
            for (slope, direction) in gradient.iter_mut().zip(entries) {
                *slope += dot(direction, &before);
            }
            information.add_scaled(&squares(entries, &before), -1.0);
        }
        if let (Some(slope), Some(shape)) = (gradient.last_mut(), at.last()) {
            *slope += self.total_events / shape;
            let last = at.len() - 1;
            information.add(last, last, self.total_events / shape / shape);
        }
        (gradient, information)
    }
}

fn squares(directions: &[Vec<f64>], weights: &[f64]) -> Symmetric {
    sum_of_squares(weights.len(), directions.len(), |rows, tiles| {
        for (direction, tile) in directions.iter().zip(tiles) {
            tile.left = &direction[rows.clone()];
            tile.times(&weights[rows.clone()]);
        }
    })
}

/// The inverse of the curvature or, where it is not that of a hill, of one made stiff enough.
fn uphill(information: &Symmetric) -> Option<Symmetric> {
    let mut stiffness = 0.0;
    for _ in 0..60 {
        let mut stiff = information.clone();
        for at in 0..stiff.size() {
            stiff.add(at, at, stiffness * information.get(at, at).abs().max(1.0));
        }
        if let Some(inverse) = stiff.inverse() {
            return Some(inverse);
        }
        stiffness = if stiffness == 0.0 { 1e-6 } else { stiffness * 4.0 };
    }
    None
}

/// Mean and deviation of the logarithms; all alike are on the scale of 1.
fn spread(logs: &[f64], weights: &[f64]) -> Scale {
    let whole: f64 = weights.iter().sum();
    let mean = dot(logs, weights) / whole;
    let square: f64 =
        logs.iter().zip(weights).map(|(log, weight)| weight * (log - mean) * (log - mean)).sum();
    let deviation = (square / whole).sqrt();
    Scale { mean, deviation: if deviation > 1e-12 * mean.abs().max(1.0) { deviation } else { 1.0 } }
}

fn no_maximum(names: &[&str], step: &[f64]) -> Error {
    let coefficients = step.get(1..=names.len()).unwrap_or_default();
    let least = PART * longest(step);
    let fleeing = names.iter().zip(coefficients).filter(|(_, step)| step.abs() >= least && **step != 0.0);
    let fleeing: Vec<&str> = fleeing.map(|(name, _)| *name).collect();
    if fleeing.is_empty() {
        return Error::parameter(
            "shape",
            "rho",
            "has no bound: the lifetimes of those who left vary too little",
        );
    }
    let rule = "orders the lifetimes: the likelihood grows without end, so take it out";
    Error::parameter("covariate", listed(&fleeing), rule)
}

fn longest(step: &[f64]) -> f64 {
    step.iter().fold(0.0, |most: f64, part| most.max(part.abs()))
}
