//! A text is a day of the calendar or is refused; no two unlike formats read one text differently by accident.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patronage::{domain::Day, io::csv::DateFormat};

fuzz_target!(|text: &str| {
    let [iso, compact, day_first, month_first] =
        [DateFormat::iso(), DateFormat::compact(), DateFormat::day_first(), DateFormat::month_first()]
            .map(|format| format.day(text).ok());
    for day in [iso, compact, day_first, month_first].into_iter().flatten() {
        assert!((Day::MIN..=Day::MAX).contains(&day));
        assert_eq!(day.to_string().parse::<Day>().ok(), Some(day));
        assert_eq!(DateFormat::iso().day(&day.to_string()).ok(), Some(day));
    }
    // Only day first and month first share texts, and then day and month change places.
    let fitting = [iso.is_some(), compact.is_some(), day_first.or(month_first).is_some()];
    assert!(fitting.into_iter().filter(|&fits| fits).count() <= 1);
    if let (Some(one), Some(other)) = (day_first, month_first) {
        let ((year, month, day), (same_year, as_day, as_month)) = (one.to_ymd(), other.to_ymd());
        assert_eq!((year, month, day), (same_year, as_month, as_day));
    }
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(iso, Some(day));
    }
});
