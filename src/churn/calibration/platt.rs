//! Platt's calibration: a line of log odds.

use super::{
    super::judge::{Outcomes, log_odds},
    line::{Line, Point, fit_line, points, rate},
};
use crate::{error::Error, math::special::logistic};

/// Probabilities whose log odds are a line of the log odds of others.
///
/// # Formula
/// ```text
/// ln(q / (1 - q)) = intercept + slope ln(p / (1 - p))
/// ```
/// by the greatest likelihood of smoothed outcomes, `(churned + 1) / (churned + 2)` for whoever churned and
/// `1 / (stayed + 2)` for whoever stayed, so that a few customers never make a certainty (Platt 1999). This is what
/// scikit-learn's `sigmoid` does with a model's log odds. A slope below 0 would turn the order round: it is 0 then,
/// and everybody has the same probability.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Platt {
    pub(super) intercept: f64,
    pub(super) slope: f64,
}

impl Platt {
    pub(super) fn fit(held_out: &Outcomes) -> Result<Self, Error> {
        held_out.require_both()?;
        let (churned, stayed) = (held_out.churned(), held_out.customers() - held_out.churned());
        let (up, down) = ((churned + 1.0) / (churned + 2.0), 1.0 / (stayed + 2.0));
        let smoothed: Vec<Point> = (points(held_out).into_iter())
            .map(|point| {
                let target = up * point.churned + down * point.stayed;
                Point { churned: target, stayed: point.churned + point.stayed - target, ..point }
            })
            .collect();
        let Line { intercept, slope } = fit_line(&smoothed).line;
        if slope >= 0.0 {
            return Ok(Self { intercept, slope });
        }
        Ok(Self { intercept: log_odds(rate(&smoothed)), slope: 0.0 })
    }

    pub(super) fn at(self, probability: f64) -> f64 {
        logistic(self.intercept + self.slope * log_odds(probability))
    }

    /// The log odds of somebody whose risk was a half.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The slope, at least 0: below 1 risks are brought nearer to one another.
    pub fn slope(&self) -> f64 {
        self.slope
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_never_turned_round() {
        let wrong = Outcomes::new(&[0.9, 0.8, 0.2, 0.1, 0.3], &[false, false, true, true, false]).unwrap();
        let fitted = Platt::fit(&wrong).unwrap();
        assert_eq!(fitted.slope(), 0.0);
        // (2 * 3/4 + 3 * 1/5) / 5
        assert!((fitted.at(0.9) - 0.42).abs() < 1e-12);
        let equal = Outcomes::new(&[0.5; 4], &[true, false, false, false]).unwrap();
        // (2/3 + 3 * 1/5) / 4
        assert!((Platt::fit(&equal).unwrap().at(0.1) - (2.0 / 3.0 + 0.6) / 4.0).abs() < 1e-12);
        assert!(Platt::fit(&Outcomes::new(&[0.1, 0.2], &[true, true]).unwrap()).is_err());
    }

    #[test]
    fn a_few_customers_make_no_certainty() {
        let parted = Outcomes::new(&[0.0, 0.1, 0.9, 1.0], &[false, false, true, true]).unwrap();
        let fitted = Platt::fit(&parted).unwrap();
        let ends = [fitted.at(0.0), fitted.at(1.0)];
        assert!(ends[0] > 0.1 && ends[1] < 0.9, "{ends:?}");
    }
}
