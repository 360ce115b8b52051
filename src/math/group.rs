//! Rows sorted by a 64-bit key and then within the key, in columns, in memory of little more than the columns.
//!
//! Rows are first scattered by the leading bits of their key into parts that fit a core's cache; each part
//! is then sorted by itself: spread by the lead of their values, then by the next bits of their keys, and
//! sorted by comparison only where that leaves rows out of order. Keys need no hash table, and the groups come out in
//! ascending order of their keys, whatever the order of the rows or the number of threads.

use std::cmp::Ordering;

use super::{
    parallel,
    scatter::{Part, Scattered, Spread, cut},
    simd::{self, Work},
};

/// Rows grouped by key, in two columns.
#[derive(Debug)]
pub(crate) struct Grouped<P> {
    /// The distinct keys, ascending.
    pub(crate) keys: Vec<u64>,
    /// Where the rows of each key end.
    pub(crate) ends: Vec<u32>,
    /// What the rule has put in the place of each row's key.
    pub(crate) split: Vec<u64>,
    /// What it has put in the place of each row's value.
    pub(crate) values: Vec<P>,
    /// The rows that are equal to the one before them, key and all.
    pub(crate) repeats: Vec<u32>,
}

/// Rows in a part, where so many parts are enough: the part and the room to sort it in then stay within a core's own
/// cache. Up to a few hundred parts are written side by side without losing their place in it; more cost more than
/// larger parts do.
const ROWS_A_PART: usize = 1 << 13;
const MOST_PARTS: usize = 1 << 8;

/// Leads are below this.
pub(crate) const LEADS: usize = 1 << 10;

/// What the rows of a key are sorted by.
pub(crate) trait Order<P>: Sync + Send {
    /// The order of two rows of one key. Rows that are equal by it may stand in any order.
    fn order(&self, a: &P, b: &P) -> Ordering;

    /// A number below [`LEADS`] that does not fall where the order rises: the finer, the less is compared.
    #[inline(always)]
    fn lead(&self, _: &P) -> usize {
        0
    }
}

/// What becomes of sorted rows. Those that are equal by the order must be the same in every respect.
pub(crate) trait Rule<P>: Order<P> {
    /// Whether a row, next to one before it in the order, repeats it.
    fn repeats(&self, before: &P, row: &P) -> bool;

    /// Parts a value in two: for the place of its key, and for its own.
    fn split(&self, value: P) -> (u64, P);
}

/// Sorts rows by key, and within a key by `rule`. There are at most `u32::MAX` rows.
pub(crate) fn group<P>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
    rule: &impl Rule<P>,
) -> Grouped<P>
where
    P: Copy + Default + Send + Sync,
{
    let write = |sorted: &Sorted<P>, columns: Part<'_, P>| runs_of(sorted, columns, rule);
    let (scattered, runs) = sort_parts(keys, value, rule, write);
    let (keys, ends, repeats) = joined(runs);
    Grouped { keys, ends, split: scattered.keys, values: scattered.values, repeats }
}

/// Sorts the rows of one part after the other, and hands them on with the columns of the part that they came
/// from. Says what `each` made of every part, in ascending order of keys.
pub(super) fn sort_parts<P, R>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
    order: &impl Order<P>,
    each: impl Fn(&Sorted<P>, Part<'_, P>) -> R + Sync + Send,
) -> (Scattered<P>, Vec<R>)
where
    P: Copy + Default + Send + Sync,
    R: Send,
{
    let spread = Spread::of(keys, (keys.len() / ROWS_A_PART).clamp(1, MOST_PARTS));
    let mut scattered = Scattered::of(&spread, keys, value);
    let results = parallel::map_with(scattered.parts(), Sorter::default, |sorter, (keys, values)| {
        simd::run(SortPart { sorter, keys, values, order });
        each(&sorter.sorted, (keys, values))
    });
    (scattered, results)
}

/// The rows of a part by key, and within a key by the order.
pub(super) struct Sorted<P> {
    /// The distinct keys, ascending, and how many rows each has.
    pub(super) runs: Vec<(u64, u32)>,
    pub(super) rows: Vec<(u64, P)>,
}

/// Room to sort a part in. A key stands beside its value: rows are moved to and from all over a part, and so bring
/// one line of memory each.
struct Sorter<P> {
    sorted: Sorted<P>,
    by_lead: Vec<(u64, P)>,
    /// Where the next row of each bucket goes.
    buckets: Vec<u32>,
}

