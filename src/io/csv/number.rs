//! How numbers are written in a file, and their exact value.

use crate::{
    Error,
    domain::{
        Currency, Money,
        decimal::{Decimal, NOT_A_NUMBER, TOO_LARGE, TOO_MANY_DIGITS},
    },
};

use super::currency_sign::{self, Stripped};

/// How numbers are written: the decimal mark, and the thousands mark if there is one.
///
/// `1,234` is twelve hundred in London and a little over one in Berlin, so neither mark is ever guessed.
/// The default is [`NumberFormat::point`]: `1234.56`, without thousands marks.
///
/// In every format an amount may have
/// * a sign before or after it: `-5`, `5-`, `−5` with the typographic minus, or parentheses `(5)` for a negative;
/// * the sign or the ISO code of the currency before or after it: `$5`, `5 €`, `USD 5`, `-$5`, `($5)`. One
///   that belongs to another currency is an error.
///
/// # Example
/// ```
/// use patronage::{domain::Currency, io::csv::NumberFormat};
///
/// let german = NumberFormat::comma().thousands('.')?;
/// assert_eq!(german.money("1.234,50 €", Currency::EUR)?.minor(), 123_450);
/// assert!(german.money("1.23,50", Currency::EUR).is_err());
/// assert!(german.money("$5", Currency::EUR).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NumberFormat {
    decimal: char,
    thousands: Option<Mark>,
    indian: bool,
}

/// A thousands mark. Spaces and apostrophes have several characters that look alike and mean the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mark {
    Comma,
    Point,
    Apostrophe,
    Space,
}

const NO_BREAK_SPACE: char = '\u{a0}';
const NARROW_NO_BREAK_SPACE: char = '\u{202f}';
const MINUS: char = '\u{2212}';

const OTHER_FORMAT: &str = "is no number in the stated number format";
const BAD_GROUPS: &str = "has misplaced thousands marks";

impl Mark {
    fn of(mark: char) -> Option<Self> {
        match mark {
            ',' => Some(Self::Comma),
            '.' => Some(Self::Point),
            '\'' | '\u{2019}' => Some(Self::Apostrophe),
            ' ' | NO_BREAK_SPACE | NARROW_NO_BREAK_SPACE => Some(Self::Space),
            _ => None,
        }
    }
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self::point()
    }
}

impl NumberFormat {
    /// A point before the decimals and no thousands marks: `1234.56`.
    pub const fn point() -> Self {
        Self { decimal: '.', thousands: None, indian: false }
    }

    /// A comma before the decimals and no thousands marks: `1234,56`.
    pub const fn comma() -> Self {
        Self { decimal: ',', thousands: None, indian: false }
    }

    /// States the thousands mark: a comma, a point, an apostrophe or a space (a plain one stands for the
    /// no-break spaces U+00A0 and U+202F too).
    ///
    /// Numbers with and without marks may then stand side by side, but where there are marks they must
    /// part every three digits.
    ///
    /// # Errors
    /// If the mark is none of these, or is the decimal mark.
    pub fn thousands(self, mark: char) -> Result<Self, Error> {
        let refused = |rule| Error::parameter("thousands mark", mark, rule);
        let known =
            Mark::of(mark).ok_or_else(|| refused("must be a comma, a point, an apostrophe or a space"))?;
        if mark == self.decimal {
            return Err(refused("is the decimal mark"));
        }
        Ok(Self { thousands: Some(known), ..self })
    }

    /// Thousands marks part the last three digits and then every two, as in `12,34,567`.
    #[must_use]
    pub const fn indian_groups(self) -> Self {
        Self { indian: true, ..self }
    }

    /// Reads an amount of major units, exactly.
    ///
    /// # Errors
    /// If the text is no number in this format, has the sign of another currency, has more decimals than
    /// the currency (trailing zeros aside), or does not fit.
    pub fn money(&self, text: &str, currency: Currency) -> Result<Money, Error> {
        self.amount(text.trim(), currency)
            .and_then(|number| number.to_units(currency.decimals()))
            .map(|minor| Money::of_minor(minor, currency))
            .map_err(|rule| Error::parameter("amount", text, rule))
    }

