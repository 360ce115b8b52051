//! The calibration slope and intercept.

use super::{
    super::calibration::{fit_intercept, fit_line, points},
    losses::log_odds,
    outcomes::Outcomes,
};
use crate::error::Error;

/// What would have to be done to the log odds of a model to make them right: nothing, at an intercept of 0 and a
/// slope of 1.
///
/// # Formula
/// ```text
/// ln(P / (1 - P)) = intercept + slope ln(p / (1 - p))
/// ```
/// by greatest likelihood (Cox 1958). A slope below 1 says that high risks are too high and low ones too low, as
/// of a model that learned its customers by heart; above 1, the reverse. `in_the_large` is the intercept at a
/// slope of 1: above 0 more churned than was foretold (Steyerberg et al. 2010).
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Recalibration {
    /// The intercept, in log odds.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub intercept: f64,
    /// Its standard error.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub intercept_std_error: f64,
    /// The slope.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub slope: f64,
    /// Its standard error.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub slope_std_error: f64,
    /// The intercept at a slope of 1, in log odds.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub in_the_large: f64,
}

impl Outcomes {
    /// Calibration slope and intercept.
    ///
    /// # Errors
    /// If nobody churned or nobody stayed, or there is no such line: where a threshold parts those who churned from
    /// those who stayed, or all probabilities are equal.
    pub fn recalibration(&self) -> Result<Recalibration, Error> {
        self.require_both()?;
        let within =
            |ends: Option<(f64, f64)>| ends.map_or((0.0, 0.0), |(low, high)| (log_odds(low), log_odds(high)));
        let (churned, stayed) = (within(self.churned.ends()), within(self.stayed.ends()));
        if churned.0 >= stayed.1 || stayed.0 >= churned.1 {
            let rule = "part the churned from the stayed, or are all equal: they have no calibration slope";
            return Err(Error::parameter("probabilities", "", rule));
        }
        let points = points(self);
        let fitted = fit_line(&points);
        Ok(Recalibration {
            intercept: fitted.line.intercept,
            intercept_std_error: fitted.std_errors[0],
            slope: fitted.line.slope,
            slope_std_error: fitted.std_errors[1],
            in_the_large: fit_intercept(&points),
        })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_is_right_needs_nothing() {
        // 1 of 5 at 0.2, 3 of 4 at 0.75.
        let scores = [0.2, 0.2, 0.2, 0.2, 0.2, 0.75, 0.75, 0.75, 0.75];
        let churned = [true, false, false, false, false, true, true, true, false];
        let found = Outcomes::new(&scores, &churned).unwrap().recalibration().unwrap();
        assert!(found.intercept.abs() < 1e-14 && (found.slope - 1.0).abs() < 1e-14);
        assert!(found.in_the_large.abs() < 1e-14);
    }

    #[test]
    fn without_overlap_there_is_no_slope() {
        for (scores, churned) in [
            ([0.1, 0.2, 0.3, 0.4], [false, false, true, true]),
            ([0.1, 0.2, 0.2, 0.4], [false, false, true, true]),
            ([0.9, 0.8, 0.3, 0.4], [false, false, true, true]),
            ([0.2; 4], [false, false, true, true]),
        ] {
            let error = Outcomes::new(&scores, &churned).unwrap().recalibration().unwrap_err();
            assert!(error.is_parameter(), "{error}");
        }
    }
}
