//! A day and an amount in one number, so that sorting moves and compares half as much.

use std::cmp::Ordering;

use super::Day;
use crate::math::{
    group::{LEADS, Order, Rule},
    parallel,
    simd::widest,
};

/// How days and amounts of a range share the bits of a number: the day above, the amount below. Packed
/// numbers are in the order of days, then amounts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing {
    first: Day,
    lowest: i64,
    bits: u32,
    /// The bits below those by which rows are spread.
    lead: u32,
}

/// The least and the greatest of the days and amounts of some rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(super) first: Day,
    pub(super) last: Day,
    pub(super) lowest: i64,
    pub(super) highest: i64,
}

impl Range {
    /// The range of all rows; of no rows an empty one.
    pub(crate) fn of(days: &[Day], amounts: &[i64]) -> Self {
        let chunks = parallel::ranges(days.len(), 1 << 16);
        let ranges = parallel::map(chunks, |chunk| {
            let ends = |ends: (Day, Day), &day: &Day| (ends.0.min(day), ends.1.max(day));
            let days = widest(|| days[chunk.clone()].iter().fold((Day::MAX, Day::MIN), ends));
            let ends = |ends: (i64, i64), &amount: &i64| (ends.0.min(amount), ends.1.max(amount));
            let amounts = widest(|| amounts[chunk.clone()].iter().fold((i64::MAX, i64::MIN), ends));
            Self { first: days.0, last: days.1, lowest: amounts.0, highest: amounts.1 }
        });
        let empty = Self { first: Day::MAX, last: Day::MIN, lowest: i64::MAX, highest: i64::MIN };
        ranges.into_iter().fold(empty, |whole, part| Self {
            first: whole.first.min(part.first),
            last: whole.last.max(part.last),
            lowest: whole.lowest.min(part.lowest),
            highest: whole.highest.max(part.highest),
        })
    }
}

impl Range {
    /// Whether so many amounts of the range fit an `i64` with room for the difference of two sums, whatever
    /// they are.
    pub(crate) fn sums_fit(self, rows: usize) -> bool {
        let largest = u128::from(self.lowest.unsigned_abs().max(self.highest.unsigned_abs()));
        rows == 0 || largest * rows as u128 <= LARGEST_SUM
    }
}

/// Room for a sum and for the difference of two.
pub(super) const LARGEST_SUM: u128 = i64::MAX as u128 / 2;

impl Packing {
    /// A packing for all rows, or `None` if their range does not fit (or there are none).
    pub(crate) fn of(range: Range) -> Option<Self> {
        let Range { first, last, lowest, highest } = range;
        let bits = u64::BITS - highest.abs_diff(lowest).leading_zeros();
        let day_bits = u32::BITS - last.since(first).unsigned_abs().leading_zeros();
        let lead = (bits + day_bits).saturating_sub(LEADS.ilog2());
        (first <= last && bits + day_bits < i64::BITS).then_some(Self { first, lowest, bits, lead })
    }

    /// Whether the numbers fit 32 bits.
    pub(crate) fn is_narrow(self) -> bool {
        self.lead + LEADS.ilog2() <= u32::BITS
    }

    /// The number of a row within the range.
    pub(crate) fn pack(self, day: Day, amount: i64) -> u64 {
        // The amounts' range has fewer than 63 bits, so the difference fits.
        u64::from(day.since(self.first).cast_unsigned()) << self.bits
            | amount.wrapping_sub(self.lowest).cast_unsigned()
    }

    /// The row of a number.
    #[inline(always)]
    pub(crate) fn unpack(self, packed: u64) -> (Day, i64) {
        let day = (packed >> self.bits) as i32;
        let amount = packed & ((1 << self.bits) - 1);
        (Day::of_valid(self.first.epoch_days() + day), amount.cast_signed() + self.lowest)
    }
}

/// A packed number, of the width that all rows need.
pub(crate) trait Packed: Copy + Default + Ord + Into<u64> + Send + Sync {
    /// The low bits of a number.
    fn of(number: u64) -> Self;
}

impl Packed for u32 {
    fn of(number: u64) -> Self {
        number as u32
    }
}

impl Packed for u64 {
    fn of(number: u64) -> Self {
        number
    }
}

/// Rows by their packed numbers.
impl<P: Packed> Order<P> for Packing {
    #[inline(always)]
    fn order(&self, a: &P, b: &P) -> Ordering {
        a.cmp(b)
    }

    #[inline(always)]
    fn lead(&self, row: &P) -> usize {
        ((*row).into() >> self.lead) as usize
    }
}

/// The amount takes the place of the key, the day that of the number.
impl<P: Packed> Rule<P> for Packing {
    #[inline(always)]
    fn repeats(&self, before: &P, row: &P) -> bool {
        before == row
    }

    #[inline(always)]
    fn split(&self, packed: P) -> (u64, P) {
        let (day, amount) = self.unpack(packed.into());
        (amount.cast_unsigned(), P::of(u64::from(day.epoch_days().cast_unsigned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_comes_back_in_order() {
        let days = [Day::MIN, Day::MAX, Day::default(), Day::default()];
        let amounts = [-1, 1 << 30, -(1 << 39), 5];
        let packing = Packing::of(Range::of(&days, &amounts)).unwrap();
        let mut rows: Vec<_> = days.into_iter().zip(amounts).collect();
        let mut packed: Vec<_> = rows.iter().map(|&(day, amount)| packing.pack(day, amount)).collect();
        rows.sort_unstable();
        packed.sort_unstable();
        let back: Vec<_> = packed.into_iter().map(|number| packing.unpack(number)).collect();
        assert_eq!(back, rows);
    }

    #[test]
    fn leads_rise_with_the_rows_and_stay_below_their_bound() {
        let days = [Day::default(), Day::default().plus(730)];
        for highest in [0, 5, 1 << 21, 1 << 22, 1 << 40] {
            let packing = Packing::of(Range::of(&days, &[0, highest])).unwrap();
            let rows = days.iter().flat_map(|&day| [0, highest / 2, highest].map(|amount| (day, amount)));
            let leads: Vec<usize> =
                rows.map(|(day, amount)| packing.lead(&packing.pack(day, amount))).collect();
            assert!(leads.is_sorted() && leads[5] < LEADS && leads[3] > leads[2], "{leads:?}");
            // Ten bits of days leave 22 of 32.
            assert_eq!(packing.is_narrow(), highest < 1 << 22);
        }
    }

    #[test]
    fn what_does_not_fit_is_left_to_another_road() {
        assert!(Packing::of(Range::of(&[Day::MIN, Day::MAX], &[0, 1 << 42])).is_none());
        assert!(Packing::of(Range::of(&[Day::MIN; 2], &[i64::MIN, i64::MAX])).is_none());
        assert!(Packing::of(Range::of(&[], &[])).is_none());
        assert!(Packing::of(Range::of(&[Day::MAX], &[i64::MIN])).is_some());
    }
}
