//! The schema version that every saved model begins with.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
            return Err(serde::de::Error::custom(refused));
        }
        Ok(Self)
    }
}