impl<P> Default for Sorter<P> {
    fn default() -> Self {
        let sorted = Sorted { runs: Vec::new(), rows: Vec::new() };
        Self { sorted, by_lead: Vec::new(), buckets: Vec::new() }
    }
}

/// Sorts the rows of a part, compiled for the widest vectors.
struct SortPart<'a, P, O> {
    sorter: &'a mut Sorter<P>,
    keys: &'a [u64],
    values: &'a [P],
    order: &'a O,
}

impl<P: Copy + Default, O: Order<P>> Work for SortPart<'_, P, O> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { sorter, keys, values, order } = self;
        let spread = Spread::over_all(keys, keys.len());
        sorter.spread_twice(spread, keys, values, order);
        sorter.sort_buckets(spread, order);
    }
}

impl<P: Copy + Default> Sorter<P> {
    /// Spreads rows by their leads, and then, in that order, over about as many buckets of keys as there are
    /// rows: most buckets hold the rows of one key, in order, or none.
    #[inline(always)]
    fn spread_twice(&mut self, spread: Spread, keys: &[u64], values: &[P], order: &impl Order<P>) {
        // The mask changes nothing and saves the bounds check.
        let lead = |value: &P| order.lead(value) & (LEADS - 1);
        let Self { sorted, by_lead, buckets } = self;
        let (mut leads, buckets) = ([0; LEADS], sized(buckets, spread.parts));
        buckets.fill(0);
        for (&key, value) in keys.iter().zip(values) {
            leads[lead(value)] += 1;
            buckets[spread.part(key)] += 1;
        }
        let rows = keys.iter().zip(values).map(|(&key, &value)| (key, value));
        let by_lead = sized(by_lead, keys.len());
        place(rows, by_lead, &mut leads, |row| lead(&row.1));
        place(by_lead.iter().copied(), sized(&mut sorted.rows, keys.len()), buckets, |row| {
            spread.part(row.0)
        });
    }

    /// Sorts one bucket after the other where that is still needed, and lists the keys.
    #[inline(always)]
    fn sort_buckets(&mut self, spread: Spread, order: &impl Order<P>) {
        let Sorted { runs, rows } = &mut self.sorted;
        runs.clear();
        let mut start = 0;
        while let Some(&(key, _)) = rows.get(start) {
            // Each cursor has moved from its bucket's start to its end.
            let end = self.buckets[spread.part(key)] as usize;
            let bucket = &mut rows[start..end];
            if bucket.iter().fold(0, |differ, row| differ | (key ^ row.0)) == 0 {
                let falls = |pair: &[(u64, P)]| order.order(&pair[0].1, &pair[1].1).is_gt();
                if bucket.windows(2).fold(false, |found, pair| found | falls(pair)) {
                    bucket.sort_unstable_by(|a, b| order.order(&a.1, &b.1));
                }
                runs.push((key, bucket.len() as u32));
            } else {
                bucket.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| order.order(&a.1, &b.1)));
                let of_key = bucket.chunk_by(|row, next| row.0 == next.0);
                runs.extend(of_key.map(|run| (run[0].0, run.len() as u32)));
            }
            start = end;
        }
    }
}

/// So many places, whatever is in them.
#[inline(always)]
fn sized<T: Copy + Default>(column: &mut Vec<T>, rows: usize) -> &mut [T] {
    column.resize(rows, T::default());
    column
}

/// Puts each row next to those before it in its place; `counts` says how many rows each place has, and then
/// where it ends.
#[inline(always)]
fn place<R>(rows: impl Iterator<Item = R>, to: &mut [R], counts: &mut [u32], place: impl Fn(&R) -> usize) {
    start_at_sums(counts);
    for row in rows {
        let cursor = &mut counts[place(&row)];
        to[*cursor as usize] = row;
        *cursor += 1;
    }
}

/// Turns counts to where each begins.
#[inline(always)]
pub(crate) fn start_at_sums(counts: &mut [u32]) {
    let mut start = 0;
    for count in counts {
        start += std::mem::replace(count, start);
    }
}

/// The sorted rows of a part: how many each key has, and which repeat the one before them, counted from the
/// part's first.
#[derive(Default)]
struct Runs {
    keys: Vec<(u64, u32)>,
    repeats: Vec<u32>,
    /// Of all keys.
    rows: u32,
}

