//! Right and wrong at one threshold.

use super::outcomes::Outcomes;
use crate::error::Error;

/// Who was called a churner and who was not, against who was one: weights of customers.
///
/// # Example
/// ```
/// use patronage::churn::Outcomes;
///
/// let outcomes = Outcomes::new(&[0.1, 0.6, 0.4, 0.8], &[false, false, true, true])?;
/// let table = outcomes.confusion(0.5)?;
/// assert_eq!((table.caught, table.false_alarms, table.missed, table.left_alone), (1.0, 1.0, 1.0, 1.0));
/// assert_eq!(table.precision(), Some(0.5));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Confusion {
    /// Called churners, and were (true positives).
    pub caught: f64,
    /// Called churners, but stayed (false positives).
    pub false_alarms: f64,
    /// Not called churners, but were (false negatives).
    pub missed: f64,
    /// Not called churners, and stayed (true negatives).
    pub left_alone: f64,
}

impl Confusion {
    /// The share of those called churners who were; `None` if nobody was called one.
    pub fn precision(&self) -> Option<f64> {
        share(self.caught, self.false_alarms)
    }

    /// The share of churners who were called so; `None` if nobody churned.
    pub fn recall(&self) -> Option<f64> {
        share(self.caught, self.missed)
    }

    /// The share of those who stayed who were not called churners; `None` if nobody stayed.
    pub fn specificity(&self) -> Option<f64> {
        share(self.left_alone, self.false_alarms)
    }

    /// The harmonic mean of precision and recall; `None` if nobody churned or was called a churner.
    pub fn f1(&self) -> Option<f64> {
        share(2.0 * self.caught, self.false_alarms + self.missed)
    }

    /// The share that was called what it was. Where few churn, whoever calls nobody a churner has much of it.
    pub fn accuracy(&self) -> f64 {
        let right = self.caught + self.left_alone;
        right / (right + self.false_alarms + self.missed)
    }
}

fn share(part: f64, rest: f64) -> Option<f64> {
    let whole = part + rest;
    (whole > 0.0).then(|| part / whole)
}

impl Outcomes {
    /// Calls everybody a churner whose probability is at least `threshold`.
    ///
    /// # Errors
    /// If the threshold is not a number.
    pub fn confusion(&self, threshold: f64) -> Result<Confusion, Error> {
        if threshold.is_nan() {
            return Err(Error::parameter("threshold", threshold, "must be a number"));
        }
        let (mut caught, mut false_alarms) = (0.0, 0.0);
        for tie in self.ties().filter(|tie| tie.score >= threshold) {
            caught += tie.churned;
            false_alarms += tie.stayed;
        }
        // Summed in another order the rest might fall below zero.
        let rest = |of: f64, part: f64| (of - part).max(0.0);
        Ok(Confusion {
            caught,
            false_alarms,
            missed: rest(self.churned.total, caught),
            left_alone: rest(self.stayed.total, false_alarms),
        })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn thresholds_call_whoever_reaches_them() {
        let outcomes = Outcomes::new(&[0.1, 0.6, 0.6, 0.8], &[false, false, true, true]).unwrap();
        let table = outcomes.confusion(0.6).unwrap();
        assert_eq!((table.recall(), table.specificity(), table.accuracy()), (Some(1.0), Some(0.5), 0.75));
        assert_eq!(table.f1(), Some(0.8));
        let nobody = outcomes.confusion(f64::INFINITY).unwrap();
        assert_eq!((nobody.precision(), nobody.recall(), nobody.accuracy()), (None, Some(0.0), 0.5));
        assert!(outcomes.confusion(f64::NAN).is_err());
    }
}
