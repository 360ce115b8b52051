//! Sums of products of columns: what takes most of the time of a fit.

use std::ops::Range;

use crate::math::{
    lanes::{self, LANES},
    parallel, simd,
    special::Compensated,
    symmetric::Symmetric,
};

/// Rows worked through at once: some columns of them stay within a core's nearest cache.
const TILE: usize = 1 << 8;
/// A sum is made of at most so many parts.
const PARTS: usize = 64;

/// A column in a tile of rows, and what it is multiplied with.
pub(super) struct Tile<'a> {
    pub(super) left: &'a [f64],
    right: [f64; TILE],
}

impl Tile<'_> {
    pub(super) fn times(&mut self, factors: &[f64]) {
        for ((right, left), factor) in self.right.iter_mut().zip(self.left).zip(factors) {
            *right = left * factor;
        }
    }

    pub(super) fn less(&mut self, numbers: &[f64], factors: &[f64]) {
        for ((right, number), factor) in self.right.iter_mut().zip(numbers).zip(factors) {
            *right -= number * factor;
        }
    }
}

/// Σ over rows of left right', tile by tile; `fill` says what is in a tile. Only the lower triangle is summed, for the
/// result is symmetric. Parts of a fixed size are added in their order.
pub(super) fn sum_of_squares<'a>(
    rows: usize,
    width: usize,
    fill: impl Fn(Range<usize>, &mut [Tile<'a>]) + Sync + Send,
) -> Symmetric {
    let size = rows.div_ceil(PARTS).next_multiple_of(TILE);
    let parts = parallel::map(parallel::ranges(rows, size), |part| {
        let mut tiles: Vec<Tile<'a>> = (0..width).map(|_| Tile { left: &[], right: [0.0; TILE] }).collect();
        let mut sums = vec![0.0; width * (width + 1) / 2];
        for at in parallel::ranges(part.len(), TILE) {
            let rows = part.start + at.start..part.start + at.end;
            fill(rows.clone(), &mut tiles);
            simd::widest(
                #[inline(always)]
                || add_products(&tiles, rows.len(), &mut sums),
            );
        }
        sums
    });
    let mut total = Symmetric::zeros(width);
    for sums in parts {
        let mut sums = sums.into_iter();
        for row in 0..width {
            for column in 0..=row {
                total.add(row, column, sums.next().unwrap_or_default());
            }
        }
    }
    total
}

#[inline(always)]
fn add_products(tiles: &[Tile<'_>], rows: usize, sums: &mut [f64]) {
    let mut sums = sums.iter_mut();
    for (row, left) in tiles.iter().enumerate() {
        for (right, sum) in tiles[..=row].iter().zip(&mut sums) {
            *sum += lane_dot(left.left, &right.right[..rows]);
        }
    }
}

#[inline(always)]
fn lane_dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left.iter().zip(right) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    lanes::sum(&lanes) + rest
}

/// The sum of products, carrying what the additions of tiles lost.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = Compensated::default();
    for (a, b) in a.chunks(TILE).zip(b.chunks(TILE)) {
        sum.add(lane_dot(a, b));
    }
    sum.total()
}
