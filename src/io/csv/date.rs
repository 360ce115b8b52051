//! How dates are written in a file, and the day or moment they mean.

use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime, date},
    fmt::strtime::BrokenDownTime,
    tz::TimeZone,
};

use super::{
    time_of_day::{self, Scan},
    zones::{Moment, Zones},
};
use crate::{Error, domain::Day};

/// How the dates of a file are written. Stated, never guessed: `01/02/2011` is the first of February in
/// London and the second of January in New York.
///
/// Every format but [`custom`](Self::custom) may be followed by a time of day after spaces or a `T` (`8:26`,
/// `08:26:00.000`, `8:26 PM`), and that by an offset (`Z`, `UTC`, `+01:00`, `-0500`). Years have four digits.
///
/// # Example
/// ```
/// use patronage::{domain::Day, io::csv::DateFormat};
///
/// assert_eq!(DateFormat::day_first().day("1/2/2011 8:26")?, Day::ymd(2011, 2, 1)?);
/// assert_eq!(DateFormat::custom("%d %b %y")?.day("01 Feb 11")?, Day::ymd(2011, 2, 1)?);
/// assert!(DateFormat::iso().day("1/2/2011").is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DateFormat(Kind);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Iso,
    Compact,
    DayFirst,
    MonthFirst,
    Custom(String),
}

const NOT_ISO: &str = "is not a date written YYYY-MM-DD";
const NOT_COMPACT: &str = "is not a date written YYYYMMDD";
const NOT_DAY_FIRST: &str = "is not a date written day, month, year";
const NOT_MONTH_FIRST: &str = "is not a date written month, day, year";
const NOT_CUSTOM: &str = "is not a date in the stated format";
const TWO_DIGITS: &str = "has a year of two digits; a custom format can state it as %y";
const NO_SUCH_DAY: &str = "is no day of the calendar";
pub(super) const NO_ZONE: &str =
    "is an instant with an offset, and no zone is stated in which it becomes a day";

impl Default for DateFormat {
    fn default() -> Self {
        Self::iso()
    }
}

impl DateFormat {
    /// `2011-02-01`, as ISO 8601 has it. The default.
    pub const fn iso() -> Self {
        Self(Kind::Iso)
    }

    /// `20110201`.
    pub const fn compact() -> Self {
        Self(Kind::Compact)
    }

    /// `1/2/2011`, `01.02.2011` or `01-02-2011` for the first of February.
    pub const fn day_first() -> Self {
        Self(Kind::DayFirst)
    }

    /// `2/1/2011`, `02.01.2011` or `02-01-2011` for the first of February.
    pub const fn month_first() -> Self {
        Self(Kind::MonthFirst)
    }

    /// Any other way, by the directives of `strftime` as [`jiff::fmt::strtime`] has them: `%d.%m.%Y %H:%M`.
    ///
    /// `%y` reads the years 1969 to 2068. With `%z` a date is an instant, with `%s` a count of seconds since
    /// 1970; with `%Q` it has a zone of its own.
    ///
    /// # Errors
    /// If the pattern has an unknown directive, or does not say the year, month and day.
    pub fn custom(pattern: &str) -> Result<Self, Error> {
        let format = Self(Kind::Custom(pattern.to_owned()));
        // A pattern that reads a day reads the day that it wrote.
        let known = date(2011, 12, 31).at(23, 58, 59, 0);
        let read_back = known.to_zoned(TimeZone::UTC).ok().and_then(|zoned: Zoned| {
            let text = BrokenDownTime::from(&zoned).to_string(pattern).ok()?;
            format.moment(&text).ok()
        });
        let expected = Day::try_from(known.date())?;
        match read_back.map(Moment::written_day) {
            Some(day) if day == Some(expected) => Ok(format),
            _ => Err(Error::parameter(
                "date format",
                pattern,
                "is no pattern that states a year, month and day",
            )),
        }
    }

    /// The format that alone reads all samples: ISO, `YYYYMMDD`, day first or month first. Blank samples
    /// say nothing.
    ///
    /// For programs that show a person what they found; the [`Reader`](super::Reader) itself never guesses.
    ///
    /// # Errors
    /// If no format fits all samples (the error has the sample that none of the formats left could read), if
    /// day first and month first both fit, or if there are no samples.
    ///
    /// # Example
    /// ```
    /// use patronage::io::csv::DateFormat;
    ///
    /// assert_eq!(DateFormat::detect(["1/2/2011", "13/2/2011"])?, DateFormat::day_first());
    /// let unsure = DateFormat::detect(["1/2/2011", "3/2/2011"]).unwrap_err();
    /// assert_eq!(
    ///     unsure.to_string(),
    ///     "date format: `1/2/2011` fits day first and month first alike; state which it is"
    /// );
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn detect<T: AsRef<str>>(samples: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let mut fitting = vec![Self::iso(), Self::compact(), Self::day_first(), Self::month_first()];
        let mut first = None;
        for sample in samples {
            let text = sample.as_ref().trim();
            if text.is_empty() {
                continue;
            }
            fitting.retain(|format| format.moment(text).is_ok());
            if fitting.is_empty() {
                let rule = "does not fit the formats that the samples before it leave";
                return Err(Error::parameter("date format", text, rule));
            }
            first.get_or_insert_with(|| text.to_owned());
        }
        let Some(first) = first else {
            let what = "date samples";
            return Err(crate::ErrorKind::Empty { what }.into());
        };
        match <[Self; 1]>::try_from(fitting) {
            Ok([format]) => Ok(format),
            // The other two share no text with any other format.
            Err(_) => Err(Error::parameter(
                "date format",
                first,
                "fits day first and month first alike; state which it is",
            )),
        }
    }

