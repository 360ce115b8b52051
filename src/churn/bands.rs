//! Bands of risk: low, medium, high.

use super::judge::check_probabilities;
use crate::{
    domain::Customers,
    error::{Error, ErrorKind},
    model::{Assignment, Segment},
};

/// Puts customers into bands by their probability of churn. A probability that equals a cut belongs to the band above.
///
/// Cuts mean something on [calibrated](super::Calibration) probabilities only.
///
/// # Example
/// ```
/// use patronage::{
///     churn::RiskBands,
///     domain::{CustomerId, Customers},
/// };
///
/// let people: Customers = ["anna", "ben", "cleo"].map(CustomerId::from).into_iter().collect();
/// let bands = RiskBands::default().assign(&people, &[0.7, 0.2, 0.33])?;
/// assert_eq!(bands.of(&"anna".into())?, "High");
/// assert_eq!(bands.of(&"cleo".into())?, "Medium");
/// assert_eq!(bands.segments()[1].rule, "probability of churn at least 0.33 and below 0.66");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "saved::Saved", into = "saved::Saved"))]
pub struct RiskBands {
    cuts: Vec<f64>,
    names: Vec<String>,
}

const MOST_CUTS: usize = 99;

impl Default for RiskBands {
    /// Low, Medium from 0.33, High from 0.66.
    fn default() -> Self {
        Self::new(&[0.33, 0.66])
    }
}

impl RiskBands {
    /// Bands between cuts, which ascend strictly between 0 and 1.
    pub fn new(cuts: &[f64]) -> Self {
        let bands = cuts.len() + 1;
        let names = match bands {
            2 => ["Low", "High"].map(str::to_owned).to_vec(),
            3 => ["Low", "Medium", "High"].map(str::to_owned).to_vec(),
            _ => (1..=bands).map(|band| format!("Band {band}")).collect(),
        };
        Self { cuts: cuts.to_vec(), names }
    }

    /// Names, from the least risk to the greatest. By default Low, (Medium,) High for two or three bands, and Band 1,
    /// Band 2 ... for more.
    #[must_use]
    pub fn names(self, names: &[&str]) -> Self {
        Self { names: names.iter().map(|&name| name.to_owned()).collect(), ..self }
    }

    /// Whether the bands make sense.
    ///
    /// # Errors
    /// Unless there are from 1 to 99 cuts, which ascend strictly between 0 and 1, and one name more.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |value: String, rule| Err(Error::parameter("risk bands", value, rule));
        if !(1..=MOST_CUTS).contains(&self.cuts.len()) {
            return refused(self.cuts.len().to_string(), "must have from 1 to 99 cuts");
        }
        let inside = self.cuts.iter().all(|cut| *cut > 0.0 && *cut < 1.0);
        if !inside || !self.cuts.is_sorted_by(|a, b| a < b) {
            return refused(format!("{:?}", self.cuts), "must ascend strictly, between 0 and 1");
        }
        if self.names.len() != self.cuts.len() + 1 {
            return refused(format!("{:?}", self.names), "must be one name more than cuts");
        }
        Ok(())
    }

    /// The band of each customer, from the least risk to the greatest: a probability for each row of `customers`.
    ///
    /// # Errors
    /// If [`check`](Self::check) fails, a name is empty or given twice, there is not a probability a customer, or one
    /// is not between 0 and 1.
    pub fn assign(&self, customers: &Customers, probabilities: &[f64]) -> Result<Assignment, Error> {
        self.check()?;
        if probabilities.len() != customers.len() {
            let (expected, found) = (customers.len(), probabilities.len());
            return Err(ErrorKind::Length { what: "probabilities", expected, found }.into());
        }
        check_probabilities(probabilities)?;
        let band = |probability: &f64| self.cuts.partition_point(|cut| cut <= probability) as u16;
        Assignment::new(customers.clone(), self.segments(), probabilities.iter().map(band).collect())
    }

    fn segments(&self) -> Vec<Segment> {
        let segment = |(band, name): (usize, &String)| {
            let from = band.checked_sub(1).map(|below| format!("at least {}", self.cuts[below]));
            let to = self.cuts.get(band).map(|cut| format!("below {cut}"));
            let bounds: Vec<String> = [from, to].into_iter().flatten().collect();
            Segment { name: name.clone(), rule: format!("probability of churn {}", bounds.join(" and ")) }
        };
        self.names.iter().enumerate().map(segment).collect()
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::RiskBands;
    use crate::{error::Error, model::Exact};

    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Saved {
        cuts: Vec<Exact>,
        names: Vec<String>,
    }

    impl From<RiskBands> for Saved {
        fn from(bands: RiskBands) -> Self {
            Self { cuts: bands.cuts.into_iter().map(Exact).collect(), names: bands.names }
        }
    }

    impl TryFrom<Saved> for RiskBands {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            let bands = Self { cuts: saved.cuts.into_iter().map(|cut| cut.0).collect(), names: saved.names };
            bands.check()?;
            Ok(bands)
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::domain::CustomerId;

    fn people(count: u32) -> Customers {
        (0..count).map(CustomerId::from).collect()
    }

    #[test]
    fn a_cut_belongs_to_the_band_above() {
        let bands =
            RiskBands::new(&[0.1, 0.5, 0.9]).assign(&people(6), &[0.0, 0.1, 0.49, 0.5, 0.9, 1.0]).unwrap();
        assert_eq!(bands.index(), [0, 1, 1, 2, 3, 3]);
        assert_eq!(bands.names().last(), Some("Band 4"));
        let two = RiskBands::new(&[0.5]).names(&["stays", "goes"]).assign(&people(1), &[0.5]).unwrap();
        assert_eq!(two.get(0).unwrap().name, "goes");
        assert_eq!(two.segments()[0].rule, "probability of churn below 0.5");
    }

    #[test]
    fn bands_that_make_no_sense_are_refused() {
        for cuts in
            [vec![], vec![0.0], vec![1.0], vec![0.5, 0.5], vec![0.6, 0.5], vec![f64::NAN], vec![0.5; 100]]
        {
            assert!(RiskBands::new(&cuts).assign(&people(0), &[]).unwrap_err().is_parameter(), "{cuts:?}");
        }
        let default = RiskBands::default;
        assert!(default().names(&["a", "b"]).check().is_err());
        assert!(default().names(&["a", "b", "a"]).assign(&people(0), &[]).is_err());
        assert!(default().assign(&people(2), &[0.1]).is_err());
        assert_eq!(default().assign(&people(2), &[0.1, f64::NAN]).unwrap_err().row(), Some(1));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn saved_bands_that_make_no_sense_are_refused() {
        let bands = RiskBands::new(&[0.1, 1.0 / 3.0]).names(&["a", "b", "c"]);
        let json = serde_json::to_string(&bands).unwrap();
        assert_eq!(serde_json::from_str::<RiskBands>(&json).unwrap(), bands);
        let read = |json: &str| serde_json::from_str::<RiskBands>(json).map_err(|error| error.to_string());
        for (bad, rule) in [
            (r#"{"cuts":["0.5","0.4"],"names":["a","b","c"]}"#, "ascend strictly"),
            (r#"{"cuts":["1.0"],"names":["a","b"]}"#, "between 0 and 1"),
            (r#"{"cuts":["0.5"],"names":["a"]}"#, "one name more"),
            (r#"{"cuts":[],"names":["a"]}"#, "from 1 to 99"),
        ] {
            assert!(read(bad).unwrap_err().contains(rule), "{bad}");
        }
    }
}