    /// A number that may carry the currency's sign.
    pub(super) fn amount(self, text: &str, currency: Currency) -> Result<Decimal, &'static str> {
        if self.is_plain(text) {
            return Decimal::parse(text);
        }
        self.bare(currency_sign::strip(text, Some(currency))?)
    }

    /// A number without a unit.
    pub(super) fn number(self, text: &str) -> Result<Decimal, &'static str> {
        if self.is_plain(text) {
            return Decimal::parse(text);
        }
        self.bare(currency_sign::strip(text, None)?)
    }

    /// Whether `Decimal::parse` reads it as this format means it: the way of nearly every number.
    fn is_plain(self, text: &str) -> bool {
        let point = self.decimal == '.';
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit() || (point && byte == b'.'))
    }

    /// Digits and marks alone, written again as `Decimal::parse` reads them.
    fn bare(self, stripped: Stripped<'_>) -> Result<Decimal, &'static str> {
        let mut plain = Plain::default();
        if stripped.negative {
            plain.push(b'-')?;
        }
        let (whole, fraction) = stripped.digits.split_once(self.decimal).unwrap_or((stripped.digits, ""));
        self.ungroup(whole, &mut plain)?;
        // The point is written even where no decimals follow, so that a lone mark stays no number.
        plain.push(b'.')?;
        let kept = fraction.trim_end_matches('0');
        for mark in kept.chars() {
            plain.push(digit(mark)?).map_err(|_| TOO_MANY_DIGITS)?;
        }
        if kept.len() < fraction.len() {
            plain.push(b'0')?;
        }
        Decimal::parse(plain.as_str()?)
    }

    /// The digits before the decimal mark, without their thousands marks.
    fn ungroup(self, whole: &str, plain: &mut Plain) -> Result<(), &'static str> {
        let mut groups = Groups::new(self.indian);
        for mark in whole.chars() {
            if self.thousands.is_some() && Mark::of(mark) == self.thousands {
                groups.close()?;
            } else {
                plain.push_whole(digit(mark)?)?;
                groups.digits += 1;
            }
        }
        groups.end()
    }
}

fn digit(mark: char) -> Result<u8, &'static str> {
    match u8::try_from(mark) {
        Ok(byte) if byte.is_ascii_digit() => Ok(byte),
        _ if Mark::of(mark).is_some() => Err(OTHER_FORMAT),
        _ => Err(NOT_A_NUMBER),
    }
}

/// Keeps account of the digits between thousands marks.
struct Groups {
    closed: u32,
    digits: u32,
    between: u32,
}

impl Groups {
    fn new(indian: bool) -> Self {
        Self { closed: 0, digits: 0, between: if indian { 2 } else { 3 } }
    }

    /// A mark stands here: the first group may be short, the others not.
    fn close(&mut self) -> Result<(), &'static str> {
        let least = if self.closed == 0 { 1 } else { self.between };
        if self.digits < least || self.digits > self.between {
            return Err(BAD_GROUPS);
        }
        self.closed += 1;
        self.digits = 0;
        Ok(())
    }

    fn end(&self) -> Result<(), &'static str> {
        if self.closed > 0 && self.digits != 3 {
            return Err(BAD_GROUPS);
        }
        Ok(())
    }
}

/// A number as it is written anew, on the stack.
struct Plain {
    bytes: [u8; 64],
    len: usize,
}

impl Default for Plain {
    fn default() -> Self {
        Self { bytes: [0; 64], len: 0 }
    }
}

impl Plain {
    fn push(&mut self, byte: u8) -> Result<(), &'static str> {
        *self.bytes.get_mut(self.len).ok_or(TOO_LARGE)? = byte;
        self.len += 1;
        Ok(())
    }

    /// A digit before the point; leading zeros take no room.
    fn push_whole(&mut self, digit: u8) -> Result<(), &'static str> {
        if matches!(self.bytes[..self.len], [b'0'] | [b'-', b'0']) {
            self.len -= 1;
        }
        self.push(digit)
    }

    fn as_str(&self) -> Result<&str, &'static str> {
        str::from_utf8(&self.bytes[..self.len]).map_err(|_| NOT_A_NUMBER)
    }
}

