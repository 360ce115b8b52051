//! linfa's clusterings behind ours, and ours behind linfa's traits.
//!
//! **linfa's as a second opinion.** [`LinfaKMeans`], [`LinfaDbscan`] and [`GaussianMixture`] run linfa-clustering's
//! algorithms behind [`Clusterer`](super::Clusterer). What they are handed is checked and scaled before, and what they
//! answer is recounted, so that no input makes them panic and settings mean the same in every unit. They know no
//! weights, and refuse points that have some. linfa's k-means|| is not offered: under one seed it draws other starts
//! from run to run.
//!
//! **Ours as linfa's.** [`KMeans`](super::KMeans), [`Dbscan`](super::Dbscan), [`Hdbscan`](super::Hdbscan) and
//! [`HierarchicalCut`](super::HierarchicalCut) implement linfa's `Fit` for datasets of `f64`, with their weights, and
//! `Transformer` for the labels alone; their models implement `PredictInplace`, and so `Predict`. Labels are
//! `Option<usize>`: none is noise, and a row that cannot be placed, for it has another width or a number that is not
//! finite, which `Fit` refuses. As each has a method `fit` of its own, linfa's is called by its full name.
//!
//! ```
//! use linfa::{Dataset, traits::{Fit, Predict}};
//! use ndarray::array;
//! use patronage::cluster::{Cut, Hierarchical, Linkage};
//!
//! let people = Dataset::from(array![[1.0, 1.0], [1.5, 2.0], [9.0, 8.0], [8.0, 9.0], [8.5, 8.5]]);
//! let ward = Hierarchical::new(Linkage::Ward).cut(Cut::Clusters(2));
//! let model = Fit::fit(&ward, &people)?;
//! assert_eq!(model.predict(&people), array![Some(1), Some(1), Some(0), Some(0), Some(0)]);
//! assert_eq!(model.predict(&array![[2.0, 2.0], [f64::NAN, 2.0]]), array![Some(1), None]);
//! # Ok::<(), patronage::Error>(())
//! ```

mod dbscan;
mod gaussian_mixture;
mod k_means;
mod mixture_model;
mod ours;
#[cfg(feature = "serde")]
mod saved;

pub use self::{
    dbscan::{LinfaDbscan, LinfaDbscanModel},
    gaussian_mixture::GaussianMixture,
    k_means::{LinfaKMeans, LinfaKMeansModel, LinfaStart},
    mixture_model::GaussianMixtureModel,
};

use super::{Points, distinct::Distinct};
use crate::error::Error;

/// What linfa said when it gave no answer.
fn refused(why: impl std::fmt::Display) -> Error {
    Error::parameter("linfa", why, "was its answer")
}

impl From<::linfa::Error> for Error {
    fn from(error: ::linfa::Error) -> Self {
        refused(error)
    }
}

/// Refuses weights.
fn check_unweighted(points: &Points<'_>) -> Result<(), Error> {
    match points.weights() {
        Some(weights) => Err(Error::parameter("weights", weights.len(), "are more than linfa can count")),
        None => Ok(()),
    }
}

/// Refuses a number of clusters that there are not as many distinct points for.
fn check_clusters(clusters: usize, points: &Points<'_>) -> Result<(), Error> {
    let enough = Distinct::of(points, clusters).is_none_or(|distinct| distinct.weights.len() >= clusters);
    if clusters == 0 || !enough {
        return Err(Error::parameter(
            "clusters",
            clusters,
            "must be from 1 to the number of distinct points",
        ));
    }
    Ok(())
}

/// Refuses a number that is not finite or not above 0.
fn check_above_0(name: &'static str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::parameter(name, value, "must be finite and above 0"))
}

/// Refuses to do something no times.
fn check_times(name: &'static str, times: u32) -> Result<(), Error> {
    if times > 0 { Ok(()) } else { Err(Error::parameter(name, times, "must be at least 1")) }
}
