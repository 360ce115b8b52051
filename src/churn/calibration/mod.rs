//! Probabilities made right: what a model says, brought to what came, on customers held out from the model.

mod isotonic;
mod line;
mod platt;
#[cfg(feature = "serde")]
mod saved;

pub(super) use self::line::{fit_intercept, fit_line, points};
pub use self::{isotonic::Isotonic, platt::Platt};
use super::judge::{Outcomes, check_probabilities};
use crate::error::Error;

/// How probabilities are to be calibrated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Calibration {
    /// By a line of log odds: two numbers, for any number of customers. See [`Platt`].
    Platt,
    /// By any rising curve, for many customers. See [`Isotonic`].
    Isotonic,
}

/// A calibration that was learned: it turns probabilities into ones that mean what they say, and never turns two of
/// them round.
///
/// With the feature `serde` it is saved with a schema version.
///
/// # Example
/// ```
/// use patronage::churn::{Calibration, Outcomes};
///
/// // Twice as many were said to churn as did.
/// let said = [0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8];
/// let mut churned = [false; 15];
/// churned[0] = true;
/// churned[10..12].fill(true);
/// let calibrator = Calibration::Isotonic.fit(&Outcomes::new(&said, &churned)?)?;
/// assert_eq!(calibrator.calibrate(&[0.2, 0.8])?, [0.1, 0.4]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub enum Calibrator {
    /// A line of log odds.
    Platt(Platt),
    /// A rising curve.
    Isotonic(Isotonic),
}

impl Calibration {
    /// Learns from probabilities of customers that the model did not learn from.
    ///
    /// # Errors
    /// If nobody churned or nobody stayed.
    pub fn fit(self, held_out: &Outcomes) -> Result<Calibrator, Error> {
        Ok(match self {
            Self::Platt => Calibrator::Platt(Platt::fit(held_out)?),
            Self::Isotonic => Calibrator::Isotonic(Isotonic::fit(held_out)?),
        })
    }
}

impl Calibrator {
    /// Calibrates probabilities, each by itself.
    ///
    /// # Errors
    /// If a probability is not between 0 and 1: the row is named.
    pub fn calibrate(&self, probabilities: &[f64]) -> Result<Vec<f64>, Error> {
        check_probabilities(probabilities)?;
        let one = |&probability: &f64| match self {
            Self::Platt(line) => line.at(probability),
            Self::Isotonic(curve) => curve.at(probability),
        };
        Ok(probabilities.iter().map(one).collect())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_is_kept_and_nothing_leaves_its_range(
            rows in proptest::collection::vec((0.0..=1.0_f64, any::<bool>()), 2..60),
            mut asked in proptest::collection::vec(0.0..=1.0_f64, 2..20),
        ) {
            let (said, churned): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
            let outcomes = Outcomes::new(&said, &churned).unwrap();
            prop_assume!(outcomes.require_both().is_ok());
            asked.extend([0.0, 1.0, said[0]]);
            asked.sort_unstable_by(f64::total_cmp);
            for way in [Calibration::Platt, Calibration::Isotonic] {
                let calibrator = way.fit(&outcomes).unwrap();
                let found = calibrator.calibrate(&asked).unwrap();
                prop_assert!(found.is_sorted() && found.iter().all(|p| (0.0..=1.0).contains(p)), "{found:?}");
                prop_assert!(calibrator.calibrate(&[f64::NAN]).is_err());
                // What was calibrated has the mean of what came.
                if way == Calibration::Isotonic {
                    let mean = calibrator.calibrate(&said).unwrap().iter().sum::<f64>() / said.len() as f64;
                    prop_assert!((mean - outcomes.rate()).abs() < 1e-12);
                }
            }
        }
    }
}
