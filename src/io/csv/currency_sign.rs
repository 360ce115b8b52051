//! What stands around the digits of an amount: minus signs, parentheses, and the sign of a currency.

use crate::domain::{Currency, decimal::NOT_A_NUMBER};

use super::number::{is_minus, is_space};

const OTHER_CURRENCY: &str = "has the sign of another currency";

/// The digits and marks of a number, and its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stripped<'a> {
    pub(super) digits: &'a str,
    pub(super) negative: bool,
}

/// Signs of currencies and the codes that use them. A sign that begins like another stands before it.
const SIGNS: [(&str, &str); 44] = [
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("C$", "CAD NIO"),
    ("HK$", "HKD"),
    ("NZ$", "NZD"),
    ("NT$", "TWD"),
    ("MX$", "MXN"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    (
        "$",
        "USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP CVE DOP FJD GYD HKD JMD KYD LRD MXN NAD \
         NIO NZD SBD SGD SRD SSP SVC TTD TWD UYU XCD",
    ),
    ("€", "EUR"),
    ("£", "GBP EGP FKP GIP LBP SDG SHP SSP SYP"),
    ("¥", "JPY CNY"),
    ("￥", "JPY CNY"),
    ("元", "CNY"),
    ("円", "JPY"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₩", "KRW KPW"),
    ("₪", "ILS"),
    ("₺", "TRY"),
    ("₴", "UAH"),
    ("₦", "NGN"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("₱", "PHP CUP"),
    ("₡", "CRC SVC"),
    ("₲", "PYG"),
    ("₸", "KZT"),
    ("₼", "AZN"),
    ("₾", "GEL"),
    ("₵", "GHS"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("kr", "SEK NOK DKK ISK"),
    ("lei", "RON MDL"),
    ("Fr.", "CHF"),
    ("Rs", "INR LKR MUR NPR PKR SCR"),
    ("Rp", "IDR"),
    ("RM", "MYR"),
    ("R", "ZAR"),
];

/// Takes away, from both ends and in any order, at most one minus (or plus, or pair of parentheses), one
/// sign of the currency and one code of it: some write both, `$5.00 USD`.
pub(super) fn strip(text: &str, currency: Option<Currency>) -> Result<Stripped<'_>, &'static str> {
    let mut peel = Peel { rest: text, negative: None, sign_of: currency, code_of: currency };
    loop {
        peel.rest = peel.rest.trim_matches(is_space);
        let before = peel.rest.len();
        peel.minus();
        peel.code()?;
        peel.sign()?;
        if peel.rest.len() == before {
            break;
        }
    }
    if peel.rest.is_empty() {
        return Err(NOT_A_NUMBER);
    }
    Ok(Stripped { digits: peel.rest, negative: peel.negative.unwrap_or(false) })
}

struct Peel<'a> {
    rest: &'a str,
    /// `None` until a minus or plus was met: there is room for one.
    negative: Option<bool>,
    /// `None` once a sign was met, or where none may stand.
    sign_of: Option<Currency>,
    /// The same for the code.
    code_of: Option<Currency>,
}

impl Peel<'_> {
    fn minus(&mut self) {
        if self.negative.is_some() {
            return;
        }
        let in_parentheses = self.rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let minus = in_parentheses
            .or_else(|| self.rest.strip_prefix(is_minus))
            .or_else(|| self.rest.strip_suffix(is_minus));
        if let Some(rest) = minus {
            self.rest = rest;
            self.negative = Some(true);
        } else if let Some(rest) = self.rest.strip_prefix('+') {
            self.rest = rest;
            self.negative = Some(false);
        }
    }

    fn code(&mut self) -> Result<(), &'static str> {
        if let Some(expected) = self.code_of
            && let Some((rest, agrees)) = code(self.rest, expected)
        {
            require(agrees)?;
            self.rest = rest;
            self.code_of = None;
        }
        Ok(())
    }

    fn sign(&mut self) -> Result<(), &'static str> {
        if let Some(expected) = self.sign_of
            && let Some((rest, agrees)) = sign(self.rest, expected)
        {
            require(agrees)?;
            self.rest = rest;
            self.sign_of = None;
        }
        Ok(())
    }
}