/// Writes the values, split, to their columns.
fn runs_of<P: Copy>(sorted: &Sorted<P>, (split, values): Part<'_, P>, rule: &impl Rule<P>) -> Runs {
    let Sorted { runs, rows } = sorted;
    let repeats = |pair: &[(u64, P)]| rule.repeats(&pair[0].1, &pair[1].1);
    // Of most parts no row repeats another, which takes no branch to see.
    let some = simd::widest(
        #[inline(always)]
        || {
            for (row, places) in rows.iter().zip(split.iter_mut().zip(values.iter_mut())) {
                (*places.0, *places.1) = rule.split(row.1);
            }
            rows.windows(2).fold(false, |some, pair| some | repeats(pair))
        },
    );
    let mut found = Runs { rows: rows.len() as u32, keys: runs.clone(), repeats: Vec::new() };
    if some {
        let pairs = (1..).zip(rows.windows(2));
        let repeated = pairs.filter(|(_, pair)| pair[0].0 == pair[1].0 && repeats(pair));
        found.repeats.extend(repeated.map(|(at, _)| at));
    }
    found
}

/// The keys of all parts, where the rows of each end, and the rows that repeat.
fn joined(parts: Vec<Runs>) -> (Vec<u64>, Vec<u32>, Vec<u32>) {
    let groups = parts.iter().map(|part| part.keys.len()).sum();
    let (mut keys, mut ends) = (parallel::defaults(groups), parallel::defaults(groups));
    let (mut repeats, mut work, mut start) = (Vec::new(), Vec::with_capacity(parts.len()), 0);
    let mut left: Part<'_, u32> = (&mut keys, &mut ends);
    for Runs { keys, repeats: repeated, rows } in parts {
        repeats.extend(repeated.iter().map(|row| start + row));
        work.push((start, cut(&mut left, keys.len()), keys));
        start += rows;
    }
    parallel::map(work, |(mut end, (keys, ends), runs)| {
        for ((key, last), (its_key, rows)) in keys.iter_mut().zip(ends).zip(runs) {
            end += rows;
            (*key, *last) = (its_key, end);
        }
    });
    (keys, ends, repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ByDay;

    impl Order<(u8, u32)> for ByDay {
        fn order(&self, a: &(u8, u32), b: &(u8, u32)) -> Ordering {
            a.cmp(b)
        }

        fn lead(&self, value: &(u8, u32)) -> usize {
            usize::from(value.0 / 4)
        }
    }

    impl Rule<(u8, u32)> for ByDay {
        fn repeats(&self, before: &(u8, u32), row: &(u8, u32)) -> bool {
            before.0 == row.0
        }

        fn split(&self, value: (u8, u32)) -> (u64, (u8, u32)) {
            (value.0.into(), value)
        }
    }

    /// The same by the standard library's sort.
    fn check(keys: &[u64]) {
        let days: Vec<u8> = (0..keys.len()).map(|row| (row * 7919 % 50) as u8).collect();
        let value = |row: usize| (days[row], row as u32);
        let got = group(keys, value, &ByDay);
        let mut rows: Vec<_> = (0..keys.len()).map(|row| (keys[row], days[row], row as u32)).collect();
        rows.sort_unstable();
        let mut start = 0;
        let mut flat = Vec::new();
        for (key, end) in got.keys.iter().zip(&got.ends) {
            for row in start..*end as usize {
                flat.push((*key, got.split[row] as u8, got.values[row].1));
            }
            start = *end as usize;
        }
        assert_eq!(flat, rows);
        let same = |at: &usize| rows[*at].0 == rows[at - 1].0 && rows[*at].1 == rows[at - 1].1;
        let repeats: Vec<u32> = (1..rows.len()).filter(same).map(|at| at as u32).collect();
        assert_eq!(got.repeats, repeats);
        assert!(got.keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn agrees_with_a_plain_sort_on_any_shape_of_keys() {
        let mix = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
        check(&[]);
        check(&[u64::MAX]);
        check(&[0, u64::MAX, 0, u64::MAX]);
        check(&(0..100_000).map(mix).collect::<Vec<_>>());
        check(&(0..100_000).map(|n| mix(n) % 777).collect::<Vec<_>>());
        check(&(0..50_000).map(|n| if n % 3 == 0 { u64::MAX - n } else { n % 100 }).collect::<Vec<_>>());
        check(&(0..50_000).map(|n| 1_u64 << (n % 64)).collect::<Vec<_>>());
        check(&vec![42; 50_000]);
    }
}
