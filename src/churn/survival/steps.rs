//! Curves that change at some times only, and intervals about shares.

use crate::{error::Error, math::special::normal_quantile};

/// A curve that holds each value from its time up to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps<'a> {
    pub(super) times: &'a [f64],
    pub(super) values: &'a [f64],
    /// The value before the first time.
    pub(super) before: f64,
}

/// What a product of fractions may be above the number that it is.
const ROUNDING: f64 = 1e-12;

impl Steps<'_> {
    /// A time that is NaN is after none, and so before the first.
    pub(super) fn at(&self, time: f64) -> f64 {
        let place = self.times.partition_point(|&at| at <= time);
        place.checked_sub(1).map_or(self.before, |at| self.values[at])
    }

    /// The first time at which a falling curve is at most `value`.
    pub(super) fn first_down_to(&self, value: f64) -> Option<f64> {
        let place = self.values.partition_point(|&share| share > value + ROUNDING);
        self.times.get(place).copied()
    }
}

/// How an interval about a share is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Interval {
    /// Symmetric for ln(-ln S): never outside 0 to 1, and the better one where few are at risk (Kalbfleisch & Prentice
    /// 1980).
    #[default]
    LogLog,
    /// S plus and minus its standard error, cut off at 0 and 1.
    Plain,
}

impl Interval {
    /// About a share, whose relative standard error times the reach is given.
    pub(super) fn of(self, share: f64, relative: f64) -> (f64, f64) {
        match self {
            // At the ends nothing is uncertain.
            Self::LogLog if share <= 0.0 || share >= 1.0 => (share, share),
            Self::LogLog => {
                let log = share.ln();
                let factor = (relative / log).exp();
                // Rounding must not leave the share outside.
                ((log / factor).exp().min(share), (log * factor).exp().max(share))
            }
            Self::Plain => ((share - share * relative).max(0.0), (share + share * relative).min(1.0)),
        }
    }
}

/// How many standard errors an interval of this coverage reaches to either side.
pub(super) fn reach(coverage: f64) -> Result<f64, Error> {
    if coverage > 0.0 && coverage < 1.0 {
        // By the lower tail, which does not round to nothing.
        Ok(-normal_quantile((1.0 - coverage) / 2.0))
    } else {
        Err(Error::parameter("coverage", coverage, "must be above 0 and below 1"))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn every_time_has_a_value() {
        let curve = Steps { times: &[0.0, 2.0], values: &[0.8, 0.5], before: 1.0 };
        let times = [f64::NAN, f64::NEG_INFINITY, -1.0, -0.0, 1.9, 2.0, f64::INFINITY];
        assert_eq!(times.map(|time| curve.at(time)), [1.0, 1.0, 1.0, 0.8, 0.8, 0.5, 0.5]);
        assert_eq!(Steps { times: &[], values: &[], before: 0.0 }.at(3.0), 0.0);
    }

    #[test]
    fn intervals_stay_shares() {
        for interval in [Interval::LogLog, Interval::Plain] {
            for share in [0.0, 1e-300, 0.2, 0.999_999_999_999_999_9, 1.0] {
                for relative in [0.0, 0.1, 10.0, 1e300] {
                    let (low, high) = interval.of(share, relative);
                    assert!(
                        low >= 0.0 && low <= share && share <= high && high <= 1.0,
                        "{share} {relative} {low} {high}"
                    );
                }
            }
        }
        assert!(reach(1.0).is_err() && reach(f64::NAN).is_err());
    }
}
