//! A stretch of days that ends on the day as of which one looks.

use std::ops::RangeInclusive;

use crate::{domain::Day, error::Error};

/// How far back one looks: so many days with the last, or without end.
pub(super) type Days = Option<u32>;

/// The days from the first to `as_of`, both included. Nothing after `as_of` is ever in it.
pub(super) fn window(as_of: Day, days: Days) -> RangeInclusive<Day> {
    let back = |days: u32| as_of.plus(-i32::try_from(days.saturating_sub(1)).unwrap_or(i32::MAX));
    days.map_or(Day::MIN, back)..=as_of
}

/// # Errors
/// If it is a window of no days.
pub(super) fn check(days: Days) -> Result<(), Error> {
    match days {
        Some(0) => Err(Error::parameter("window", 0, "must have a day")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_its_days_and_ends_with_the_last() {
        let day = Day::ymd(2026, 3, 14).unwrap();
        assert_eq!(window(day, Some(1)), day..=day);
        assert_eq!(window(day, Some(14)), day.plus(-13)..=day);
        assert_eq!(window(day, Some(u32::MAX)), Day::MIN..=day);
        assert_eq!(window(day, None), Day::MIN..=day);
        assert!(check(Some(0)).is_err() && check(Some(1)).is_ok() && check(None).is_ok());
    }
}
