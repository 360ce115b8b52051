//! The search: rows go to the nearest centroid, centroids to the mean of their rows, until neither moves.

use std::cmp::Ordering;

use super::{
    EmptyCluster,
    nearest::Nearest,
    table::{CHUNK, Table},
    totals::{Moves, Spread, Totals},
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
    let mut found = Found { steps, stop, ..lloyd.settle() };
    found.drop_empty(table.width(), rules.empty)?;
    Ok(found)
}

struct Lloyd<'a> {
    table: &'a Table<'a>,
    spread: &'a Spread,
    centroids: Vec<f64>,
    /// [`NONE`] before the first step.
    labels: Vec<u32>,
    /// What the clock shows when a row's nearest centroid may be another one.
    due: Vec<f64>,
    /// How far the gap between the distances of the nearest and the second nearest centroid can have closed, for
    /// any row, since the search began.
    clock: f64,
    totals: Totals,
}

const NONE: u32 = u32::MAX;

impl<'a> Lloyd<'a> {
    fn new(table: &'a Table<'a>, spread: &'a Spread, centroids: Vec<f64>) -> Self {
        let totals = Totals::new(centroids.len() / table.width(), table.width());
        let (labels, due) = (vec![NONE; table.len()], vec![0.0; table.len()]);
        Self { table, spread, centroids, labels, due, clock: 0.0, totals }
    }

    fn clusters(&self) -> usize {
        self.centroids.len() / self.table.width()
    }

    /// Sends each row to the nearest centroid, and says how many moved.
    fn assign(&mut self) -> u64 {
        let (table, spread, centroids, clock) = (self.table, self.spread, &self.centroids, self.clock);
        let clusters = centroids.len() / table.width();
        let size = table.task();
        let rows = parallel::ranges(table.len(), size).into_iter();
        let tasks: Vec<_> = rows.zip(self.labels.chunks_mut(size)).zip(self.due.chunks_mut(size)).collect();
        let all = each_task(tasks, |((rows, labels), due)| {
            let mut scratch = Scratch::new(table.width());
            let mut moves = Moves::new(clusters, table.width());
            let chunks = labels.chunks_mut(CHUNK).zip(due.chunks_mut(CHUNK));
            for (chunk, (labels, due)) in chunks.enumerate() {
                let start = rows.start + chunk * CHUNK;
                scratch.find(table, start, due, centroids, clock);
                scratch.move_rows(start, labels, &mut moves, table, spread);
            }
            moves
        });
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
        // The two centroids of a row both move.
        let (mut first, mut second) = (0.0_f64, 0.0_f64);
        for square in &squares {
            (first, second) = (first.max(*square), second.max(first.min(*square)));
        }
        let closed = (first.sqrt() + second.sqrt()) * (1.0 + rounding(width));
        // Not less than it would be without rounding.
        self.clock = (self.clock + closed) * (1.0 + 4.0 * f64::EPSILON);
        self.centroids = means;
        squares.iter().sum()
    }

    /// Deals with clusters without rows, and says whether one was given a row.
    fn refill(&mut self, rule: EmptyCluster) -> Result<bool, Error> {
        let empty = self.totals.empty();
        if empty.is_empty() {
            return Ok(false);
        }
        if rule == EmptyCluster::Refuse {
            return Err(refused(self.clusters()));
        }
        let wanted = if rule == EmptyCluster::Relocate { empty.len() } else { 0 };
        let mut farthest = self.farthest(wanted).into_iter();
        let mut homeless = Vec::new();
        for cluster in empty {
            match farthest.find(|&row| self.totals.rows(self.labels[row] as usize) > 1) {
                Some(row) => self.relocate(row, cluster as u32),
                None => homeless.push(cluster),
            }
        }
        let refilled = homeless.len() < wanted;
        homeless.into_iter().rev().for_each(|cluster| self.remove(cluster));
        Ok(refilled)
    }

    fn relocate(&mut self, row: usize, cluster: u32) {
        let mut moves = Moves::new(self.clusters(), self.table.width());
        moves.take(self.table, self.spread, row, self.labels[row]);
        moves.add(self.table, self.spread, row, cluster);
        self.totals.apply(&moves);
        self.labels[row] = cluster;
        self.due[row] = 0.0;
    }

    fn remove(&mut self, cluster: usize) {
        let width = self.table.width();
        self.centroids.drain(cluster * width..(cluster + 1) * width);
        self.totals.remove(cluster);
        close_up(&mut self.labels, cluster as u32);
    }

    /// Rows away from their centroids, the farthest first and of equally far ones the first; enough for so many
    /// clusters to be filled.
    fn farthest(&self, wanted: usize) -> Vec<usize> {
        if wanted == 0 {
            return Vec::new();
        }
        // A cluster keeps a row, so that one farthest row of each may have to be passed over.
        let most = wanted + self.clusters();
        let width = self.table.width();
        let chunks = parallel::map(self.table.chunks(), |rows| {
            let away = rows.map(|row| {
                let at = self.labels[row] as usize * width;
                let of = self.centroids[at..at + width].iter();
                let square: f64 = self.table.row(row).zip(of).map(|(x, c)| (x - c) * (x - c)).sum();
                (square, row)
            });
            first_of(away.filter(|(square, _)| *square > 0.0).collect(), most)
        });
        first_of(chunks.concat(), most).into_iter().map(|(_, row)| row).collect()
    }

