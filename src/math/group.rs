//! Rows sorted by a 64-bit key and then within the key, in columns, in memory of little more than the columns.
//!
//! Rows are first scattered by the leading bits of their key into parts that fit a core's cache; each part
//! is then sorted by itself: spread over buckets by the next bits, and compared only within a bucket. Keys
//! need no hash table, and the groups come out in ascending order of their keys, whatever the order of the
//! rows or the number of threads.

use std::cmp::Ordering;

use super::{
    parallel,
    scatter::{Scattered, Spread},
};

/// Rows grouped by key, in two columns.
#[derive(Debug)]
pub(crate) struct Grouped<A, P> {
    /// The distinct keys, ascending.
    pub(crate) keys: Vec<u64>,
    /// Where the rows of each key end.
    pub(crate) ends: Vec<u32>,
    /// What was split off each row's value.
    pub(crate) split: Vec<A>,
    /// What is left of each row's value.
    pub(crate) values: Vec<P>,
    /// The rows that are equal to the one before them, key and all.
    pub(crate) repeats: Vec<u32>,
}

/// Rows in a part: with key and payload a part stays within a core's own cache.
const ROWS_A_PART: usize = 1 << 15;
const MOST_PARTS: usize = 1 << 9;
const ROWS_A_BUCKET: usize = 4;

/// What the rows of a key are sorted by, and what becomes of their values.
pub(crate) trait Rule<P, A>: Sync + Send {
    /// The order of two rows of one key. Rows that are equal by it may stand in any order: they must be the
    /// same in every respect.
    fn order(&self, a: &P, b: &P) -> Ordering;

    /// Whether a row, next to one before it in the order, repeats it.
    fn repeats(&self, before: &P, row: &P) -> bool;

    /// Parts a value in two columns.
    fn split(&self, value: P) -> (A, P);
}

/// Sorts rows by key, and within a key by `rule`. There are at most `u32::MAX` rows.
pub(crate) fn group<P, A>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
    rule: &impl Rule<P, A>,
) -> Grouped<A, P>
where
    P: Copy + Default + Send + Sync,
    A: Copy + Default + Send + Sync,
{
    let rows = keys.len();
    let spread = Spread::of(keys, (rows / ROWS_A_PART).clamp(1, MOST_PARTS));
    let mut scattered = Scattered::with_room(rows);
    scattered.fill(&spread, keys, 0..rows, value);
    let mut split = parallel::defaults(rows);
    let mut split_left = split.as_mut_slice();
    let mut work = Vec::new();
    for part in scattered.parts() {
        let (split, left) = split_left.split_at_mut(part.0.len());
        split_left = left;
        work.push((part, split));
    }
    let runs = parallel::map_with(work, Vec::new, |scratch, ((keys, values), split)| {
        sort_part(scratch, keys, values, rule);
        runs_of(scratch, values, split, rule)
    });
    let (keys, ends, repeats) = joined(&runs);
    Grouped { keys, ends, split, values: scattered.values, repeats }
}

/// Copies the rows of a part to `scratch`, sorted.
fn sort_part<P: Copy + Default, A>(
    scratch: &mut Vec<(u64, P)>,
    keys: &[u64],
    values: &[P],
    rule: &impl Rule<P, A>,
) {
    let mut start = 0;
    for end in spread_over_buckets(scratch, keys, values) {
        let bucket = &mut scratch[start..end as usize];
        bucket.sort_unstable_by(|x, y| x.0.cmp(&y.0).then_with(|| rule.order(&x.1, &y.1)));
        start = end as usize;
    }
}

/// The sorted rows of a part: how many each key has, and which repeat the one before them, counted from the
/// part's first.
#[derive(Default)]
struct Runs {
    keys: Vec<(u64, u32)>,
    repeats: Vec<u32>,
}

/// Writes the values, split, to their columns.
fn runs_of<P: Copy, A>(
    sorted: &[(u64, P)],
    values: &mut [P],
    split: &mut [A],
    rule: &impl Rule<P, A>,
) -> Runs {
    let mut runs = Runs::default();
    let mut before: Option<(u64, P)> = None;
    let mut rows = 0;
    for ((at, &(key, value)), (place, first)) in (0..).zip(sorted).zip(values.iter_mut().zip(split)) {
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
        (*first, *place) = rule.split(value);
    }
    runs.keys.extend(before.map(|last| (last.0, rows)));
    runs
}

/// Copies the rows to `scratch`, bucket by bucket in ascending order of keys; says where each bucket ends.
fn spread_over_buckets<P: Copy + Default>(
    scratch: &mut Vec<(u64, P)>,
    keys: &[u64],
    values: &[P],
) -> Vec<u32> {
    let least = keys.iter().copied().min().unwrap_or(0);
    let most = keys.iter().copied().max().unwrap_or(0);
    let spread = Spread::over(least, most, (keys.len() / ROWS_A_BUCKET).max(1));
    let mut cursors = spread.count(keys);
    let mut start = 0;
    for cursor in &mut cursors {
        start += std::mem::replace(cursor, start);
    }
    scratch.resize(keys.len(), (0, P::default()));
    for (&key, &value) in keys.iter().zip(values) {
        let cursor = &mut cursors[spread.part(key)];
        scratch[*cursor as usize] = (key, value);
        *cursor += 1;
    }
    // Each cursor has moved from its bucket's start to its end.
    cursors
}

/// The keys of all parts, where the rows of each end, and the rows that repeat.
fn joined(parts: &[Runs]) -> (Vec<u64>, Vec<u32>, Vec<u32>) {
    let groups = parts.iter().map(|part| part.keys.len()).sum();
    let (mut keys, mut ends) = (Vec::with_capacity(groups), Vec::with_capacity(groups));
    let (mut repeats, mut end) = (Vec::new(), 0);
    for part in parts {
        repeats.extend(part.repeats.iter().map(|row| end + row));
        for &(key, rows) in &part.keys {
            end += rows;
            keys.push(key);
            ends.push(end);
        }
    }
    (keys, ends, repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ByDay;

    impl Rule<(u8, u32), u8> for ByDay {
        fn order(&self, a: &(u8, u32), b: &(u8, u32)) -> Ordering {
            a.cmp(b)
        }

        fn repeats(&self, before: &(u8, u32), row: &(u8, u32)) -> bool {
            before.0 == row.0
        }

        fn split(&self, value: (u8, u32)) -> (u8, (u8, u32)) {
            (value.0, value)
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
                flat.push((*key, got.split[row], got.values[row].1));
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
