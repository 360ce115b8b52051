//! What acting on the likeliest first would have caught: gain, lift, and the grade of a model.

use std::fmt;

use super::{curves::Called, outcomes::Outcomes};
use crate::error::Error;

/// The customers up to a share from the top, and what is to be found among them.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gain {
    /// The share of customers acted upon, from the highest probability down.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub share: f64,
    /// The share of all churners that is among them, from 0 to 1: the cumulative gain.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub caught: f64,
    /// How many times more churners are among them than among as many taken by chance.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub lift: f64,
    /// The lift of the customers between the share before and this one alone.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub lift_within: f64,
}

/// The grade of a model by its [lift quality](Outcomes::lift_quality).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Grade {
    /// Below 0.2.
    Poor,
    /// From 0.2.
    Fair,
    /// From 0.4.
    Good,
    /// From 0.6.
    Excellent,
}

impl Grade {
    /// The grade of a lift quality.
    pub fn of(lift_quality: f64) -> Self {
        // NaN is no quality.
        match lift_quality {
            quality if quality >= 0.6 => Self::Excellent,
            quality if quality >= 0.4 => Self::Good,
            quality if quality >= 0.2 => Self::Fair,
            _ => Self::Poor,
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
            Self::Excellent => "excellent",
        })
    }
}

impl Outcomes {
    /// Gain and lift for each tenth of the customers, from the likeliest down.
    ///
    /// # Errors
    /// If nobody churned.
    pub fn deciles(&self) -> Result<Vec<Gain>, Error> {
        self.gains(10)
    }

    /// Gain and lift at so many equal shares of the customers.
    ///
    /// Where a share ends among customers of one probability it takes its part of those who churned: what it
    /// would have on the average over every order of them.
    ///
    /// # Errors
    /// If nobody churned, or unless there is from 1 to 1000 parts.
    pub fn gains(&self, parts: u32) -> Result<Vec<Gain>, Error> {
        self.require_churners()?;
        if !(1..=MOST_PARTS).contains(&parts) {
            return Err(Error::parameter("parts", parts, "must be from 1 to 1000"));
        }
        let whole = f64::from(parts);
        let curve: Vec<Called> = self.called().collect();
        let shares = (1..=parts).map(|part| f64::from(part) / whole);
        let mut before = 0.0;
        Ok(shares
            .map(|share| {
                let caught = self.caught(&curve, share);
                let lift_within = (caught - before) * whole;
                before = caught;
                Gain { share, caught, lift: caught / share, lift_within }
            })
            .collect())
    }

    /// How much of the way from chance to perfection a ranking goes, from -1 to 1.
    ///
    /// # Formula
    /// ```text
    /// (area under the gain curve - 1/2) / (area under the perfect gain curve - 1/2) = 2 AUC - 1
    /// ```
    /// The gain curve has the share of customers on one axis and the share of churners among them on the other; the
    /// perfect one rises straight to 1 at the share of churners. This is the accuracy ratio of credit scoring
    /// (Engelmann, Hayden & Tasche 2003), there shown to equal `2 AUC - 1`, and the L-quality of Coppock (2002).
    /// In percent, 60 to 100 is [excellent](Grade::Excellent), 40 to 60 good, 20 to 40 fair, and less poor.
    ///
    /// # Errors
    /// If nobody churned or nobody stayed.
    pub fn lift_quality(&self) -> Result<f64, Error> {
        Ok(2.0 * self.auc()?.value() - 1.0)
    }

    /// The share of churners among a share of customers from the top.
    fn caught(&self, curve: &[Called], share: f64) -> f64 {
        let (churned, _) = self.within(curve, share);
        (churned / self.churned.total).min(1.0)
    }

    /// The weight of churners, and of all, among a share of the customers from the top.
    pub(super) fn within(&self, curve: &[Called], share: f64) -> (f64, f64) {
        let wanted = share * self.customers();
        let all = |called: &Called| called.churned + called.stayed;
        let at = curve.partition_point(|called| all(called) < wanted);
        let before =
            at.checked_sub(1).map_or((0.0, 0.0), |before| (curve[before].churned, all(&curve[before])));
        let Some(last) = curve.get(at) else {
            return (self.churned.total, self.customers());
        };
        let part = (wanted - before.1) / (all(last) - before.1);
        (before.0 + part * (last.churned - before.0), wanted)
    }
}

const MOST_PARTS: u32 = 1000;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use Grade::{Excellent, Fair, Good, Poor};
    use proptest::prelude::*;

    #[test]
    fn shares_within_a_tie_take_their_part() {
        let scores = [0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1];
        let churned = [true, true, true, true, true, false, false, false, false, false];
        let outcomes = Outcomes::new(&scores, &churned).unwrap();
        let deciles = outcomes.deciles().unwrap();
        assert_eq!(deciles[0], Gain { share: 0.1, caught: 0.2, lift: 2.0, lift_within: 2.0 });
        assert!((deciles[4].caught - 0.6).abs() < 1e-15 && (deciles[4].lift_within - 1.0).abs() < 1e-14);
        assert_eq!((deciles[9].caught, deciles[9].lift), (1.0, 1.0));
        assert!(deciles[9].lift_within.abs() < 1e-15);
        assert!(outcomes.gains(0).is_err() && outcomes.gains(1001).is_err());
    }

    #[test]
    fn grades_begin_where_they_are_said_to() {
        let grades = [0.6, 0.59, 0.4, 0.39, 0.2, 0.19, -1.0, f64::NAN].map(Grade::of);
        assert_eq!(grades, [Excellent, Good, Good, Fair, Fair, Poor, Poor, Poor]);
    }

    proptest! {
        /// The area under the gain curve, by trapezia between ties, against what lift quality is said to be.
        #[test]
        fn lift_quality_is_a_ratio_of_areas(rows in proptest::collection::vec((0_u8..9, any::<bool>()), 2..80)) {
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 9.0).collect();
            let churned: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let outcomes = Outcomes::new(&scores, &churned).unwrap();
            prop_assume!(outcomes.require_both().is_ok());
            let (mut area, mut last) = (0.0, (0.0, 0.0));
            for called in outcomes.called() {
                let now = ((called.churned + called.stayed) / outcomes.customers(), called.churned / outcomes.churned());
                area += (now.0 - last.0) * 0.5 * (now.1 + last.1);
                last = now;
            }
            let perfect = 1.0 - 0.5 * outcomes.rate();
            let quality = (area - 0.5) / (perfect - 0.5);
            prop_assert!((quality - outcomes.lift_quality().unwrap()).abs() < 1e-12);
        }
    }
}