/// Whether a character is a space, the no-break ones among them.
pub(super) fn is_space(mark: char) -> bool {
    Mark::of(mark) == Some(Mark::Space) || mark == '\t'
}

/// Whether a character is a minus, the typographic one too.
pub(super) fn is_minus(mark: char) -> bool {
    mark == '-' || mark == MINUS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::TOO_MANY_DECIMALS;

    fn cents(format: NumberFormat, text: &str) -> Result<i64, String> {
        let money = format.money(text, Currency::USD);
        money.map(Money::minor).map_err(|error| error.to_string())
    }

    #[test]
    fn marks_mean_what_was_stated() {
        let english = NumberFormat::point().thousands(',').unwrap();
        let german = NumberFormat::comma().thousands('.').unwrap();
        let french = NumberFormat::comma().thousands(' ').unwrap();
        let swiss = NumberFormat::point().thousands('\'').unwrap();
        let indian = english.indian_groups();
        let cases = [
            (NumberFormat::point(), "1234.5", 123_450),
            (NumberFormat::point(), "007.00", 700),
            (NumberFormat::comma(), "1234,5", 123_450),
            (NumberFormat::comma(), "12", 1200),
            (english, "1,234,567.89", 123_456_789),
            (english, "1234567.89", 123_456_789),
            (english, "($1,234.00)", -123_400),
            (english, "1,234", 123_400),
            (german, "1.234,5 ", 123_450),
            (german, "1.234", 123_400),
            (french, "1 234,50", 123_450),
            (french, "1\u{a0}234\u{202f}567,5\u{a0}$", 123_456_750),
            (swiss, "1\u{2019}234'567.05", 123_456_705),
            (indian, "12,34,567.5", 123_456_750),
            (indian, "1,00,000", 10_000_000),
            (indian, "99,999", 9_999_900),
            (english, ".5", 50),
            (german, "-,5", -50),
            (english, "5.", 500),
        ];
        for (format, text, expected) in cases {
            assert_eq!(cents(format, text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_number() {
        let english = NumberFormat::point().thousands(',').unwrap();
        let cases = [
            (NumberFormat::point(), "1,234", OTHER_FORMAT),
            (NumberFormat::comma(), "1.234", OTHER_FORMAT),
            (NumberFormat::comma(), "1,234,5", OTHER_FORMAT),
            (english, "1.234,5", OTHER_FORMAT),
            (english, "1,23", BAD_GROUPS),
            (english, "1234,567", BAD_GROUPS),
            (english, ",123", BAD_GROUPS),
            (english, "1,,234", BAD_GROUPS),
            (english, "1,234,", BAD_GROUPS),
            (english.indian_groups(), "123,456", BAD_GROUPS),
            (english, "", NOT_A_NUMBER),
            (english, ".", NOT_A_NUMBER),
            (english, "$.", NOT_A_NUMBER),
            (english, "NaN", NOT_A_NUMBER),
            (english, "1e3", NOT_A_NUMBER),
            (english, "--1", NOT_A_NUMBER),
            (english, "\u{661}", NOT_A_NUMBER),
            (english, "1.001", TOO_MANY_DECIMALS),
        ];
        for (format, text, rule) in cases {
            assert!(cents(format, text).unwrap_err().contains(rule), "{text}");
        }
        let zeros = "0".repeat(100);
        assert_eq!(cents(english, &format!("-${zeros}1.5{zeros}")), Ok(-150));
        assert_eq!(cents(english, &format!("${zeros}.{zeros}")), Ok(0));
        assert!(cents(english, &format!("$0.{zeros}1")).unwrap_err().contains(TOO_MANY_DIGITS));
        let long = format!("$1{zeros}");
        assert!(cents(english, &long).unwrap_err().contains(TOO_LARGE));
    }

    #[test]
    fn marks_may_not_contradict() {
        assert!(NumberFormat::point().thousands('.').is_err());
        assert!(NumberFormat::comma().thousands(',').is_err());
        assert!(NumberFormat::point().thousands('_').is_err());
    }
}
