//! Rows sorted by a 64-bit key and then within the key, in columns, in memory of little more than the columns.
//!
//! Rows are first scattered by the leading bits of their key into parts that fit a core's cache; each part
//! is then sorted by itself: spread by the lead of their values, then by the next bits of their keys, and
//! compared only where that leaves rows out of order. Keys need no hash table, and the groups come out in
//! ascending order of their keys, whatever the order of the rows or the number of threads.

use std::cmp::Ordering;

use super::{
    parallel,
    scatter::{Part, Scattered, Spread, cut},
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

/// Rows in a part: with key and payload a part stays within a core's own cache.
const ROWS_A_PART: usize = 1 << 15;
const MOST_PARTS: usize = 1 << 8;

/// Leads are below this.
pub(crate) const LEADS: usize = 1 << 10;

/// What the rows of a key are sorted by.
pub(crate) trait Order<P>: Sync + Send {
    /// The order of two rows of one key. Rows that are equal by it may stand in any order.
    fn order(&self, a: &P, b: &P) -> Ordering;

    /// A number below [`LEADS`] that does not fall where the order rises: the finer, the less is compared.
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
    let write = |sorted: &[_], (keys, values): Part<'_, P>| runs_of(sorted, keys, values, rule);
    let (scattered, runs) = sort_parts(keys, value, rule, write);
    let (keys, ends, repeats) = joined(runs);
    Grouped { keys, ends, split: scattered.keys, values: scattered.values, repeats }
}

/// Sorts the rows of one part after the other, and hands them on with the part that they came from.
/// Says what `each` made of every part, in ascending order of keys.
pub(super) fn sort_parts<P, R>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
    order: &impl Order<P>,
    each: impl Fn(&[(u64, P)], Part<'_, P>) -> R + Sync + Send,
) -> (Scattered<P>, Vec<R>)
where
    P: Copy + Default + Send + Sync,
    R: Send,
{
    let spread = Spread::of(keys, (keys.len() / ROWS_A_PART).clamp(1, MOST_PARTS));
    let mut scattered = Scattered::of(&spread, keys, value);
    let results = parallel::map_with(scattered.parts(), Scratch::default, |scratch, (keys, values)| {
        sort_part(scratch, keys, values, order);
        each(&scratch.sorted, (keys, values))
    });
    (scattered, results)
}

/// Room to sort a part in.
struct Scratch<P> {
    by_lead: Vec<(u64, P)>,
    sorted: Vec<(u64, P)>,
    /// Where the next row of each bucket goes.
    buckets: Vec<u32>,
}

impl<P> Default for Scratch<P> {
    fn default() -> Self {
        Self { by_lead: Vec::new(), sorted: Vec::new(), buckets: Vec::new() }
    }
}

/// Copies the rows of a part to `scratch.sorted`.
fn sort_part<P: Copy + Default>(scratch: &mut Scratch<P>, keys: &[u64], values: &[P], order: &impl Order<P>) {
    let spread = Spread::over_all(keys, keys.len());
    spread_twice(scratch, &spread, keys, values, order);
    // Each cursor has moved from its bucket's start to its end.
    let Scratch { sorted, buckets: ends, .. } = scratch;
    let order = |x: &(u64, P), y: &(u64, P)| x.0.cmp(&y.0).then_with(|| order.order(&x.1, &y.1));
    let mut at = 1;
    while at < sorted.len() {
        if order(&sorted[at - 1], &sorted[at]).is_gt() {
            let bucket = spread.part(sorted[at].0);
            let start = if bucket == 0 { 0 } else { ends[bucket - 1] as usize };
            at = ends[bucket] as usize;
            sorted[start..at].sort_unstable_by(order);
        }
        at += 1;
    }
}

/// Spreads rows by their leads, and then, in that order, over buckets of keys: few are out of order then.
fn spread_twice<P: Copy + Default>(
    scratch: &mut Scratch<P>,
    spread: &Spread,
    keys: &[u64],
    values: &[P],
    order: &impl Order<P>,
) {
    // The mask changes nothing and saves the bounds check.
    let lead = |value: &P| order.lead(value) & (LEADS - 1);
    let Scratch { by_lead, sorted, buckets } = scratch;
    let mut leads = [0; LEADS];
    buckets.clear();
    buckets.resize(spread.parts, 0);
    for (&key, value) in keys.iter().zip(values) {
        leads[lead(value)] += 1;
        buckets[spread.part(key)] += 1;
    }
    start_at_sums(&mut leads);
    start_at_sums(buckets);
    by_lead.resize(keys.len(), (0, P::default()));
    sorted.resize(keys.len(), (0, P::default()));
    for (&key, &value) in keys.iter().zip(values) {
        let cursor = &mut leads[lead(&value)];
        by_lead[*cursor as usize] = (key, value);
        *cursor += 1;
    }
    for &row in &*by_lead {
        let cursor = &mut buckets[spread.part(row.0)];
        sorted[*cursor as usize] = row;
        *cursor += 1;
    }
}

/// Turns counts to where each begins.
fn start_at_sums(counts: &mut [u32]) {
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
fn runs_of<P: Copy>(sorted: &[(u64, P)], split: &mut [u64], values: &mut [P], rule: &impl Rule<P>) -> Runs {
    let mut runs = Runs { rows: sorted.len() as u32, ..Runs::default() };
    let mut before: Option<(u64, P)> = None;
    let mut rows = 0;
    for ((at, &(key, value)), places) in (0..).zip(sorted).zip(split.iter_mut().zip(values)) {
        match before {
            Some(last) if last.0 != key => {
                runs.keys.push((last.0, rows));
                rows = 0;
            }
            Some(last) if rule.repeats(&last.1, &value) => runs.repeats.push(at),
            _ => {}
        }
        rows += 1;
        before = Some((key, value));
        (*places.0, *places.1) = rule.split(value);
    }
    runs.keys.extend(before.map(|last| (last.0, rows)));
    runs
}

/// The keys of all parts, where the rows of each end, and the rows that repeat.
fn joined(parts: Vec<Runs>) -> (Vec<u64>, Vec<u32>, Vec<u32>) {
    let groups = parts.iter().map(|part| part.keys.len()).sum();
    let (mut keys, mut ends) = (vec![0; groups], vec![0; groups]);
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
