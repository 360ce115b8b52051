//! Points by column, as a search goes through them.

use std::{borrow::Cow, ops::Range};

use super::{MixedPoints, start::Prototypes};
use crate::math::{parallel, simd};

/// Columns of numbers and of codes.
pub(super) struct Table<'a> {
    pub(super) numbers: Vec<Cow<'a, [f64]>>,
    pub(super) codes: Vec<&'a [u32]>,
    pub(super) weights: Option<&'a [f64]>,
    pub(super) rows: usize,
    /// For each column of codes the codes there are, ascending, without that of a missing one.
    pub(super) levels: Vec<Vec<u32>>,
    /// For each column of codes the place of each row's among the levels; past them where it is missing.
    pub(super) places: Vec<Vec<u32>>,
}

/// Rows whose distances are held at once.
const BLOCK: usize = 512;

impl<'a> Table<'a> {
    pub(super) fn of(points: &MixedPoints<'a>) -> Self {
        let levels_of = |codes: &[u32]| {
            let mut levels: Vec<u32> =
                codes.iter().copied().filter(|&code| code != MixedPoints::MISSING).collect();
            levels.sort_unstable();
            levels.dedup();
            levels
        };
        let ranked = parallel::map(points.codes.clone(), |codes| {
            let levels = levels_of(codes);
            let place =
                |code: &u32| levels.binary_search(code).map_or(levels.len() as u32, |place| place as u32);
            let places = codes.iter().map(place).collect();
            (levels, places)
        });
        let (levels, places) = ranked.into_iter().unzip();
        Self { levels, places, ..Self::plain(points) }
    }

    /// Without levels: to look for the nearest alone.
    pub(super) fn plain(points: &MixedPoints<'a>) -> Self {
        Self {
            numbers: points.numbers.map_or_else(Vec::new, |numbers| numbers.columns()),
            codes: points.codes.clone(),
            weights: points.weights,
            rows: points.len(),
            levels: Vec::new(),
            places: Vec::new(),
        }
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Half the mean of the standard deviations of the numbers; 1 if there are none. Weights count.
    pub(super) fn gamma(&self) -> f64 {
        if self.numbers.is_empty() {
            return 1.0;
        }
        let total: f64 = (0..self.rows).map(|row| self.weight(row)).sum();
        let deviation = |column: &Cow<'_, [f64]>| {
            let first = column.first().copied().unwrap_or(0.0);
            let mean_of = |of: &dyn Fn(f64) -> f64| {
                let terms =
                    column.iter().enumerate().map(|(row, x)| self.weight(row) / total * of(x - first));
                terms.sum::<f64>()
            };
            let mean = mean_of(&|x| x);
            mean_of(&|x| (x - mean) * (x - mean)).sqrt()
        };
        0.5 * self.numbers.iter().map(deviation).sum::<f64>() / self.numbers.len() as f64
    }

    /// For each row the nearest prototype and its distance; of several as near, the first.
    pub(super) fn nearest(&self, prototypes: &Prototypes, gamma: f64) -> Vec<(u32, f64)> {
        parallel::column(self.rows, BLOCK, |rows, found: &mut [(u32, f64)]| {
            simd::widest(|| {
                let mut sums = [0.0; BLOCK];
                found.fill((0, f64::INFINITY));
                for number in 0..prototypes.len() {
                    self.distances(prototypes, number, gamma, &rows, &mut sums);
                    for (found, &sum) in found.iter_mut().zip(&sums) {
                        if sum < found.1 {
                            *found = (number as u32, sum);
                        }
                    }
                }
            });
        })
    }

    /// The distances of at most [`BLOCK`] rows to a prototype.
    #[inline(always)]
    pub(super) fn distances(
        &self,
        prototypes: &Prototypes,
        number: usize,
        gamma: f64,
        rows: &Range<usize>,
        sums: &mut [f64; BLOCK],
    ) {
        sums.fill(0.0);
        for (column, mean) in self.numbers.iter().zip(prototypes.means(number)) {
            for (sum, x) in sums.iter_mut().zip(&column[rows.clone()]) {
                *sum += (x - mean) * (x - mean);
            }
        }
        for (codes, &mode) in self.codes.iter().zip(prototypes.modes(number)) {
            for (sum, &code) in sums.iter_mut().zip(&codes[rows.clone()]) {
                let differs = code != mode && code != MixedPoints::MISSING;
                *sum += if differs { gamma } else { 0.0 };
            }
        }
    }
}