    /// The nearest centroid of each row as the centroids are now, and what follows from it.
    fn settle(mut self) -> Found {
        let (table, centroids) = (self.table, &self.centroids);
        let clusters = self.clusters();
        let size = table.task();
        let tasks: Vec<_> =
            parallel::ranges(table.len(), size).into_iter().zip(self.labels.chunks_mut(size)).collect();
        let parts = each_task(tasks, |(rows, labels)| {
            let mut nearest = Nearest::of_rows(CHUNK);
            let (mut inertia, mut weights) = (0.0, vec![0.0; clusters]);
            for (chunk, labels) in labels.chunks_mut(CHUNK).enumerate() {
                let start = rows.start + chunk * CHUNK;
                nearest.find(&table.slices(start..start + labels.len()), centroids);
                for (at, label) in labels.iter_mut().enumerate() {
                    let weight = table.weight(start + at);
                    *label = nearest.number(at);
                    inertia += weight * nearest.least[at];
                    weights[*label as usize] += weight;
                }
            }
            (inertia, weights)
        });
        let (mut inertia, mut weights) = (0.0, vec![0.0; clusters]);
        for (part, of) in parts {
            inertia += part;
            weights.iter_mut().zip(of).for_each(|(sum, weight)| *sum += weight);
        }
        let (centroids, labels) = (self.centroids, self.labels);
        Found { centroids, labels, weights, inertia, steps: 0, stop: Stop::StepLimit }
    }
}

impl Found {
    /// A tolerance may end the search just where a cluster is left by its last row.
    fn drop_empty(&mut self, width: usize, rule: EmptyCluster) -> Result<(), Error> {
        for cluster in (0..self.weights.len()).rev() {
            if self.weights[cluster] > 0.0 {
                continue;
            }
            if rule == EmptyCluster::Refuse {
                return Err(refused(self.weights.len()));
            }
            self.weights.remove(cluster);
            self.centroids.drain(cluster * width..(cluster + 1) * width);
            close_up(&mut self.labels, cluster as u32);
        }
        Ok(())
    }
}

fn refused(clusters: usize) -> Error {
    Error::parameter("clusters", clusters, "leave one of them without points")
}

/// The numbers above one that is no more.
fn close_up(labels: &mut [u32], gone: u32) {
    labels.iter_mut().filter(|label| **label > gone && **label != NONE).for_each(|label| *label -= 1);
}

fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn first_of(mut rows: Vec<(f64, usize)>, most: usize) -> Vec<(f64, usize)> {
    let order = |a: &(f64, usize), b: &(f64, usize)| -> Ordering { b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)) };
    if rows.len() > most {
        rows.select_nth_unstable_by(most, order);
        rows.truncate(most);
    }
    rows.sort_unstable_by(order);
    rows
}

/// A single task is not worth handing over to another thread.
pub(super) fn each_task<T: Send, R: Send>(tasks: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if tasks.len() < 2 { tasks.into_iter().map(work).collect() } else { parallel::map(tasks, work) }
}

/// More than the rounding of a few distances, relatively.
fn rounding(width: usize) -> f64 {
    4.0 * (width as f64 + 8.0) * f64::EPSILON
}

/// What a task keeps from chunk to chunk.
struct Scratch {
    /// Rows of the chunk whose nearest centroid may be another one.
    rows: Vec<u32>,
    /// How many they are.
    len: usize,
    /// Their coordinates, a column after the other, where they are not the whole chunk.
    gathered: Vec<Vec<f64>>,
    nearest: Nearest,
}

impl Scratch {
    fn new(width: usize) -> Self {
        let gathered = vec![vec![0.0; CHUNK]; width];
        Self { rows: vec![0; CHUNK], len: 0, gathered, nearest: Nearest::of_rows(CHUNK) }
    }

    /// Finds the nearest centroids of the rows that are due, and when they are due again.
    fn find(&mut self, table: &Table<'_>, start: usize, due: &mut [f64], centroids: &[f64], clock: f64) {
        self.len = 0;
        for (row, due) in (0..).zip(due.iter()) {
            self.rows[self.len] = row;
            self.len += usize::from(*due <= clock);
        }
        if self.len == 0 {
            return;
        }
        let columns = table.slices(start..start + due.len());
        if 2 * self.len > due.len() {
            self.len = due.len();
            (0..).zip(&mut self.rows[..due.len()]).for_each(|(number, row)| *row = number);
            self.nearest.find(&columns, centroids);
        } else {
            let rows = &self.rows[..self.len];
            for (gathered, column) in self.gathered.iter_mut().zip(&columns) {
                for (place, row) in gathered.iter_mut().zip(rows) {
                    *place = column[*row as usize];
                }
            }
            let gathered: Vec<&[f64]> = self.gathered.iter().map(|column| &column[..self.len]).collect();
            self.nearest.find(&gathered, centroids);
        }
        let rounding = rounding(columns.len());
        for (at, row) in self.rows[..self.len].iter().enumerate() {
            let (least, second) = (self.nearest.least[at].sqrt(), self.nearest.second[at].sqrt());
            let gap = second * (1.0 - rounding) - least;
            due[*row as usize] = (clock + gap) * (1.0 - 4.0 * f64::EPSILON);
        }
    }

    fn move_rows(
        &self,
        start: usize,
        labels: &mut [u32],
        moves: &mut Moves,
        table: &Table<'_>,
        spread: &Spread,
    ) {
        for (at, row) in self.rows[..self.len].iter().enumerate() {
            let label = &mut labels[*row as usize];
            let (old, new) = (*label, self.nearest.number(at));
            if new != old {
                let row = start + *row as usize;
                if old != NONE {
                    moves.take(table, spread, row, old);
                }
                moves.add(table, spread, row, new);
                moves.moved += 1;
                *label = new;
            }
        }
    }
}
