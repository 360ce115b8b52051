//! Cut points of one dimension, and the counting of values above them.

use super::scheme::Ties;
use crate::math::quantile::{Between, Mixed, decode, encode};

/// A cut point.
///
/// It is exact: a quantile between two whole numbers keeps its whole part apart, so that no value is
/// moved across a cut by rounding.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cut {
    at: Point,
    /// With split ties: how many of the customers at the cut stay on the side of the lower score.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    kept: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Point {
    /// `floor + part`, between whole numbers.
    Whole { floor: i64, part: f64 },
    /// Between means.
    Real(f64),
}

impl Cut {
    pub(super) const fn whole(floor: i64) -> Self {
        Self::of_point(Point::Whole { floor, part: 0.0 })
    }

    const fn of_point(at: Point) -> Self {
        Self { at, kept: None }
    }

    pub(super) fn keeping(self, kept: u64) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// The cut in days, counts or minor units. Exact up to 2^53.
    pub fn value(self) -> f64 {
        match self.at {
            Point::Whole { floor, part } => floor as f64 + part,
            Point::Real(at) => at,
        }
    }

    /// With split ties: of the customers who are exactly at the cut, how many stay on the side of the
    /// lower score.
    pub fn kept(self) -> Option<u64> {
        self.kept
    }

    /// The greatest whole value (or code of a mean) at or below the cut.
    pub(super) fn floor(self) -> i64 {
        match self.at {
            Point::Whole { floor, .. } => floor,
            Point::Real(at) => encode(at),
        }
    }

    /// The least whole value (or code of a mean) at or above the cut.
    pub(super) fn ceil(self) -> i64 {
        match self.at {
            Point::Whole { floor, part } => floor.saturating_add(i64::from(part > 0.0)),
            Point::Real(at) => encode(at),
        }
    }

    /// The mean at which the cut lies, if it is between means.
    pub(super) fn mean(self) -> Option<f64> {
        match self.at {
            Point::Whole { .. } => None,
            Point::Real(at) => Some(at),
        }
    }

    /// Whether a file holds a cut that could have been made here.
    #[cfg(feature = "serde")]
    pub(super) fn is_valid(self) -> bool {
        match self.at {
            Point::Whole { part, .. } => (0.0..1.0).contains(&part),
            Point::Real(at) => at.is_finite(),
        }
    }
}

/// Whether values are whole numbers or codes of means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Whole,
    Mean,
}

impl Kind {
    pub(super) fn at(self, value: i64) -> Cut {
        match self {
            Self::Whole => Cut::whole(value),
            Self::Mean => Cut::of_point(Point::Real(decode(value))),
        }
    }

    pub(super) fn between(self, values: Between) -> Cut {
        let Mixed { floor, part } = values.whole();
        Cut::of_point(match self {
            Self::Whole => Point::Whole { floor, part },
            Self::Mean => Point::Real(values.real()),
        })
    }
}

/// Which end of a dimension is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Good {
    Low,
    High,
}

impl Good {
    /// The value as a key of which more is better. Only idle days turn round, and they are far from the
    /// ends of `i64`.
    const fn key(self, value: i64) -> i64 {
        match self {
            Self::Low => value.saturating_neg(),
            Self::High => value,
        }
    }

    /// The key above which a customer is beyond the cut.
    fn threshold(self, cut: Cut, ties: Ties) -> i64 {
        match (self, ties) {
            (Self::High, Ties::Lower | Ties::Split) => cut.floor(),
            (Self::High, Ties::Upper) => cut.ceil().saturating_sub(1),
            (Self::Low, Ties::Lower) => self.key(cut.floor()).saturating_sub(1),
            (Self::Low, Ties::Upper | Ties::Split) => self.key(cut.ceil()),
        }
    }
}

/// Scores from 1 to the number of cuts plus 1: one more than the cuts that each value is beyond.
pub(super) fn score(
    values: impl ExactSizeIterator<Item = i64> + Clone,
    cuts: &[Cut],
    good: Good,
    ties: Ties,
) -> Vec<u8> {
    let thresholds: Vec<i64> = cuts.iter().map(|&cut| good.threshold(cut, ties)).collect();
    let keys = values.map(|value| good.key(value));
    let mut scores = one_more_than_above(keys.clone(), &thresholds);
    if ties == Ties::Split {
        deal_ties(keys, cuts, &thresholds, &mut scores);
    }
    scores
}

