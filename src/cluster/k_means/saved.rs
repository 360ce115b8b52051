//! Centroids as they are saved.

use ndarray::Array2;

use super::KMeansModel;
use crate::{
    error::{Error, ErrorKind},
    model::{Exact, SchemaVersion, Stop},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    centroids: Vec<Vec<Exact>>,
    order: Vec<u32>,
    sizes: Vec<u64>,
    weights: Vec<Exact>,
    inertia: Exact,
    steps: u32,
    stop: Stop,
}

impl From<KMeansModel> for Saved {
    fn from(model: KMeansModel) -> Self {
        let exact = |numbers: Vec<f64>| numbers.into_iter().map(Exact).collect();
        Self {
            schema: SchemaVersion,
            centroids: model.centroids.rows().into_iter().map(|row| exact(row.to_vec())).collect(),
            order: model.order,
            sizes: model.sizes,
            weights: exact(model.weights),
            inertia: Exact(model.inertia),
            steps: model.steps,
            stop: model.stop,
        }
    }
}

impl TryFrom<Saved> for KMeansModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let clusters = saved.centroids.len();
        let width = saved.centroids.first().map_or(0, Vec::len);
        if width == 0 {
            return Err(ErrorKind::Empty { what: "coordinates of centroids" }.into());
        }
        if let Some(odd) = saved.centroids.iter().find(|row| row.len() != width) {
            let found = odd.len();
            return Err(
                ErrorKind::Length { what: "coordinates of a centroid", expected: width, found }.into()
            );
        }
        for (what, found) in [("sizes", saved.sizes.len()), ("weights", saved.weights.len())] {
            if found != clusters {
                return Err(ErrorKind::Length { what, expected: clusters, found }.into());
            }
        }
        let mut sorted = saved.order.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..clusters as u32) {
            return Err(Error::parameter("order", sorted.len(), "does not name each cluster once"));
        }
        let weights: Vec<f64> = saved.weights.into_iter().map(|weight| weight.0).collect();
        if let Some(bad) = weights.iter().chain([&saved.inertia.0]).find(|number| **number < 0.0) {
            return Err(Error::parameter("weight or inertia", bad, "must not be below 0"));
        }
        let centroids = saved.centroids.into_iter().flatten().map(|number| number.0).collect();
        let centroids = Array2::from_shape_vec((clusters, width), centroids).unwrap_or_default();
        let (order, sizes, inertia) = (saved.order, saved.sizes, saved.inertia.0);
        Ok(Self { centroids, order, sizes, weights, inertia, steps: saved.steps, stop: saved.stop })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_checked_when_read() {
        let saved = concat!(
            r#"{"schema":1,"centroids":[["0.5","1.0"],["2.0","3.0"]],"order":[1,0],"sizes":[2,1],"#,
            r#""weights":["2.0","1.0"],"inertia":"0.25","steps":3,"stop":"Converged"}"#
        );
        let model: KMeansModel = serde_json::from_str(saved).unwrap();
        assert_eq!(serde_json::to_string(&model).unwrap(), saved);
        for (good, bad, fault) in [
            (r#"["0.5","1.0"]"#, r#"["0.5"]"#, "expected 1 rows, found 2"),
            (r#"[["0.5","1.0"],["2.0","3.0"]]"#, "[]", "there are none"),
            ("[1,0]", "[1,1]", "does not name each cluster once"),
            ("[1,0]", "[0]", "does not name each cluster once"),
            ("[2,1]", "[2,1,0]", "sizes: expected 2 rows, found 3"),
            (r#"["2.0","1.0"]"#, r#"["2.0"]"#, "weights: expected 2 rows, found 1"),
            (r#""0.25""#, r#""-0.25""#, "must not be below 0"),
            (r#""0.25""#, r#""nan""#, "is not a finite number"),
            (r#""schema":1"#, r#""schema":2"#, "saved with schema 2, this version reads up to 1"),
        ] {
            let error = serde_json::from_str::<KMeansModel>(&saved.replacen(good, bad, 1)).unwrap_err();
            assert!(error.to_string().contains(fault), "{error}");
        }
    }
}
