//! Rates as they are saved.

use super::{EngagementFeature, EngagementModel, Rate};
use crate::{
    domain::{
        Day,
        saved::{Exact, SchemaVersion},
    },
    error::Error,
    feature::window,
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    as_of: Day,
    days: Option<u32>,
    wanted: Vec<EngagementFeature>,
    open: SavedRate,
    click: SavedRate,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct SavedRate {
    base: Exact,
    strength: Exact,
}

impl From<Rate> for SavedRate {
    fn from(Rate { base, strength }: Rate) -> Self {
        Self { base: Exact(base), strength: Exact(strength) }
    }
}

impl TryFrom<SavedRate> for Rate {
    type Error = Error;

    fn try_from(
        SavedRate { base: Exact(base), strength: Exact(strength) }: SavedRate,
    ) -> Result<Self, Error> {
        if (0.0..=1.0).contains(&base) && strength >= 0.0 {
            return Ok(Self { base, strength });
        }
        Err(Error::parameter("saved rate", base, "could not have been learned"))
    }
}

impl From<EngagementModel> for Saved {
    fn from(model: EngagementModel) -> Self {
        let EngagementModel { as_of, wanted, days, open, click } = model;
        Self { schema: SchemaVersion, as_of, days, wanted, open: open.into(), click: click.into() }
    }
}

impl TryFrom<Saved> for EngagementModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        window::check(saved.days)?;
        let mut once = saved.wanted.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() != saved.wanted.len() {
            return Err(Error::parameter("saved features", saved.wanted.len(), "are not distinct"));
        }
        let (open, click) = (saved.open.try_into()?, saved.click.try_into()?);
        Ok(Self { as_of: saved.as_of, wanted: saved.wanted, days: saved.days, open, click })
    }
}
