//! A model of this family as it is saved.

use super::{BetaGeometric, Leaving};
use crate::{
    domain::Tick,
    error::Error,
    model::{Exact, SchemaVersion},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read. The
/// name tells the two models apart, whose parameters look alike.
#[derive(serde::Serialize, serde::Deserialize)]
pub(in crate::cltv) struct Saved {
    schema: SchemaVersion<1>,
    model: Name,
    tick: Tick,
    r: Exact,
    alpha: Exact,
    a: Exact,
    b: Exact,
}

#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
enum Name {
    #[serde(rename = "BG/NBD")]
    BgNbd,
    #[serde(rename = "MBG/NBD")]
    MbgNbd,
}

impl From<Leaving> for Name {
    fn from(leaving: Leaving) -> Self {
        match leaving {
            Leaving::AfterRepeats => Self::BgNbd,
            Leaving::AfterAny => Self::MbgNbd,
        }
    }
}

impl From<BetaGeometric> for Saved {
    fn from(model: BetaGeometric) -> Self {
        let [r, alpha, a, b] = model.values().map(Exact);
        Self { schema: SchemaVersion, model: model.leaving.into(), tick: model.tick, r, alpha, a, b }
    }
}

impl Saved {
    /// # Errors
    /// If it is the other model, or a parameter is out of range.
    pub(in crate::cltv) fn read(self, leaving: Leaving) -> Result<BetaGeometric, Error> {
        if self.model != leaving.into() {
            let shown = format!("{:?}", self.model);
            return Err(Error::parameter("saved model", shown, "is another model"));
        }
        let values = [self.r, self.alpha, self.a, self.b].map(|value| value.0);
        BetaGeometric::new(leaving, self.tick, values)
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        cltv::{BgNbdModel, MbgNbdModel, NbdModel},
        domain::Tick,
    };

    #[test]
    fn a_model_is_read_as_it_was_saved_and_as_no_other() {
        let bg = BgNbdModel::new(Tick::Week, 0.1 + 0.2, 4.4, 1e-15, 1e15).unwrap();
        let json = serde_json::to_string(&bg).unwrap();
        assert!(json.len() < 200 && json.starts_with(r#"{"schema":1,"model":"BG/NBD","tick":"#), "{json}");
        assert_eq!(serde_json::from_str::<BgNbdModel>(&json).unwrap(), bg);
        let error = serde_json::from_str::<MbgNbdModel>(&json).unwrap_err().to_string();
        assert!(error.contains("is another model"), "{error}");
        assert!(serde_json::from_str::<NbdModel>(&json).is_err());
        let newer = json.replace(r#""schema":1"#, r#""schema":2"#);
        assert!(serde_json::from_str::<BgNbdModel>(&newer).is_err());
        let outside = json.replace("4.4", "-4.4");
        assert!(serde_json::from_str::<BgNbdModel>(&outside).unwrap_err().to_string().contains("from 1e-15"));

        let nbd = NbdModel::new(Tick::Day, 0.3, 30.0).unwrap();
        let json = serde_json::to_string(&nbd).unwrap();
        assert_eq!(serde_json::from_str::<NbdModel>(&json).unwrap(), nbd);
    }
}
