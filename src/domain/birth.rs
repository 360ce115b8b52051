//! Years of birth: a band, never a date.

use super::Day;
use crate::Error;

/// The years between which a customer was born, both included: a band, never a date.
///
/// # Example
/// ```
/// use patronage::domain::{BirthYears, Day};
///
/// let eighties = BirthYears::decade(1987)?;
/// assert_eq!((eighties.from(), eighties.to()), (1980, 1989));
/// assert_eq!(eighties.ages_on(Day::ymd(2025, 6, 1)?), (35, 45));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(i16, i16)", into = "(i16, i16)"))]
pub struct BirthYears {
    from: i16,
    to: i16,
}

const EARLIEST: i16 = 1800;
const LATEST: i16 = 9999;

impl BirthYears {
    /// Born from the beginning of the year `from` to the end of the year `to`.
    ///
    /// # Errors
    /// If `to` is before `from`, or a year is not between 1800 and 9999.
    pub fn new(from: i16, to: i16) -> Result<Self, Error> {
        if from < EARLIEST || to > LATEST || to < from {
            return Err(Error::parameter(
                "birth years",
                format!("{from}-{to}"),
                "must ascend and lie between 1800 and 9999",
            ));
        }
        Ok(Self { from, to })
    }

    /// The ten years, from a year that ends in 0, in which a year lies.
    ///
    /// # Errors
    /// If the year is not between 1800 and 9999.
    pub fn decade(year: i16) -> Result<Self, Error> {
        let from = year.saturating_sub(year.rem_euclid(10));
        Self::new(from, from.saturating_add(9))
    }

    /// The first year.
    pub fn from(self) -> i16 {
        self.from
    }

    /// The last year.
    pub fn to(self) -> i16 {
        self.to
    }

    /// The band made wider, to whole decades.
    #[must_use]
    pub fn coarsen(self) -> Self {
        Self { from: self.from - self.from % 10, to: self.to - self.to % 10 + 9 }
    }

    /// The youngest and the oldest age, in full years, that a customer of this band can have on a day. Zero
    /// where the day is before the birth.
    pub fn ages_on(self, day: Day) -> (u16, u16) {
        let (year, ..) = day.to_ymd();
        let age = |age: i16| u16::try_from(age).unwrap_or(0);
        // Who was born on the last day of the band has a birthday to come this year, unless today is the day.
        let last_day_of_year = day.plus(1).to_ymd().0 != year;
        (age(year - self.to - i16::from(!last_day_of_year)), age(year - self.from))
    }
}

impl TryFrom<(i16, i16)> for BirthYears {
    type Error = Error;

    /// # Errors
    /// As [`BirthYears::new`].
    fn try_from((from, to): (i16, i16)) -> Result<Self, Error> {
        Self::new(from, to)
    }
}

impl From<BirthYears> for (i16, i16) {
    fn from(band: BirthYears) -> Self {
        (band.from, band.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_ascend_within_bounds() {
        for (from, to) in [(1990, 1989), (1799, 1801), (i16::MIN, i16::MAX), (0, 0)] {
            assert!(BirthYears::new(from, to).is_err(), "{from}-{to}");
        }
        for year in [i16::MIN, 1799, -5, i16::MAX] {
            assert!(BirthYears::decade(year).is_err(), "{year}");
        }
        assert_eq!(BirthYears::decade(9999).unwrap().to(), 9999);
    }

    #[test]
    fn a_band_of_one_year_knows_the_birthday_to_within_a_year() {
        let band = BirthYears::new(2000, 2000).unwrap();
        let ages = |year, month, day| band.ages_on(Day::ymd(year, month, day).unwrap());
        assert_eq!(ages(2020, 1, 1), (19, 20));
        assert_eq!(ages(2020, 12, 31), (20, 20));
        assert_eq!(ages(1999, 6, 1), (0, 0));
        assert_eq!(band.coarsen(), BirthYears::decade(2003).unwrap());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn reads_no_band_that_could_not_be_made() {
        let band: BirthYears = serde_json::from_str("[1980,1989]").unwrap();
        assert_eq!(serde_json::to_string(&band).unwrap(), "[1980,1989]");
        assert!(serde_json::from_str::<BirthYears>("[1990,1989]").is_err());
    }
}
