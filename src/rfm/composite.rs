//! One number from three scores.

use super::cell::Cell;
use crate::error::Error;

/// How much each dimension counts in a composite score; they sum to 1.
///
/// # Formula
/// ```text
/// composite = w_R * R + w_F * F + w_M * M,    w_R + w_F + w_M = 1
/// ```
/// so it lies, as the scores do, between 1 (worst) and the number of levels (best).
///
/// # Example
/// ```
/// use patronage::rfm::{Cell, Weights};
///
/// let money_first = Weights::new(1.0, 1.0, 2.0)?;
/// assert_eq!(money_first.composite("541".parse::<Cell>()?), 0.25 * 5.0 + 0.25 * 4.0 + 0.5 * 1.0);
/// assert!(Weights::new(1.0, f64::NAN, 1.0).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Weights {
    recency: f64,
    frequency: f64,
    monetary: f64,
}

impl Weights {
    /// Weights in any unit: only their proportions count.
    ///
    /// # Errors
    /// If a weight is negative or not finite, or all are zero.
    pub fn new(recency: f64, frequency: f64, monetary: f64) -> Result<Self, Error> {
        let weights = [recency, frequency, monetary];
        for weight in weights {
            // NaN is in no range.
            if !(0.0..=f64::MAX).contains(&weight) {
                return Err(Error::parameter("weight", weight, "must be finite and at least 0"));
            }
        }
        let largest = weights.into_iter().fold(0.0, f64::max);
        if largest <= 0.0 {
            return Err(Error::parameter("weights", "0, 0, 0", "must not all be zero"));
        }
        // By the largest first, so that the sum of very large or very small weights is neither infinite nor 0.
        let [recency, frequency, monetary] = weights.map(|weight| weight / largest);
        let sum = recency + frequency + monetary;
        Ok(Self { recency: recency / sum, frequency: frequency / sum, monetary: monetary / sum })
    }

    /// The weights as shares of 1, for recency, frequency and monetary value.
    pub const fn shares(self) -> [f64; 3] {
        [self.recency, self.frequency, self.monetary]
    }

    /// The composite score of a cell: from 1 to the number of levels.
    pub fn composite(self, cell: Cell) -> f64 {
        self.recency * f64::from(cell.recency())
            + self.frequency * f64::from(cell.frequency())
            + self.monetary * f64::from(cell.monetary())
    }
}

/// All three alike.
impl Default for Weights {
    fn default() -> Self {
        let third = 1.0 / 3.0;
        Self { recency: third, frequency: third, monetary: third }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_weights_stay_finite() {
        for weights in [(f64::MAX, f64::MAX, f64::MAX), (5e-324, 0.0, 5e-324), (0.0, 0.0, 1e300)] {
            let weights = Weights::new(weights.0, weights.1, weights.2).unwrap();
            assert!((weights.shares().iter().sum::<f64>() - 1.0).abs() < 1e-15);
            assert!((weights.composite(Cell::of(5, 5, 5)) - 5.0).abs() < 1e-14);
        }
    }

    #[test]
    fn senseless_weights_are_refused() {
        for bad in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Weights::new(1.0, bad, 1.0).is_err());
        }
        assert!(Weights::new(0.0, 0.0, -0.0).is_err());
    }
}
