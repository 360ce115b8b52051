//! Days, the tick in which models think, horizons, and rates over time.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use jiff::civil::{Date, date};

use crate::Error;

/// A calendar day, without a clock or a zone.
///
/// Days run from 0001-01-01 to 9999-12-31, so that differences always fit.
///
/// # Example
/// ```
/// use patronage::domain::Day;
///
/// let day: Day = "1997-09-30".parse()?;
/// assert_eq!(day, Day::ymd(1997, 9, 30)?);
/// assert_eq!(day.since(Day::ymd(1997, 1, 1)?), 272);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Day(i32);

const EPOCH: Date = date(1970, 1, 1);

impl Day {
    /// 0001-01-01.
    pub const MIN: Self = Self(-719_162);
    /// 9999-12-31.
    pub const MAX: Self = Self(2_932_896);

    /// So many days after 1970-01-01 (before it, if negative), as Arrow's `Date32` counts.
    ///
    /// # Errors
    /// If the day is not between [`Day::MIN`] and [`Day::MAX`].
    pub fn from_epoch_days(days: i32) -> Result<Self, Error> {
        let day = Self(days);
        if day < Self::MIN || day > Self::MAX {
            return Err(Error::parameter("day", days, "days from 1970-01-01 leaves the years 1 to 9999"));
        }
        Ok(day)
    }

    /// The day of a column of days: no test, so that a whole column of numbers is one of days as it stands.
    pub(crate) const fn of_valid(epoch_days: i32) -> Self {
        Self(epoch_days)
    }

    /// A day by year, month (1 to 12) and day of the month (from 1).
    ///
    /// # Errors
    /// If there is no such day.
    pub fn ymd(year: i16, month: i8, day: i8) -> Result<Self, Error> {
        let refused = || Error::parameter("day", format!("{year:04}-{month:02}-{day:02}"), "is no day");
        Date::new(year, month, day).map_err(|_| refused())?.try_into()
    }

    /// Days after 1970-01-01, negative before.
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// Days from `earlier` to this day; negative if it is later.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// The day so many days later (earlier, if negative), held within the range.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Year, month and day of the month.
    pub fn to_ymd(self) -> (i16, i8, i8) {
        let date = Date::from(self);
        (date.year(), date.month(), date.day())
    }
}

impl TryFrom<Date> for Day {
    type Error = Error;

    /// # Errors
    /// If the year is before 1.
    fn try_from(date: Date) -> Result<Self, Error> {
        let days = date.duration_since(EPOCH).as_hours() / 24;
        let days = i32::try_from(days).unwrap_or(i32::MIN);
        Self::from_epoch_days(days)
    }
}

impl From<Day> for Date {
    fn from(day: Day) -> Self {
        // The range of `Day` lies within jiff's, so the sum never saturates.
        EPOCH.saturating_add(jiff::SignedDuration::from_hours(i64::from(day.0) * 24))
    }
}

/// The day that an instant falls on in a time zone.
///
/// # Errors
/// If the year is before 1.
impl TryFrom<&jiff::Zoned> for Day {
    type Error = Error;

    fn try_from(instant: &jiff::Zoned) -> Result<Self, Error> {
        instant.date().try_into()
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<chrono::NaiveDate> for Day {
    type Error = Error;

    /// # Errors
    /// If the year is not between 1 and 9999.
    fn try_from(date: chrono::NaiveDate) -> Result<Self, Error> {
        Self::from_epoch_days(date.to_epoch_days())
    }
}

#[cfg(feature = "chrono")]
impl From<Day> for chrono::NaiveDate {
    fn from(day: Day) -> Self {
        // chrono's range is wider than `Day`'s, so the default is never taken.
        Self::from_epoch_days(day.0).unwrap_or_default()
    }
}

#[cfg(feature = "time")]
const JULIAN_DAY_OF_EPOCH: i32 = 2_440_588;

#[cfg(feature = "time")]
impl TryFrom<time::Date> for Day {
    type Error = Error;

    /// # Errors
    /// If the year is before 1.
    fn try_from(date: time::Date) -> Result<Self, Error> {
        Self::from_epoch_days(date.to_julian_day() - JULIAN_DAY_OF_EPOCH)
    }
}

#[cfg(feature = "time")]
impl From<Day> for time::Date {
    fn from(day: Day) -> Self {
        // `time` covers the years -9999 to 9999, so the fallback is never taken.
        Self::from_julian_day(day.0 + JULIAN_DAY_OF_EPOCH).unwrap_or(Self::MIN)
    }
}

impl FromStr for Day {
    type Err = Error;

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// If the text has another form or there is no such day.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::parameter("day", text, "is not a day written YYYY-MM-DD");
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refused());
        };
        if (year.len(), month.len(), day.len()) != (4, 2, 2) || ![year, month, day].into_iter().all(digits) {
            return Err(refused());
        }
        match (year.parse(), month.parse(), day.parse()) {
            (Ok(year), Ok(month), Ok(day)) => Self::ymd(year, month, day).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.to_ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The unit of time in which a model thinks. Summaries carry theirs, and so does every model fitted to them.
///
/// Time is never rounded to whole ticks: 272 days are 38.857142857 weeks. A month is a twelfth of the mean
/// Gregorian year, not 30 days.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Tick {
    /// One day.
    Day,
    /// Seven days.
    Week,
    /// 30.436875 days.
    Month,
    /// 365.2425 days.
    Year,
}

impl Tick {
    /// Days in one tick.
    pub const fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 365.2425 / 12.0,
            Self::Year => 365.2425,
        }
    }
}

