//! Rows counted by whole times: where most times are shared, as days and weeks are, nothing needs to be sorted.

use std::ops::Range;

use crate::math::parallel;

/// How many rows of each kind there are at each whole time from 0 on.
pub(super) struct Counts {
    kinds: usize,
    /// Time by time.
    counts: Vec<u32>,
}

/// So many counts stay within a core's own cache.
const MOST_COUNTS: usize = 1 << 17;

/// Fewer rows are not worth another thread.
const LEAST_CHUNK: usize = 1 << 14;

impl Counts {
    /// Counts rows `0..rows`, of which `exits` tells the times and the kinds, from 0 to below `kinds`. `None` if a time
    /// is no whole number, or beyond a table that is worth it.
    pub(super) fn of<E: Iterator<Item = (f64, usize)>>(
        rows: usize,
        kinds: usize,
        exits: impl Fn(Range<usize>) -> E + Sync + Send,
    ) -> Option<Self> {
        let most = rows.min(MOST_COUNTS / kinds.max(1));
        let size = rows.div_ceil(parallel::threads()).max(LEAST_CHUNK);
        let parts = parallel::map(parallel::ranges(rows, size), |range| count(exits(range), kinds, most));
        let mut counts = Vec::new();
        for part in parts {
            let part = part?;
            counts.resize(part.len().max(counts.len()), 0);
            for (all, own) in counts.iter_mut().zip(part) {
                *all += own;
            }
        }
        Some(Self { kinds, counts })
    }

    /// The times at which there is any row, ascending, each with the counts of the kinds.
    pub(super) fn times(&self) -> impl DoubleEndedIterator<Item = (f64, &[u32])> {
        let each = self.counts.chunks_exact(self.kinds.max(1)).enumerate();
        each.filter(|(_, counts)| counts.iter().any(|&count| count > 0))
            .map(|(time, counts)| (time as f64, counts))
    }
}

#[allow(clippy::cast_sign_loss, clippy::float_cmp, reason = "a time that is no such number is refused")]
fn count(exits: impl Iterator<Item = (f64, usize)>, kinds: usize, most: usize) -> Option<Vec<u32>> {
    let mut counts = Vec::new();
    for (time, kind) in exits {
        let whole = time as u32;
        if whole as usize >= most || f64::from(whole) != time {
            return None;
        }
        let at = whole as usize * kinds;
        if at >= counts.len() {
            counts.resize(at + kinds, 0);
        }
        counts[at + kind] += 1;
    }
    Some(counts)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn counted(times: &[f64]) -> Option<Counts> {
        Counts::of(times.len(), 3, |rows| rows.map(|row| (times[row], row % 3)))
    }

    #[test]
    fn rows_are_counted_by_time_and_kind() {
        let times: Vec<f64> =
            (0..100_000_u32).map(|row| f64::from(row.wrapping_mul(2_654_435_761) >> 23)).collect();
        let mut known = BTreeMap::new();
        for (row, &time) in times.iter().enumerate() {
            known.entry(time.to_bits()).or_insert([0; 3])[row % 3] += 1;
        }
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| counted(&times)).unwrap()
        };
        for counts in [on(1), on(2), on(7)] {
            let found = counts.times().map(|(time, kinds)| (time.to_bits(), [kinds[0], kinds[1], kinds[2]]));
            assert_eq!(
                found.collect::<Vec<_>>(),
                known.iter().map(|(at, kinds)| (*at, *kinds)).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn times_that_are_not_few_are_left_to_be_sorted() {
        for bad in [0.5, -1.0, 4.0, 4_294_967_295.0, 4_294_967_296.0, 1e300] {
            assert!(counted(&[0.0, 1.0, bad, 3.0]).is_none(), "{bad}");
        }
        let zero = counted(&[0.0, -0.0, 1.0, 3.0]).unwrap();
        assert_eq!(zero.times().map(|(time, _)| time).collect::<Vec<_>>(), [0.0, 1.0, 3.0]);
        let days = vec![50_000.0; 1 << 20];
        assert!(counted(&days).is_none());
        assert_eq!(counted(&vec![40_000.0; 1 << 20]).map(|counts| counts.times().count()), Some(1));
    }
}