    /// The calendar day of a date, or of a date and time without an offset, as it is written.
    ///
    /// # Errors
    /// If the text is no date in this format, or is an instant with an offset: that is a day only in a zone.
    pub fn day(&self, text: &str) -> Result<Day, Error> {
        self.moment(text.trim())
            .and_then(|moment| Zones::default().day(moment))
            .map_err(|rule| Error::parameter("date", text, rule))
    }

    pub(super) fn moment(&self, text: &str) -> Result<Moment, &'static str> {
        match &self.0 {
            Kind::Iso => iso(text.as_bytes()),
            Kind::Compact => compact(text.as_bytes()),
            Kind::DayFirst => parted(text.as_bytes(), NOT_DAY_FIRST, |day, month| (month, day)),
            Kind::MonthFirst => parted(text.as_bytes(), NOT_MONTH_FIRST, |month, day| (month, day)),
            Kind::Custom(pattern) => custom(pattern, text),
        }
    }
}

fn iso(text: &[u8]) -> Result<Moment, &'static str> {
    let mut scan = Scan(text);
    let parts = (|| {
        let year = scan.number(4, 4)?;
        let month = scan.eat(b"-").then(|| scan.number(2, 2)).flatten()?;
        let day = scan.eat(b"-").then(|| scan.number(2, 2)).flatten()?;
        Some((year, month, day))
    })();
    let (year, month, day) = parts.ok_or(NOT_ISO)?;
    moment_of(year, month, day, scan, NOT_ISO)
}

fn compact(text: &[u8]) -> Result<Moment, &'static str> {
    let mut scan = Scan(text);
    let number = scan.number(8, 8).ok_or(NOT_COMPACT)?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    moment_of(year, month, day, scan, NOT_COMPACT)
}

/// Day, month and year with the same mark between them, the first two in the order that `month_and_day` knows.
fn parted(
    text: &[u8],
    fault: &'static str,
    month_and_day: fn(i32, i32) -> (i32, i32),
) -> Result<Moment, &'static str> {
    let mut scan = Scan(text);
    let parts = (|| {
        let first = scan.number(1, 2)?;
        let mark = scan.eat_any(&["/", ".", "-"])?;
        let second = scan.number(1, 2)?;
        scan.eat(mark.as_bytes()).then_some((first, second))
    })();
    let (first, second) = parts.ok_or(fault)?;
    let before = scan.0.len();
    let year = scan.number(2, 4).ok_or(fault)?;
    match before - scan.0.len() {
        4 => {}
        2 => return Err(TWO_DIGITS),
        _ => return Err(fault),
    }
    let (month, day) = month_and_day(first, second);
    moment_of(year, month, day, scan, fault)
}

/// The date, with the time of day that may follow it.
fn moment_of(
    year: i32,
    month: i32,
    day: i32,
    rest: Scan<'_>,
    fault: &'static str,
) -> Result<Moment, &'static str> {
    let date = calendar(year, month, day).ok_or(NO_SUCH_DAY)?;
    if rest.is_done() {
        return Moment::of_date(date).ok_or(NO_SUCH_DAY);
    }
    if rest.0[0].is_ascii_digit() {
        return Err(fault);
    }
    let (time, offset) = time_of_day::read(rest.0)?;
    let civil = date.to_datetime(time);
    match offset {
        None => Ok(Moment::Naive(civil)),
        Some(offset) => {
            let instant = offset.to_timestamp(civil).map_err(|_| NO_SUCH_DAY)?;
            Ok(Moment::Instant(instant))
        }
    }
}