/// How far ahead a question looks.
///
/// # Example
/// ```
/// use patronage::domain::{Horizon, Tick};
///
/// assert_eq!(Horizon::weeks(39).in_ticks(Tick::Day), 273.0);
/// assert_eq!(Horizon::endless().in_ticks(Tick::Week), f64::INFINITY);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Horizon(Option<(u32, Tick)>);

impl Horizon {
    /// So many days.
    pub const fn days(count: u32) -> Self {
        Self(Some((count, Tick::Day)))
    }

    /// So many weeks.
    pub const fn weeks(count: u32) -> Self {
        Self(Some((count, Tick::Week)))
    }

    /// So many months of 30.436875 days.
    pub const fn months(count: u32) -> Self {
        Self(Some((count, Tick::Month)))
    }

    /// So many years of 365.2425 days.
    pub const fn years(count: u32) -> Self {
        Self(Some((count, Tick::Year)))
    }

    /// Without end.
    pub const fn endless() -> Self {
        Self(None)
    }

    /// The length in ticks; infinite if there is no end.
    pub fn in_ticks(self, tick: Tick) -> f64 {
        match self.0 {
            None => f64::INFINITY,
            Some((count, unit)) if unit == tick => f64::from(count),
            Some((count, unit)) => f64::from(count) * unit.days() / tick.days(),
        }
    }
}

/// A rate of growth or discount, with the time over which it compounds.
///
/// # Range
/// `ln(1 + rate)` over a year is from -36 to 700: in a year money shrinks at most to 2.3e-16 of itself and
/// grows at most by 1e304. So the rate is finite and above -1 over any [`Tick`], also after rounding.
///
/// # Example
/// ```
/// use patronage::domain::{Rate, Tick};
///
/// let discount = Rate::yearly(0.10)?;
/// assert!((discount.per(Tick::Month) - 0.007974).abs() < 1e-6);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "SavedRate", try_from = "SavedRate"))]
pub struct Rate {
    /// ln(1 + rate) over one day.
    log_per_day: f64,
}

/// What ln(1 + rate) over a year may be: below it the rate rounds to -1, above it to infinity.
const LOG_PER_YEAR: RangeInclusive<f64> = -36.0..=700.0;

impl Rate {
    /// 10 % a year: ln(1.1) over the days of a year.
    pub(crate) const TENTH_A_YEAR: Self = Self { log_per_day: 0.095_310_179_804_324_87 / Tick::Year.days() };

    /// Effective over a year: 0.10 is 10 % a year.
    ///
    /// # Errors
    /// If the rate is outside the [range](Self#range).
    pub fn yearly(rate: f64) -> Result<Self, Error> {
        Self::over(rate, Tick::Year)
    }

    /// Effective over a month.
    ///
    /// # Errors
    /// If the rate is outside the [range](Self#range).
    pub fn monthly(rate: f64) -> Result<Self, Error> {
        Self::over(rate, Tick::Month)
    }

    /// Effective over a week.
    ///
    /// # Errors
    /// If the rate is outside the [range](Self#range).
    pub fn weekly(rate: f64) -> Result<Self, Error> {
        Self::over(rate, Tick::Week)
    }

    fn over(rate: f64, tick: Tick) -> Result<Self, Error> {
        let known = Self { log_per_day: rate.ln_1p() / tick.days() };
        if known.is_in_range() { Ok(known) } else { Err(refused_rate(rate)) }
    }

    /// A year is the longest tick, so what holds for it holds for all. NaN, of a rate below -1, is in no
    /// range.
    fn is_in_range(self) -> bool {
        LOG_PER_YEAR.contains(&self.continuous_per(Tick::Year))
    }