/// Without a branch on the data. The number of cuts is known to the compiler, which unrolls the count.
fn one_more_than_above(keys: impl Iterator<Item = i64>, thresholds: &[i64]) -> Vec<u8> {
    fn count<const CUTS: usize>(keys: impl Iterator<Item = i64>, thresholds: &[i64]) -> Vec<u8> {
        let mut fixed = [i64::MAX; CUTS];
        // A padded threshold has no key above it.
        for (slot, &threshold) in fixed.iter_mut().zip(thresholds) {
            *slot = threshold;
        }
        keys.map(|key| fixed.iter().fold(1, |score, &at| score + u8::from(key > at))).collect()
    }
    match thresholds.len() {
        0..=2 => count::<2>(keys, thresholds),
        3 => count::<3>(keys, thresholds),
        4 => count::<4>(keys, thresholds),
        _ => count::<9>(keys, thresholds),
    }
}

/// Lifts those at a cut over it, but for the first few in the order of customers that it keeps.
fn deal_ties(keys: impl Iterator<Item = i64>, cuts: &[Cut], thresholds: &[i64], scores: &mut [u8]) {
    let mut met = vec![0_u64; cuts.len()];
    for (key, score) in keys.zip(scores) {
        for ((cut, &at), met) in cuts.iter().zip(thresholds).zip(&mut met) {
            if key == at {
                *score += u8::from(cut.kept.is_some_and(|kept| *met >= kept));
                *met += 1;
            }
        }
    }
}

/// The number of customers with each score from 1 to `levels`.
pub(super) fn tally(scores: &[u8], levels: u8) -> Vec<u64> {
    let mut counts = [0_u64; 256];
    for &score in scores {
        counts[usize::from(score)] += 1;
    }
    counts[1..=usize::from(levels)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: &[i64], cuts: &[Cut], good: Good, ties: Ties) -> Vec<u8> {
        score(values.iter().copied(), cuts, good, ties)
    }

    #[test]
    fn a_value_at_a_cut_goes_where_the_rule_says() {
        let cuts = [10, 20].map(Cut::whole);
        let values = [9, 10, 11, 20, 21];
        let known = [
            (Good::High, Ties::Lower, [1, 1, 2, 2, 3]),
            (Good::High, Ties::Upper, [1, 2, 2, 3, 3]),
            (Good::Low, Ties::Lower, [3, 3, 2, 2, 1]),
            (Good::Low, Ties::Upper, [3, 2, 2, 1, 1]),
        ];
        for (good, ties, known) in known {
            assert_eq!(scores(&values, &cuts, good, ties), known, "{good:?} {ties:?}");
        }
    }

    #[test]
    fn between_whole_numbers_the_tie_rule_does_not_matter() {
        let cuts = [Cut::of_point(Point::Whole { floor: 10, part: 0.5 })];
        for ties in [Ties::Lower, Ties::Upper] {
            assert_eq!(scores(&[10, 11], &cuts, Good::High, ties), [1, 2]);
            assert_eq!(scores(&[10, 11], &cuts, Good::Low, ties), [2, 1]);
        }
    }

    #[test]
    fn ties_are_dealt_in_the_order_of_customers() {
        // Six equal values in three groups: after two and after four.
        let cuts = [Cut::whole(7).keeping(2), Cut::whole(7).keeping(4)];
        for good in [Good::High, Good::Low] {
            assert_eq!(scores(&[7; 6], &cuts, good, Ties::Split), [1, 1, 2, 2, 3, 3]);
        }
    }

    #[test]
    fn the_ends_of_the_range_do_not_overflow() {
        let cuts = [i64::MIN, 0, i64::MAX].map(Cut::whole);
        for good in [Good::High, Good::Low] {
            for ties in [Ties::Lower, Ties::Upper, Ties::Split] {
                let found = scores(&[i64::MIN, 0, i64::MAX], &cuts, good, ties);
                assert!(found.iter().all(|score| (1..=4).contains(score)));
            }
        }
    }
}
