//! Money: whole minor units of a currency.

use std::{fmt, str::FromStr};

use super::decimal::Decimal;
use crate::{Error, error::ErrorKind};

/// A currency of ISO 4217, with the number of decimals of its minor unit.
///
/// # Example
/// ```
/// use patronage::domain::Currency;
///
/// assert_eq!(Currency::USD.decimals(), 2);
/// assert_eq!("JPY".parse::<Currency>()?.decimals(), 0);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

// The codes in use, by the decimals of their minor unit. Metals and testing codes have none and are left out.
const DECIMALS_0: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF \
     XPF";
const DECIMALS_2: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV \
     BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP \
     CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
     GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD \
     KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
     MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR \
     PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP \
     STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU \
     UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";
const DECIMALS_3: &str = "BHD IQD JOD KWD LYD OMR TND";
const DECIMALS_4: &str = "CLF UYW";

impl Currency {
    /// Euro.
    pub const EUR: Self = Self::known(*b"EUR", 2);
    /// United States dollar.
    pub const USD: Self = Self::known(*b"USD", 2);
    /// Pound sterling.
    pub const GBP: Self = Self::known(*b"GBP", 2);
    /// Swiss franc.
    pub const CHF: Self = Self::known(*b"CHF", 2);
    /// Japanese yen, which has no minor unit.
    pub const JPY: Self = Self::known(*b"JPY", 0);
    /// Bahraini dinar, of 1000 fils.
    pub const BHD: Self = Self::known(*b"BHD", 3);

    const fn known(code: [u8; 3], decimals: u8) -> Self {
        Self { code, decimals }
    }

    /// The three-letter code.
    pub fn code(&self) -> &str {
        // The constructor took the bytes from a `str`.
        str::from_utf8(&self.code).unwrap_or("???")
    }

    /// Decimals of the minor unit: 2 for cents, 0 where there is none.
    pub fn decimals(&self) -> u32 {
        u32::from(self.decimals)
    }

    /// Minor units in one major unit: 100 for cents.
    pub fn minor_per_major(&self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl FromStr for Currency {
    type Err = Error;

    /// Reads a code in capital letters.
    ///
    /// # Errors
    /// If the code is not one in use.
    fn from_str(code: &str) -> Result<Self, Error> {
        let tables = [(0, DECIMALS_0), (2, DECIMALS_2), (3, DECIMALS_3), (4, DECIMALS_4)];
        for (decimals, table) in tables {
            if let Some(found) = table.split_whitespace().find(|&known| known == code)
                && let Ok(code) = <[u8; 3]>::try_from(found.as_bytes())
            {
                return Ok(Self { code, decimals });
            }
        }
        Err(Error::parameter("currency", code, "is not an ISO 4217 code in use"))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of money: whole minor units (cents) of one currency. Negative where money goes back.
///
/// # Example
/// ```
/// use patronage::domain::{Currency, Money};
///
/// let price = Money::parse("29.33", Currency::USD)?;
/// assert_eq!(price.minor(), 2933);
/// assert_eq!(price.to_string(), "29.33 USD");
/// assert!(Money::parse("29.333", Currency::USD).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units: `Money::of_minor(2933, Currency::USD)` is 29.33 USD.
    pub const fn of_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::of_minor(0, currency)
    }

    /// Reads a plain decimal number (`-1234.5`) of major units, exactly.
    ///
    /// # Errors
    /// If the text is no such number, has more decimals than the currency (trailing zeros aside), or does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Error> {
        let fault = |rule| Error::parameter("amount", text, rule);
        let decimal = Decimal::parse(text).map_err(fault)?;
        let minor = decimal.to_units(currency.decimals()).map_err(fault)?;
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The amount in major units, for models and pictures. Exact up to 2^53 minor units.
    pub fn major(self) -> f64 {
        self.minor as f64 / self.currency.minor_per_major() as f64
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// If the currencies differ or the sum does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.currency.require(other.currency)?;
        let minor = self.minor.checked_add(other.minor);
        let minor = minor.ok_or(ErrorKind::Overflow { what: "sum of money" })?;
        Ok(Self { minor, ..self })
    }
}

impl Currency {
    /// # Errors
    /// If `found` is another currency.
    pub(crate) fn require(self, found: Self) -> Result<(), Error> {
        if self == found {
            return Ok(());
        }
        Err(ErrorKind::Currency { expected: self.to_string(), found: found.to_string() }.into())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Digits(*self), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Money {
    /// Shows the amount without its currency, with all decimals: `29.33`.
    pub fn digits(self) -> impl fmt::Display {
        Digits(self)
    }
}

struct Digits(Money);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money { minor, currency } = self.0;
        let per_major = currency.minor_per_major().unsigned_abs();
        let (whole, part) = (minor.unsigned_abs() / per_major, minor.unsigned_abs() % per_major);
        let width = currency.decimals() as usize;
        let text = if width == 0 { whole.to_string() } else { format!("{whole}.{part:0width$}") };
        f.pad_integral(minor >= 0, "", &text)
    }
}

#[cfg(feature = "rust_decimal")]
impl Money {
    /// Takes a decimal number of major units, exactly.
    ///
    /// # Errors
    /// If it has more decimals than the currency, or does not fit.
    pub fn from_decimal(amount: rust_decimal::Decimal, currency: Currency) -> Result<Self, Error> {
        let decimal = Decimal::new(amount.mantissa(), amount.scale());
        let minor =
            decimal.to_units(currency.decimals()).map_err(|rule| Error::parameter("amount", amount, rule))?;
        Ok(Self { minor, currency })
    }
}

#[cfg(feature = "rust_decimal")]
impl From<Money> for rust_decimal::Decimal {
    /// The amount in major units.
    fn from(money: Money) -> Self {
        Self::new(money.minor, money.currency.decimals())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_every_decimal_and_the_sign() {
        let show = |minor, currency| Money::of_minor(minor, currency).to_string();
        assert_eq!(show(-5, Currency::USD), "-0.05 USD");
        assert_eq!(show(1200, Currency::JPY), "1200 JPY");
        assert_eq!(show(1, Currency::BHD), "0.001 BHD");
        assert_eq!(show(i64::MIN, Currency::EUR), "-92233720368547758.08 EUR");
        assert_eq!(format!("{:>8}", Money::of_minor(150, Currency::USD).digits()), "    1.50");
    }

    #[test]
    fn reads_what_it_prints_and_never_rounds() {
        for minor in [0, 1, -1, 99, 100, i64::MAX, i64::MIN] {
            let money = Money::of_minor(minor, Currency::USD);
            let read = Money::parse(&money.digits().to_string(), Currency::USD).unwrap();
            assert_eq!(read, money);
        }
        for text in ["0.001", "", "-", ".", "1e3", "1.2.3", "92233720368547758.08", "NaN"] {
            assert!(Money::parse(text, Currency::USD).is_err(), "{text:?}");
        }
        assert_eq!(Money::parse("1.500", Currency::USD).unwrap().minor(), 150);
    }

    #[test]
    fn the_table_knows_each_code_once() {
        let all = [DECIMALS_0, DECIMALS_2, DECIMALS_3, DECIMALS_4].join(" ");
        let mut codes: Vec<&str> = all.split_whitespace().collect();
        let listed = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), listed);
        for code in codes {
            assert_eq!(code.parse::<Currency>().unwrap().code(), code);
        }
    }
}
