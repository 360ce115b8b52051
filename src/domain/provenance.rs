//! Where a piece of knowledge about a customer came from, and how carefully it must be held.

use super::Label;

/// Where a piece of knowledge about a customer came from.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Provenance {
    /// The customer said so. The default.
    #[default]
    Provided,
    /// The host worked it out.
    Inferred,
    /// Someone else said so.
    ThirdParty {
        /// Who.
        source: Label,
    },
}

impl Provenance {
    /// Whether someone other than the customer and the host said so.
    pub fn is_third_party(&self) -> bool {
        matches!(self, Self::ThirdParty { .. })
    }
}

/// How carefully a piece of knowledge must be held.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Sensitivity {
    /// Like any other. The default.
    #[default]
    Ordinary,
    /// It can reveal a protected trait (income, health, belief, origin, gender): models leave it out unless
    /// the host asks for it by name.
    Special,
}

/// A value together with where it came from. A bare value turns into one that the customer
/// [provided](Provenance::Provided).
///
/// # Example
/// ```
/// use patronage::domain::{BirthYears, Known, Provenance};
///
/// let said: Known<BirthYears> = BirthYears::decade(1987)?.into();
/// let guessed = Known::new(BirthYears::decade(1987)?, Provenance::Inferred);
/// assert_ne!(said, guessed);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub provenance: Provenance,
}

impl<T> Known<T> {
    /// A value and where it came from.
    pub const fn new(value: T, provenance: Provenance) -> Self {
        Self { value, provenance }
    }
}

impl<T> From<T> for Known<T> {
    fn from(value: T) -> Self {
        Self::new(value, Provenance::Provided)
    }
}
