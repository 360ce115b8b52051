//! Short texts that a host chooses: names of plans, campaigns, topics, attributes.

use std::{fmt, str::FromStr, sync::Arc};

use crate::Error;

/// A short text that a host chooses: the name of a plan, a campaign, a topic, an attribute.
///
/// It has 1 to 200 characters, none of them a control character, and neither begins nor ends with white
/// space. Labels are ordered by their bytes. A clone costs no allocation.
///
/// # Example
/// ```
/// use patronage::domain::Label;
///
/// let plan: Label = "Gold, yearly".parse()?;
/// assert_eq!(plan.as_str(), "Gold, yearly");
/// assert!("".parse::<Label>().is_err());
/// assert!("two\nlines".parse::<Label>().is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Label(Arc<str>);

const MOST_CHARACTERS: usize = 200;
const RULE: &str = "must have 1 to 200 characters, no control character, and no white space at its ends";

impl Label {
    /// Takes a text as it is.
    ///
    /// # Errors
    /// If the text is empty or longer than 200 characters, has a control character, or begins or ends with
    /// white space.
    pub fn new(text: &str) -> Result<Self, Error> {
        let fits = !text.is_empty() && text.chars().take(MOST_CHARACTERS + 1).count() <= MOST_CHARACTERS;
        if !fits || text.trim() != text || text.chars().any(char::is_control) {
            // A hostile text may be long: the message quotes its beginning.
            let shown: String = text.chars().take(MOST_CHARACTERS).collect();
            return Err(Error::parameter("label", shown.escape_debug(), RULE));
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = Error;

    /// # Errors
    /// As [`Label::new`].
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Label {
    type Error = Error;

    /// # Errors
    /// As [`Label::new`].
    fn try_from(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<String> for Label {
    type Error = Error;

    /// # Errors
    /// As [`Label::new`].
    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.as_str().to_owned()
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_no_report_could_show() {
        let long = "ä".repeat(201);
        for text in ["", " ", " a", "a\t", "a\0b", "\u{a0}a", long.as_str()] {
            assert!(Label::new(text).is_err(), "{text:?}");
        }
        assert!(Label::new(&"ä".repeat(200)).is_ok());
    }
}
