//! Centre and spread of a column.

use std::ops::Range;

use crate::math::{
    parallel,
    quantile::{Share, encode, quantiles},
    sum::sum_blocks,
};

/// Where a column lies and how wide it is; a spread of 0 is none.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Spread {
    pub(super) center: f64,
    pub(super) spread: f64,
}

/// Least and greatest of at least one value.
pub(super) fn range(values: &[f64]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    values.iter().fold(ends, |(low, high), &value| (low.min(value), high.max(value)))
}

/// Mean and population standard deviation of at least one value within a finite range.
pub(super) fn standard(values: &[f64]) -> Spread {
    let (low, high) = range(values);
    if !(high > low) {
        return Spread { center: low, spread: 0.0 };
    }
    let unit = unit(low.abs().max(high.abs()));
    let count = values.len() as f64;
    let [sum] = sums(values, |value| [value / unit]);
    let mean = sum / count;
    let [squares, rest] = sums(values, |value| {
        let off = value / unit - mean;
        [off * off, off]
    });
    // The rest is what rounding left in the mean (Chan, Golub & LeVeque 1983).
    let variance = ((squares - rest * rest / count) / count).max(0.0);
    // A variance that rounding alone can make is none; the bound is scikit-learn's.
    let noise = count * f64::EPSILON;
    let constant = variance <= noise * variance + (noise * mean) * (noise * mean);
    Spread { center: mean * unit, spread: if constant { 0.0 } else { variance.sqrt() * unit } }
}

/// Sums over the values, the same on any number of threads.
fn sums<const N: usize>(values: &[f64], of: impl Fn(f64) -> [f64; N] + Sync + Send) -> [f64; N] {
    let add = |sums: &mut [f64; N], terms: &[f64; N]| {
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += term;
        }
    };
    let block = |sums: &mut [f64; N], rows: Range<usize>| {
        for &value in &values[rows] {
            add(sums, &of(value));
        }
    };
    sum_blocks(values.len(), parallel::BLOCK, || [0.0; N], block, add)
}

/// Median and interquartile range, of type 7, of at least one value within a finite range.
pub(super) fn robust(values: &[f64]) -> Spread {
    let share = |part| Share { part, whole: 4 };
    let codes = values.iter().map(|&value| encode(value));
    let found = quantiles(codes, &[share(1), share(2), share(3)]);
    let at = |quarter: usize| found.get(quarter).map_or(0.0, |found| found.real());
    Spread { center: at(1), spread: at(2) - at(0) }
}

/// Least value and range of at least one value within a finite range.
pub(super) fn min_max(values: &[f64]) -> Spread {
    let (low, high) = range(values);
    Spread { center: low, spread: high - low }
}

/// A power of two in which squares neither overflow nor vanish: 1 for all but numbers of extreme size.
fn unit(largest: f64) -> f64 {
    if (1e-100..=1e100).contains(&largest) {
        return 1.0;
    }
    // The number without its mantissa.
    let power = f64::from_bits(largest.to_bits() & (0x7ff << 52));
    power.max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_extreme_size_have_the_spread_of_plain_ones() {
        let plain = [1.0, 2.0, 4.0, 8.5];
        let known = standard(&plain);
        for exponent in [-1000, -400, -60, 60, 400, 1000] {
            let factor = 2_f64.powi(exponent);
            let found = standard(&plain.map(|value| value * factor));
            assert_eq!(
                (found.center, found.spread),
                (known.center * factor, known.spread * factor),
                "{exponent}"
            );
        }
    }

    #[test]
    fn equal_numbers_have_no_spread() {
        for value in [0.1, 0.0, -1e300, 5e-324] {
            assert_eq!(standard(&[value; 1000]), Spread { center: value, spread: 0.0 });
        }
        assert!(standard(&[1e-20, 2e-20]).spread > 0.0);
        assert!(standard(&[f64::MIN / 2.0, f64::MAX / 2.0]).spread.is_finite());
    }
}
