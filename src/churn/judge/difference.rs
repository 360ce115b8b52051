//! How much better one model is than another on the same customers, and how sure that is.

use std::fmt;

use crate::{error::Error, math::special::normal_quantile, model::check_coverage};

/// A difference of two measures of the same customers, with its standard error.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Difference {
    /// The first less the second.
    pub value: f64,
    /// Its standard error, at least 0, in which what both have in common does not count.
    pub std_error: f64,
}

impl Difference {
    /// The interval that holds the difference with this probability, by the normal distribution.
    ///
    /// # Errors
    /// If `coverage` is not between 0 and 1.
    pub fn interval(&self, coverage: f64) -> Result<(f64, f64), Error> {
        normal_interval(self.value, self.std_error, coverage)
    }
}

/// # Errors
/// If `coverage` is not between 0 and 1.
pub(super) fn normal_interval(value: f64, std_error: f64, coverage: f64) -> Result<(f64, f64), Error> {
    check_coverage(coverage)?;
    // From the lower tail, which is never 0.
    let half = -std_error * normal_quantile(0.5 * (1.0 - coverage));
    Ok((value - half, value + half))
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.4}", self.value)?;
        match self.interval(0.95) {
            Ok((low, high)) => write!(f, " (95 %: {low:+.4} to {high:+.4})"),
            Err(_) => Ok(()),
        }
    }
}
