//! Measures as they are saved: real numbers to the bit.

use serde::{Deserialize, Serialize};

use super::auc::Auc;
use crate::{error::Error, model::Exact};

/// A real number that is a field, saved as [`Exact`].
pub(super) mod exact {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::model::Exact;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(in crate::churn::judge) fn serialize<S: Serializer>(real: &f64, to: S) -> Result<S::Ok, S::Error> {
        Exact(*real).serialize(to)
    }

    pub(in crate::churn::judge) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Exact::deserialize(from).map(|real| real.0)
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct SavedAuc {
    value: Exact,
    std_error: Option<Exact>,
}

impl From<Auc> for SavedAuc {
    fn from(auc: Auc) -> Self {
        Self { value: Exact(auc.value), std_error: auc.std_error.map(Exact) }
    }
}

impl TryFrom<SavedAuc> for Auc {
    type Error = Error;

    fn try_from(saved: SavedAuc) -> Result<Self, Error> {
        let (value, std_error) = (saved.value.0, saved.std_error.map(|error| error.0));
        if !(0.0..=1.0).contains(&value) {
            return Err(Error::parameter("saved AUC", value, "must be from 0 to 1"));
        }
        match std_error {
            Some(error) if error < 0.0 => {
                Err(Error::parameter("saved standard error", error, "must be at least 0"))
            }
            _ => Ok(Self { value, std_error }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::churn::{Judgement, Outcomes};

    #[test]
    fn a_judgement_is_read_to_the_bit() {
        let churned: Vec<bool> = (0..60).map(|row| row * 7 % 11 < 4).collect();
        let said: Vec<f64> = (0..60).map(|row| f64::from(row * 13 % 29) / 31.0).collect();
        let judgement = Outcomes::new(&said, &churned).unwrap().judge().unwrap();
        let json = serde_json::to_string(&judgement).unwrap();
        assert_eq!(serde_json::from_str::<Judgement>(&json).unwrap(), judgement);
    }

    #[test]
    fn an_auc_that_is_none_is_refused() {
        let read = |json: &str| serde_json::from_str::<Auc>(json).map_err(|error| error.to_string());
        assert!(read(r#"{"value":"0.75","std_error":"0.1"}"#).is_ok());
        assert!(read(r#"{"value":"1.5","std_error":null}"#).unwrap_err().contains("from 0 to 1"));
        assert!(read(r#"{"value":"0.5","std_error":"-0.1"}"#).unwrap_err().contains("at least 0"));
    }
}
