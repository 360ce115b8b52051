//! Rows folded by a 64-bit key into one value a key.

use std::cmp::Ordering;

use super::{
    group::{Order, sort_parts},
    parallel,
    scatter::cut,
};

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
    let (_, parts) = sort_parts(keys, value, &AnyOrder, |sorted, _| {
        let mut rows = sorted.rows.iter();
        let folded = sorted.runs.iter().map(|&(key, count)| {
            let mut folded = S::default();
            for &(_, value) in rows.by_ref().take(count as usize) {
                push(&mut folded, value);
            }
            (key, folded)
        });
        folded.collect::<Vec<_>>()
    });
    let entries = parts.iter().map(Vec::len).sum();
    let (mut keys, mut values) = (parallel::defaults(entries), parallel::defaults(entries));
    let mut left = (&mut keys[..], &mut values[..]);
    let work = parts.into_iter().map(|part| (cut(&mut left, part.len()), part)).collect();
    parallel::map(work, |((keys, values), part)| {
        for ((key, value), entry) in keys.iter_mut().zip(values).zip(part) {
            (*key, *value) = entry;
        }
    });
    (keys, values)
}

/// The order of rows that are only brought together.
struct AnyOrder;

impl<P> Order<P> for AnyOrder {
    #[inline(always)]
    fn order(&self, _: &P, _: &P) -> Ordering {
        Ordering::Equal
    }
}
