//! The top of the penalised log-likelihood, by Newton's method.
//!
//! Each step goes to the top of the quadratic surface that touches here: by Cholesky's root under a ridge, by
//! coordinates in turn where sizes count (Friedman, Hastie & Tibshirani 2010). A step that gains too little is halved.

use super::{
    likelihood::{Rows, Sums},
    penalty::Pulls,
    separation::{self, Separation},
};
use crate::{
    math::symmetric::{Symmetric, dot},
    model::Stop,
};

/// Where a search ended, and how.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Peak {
    /// The intercept, then the terms, standardised.
    pub(super) at: Vec<f64>,
    /// At the point but for the last step, which is short; the value is at the point.
    pub(super) sums: Sums,
    pub(super) steps: u32,
    pub(super) stop: Stop,
    pub(super) separation: Option<Separation>,
}

/// A gain that is lost in the rounding of the value.
const NOTHING: f64 = 1e-15;
/// As much may the value of a sum of many rows be off.
const NOISE: f64 = 1e-13;
/// So far a coordinate would still go, though nothing is gained: it is not determined.
const UNDECIDED: f64 = 1e-3;
const MOST_HALVINGS: u32 = 40;
/// By then a search that has a top is close to it, so that it is worth a look whether there is one.
const LATE: u32 = 8;
/// Of coordinates in turn, before a step is taken as it is.
const MOST_ROUNDS: u32 = 1000;

/// Climbs from a start.
pub(super) fn climb(rows: &Rows<'_>, pulls: &Pulls, start: &[f64], most_steps: u32) -> Peak {
    let (mut at, mut sums) = (start.to_vec(), rows.sums(start));
    for steps in 0..=most_steps {
        let end = |at, sums, stop| Peak { at, sums, steps, stop, separation: None };
        let height = sums.value - pulls.cost(&at);
        if !sums.is_finite() || !height.is_finite() {
            return end(at, sums, Stop::NotFinite);
        }
        let to = aim(&sums, pulls, &at);
        let step: Vec<f64> = to.iter().zip(&at).map(|(to, at)| to - at).collect();
        let gain = promise(&sums, pulls, &at, &step);
        if !(gain > NOTHING * height.abs().max(1.0)) {
            let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
            // NaN is not short.
            if !(longest < UNDECIDED) {
                return end(at, sums, Stop::Flat);
            }
            sums.value += rise(&sums, &step);
            return end(to, sums, Stop::Converged);
        }
        if steps >= LATE && pulls.is_none() {
            let separation = separation::along(rows, &step);
            if separation.is_some() {
                return Peak { separation, ..end(at, sums, Stop::Flat) };
            }
        }
        if steps == most_steps {
            return end(at, sums, Stop::StepLimit);
        }
        match shorten(rows, pulls, (&at, height), &step, gain) {
            Some(there) => (at, sums) = there,
            None => return end(at, sums, Stop::NoProgress),
        }
    }
    Peak { at, sums, steps: most_steps, stop: Stop::StepLimit, separation: None }
}

/// The first point on the way, halving it, that gains a part of what is promised.
fn shorten(
    rows: &Rows<'_>,
    pulls: &Pulls,
    (at, height): (&[f64], f64),
    step: &[f64],
    gain: f64,
) -> Option<(Vec<f64>, Sums)> {
    let mut part = 1.0;
    for _ in 0..MOST_HALVINGS {
        let there: Vec<f64> = at.iter().zip(step).map(|(at, step)| at + part * step).collect();
        let sums = rows.sums(&there);
        let higher = sums.value - pulls.cost(&there);
        if sums.is_finite() && higher >= height + 1e-4 * part * gain - NOISE * height.abs() {
            return Some((there, sums));
        }
        part /= 2.0;
    }
    None
}

/// What a step adds to the log-likelihood, as far as its quadratic surface tells.
fn rise(sums: &Sums, step: &[f64]) -> f64 {
    dot(&sums.gradient, step) - dot(step, &sums.information().times(step)) / 2.0
}

/// What a step gains: what it adds to the log-likelihood, less what more the penalty takes off.
fn promise(sums: &Sums, pulls: &Pulls, at: &[f64], step: &[f64]) -> f64 {
    let there: Vec<f64> = at.iter().zip(step).map(|(at, step)| at + step).collect();
    let moved = step.iter().zip(at).zip(&there);
    let costs =
        moved.zip(pulls.ridge.iter().zip(&pulls.lasso)).map(|(((step, at), there), (ridge, lasso))| {
            // Not the difference of two squares, which rounds more.
            ridge * step * (at + there) / 2.0 + lasso * (there.abs() - at.abs())
        });
    rise(sums, step) - costs.sum::<f64>()
}

/// The top of the quadratic surface.
fn aim(sums: &Sums, pulls: &Pulls, at: &[f64]) -> Vec<f64> {
    if pulls.has_lasso() { by_coordinates(sums, pulls, at) } else { by_root(sums, pulls, at) }
}

fn by_root(sums: &Sums, pulls: &Pulls, at: &[f64]) -> Vec<f64> {
    let bends = curvature(sums, pulls);
    let slopes: Vec<f64> = sums
        .gradient
        .iter()
        .zip(&pulls.ridge)
        .zip(at)
        .map(|((slope, ridge), at)| slope - ridge * at)
        .collect();
    // Where the surface is flat as far as its digits tell, it is bent a little.
    let mut more = 0.0;
    for _ in 0..20 {
        let mut bent = bends.clone();
        for row in 0..bent.size() {
            bent.set(row, row, bends.get(row, row) * (1.0 + more) + f64::MIN_POSITIVE);
        }
        if let Some(root) = bent.cholesky() {
            let step = root.solve(&slopes);
            return at.iter().zip(step).map(|(at, step)| at + step).collect();
        }
        more = (more * 10.0_f64).max(1e-13);
    }
    at.to_vec()
}

fn by_coordinates(sums: &Sums, pulls: &Pulls, at: &[f64]) -> Vec<f64> {
    let bends = sums.information();
    let (mut to, mut slopes) = (at.to_vec(), sums.gradient.clone());
    for _ in 0..MOST_ROUNDS {
        let mut moved = 0.0_f64;
        for j in 0..to.len() {
            let (ridge, lasso, bend) = (pulls.ridge[j], pulls.lasso[j], bends.get(j, j));
            let pull = slopes[j] + bend * to[j];
            let over = (pull.abs() - lasso).max(0.0).copysign(pull);
            // Zero has no sign.
            let next = if bend + ridge > 0.0 { over / (bend + ridge) + 0.0 } else { to[j] };
            let step = next - to[j];
            // As in most rounds for most coordinates.
            if step.to_bits() << 1 == 0 || !step.is_finite() {
                continue;
            }
            to[j] = next;
            for (k, slope) in slopes.iter_mut().enumerate() {
                *slope -= bends.get(j, k) * step;
            }
            moved = moved.max(step.abs() / next.abs().max(1.0));
        }
        if moved <= 1e-14 {
            break;
        }
    }
    to
}

/// The Hessian of the penalised surface, negated.
pub(super) fn curvature(sums: &Sums, pulls: &Pulls) -> Symmetric {
    let mut bends = sums.information();
    for (row, ridge) in pulls.ridge.iter().enumerate() {
        bends.add(row, row, *ridge);
    }
    bends
}
