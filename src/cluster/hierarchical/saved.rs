//! Clusters of a tree as they are saved.

use ndarray::Array2;

use super::HierarchicalModel;
use crate::{
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
        let row = |row: ndarray::ArrayView1<'_, f64>| row.iter().copied().map(Exact).collect();
        Self {
            schema: SchemaVersion,
            model: Name::Hierarchical,
            agreement: Exact(model.agreement),
            centroids: model.centroids.rows().into_iter().map(row).collect(),
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
        let width = saved.centroids.first().map_or(0, Vec::len);
        if width == 0 || saved.centroids.iter().any(|row| row.len() != width) {
            return Err(Error::parameter(
                "saved centroids",
                saved.centroids.len(),
                "have no or no common width",
            ));
        }
        let shape = (saved.centroids.len(), width);
        let numbers = saved.centroids.into_iter().flatten().map(|number| number.0).collect();
        let centroids = Array2::from_shape_vec(shape, numbers);
        let centroids =
            centroids.map_err(|_| Error::parameter("saved centroids", shape.0, "are too many"))?;
        Ok(Self { centroids, agreement })
    }
}
