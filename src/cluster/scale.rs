//! Scales by powers of 2, which round nothing: at them squares neither overflow nor vanish.

/// The least and the greatest.
pub(super) fn ends(column: impl Iterator<Item = f64>) -> (f64, f64) {
    column.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (x.min(low), x.max(high)))
}

/// The power of 2 next below the greatest range of a column; 1 where all are constant. Divided by it, differences
/// are below 4, and mostly below 2.
pub(super) fn unit<I: Iterator<Item = f64>>(columns: impl Iterator<Item = I>) -> f64 {
    let range = |column: I| {
        let (low, high) = ends(column);
        high - low
    };
    let widest = columns.map(range).fold(0.0, f64::max);
    if widest > 0.0 { power_of_2(exponent(widest.min(f64::MAX))) } else { 1.0 }
}

/// The exponent of a finite number above 0, at least that of the least normal one.
pub(super) fn exponent(number: f64) -> i32 {
    ((number.to_bits() >> 52) as i32).max(1) - 1023
}

/// 2 to an exponent from -1022 to 1023.
pub(super) fn power_of_2(exponent: i32) -> f64 {
    f64::from_bits(u64::from((exponent + 1023).unsigned_abs()) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_a_power_of_2() {
        for (column, known) in [
            (vec![0.0, 3.0], 2.0),
            (vec![-1.0, 7.5], 8.0),
            (vec![5.0, 5.0], 1.0),
            (vec![-f64::MAX, f64::MAX], 2.0_f64.powi(1023)),
            (vec![0.0, 5e-324], f64::MIN_POSITIVE),
        ] {
            assert_eq!(
                unit(std::iter::once(column.iter().copied())).to_bits(),
                known.to_bits(),
                "{column:?}"
            );
        }
    }
}
