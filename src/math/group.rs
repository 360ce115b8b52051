//! Rows sorted by a 64-bit key and then within the key, in columns, in memory of little more than the columns.
//!
//! Rows are first scattered by the leading bits of their key into parts that fit a core's cache; each part
//! is then sorted by itself: spread over buckets by the next bits, and compared only within a bucket. Keys
//! need no hash table, and the groups come out in ascending order of their keys, whatever the order of the
//! rows or the number of threads.

use std::cmp::Ordering;

use super::parallel;

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
    first: &[A],
    second: impl Fn(usize) -> B + Sync + Send,
    order: impl Fn((A, B), (A, B)) -> Ordering + Sync + Send,
) -> Grouped<A, B>
where
    A: Copy + Default + Send + Sync,
    B: Copy + Default + Send + Sync,
{
    let (mut columns, counts) = scatter(keys, first, second);
    let parts = split_parts(&counts, columns.each());
    let groups = parallel::map_with(parts, Vec::new, |scratch, part| sort_part(scratch, part, &order));
    let Scattered { first, second, .. } = columns;
    collect(&groups, first, second)
}

/// Folds the rows of each key into one value, which starts as its default. The rows of a key come in any
/// order: `push` must not depend on it. Keys ascend.
pub(crate) fn fold<A, B, S>(
    keys: &[u64],
    first: &[A],
    second: impl Fn(usize) -> B + Sync + Send,
    push: impl Fn(&mut S, A, B) + Sync + Send,
) -> (Vec<u64>, Vec<S>)
where
    A: Copy + Default + Send + Sync,
    B: Copy + Default + Send + Sync,
    S: Default + Send,
{
    let (mut columns, counts) = scatter(keys, first, second);
    let parts = split_parts(&counts, columns.each());
    let folded = parallel::map_with(parts, Vec::new, |scratch, part| {
        let buckets = spread_over_buckets(scratch, part.0, part.1, part.2);
        let (mut keys, mut folded): (Vec<u64>, Vec<S>) = (Vec::new(), Vec::new());
        let mut start = 0;
        for end in buckets {
            let bucket = &mut scratch[start..end as usize];
            bucket.sort_unstable_by_key(|row| row.0);
            for &(key, a, b) in &*bucket {
                if keys.last() != Some(&key) {
                    keys.push(key);
                    folded.push(S::default());
                }
                if let Some(value) = folded.last_mut() {
                    push(value, a, b);
                }
            }
            start = end as usize;
        }
        (keys, folded)
    });
    let (keys, folded): (Vec<_>, Vec<_>) = folded.into_iter().unzip();
    (keys.concat(), folded.into_iter().flatten().collect())
}

/// The columns, scattered into parts that ascend by key, and how many rows of each chunk a part has.
fn scatter<A, B>(
    keys: &[u64],
    first: &[A],
    second: impl Fn(usize) -> B + Sync + Send,
) -> (Scattered<A, B>, Vec<Vec<u32>>)
where
    A: Copy + Default + Send + Sync,
    B: Copy + Default + Send + Sync,
{
    let rows = keys.len();
    let spread = Spread::of(keys, (rows / ROWS_A_PART).clamp(1, MOST_PARTS));
    let chunks = parallel::ranges(rows, rows.div_ceil(parallel::threads()).max(ROWS_A_PART));
    let counts = parallel::map(chunks.clone(), |chunk| spread.count(&keys[chunk]));
    let mut columns =
        Scattered { keys: vec![0; rows], first: vec![A::default(); rows], second: vec![B::default(); rows] };
    let targets = Targets::split(&counts, columns.each());
    let work: Vec<_> = chunks.into_iter().zip(targets).collect();
    parallel::map(work, |(chunk, mut targets)| {
        for row in chunk {
            let key = keys[row];
            targets.put(spread.part(key), key, first[row], second(row));
        }
    });
    (columns, counts)
}

struct Scattered<A, B> {
    keys: Vec<u64>,
    first: Vec<A>,
    second: Vec<B>,
}

impl<A, B> Scattered<A, B> {
    fn each(&mut self) -> Columns<'_, A, B> {
        (&mut self.keys, &mut self.first, &mut self.second)
    }
}

