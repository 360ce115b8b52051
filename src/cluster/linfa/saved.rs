//! A mixture of Gaussians as it is saved.

use ndarray::Array3;

use super::GaussianMixtureModel;
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
    weights: Vec<Exact>,
    means: Vec<Vec<Exact>>,
    /// For each cluster the rows of the matrix one after the other.
    covariances: Vec<Vec<Exact>>,
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
enum Name {
    #[serde(rename = "Gaussian mixture")]
    GaussianMixture,
}

impl From<GaussianMixtureModel> for Saved {
    fn from(model: GaussianMixtureModel) -> Self {
        let exact = |numbers: &mut dyn Iterator<Item = &f64>| numbers.copied().map(Exact).collect::<Vec<_>>();
        Self {
            schema: SchemaVersion,
            model: Name::GaussianMixture,
            weights: exact(&mut model.weights().iter()),
            means: model.means().rows().into_iter().map(|row| exact(&mut row.iter())).collect(),
            covariances: model.covariances().outer_iter().map(|matrix| exact(&mut matrix.iter())).collect(),
        }
    }
}

impl TryFrom<Saved> for GaussianMixtureModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let means = Centroids::read(saved.means)?.0;
        let (clusters, width) = means.dim();
        let refused = || Error::parameter("saved covariances", clusters, "are not a square matrix each");
        if saved.covariances.iter().any(|matrix| matrix.len() != width * width) {
            return Err(refused());
        }
        let entries = saved.covariances.into_iter().flatten().map(|entry| entry.0).collect();
        let covariances = Array3::from_shape_vec((clusters, width, width), entries).map_err(|_| refused())?;
        Self::new(saved.weights.into_iter().map(|weight| weight.0).collect(), means, covariances)
    }
}
