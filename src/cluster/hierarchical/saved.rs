//! Clusters of a tree as they are saved.

use super::HierarchicalModel;
use crate::{
    cluster::centroids::Centroids,
    error::Error,
    model::{Exact, SchemaVersion},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    model: Name,
    agreement: Exact,
    centroids: Vec<Vec<Exact>>,
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
enum Name {
    #[serde(rename = "hierarchical")]
    Hierarchical,
}

impl From<HierarchicalModel> for Saved {
    fn from(model: HierarchicalModel) -> Self {
        Self {
            schema: SchemaVersion,
            model: Name::Hierarchical,
            agreement: Exact(model.agreement),
            centroids: model.centroids.save(),
        }
    }
}

impl TryFrom<Saved> for HierarchicalModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let agreement = saved.agreement.0;
        if !(0.0..=1.0).contains(&agreement) {
            return Err(Error::parameter("saved agreement", agreement, "is not from 0 to 1"));
        }
        Ok(Self { centroids: Centroids::read(saved.centroids)?, agreement })
    }
}
