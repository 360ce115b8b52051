//! What is believed of a parameter before the data are seen.

use crate::error::Error;

/// A normal distribution of a parameter, in the coordinate of the search: it holds an estimate from few
/// customers near to what is known of the trade. Its share in the fit fades as the data grow.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Prior {
    pub(super) centre: f64,
    pub(super) deviation: f64,
}

impl Prior {
    /// Log-normal, for a parameter above 0: its median, and the standard deviation of its logarithm (0.7
    /// says that it is within a factor of 4 of the median, 95 times in 100).
    ///
    /// # Errors
    /// If either is not above 0 and finite.
    pub fn log_normal(median: f64, deviation: f64) -> Result<Self, Error> {
        Self::normal(median.ln(), deviation)
            .map_err(|_| Error::parameter("prior", format!("{median}, {deviation}"), RULE))
    }

    /// Normal, for a parameter that may be any number: its mean and standard deviation.
    ///
    /// # Errors
    /// If the mean is not finite, or the deviation not above 0 and finite.
    pub fn normal(mean: f64, deviation: f64) -> Result<Self, Error> {
        if mean.is_finite() && deviation > 1e-100 && deviation < 1e100 {
            return Ok(Self { centre: mean, deviation });
        }
        Err(Error::parameter("prior", format!("{mean}, {deviation}"), RULE))
    }

    /// The same of a parameter whose coordinate is less by `by`: that of a time in another unit.
    pub(super) fn lowered(self, by: f64) -> Self {
        Self { centre: self.centre - by, ..self }
    }
}

const RULE: &str = "needs a median above 0 (or a mean) and a deviation above 0, all finite";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prior_is_of_numbers() {
        for (median, deviation) in
            [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (1.0, f64::NAN), (f64::INFINITY, 1.0)]
        {
            assert!(Prior::log_normal(median, deviation).is_err(), "{median} {deviation}");
        }
        assert!(Prior::normal(-3.0, 1.0).is_ok());
        assert_eq!(Prior::log_normal(1.0, 2.0).unwrap().lowered(3.0), Prior::normal(-3.0, 2.0).unwrap());
    }
}
