//! Amounts of any size, and texts that are none.

use patronage::{
    domain::{Currency, Money},
    io::csv::NumberFormat,
};
use proptest::prelude::*;

fn currencies() -> impl Strategy<Value = Currency> {
    let codes = ["USD", "EUR", "JPY", "BHD", "CLF", "SEK", "INR", "ZAR"];
    prop::sample::select(codes.to_vec()).prop_map(|code| code.parse().unwrap())
}

fn formats() -> impl Strategy<Value = NumberFormat> {
    (any::<bool>(), prop::option::of(prop::sample::select(vec![',', '.', '\'', ' '])), any::<bool>())
        .prop_map(|(comma, thousands, indian)| {
            let format = if comma { NumberFormat::comma() } else { NumberFormat::point() };
            let marked = thousands.and_then(|mark| format.thousands(mark).ok()).unwrap_or(format);
            if indian { marked.indian_groups() } else { marked }
        })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(minor in any::<i64>(), currency in currencies()) {
        let money = Money::of_minor(minor, currency);
        let digits = money.digits().to_string();
        prop_assert_eq!(Money::parse(&digits, currency).unwrap(), money);
        for written in [digits.clone(), money.to_string(), format!("{} {digits}", currency.code())] {
            prop_assert_eq!(NumberFormat::point().money(&written, currency).unwrap(), money, "{}", written);
        }
        let german = NumberFormat::comma();
        prop_assert_eq!(german.money(&digits.replace('.', ","), currency).unwrap(), money);
    }

    #[test]
    fn a_sign_at_either_end_is_one_sign(minor in 1..i64::MAX) {
        let digits = Money::of_minor(minor, Currency::USD).digits().to_string();
        let negative = Money::of_minor(-minor, Currency::USD);
        for written in [
            format!("-{digits}"), format!("{digits}-"), format!("({digits})"), format!("(${digits})"),
            format!("-${digits}"), format!("$-{digits}"), format!("\u{2212}{digits} USD"),
        ] {
            let read = NumberFormat::point().money(&written, Currency::USD);
            prop_assert_eq!(read.unwrap(), negative, "{}", written);
        }
        for written in [format!("(-{digits})"), format!("€{digits}")] {
            prop_assert!(NumberFormat::point().money(&written, Currency::USD).is_err());
        }
    }

    #[test]
    fn any_text_is_a_number_or_is_refused(
        text in prop_oneof!["\\PC{0,30}", "[-+(]?[$€R]?[0-9., '\u{a0}]{0,25}[)-]?( ?[A-Z]{3})?"],
        format in formats(),
        currency in currencies(),
    ) {
        if let Ok(money) = format.money(&text, currency) {
            // What is read has digits, and they are those of the text.
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let (read, given) = (digits(&money.digits().to_string()), digits(&text));
            let bare = |digits: &str| digits.trim_matches('0').to_owned();
            prop_assert_eq!(bare(&read), bare(&given), "{} is {}", text, money);
        }
    }

    #[test]
    fn too_many_decimals_are_never_rounded_in_silence(minor in -1_000_000_i64..1_000_000, last in 1_u8..10) {
        let text = format!("{}{last}", Money::of_minor(minor, Currency::EUR).digits());
        prop_assert!(Money::parse(&text, Currency::EUR).is_err());
        prop_assert!(NumberFormat::point().money(&text, Currency::EUR).is_err());
        let with_zeros = format!("{}000", Money::of_minor(minor, Currency::EUR).digits());
        prop_assert_eq!(NumberFormat::point().money(&with_zeros, Currency::EUR).unwrap().minor(), minor);
    }
}
