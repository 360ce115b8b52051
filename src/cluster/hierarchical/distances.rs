//! Average and complete linkage: among all distances, which are held.

use super::{Linkage, chain::Clusters, rows::Rows};
use crate::{
    error::{Error, ErrorKind},
    math::{parallel, simd},
};

/// The distance of each two of the clusters that were left when it was last packed; of those that are gone since it
/// means nothing.
pub(super) struct Distances {
    average: bool,
    clusters: usize,
    left: usize,
    /// The clusters that the rows of the triangle are of, ascending, and the row of each cluster.
    numbers: Vec<u32>,
    rows: Vec<u32>,
    /// By row, each with the rows after it: in row i of n, those to i + 1, i + 2, ... n - 1.
    triangle: Vec<f64>,
    /// Of the cluster of each row; 0 where it is gone.
    weights: Vec<f64>,
    unit: f64,
}

impl Distances {
    /// # Errors
    /// If they do not fit into so many bytes.
    pub(super) fn between(rows: &Rows, linkage: Linkage, memory: u64) -> Result<Self, Error> {
        let clusters = rows.len();
        let pairs = clusters as u64 * (clusters as u64 - 1) / 2;
        let bytes = pairs.saturating_mul(8);
        if bytes > memory {
            let why = format!("bytes of `memory` for the distances between {clusters} distinct points");
            return Err(ErrorKind::TooFew { why, needed: bytes, found: memory }.into());
        }
        let too_large = |_| ErrorKind::Overflow { what: "memory for the distances" };
        let mut triangle = Vec::new();
        triangle.try_reserve_exact(pairs as usize).map_err(too_large)?;
        triangle.resize(pairs as usize, 0.0);
        fill(&mut triangle, rows);
        let numbers: Vec<u32> = (0..clusters as u32).collect();
        Ok(Self {
            average: linkage == Linkage::Average,
            clusters,
            left: clusters,
            rows: numbers.clone(),
            numbers,
            triangle,
            weights: rows.weights.clone(),
            unit: rows.unit,
        })
    }

    /// The place of the distance between two rows of the triangle, the lower first.
    fn place(&self, low: usize, high: usize) -> usize {
        start(low, self.numbers.len()) + high - low - 1
    }

    /// How far a third cluster is from two that merge, of such weights, given how far it is from either.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "what is not inlined is compiled for the narrowest vectors")]
    fn joined(&self, weights: [f64; 2], gone: f64, into: f64) -> f64 {
        let mean = (weights[0] * gone + weights[1] * into) / (weights[0] + weights[1]);
        if self.average { mean } else { gone.max(into) }
    }

    /// Lets go of the rows of clusters that are gone.
    fn pack(&mut self) {
        let size = self.numbers.len();
        let stay: Vec<usize> = (0..size).filter(|&row| self.weights[row] > 0.0).collect();
        let mut to = 0;
        for (k, &row) in stay.iter().enumerate() {
            for &other in &stay[k + 1..] {
                self.triangle[to] = self.triangle[start(row, size) + other - row - 1];
                to += 1;
            }
        }
        self.triangle.truncate(to);
        self.numbers = stay.iter().map(|&row| self.numbers[row]).collect();
        self.weights = stay.iter().map(|&row| self.weights[row]).collect();
        for (row, &number) in (0..).zip(&self.numbers) {
            self.rows[number as usize] = row;
        }
    }
}

/// Where row i of a triangle of n rows begins.
fn start(row: usize, size: usize) -> usize {
    row * (2 * size - row - 1) / 2
}

/// The distances between all rows, in units.
fn fill(triangle: &mut [f64], rows: &Rows) {
    let (mut rest, mut work) = (triangle, Vec::with_capacity(rows.len()));
    for row in 0..rows.len() {
        let (now, after) = rest.split_at_mut(rows.len() - row - 1);
        work.push((row, now));
        rest = after;
    }
    parallel::map(work, |(row, distances)| {
        simd::widest(|| {
            for column in &rows.columns {
                let x = column[row];
                for (sum, other) in distances.iter_mut().zip(&column[row + 1..]) {
                    *sum += (other - x) * (other - x);
                }
            }
            for sum in distances.iter_mut() {
                *sum = sum.sqrt();
            }
        });
    });
}

impl Clusters for Distances {
    fn len(&self) -> usize {
        self.clusters
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "what is not inlined is compiled for the narrowest vectors")]
    fn nearest(&mut self, to: usize, before: Option<usize>) -> (usize, f64) {
        let (row, size) = (self.rows[to] as usize, self.numbers.len());
        let (mut nearest, mut least) = (row, f64::INFINITY);
        if let Some(before) = before {
            nearest = self.rows[before] as usize;
            least = self.triangle[self.place(row.min(nearest), row.max(nearest))];
        }
        // To the rows before it there is one distance a row of the triangle.
        let mut place = row.saturating_sub(1);
        for other in 0..row {
            if self.weights[other] > 0.0 && self.triangle[place] < least {
                (nearest, least) = (other, self.triangle[place]);
            }
            place += size - other - 2;
        }
        let after = self.triangle[start(row, size)..][..size - row - 1].chunks(BLOCK);
        for (block, (distances, weights)) in after.zip(self.weights[row + 1..].chunks(BLOCK)).enumerate() {
            // Counted, for a loop that may end early is not one of vectors.
            let both = || distances.iter().zip(weights);
            let nearer = |&(&distance, &weight): &(&f64, &f64)| distance < least && weight > 0.0;
            if both().map(|pair| u32::from(nearer(&pair))).sum::<u32>() == 0 {
                continue;
            }
            for (other, (&distance, &weight)) in (row + 1 + block * BLOCK..).zip(both()) {
                if distance < least && weight > 0.0 {
                    (nearest, least) = (other, distance);
                }
            }
        }
        (self.numbers[nearest] as usize, least)
    }

    fn merge(&mut self, gone: usize, into: usize) {
        let [from, to] = [gone, into].map(|cluster| self.rows[cluster] as usize);
        let (low, high, size) = (from.min(to), from.max(to), self.numbers.len());
        let weights = [self.weights[from], self.weights[to]];
        // By row before both, between them, and after.
        for row in (0..high).filter(|&row| row != low && self.weights[row] > 0.0) {
            let to_low = self.place(row.min(low), row.max(low));
            let to_high = self.place(row, high);
            let (gone, kept) = if from == low { (to_low, to_high) } else { (to_high, to_low) };
            self.triangle[kept] = self.joined(weights, self.triangle[gone], self.triangle[kept]);
        }
        for row in high + 1..size {
            let (gone, kept) = (self.place(from, row), self.place(to, row));
            self.triangle[kept] = self.joined(weights, self.triangle[gone], self.triangle[kept]);
        }
        self.weights[to] = weights[0] + weights[1];
        self.weights[from] = 0.0;
        self.left -= 1;
        if self.left <= size / 2 {
            self.pack();
        }
    }

    fn height(&self, distance: f64) -> f64 {
        distance * self.unit
    }
}

/// Distances looked through at once.
const BLOCK: usize = 64;
