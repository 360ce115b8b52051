//! Cut points of one dimension, and the counting of values above them.

use crate::{
    math::{
        quantile::{Between, Mixed, decode, encode},
        simd,
    },
    model::Ties,
};

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
#[cfg_attr(feature = "serde", serde(into = "saved::Point", from = "saved::Point"))]
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

    /// Whether a file holds a cut that could have been made here, between values of that kind.
    #[cfg(feature = "serde")]
    pub(super) fn is_of(self, kind: Kind) -> bool {
        match (self.at, kind) {
            (Point::Whole { part, .. }, Kind::Whole) => (0.0..1.0).contains(&part),
            (Point::Real(at), Kind::Mean) => at.is_finite(),
            _ => false,
        }
    }

    /// Whether the cut is at a value not above that of the other.
    #[cfg(feature = "serde")]
    pub(super) fn is_up_to(self, other: Self) -> bool {
        let part = |cut: Self| match cut.at {
            Point::Whole { part, .. } => part,
            Point::Real(_) => 0.0,
        };
        (self.floor(), part(self)) <= (other.floor(), part(other))
    }
}

/// Points as they are saved: to the last bit, so that a value at a cut stays at it.
#[cfg(feature = "serde")]
mod saved {
    use crate::model::Exact;

    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) enum Point {
        Whole { floor: i64, part: Exact },
        Real(Exact),
    }

    impl From<super::Point> for Point {
        fn from(point: super::Point) -> Self {
            match point {
                super::Point::Whole { floor, part } => Self::Whole { floor, part: Exact(part) },
                super::Point::Real(at) => Self::Real(Exact(at)),
            }
        }
    }

    impl From<Point> for super::Point {
        fn from(saved: Point) -> Self {
            match saved {
                Point::Whole { floor, part: Exact(part) } => Self::Whole { floor, part },
                Point::Real(Exact(at)) => Self::Real(at),
            }
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
    /// The key above which a customer is beyond the cut. A key is the value, turned round where low is
    /// good, so that more is always better.
    fn threshold(self, cut: Cut, ties: Ties) -> i64 {
        match (self, ties) {
            (Self::High, Ties::Lower | Ties::Split) => cut.floor(),
            (Self::High, Ties::Upper) => cut.ceil().saturating_sub(1),
            (Self::Low, Ties::Lower) => cut.floor().saturating_neg().saturating_sub(1),
            (Self::Low, Ties::Upper | Ties::Split) => cut.ceil().saturating_neg(),
        }
    }
}

/// A value as it is scored: narrow where days or orders are counted, so that more fit one instruction.
pub(super) trait Value: Copy + PartialOrd {
    /// As the same type as the values. No customer has two thousand million orders or idle days, so holding
    /// a threshold within the range changes no comparison.
    fn held(threshold: i64) -> Self;

    fn turned(self) -> Self;
}

impl Value for i32 {
    fn held(threshold: i64) -> Self {
        let end = if threshold < 0 { Self::MIN } else { Self::MAX };
        Self::try_from(threshold).unwrap_or(end)
    }

    fn turned(self) -> Self {
        self.wrapping_neg()
    }
}

impl Value for i64 {
    fn held(threshold: i64) -> Self {
        threshold
    }

    fn turned(self) -> Self {
        self.wrapping_neg()
    }
}

/// Scores from 1 to the number of cuts plus 1, one more than the cuts that each value is beyond: written to
/// `scores`, as many as there are values.
pub(super) fn score<V: Value>(
    scores: &mut [u8],
    values: impl Iterator<Item = V> + Clone,
    cuts: &[Cut],
    good: Good,
    ties: Ties,
) {
    let thresholds: Vec<V> = cuts.iter().map(|&cut| V::held(good.threshold(cut, ties))).collect();
    // Which end is good is asked once, not for every value.
    match good {
        Good::Low => score_keys(scores, values.map(V::turned), cuts, &thresholds, ties),
        Good::High => score_keys(scores, values, cuts, &thresholds, ties),
    }
}

fn score_keys<V: Value>(
    scores: &mut [u8],
    keys: impl Iterator<Item = V> + Clone,
    cuts: &[Cut],
    thresholds: &[V],
    ties: Ties,
) {
    match thresholds.len() {
        0..=2 => one_more_than_above::<V, 2>(scores, keys.clone(), thresholds),
        3 => one_more_than_above::<V, 3>(scores, keys.clone(), thresholds),
        4 => one_more_than_above::<V, 4>(scores, keys.clone(), thresholds),
        _ => one_more_than_above::<V, 9>(scores, keys.clone(), thresholds),
    }
    if ties == Ties::Split {
        deal_ties(keys, cuts, thresholds, scores);
    }
}

/// Without a branch on the data. The number of cuts is known to the compiler, which unrolls the count.
fn one_more_than_above<V: Value, const CUTS: usize>(
    scores: &mut [u8],
    keys: impl Iterator<Item = V>,
    thresholds: &[V],
) {
    // No key is above a threshold that only fills up.
    let mut filled = [V::held(i64::MAX); CUTS];
    filled[..thresholds.len()].copy_from_slice(thresholds);
    simd::run(|| {
        for (score, key) in scores.iter_mut().zip(keys) {
            *score = filled.iter().fold(1, |score, &at| score + u8::from(key > at));
        }
    });
}

/// Lifts those at a cut over it, but for the first few in the order of customers that it keeps.
fn deal_ties<V: Value>(keys: impl Iterator<Item = V>, cuts: &[Cut], thresholds: &[V], scores: &mut [u8]) {
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
    let count = |level: u8| {
        // In runs whose count fits a byte, which the compiler counts many at a time.
        let runs = scores.chunks(usize::from(u8::MAX));
        simd::run(|| {
            runs.map(|run| u64::from(run.iter().map(|&score| u8::from(score == level)).sum::<u8>())).sum()
        })
    };
    (1..=levels).map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: &[i64], cuts: &[Cut], good: Good, ties: Ties) -> Vec<u8> {
        let mut scores = vec![0; values.len()];
        score(&mut scores, values.iter().copied(), cuts, good, ties);
        scores
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
    fn a_tally_counts_every_level() {
        let scores: Vec<u8> = (0..2000_u32).map(|i| 1 + (i % 7).min(3) as u8).collect();
        // 2000 is 285 times 7 and 5.
        assert_eq!(tally(&scores, 5), [286, 286, 286, 1142, 0]);
        assert_eq!(tally(&vec![2; 1000], 2), [0, 1000]);
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
