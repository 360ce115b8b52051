//! Order statistics and quantiles of whole numbers, exact, without a full sort.

use std::mem;

use super::simd;

/// A share `part / whole`, from 0 to 1, as a fraction: no rounding on the way to a rank.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    pub(crate) part: u64,
    pub(crate) whole: u64,
}

/// Two neighbours in the sorted column, and how far between them the quantile lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Between {
    low: i64,
    high: i64,
    /// `step` of `steps` from `low` to `high`; `step < steps`.
    step: u64,
    steps: u64,
}

/// A point on the line of whole numbers: `floor + part`, `0 <= part < 1`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Mixed {
    pub(crate) floor: i64,
    pub(crate) part: f64,
}

impl Between {
    /// The quantile of whole numbers, exact in its floor.
    pub(crate) fn whole(self) -> Mixed {
        let steps = i128::from(self.steps);
        let climb = (i128::from(self.high) - i128::from(self.low)) * i128::from(self.step);
        let floor = i128::from(self.low) + climb / steps;
        Mixed {
            // Never above `high`, so the conversion holds.
            floor: i64::try_from(floor).unwrap_or(self.high),
            part: (climb % steps) as f64 / self.steps as f64,
        }
    }

    /// The quantile of real numbers that were encoded with [`encode`].
    pub(crate) fn real(self) -> f64 {
        let (low, high) = (decode(self.low), decode(self.high));
        if self.step == 0 || self.low == self.high {
            return low;
        }
        let at = self.step as f64 / self.steps as f64;
        // Weighted, not `low + (high - low) * at`: the difference of two large numbers may not fit.
        (low * (1.0 - at) + high * at).max(low).min(high)
    }
}

/// Quantiles of type 7 (Hyndman & Fan 1996; the default of R and numpy): the value at rank
/// `(n - 1) * share` of the sorted column, counting from 0, linear between ranks.
///
/// Returns nothing for an empty column.
pub(crate) fn quantiles<I>(values: I, shares: &[Share]) -> Vec<Between>
where
    I: ExactSizeIterator<Item: Into<i64> + Ord + Copy> + Clone,
{
    let Some(last) = values.len().checked_sub(1) else {
        return Vec::new();
    };
    let places: Vec<(usize, u64)> = shares.iter().map(|&share| place(last, share)).collect();
    let ranks: Vec<usize> = places.iter().flat_map(|&(rank, _)| [rank, (rank + 1).min(last)]).collect();
    let found = order_statistics(values, &ranks);
    let pairs = found.chunks_exact(2);
    pairs
        .zip(places)
        .zip(shares)
        .map(|((pair, (_, step)), share)| Between { low: pair[0], high: pair[1], step, steps: share.whole })
        .collect()
}

/// The rank below, and how many of `share.whole` steps lie between it and the quantile.
fn place(last: usize, share: Share) -> (usize, u64) {
    let (part, whole) = (u128::from(share.part), u128::from(share.whole));
    let place = last as u128 * part;
    // A share is at most 1, so the rank is at most `last`; the step is below `whole`. Both fit.
    let rank = usize::try_from(place / whole).unwrap_or(last);
    (rank.min(last), u64::try_from(place % whole).unwrap_or(0))
}

const BUCKETS: usize = 1 << 14;
const FEW: usize = 1 << 10;

