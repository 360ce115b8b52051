//! A text is an amount with the digits of the text, or is refused; what is printed is read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patronage::{
    domain::{Currency, Money},
    io::csv::NumberFormat,
};

fn bare(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

fuzz_target!(|bytes: &[u8]| {
    let [style, text @ ..] = bytes else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let currencies = [Currency::USD, Currency::JPY, Currency::BHD, Currency::CHF];
    let currency = currencies[usize::from(style & 3)];
    let marks = [',', '.', '\'', ' '];
    let mut format = if style & 4 == 0 { NumberFormat::point() } else { NumberFormat::comma() };
    if style & 8 != 0 {
        format = format.thousands(marks[usize::from(style >> 4 & 3)]).unwrap_or(format);
    }
    if style & 64 != 0 {
        format = format.indian_groups();
    }
    if let Ok(money) = format.money(text, currency) {
        let printed = money.digits().to_string();
        assert_eq!(bare(&printed), bare(text), "{text:?} is {money}");
        assert_eq!(Money::parse(&printed, currency).ok(), Some(money));
        assert_eq!(NumberFormat::point().money(&money.to_string(), currency).ok(), Some(money));
    }
    if let Ok(plain) = Money::parse(text, currency) {
        assert_eq!(NumberFormat::point().money(text, currency).ok(), Some(plain));
    }
});
