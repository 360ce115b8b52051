//! Where the search begins: centroids drawn among the rows, far from one another.

use std::ops::Range;

use rand::{Rng, RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    nearest::{Nearest, load, squares},
    table::{CHUNK, Table, each_task},
};
use crate::math::{
    lanes::{LANES, Lanes},
    simd,
};

/// k-means++ (Arthur & Vassilvitskii 2007), greedy: a row is drawn in proportion to its weight and its squared
/// distance from the centroids so far, a few times, and the draw that leaves least distance is taken.
///
/// There are fewer centroids where there are fewer distinct rows.
pub(super) fn plus_plus(table: &Table<'_>, k: usize, chance: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let mut draw = Draw::new(table);
    draw.first(chance);
    draw.fill(k, chance);
    draw.centroids
}

/// k-means|| (Bahmani et al. 2012): in a few rounds rows are drawn, each by itself, some 2 k in a round; of all that
/// were drawn, each weighing what is nearest to it, k are chosen by k-means++.
pub(super) fn parallel(table: &Table<'_>, k: usize, chance: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let mut draw = Draw::new(table);
    draw.first(chance);
    for _ in 0..ROUNDS {
        draw.round(2 * k, chance);
    }
    let width = table.width();
    if draw.centroids.len() <= k * width {
        draw.fill(k, chance);
        return draw.centroids;
    }
    let weights = weights(table, &draw.centroids);
    let columns = (0..width).map(|column| {
        let numbers = draw.centroids.chunks(width).map(|row| row[column]);
        numbers.collect::<Vec<_>>().into()
    });
    plus_plus(&Table::of_columns(columns.collect(), Some(&weights), &[]), k, chance)
}

/// The number that the paper found to be enough.
const ROUNDS: usize = 5;

/// A draw under way.
struct Draw<'a> {
    table: &'a Table<'a>,
    /// A row each.
    centroids: Vec<f64>,
    /// The square of each row's distance to the nearest centroid; 1 before there is one.
    closest: Vec<f64>,
    /// The sum of the above, by weight, over the rows of each chunk.
    potentials: Vec<f64>,
}

impl<'a> Draw<'a> {
    fn new(table: &'a Table<'a>) -> Self {
        let sum = |rows: Range<usize>| rows.map(|row| table.weight(row)).sum();
        let potentials = table.chunks().into_iter().map(sum).collect();
        Self { table, centroids: Vec::new(), closest: vec![1.0; table.len()], potentials }
    }

    fn first(&mut self, chance: &mut Xoshiro256PlusPlus) {
        if let Some(row) = self.row(chance) {
            self.closest.fill(f64::INFINITY);
            self.take(&[row]);
        }
    }

    /// Draws centroids until there are `k`, or every row is one.
    fn fill(&mut self, k: usize, chance: &mut Xoshiro256PlusPlus) {
        #[allow(clippy::cast_sign_loss, reason = "k is at least 1")]
        let trials = 2 + (k as f64).ln() as usize;
        while self.centroids.len() < k * self.table.width() {
            let rows: Vec<usize> = (0..trials).map_while(|_| self.row(chance)).collect();
            let left = self.left(&rows);
            // The first of those that leave least.
            let best = (0..rows.len()).min_by(|&a, &b| left[a].total_cmp(&left[b]));
            match best {
                Some(best) => self.take(&[rows[best]]),
                None => break,
            }
        }
    }

    /// Draws rows, each by itself with its chance of being among so many.
    fn round(&mut self, expected: usize, chance: &mut Xoshiro256PlusPlus) {
        let total: f64 = self.potentials.iter().sum();
        let seed = chance.next_u64();
        let (table, closest, share) = (self.table, &self.closest, expected as f64 / total);
        let chunks = self.table.chunks().into_iter().zip(0_u64..).collect();
        let drawn = each_task(chunks, |(rows, chunk): (Range<usize>, u64)| {
            // Each chunk has a generator of its own, so that no thread waits for another's draws.
            let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(chunk));
            rows.filter(|&row| chance.r#gen::<f64>() < share * table.weight(row) * closest[row]).collect()
        });
        let rows: Vec<usize> = drawn.into_iter().flat_map(|rows: Vec<usize>| rows).collect();
        if total > 0.0 {
            self.take(&rows);
        }
    }

    /// A row, in proportion to its weight and how far it is from the centroids.
    fn row(&self, chance: &mut Xoshiro256PlusPlus) -> Option<usize> {
        let total: f64 = self.potentials.iter().sum();
        let mut left = total * chance.r#gen::<f64>();
        let mut last = None;
        for (chunk, potential) in self.table.chunks().into_iter().zip(&self.potentials) {
            if left >= *potential {
                left -= potential;
                // Where rounding leads past the end, the last row that could be drawn is.
                last = if *potential > 0.0 { Some(chunk) } else { last };
                continue;
            }
            return self.row_of(chunk, left);
        }
        last.and_then(|chunk| self.row_of(chunk, f64::INFINITY))
    }

