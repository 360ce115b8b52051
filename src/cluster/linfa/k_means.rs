//! linfa's k-means.

use linfa::{DatasetBase, traits::Fit};
use linfa_clustering::KMeansInit;
use ndarray::{Array2, ArrayView2};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{check_above_0, check_clusters, check_times, check_unweighted, refused};
use crate::{
    cluster::{
        ClusterModel, Clustered, Clusterer, Clustering, LabelOrder, Labels, Points, centroids::Centroids,
        labels::permutes, scale,
    },
    error::{Error, ErrorKind},
};

/// k-means as linfa-clustering does it: Lloyd's steps, in which the old centroid counts as one point more.
///
/// So the centroids come near to the means of their clusters, as near as the tolerance says, and a cluster that is
/// left by all its points stays where it is, empty. Labels, sizes and inertia are of the centroids that are returned;
/// linfa counts those of the step before, and sizes of the last restart.
#[derive(Clone, PartialEq, Debug)]
pub struct LinfaKMeans {
    clusters: usize,
    seed: u64,
    start: LinfaStart,
    restarts: u32,
    tolerance: f64,
    max_steps: u32,
}

/// From which centroids a search starts.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum LinfaStart {
    /// By k-means++. The default.
    #[default]
    PlusPlus,
    /// At points drawn at random.
    Random,
    /// At these, a row for each cluster; of several restarts all are the same.
    Given(Array2<f64>),
}

impl LinfaKMeans {
    /// So many clusters, from a start drawn under a seed; one search of at most 300 steps, with a
    /// [tolerance](Self::tolerance) of 1e-4.
    pub fn new(clusters: usize, seed: u64) -> Self {
        Self { clusters, seed, start: LinfaStart::default(), restarts: 1, tolerance: 1e-4, max_steps: 300 }
    }

    /// Where the search starts.
    #[must_use]
    pub fn start(self, start: LinfaStart) -> Self {
        Self { start, ..self }
    }

    /// Searches so many times from different starts, and takes the one with the least inertia. At least 1.
    #[must_use]
    pub fn restarts(self, restarts: u32) -> Self {
        Self { restarts, ..self }
    }

    /// The search ends when the root of the sum of the squares of how far the centroids went in a step is below so
    /// much times the root of the mean variance of the columns. Above 0. (linfa's own is in the unit of the points.)
    #[must_use]
    pub fn tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// The most steps of a search, at least 1.
    #[must_use]
    pub fn max_steps(self, max_steps: u32) -> Self {
        Self { max_steps, ..self }
    }

    /// The clusters of some points, numbered by size.
    ///
    /// # Errors
    /// If there are fewer distinct points than clusters or no clusters, a setting is out of its range, a given start
    /// is not of a row a cluster and a column a coordinate or not finite, points have weights, or the inertia is
    /// beyond the largest number.
    pub fn fit(&self, points: &Points<'_>) -> Result<Clustered<LinfaKMeansModel>, Error> {
        self.check(points)?;
        let columns = points.columns();
        let unit = scale::unit(columns.iter().map(|column| column.iter().copied()));
        let records = points.rows().mapv(|x| x / unit);
        let variance = records.var_axis(ndarray::Axis(0), 0.0).mean().unwrap_or(0.0);
        let start = match &self.start {
            LinfaStart::PlusPlus => KMeansInit::KMeansPlusPlus,
            LinfaStart::Random => KMeansInit::Random,
            LinfaStart::Given(centroids) => KMeansInit::Precomputed(centroids.mapv(|x| x / unit)),
        };
        let rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let found = linfa_clustering::KMeans::params_with_rng(self.clusters, rng)
            .n_runs(self.restarts as usize)
            .max_n_iterations(self.max_steps.into())
            .tolerance((self.tolerance * variance.sqrt()).max(f64::MIN_POSITIVE))
            .init_method(start)
            .fit(&DatasetBase::from(records))
            .map_err(|error: linfa_clustering::KMeansError| refused(error))?;
        LinfaKMeansModel::of(found.centroids().mapv(|x| x * unit), points)
    }

    fn check(&self, points: &Points<'_>) -> Result<(), Error> {
        check_unweighted(points)?;
        check_clusters(self.clusters, points)?;
        check_times("restarts", self.restarts)?;
        check_times("steps", self.max_steps)?;
        check_above_0("tolerance", self.tolerance)?;
        if let LinfaStart::Given(centroids) = &self.start {
            if centroids.dim() != (self.clusters, points.width()) {
                let shape = format!("{:?}", centroids.dim());
                return Err(Error::parameter(
                    "start",
                    shape,
                    "must be of a row a cluster, a column a coordinate",
                ));
            }
            if let Some(bad) = centroids.iter().find(|number| !number.is_finite()) {
                return Err(Error::parameter("start", bad, "must be finite"));
            }
        }
        Ok(())
    }
}

impl Clusterer for LinfaKMeans {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.boxed())
    }
}

/// What [`LinfaKMeans`] learned: the centroids. A point is assigned to the nearest.
#[derive(Clone, PartialEq, Debug)]
pub struct LinfaKMeansModel {
    centroids: Centroids,
    inertia: f64,
}

impl LinfaKMeansModel {
    fn of(centroids: Array2<f64>, points: &Points<'_>) -> Result<Clustered<Self>, Error> {
        if centroids.iter().any(|number| !number.is_finite()) {
            return Err(ErrorKind::Overflow { what: "sum of a column" }.into());
        }
        let centroids = Centroids(centroids);
        let labels = centroids.assign(points)?;
        let apart = |(point, cluster): (ndarray::ArrayView1<'_, f64>, Option<usize>)| {
            let centroid = cluster.map(|cluster| centroids.0.row(cluster));
            centroid
                .map_or(0.0, |centroid| point.iter().zip(centroid).map(|(x, mean)| (x - mean).powi(2)).sum())
        };
        let inertia: f64 = points.rows().rows().into_iter().zip(labels.iter()).map(apart).sum();
        if !inertia.is_finite() {
            return Err(ErrorKind::Overflow { what: "sum of squared distances" }.into());
        }
        let numbers = labels.numbers_by(LabelOrder::Size, |_| Vec::new());
        let mut found = Clustered::new(Self { centroids, inertia }, labels);
        found.renumber(&numbers);
        Ok(found)
    }

    /// The centroids, of shape `(clusters, columns)`.
    pub fn centroids(&self) -> ArrayView2<'_, f64> {
        self.centroids.0.view()
    }

    /// The sum of the squared distances of the points learned from to the nearest centroid.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }
}

impl ClusterModel for LinfaKMeansModel {
    fn clusters(&self) -> usize {
        self.centroids.0.nrows()
    }

    fn width(&self) -> usize {
        self.centroids.0.ncols()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        self.centroids.assign(points)
    }

    fn renumber(&mut self, numbers: &[usize]) {
        if !permutes(numbers, self.clusters()) {
            return;
        }
        self.centroids.renumber(numbers);
    }
}
