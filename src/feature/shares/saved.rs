//! Shares as they are saved.

use super::{ShareModel, ShareOf};
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
    of: ShareOf,
    days: Option<u32>,
    least_orders: u32,
    strength: Exact,
    categories: Vec<String>,
    base: Vec<Exact>,
}

impl From<ShareModel> for Saved {
    fn from(model: ShareModel) -> Self {
        Self {
            schema: SchemaVersion,
            as_of: model.as_of,
            of: model.of,
            days: model.days,
            least_orders: model.least_orders,
            strength: Exact(model.strength),
            categories: model.categories,
            base: model.base.into_iter().map(Exact).collect(),
        }
    }
}

impl TryFrom<Saved> for ShareModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        window::check(saved.days)?;
        let base: Vec<f64> = saved.base.into_iter().map(|Exact(share)| share).collect();
        let pooled = base.len().checked_sub(saved.categories.len()).is_some_and(|others| others <= 1);
        let named = saved.categories.is_sorted_by(|a, b| a < b);
        let shares = base.iter().all(|share| (0.0..=1.0).contains(share)) && !base.is_empty();
        let whole = (base.iter().sum::<f64>() - 1.0).abs() < 1e-9;
        if !(pooled && named && shares && whole && saved.strength.0 >= 0.0 && saved.least_orders > 0) {
            return Err(Error::parameter("saved shares", format!("{base:?}"), "could not have been learned"));
        }
        Ok(Self {
            as_of: saved.as_of,
            of: saved.of,
            days: saved.days,
            least_orders: saved.least_orders,
            categories: saved.categories,
            base,
            strength: saved.strength.0,
        })
    }
}
