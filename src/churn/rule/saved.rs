//! A rule as it is saved.

use super::model::{RuleModel, RuleSplit};
use crate::{
    error::Error,
    model::{Exact, SchemaVersion},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    column: String,
    split: SavedSplit,
    holds: Exact,
    otherwise: Exact,
    missing: Exact,
    base: Exact,
}

#[derive(serde::Serialize, serde::Deserialize)]
enum SavedSplit {
    AtLeast(Exact),
    Is(String),
}

impl From<RuleModel> for Saved {
    fn from(model: RuleModel) -> Self {
        let RuleModel { column, split, holds, otherwise, missing, base } = model;
        let split = match split {
            RuleSplit::AtLeast(least) => SavedSplit::AtLeast(Exact(least)),
            RuleSplit::Is(level) => SavedSplit::Is(level),
        };
        let [holds, otherwise, missing, base] = [holds, otherwise, missing, base].map(Exact);
        Self { schema: SchemaVersion, column, split, holds, otherwise, missing, base }
    }
}

impl TryFrom<Saved> for RuleModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let shares = [saved.holds, saved.otherwise, saved.missing, saved.base].map(|Exact(share)| share);
        if let Some(share) = shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            return Err(Error::parameter("saved probability", share, "must be from 0 to 1"));
        }
        let split = match saved.split {
            SavedSplit::AtLeast(Exact(least)) => RuleSplit::AtLeast(least),
            SavedSplit::Is(level) => RuleSplit::Is(level),
        };
        let [holds, otherwise, missing, base] = shares;
        Ok(Self { column: saved.column, split, holds, otherwise, missing, base })
    }
}
