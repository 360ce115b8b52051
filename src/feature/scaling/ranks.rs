//! Ranks from 0 to 1, kept as a curve.

/// Shares at which a [`RankCurve`] is kept where a column has more distinct values than these.
pub const SHARES: usize = 1001;

/// The rank of a value among the customers learned from, from 0 (lowest) to 1 (highest), as a rising curve.
///
/// # Formula
/// ```text
/// rank(x) = (values below x + (values equal to x - 1) / 2) / (n - 1)
/// ```
/// so that equal values share the mean of their ranks; a lone or constant column has rank 1/2. Between values that
/// were seen it is linear. Below the lowest it is 0, above the highest 1.
///
/// Up to [`SHARES`] distinct values the curve holds each of them. Of more it holds those at [`SHARES`] evenly spread
/// ranks, and the neighbours of any that many customers share: a value left out is at most 2 / ([`SHARES`] - 1) off its
/// rank. It holds no customer, but the lowest and highest values are somebody's.
#[derive(Clone, PartialEq, Debug)]
pub struct RankCurve {
    /// Ascending, at least one.
    pub(super) values: Vec<f64>,
    /// As many, ascending, from 0 to 1.
    pub(super) ranks: Vec<f64>,
}

/// Equal values, from their first place in the sorted column to one past their last.
#[derive(Clone, Copy)]
struct Tie {
    value: f64,
    start: usize,
    end: usize,
}

impl RankCurve {
    /// Learns from at least one value.
    pub(super) fn learn(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let ties = sorted.chunk_by(|a, b| !(a < b)).scan(0, |start, equal| {
            let tie = Tie { value: equal[0] + 0.0, start: *start, end: *start + equal.len() };
            *start = tie.end;
            Some(tie)
        });
        let ties = thinned(ties.collect(), sorted.len());
        let last = (sorted.len() - 1) as f64;
        let rank = |tie: &Tie| if last > 0.0 { (tie.start + tie.end - 1) as f64 / 2.0 / last } else { 0.5 };
        Self { ranks: ties.iter().map(rank).collect(), values: ties.iter().map(|tie| tie.value).collect() }
    }

    /// The values held, ascending.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The rank of each value held, ascending, from 0 to 1.
    pub fn ranks(&self) -> &[f64] {
        &self.ranks
    }

    /// The rank of a value.
    pub fn rank(&self, value: f64) -> f64 {
        let after = self.values.partition_point(|&known| known <= value);
        let Some(before) = after.checked_sub(1) else {
            return 0.0;
        };
        if !(value > self.values[before]) {
            return self.ranks[before];
        }
        if after == self.values.len() {
            return 1.0;
        }
        let (low, high) = (self.values[before], self.values[after]);
        let mut share = (value - low) / (high - low);
        if !(high - low).is_finite() {
            share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        }
        self.ranks[before] + (self.ranks[after] - self.ranks[before]) * share
    }

    /// The quantile: the value of a rank; outside the ranks held, the lowest or highest value.
    pub fn value(&self, rank: f64) -> f64 {
        let last = self.values.len() - 1;
        let after = self.ranks.partition_point(|&known| known <= rank);
        let Some(before) = after.checked_sub(1) else {
            return self.values[0];
        };
        if before == last {
            return self.values[last];
        }
        let share = (rank - self.ranks[before]) / (self.ranks[after] - self.ranks[before]);
        let (low, high) = (self.values[before], self.values[after]);
        // Weighted, for the difference of two large numbers may not fit.
        (low * (1.0 - share) + high * share).clamp(low, high)
    }
}

/// The ties at evenly spread places, and the neighbours of those that hold more than one such place can.
fn thinned(ties: Vec<Tie>, len: usize) -> Vec<Tie> {
    if ties.len() <= SHARES {
        return ties;
    }
    let step = (len - 1) / (SHARES - 1);
    let mut kept = vec![false; ties.len()];
    let mut at = 0;
    for share in 0..SHARES {
        // The product of a number of rows and a thousand fits.
        let place = (share as u128 * (len - 1) as u128 / (SHARES - 1) as u128) as usize;
        while ties[at].end <= place {
            at += 1;
        }
        kept[at] = true;
        if ties[at].end - ties[at].start > step {
            kept[at.saturating_sub(1)] = true;
            kept[(at + 1).min(ties.len() - 1)] = true;
        }
    }
    ties.into_iter().zip(kept).filter_map(|(tie, kept)| kept.then_some(tie)).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The formula, by counting.
    fn counted(values: &[f64], x: f64) -> f64 {
        let count = |keep: &dyn Fn(f64) -> bool| values.iter().filter(|&&value| keep(value)).count() as f64;
        (count(&|value| value < x) + (count(&|value| value == x) - 1.0) / 2.0) / (values.len() as f64 - 1.0)
    }

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        // scipy 1.16: (rankdata([3, 1, 2, 2, 5]) - 1) / 4
        let curve = RankCurve::learn(&[3.0, 1.0, 2.0, 2.0, 5.0]);
        let found = [3.0, 1.0, 2.0, 2.0, 5.0].map(|value| curve.rank(value));
        assert_eq!(found, [0.75, 0.0, 0.375, 0.375, 1.0]);
        assert_eq!([0.0, 1.5, 4.0, 9.0].map(|value| curve.rank(value)), [0.0, 0.1875, 0.875, 1.0]);
        assert_eq!([-1.0, 0.375, 0.875, 2.0].map(|rank| curve.value(rank)), [1.0, 2.0, 4.0, 5.0]);
    }

    #[test]
    fn one_value_has_the_middle_rank() {
        for values in [&[7.0][..], &[7.0; 5]] {
            let curve = RankCurve::learn(values);
            assert_eq!([6.0, 7.0, 8.0].map(|value| curve.rank(value)), [0.0, 0.5, 1.0]);
            assert_eq!([0.0, 0.5, 1.0].map(|rank| curve.value(rank)), [7.0; 3]);
        }
    }

    #[test]
    fn the_widest_column_does_not_overflow() {
        let curve = RankCurve::learn(&[f64::MIN, f64::MAX]);
        assert_eq!((curve.rank(0.0), curve.value(0.5)), (0.5, 0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_thinned_curve_is_near_the_ranks(
            mut values in prop::collection::vec(-1e6..1e6_f64, 3000..6000),
            ties in 0..4000_usize,
        ) {
            for value in values.iter_mut().take(ties) {
                *value = value.round().rem_euclid(3.0);
            }
            let curve = RankCurve::learn(&values);
            prop_assert!(curve.values.len() <= 3 * SHARES);
            prop_assert!(curve.values.is_sorted_by(|a, b| a < b) && curve.ranks.is_sorted_by(|a, b| a < b));
            for &value in values.iter().step_by(17) {
                let (found, known) = (curve.rank(value), counted(&values, value));
                prop_assert!((found - known).abs() <= 2.0 / (SHARES as f64 - 1.0) + 1e-12, "{value}: {found} {known}");
            }
        }

        #[test]
        fn a_few_values_are_exact_and_turn_back(values in prop::collection::vec(-50..50_i32, 2..300)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let curve = RankCurve::learn(&values);
            for &value in &values {
                let constant = values.iter().all(|other| *other == value);
                prop_assert!(constant || (curve.rank(value) - counted(&values, value)).abs() < 1e-12);
                prop_assert_eq!(curve.value(curve.rank(value)), value);
            }
        }
    }
}