fn calendar(year: i32, month: i32, day: i32) -> Option<Date> {
    let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

fn custom(pattern: &str, text: &str) -> Result<Moment, &'static str> {
    let parts = BrokenDownTime::parse(pattern, text).map_err(|_| NOT_CUSTOM)?;
    let instant = |instant: Option<Timestamp>| instant.map(Moment::Instant).ok_or(NO_SUCH_DAY);
    if parts.offset().is_some() || parts.timestamp().is_some() {
        return instant(parts.to_timestamp().ok());
    }
    if parts.iana_time_zone().is_some() {
        return instant(parts.to_zoned().ok().map(|zoned| zoned.timestamp()));
    }
    let date = parts.to_date().map_err(|_| NO_SUCH_DAY)?;
    match (parts.hour(), parts.to_time()) {
        (Some(_), Ok(time)) => Ok(Moment::Naive(DateTime::from_parts(date, time))),
        _ => Moment::of_date(date).ok_or(NO_SUCH_DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: &DateFormat, text: &str) -> String {
        match format.moment(text) {
            Ok(Moment::Day(day)) => day.to_string(),
            Ok(Moment::Naive(civil)) => civil.to_string(),
            Ok(Moment::Instant(instant)) => instant.to_string(),
            Err(why) => why.to_owned(),
        }
    }

    #[test]
    fn each_format_reads_its_own() {
        let (iso, compact) = (DateFormat::iso(), DateFormat::compact());
        let (day_first, month_first) = (DateFormat::day_first(), DateFormat::month_first());
        let cases = [
            (&iso, "2011-02-01", "2011-02-01"),
            (&iso, "2011-02-01 8:26", "2011-02-01T08:26:00"),
            (&iso, "2011-02-01T00:26:00+01:00", "2011-01-31T23:26:00Z"),
            (&compact, "20110201", "2011-02-01"),
            (&compact, "20110201T23:59:59Z", "2011-02-01T23:59:59Z"),
            (&day_first, "1/2/2011", "2011-02-01"),
            (&day_first, "01.02.2011 08:26", "2011-02-01T08:26:00"),
            (&month_first, "1-2-2011", "2011-01-02"),
            (&month_first, "12/1/2010 8:26:00 PM", "2010-12-01T20:26:00"),
        ];
        for (format, text, expected) in cases {
            assert_eq!(shown(format, text), expected, "{text}");
        }
    }

    #[test]
    fn a_fault_says_what_is_wrong() {
        let (iso, compact) = (DateFormat::iso(), DateFormat::compact());
        let (day_first, month_first) = (DateFormat::day_first(), DateFormat::month_first());
        let cases = [
            (&iso, "", NOT_ISO),
            (&iso, "2011-2-1", NOT_ISO),
            (&iso, "2011-02-011", NOT_ISO),
            (&iso, "20110201", NOT_ISO),
            (&iso, "2011-02-29", NO_SUCH_DAY),
            (&iso, "0000-01-01", NO_SUCH_DAY),
            (&iso, "2011-02-01x", time_of_day::BAD_TIME),
            (&iso, "2011-02-01 25:00", time_of_day::BAD_TIME),
            (&compact, "2011020", NOT_COMPACT),
            (&compact, "201102011", NOT_COMPACT),
            (&compact, "20111301", NO_SUCH_DAY),
            (&day_first, "2011-02-01", NOT_DAY_FIRST),
            (&day_first, "1/2.2011", NOT_DAY_FIRST),
            (&day_first, "1/2/11", TWO_DIGITS),
            (&day_first, "1/2/011", NOT_DAY_FIRST),
            (&day_first, "1/2/20111", NOT_DAY_FIRST),
            (&day_first, "2/13/2011", NO_SUCH_DAY),
            (&month_first, "13/2/2011", NO_SUCH_DAY),
            (&month_first, "February 1, 2011", NOT_MONTH_FIRST),
        ];
        for (format, text, expected) in cases {
            assert_eq!(shown(format, text), expected, "{text}");
        }
    }

    #[test]
    fn a_custom_pattern_must_say_a_day() {
        let cases = [
            ("%d.%m.%Y %H:%M", "01.02.2011 08:26", "2011-02-01T08:26:00"),
            ("%d %b %y", "01 Feb 11", "2011-02-01"),
            ("%Y/%m/%d", "2011/02/01", "2011-02-01"),
            ("%s", "1296550800", "2011-02-01T09:00:00Z"),
            ("%Y-%m-%d %H:%M %z", "2011-02-01 08:26 +0530", "2011-02-01T02:56:00Z"),
            ("%F %R %Q", "2011-02-01 08:26 Europe/Paris", "2011-02-01T07:26:00Z"),
            ("%Y-%m-%d", "2011-02-30", NO_SUCH_DAY),
            ("%Y-%m-%d", "2011-02-01 ", NOT_CUSTOM),
        ];
        for (pattern, text, expected) in cases {
            let format = DateFormat::custom(pattern).unwrap();
            assert_eq!(shown(&format, text), expected, "{pattern}");
        }
        for pattern in ["", "%Y-%m", "%H:%M", "%K", "%", "%d.%m.%Y %Z"] {
            assert!(DateFormat::custom(pattern).is_err(), "{pattern:?}");
        }
    }

    #[test]
    fn detection_refuses_to_guess() {
        let found = |samples: &[&str]| DateFormat::detect(samples).map_err(|error| error.to_string());
        assert_eq!(found(&["", "20110201", " 20110202 "]), Ok(DateFormat::compact()));
        assert_eq!(found(&["2011-02-01T00:00:00Z"]), Ok(DateFormat::iso()));
        assert_eq!(found(&["1/2/2011", "1/13/2011"]), Ok(DateFormat::month_first()));
        assert_eq!(found(&[" "]).unwrap_err(), "date samples: there are none");
        let mixed = found(&["13/1/2011", "1/13/2011"]).unwrap_err();
        assert!(mixed.contains("`1/13/2011` does not fit"), "{mixed}");
        assert!(found(&["1/1/2011"]).unwrap_err().contains("alike"));
    }
}
