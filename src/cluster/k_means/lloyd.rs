//! The search: rows go to the nearest centroid, centroids to the mean of their rows, until neither moves.

use super::{
    EmptyCluster,
    nearest::{Nearest, rounding},
    part::{Part, Scratch, Step},
    table::{CHUNK, Table},
    totals::{Spread, Totals},
};
use crate::{error::Error, math::parallel, model::Stop};

/// When a search ends, and what becomes of a cluster without rows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Rules {
    /// Times the mean variance of the columns.
    pub(super) tolerance: f64,
    pub(super) max_steps: u32,
    pub(super) empty: EmptyCluster,
}

/// What a search found, in the numbers of the table.
pub(super) struct Found {
    /// A row each.
    pub(super) centroids: Vec<f64>,
    pub(super) labels: Vec<u32>,
    /// Weight of each cluster's rows.
    pub(super) weights: Vec<f64>,
    pub(super) inertia: f64,
    pub(super) steps: u32,
    pub(super) stop: Stop,
}

/// Searches from given centroids, at least one.
pub(super) fn search(
    table: &Table<'_>,
    spread: &Spread,
    start: Vec<f64>,
    rules: Rules,
) -> Result<Found, Error> {
    let mut lloyd = Lloyd::new(table, spread, start);
    let tolerance = rules.tolerance * spread.variance;
    let (mut stop, mut steps) = (Stop::StepLimit, 0);
    while steps < rules.max_steps {
        steps += 1;
        let moved = lloyd.assign();
        let refilled = lloyd.refill(rules.empty)?;
        let shift = lloyd.update();
        if (moved == 0 && !refilled) || shift <= tolerance {
            stop = Stop::Converged;
            break;
        }
    }
    let centroids = std::mem::take(&mut lloyd.centroids);
    // With it go its copies of the columns.
    drop(lloyd);
    let mut found = settle(table, centroids);
    found.drop_empty(table.width(), rules.empty)?;
    Ok(Found { steps, stop, ..found })
}

/// A search under way.
pub(super) struct Lloyd<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) spread: &'a Spread,
    /// A row each.
    pub(super) centroids: Vec<f64>,
    pub(super) parts: Vec<Part>,
    pub(super) totals: Totals,
    /// How far the gap between the distances of the nearest and the second nearest centroid can have closed, for
    /// any row, since the search began.
    clock: f64,
}

impl<'a> Lloyd<'a> {
    fn new(table: &'a Table<'a>, spread: &'a Spread, centroids: Vec<f64>) -> Self {
        let width = table.width();
        let totals = Totals::new(centroids.len() / width, width);
        let parts = parallel::map(table.tasks(), Part::new);
        Self { table, spread, centroids, parts, totals, clock: 0.0 }
    }

    pub(super) fn clusters(&self) -> usize {
        self.centroids.len() / self.table.width()
    }

    /// Sends each row to the nearest centroid, and says how many moved.
    fn assign(&mut self) -> u64 {
        let &mut Self { table, spread, ref centroids, clock, .. } = self;
        let step = Step { table, spread, centroids, clock };
        let parts = self.parts.iter_mut().collect();
        let scratch = Scratch::default;
        let all = parallel::map_with(parts, scratch, |scratch, part: &mut Part| part.step(step, scratch));
        for moves in &all {
            self.totals.apply(moves);
        }
        all.iter().map(|moves| moves.moved).sum()
    }

    /// Moves the centroids to the means, and returns the sum of the squares of how far they went.
    fn update(&mut self) -> f64 {
        let means = self.totals.means(self.spread, &self.centroids);
        let width = self.table.width();
        let pairs = means.chunks(width).zip(self.centroids.chunks(width));
        let squares: Vec<f64> = pairs.map(|(new, old)| square(new, old)).collect();
        // Of the two centroids of a row both may move.
        let (mut first, mut second) = (0.0_f64, 0.0_f64);
        for square in &squares {
            (first, second) = (first.max(*square), second.max(first.min(*square)));
        }
        let pace = (first.sqrt() + second.sqrt()) * (1.0 + rounding(width));
        // Not less than it would be without rounding.
        self.clock = (self.clock + pace) * (1.0 + 4.0 * f64::EPSILON);
        self.centroids = means;
        squares.iter().sum()
    }
}

fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The nearest centroid of each row as the centroids are now, and what follows from it.
pub(super) fn settle(table: &Table<'_>, centroids: Vec<f64>) -> Found {
    let clusters = centroids.len() / table.width();
    let mut labels = vec![0; table.len()];
    let tasks = table.tasks().into_iter().zip(labels.chunks_mut(table.task()));
    let parts = parallel::map_with(
        tasks.collect(),
        || Nearest::of_rows(CHUNK),
        |nearest, (rows, labels)| {
            let (mut inertia, mut weights) = (0.0, vec![0.0; clusters]);
            for (chunk, labels) in labels.chunks_mut(CHUNK).enumerate() {
                let start = rows.start + chunk * CHUNK;
                nearest.find(&table.slices(start..start + labels.len()), &centroids);
                labels.copy_from_slice(&nearest.numbers()[..labels.len()]);
                for ((label, square), row) in labels.iter().zip(nearest.squares()).zip(start..) {
                    let weight = table.weight(row);
                    inertia += weight * square;
                    weights[*label as usize] += weight;
                }
            }
            (inertia, weights)
        },
    );
    let (mut inertia, mut weights) = (0.0, vec![0.0; clusters]);
    for (part, of) in parts {
        inertia += part;
        weights.iter_mut().zip(of).for_each(|(sum, weight)| *sum += weight);
    }
    Found { centroids, labels, weights, inertia, steps: 0, stop: Stop::StepLimit }
}
