//! What each threshold catches: the ROC curve, the precision-recall curve and its average precision.

use super::outcomes::{Outcomes, Tie};
use crate::error::Error;

/// A point of the ROC curve: what calling everybody from a threshold on a churner comes to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RocPoint {
    /// The least probability that is called a churner; infinite at the first point, where nobody is.
    pub threshold: f64,
    /// The share of those who stayed that is called churners.
    pub false_positive_rate: f64,
    /// The share of those who churned that is called churners.
    pub true_positive_rate: f64,
}

/// A point of the precision-recall curve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PrecisionPoint {
    /// The least probability that is called a churner.
    pub threshold: f64,
    /// The share of those called churners who churned.
    pub precision: f64,
    /// The share of those who churned that is called churners.
    pub recall: f64,
}

impl Outcomes {
    /// The ROC curve (Fawcett 2006): from nobody called a churner to everybody, a point for each distinct
    /// probability. The area beneath it by trapezia is [`auc`](Self::auc).
    ///
    /// # Errors
    /// If nobody churned or nobody stayed.
    pub fn roc_curve(&self) -> Result<Vec<RocPoint>, Error> {
        self.require_both()?;
        let nobody = RocPoint { threshold: f64::INFINITY, false_positive_rate: 0.0, true_positive_rate: 0.0 };
        let point = |called: Called| RocPoint {
            threshold: called.threshold,
            false_positive_rate: called.stayed / self.stayed.total,
            true_positive_rate: called.churned / self.churned.total,
        };
        Ok([nobody].into_iter().chain(self.called().map(point)).collect())
    }

    /// The precision-recall curve, from the highest probability down, a point for each distinct one.
    ///
    /// # Errors
    /// If nobody churned.
    pub fn precision_recall_curve(&self) -> Result<Vec<PrecisionPoint>, Error> {
        self.require_churners()?;
        let point = |called: Called| PrecisionPoint {
            threshold: called.threshold,
            precision: called.churned / (called.churned + called.stayed),
            recall: called.churned / self.churned.total,
        };
        Ok(self.called().map(point).collect())
    }

    /// Average precision, from 0 to 1: the precision at each threshold, weighted by the recall that it adds. A
    /// model that knows nothing has the share of churners.
    ///
    /// # Formula
    /// ```text
    /// AP = sum over thresholds, from the highest, (R_n - R_n-1) P_n
    /// ```
    /// as scikit-learn's `average_precision_score`: no line is drawn between the points, which would flatter
    /// (Davis & Goadrich 2006).
    ///
    /// # Errors
    /// If nobody churned.
    pub fn average_precision(&self) -> Result<f64, Error> {
        self.require_churners()?;
        let mut called = (0.0, 0.0);
        let gains = self.descending().map(|tie| {
            called = (called.0 + tie.churned, called.1 + tie.stayed);
            tie.churned * called.0 / (called.0 + called.1)
        });
        Ok((gains.sum::<f64>() / self.churned.total).min(1.0))
    }

    /// What is called a churner from each distinct probability on, from the highest down.
    pub(super) fn called(&self) -> impl Iterator<Item = Called> {
        self.descending().scan((0.0, 0.0), |called, Tie { score, churned, stayed }| {
            *called = (called.0 + churned, called.1 + stayed);
            Some(Called { threshold: score, churned: called.0, stayed: called.1 })
        })
    }
}

/// Who is called a churner from a threshold on: the weight of those who churned, and of those who stayed.
#[derive(Clone, Copy)]
pub(super) struct Called {
    pub(super) threshold: f64,
    pub(super) churned: f64,
    pub(super) stayed: f64,
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn the_area_under_the_curve_is_the_auc() {
        let scores: Vec<f64> = (0..50).map(|row| f64::from(row * 37 % 20) / 20.0).collect();
        let churned: Vec<bool> = (0..50).map(|row| row * 37 % 20 + row % 7 > 12).collect();
        let outcomes = Outcomes::new(&scores, &churned).unwrap();
        let curve = outcomes.roc_curve().unwrap();
        let step = |pair: &[RocPoint]| {
            let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
            width * 0.5 * (pair[1].true_positive_rate + pair[0].true_positive_rate)
        };
        let area: f64 = curve.windows(2).map(step).sum();
        assert!((area - outcomes.auc().unwrap().value()).abs() < 1e-14);
        let last = curve[curve.len() - 1];
        assert_eq!((last.false_positive_rate, last.true_positive_rate), (1.0, 1.0));
    }

    #[test]
    fn without_churners_there_is_no_recall() {
        let outcomes = Outcomes::new(&[0.1, 0.2], &[false, false]).unwrap();
        assert!(outcomes.average_precision().is_err() && outcomes.precision_recall_curve().is_err());
        let outcomes = Outcomes::new(&[0.1, 0.2], &[true, true]).unwrap();
        assert_eq!(outcomes.average_precision().unwrap(), 1.0);
        assert!(outcomes.roc_curve().is_err());
    }
}
