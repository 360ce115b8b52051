//! What saved models are made of: the schema version that each begins with, and real numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::error::{Error, ErrorKind};

/// The first field of a saved model: written as `SUPPORTED`, refused on reading if it is newer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct SchemaVersion<const SUPPORTED: u32>;

impl<const SUPPORTED: u32> Serialize for SchemaVersion<SUPPORTED> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(SUPPORTED)
    }
}

impl<'de, const SUPPORTED: u32> Deserialize<'de> for SchemaVersion<SUPPORTED> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let found = u32::deserialize(from)?;
        if found > SUPPORTED {
            let supported = SUPPORTED;
            let refused: Error = ErrorKind::Schema { found, supported }.into();
            return Err(D::Error::custom(refused));
        }
        Ok(Self)
    }
}

/// A real number, saved as its shortest decimal text.
///
/// From it every format gives the same bits again; a reader of JSON may move the last bit of a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Exact(pub(crate) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // As `Debug` shows it, which has an exponent where zeros would fill the line.
        to.collect_str(&format_args!("{:?}", self.0))
    }
}

impl<'de> Deserialize<'de> for Exact {
    /// Finite, or it is refused: nothing that is saved is not.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = text.parse().ok().filter(|real: &f64| real.is_finite());
        let refused = || D::Error::custom(Error::parameter("saved number", &text, "is not a finite number"));
        read.map(Self).ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_finite_number_is_read_to_the_bit(bits in any::<u64>()) {
            let real = f64::from_bits(bits);
            let json = serde_json::to_string(&Exact(real)).unwrap();
            let read = serde_json::from_str::<Exact>(&json);
            prop_assert_eq!(read.ok().map(|read| read.0.to_bits()), real.is_finite().then_some(bits));
        }
    }

    #[test]
    fn a_number_reads_as_a_number() {
        for (real, known) in
            [(102.0 / 11.0, r#""9.272727272727273""#), (1e300, r#""1e300""#), (-0.5, r#""-0.5""#)]
        {
            assert_eq!(serde_json::to_string(&Exact(real)).unwrap(), known);
        }
        for bad in [r#""""#, r#""nan""#, r#""inf""#, r#""1e999""#, r#""1,5""#, "1.5"] {
            assert!(serde_json::from_str::<Exact>(bad).is_err(), "{bad}");
        }
    }
}