fn require(agrees: bool) -> Result<(), &'static str> {
    if agrees { Ok(()) } else { Err(OTHER_CURRENCY) }
}

/// What is left beside an ISO code at either end, and whether it is the one expected.
fn code(text: &str, expected: Currency) -> Option<(&str, bool)> {
    let known = |code: &str| {
        let capitals = code.bytes().all(|byte| byte.is_ascii_uppercase());
        let found = capitals.then(|| code.parse::<Currency>().ok())?;
        found.map(|found| found == expected)
    };
    let front = text.split_at_checked(3);
    let back = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at));
    let at_front = front.and_then(|(code, rest)| Some((rest, known(code)?)));
    at_front.or_else(|| back.and_then(|(rest, code)| Some((rest, known(code)?))))
}

/// What is left beside a currency's sign at either end, and whether the expected currency uses it.
fn sign(text: &str, expected: Currency) -> Option<(&str, bool)> {
    SIGNS.iter().find_map(|(sign, codes)| {
        let rest = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign))?;
        Some((rest, codes.split(' ').any(|code| code == expected.code())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Result<(&str, bool), &'static str> {
        strip(text, Some(Currency::USD)).map(|stripped| (stripped.digits, stripped.negative))
    }

    #[test]
    fn one_sign_and_one_currency_may_stand_at_either_end() {
        for text in [
            "-$5",
            "$-5",
            "5-",
            "5 -",
            "$5-",
            "(5)",
            "($5)",
            "$(5)",
            "(5)$",
            "-5 USD",
            "USD -5",
            "USD5-",
            "\u{2212}5",
            "\u{2212}US$5",
            "( 5 )",
            "-5$",
            "-\u{a0}5\u{202f}$",
        ] {
            assert_eq!(usd(text), Ok(("5", true)), "{text}");
        }
        for text in ["+5", "$5", "5 $", "USD 5", "5USD", "+$5", "$5 USD"] {
            assert_eq!(usd(text), Ok(("5", false)), "{text}");
        }
    }

    #[test]
    fn a_second_sign_stays_and_so_is_no_number() {
        assert_eq!(usd("--5"), Ok(("-5", true)));
        assert_eq!(usd("(-5)"), Ok(("-5", true)));
        assert_eq!(usd("-5-"), Ok(("5-", true)));
        assert_eq!(usd("$$5"), Ok(("$5", false)));
        assert_eq!(usd("USD 5 USD"), Ok(("5 USD", false)));
        assert_eq!(usd("(5"), Ok(("(5", false)));
        for text in ["", "-", "$", "()", "USD", " "] {
            assert_eq!(usd(text), Err(NOT_A_NUMBER), "{text:?}");
        }
    }

    #[test]
    fn another_currency_contradicts() {
        for text in ["€5", "5 EUR", "5 kr", "A$5", "R5", "EUR", "5Ft"] {
            assert_eq!(usd(text), Err(OTHER_CURRENCY), "{text}");
        }
        assert_eq!(strip("kr 5", "SEK".parse().ok()).map(|s| s.digits), Ok("5"));
        assert_eq!(strip("R$ 5", "BRL".parse().ok()).map(|s| s.digits), Ok("5"));
        assert_eq!(strip("$5", None).map(|s| s.digits), Ok("$5"));
    }

    #[test]
    fn no_sign_hides_a_longer_one_behind_it() {
        for (at, (sign, codes)) in SIGNS.iter().enumerate() {
            let hidden = |(later, _): &&(&str, &str)| {
                *later != *sign && (later.starts_with(sign) || later.ends_with(sign))
            };
            assert_eq!(SIGNS[at + 1..].iter().find(hidden), None, "{sign}");
            assert!(codes.split(' ').all(|code| code.parse::<Currency>().is_ok()), "{sign}");
        }
    }
}
