//! What every way of clustering can do. Hosts bring their own behind the same traits.

use std::fmt::Debug;

use super::{Clustered, Labels, Points};
use crate::error::Error;

/// A way to find groups among points.
///
/// # Example
/// A host's own: everybody is in one group.
/// ```
/// use ndarray::array;
/// use patronage::{
///     Error,
///     cluster::{ClusterModel, Clustered, Clusterer, Clustering, Labels, Points},
/// };
///
/// #[derive(Debug)]
/// struct Together;
///
/// impl ClusterModel for Together {
///     fn clusters(&self) -> usize {
///         1
///     }
///     fn width(&self) -> usize {
///         2
///     }
///     fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
///         points.check_width(2)?;
///         Labels::new(1, &vec![Some(0); points.len()])
///     }
///     fn renumber(&mut self, _: &[usize]) {}
/// }
///
/// impl Clusterer for Together {
///     fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
///         Ok(Clustered::new(Together, Together.assign(points)?).boxed())
///     }
/// }
///
/// let rows = array![[0.0, 1.0], [2.0, 3.0]];
/// let way: Box<dyn Clusterer> = Box::new(Together);
/// assert_eq!(way.cluster(&Points::new(rows.view())?)?.labels.sizes(), [2]);
/// # Ok::<(), Error>(())
/// ```
pub trait Clusterer: Send + Sync {
    /// Finds groups among the points.
    ///
    /// # Errors
    /// If a setting is out of its range, or does not fit the points.
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error>;
}

/// What a [`Clusterer`] finds: labels, and some model.
pub type Clustering = Clustered<Box<dyn ClusterModel>>;

/// Clusters as they were learned, to which other points can be assigned.
pub trait ClusterModel: Debug + Send + Sync {
    /// Number of clusters.
    fn clusters(&self) -> usize;

    /// Number of columns of the points learned from.
    fn width(&self) -> usize;

    /// The cluster of each point, by what was learned; none where it belongs to no cluster.
    ///
    /// # Errors
    /// If the points are not of the width learned from.
    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error>;

    /// Gives cluster `c` the number `numbers[c]`. Numbers that are no permutation of the clusters change nothing.
    fn renumber(&mut self, numbers: &[usize]);
}

impl ClusterModel for Box<dyn ClusterModel> {
    fn clusters(&self) -> usize {
        (**self).clusters()
    }

    fn width(&self) -> usize {
        (**self).width()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        (**self).assign(points)
    }

    fn renumber(&mut self, numbers: &[usize]) {
        (**self).renumber(numbers);
    }
}
