//! Sums over rows with the same bits on any number of threads.

use std::ops::Range;

use super::parallel;

/// Few enough that a thousand rows keep some cores busy.
const ROWS_A_BLOCK: usize = 1 << 8;

/// Adds up rows `0..rows`: each block of rows of a fixed size starts at `zero` and is summed by `block` on
/// some thread, and the blocks' sums are joined in the order of the blocks. Up to `few` rows are not worth waking
/// another thread.
pub(crate) fn sum_blocks<T: Send>(
    rows: usize,
    few: usize,
    zero: impl Fn() -> T + Sync + Send,
    block: impl Fn(&mut T, Range<usize>) + Sync + Send,
    join: impl Fn(&mut T, &T),
) -> T {
    let sum_of = |range| {
        let mut sum = zero();
        block(&mut sum, range);
        sum
    };
    let blocks = parallel::ranges(rows, ROWS_A_BLOCK);
    let sums =
        if rows <= few { blocks.into_iter().map(sum_of).collect() } else { parallel::map(blocks, sum_of) };
    let mut total = zero();
    for sum in &sums {
        join(&mut total, sum);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(rows: usize) -> f64 {
        let block =
            |sum: &mut f64, rows: Range<usize>| *sum += rows.map(|row| (row as f64).sin()).sum::<f64>();
        sum_blocks(rows, 0, || 0.0, block, |total, sum| *total += sum)
    }

    #[test]
    fn every_row_counts_once_and_in_order() {
        for rows in [0, 1, 255, 256, 257, 10_000] {
            for few in [0, 10_000] {
                let seen =
                    sum_blocks(rows, few, Vec::new, Vec::extend, |all, part: &Vec<_>| all.extend(part));
                assert_eq!(seen, (0..rows).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| total(100_001))
        };
        assert_eq!(on(1).to_bits(), on(3).to_bits());
    }
}
