//! Average and complete linkage: among all distances, which are held.

use super::{Linkage, chain::Clusters, rows::Rows};
use crate::{
    error::{Error, ErrorKind},
    math::{parallel, simd},
};

/// The distance of each two of the clusters that were left when it was last packed. Infinite where one is gone.
pub(super) struct Distances {
    average: bool,
    clusters: usize,
    left: usize,
    /// The clusters that the rows of the triangle are of, ascending, and the row of each cluster.
    numbers: Vec<u32>,
    rows: Vec<u32>,
    /// By row, each with the rows after it: in row i of n, those to i + 1, i + 2, ... n - 1.
    triangle: Vec<f64>,
    /// Of each cluster; 0 of those that are gone.
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

    /// The place of the distance between two rows of the triangle.
    fn place(&self, a: usize, b: usize) -> usize {
        let (low, high) = (a.min(b), a.max(b));
        start(low, self.numbers.len()) + high - low - 1
    }

    /// Lets go of the rows of clusters that are gone.
    fn pack(&mut self) {
        let size = self.numbers.len();
        let stay: Vec<usize> =
            (0..size).filter(|&row| self.weights[self.numbers[row] as usize] > 0.0).collect();
        let mut to = 0;
        for (k, &row) in stay.iter().enumerate() {
            for &other in &stay[k + 1..] {
                self.triangle[to] = self.triangle[start(row, size) + other - row - 1];
                to += 1;
            }
        }
        self.triangle.truncate(to);
        self.numbers = stay.iter().map(|&row| self.numbers[row]).collect();
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
    fn nearest(&mut self, to: usize, before: Option<usize>) -> (usize, f64) {
        let (row, size) = (self.rows[to] as usize, self.numbers.len());
        let (mut nearest, mut least) = (row, f64::INFINITY);
        if let Some(before) = before {
            nearest = self.rows[before] as usize;
            least = self.triangle[self.place(row, nearest)];
        }
        let mut place = row.saturating_sub(1);
        for other in 0..row {
            if self.triangle[place] < least {
                (nearest, least) = (other, self.triangle[place]);
            }
            place += size - other - 2;
        }
        let mut other = row + 1;
        for block in self.triangle[start(row, size)..][..size - row - 1].chunks(32) {
            // Counted, for a loop that may end early is not one of vectors.
            if block.iter().map(|&distance| u32::from(distance < least)).sum::<u32>() > 0 {
                for (other, &distance) in (other..).zip(block) {
                    if distance < least {
                        (nearest, least) = (other, distance);
                    }
                }
            }
            other += block.len();
        }
        (self.numbers[nearest] as usize, least)
    }

    fn merge(&mut self, gone: usize, into: usize) {
        let [from, to] = [gone, into].map(|cluster| self.rows[cluster] as usize);
        let [weight, other] = [gone, into].map(|cluster| self.weights[cluster]);
        for row in (0..self.numbers.len()).filter(|&row| row != from && row != to) {
            let [a, b] = [self.place(row, from), self.place(row, to)];
            let [from, to] = [a, b].map(|place| self.triangle[place]);
            let mean = (weight * from + other * to) / (weight + other);
            self.triangle[b] = if self.average { mean } else { from.max(to) };
            self.triangle[a] = f64::INFINITY;
        }
        let apart = self.place(from, to);
        self.triangle[apart] = f64::INFINITY;
        self.weights[into] = weight + other;
        self.weights[gone] = 0.0;
        self.left -= 1;
        if self.left <= self.numbers.len() / 2 {
            self.pack();
        }
    }

    fn height(&self, distance: f64) -> f64 {
        distance * self.unit
    }
}