/// Maps keys to parts so that parts ascend with keys.
struct Spread {
    least: u64,
    shift: u32,
    parts: usize,
}

impl Spread {
    /// At most twice `parts` parts over the range of the keys.
    fn of(keys: &[u64], parts: usize) -> Self {
        let least_and_most = |range: std::ops::Range<usize>| {
            let fold = |(low, high): (u64, u64), &key: &u64| (low.min(key), high.max(key));
            keys[range].iter().fold((u64::MAX, 0), fold)
        };
        let ends = parallel::map(parallel::ranges(keys.len(), 1 << 18), least_and_most);
        let least = ends.iter().map(|end| end.0).min().unwrap_or(0);
        let most = ends.iter().map(|end| end.1).max().unwrap_or(0);
        Self::over(least, most, parts)
    }

    fn over(least: u64, most: u64, parts: usize) -> Self {
        let range = most.saturating_sub(least);
        let bits_of_range = u64::BITS - range.leading_zeros();
        let bits_of_parts = parts.next_power_of_two().trailing_zeros();
        let shift = bits_of_range.saturating_sub(bits_of_parts);
        // A shift by all 64 bits is one part; only a range of all bits with one part comes to that.
        let parts = range.checked_shr(shift).unwrap_or(0) as usize + 1;
        Self { least, shift, parts }
    }

    fn part(&self, key: u64) -> usize {
        ((key - self.least).checked_shr(self.shift).unwrap_or(0)) as usize
    }

    fn count(&self, keys: &[u64]) -> Vec<u32> {
        let mut counts = vec![0; self.parts];
        for &key in keys {
            counts[self.part(key)] += 1;
        }
        counts
    }
}

type Columns<'a, A, B> = (&'a mut [u64], &'a mut [A], &'a mut [B]);

/// Where one chunk writes its rows: a place in every part, next to those of the other chunks.
struct Targets<'a, A, B> {
    places: Vec<Columns<'a, A, B>>,
    filled: Vec<u32>,
}

impl<'a, A, B> Targets<'a, A, B> {
    /// The places of every chunk: part by part, and within a part chunk by chunk.
    fn split(counts: &[Vec<u32>], mut columns: Columns<'a, A, B>) -> Vec<Self> {
        let parts = counts.first().map_or(0, Vec::len);
        let empty = || Self { places: Vec::with_capacity(parts), filled: vec![0; parts] };
        let mut targets: Vec<Self> = counts.iter().map(|_| empty()).collect();
        for part in 0..parts {
            for (target, counts) in targets.iter_mut().zip(counts) {
                target.places.push(cut(&mut columns, counts[part] as usize));
            }
        }
        targets
    }

    fn put(&mut self, part: usize, key: u64, a: A, b: B) {
        let place = &mut self.places[part];
        let at = self.filled[part] as usize;
        place.0[at] = key;
        place.1[at] = a;
        place.2[at] = b;
        self.filled[part] += 1;
    }
}

/// Takes the first `rows` off the columns.
fn cut<'a, A, B>(columns: &mut Columns<'a, A, B>, rows: usize) -> Columns<'a, A, B> {
    let (keys, first, second) = std::mem::take(columns);
    let (keys, keys_left) = keys.split_at_mut(rows);
    let (first, first_left) = first.split_at_mut(rows);
    let (second, second_left) = second.split_at_mut(rows);
    *columns = (keys_left, first_left, second_left);
    (keys, first, second)
}

fn split_parts<'a, A, B>(counts: &[Vec<u32>], mut columns: Columns<'a, A, B>) -> Vec<Columns<'a, A, B>> {
    let parts = counts.first().map_or(0, Vec::len);
    let rows = |part: usize| counts.iter().map(|counts| counts[part] as usize).sum();
    (0..parts).map(|part| cut(&mut columns, rows(part))).collect()
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
        let days: Vec<i32> = (0..keys.len()).map(|row| (row as i32).wrapping_mul(7919) % 50).collect();
        let got = group(keys, &days, |row| row as u32, |x, y| x.cmp(&y));
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
