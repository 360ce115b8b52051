//! Whether probabilities mean what they say: of those with a risk of 30 %, did 30 % churn?

use super::outcomes::{Outcomes, Tie};
use crate::error::Error;

/// How probabilities are put into bins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Bins {
    /// So many of equal width between 0 and 1.
    EqualWidth(u32),
    /// So many of equal numbers of customers, between quantiles of type 7. Equal probabilities share a bin, so
    /// there may be fewer.
    Quantile(u32),
}

impl Default for Bins {
    /// Ten of equal width.
    fn default() -> Self {
        Self::EqualWidth(10)
    }
}

/// A bin of the calibration curve that has customers.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CalibrationBin {
    /// The weight of its customers.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub customers: f64,
    /// The mean of their probabilities: what was foretold.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub expected: f64,
    /// The share of them that churned: what came.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub observed: f64,
}

impl Outcomes {
    /// The calibration curve (reliability diagram): a bin after the other, the empty ones left out. A
    /// probability that equals the border of two bins belongs to the lower.
    ///
    /// # Errors
    /// Unless there is from 1 to 1000 bins.
    pub fn calibration_curve(&self, bins: Bins) -> Result<Vec<CalibrationBin>, Error> {
        let borders = self.borders(bins)?;
        let mut curve: Vec<(usize, CalibrationBin)> = Vec::new();
        for tie in self.ties() {
            let bin = borders.partition_point(|border| *border < tie.score);
            if curve.last().is_none_or(|last| last.0 != bin) {
                curve.push((bin, CalibrationBin { customers: 0.0, expected: 0.0, observed: 0.0 }));
            }
            if let Some((_, sums)) = curve.last_mut() {
                sums.add(&tie);
            }
        }
        Ok(curve.into_iter().map(|(_, sums)| sums.mean()).collect())
    }

    /// The expected calibration error, from 0 to 1: how far what came is from what was foretold, in the mean over
    /// customers.
    ///
    /// # Formula
    /// ```text
    /// ECE = sum over bins (customers of the bin / customers) |observed - expected|
    /// ```
    /// (Naeini, Cooper & Hauskrecht 2015), usually over [ten bins of equal width](Bins::default). It is above 0
    /// by chance alone, the more so the more bins and the fewer customers there are.
    ///
    /// # Errors
    /// Unless there is from 1 to 1000 bins.
    pub fn calibration_error(&self, bins: Bins) -> Result<f64, Error> {
        let apart = |bin: &CalibrationBin| bin.customers * (bin.observed - bin.expected).abs();
        Ok(self.calibration_curve(bins)?.iter().map(apart).sum::<f64>() / self.customers())
    }

    /// The borders between bins, ascending.
    fn borders(&self, bins: Bins) -> Result<Vec<f64>, Error> {
        let (Bins::EqualWidth(count) | Bins::Quantile(count)) = bins;
        if !(1..=MOST_BINS).contains(&count) {
            return Err(Error::parameter("bins", count, "must be from 1 to 1000"));
        }
        let inner = (1..count).map(f64::from);
        let count = f64::from(count);
        Ok(match bins {
            // Multiplied by the width, as numpy does.
            Bins::EqualWidth(_) => inner.map(|border| border * (1.0 / count)).collect(),
            Bins::Quantile(_) => self.quantiles(inner.map(|part| (part, count))),
        })
    }

    /// Quantiles of type 7 at ascending parts of a whole.
    fn quantiles(&self, shares: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
        let last = (self.customers() - 1.0).max(0.0);
        let mut ties = self.ties().scan(0.0, |below, tie| {
            *below += tie.all();
            Some((tie.score, *below))
        });
        // The first score that is not below the place, and where the next one begins.
        let mut here = ties.next();
        let mut next = ties.next();
        let quantile = |(part, whole): (f64, f64)| {
            let place = last * part / whole;
            let (floor, step) = (place.floor(), place.fract());
            while let (Some((_, end)), Some(_)) = (here, next)
                && end <= floor
            {
                here = next;
                next = ties.next();
            }
            let (low, end) = here.unwrap_or_default();
            let high = next.filter(|_| floor + 1.0 >= end).map_or(low, |next| next.0);
            // From the nearer end, as numpy does.
            if step < 0.5 { low + (high - low) * step } else { high - (high - low) * (1.0 - step) }
        };
        shares.map(quantile).collect()
    }
}

const MOST_BINS: u32 = 1000;

impl CalibrationBin {
    fn add(&mut self, tie: &Tie) {
        self.customers += tie.all();
        self.expected += tie.all() * tie.score;
        self.observed += tie.churned;
    }

    fn mean(self) -> Self {
        let Self { customers, expected, observed } = self;
        Self { customers, expected: expected / customers, observed: observed / customers }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn borders_belong_to_the_lower_bin() {
        let outcomes = Outcomes::new(&[0.0, 0.5, 0.5, 0.51, 1.0], &[false, true, false, true, true]).unwrap();
        let curve = outcomes.calibration_curve(Bins::EqualWidth(2)).unwrap();
        assert_eq!(curve.len(), 2);
        assert_eq!((curve[0].customers, curve[0].expected, curve[0].observed), (3.0, 1.0 / 3.0, 1.0 / 3.0));
        assert_eq!((curve[1].customers, curve[1].observed), (2.0, 1.0));
        let error = outcomes.calibration_error(Bins::EqualWidth(2)).unwrap();
        assert!((error - 0.4 * (1.0 - 0.755)).abs() < 1e-15);
        for bad in [Bins::EqualWidth(0), Bins::Quantile(1001)] {
            assert!(outcomes.calibration_curve(bad).unwrap_err().is_parameter());
        }
    }

    #[test]
    fn quantiles_are_those_of_the_rows_one_by_one() {
        // np.percentile([.1, .1, .2, .4, .4, .4, .9], [25, 50, 75]) = [.15, .4, .4]
        let scores = [0.4, 0.1, 0.9, 0.4, 0.1, 0.4, 0.2];
        let outcomes = Outcomes::new(&scores, &[true; 7]).unwrap();
        let found = outcomes.quantiles([1.0, 2.0, 3.0].map(|part| (part, 4.0)).into_iter());
        assert!(found.iter().zip([0.15, 0.4, 0.4]).all(|(found, known)| (found - known).abs() < 1e-15));
        let weighted = Outcomes::weighted(&[0.9, 0.1, 0.2, 0.4], &[true; 4], &[1.0, 2.0, 1.0, 3.0]).unwrap();
        assert_eq!(weighted.quantiles([1.0, 2.0, 3.0].map(|part| (part, 4.0)).into_iter()), found);
    }
}
