//! Where a customer lives: a country, an area, the beginning of a postcode.

use std::{fmt, str::FromStr};

use super::Label;
use crate::Error;

/// A country by its two-letter code (ISO 3166-1, and `XK` for Kosovo, which has none of its own there).
///
/// # Example
/// ```
/// use patronage::domain::Country;
///
/// let germany: Country = "DE".parse()?;
/// assert_eq!(germany.code(), "DE");
/// assert!("de".parse::<Country>().is_err() && "ZZ".parse::<Country>().is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Country([u8; 2]);

const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
     BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
     EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
     HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU \
     LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR \
     NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM \
     SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG \
     VI VN VU WF WS XK YE YT ZA ZM ZW";

impl Country {
    /// The two-letter code, in capital letters.
    pub fn code(&self) -> &str {
        // The constructor took the bytes from a `str`.
        str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl FromStr for Country {
    type Err = Error;

    /// Reads a code in capital letters.
    ///
    /// # Errors
    /// If the code is not one in use.
    fn from_str(code: &str) -> Result<Self, Error> {
        let mut codes = COUNTRIES.split_whitespace();
        let found = codes.find(|&known| known == code);
        let bytes = found.and_then(|code| code.as_bytes().try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            Error::parameter("country", code, "is not an ISO 3166-1 code of two capital letters")
        })
    }
}

impl TryFrom<String> for Country {
    type Error = Error;

    /// # Errors
    /// If the code is not one in use.
    fn try_from(code: String) -> Result<Self, Error> {
        code.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where a customer lives: a country, perhaps an area in it, perhaps the beginning of a postcode.
///
/// # Example
/// ```
/// use patronage::domain::{Detail, Region};
///
/// let home = Region::new("DE".parse()?).area("Bavaria".parse()?).postcode_prefix("80331")?;
/// assert_eq!(home.to_string(), "DE, Bavaria, 80331");
/// assert_eq!(home.coarsen(Detail::Postcode(2)).to_string(), "DE, Bavaria, 80");
/// assert_eq!(home.coarsen(Detail::Country).to_string(), "DE");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Region {
    country: Country,
    area: Option<Label>,
    postcode_prefix: Option<Prefix>,
}

/// How much of a [`Region`] to keep.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Detail {
    /// The country alone.
    Country,
    /// The country and the area.
    Area,
    /// The country, the area, and at most so many characters of the postcode.
    Postcode(u8),
}

impl Region {
    /// Somewhere in a country.
    pub const fn new(country: Country) -> Self {
        Self { country, area: None, postcode_prefix: None }
    }

    /// The area within the country: a state, a county, a city, as the host divides it.
    #[must_use]
    pub fn area(self, area: Label) -> Self {
        Self { area: Some(area), ..self }
    }

    /// The beginning of the postcode, as much of it as the host wants to keep.
    ///
    /// # Errors
    /// If it has none or more than 10 characters, or others than ASCII capital letters and digits, with
    /// single spaces or hyphens between them.
    pub fn postcode_prefix(self, prefix: &str) -> Result<Self, Error> {
        let postcode_prefix = Some(Prefix::new(prefix)?);
        Ok(Self { postcode_prefix, ..self })
    }

    /// The country.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The area, where it is known.
    pub fn area_name(&self) -> Option<&Label> {
        self.area.as_ref()
    }

    /// The beginning of the postcode, where it is known.
    pub fn postcode(&self) -> Option<&str> {
        self.postcode_prefix.as_ref().map(|prefix| &*prefix.0)
    }

    /// The same place with no more than the detail asked for.
    #[must_use]
    pub fn coarsen(&self, to: Detail) -> Self {
        let (keep_area, characters) = match to {
            Detail::Country => (false, 0),
            Detail::Area => (true, 0),
            Detail::Postcode(characters) => (true, usize::from(characters)),
        };
        Self {
            country: self.country,
            area: self.area.clone().filter(|_| keep_area),
            postcode_prefix: self.postcode_prefix.as_ref().and_then(|prefix| prefix.shorten(characters)),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.country)?;
        if let Some(area) = &self.area {
            write!(f, ", {area}")?;
        }
        if let Some(Prefix(prefix)) = &self.postcode_prefix {
            write!(f, ", {prefix}")?;
        }
        Ok(())
    }
}

/// The beginning of a postcode. ASCII, so that it can be cut anywhere.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
struct Prefix(Box<str>);

impl Prefix {
    fn new(text: &str) -> Result<Self, Error> {
        let mut parts = text.split([' ', '-']);
        let plain = |part: &str| {
            let mut bytes = part.bytes();
            !part.is_empty() && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        if text.len() > 10 || !parts.all(plain) {
            return Err(Error::parameter(
                "postcode prefix",
                text.chars().take(20).collect::<String>().escape_debug(),
                "must be 1 to 10 capital letters and digits, with single spaces or hyphens between them",
            ));
        }
        Ok(Self(text.into()))
    }

    /// At most so many characters; `None` if that leaves nothing.
    fn shorten(&self, characters: usize) -> Option<Self> {
        let kept = self.0.get(..characters).unwrap_or(&self.0);
        let kept = kept.trim_end_matches([' ', '-']);
        (!kept.is_empty()).then(|| Self(kept.into()))
    }
}

impl TryFrom<String> for Prefix {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_the_249_codes_in_order_and_kosovo() {
        let codes: Vec<&str> = COUNTRIES.split_whitespace().collect();
        assert_eq!(codes.len(), 250);
        assert!(codes.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_postcode_is_cut_between_its_parts() {
        let london = Region::new("GB".parse().unwrap()).postcode_prefix("SW1A 1AA").unwrap();
        let postcode =
            |characters| london.coarsen(Detail::Postcode(characters)).postcode().map(str::to_owned);
        assert_eq!(postcode(5).as_deref(), Some("SW1A"));
        assert_eq!(postcode(255).as_deref(), Some("SW1A 1AA"));
        assert_eq!(postcode(0), None);
    }

    #[test]
    fn refuses_what_is_no_postcode() {
        for text in ["", " ", "80331 ", "80--331", "äöü", "12345678901", "8033;1", "sw1"] {
            let region = Region::new("DE".parse().unwrap());
            assert!(region.postcode_prefix(text).is_err(), "{text:?}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn reads_what_it_writes_and_nothing_invalid() {
        let home = Region::new("FR".parse().unwrap()).postcode_prefix("75").unwrap();
        let json = serde_json::to_string(&home).unwrap();
        assert_eq!(json, r#"{"country":"FR","area":null,"postcode_prefix":"75"}"#);
        assert_eq!(serde_json::from_str::<Region>(&json).unwrap(), home);
        for bad in [json.replace("FR", "ZZ"), json.replace("75", ""), json.replace("null", "\"\"")] {
            assert!(serde_json::from_str::<Region>(&bad).is_err(), "{bad}");
        }
    }
}
