//! Loops over the cores. Results come in the order of the items, so threads change no bit.

use std::ops::Range;
#[cfg(feature = "parallel")]
use std::sync::Mutex;

#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// `work` on each item, the results in the order of the items.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    map_with(items, || (), |(), item| work(item))
}

/// As [`map`], with a scratch value that a thread keeps from one item to the next.
pub(crate) fn map_with<T: Send, S: Send, R: Send>(
    items: Vec<T>,
    scratch: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, T) -> R + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    // One item is not worth handing over to another thread.
    if items.len() > 1 {
        // rayon's `map_init` makes a value for each of the many stretches that it splits the items into.
        let kept: Vec<Mutex<Option<S>>> = (0..threads()).map(|_| Mutex::new(None)).collect();
        let own = || rayon::current_thread_index().and_then(|thread| kept.get(thread)?.lock().ok());
        return items
            .into_par_iter()
            .map(|item| {
                // Taken out, for a thread that waits within `work` may take up another item.
                let taken = own().and_then(|mut kept| kept.take());
                let mut value = taken.unwrap_or_else(&scratch);
                let result = work(&mut value, item);
                if let Some(mut kept) = own() {
                    *kept = Some(value);
                }
                result
            })
            .collect();
    }
    let mut scratch = scratch();
    items.into_iter().map(|item| work(&mut scratch, item)).collect()
}

/// So many defaults, written by all threads and in the order of memory: zeroing memory that is used again, or the
/// first touch of fresh pages, row by row or by one thread alone, costs more than what is written later.
pub(crate) fn defaults<T: Clone + Default + Send>(len: usize) -> Vec<T> {
    #[cfg(feature = "parallel")]
    return (0..len).into_par_iter().map(|_| T::default()).collect();
    #[cfg(not(feature = "parallel"))]
    vec![T::default(); len]
}

/// A column that all threads write, `size` rows at a time. It is allocated here: memory that a worker thread
/// allocates is not reused by the next call.
pub(crate) fn column<T: Clone + Default + Send>(
    rows: usize,
    size: usize,
    write: impl Fn(Range<usize>, &mut [T]) + Sync + Send,
) -> Vec<T> {
    let mut column = vec![T::default(); rows];
    let work = ranges(rows, size).into_iter().zip(column.chunks_mut(size.max(1))).collect();
    map(work, |(rows, slots)| write(rows, slots));
    column
}

/// Rows of a block for [`column`]: their values stay within a core's own cache.
pub(crate) const BLOCK: usize = 1 << 14;

/// How many threads a loop will use.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    1
}

/// Ranges of at most `size` that cover `0..len`, in order.
pub(crate) fn ranges(len: usize, size: usize) -> Vec<Range<usize>> {
    (0..len).step_by(size.max(1)).map(|start| start..len.min(start + size)).collect()
}
