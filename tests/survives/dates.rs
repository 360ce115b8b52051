//! Every day of the calendar, in every format, and texts that are none.

use patronage::{domain::Day, io::csv::DateFormat};
use proptest::prelude::*;

fn days() -> impl Strategy<Value = Day> {
    (Day::MIN.epoch_days()..=Day::MAX.epoch_days()).prop_map(|days| Day::from_epoch_days(days).unwrap())
}

fn formats() -> Vec<DateFormat> {
    vec![
        DateFormat::iso(),
        DateFormat::compact(),
        DateFormat::day_first(),
        DateFormat::month_first(),
        DateFormat::custom("%A, %d %B %Y").unwrap(),
        DateFormat::custom("%d/%m/%y").unwrap(),
        DateFormat::custom("%F %T %z").unwrap(),
    ]
}

proptest! {
    #[test]
    fn every_day_is_read_back(
        day in days(),
        mark in prop::sample::select(vec!['/', '.', '-']),
        clock in prop::sample::select(vec!["", " 08:26", "T23:59:59.999", " 8:26 pm"]),
    ) {
        let (year, month, of_month) = day.to_ymd();
        let cases = [
            (DateFormat::iso(), format!("{day}{clock}")),
            (DateFormat::compact(), format!("{year:04}{month:02}{of_month:02}{clock}")),
            (DateFormat::day_first(), format!("{of_month}{mark}{month}{mark}{year:04}{clock}")),
            (DateFormat::month_first(), format!("{month:02}{mark}{of_month:02}{mark}{year:04}{clock}")),
        ];
        for (format, text) in cases {
            prop_assert_eq!(format.day(&text).unwrap(), day, "{}", text);
        }
        prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
    }

    #[test]
    fn any_text_is_a_date_or_is_refused(
        text in prop_oneof!["\\PC{0,30}", "[0-9]{1,4}[-/.]?[0-9]{1,2}[-/.]?[0-9]{1,4}([T ][0-9:.]{0,12}[+-Z]?[0-9]{0,4})?"],
    ) {
        for format in formats() {
            if let Ok(day) = format.day(&text) {
                prop_assert!(day >= Day::MIN && day <= Day::MAX);
            }
        }
    }

    #[test]
    fn any_pattern_is_taken_or_refused(
        pattern in prop_oneof!["\\PC{0,12}", "(%[-_0^#]?[0-9]?[:a-zA-Z%][ /.]?){0,6}"],
        text in "\\PC{0,20}",
    ) {
        if let Ok(format) = DateFormat::custom(&pattern) {
            let _ = format.day(&text);
        }
    }

    #[test]
    fn what_is_detected_reads_all_samples(samples in prop::collection::vec("[0-3]?[0-9]/[0-3]?[0-9]/20[0-9]{2}", 1..6)) {
        let all = |format: &DateFormat| samples.iter().all(|sample| format.day(sample).is_ok());
        if let Ok(format) = DateFormat::detect(&samples) {
            prop_assert!(all(&format));
        } else {
            prop_assert_eq!(all(&DateFormat::day_first()), all(&DateFormat::month_first()));
        }
    }
}
