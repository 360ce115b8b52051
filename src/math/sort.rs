//! Real numbers sorted by all cores.

use super::{
    parallel,
    quantile::{decode, encode},
    scatter::{Scattered, Spread},
};

/// Rows in a part, which is sorted by one thread; so many parts at most.
const ROWS_A_PART: usize = 1 << 13;
const MOST_PARTS: usize = 1 << 11;

/// A number that ascends as the real one does. `real_of(key_of(x)) == x` unless `x` is NaN.
pub(crate) fn key_of(real: f64) -> u64 {
    encode(real).cast_unsigned() ^ SIGN
}

/// The real number of a key.
pub(crate) fn real_of(key: u64) -> f64 {
    decode((key ^ SIGN).cast_signed())
}

const SIGN: u64 = 1 << 63;

/// Sorts keys, ascending.
pub(crate) fn sort(keys: &[u64]) -> Vec<u64> {
    let mut scattered = scatter(keys, |_| ());
    parallel::map(scattered.parts(), |(keys, _)| keys.sort_unstable());
    scattered.keys
}

/// Sorts keys, ascending, each with a number above 0; equal keys by that number. The order of the rows is no matter.
pub(crate) fn sort_with(keys: &[u64], numbers: &[f64]) -> (Vec<u64>, Vec<f64>) {
    let mut scattered = scatter(keys, |row| numbers.get(row).copied().unwrap_or_default());
    parallel::map(scattered.parts(), |(keys, numbers)| {
        let mut rows: Vec<_> = keys.iter().zip(&*numbers).map(|(key, number)| (*key, *number)).collect();
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for ((key, number), row) in keys.iter_mut().zip(numbers).zip(rows) {
            (*key, *number) = row;
        }
    });
    (scattered.keys, scattered.values)
}

fn scatter<P: Copy + Default + Send + Sync>(
    keys: &[u64],
    value: impl Fn(usize) -> P + Sync + Send,
) -> Scattered<P> {
    let parts = (keys.len() / ROWS_A_PART).clamp(1, MOST_PARTS);
    Scattered::of(&Spread::of(keys, parts), keys, value)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_ascend_as_the_numbers_do(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(a.partial_cmp(&b), Some(key_of(a).cmp(&key_of(b))));
            prop_assert!(real_of(key_of(a)) == a);
        }
    }

    /// Numbers of all sizes, some of them often.
    fn numbers(rows: u64) -> Vec<f64> {
        (0..rows).map(|row| ((row * 7919 % 10_007) as f64 - 3000.0).powi(3)).collect()
    }

    #[test]
    fn many_rows_are_sorted_as_few_are() {
        for rows in [0, 1, 9, 100_000] {
            let keys: Vec<u64> = numbers(rows).into_iter().map(key_of).collect();
            let weights: Vec<f64> = (0..rows).map(|row| (row % 5) as f64 + 1.0).collect();
            let mut known: Vec<_> = keys.iter().copied().zip(weights.iter().map(|w| w.to_bits())).collect();
            known.sort_unstable();
            let (found, with) = sort_with(&keys, &weights);
            assert_eq!(
                found.iter().copied().zip(with.iter().map(|w| w.to_bits())).collect::<Vec<_>>(),
                known
            );
            assert_eq!(sort(&keys), found);
        }
    }
}
