//! Prototypes as they are saved.

use ndarray::Array2;

use super::{KPrototypesModel, MixedPoints};
use crate::{
    error::Error,
    model::{Exact, SchemaVersion, Stop},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    model: Name,
    gamma: Exact,
    cost: Exact,
    steps: u32,
    stop: Stop,
    means: Vec<Vec<Exact>>,
    modes: Vec<Vec<Option<u32>>>,
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
enum Name {
    #[serde(rename = "k-prototypes")]
    KPrototypes,
}

impl From<KPrototypesModel> for Saved {
    fn from(model: KPrototypesModel) -> Self {
        let code = |&code: &u32| (code != MixedPoints::MISSING).then_some(code);
        Self {
            schema: SchemaVersion,
            model: Name::KPrototypes,
            gamma: Exact(model.gamma),
            cost: Exact(model.cost),
            steps: model.steps,
            stop: model.stop,
            means: model
                .means
                .rows()
                .into_iter()
                .map(|row| row.iter().copied().map(Exact).collect())
                .collect(),
            modes: model.modes.iter().map(|modes| modes.iter().map(code).collect()).collect(),
        }
    }
}

impl TryFrom<Saved> for KPrototypesModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let (gamma, cost) = (saved.gamma.0, saved.cost.0);
        if !(gamma >= 0.0 && cost >= 0.0) {
            return Err(Error::parameter(
                "saved gamma and cost",
                format!("{gamma}, {cost}"),
                "are not both 0 or above",
            ));
        }
        let shape = (saved.means.len(), saved.means.first().map_or(0, Vec::len));
        let categories = saved.modes.first().map_or(0, Vec::len);
        let fits = shape.0 > 0
            && shape.1 + categories > 0
            && saved.modes.len() == shape.0
            && saved.means.iter().all(|means| means.len() == shape.1)
            && saved.modes.iter().all(|modes| modes.len() == categories);
        let refused = || Error::parameter("saved prototypes", shape.0, "are not of one width, above 0");
        if !fits {
            return Err(refused());
        }
        let means = saved.means.into_iter().flatten().map(|mean| mean.0).collect();
        let code = |code: Option<u32>| code.unwrap_or(MixedPoints::MISSING);
        Ok(Self {
            means: Array2::from_shape_vec(shape, means).map_err(|_| refused())?,
            modes: saved.modes.into_iter().map(|modes| modes.into_iter().map(code).collect()).collect(),
            gamma,
            cost,
            steps: saved.steps,
            stop: saved.stop,
        })
    }
}
