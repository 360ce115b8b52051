//! Rows scattered into parts by the leading bits of a key: parts ascend as the keys do, and each fits a
//! core's own cache.

use std::{iter::Zip, slice};

use super::{parallel, simd};

/// Columns of keys and of what else the rows hold, part by part.
pub(super) struct Scattered<P> {
    pub(super) keys: Vec<u64>,
    pub(super) values: Vec<P>,
    /// Rows of each part, for each of the chunks that were scattered side by side.
    counts: Vec<Vec<u32>>,
}

/// A part, or any run of rows, of [`Scattered`] columns.
pub(super) type Part<'a, P> = (&'a mut [u64], &'a mut [P]);

/// Fewer rows are not worth a thread of their own.
const LEAST_CHUNK: usize = 1 << 14;

impl<P: Copy + Default + Send + Sync> Scattered<P> {
    /// Scatters the rows of a table.
    pub(super) fn of(spread: &Spread, keys: &[u64], value: impl Fn(usize) -> P + Sync + Send) -> Self {
        let rows = keys.len();
        let chunks = parallel::ranges(rows, rows.div_ceil(parallel::threads()).max(LEAST_CHUNK));
        let counts = parallel::map(chunks.clone(), |chunk| spread.count(&keys[chunk]));
        let mut scattered = Self { keys: parallel::defaults(rows), values: parallel::defaults(rows), counts };
        let work: Vec<_> = chunks.into_iter().zip(scattered.targets(spread.parts)).collect();
        parallel::map(work, |(chunk, mut target)| {
            for (row, &key) in chunk.clone().zip(&keys[chunk]) {
                if let Some((at, place)) = target[spread.part(key)].next() {
                    (*at, *place) = (key, value(row));
                }
            }
        });
        scattered
    }

    /// The places of every chunk: part by part, and within a part chunk by chunk.
    fn targets(&mut self, parts: usize) -> Vec<Vec<Places<'_, P>>> {
        let mut columns: Part<'_, P> = (&mut self.keys, &mut self.values);
        let mut targets: Vec<_> = self.counts.iter().map(|_| Vec::with_capacity(parts)).collect();
        for part in 0..parts {
            for (target, counts) in targets.iter_mut().zip(&self.counts) {
                let (keys, values) = cut(&mut columns, counts[part] as usize);
                target.push(keys.iter_mut().zip(values));
            }
        }
        targets
    }

    /// The parts, in ascending order of their keys.
    pub(super) fn parts(&mut self) -> Vec<Part<'_, P>> {
        let parts = self.counts.first().map_or(0, Vec::len);
        let mut columns: Part<'_, P> = (&mut self.keys, &mut self.values);
        let rows = |part: usize| self.counts.iter().map(|counts| counts[part] as usize).sum();
        (0..parts).map(|part| cut(&mut columns, rows(part))).collect()
    }
}

/// Where one chunk writes its rows of a part: next to those of the other chunks.
type Places<'a, P> = Zip<slice::IterMut<'a, u64>, slice::IterMut<'a, P>>;

/// Takes the first `rows` off the columns.
pub(super) fn cut<'a, P>(columns: &mut Part<'a, P>, rows: usize) -> Part<'a, P> {
    let (keys, values) = std::mem::take(columns);
    let (keys, keys_left) = keys.split_at_mut(rows);
    let (values, values_left) = values.split_at_mut(rows);
    *columns = (keys_left, values_left);
    (keys, values)
}

/// Maps keys to parts so that parts ascend with keys.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    least: u64,
    shift: u32,
    pub(super) parts: usize,
}

impl Spread {
    /// At most twice `parts` parts over the range of the keys.
    pub(super) fn of(keys: &[u64], parts: usize) -> Self {
        let least_and_most = |range: std::ops::Range<usize>| {
            let fold = |(low, high): (u64, u64), &key: &u64| (low.min(key), high.max(key));
            simd::run(|| keys[range].iter().fold((u64::MAX, 0), fold))
        };
        let ends = parallel::map(parallel::ranges(keys.len(), 1 << 18), least_and_most);
        let least = ends.iter().map(|end| end.0).min().unwrap_or(0);
        let most = ends.iter().map(|end| end.1).max().unwrap_or(0);
        Self::over(least, most, parts)
    }

    /// The same, on this thread.
    #[inline(always)]
    pub(super) fn over_all(keys: &[u64], parts: usize) -> Self {
        let least = keys.iter().copied().min().unwrap_or(0);
        let most = keys.iter().copied().max().unwrap_or(0);
        Self::over(least, most, parts.max(1))
    }

    fn over(least: u64, most: u64, parts: usize) -> Self {
        let range = most.saturating_sub(least);
        let bits_of_range = u64::BITS - range.leading_zeros();
        let bits_of_parts = parts.next_power_of_two().trailing_zeros();
        // Not all 64 bits, so that one part of all of them is two.
        let shift = bits_of_range.saturating_sub(bits_of_parts).min(u64::BITS - 1);
        let parts = (range >> shift) as usize + 1;
        Self { least, shift, parts }
    }

    #[inline(always)]
    pub(super) fn part(&self, key: u64) -> usize {
        // No key is below the least.
        (key.wrapping_sub(self.least) >> (self.shift & (u64::BITS - 1))) as usize
    }

    pub(super) fn count(&self, keys: &[u64]) -> Vec<u32> {
        let mut counts = vec![0; self.parts];
        for &key in keys {
            counts[self.part(key)] += 1;
        }
        counts
    }
}
