//! Exact decimal numbers on their way from text to minor units.

#[cfg(feature = "csv")]
use std::cmp::Ordering;

/// `digits / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i128,
    scale: u32,
}

pub(crate) const NOT_A_NUMBER: &str = "is not a decimal number";
pub(crate) const TOO_LARGE: &str = "is too large";
pub(crate) const TOO_MANY_DECIMALS: &str = "has more decimals than its unit";

pub(crate) const TOO_MANY_DIGITS: &str = "has more decimals than can be reckoned with exactly";

// An i128 holds any 38 digits. What is computed from them may not fit, which is then said.
const MOST_DIGITS: usize = 36;

impl Decimal {
    #[cfg(feature = "rust_decimal")]
    pub(crate) fn new(digits: i128, scale: u32) -> Self {
        Self { digits, scale }
    }

    /// Reads an optional sign, digits, and an optional `.` with digits: at least one digit in all.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (negative, unsigned) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        // Trailing zeros say nothing: 1.500 is 1.5.
        let kept = fraction.trim_end_matches('0');
        if whole.is_empty() && fraction.is_empty() {
            return Err(NOT_A_NUMBER);
        }
        let mut digits: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return Err(NOT_A_NUMBER);
            }
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > MOST_DIGITS {
            return Err(TOO_LARGE);
        }
        if whole.len() + kept.len() > MOST_DIGITS {
            return Err(TOO_MANY_DIGITS);
        }
        for digit in whole.bytes().chain(kept.bytes()) {
            digits = digits * 10 + i128::from(digit - b'0');
        }
        Ok(Self { digits: if negative { -digits } else { digits }, scale: kept.len() as u32 })
    }

    /// Whole units of `10^-decimals`, or why there are none.
    pub(crate) fn to_units(self, decimals: u32) -> Result<i64, &'static str> {
        let units = if self.scale <= decimals {
            self.widened(decimals)?
        } else {
            let divisor = 10_i128.checked_pow(self.scale - decimals).ok_or(TOO_MANY_DECIMALS)?;
            if self.digits % divisor != 0 {
                return Err(TOO_MANY_DECIMALS);
            }
            self.digits / divisor
        };
        i64::try_from(units).map_err(|_| TOO_LARGE)
    }

    fn widened(self, scale: u32) -> Result<i128, &'static str> {
        let factor = 10_i128.checked_pow(scale - self.scale).ok_or(TOO_LARGE)?;
        self.digits.checked_mul(factor).ok_or(TOO_LARGE)
    }
}

#[cfg(feature = "csv")]
impl Decimal {
    /// The exact product.
    pub(crate) fn times(self, other: Self) -> Result<Self, &'static str> {
        let scale = self.scale + other.scale;
        let digits = self.digits.checked_mul(other.digits).ok_or_else(|| does_not_fit(scale))?;
        Ok(Self { digits, scale })
    }

    /// The exact difference.
    pub(crate) fn minus(self, other: Self) -> Result<Self, &'static str> {
        let scale = self.scale.max(other.scale);
        let widened = |number: Self| number.widened(scale).ok();
        let digits = widened(self).zip(widened(other)).and_then(|(from, less)| from.checked_sub(less));
        Ok(Self { digits: digits.ok_or_else(|| does_not_fit(scale))?, scale })
    }

    /// -1, 0 or 1.
    pub(crate) fn signum(self) -> i128 {
        self.digits.signum()
    }

    /// Whole units of `10^-decimals`, halves to even, and whether that changed the value.
    pub(crate) fn to_units_rounded(self, decimals: u32) -> Result<(i64, bool), &'static str> {
        if let Ok(exact) = self.to_units(decimals) {
            return Ok((exact, false));
        }
        if self.scale <= decimals {
            return Err(TOO_LARGE);
        }
        let Some(divisor) = 10_i128.checked_pow(self.scale - decimals) else {
            // No i128 comes to half of 10^39.
            return Ok((0, true));
        };
        let (whole, rest) = (self.digits.div_euclid(divisor), self.digits.rem_euclid(divisor));
        // Twice the rest may not fit; what is missing to the next unit does.
        let up = match rest.cmp(&(divisor - rest)) {
            Ordering::Less => 0,
            Ordering::Equal => whole.rem_euclid(2),
            Ordering::Greater => 1,
        };
        let units = i64::try_from(whole + up).map_err(|_| TOO_LARGE)?;
        Ok((units, true))
    }
}

