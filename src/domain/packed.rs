//! A day and an amount in one number, so that sorting moves and compares half as much.

use std::cmp::Ordering;

use super::Day;
use crate::math::{group::Rule, parallel};

/// How days and amounts of a range share the bits of an `i64`: the day above, the amount below. Packed
/// numbers are in the order of days, then amounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    first: Day,
    lowest: i64,
    bits: u32,
}

impl Packing {
    /// A packing for all rows, or `None` if their range does not fit.
    pub(super) fn of(days: &[Day], amounts: &[i64]) -> Option<Self> {
        let chunks = parallel::ranges(days.len(), 1 << 16);
        let ends = parallel::map(chunks, |chunk| {
            let (days, amounts) = (&days[chunk.clone()], &amounts[chunk]);
            let days =
                days.iter().fold((Day::MAX, Day::MIN), |ends, &day| (ends.0.min(day), ends.1.max(day)));
            let ends = (i64::MAX, i64::MIN);
            let amounts = amounts.iter().fold(ends, |ends, &amount| (ends.0.min(amount), ends.1.max(amount)));
            (days, amounts)
        });
        let first = ends.iter().map(|ends| ends.0.0).min()?;
        let last = ends.iter().map(|ends| ends.0.1).max()?;
        let lowest = ends.iter().map(|ends| ends.1.0).min()?;
        let highest = ends.iter().map(|ends| ends.1.1).max()?;
        let bits = u64::BITS - highest.abs_diff(lowest).leading_zeros();
        let day_bits = u32::BITS - last.since(first).unsigned_abs().leading_zeros();
        (bits + day_bits < i64::BITS).then_some(Self { first, lowest, bits })
    }

    /// The number of a row within the range.
    pub(super) fn pack(self, day: Day, amount: i64) -> i64 {
        // The amounts' range has fewer than 63 bits, so the difference fits.
        i64::from(day.since(self.first)) << self.bits | amount.wrapping_sub(self.lowest)
    }

    /// The row of a number.
    fn unpack(self, packed: i64) -> (Day, i64) {
        let day = (packed >> self.bits) as i32;
        let amount = packed & ((1 << self.bits) - 1);
        (self.first.plus(day), amount + self.lowest)
    }
}

impl Rule<i64, Day> for Packing {
    fn order(&self, a: &i64, b: &i64) -> Ordering {
        a.cmp(b)
    }

    fn repeats(&self, before: &i64, row: &i64) -> bool {
        before == row
    }

    fn split(&self, packed: i64) -> (Day, i64) {
        self.unpack(packed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_comes_back_in_order() {
        let days = [Day::MIN, Day::MAX, Day::default(), Day::default()];
        let amounts = [-1, 1 << 30, -(1 << 39), 5];
        let packing = Packing::of(&days, &amounts).unwrap();
        let mut rows: Vec<_> = days.into_iter().zip(amounts).collect();
        let mut packed: Vec<_> = rows.iter().map(|&(day, amount)| packing.pack(day, amount)).collect();
        rows.sort_unstable();
        packed.sort_unstable();
        let back: Vec<_> = packed.into_iter().map(|number| packing.unpack(number)).collect();
        assert_eq!(back, rows);
    }

    #[test]
    fn what_does_not_fit_is_left_to_another_road() {
        assert!(Packing::of(&[Day::MIN, Day::MAX], &[0, 1 << 42]).is_none());
        assert!(Packing::of(&[Day::MIN, Day::MIN], &[i64::MIN, i64::MAX]).is_none());
        assert!(Packing::of(&[], &[]).is_none());
        assert!(Packing::of(&[Day::MAX], &[i64::MIN]).is_some());
    }
}
