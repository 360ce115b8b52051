//! The question that lessens the loss of a node most.

use super::{
    Monotone,
    grow::{Limits, step, worth},
    histogram::Sum,
};
use crate::churn::tree::{
    codes::{Bins, Coded},
    split::{Cut, Part, Place, best_place},
};

/// A question must be worth more than this, in parts of the whole weight: less is rounding.
const LEAST: f64 = 1e-12;

/// Added to the ridge where levels are parted, and to the curvature by which they are ordered; in weight.
const LEVEL_RIDGE: f64 = 10.0;

/// A question to ask of a node.
pub(super) struct Split {
    /// The place among the columns that may be asked.
    pub(super) asked: usize,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
    pub(super) missing_seen: bool,
    pub(super) gain: f64,
    pub(super) left: Sum,
}

/// A node that is asked: what is the same for all questions.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) total: Sum,
    pub(super) limits: Limits,
    pub(super) leaf_rows: u32,
    /// In parts of the whole weight.
    pub(super) ridge: f64,
    pub(super) whole: f64,
}

impl Asked {
    /// The best question of a column, whose bins hold so much; of questions as good the one with the lowest threshold.
    pub(super) fn best(
        &self,
        (asked, column): (usize, &Coded),
        cells: &[Sum],
        bound: Option<Monotone>,
    ) -> Option<Split> {
        let (known, missing) = cells.split_at(column.missing() as usize);
        let missing = missing.first().copied().filter(|missing| missing.rows > 0);
        let used = (0..).zip(known.iter().copied()).filter(|(_, cell)| cell.rows > 0);
        let mut known = Vec::with_capacity(known.len());
        known.extend(used);
        let mut ridge = self.ridge;
        if matches!(column.bins, Bins::Levels(_)) && known.len() > 2 {
            let more = LEVEL_RIDGE / self.whole;
            known.sort_by(|a, b| step(a.1, more).total_cmp(&step(b.1, more)));
            ridge += more;
        }
        let whole = worth(self.total, ridge, self.limits);
        let gain = |left: Sum, right: Sum, both_known: bool| {
            if left.rows < self.leaf_rows || right.rows < self.leaf_rows {
                return None;
            }
            let broken = bound.is_some_and(|bound| {
                let [left, right] = [left, right].map(|side| self.limits.hold(step(side, self.ridge)));
                both_known && if bound == Monotone::Increasing { left > right } else { left < right }
            });
            (!broken).then(|| worth(left, ridge, self.limits) + worth(right, ridge, self.limits) - whole)
        };
        let place = best_place(&known, missing, self.total, gain).filter(|place| place.gain > LEAST)?;
        let Place { gain, left: bins, missing_left } = place;
        let left = known[..bins].iter().fold(Sum::default(), |sum, cell| sum.plus(cell.1));
        let left = missing.filter(|_| missing_left).map_or(left, |missing| left.plus(missing));
        let cut = place.cut(&known, &column.bins);
        Some(Split { asked, cut, missing_left, missing_seen: missing.is_some(), gain, left })
    }
}
