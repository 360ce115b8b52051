//! Rows sorted by a 64-bit key and then within the key, in columns, in memory of little more than the columns.
//!
//! Rows are first scattered by the leading bits of their key into parts that fit a core's cache; each part
//! is then sorted by itself: spread over buckets by the next bits, and compared only within a bucket. Keys
//! need no hash table, and the groups come out in ascending order of their keys, whatever the order of the
//! rows or the number of threads.

use std::cmp::Ordering;

use super::{
    parallel,
    scatter::{Columns, Scattered, Spread},
};

/// Rows grouped by key.
#[derive(Debug)]
pub(crate) struct Grouped<A, B> {
    /// The distinct keys, ascending.
    pub(crate) keys: Vec<u64>,
    /// Where the rows of each key end.
    pub(crate) ends: Vec<u32>,
    /// The rows' first column.
    pub(crate) first: Vec<A>,
    /// The rows' second column.
    pub(crate) second: Vec<B>,
}

/// Rows in a part: with key and payload a part stays within a core's own cache.
const ROWS_A_PART: usize = 1 << 14;
const MOST_PARTS: usize = 1 << 10;
const ROWS_A_BUCKET: usize = 4;

/// Sorts rows by key, and within a key by `order` of their two columns.
///
/// The columns have one length, at most `u32::MAX`. Rows that `order` calls equal may stand in any order:
/// they must be the same in every respect.
pub(crate) fn group<A, B>(
    keys: &[u64],
    first: impl Fn(usize) -> A + Sync + Send,
    second: impl Fn(usize) -> B + Sync + Send,
    order: impl Fn((A, B), (A, B)) -> Ordering + Sync + Send,
) -> Grouped<A, B>
where
    A: Copy + Default + Send + Sync,
    B: Copy + Default + Send + Sync,
{
    let rows = keys.len();
    let spread = Spread::of(keys, (rows / ROWS_A_PART).clamp(1, MOST_PARTS));
    let mut columns = Scattered::with_room(rows);
    columns.fill(&spread, keys, 0..rows, first, second);
    let sort = |scratch: &mut Vec<_>, part| sort_part(scratch, part, &order);
    let groups = parallel::map_with(columns.parts(), Vec::new, sort);
    collect(&groups, columns.first, columns.second)
}

/// Sorts the rows of one part in place, and says how many rows each key has.
fn sort_part<A: Copy + Default, B: Copy + Default>(
    scratch: &mut Vec<(u64, A, B)>,
    part: Columns<'_, A, B>,
    order: &impl Fn((A, B), (A, B)) -> Ordering,
) -> Vec<(u64, u32)> {
    let (keys, first, second) = part;
    let bucket_ends = spread_over_buckets(scratch, keys, first, second);
    let mut start = 0;
    for end in bucket_ends {
        let bucket = &mut scratch[start..end as usize];
        bucket.sort_unstable_by(|x, y| x.0.cmp(&y.0).then_with(|| order((x.1, x.2), (y.1, y.2))));
        start = end as usize;
    }
    let mut groups: Vec<(u64, u32)> = Vec::new();
    for (((key, a, b), first), second) in scratch.iter().zip(first).zip(second) {
        *first = *a;
        *second = *b;
        match groups.last_mut() {
            Some(group) if group.0 == *key => group.1 += 1,
            _ => groups.push((*key, 1)),
        }
    }
    groups
}

/// Copies the rows to `scratch`, bucket by bucket in ascending order of keys; says where each bucket ends.
fn spread_over_buckets<A: Copy + Default, B: Copy + Default>(
    scratch: &mut Vec<(u64, A, B)>,
    keys: &[u64],
    first: &[A],
    second: &[B],
) -> Vec<u32> {
    let least = keys.iter().copied().min().unwrap_or(0);
    let most = keys.iter().copied().max().unwrap_or(0);
    let spread = Spread::over(least, most, (keys.len() / ROWS_A_BUCKET).max(1));
    let mut cursors = spread.count(keys);
    let mut start = 0;
    for cursor in &mut cursors {
        start += std::mem::replace(cursor, start);
    }
    scratch.resize(keys.len(), (0, A::default(), B::default()));
    for ((&key, &a), &b) in keys.iter().zip(first).zip(second) {
        let cursor = &mut cursors[spread.part(key)];
        scratch[*cursor as usize] = (key, a, b);
        *cursor += 1;
    }
    // Each cursor has moved from its bucket's start to its end.
    cursors
}

fn collect<A, B>(parts: &[Vec<(u64, u32)>], first: Vec<A>, second: Vec<B>) -> Grouped<A, B> {
    let groups = parts.iter().map(Vec::len).sum();
    let (mut keys, mut ends) = (Vec::with_capacity(groups), Vec::with_capacity(groups));
    let mut end = 0;
    for &(key, rows) in parts.iter().flatten() {
        end += rows;
        keys.push(key);
        ends.push(end);
    }
    Grouped { keys, ends, first, second }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by the standard library's stable sort.
    fn check(keys: &[u64]) {
        let days: Vec<u8> = (0..keys.len()).map(|row| (row * 7919 % 50) as u8).collect();
        let got = group(keys, |row| days[row], |row| row as u32, |x, y| x.cmp(&y));
        let mut rows: Vec<_> = (0..keys.len()).map(|row| (keys[row], days[row], row as u32)).collect();
        rows.sort_unstable();
        let mut start = 0;
        let mut flat = Vec::new();
        for (key, end) in got.keys.iter().zip(&got.ends) {
            for row in start..*end as usize {
                flat.push((*key, got.first[row], got.second[row]));
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