    fn row_of(&self, chunk: Range<usize>, mut left: f64) -> Option<usize> {
        let mut last = None;
        for row in chunk {
            let potential = self.table.weight(row) * self.closest[row];
            if potential > 0.0 {
                last = Some(row);
                if left < potential {
                    break;
                }
                left -= potential;
            }
        }
        last
    }

    fn coordinates(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter().flat_map(|&row| self.table.row(row)).collect()
    }

    /// Makes rows centroids.
    fn take(&mut self, rows: &[usize]) {
        let new = self.coordinates(rows);
        let table = self.table;
        let chunks = self.table.chunks().into_iter().zip(self.closest.chunks_mut(CHUNK)).collect();
        self.potentials = each_task(chunks, |(rows, closest)| {
            let mut potential = [0.0; LANES];
            each_block(table, rows, |at, block, weights| {
                let mut least = load(closest, at);
                for point in new.chunks_exact(block.len()) {
                    nearer(&mut least, &squares(block, point));
                }
                add(&mut potential, weights, &least);
                let end = closest.len().min(at + LANES);
                closest[at..end].copy_from_slice(&least[..end - at]);
            });
            potential.iter().sum()
        });
        self.centroids.extend(new);
    }

    /// The sum of weighted squared distances that each of the rows would leave if it were a centroid.
    fn left(&self, rows: &[usize]) -> Vec<f64> {
        let points = self.coordinates(rows);
        let sums = each_task(self.table.chunks(), |chunk| {
            let closest = &self.closest[chunk.clone()];
            let mut left = vec![[0.0; LANES]; rows.len()];
            each_block(self.table, chunk, |at, block, weights| {
                let before = load(closest, at);
                for (left, point) in left.iter_mut().zip(points.chunks_exact(block.len())) {
                    let mut least = before;
                    nearer(&mut least, &squares(block, point));
                    add(left, weights, &least);
                }
            });
            left
        });
        let mut left = vec![0.0; rows.len()];
        for part in sums {
            left.iter_mut().zip(part).for_each(|(sum, lanes)| *sum += lanes.iter().sum::<f64>());
        }
        left
    }
}

/// Calls `work` with the place of eight rows within the chunk, their coordinates and their weights, which are 0 where
/// there is no row.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
fn each_block(table: &Table<'_>, rows: Range<usize>, mut work: impl FnMut(usize, &[Lanes], &Lanes)) {
    let columns = table.slices(rows.clone());
    let mut block = vec![[0.0; LANES]; columns.len()];
    simd::widest(
        #[inline(always)]
        || {
            for at in (0..rows.len()).step_by(LANES) {
                for (block, column) in block.iter_mut().zip(&columns) {
                    *block = load(column, at);
                }
                let mut weights = [0.0; LANES];
                for (lane, weight) in weights.iter_mut().enumerate().take(rows.len() - at) {
                    *weight = table.weight(rows.start + at + lane);
                }
                work(at, &block, &weights);
            }
        },
    );
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
fn nearer(least: &mut Lanes, new: &Lanes) {
    for (least, new) in least.iter_mut().zip(new) {
        *least = if *new < *least { *new } else { *least };
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the widest vectors")]
fn add(sum: &mut Lanes, weights: &Lanes, squares: &Lanes) {
    for ((sum, weight), square) in sum.iter_mut().zip(weights).zip(squares) {
        // A lane without a row has no distance either.
        *sum += if *weight > 0.0 { weight * square } else { 0.0 };
    }
}

/// The weight of the rows nearest to each of the centroids.
fn weights(table: &Table<'_>, centroids: &[f64]) -> Vec<f64> {
    let count = centroids.len() / table.width();
    let parts = each_task(table.tasks(), |task| {
        let mut weights = vec![0.0; count];
        let mut nearest = Nearest::of_rows(CHUNK);
        for start in task.clone().step_by(CHUNK) {
            let rows = start..task.end.min(start + CHUNK);
            nearest.find(&table.slices(rows.clone()), centroids);
            for (row, number) in rows.zip(nearest.numbers()) {
                weights[*number as usize] += table.weight(row);
            }
        }
        weights
    });
    let mut weights = vec![0.0; count];
    for part in parts {
        weights.iter_mut().zip(part).for_each(|(sum, weight)| *sum += weight);
    }
    // A row drawn twice is nearest to none the second time; a weight is above 0.
    weights.into_iter().map(|weight: f64| weight.max(f64::MIN_POSITIVE)).collect()
}
