//! Rows in the order of their gaps, near enough.

use crate::math::group::start_at_sums;

/// A counting sort, and its room.
#[derive(Default)]
pub(super) struct ByGap {
    order: Vec<u32>,
}

/// Gaps that share their exponent and so many bits more are one: within a 32nd of each other.
const BITS: u32 = 5;

/// The greatest gaps are told apart, over 32 powers of two; below that all are one.
const BUCKETS: usize = 32 << BITS;

impl ByGap {
    /// The places of the gaps, the least gap first, and equal ones in their order.
    pub(super) fn order(&mut self, gaps: &[f64]) -> &[u32] {
        let greatest = key(gaps.iter().copied().fold(0.0, f64::max));
        let bucket = |gap: f64| (BUCKETS - 1).saturating_sub(greatest.saturating_sub(key(gap)));
        let mut starts = [0_u32; BUCKETS];
        for gap in gaps {
            starts[bucket(*gap)] += 1;
        }
        start_at_sums(&mut starts);
        self.order.resize(gaps.len(), 0);
        for (place, gap) in (0..).zip(gaps) {
            let start = &mut starts[bucket(*gap)];
            self.order[*start as usize] = place;
            *start += 1;
        }
        &self.order
    }
}

/// Ascends with the gap. One below 0 is due to rounding.
fn key(gap: f64) -> usize {
    (gap.max(0.0).to_bits() >> (f64::MANTISSA_DIGITS - 1 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_place_is_there_and_gaps_ascend(gaps in prop::collection::vec(
            prop_oneof![-1e-9..1e-9, 0.0..1.0, 0.0..1e300, 1e299..1e300], 0..300,
        )) {
            let mut by_gap = ByGap::default();
            by_gap.order(&[1.0; 400]);
            let order = by_gap.order(&gaps).to_vec();
            let mut places = order.clone();
            places.sort_unstable();
            prop_assert!(places.into_iter().eq(0..gaps.len() as u32));
            let greatest = gaps.iter().copied().fold(0.0, f64::max);
            for pair in order.windows(2) {
                let (before, after) = (gaps[pair[0] as usize], gaps[pair[1] as usize]);
                let near = before <= after * (1.0 + 1.0 / 31.0) || before <= greatest * 2.0_f64.powi(-31);
                prop_assert!(near, "{before} before {after}");
            }
        }
    }

    #[test]
    fn gaps_without_end_stay_in_their_order() {
        assert_eq!(ByGap::default().order(&[f64::INFINITY; 3]), [0, 1, 2]);
    }
}