/// Why the digits of a number with so many decimals do not fit.
#[cfg(feature = "csv")]
fn does_not_fit(scale: u32) -> &'static str {
    if scale == 0 { TOO_LARGE } else { TOO_MANY_DIGITS }
}

#[cfg(all(test, feature = "csv"))]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact() {
        let price = Decimal::parse("0.001").unwrap();
        let quantity = Decimal::parse("1000").unwrap();
        assert_eq!(price.times(quantity).unwrap().to_units(2), Ok(100));
        assert_eq!(price.to_units(2), Err(TOO_MANY_DECIMALS));
    }

    #[test]
    fn halves_go_to_even_when_rounding_is_asked_for() {
        let cases = [("0.005", 0), ("0.015", 2), ("-0.005", 0), ("-0.015", -2), ("0.0051", 1)];
        for (text, cents) in cases {
            let rounded = Decimal::parse(text).unwrap().to_units_rounded(2).unwrap();
            assert_eq!(rounded.0, cents, "{text}");
        }
    }

    fn product(quantity: &str, price: &str, decimals: u32) -> Result<(i64, bool), &'static str> {
        Decimal::parse(price)?.times(Decimal::parse(quantity)?)?.to_units_rounded(decimals)
    }

    #[test]
    fn the_longest_numbers_are_rounded_as_short_ones_are() {
        let nines = "0.9999999999999999999";
        assert_eq!(product(nines, nines, 0), Ok((1, true)));
        assert_eq!(product(nines, &format!("-{nines}"), 0), Ok((-1, true)));
        assert_eq!(product("0.5", "0.9999999999999999999", 0), Ok((0, true)));
        assert_eq!(product("0.5", "1.0000000000000000001", 0), Ok((1, true)));
        for (text, cents) in [
            ("1.0000000000000000001", 100),
            ("0.005000000000000000000000000000000001", 1),
            ("-0.005000000000000000000000000000000001", -1),
            ("0.015000000000000000000000000000000000", 2),
            ("92233720368547758.070000000000000001", i64::MAX),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_units_rounded(2), Ok((cents, true)), "{text}");
        }
        let tiny = format!("0.{}1", "0".repeat(35));
        assert_eq!(product(&tiny, &tiny, 2), Ok((0, true)));
        assert_eq!(product(&tiny, &format!("-{tiny}"), 2), Ok((0, true)));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let long = format!("1.{}1", "0".repeat(34));
        assert_eq!(product(&long, &long, 2), Err(TOO_MANY_DIGITS));
        let (large, fine) = (Decimal::parse(&"9".repeat(36)).unwrap(), Decimal::parse("0.0001").unwrap());
        assert_eq!(large.times(large), Err(TOO_LARGE));
        assert_eq!(large.minus(fine), Err(TOO_MANY_DIGITS));
        assert_eq!(large.to_units_rounded(4), Err(TOO_LARGE));
        assert_eq!(Decimal::parse(&format!("0.{}1", "0".repeat(36))), Err(TOO_MANY_DIGITS));
        assert_eq!(Decimal::parse("92233720368547758.075").unwrap().to_units_rounded(2), Err(TOO_LARGE));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "+", "-", ".", "--1", "1,5", "0x1", "١", "1.-5", "1 000"] {
            assert_eq!(Decimal::parse(text), Err(NOT_A_NUMBER), "{text:?}");
        }
        assert_eq!(Decimal::parse(&"9".repeat(40)), Err(TOO_LARGE));
        assert_eq!(Decimal::parse("-.5").unwrap().to_units(1), Ok(-5));
    }
}
