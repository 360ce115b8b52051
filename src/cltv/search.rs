//! Maximum likelihood, the same way for every model: from a sample to all rows, by Newton's method.

use std::ops::Range;

use super::{Collapsed, Prior};
use crate::{
    math::{
        newton::{Curve, Ended, Newton, Peak, Surface},
        sum::sum_blocks,
        symmetric::Symmetric,
    },
    model::{Readiness, Record, Stop},
};

/// The log-likelihood of some rows, at coordinates of the search.
pub(super) trait Likelihood: Sync {
    /// What all rows share at a point: the parameters, tables over the counts.
    type Point: Sync;

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
        let sum = sum_blocks(self.likelihood.rows(), || 0.0, add, |sum, part| *sum += part);
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
    sum_blocks(likelihood.rows(), zero, add, |sum, part| {
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

/// Climbs from each start, over a sample if there are many rows, and from the best end over all.
///
/// `priors` are in the coordinates of the search, as many as there are.
pub(super) fn maximise<L: Likelihood>(
    rows: &Collapsed,
    likelihood: impl Fn(Collapsed) -> L,
    starts: &[Vec<f64>],
    priors: &[Option<Prior>],
) -> Found {
    let newton = Newton::default();
    let climb = |likelihood: &L, start: &[f64]| newton.maximise(&Penalised { likelihood, priors }, start);
    let every = rows.rows.len().div_ceil(SAMPLE);
    let sample = likelihood(rows.sample(every));
    let tries = starts.iter().map(|start| climb(&sample, start));
    let best = tries.reduce(|best, next| if is_higher(&next, &best) { next } else { best });
    let start = best.as_ref().map_or(&[][..], |peak| &peak.at);
    let all = likelihood(rows.clone());
    let before = best.as_ref().map_or(0, |peak| peak.steps);
    let peak = climb(&all, start);
    Found::of(&all, peak, before, priors)
}

/// Whether a climb ended higher than another; an end that is no number is lowest.
fn is_higher(peak: &Peak, other: &Peak) -> bool {
    peak.curve.value > other.curve.value || other.curve.value.is_nan()
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

    /// How the model was made; `log_scale` is by how much the log-likelihood is larger in the scale of the
    /// search than in the units of the data.
    pub(super) fn record(self, rows: &Collapsed, readiness: Readiness) -> Record {
        Record {
            stop: self.stop,
            steps: self.steps,
            log_likelihood: self.log_likelihood - rows.log_scale(),
            covariance: self.covariance,
            condition: self.condition,
            customers: rows.customers,
            as_of: rows.as_of,
            readiness,
        }
    }
}
