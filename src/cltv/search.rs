//! Maximum likelihood, the same way for every model: from a sample to all rows, by Newton's method.

use std::ops::Range;

use super::Prior;
use crate::{
    domain::Day,
    math::{
        newton::{Curve, Ended, Newton, Peak, Surface},
        sum::sum_blocks,
        symmetric::Symmetric,
    },
    model::{Readiness, Record, Stop},
};

/// The rows that a model is fitted to.
pub(super) trait Evidence: Clone {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Every so many-th row, with the weight of those it stands for.
    fn sample(&self, every: usize) -> Self;

    /// The sum of the weights.
    fn customers(&self) -> f64;

    /// The end of the observation, where it is known.
    fn as_of(&self) -> Option<Day>;

    /// By how much the log-likelihood is larger in the scale of the search than in the units of the data.
    fn log_scale(&self) -> f64;
}

/// The log-likelihood of some rows, at coordinates of the search.
pub(super) trait Likelihood: Sync {
    /// What all rows share at a point: the parameters, tables over the counts.
    type Point: Sync;

    /// So few rows are summed before another thread would be awake.
    const FEW: usize = 0;

    /// Number of coordinates.
    fn dimensions(&self) -> usize;

    /// Number of rows.
    fn rows(&self) -> usize;

    /// Looks up or computes what the rows share.
    fn point(&self, coordinates: &[f64]) -> Self::Point;

    /// The sum over a run of rows.
    fn value(&self, point: &Self::Point, rows: Range<usize>) -> f64;

    /// Adds the sum over a run of rows, with its derivatives in the coordinates.
    fn add_curve(&self, point: &Self::Point, rows: Range<usize>, to: &mut Curve);
}

/// A likelihood, less a penalty, as the surface to climb.
struct Penalised<'a, L> {
    likelihood: &'a L,
    /// In the coordinates of the search.
    priors: &'a [Option<Prior>],
}

impl<L: Likelihood> Surface for Penalised<'_, L> {
    fn value(&self, at: &[f64]) -> f64 {
        let point = self.likelihood.point(at);
        let add = |sum: &mut f64, rows| *sum += self.likelihood.value(&point, rows);
        let sum = sum_blocks(self.likelihood.rows(), L::FEW, || 0.0, add, |sum, part| *sum += part);
        sum - self.penalty(at)
    }

    fn curve(&self, at: &[f64]) -> Curve {
        let mut curve = curve(self.likelihood, at);
        curve.value -= self.penalty(at);
        for (row, (&at, prior)) in at.iter().zip(self.priors).enumerate() {
            if let Some(Prior { centre, deviation }) = *prior {
                curve.gradient[row] -= (at - centre) / (deviation * deviation);
                curve.hessian.add(row, row, -1.0 / (deviation * deviation));
            }
        }
        curve
    }
}

impl<L> Penalised<'_, L> {
    fn penalty(&self, at: &[f64]) -> f64 {
        let pulls = at.iter().zip(self.priors).filter_map(|(&at, prior)| {
            let away = (at - prior.as_ref()?.centre) / prior.as_ref()?.deviation;
            Some(away * away / 2.0)
        });
        pulls.sum()
    }
}

fn curve<L: Likelihood>(likelihood: &L, at: &[f64]) -> Curve {
    let point = likelihood.point(at);
    let size = likelihood.dimensions();
    let zero = || Curve { value: 0.0, gradient: vec![0.0; size], hessian: Symmetric::zeros(size) };
    let add = |sum: &mut Curve, rows| likelihood.add_curve(&point, rows, sum);
    sum_blocks(likelihood.rows(), L::FEW, zero, add, |sum, part| {
        sum.value += part.value;
        sum.gradient.iter_mut().zip(&part.gradient).for_each(|(sum, part)| *sum += part);
        sum.hessian.add_scaled(&part.hessian, 1.0);
    })
}

/// Where a search ended.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The coordinates.
    pub(super) at: Vec<f64>,
    /// Of the data, without the penalty, as the likelihood sums it: in scaled time.
    log_likelihood: f64,
    covariance: Option<Symmetric>,
    condition: f64,
    steps: u32,
    stop: Stop,
}

/// So many rows show where to look; then a few steps over all rows are enough.
const SAMPLE: usize = 512;

