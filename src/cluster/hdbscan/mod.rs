//! Clusters of any shape and of several densities, and the noise between them.

mod condensed;
mod definition;
mod fit;
mod held;
mod model;
#[cfg(feature = "serde")]
mod saved;
mod selection;
mod spanning;
mod tree;

use super::{Clusterer, Clustering, Points};
use crate::error::{Error, ErrorKind};

pub use self::{
    condensed::Joins,
    fit::HdbscanFit,
    model::HdbscanModel,
    selection::Selection,
    tree::{ClusterNode, ClusterTree},
};

/// HDBSCAN: a tree of clusters by density, and of it those that last (Campello, Moulavi & Sander, 2013).
///
/// A point's *core distance* is that within which there are `min_samples` points, itself among them. Two points
/// are joined at their *mutual reachability*, the greatest of their distance and their two core distances. As the
/// distance is let down, parts come off one another; a part of fewer than `min_cluster_size` points is lost to its
/// cluster, and where two or more are larger the cluster parts. Of the clusters of that tree the most stable are
/// chosen ([`Selection`]); points that are in none are noise.
///
/// Distances are Euclidean. The number of clusters is not asked for, and how far is far is not either.
///
/// # Beside other programs
/// scikit-learn counts `min_samples` in the same way; the Python package `hdbscan` does not count the point itself,
/// and its `min_samples` is one less for the same answer. Where distances are equal, and core distances make many of
/// them so, all three join parts in some order, and points at the edge of a cluster may be noise to one and not to
/// another; on integers whole clusters differ, and change with the order of rows. [`Joins::AtOnce`] is the remedy.
///
/// A point of weight `w` counts as `w` equal points. Points equal to `min_samples` others have a core distance of 0
/// and an infinite density: such a cluster is always chosen, and other points in it have a strength of 0.
///
/// # Cost
/// Memory is linear in the number of points. Time grows a little faster than linearly in few dimensions, and up to
/// quadratically in many; equal points cost no more than one.
///
/// # Example
/// ```
/// use ndarray::Array2;
/// use patronage::cluster::{Hdbscan, Points};
///
/// // Two rings of 40 points, and one point far off.
/// let rows = Array2::from_shape_fn((81, 2), |(row, column)| {
///     let (radius, angle) = if row < 40 { (1.0, row as f64) } else { (5.0, row as f64) };
///     let turn = angle * std::f64::consts::TAU / 40.0;
///     if row == 80 { 50.0 } else { radius * if column == 0 { turn.cos() } else { turn.sin() } }
/// });
/// let points = Points::new(rows.view())?;
/// let found = Hdbscan::new(10).min_samples(3).fit(&points)?;
///
/// assert_eq!((found.labels().sizes(), found.labels().noise()), (vec![40, 40], 1));
/// assert_eq!((found.strengths()[0], found.strengths()[80]), (1.0, 0.0));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hdbscan {
    min_cluster_size: usize,
    min_samples: Option<usize>,
    selection: Selection,
    epsilon: f64,
    max_cluster_size: Option<usize>,
    allow_single_cluster: bool,
    joins: Joins,
}

impl Hdbscan {
    /// Clusters of at least so many points, 2 or more.
    pub fn new(min_cluster_size: usize) -> Self {
        Self {
            min_cluster_size,
            min_samples: None,
            selection: Selection::default(),
            epsilon: 0.0,
            max_cluster_size: None,
            allow_single_cluster: false,
            joins: Joins::default(),
        }
    }

    /// The points within the core distance, the point itself among them, 1 or more. The more, the smoother the
    /// density and the more is noise. By default `min_cluster_size`.
    #[must_use]
    pub fn min_samples(self, min_samples: usize) -> Self {
        Self { min_samples: Some(min_samples), ..self }
    }

    /// How clusters are chosen from the tree. By default for their excess of mass.
    #[must_use]
    pub fn selection(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// Does not part clusters at distances below `epsilon`, in the unit of the coordinates (Malzer & Baum, 2020).
    /// By default 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Chooses no cluster of more points for its excess of mass; `epsilon` may join more. By default there is no
    /// limit.
    #[must_use]
    pub fn max_cluster_size(self, max_cluster_size: usize) -> Self {
        Self { max_cluster_size: Some(max_cluster_size), ..self }
    }

    /// Whether all points may be one cluster, if that is the most stable. In it are the points that last to its end,
    /// or to `epsilon` if that is given; the others are noise. By default not.
    #[must_use]
    pub fn allow_single_cluster(self, allowed: bool) -> Self {
        Self { allow_single_cluster: allowed, ..self }
    }

    /// How parts are joined where several are equally far. By default in turn, as other programs do it.
    #[must_use]
    pub fn joins(self, joins: Joins) -> Self {
        Self { joins, ..self }
    }

    /// Finds clusters among points.
    ///
    /// # Errors
    /// If `min_cluster_size` is below 2, `min_samples` below 1, `epsilon` below 0 or not finite, or the weight of
    /// all points is below `min_samples`.
    pub fn fit(&self, points: &Points<'_>) -> Result<HdbscanFit, Error> {
        if self.min_cluster_size < 2 {
            return Err(Error::parameter("min_cluster_size", self.min_cluster_size, "must be at least 2"));
        }
        if self.samples() < 1 {
            return Err(Error::parameter("min_samples", self.samples(), "must be at least 1"));
        }
        if !(self.epsilon >= 0.0 && self.epsilon.is_finite()) {
            return Err(Error::parameter("epsilon", self.epsilon, "must be finite and at least 0"));
        }
        let weight: f64 = points.weights().map_or(points.len() as f64, |weights| weights.iter().sum());
        if weight < self.samples() as f64 {
            let why = "fewer points than `min_samples`".to_owned();
            #[allow(clippy::cast_sign_loss, reason = "weights are above 0")]
            let found = weight as u64;
            return Err(ErrorKind::TooFew { why, needed: self.samples() as u64, found }.into());
        }
        Ok(fit::fit(self, points))
    }

    fn samples(&self) -> usize {
        self.min_samples.unwrap_or(self.min_cluster_size)
    }
}

impl Clusterer for Hdbscan {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.clustered.boxed())
    }
}
