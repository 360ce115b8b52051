//! What a host knows of a customer beyond the fields that the crate names.

use std::collections::BTreeSet;

use super::{Label, Provenance, Sensitivity};
use crate::Error;

/// A named value about a customer, with where it came from and how carefully it must be held.
///
/// # Example
/// ```
/// use patronage::domain::{Attribute, AttributeValue, Provenance, Sensitivity};
///
/// let income = Attribute::new("income band".parse()?, AttributeValue::text("40-60k")?)
///     .provenance(Provenance::ThirdParty { source: "a panel".parse()? })
///     .sensitivity(Sensitivity::Special);
/// assert!(income.is_third_party() && income.is_special());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Attribute {
    name: Label,
    value: AttributeValue,
    provenance: Provenance,
    sensitivity: Sensitivity,
}

impl Attribute {
    /// An ordinary value that the customer provided.
    pub fn new(name: Label, value: AttributeValue) -> Self {
        Self { name, value, provenance: Provenance::default(), sensitivity: Sensitivity::default() }
    }

    /// States where the value came from.
    #[must_use]
    pub fn provenance(self, provenance: Provenance) -> Self {
        Self { provenance, ..self }
    }

    /// States how carefully the value must be held.
    #[must_use]
    pub fn sensitivity(self, sensitivity: Sensitivity) -> Self {
        Self { sensitivity, ..self }
    }

    /// The name.
    pub fn name(&self) -> &Label {
        &self.name
    }

    /// The value.
    pub fn value(&self) -> &AttributeValue {
        &self.value
    }

    /// Where it came from.
    pub fn origin(&self) -> &Provenance {
        &self.provenance
    }

    /// Whether it can reveal a protected trait.
    pub fn is_special(&self) -> bool {
        self.sensitivity == Sensitivity::Special
    }

    /// Whether someone other than the customer and the host said so.
    pub fn is_third_party(&self) -> bool {
        self.provenance.is_third_party()
    }
}

/// The value of an [`Attribute`]: a text, a finite number, a flag, or several texts.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AttributeValue(Repr);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Repr {
    Text(Label),
    Number(Finite),
    Flag(bool),
    Several(BTreeSet<Label>),
}

impl AttributeValue {
    /// One of a set of texts, such as an income band.
    ///
    /// # Errors
    /// If the text is no [`Label`].
    pub fn text(text: &str) -> Result<Self, Error> {
        Ok(Self(Repr::Text(Label::new(text)?)))
    }

    /// A number, in the host's unit.
    ///
    /// # Errors
    /// If it is not finite.
    pub fn number(number: f64) -> Result<Self, Error> {
        Ok(Self(Repr::Number(number.try_into()?)))
    }

    /// Yes or no.
    pub const fn flag(flag: bool) -> Self {
        Self(Repr::Flag(flag))
    }

    /// Several texts, such as interests. Their order and repeats are not kept.
    pub fn several(texts: impl IntoIterator<Item = Label>) -> Self {
        Self(Repr::Several(texts.into_iter().collect()))
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&Label> {
        match &self.0 {
            Repr::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one: always finite.
    pub fn as_number(&self) -> Option<f64> {
        match self.0 {
            Repr::Number(number) => Some(number.into()),
            _ => None,
        }
    }

    /// The flag, if it is one.
    pub fn as_flag(&self) -> Option<bool> {
        match self.0 {
            Repr::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The texts in ascending order, if there are several.
    pub fn as_several(&self) -> Option<impl ExactSizeIterator<Item = &Label>> {
        match &self.0 {
            Repr::Several(texts) => Some(texts.iter()),
            _ => None,
        }
    }
}

/// A finite number by its bits, so that it can be compared and hashed. Zero has one sign.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
struct Finite(u64);

impl TryFrom<f64> for Finite {
    type Error = Error;

    fn try_from(number: f64) -> Result<Self, Error> {
        if !number.is_finite() {
            return Err(Error::parameter("attribute", number, "must be finite"));
        }
        // -0.0 + 0.0 is 0.0.
        Ok(Self((number + 0.0).to_bits()))
    }
}

impl From<Finite> for f64 {
    fn from(finite: Finite) -> Self {
        Self::from_bits(finite.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite_and_zero_is_zero() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(AttributeValue::number(bad).is_err());
        }
        let zero = |number| AttributeValue::number(number).unwrap();
        assert_eq!(zero(0.0), zero(-0.0));
        assert_eq!(zero(2.5).as_number(), Some(2.5));
    }

    #[test]
    fn several_are_a_set() {
        let labels = |texts: [&str; 3]| AttributeValue::several(texts.map(|text| text.parse().unwrap()));
        assert_eq!(labels(["tea", "bread", "tea"]), labels(["bread", "tea", "bread"]));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_value_reads_as_it_was_written_and_no_other() {
        let value = AttributeValue::number(0.1).unwrap();
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(json, r#"{"Number":0.1}"#);
        assert_eq!(serde_json::from_str::<AttributeValue>(&json).unwrap(), value);
        assert!(serde_json::from_str::<AttributeValue>(r#"{"Number":null}"#).is_err());
        assert!(serde_json::from_str::<AttributeValue>(r#"{"Text":""}"#).is_err());
    }
}