/// Climbs over a sample if there are many rows, and from its end over all. It sets out from the highest start,
/// and from the others only if that one leads to no top.
///
/// `priors` are in the coordinates of the search, as many as there are.
pub(super) fn maximise<E: Evidence, L: Likelihood>(
    rows: &E,
    likelihood: impl Fn(E) -> L,
    starts: &[Vec<f64>],
    priors: &[Option<Prior>],
) -> Found {
    let newton = Newton::default();
    let sample = likelihood(rows.sample(rows.len().div_ceil(SAMPLE)));
    let surface = Penalised { likelihood: &sample, priors };
    let mut steps = 0;
    let mut best: Option<Peak> = None;
    for start in from_the_highest(&surface, starts) {
        let peak = newton.maximise(&surface, start);
        steps += peak.steps;
        let arrived = matches!(peak.ended, Ended::Converged);
        if best.as_ref().is_none_or(|best| is_higher(peak.curve.value, best.curve.value)) {
            best = Some(peak);
        }
        if arrived {
            break;
        }
    }
    let start = best.as_ref().map_or(&[][..], |peak| &peak.at);
    let all = likelihood(rows.clone());
    let peak = newton.maximise(&Penalised { likelihood: &all, priors }, start);
    Found::of(&all, peak, steps, priors)
}

fn from_the_highest<'a>(surface: &dyn Surface, starts: &'a [Vec<f64>]) -> impl Iterator<Item = &'a Vec<f64>> {
    let mut heights: Vec<_> = starts.iter().map(|start| (surface.value(start), start)).collect();
    heights.sort_by(|(a, _), (b, _)| is_higher(*b, *a).cmp(&is_higher(*a, *b)));
    heights.into_iter().map(|(_, start)| start)
}

/// Whether one end is higher than another; what is no number is lowest.
fn is_higher(one: f64, other: f64) -> bool {
    one > other || (other.is_nan() && !one.is_nan())
}

impl Found {
    fn of<L: Likelihood>(likelihood: &L, peak: Peak, before: u32, priors: &[Option<Prior>]) -> Self {
        let mut information = Symmetric::zeros(peak.at.len());
        information.add_scaled(&peak.curve.hessian, -1.0);
        let penalty = Penalised { likelihood, priors }.penalty(&peak.at);
        Self {
            log_likelihood: peak.curve.value + penalty,
            covariance: information.inverse(),
            condition: information.condition(),
            steps: before + peak.steps,
            stop: match peak.ended {
                Ended::Converged => Stop::Converged,
                Ended::Flat => Stop::Flat,
                Ended::StepLimit => Stop::StepLimit,
                Ended::NoProgress => Stop::NoProgress,
                Ended::NotFinite => Stop::NotFinite,
            },
            at: peak.at,
        }
    }

    /// Takes a coordinate that is no logarithm out of the scale of the search.
    pub(super) fn unscale(&mut self, row: usize, scale: f64) {
        self.at[row] *= scale;
        if let Some(covariance) = &mut self.covariance {
            for column in 0..covariance.size() {
                let factor = if column == row { scale * scale } else { scale };
                covariance.set(row, column, factor * covariance.get(row, column));
            }
        }
    }

    /// How the model was made.
    pub(super) fn record(self, rows: &impl Evidence, readiness: Readiness) -> Record {
        Record {
            stop: self.stop,
            steps: self.steps,
            log_likelihood: self.log_likelihood - rows.log_scale(),
            covariance: self.covariance,
            condition: self.condition,
            customers: rows.customers(),
            as_of: rows.as_of(),
            readiness,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Asserts that the gradient and the Hessian are those of the value, by central differences.
    pub(in super::super) fn derivatives_agree<L: Likelihood>(likelihood: &L, at: &[f64]) {
        let step = 1e-5;
        let moved = |by: usize, step: f64| {
            let mut at = at.to_vec();
            at[by] += step;
            at
        };
        let here = curve(likelihood, at);
        let value = likelihood.value(&likelihood.point(at), 0..likelihood.rows());
        assert!((here.value - value).abs() <= 1e-12 * value.abs().max(1.0), "{} {value}", here.value);
        for i in 0..at.len() {
            let [more, less] = [step, -step].map(|step| curve(likelihood, &moved(i, step)));
            let size = here.gradient.iter().fold(here.value.abs(), |most, slope| most.max(slope.abs()));
            let slope = (more.value - less.value) / (2.0 * step);
            assert!(
                (here.gradient[i] - slope).abs() < 1e-7 * size.max(1.0),
                "{at:?} {i}: {:?} {slope}",
                here.gradient
            );
            for j in 0..at.len() {
                let bend = (more.gradient[j] - less.gradient[j]) / (2.0 * step);
                let found = here.hessian.get(i, j);
                assert!((found - bend).abs() < 1e-7 * size.max(1.0), "{at:?} {i} {j}: {found} {bend}");
            }
        }
    }
}
