//! The area under the ROC curve, and how sure it is.

#![allow(clippy::doc_markdown, reason = "DeLong is a name")]

use std::fmt;

use super::{
    difference::normal_interval,
    outcomes::{Block, Outcomes},
};
use crate::{
    error::{Error, ErrorKind},
    math::parallel,
};

/// The area under the ROC curve: the chance that somebody who churned has a higher score than somebody who
/// stayed. 1/2 is a coin, 1 is perfect.
///
/// # Formula
/// ```text
/// AUC = mean over churned i and stayed j of [s_i > s_j] + [s_i = s_j]/2
/// se² = var_i(V_i)/churned + var_j(V_j)/stayed
/// ```
/// with `V_i` the share of those who stayed below `i`, and `V_j` of those who churned above `j`, a tie counting
/// half, and the variances of samples (DeLong, DeLong & Clarke-Pearson 1988; by sorting, Sun & Xu 2014). The
/// standard error is that of rows that do not depend on one another: a customer who comes in several snapshots
/// makes it too small, unless it is told [who each row is](Self::of_customers). Where the scores part the classes wholly it is 0.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::SavedAuc", into = "super::saved::SavedAuc"))]
pub struct Auc {
    pub(super) value: f64,
    pub(super) std_error: Option<f64>,
}

impl Auc {
    /// Of any finite scores, probabilities or not, the higher the likelier to churn.
    ///
    /// # Errors
    /// If there are none, the columns differ in length, a score is not finite, nobody churned or nobody stayed.
    ///
    /// # Example
    /// ```
    /// use patronage::churn::Auc;
    ///
    /// let days_idle = [3.0, 200.0, 40.0, 90.0, 15.0];
    /// let auc = Auc::of(&days_idle, &[false, true, false, true, true])?;
    /// assert_eq!(auc.value(), 5.0 / 6.0);
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn of(scores: &[f64], churned: &[bool]) -> Result<Self, Error> {
        Outcomes::of_scores(scores, churned, None)?.auc()
    }

    /// The area, from 0 to 1.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The standard error; `None` unless more than one churned and more than one stayed.
    pub fn std_error(&self) -> Option<f64> {
        self.std_error
    }

    /// The interval that holds the area with this probability, by the normal distribution, within 0 and 1.
    ///
    /// # Errors
    /// If `coverage` is not between 0 and 1, or there is no standard error.
    pub fn interval(&self, coverage: f64) -> Result<(f64, f64), Error> {
        let Some(std_error) = self.std_error else {
            let why = "a standard error of the AUC: customers who churned, or who stayed".to_owned();
            return Err(ErrorKind::TooFew { why, needed: 2, found: 1 }.into());
        };
        let (low, high) = normal_interval(self.value, std_error, coverage)?;
        Ok((low.max(0.0), high.min(1.0)))
    }
}

impl fmt::Display for Auc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.value)?;
        match self.interval(0.95) {
            Ok((low, high)) => write!(f, " (95 %: {low:.4} to {high:.4})"),
            Err(_) => Ok(()),
        }
    }
}

impl Outcomes {
    /// The area under the ROC curve.
    ///
    /// # Errors
    /// If nobody churned or nobody stayed.
    pub fn auc(&self) -> Result<Auc, Error> {
        self.require_both()?;
        let (churned, stayed) = (self.churned.total, self.stayed.total);
        let Places { area, squares } = self.places();
        // Sums of weights may be off in their last digits.
        let value = (area / (churned * stayed)).min(1.0);
        // Of the weight of those who stayed above each who churned, and of those who churned below each who stayed.
        let variance = |squares: f64, of: f64, other: f64| {
            let mean = other * (1.0 - value);
            ((squares / of - mean * mean) / (of - 1.0)).max(0.0) / (other * other)
        };
        let std_error = (churned > 1.0 && stayed > 1.0)
            .then(|| (variance(squares[0], churned, stayed) + variance(squares[1], stayed, churned)).sqrt());
        Ok(Auc { value, std_error })
    }

    fn places(&self) -> Places {
        let blocks = self.blocks();
        let mut below = (0.0, 0.0);
        let starts: Vec<_> = (blocks.into_iter())
            .map(|block| {
                let start = below;
                below.0 += self.churned.weight(&block.0);
                below.1 += self.stayed.weight(&block.1);
                (block, start)
            })
            .collect();
        let parts = parallel::map(starts, |(block, start)| self.places_in(&block, start));
        parts.into_iter().fold(Places::default(), |mut sum, part| {
            sum.area += part.area;
            (0..2).for_each(|side| sum.squares[side] += part.squares[side]);
            sum
        })
    }

