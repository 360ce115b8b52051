//! Calibrations as they are saved.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Calibrator, Isotonic, Platt};
use crate::{
    error::Error,
    model::{Exact, SchemaVersion},
};

#[derive(Serialize, Deserialize)]
struct Saved {
    schema: SchemaVersion<1>,
    calibration: Kind,
}

#[derive(Serialize, Deserialize)]
enum Kind {
    Platt { intercept: Exact, slope: Exact },
    Isotonic { from: Vec<Exact>, to: Vec<Exact> },
}

impl Serialize for Calibrator {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let exact = |reals: &[f64]| reals.iter().copied().map(Exact).collect();
        let calibration = match self {
            Self::Platt(Platt { intercept, slope }) => {
                Kind::Platt { intercept: Exact(*intercept), slope: Exact(*slope) }
            }
            Self::Isotonic(Isotonic { from, to }) => Kind::Isotonic { from: exact(from), to: exact(to) },
        };
        Saved { schema: SchemaVersion, calibration }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Calibrator {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Zero has no sign.
        let reals = |exact: Vec<Exact>| exact.into_iter().map(|real| real.0 + 0.0).collect::<Vec<_>>();
        let read = match Saved::deserialize(from)?.calibration {
            Kind::Platt { intercept: Exact(intercept), slope: Exact(slope) } => {
                Self::Platt(Platt { intercept, slope })
            }
            Kind::Isotonic { from, to } => Self::Isotonic(Isotonic { from: reals(from), to: reals(to) }),
        };
        read.check().map_err(D::Error::custom)?;
        Ok(read)
    }
}

impl Calibrator {
    fn check(&self) -> Result<(), Error> {
        let shares = |column: &[f64]| column.iter().all(|share| (0.0..=1.0).contains(share));
        let fits = match self {
            Self::Platt(Platt { slope, .. }) => *slope >= 0.0,
            Self::Isotonic(Isotonic { from, to }) => {
                !from.is_empty()
                    && from.len() == to.len()
                    && shares(from)
                    && shares(to)
                    && from.is_sorted_by(|a, b| a < b)
                    && to.is_sorted()
            }
        };
        if fits { Ok(()) } else { Err(Error::parameter("saved calibration", "", "does not rise")) }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_rise_is_refused() {
        let of = |calibration: &str| format!(r#"{{"schema":1,"calibration":{calibration}}}"#);
        let read = |json: &str| serde_json::from_str::<Calibrator>(json).map_err(|error| error.to_string());
        assert!(read(&of(r#"{"Isotonic":{"from":["0.1","0.5"],"to":["0.2","0.2"]}}"#)).is_ok());
        for bad in [
            r#"{"Platt":{"intercept":"0.5","slope":"-1.0"}}"#,
            r#"{"Isotonic":{"from":[],"to":[]}}"#,
            r#"{"Isotonic":{"from":["0.1"],"to":["0.2","0.3"]}}"#,
            r#"{"Isotonic":{"from":["0.5","0.5"],"to":["0.2","0.3"]}}"#,
            r#"{"Isotonic":{"from":["0.1","0.5"],"to":["0.3","0.2"]}}"#,
            r#"{"Isotonic":{"from":["0.1","1.5"],"to":["0.1","0.2"]}}"#,
        ] {
            assert!(read(&of(bad)).unwrap_err().contains("does not rise"), "{bad}");
        }
        let newer = of(r#"{"Platt":{"intercept":"0.5","slope":"1.0"}}"#).replace(":1,", ":2,");
        assert!(read(&newer).unwrap_err().contains("schema 2"));
    }
}
