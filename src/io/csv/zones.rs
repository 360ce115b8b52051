//! From a moment as a file has it to a calendar day.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::date::NO_ZONE;
use crate::{Error, domain::Day};

/// What a date column says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moment {
    /// A day, in no zone.
    Day(Day),
    /// A date and time without an offset.
    Naive(DateTime),
    /// A point in time.
    Instant(Timestamp),
}

impl Moment {
    /// `None` before the year 1.
    pub(super) fn of_date(date: Date) -> Option<Self> {
        Day::try_from(date).ok().map(Self::Day)
    }

    /// The day on its face; an instant shows that of UTC.
    pub(super) fn written_day(self) -> Option<Day> {
        match self {
            Self::Day(day) => Some(day),
            Self::Naive(civil) => civil.date().try_into().ok(),
            Self::Instant(instant) => TimeZone::UTC.to_datetime(instant).date().try_into().ok(),
        }
    }
}

/// In which zone naive instants are stated, and in which zone days are counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Zones {
    pub(super) naive: Option<TimeZone>,
    pub(super) days: Option<TimeZone>,
}

const BEYOND: &str = "is beyond the calendar";

impl Zones {
    pub(super) fn named(naive: Option<&str>, days: Option<&str>) -> Result<Self, Error> {
        let zone = |name: Option<&str>| {
            name.map(|name| {
                let rule = "is not in the IANA time zone database";
                TimeZone::get(name).map_err(|_| Error::parameter("time zone", name, rule))
            })
            .transpose()
        };
        Ok(Self { naive: zone(naive)?, days: zone(days)? })
    }

    pub(super) fn day(&self, moment: Moment) -> Result<Day, &'static str> {
        match (moment, &self.naive, &self.days) {
            (Moment::Day(day), ..) => Ok(day),
            (Moment::Naive(civil), Some(stated), Some(counted)) => {
                // A clock set forward or back is read as jiff's "compatible" does, like most systems.
                let instant = stated.to_timestamp(civil).map_err(|_| BEYOND)?;
                day_in(counted, instant)
            }
            (Moment::Naive(civil), ..) => civil.date().try_into().map_err(|_| BEYOND),
            (Moment::Instant(instant), _, Some(counted)) => day_in(counted, instant),
            (Moment::Instant(_), _, None) => Err(NO_ZONE),
        }
    }
}

fn day_in(zone: &TimeZone, instant: Timestamp) -> Result<Day, &'static str> {
    let date = zone.to_datetime(instant).date();
    date.try_into().map_err(|_| BEYOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::csv::DateFormat;

    fn day(text: &str, naive: Option<&str>, days: Option<&str>) -> Result<String, &'static str> {
        let moment = DateFormat::iso().moment(text)?;
        let zones = Zones::named(naive, days).unwrap();
        zones.day(moment).map(|day| day.to_string())
    }

    #[test]
    fn an_instant_is_a_day_only_in_a_zone() {
        let instant = "2011-06-30T23:30:00Z";
        assert_eq!(day(instant, None, None), Err(NO_ZONE));
        assert_eq!(day(instant, Some("UTC"), None), Err(NO_ZONE));
        assert_eq!(day(instant, None, Some("Europe/London")).unwrap(), "2011-07-01");
        assert_eq!(day(instant, None, Some("America/New_York")).unwrap(), "2011-06-30");
    }

    #[test]
    fn a_naive_time_is_the_day_written_unless_it_has_a_zone_of_its_own() {
        let naive = "2011-06-30 23:30";
        for (stated, counted) in [
            (None, None),
            (Some("UTC"), None),
            (None, Some("Asia/Tokyo")),
            (Some("Asia/Tokyo"), Some("Asia/Tokyo")),
        ] {
            assert_eq!(day(naive, stated, counted).unwrap(), "2011-06-30");
        }
        assert_eq!(day(naive, Some("UTC"), Some("Asia/Tokyo")).unwrap(), "2011-07-01");
        assert_eq!(day("2011-06-30", Some("UTC"), Some("Asia/Tokyo")).unwrap(), "2011-06-30");
    }

    #[test]
    fn the_ends_of_the_calendar_are_faults() {
        let last = "9999-12-31 23:59";
        assert_eq!(day(last, Some("America/New_York"), Some("Asia/Tokyo")), Err(BEYOND));
        let first = "0001-01-01 00:00";
        assert_eq!(day(first, Some("Asia/Tokyo"), Some("America/New_York")), Err(BEYOND));
        assert!(Zones::named(Some("Europe/Atlantis"), None).is_err());
    }
}