    /// The sums over a block, below which there is so much of both sides.
    fn places_in(&self, block: &Block, below: (f64, f64)) -> Places {
        let (mut churned_below, mut stayed_below) = below;
        let mut sum = Places::default();
        for tie in self.ties_in(block) {
            let under = stayed_below + 0.5 * tie.stayed;
            let above = self.stayed.total - under;
            let churned_under = churned_below + 0.5 * tie.churned;
            sum.area += tie.churned * under;
            sum.squares[0] += tie.churned * above * above;
            sum.squares[1] += tie.stayed * churned_under * churned_under;
            churned_below += tie.churned;
            stayed_below += tie.stayed;
        }
        sum
    }
}

/// Sums over the places of the rows among those of the other side.
#[derive(Default)]
struct Places {
    /// Of the weight of those who stayed below each who churned.
    area: f64,
    /// Of the squared weight on the wrong side of each who churned, and of each who stayed.
    squares: [f64; 2],
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The mean of V over pairs, and the variances of its means by rows and by columns, as the formula says.
    fn slow(scores: &[f64], churned: &[bool]) -> (f64, f64) {
        let of = |wanted: bool| -> Vec<f64> {
            scores.iter().zip(churned).filter(|row| *row.1 == wanted).map(|row| *row.0).collect()
        };
        let (up, down) = (of(true), of(false));
        let wins = |i: f64, j: f64| f64::from(u8::from(i > j)) + 0.5 * f64::from(u8::from(i == j));
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let v10: Vec<f64> =
            up.iter().map(|i| mean(&down.iter().map(|j| wins(*i, *j)).collect::<Vec<_>>())).collect();
        let v01: Vec<f64> =
            down.iter().map(|j| mean(&up.iter().map(|i| wins(*i, *j)).collect::<Vec<_>>())).collect();
        let auc = mean(&v10);
        let variance = |v: &[f64]| v.iter().map(|x| (x - auc).powi(2)).sum::<f64>() / (v.len() - 1) as f64;
        (auc, (variance(&v10) / v10.len() as f64 + variance(&v01) / v01.len() as f64).sqrt())
    }

    #[test]
    fn rounded_weights_leave_no_area_above_1() {
        let weights = [1.0, 2.3, 2.7, 1.9, 2.2];
        let outcomes =
            Outcomes::weighted(&[0.1, 0.2, 0.3, 0.8, 0.9], &[false, false, false, true, true], &weights)
                .unwrap();
        assert_eq!(outcomes.auc().unwrap().value(), 1.0);
    }

    #[test]
    fn one_customer_tells_of_no_others() {
        let (scores, churned) = ([0.2, 0.6, 0.5, 0.9], [false, false, true, true]);
        for who in [["anna"; 4], ["anna", "ben", "cleo", "cleo"]] {
            let refused = Auc::of_customers(&scores, &churned, &who.map(crate::domain::CustomerId::from));
            assert!(refused.unwrap_err().to_string().contains("customers with rows that churned"));
        }
    }

    proptest! {
        #[test]
        fn sorting_gives_what_all_pairs_do(
            rows in proptest::collection::vec((0_u8..20, any::<bool>(), 1_u8..4), 4..120)
        ) {
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 20.0).collect();
            let churned: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let count = churned.iter().filter(|churned| **churned).count();
            prop_assume!(count >= 2 && rows.len() - count >= 2);
            let (value, std_error) = slow(&scores, &churned);
            let found = Auc::of(&scores, &churned).unwrap();
            prop_assert!((found.value() - value).abs() < 1e-14);
            prop_assert!((found.std_error().unwrap() - std_error).abs() < 1e-12);

            // A weight is as many rows.
            let repeat = |row: usize| usize::from(rows[row].2);
            let often: Vec<usize> = (0..rows.len()).flat_map(|row| vec![row; repeat(row)]).collect();
            let many: Vec<f64> = often.iter().map(|row| scores[*row]).collect();
            let them: Vec<bool> = often.iter().map(|row| churned[*row]).collect();
            let weights: Vec<f64> = (0..rows.len()).map(|row| repeat(row) as f64).collect();
            let weighted = Outcomes::weighted(&scores, &churned, &weights).unwrap().auc().unwrap();
            prop_assert_eq!(weighted, Auc::of(&many, &them).unwrap());
        }
    }

    #[test]
    fn what_parts_the_classes_is_perfect() {
        let auc = Auc::of(&[-5.0, 1.0, 2.0, 9.0], &[false, false, true, true]).unwrap();
        assert_eq!((auc.value(), auc.std_error()), (1.0, Some(0.0)));
        let few = Auc::of(&[1.0, 2.0, 3.0], &[false, true, true]).unwrap();
        assert_eq!((few.value(), few.std_error()), (1.0, None));
        assert!(few.interval(0.95).is_err() && auc.interval(1.0).is_err());
        assert!(Auc::of(&[1.0, 2.0], &[true, true]).is_err());
    }
}