    /// The same rate, effective over one tick.
    pub fn per(self, tick: Tick) -> f64 {
        self.continuous_per(tick).exp_m1()
    }

    /// The same rate, compounding continuously, over one tick: ln(1 + rate).
    pub fn continuous_per(self, tick: Tick) -> f64 {
        self.log_per_day * tick.days()
    }
}

fn refused_rate(rate: impl ToString) -> Error {
    Error::parameter("rate", rate, "is out of range: ln(1 + rate) over a year must be from -36 to 700")
}

/// A rate as it is saved, before it is checked. The number is text, from which the same bits are read by
/// every format: a JSON reader may move the last bit of a number.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct SavedRate {
    log_per_day: String,
}

#[cfg(feature = "serde")]
impl From<Rate> for SavedRate {
    fn from(rate: Rate) -> Self {
        Self { log_per_day: format!("{:?}", rate.log_per_day) }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<SavedRate> for Rate {
    type Error = Error;

    fn try_from(saved: SavedRate) -> Result<Self, Error> {
        let read = saved.log_per_day.parse().ok().map(|log_per_day| Self { log_per_day });
        let refused = || refused_rate(format!("saved as {} a day", saved.log_per_day));
        read.filter(|rate| rate.is_in_range()).ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "serde")]
    use proptest::prelude::*;

    #[test]
    fn the_ends_of_the_range_are_the_days_they_say() {
        assert_eq!(Day::ymd(1, 1, 1).unwrap(), Day::MIN);
        assert_eq!(Day::ymd(9999, 12, 31).unwrap(), Day::MAX);
        assert!(Day::ymd(0, 12, 31).is_err());
        assert_eq!(Day::MAX.plus(i32::MAX), Day::MAX);
    }

    #[test]
    fn a_day_prints_as_it_is_read() {
        for text in ["0001-01-01", "1970-01-01", "1999-12-31", "2000-02-29", "9999-12-31"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in ["", "1999-02-29", "99-1-1", "1999-1-01", "1999-01-01 ", "+999-01-01", "1999-13-01"] {
            assert!(text.parse::<Day>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn rates_compound() {
        assert_eq!(Rate::TENTH_A_YEAR, Rate::yearly(0.10).unwrap());
        let rate = Rate::yearly(0.10).unwrap();
        assert!(((1.0 + rate.per(Tick::Month)).powi(12) - 1.10).abs() < 1e-12);
        for bad in [f64::NAN, -1.0, f64::INFINITY] {
            assert!(Rate::yearly(bad).is_err());
        }
    }

    #[test]
    fn a_rate_is_finite_and_above_minus_one_over_any_tick() {
        for rate in [
            Rate::yearly(-0.999_999_999_999_999),
            Rate::monthly(-0.95),
            Rate::weekly(-0.49),
            Rate::yearly(1e304),
            Rate::monthly(2e25),
            Rate::weekly(600_000.0),
        ] {
            let rate = rate.unwrap();
            for tick in [Tick::Day, Tick::Week, Tick::Month, Tick::Year] {
                assert!(rate.per(tick).is_finite() && rate.per(tick) > -1.0, "{rate:?} {tick:?}");
            }
        }
        for beyond in
            [Rate::yearly(f64::MAX), Rate::weekly(f64::MAX), Rate::monthly(1e30), Rate::weekly(-0.6)]
        {
            let error = beyond.unwrap_err().to_string();
            assert!(error.ends_with("over a year must be from -36 to 700"), "{error}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_rate_out_of_range_cannot_be_read() {
        let json = serde_json::to_string(&Rate::yearly(0.10).unwrap()).unwrap();
        assert!(json.starts_with(r#"{"log_per_day":"0.00026095"#), "{json}");
        for bad in ["NaN", "inf", "-inf", "1e308", "1.92", "-0.1", "", "0,1", "0x1"] {
            let json = format!(r#"{{"log_per_day":"{bad}"}}"#);
            let error = serde_json::from_str::<Rate>(&json).unwrap_err().to_string();
            assert!(error.contains(&format!("saved as {bad} a day")), "{error}");
        }
    }

    #[cfg(feature = "serde")]
    proptest! {
        #[test]
        fn a_rate_is_read_as_it_was_saved(rate in -0.4..9.0_f64) {
            for rate in [Rate::yearly(rate), Rate::monthly(rate), Rate::weekly(rate)].map(Result::unwrap) {
                let json = serde_json::to_string(&rate).unwrap();
                prop_assert_eq!(serde_json::from_str::<Rate>(&json).unwrap(), rate);
            }
        }
    }
}
