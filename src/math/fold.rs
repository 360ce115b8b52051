//! Rows folded by a 64-bit key into one value a key.
//!
//! The rows pass in blocks through one small buffer, where they are scattered by the leading bits of their
//! key; each part then folds its rows into a hash table of its own, small enough for a core's cache. So the
//! memory is that of the answer, and no table is touched by two threads.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{
    parallel,
    scatter::{Part, Scattered, Spread},
};

const ROWS_A_BLOCK: usize = 1 << 21;
const PARTS: usize = 1 << 10;

/// Folds the rows of each key into a value that starts as its default; says the keys, ascending, and their
/// values. The rows of a key come in any order: `push` must not depend on it.
pub(crate) fn fold<P, S>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
    push: impl Fn(&mut S, P) + Sync + Send,
) -> (Vec<u64>, Vec<S>)
where
    P: Copy + Default + Send + Sync,
    S: Copy + Default + Send,
{
    let spread = Spread::of(keys, PARTS.min(keys.len() >> 8).max(1));
    let mut buffer = Scattered::with_room(keys.len().min(ROWS_A_BLOCK));
    // The seed of the hash is random and changes no result: every table is sorted in the end.
    let hash = RandomState::default();
    let mut tables: Vec<HashMap<u64, S, RandomState>> = vec![HashMap::with_hasher(hash); spread.parts];
    for block in parallel::ranges(keys.len(), ROWS_A_BLOCK) {
        buffer.fill(&spread, keys, block, &value);
        let work: Vec<_> = buffer.parts().into_iter().zip(&mut tables).collect();
        parallel::map(work, |((keys, values), table): (Part<'_, P>, _)| {
            for (&key, &value) in keys.iter().zip(&*values) {
                push(table.entry(key).or_default(), value);
            }
        });
    }
    let sorted = parallel::map(tables, |table| {
        let mut sorted: Vec<(u64, S)> = table.into_iter().collect();
        sorted.sort_unstable_by_key(|entry| entry.0);
        sorted
    });
    let entries = sorted.iter().map(Vec::len).sum();
    let (mut keys, mut values) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
    for (key, value) in sorted.into_iter().flatten() {
        keys.push(key);
        values.push(value);
    }
    (keys, values)
}