/// The values at the given ranks of the sorted column, counting from 0.
///
/// `ranks` come in any order; a rank past the end is the last. Returns nothing for an empty column.
///
/// Each round spreads the column over buckets of equal width and keeps only the buckets that hold a
/// wanted rank: a few passes over the column, no sort, and at most five rounds for any 64-bit numbers.
pub(crate) fn order_statistics<I>(values: I, ranks: &[usize]) -> Vec<i64>
where
    I: ExactSizeIterator<Item: Into<i64> + Ord + Copy> + Clone,
{
    let Some(last) = values.len().checked_sub(1) else {
        return Vec::new();
    };
    if last < FEW {
        let mut sorted: Vec<i64> = values.map(Into::into).collect();
        sorted.sort_unstable();
        return ranks.iter().map(|&rank| sorted[rank.min(last)]).collect();
    }
    let spread = Spread::over(values.clone());
    let wanted = spread.locate(ranks, last);
    if spread.shift == 0 {
        return wanted.iter().map(|&(bucket, _)| spread.low.saturating_add_unsigned(bucket as u64)).collect();
    }
    let mut buckets: Vec<usize> = wanted.iter().map(|&(bucket, _)| bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    let kept = spread.keep(values, &buckets);
    let mut found = vec![0; ranks.len()];
    for (bucket, members) in buckets.into_iter().zip(kept) {
        let (places, within): (Vec<usize>, Vec<usize>) = (wanted.iter().enumerate())
            .filter(|&(_, &(of, _))| of == bucket)
            .map(|(place, &(_, rank))| (place, rank))
            .unzip();
        let values = order_statistics(members.iter().copied(), &within);
        for (place, value) in places.into_iter().zip(values) {
            found[place] = value;
        }
    }
    found
}

/// How many values lie in each bucket of equal width.
struct Spread {
    low: i64,
    shift: u32,
    counts: Vec<usize>,
}

impl Spread {
    fn over<T: Into<i64> + Ord + Copy>(values: impl Iterator<Item = T> + Clone) -> Self {
        // Compared as they are: narrow numbers many at a time.
        let ends = values.clone().map(|value| (value, value));
        let ends = simd::run(|| ends.reduce(|(low, high), (value, _)| (low.min(value), high.max(value))));
        let (low, high) = ends.map_or((0, 0), |(low, high)| (low.into(), high.into()));
        let mut spread = Self { low, shift: 0, counts: vec![0; BUCKETS] };
        let width = high.wrapping_sub(low).cast_unsigned();
        spread.shift = (u64::BITS - width.leading_zeros()).saturating_sub(BUCKETS.ilog2());
        let mut counts = mem::take(&mut spread.counts);
        for value in values {
            counts[spread.bucket(value.into())] += 1;
        }
        spread.counts = counts;
        spread
    }

    /// The mask changes nothing and saves the bounds check.
    fn bucket(&self, value: i64) -> usize {
        // The difference of two `i64` always fits a `u64`; the masked low half of it fits a bucket.
        let bucket = value.wrapping_sub(self.low).cast_unsigned() >> self.shift;
        bucket as usize & (BUCKETS - 1)
    }

    /// For each rank its bucket, and its rank within that bucket.
    fn locate(&self, ranks: &[usize], last: usize) -> Vec<(usize, usize)> {
        let ends: Vec<usize> = (self.counts.iter())
            .scan(0, |end, &count| {
                *end += count;
                Some(*end)
            })
            .collect();
        ranks
            .iter()
            .map(|&rank| {
                let rank = rank.min(last);
                let bucket = ends.partition_point(|&end| end <= rank);
                (bucket, rank - (ends[bucket] - self.counts[bucket]))
            })
            .collect()
    }

    /// The values in each of `buckets`.
    fn keep(&self, values: impl Iterator<Item: Into<i64>>, buckets: &[usize]) -> Vec<Vec<i64>> {
        // There are fewer buckets than a `u16` holds.
        let none = buckets.len() as u16;
        let mut slots = vec![none; BUCKETS];
        let mut kept = Vec::with_capacity(buckets.len());
        for (slot, &bucket) in (0..).zip(buckets) {
            slots[bucket] = slot;
            kept.push(Vec::with_capacity(self.counts[bucket]));
        }
        for value in values.map(Into::into) {
            let slot = slots[self.bucket(value)];
            if slot != none {
                kept[usize::from(slot)].push(value);
            }
        }
        kept
    }
}

/// A real number as a whole number in the same order. `decode(encode(x)) == x` unless `x` is NaN.
pub(crate) fn encode(real: f64) -> i64 {
    // Adding zero makes -0.0 and 0.0 one number.
    flip((real + 0.0).to_bits().cast_signed())
}

/// The real number that was encoded.
pub(crate) fn decode(code: i64) -> f64 {
    f64::from_bits(flip(code).cast_unsigned())
}

/// Turns the order of negative numbers round: their bits grow with their size.
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(part: u64, whole: u64) -> Share {
        Share { part, whole }
    }

    #[test]
    fn agrees_with_numpy() {
        // numpy 2: np.quantile([1, 2, 4, 7, 11, 16], [0, .2, .25, .5, .9, 1])
        let shares = [(0, 1), (1, 5), (1, 4), (1, 2), (9, 10), (1, 1)].map(|(p, w)| share(p, w));
        let known = [1.0, 2.0, 2.5, 5.5, 13.5, 16.0];
        let found = quantiles([16_i64, 1, 2, 11, 4, 7].into_iter(), &shares);
        for (found, known) in found.iter().zip(known) {
            let Mixed { floor, part } = found.whole();
            assert!((floor as f64 + part - known).abs() < 1e-12, "{found:?}");
        }
        let codes = [16.0, 1.0, 2.0, 11.0, 4.0, 7.0].map(encode);
        for (found, known) in quantiles(codes.into_iter(), &shares).iter().zip(known) {
            assert!((found.real() - known).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn negative_quantiles_keep_their_floor() {
        let found = quantiles([-3_i64, -2].into_iter(), &[share(1, 4)])[0].whole();
        assert_eq!(found, Mixed { floor: -3, part: 0.25 });
    }

    #[test]
    fn the_widest_column_does_not_overflow() {
        let column = [i64::MIN, i64::MAX];
        let found = quantiles(column.into_iter(), &[share(1, 2), share(1, 1)]);
        assert_eq!(found[0].whole(), Mixed { floor: -1, part: 0.5 });
        assert_eq!(found[1].whole().floor, i64::MAX);
        assert!(quantiles([0_i64; 0].into_iter(), &[share(1, 2)]).is_empty());
    }

    #[test]
    fn reals_keep_their_order_as_codes() {
        let reals = [f64::MIN, -2.5, -1e-300, 0.0, 1e-300, 2.5, f64::MAX];
        assert!(reals.map(encode).is_sorted());
        let bits = |reals: [f64; 7]| reals.map(f64::to_bits);
        assert_eq!(bits(reals.map(|real| decode(encode(real)))), bits(reals));
        assert_eq!(encode(-0.0), encode(0.0));
    }

    /// Columns long enough for buckets, from narrow to the whole range, with heavy ties.
    fn column() -> impl Strategy<Value = Vec<i64>> {
        (0_u32..64, FEW + 1..3 * FEW).prop_flat_map(|(shift, length)| {
            prop::collection::vec(any::<i64>().prop_map(move |value| value >> shift), length)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn buckets_find_what_sorting_finds(mut column in column(), ranks in prop::collection::vec(0..4 * FEW, 0..9)) {
            let found = order_statistics(column.iter().copied(), &ranks);
            column.sort_unstable();
            let known: Vec<i64> = ranks.iter().map(|&rank| column[rank.min(column.len() - 1)]).collect();
            prop_assert_eq!(found, known);
        }

        #[test]
        fn one_far_value_does_not_matter(mut column in prop::collection::vec(0_i64..100_000, 2 * FEW), far in any::<i64>()) {
            column.push(far);
            let found = order_statistics(column.iter().copied(), &[FEW, 7]);
            column.sort_unstable();
            prop_assert_eq!(found, [column[FEW], column[7]]);
        }
    }
}
