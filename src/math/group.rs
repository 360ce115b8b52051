//! Rows sorted by a 64-bit key and then within the key, in columns, in memory of little more than the columns.
//!
//! Rows are first scattered by the leading bits of their key into parts that fit a core's cache; each part
//! is then sorted by itself: spread over buckets by the next bits, and compared only within a bucket. Keys
//! need no hash table, and the groups come out in ascending order of their keys, whatever the order of the
//! rows or the number of threads.

use std::cmp::Ordering;

use super::{
    parallel,
    scatter::{Part, Scattered, Spread},
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
}

/// Rows in a part: with key and payload a part stays within a core's own cache.
const ROWS_A_PART: usize = 1 << 14;
const MOST_PARTS: usize = 1 << 10;
const ROWS_A_BUCKET: usize = 4;

/// Sorts rows by key, and within a key by `order` of their values; then parts each value in two with `split`.
///
/// There are at most `u32::MAX` rows. Rows that `order` calls equal may stand in any order: they must be the
/// same in every respect.
pub(crate) fn group<P, A>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
    order: impl Fn(&P, &P) -> Ordering + Sync + Send,
    split: impl Fn(P) -> (A, P) + Sync + Send,
) -> Grouped<A, P>
where
    P: Copy + Default + Send + Sync,
    A: Copy + Default + Send + Sync,
{
    let rows = keys.len();
    let spread = Spread::of(keys, (rows / ROWS_A_PART).clamp(1, MOST_PARTS));
    let mut scattered = Scattered::with_room(rows);
    scattered.fill(&spread, keys, 0..rows, value);
    let mut first = vec![A::default(); rows];
    let mut first_left = first.as_mut_slice();
    let mut work = Vec::new();
    for part in scattered.parts() {
        let (first, left) = first_left.split_at_mut(part.0.len());
        first_left = left;
        work.push((part, first));
    }
    let groups = parallel::map_with(work, Vec::new, |scratch, (part, first)| {
        sort_part(scratch, &part, &order);
        let (mut values, mut first) = (part.1.iter_mut(), first.iter_mut());
        runs_of(scratch, |value| {
            if let (Some(first), Some(place)) = (first.next(), values.next()) {
                (*first, *place) = split(value);
            }
        })
    });
    let (keys, ends) = ends_of(&groups);
    Grouped { keys, ends, split: first, values: scattered.values }
}

/// Copies the rows of a part to `scratch`, sorted.
fn sort_part<P: Copy + Default>(
    scratch: &mut Vec<(u64, P)>,
    (keys, values): &Part<'_, P>,
    order: &impl Fn(&P, &P) -> Ordering,
) {
    let mut start = 0;
    for end in spread_over_buckets(scratch, keys, values) {
        let bucket = &mut scratch[start..end as usize];
        bucket.sort_unstable_by(|x, y| x.0.cmp(&y.0).then_with(|| order(&x.1, &y.1)));
        start = end as usize;
    }
}

/// Hands on each value, and says how many rows each key has.
fn runs_of<P: Copy>(sorted: &[(u64, P)], mut each: impl FnMut(P)) -> Vec<(u64, u32)> {
    let mut groups: Vec<(u64, u32)> = Vec::new();
    let mut run = (0, 0);
    for &(key, value) in sorted {
        if key != run.0 && run.1 > 0 {
            groups.push(run);
            run.1 = 0;
        }
        run = (key, run.1 + 1);
        each(value);
    }
    if run.1 > 0 {
        groups.push(run);
    }
    groups
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

/// The keys of all parts, and where the rows of each end.
fn ends_of(parts: &[Vec<(u64, u32)>]) -> (Vec<u64>, Vec<u32>) {
    let groups = parts.iter().map(Vec::len).sum();
    let (mut keys, mut ends) = (Vec::with_capacity(groups), Vec::with_capacity(groups));
    let mut end = 0;
    for &(key, rows) in parts.iter().flatten() {
        end += rows;
        keys.push(key);
        ends.push(end);
    }
    (keys, ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by the standard library's stable sort.
    fn check(keys: &[u64]) {
        let days: Vec<u8> = (0..keys.len()).map(|row| (row * 7919 % 50) as u8).collect();
        let value = |row: usize| (days[row], row as u32);
        let got = group(keys, value, Ord::cmp, |value| (value.0, value));
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
