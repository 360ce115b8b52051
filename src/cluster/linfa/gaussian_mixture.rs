//! linfa's mixture of Gaussians.

use linfa::{DatasetBase, traits::Fit};
use linfa_clustering::{GaussianMixtureModel as Found, GmmError};
use ndarray::{Array2, Array3, Axis};
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{GaussianMixtureModel, check_above_0, check_clusters, check_times, check_unweighted, refused};
use crate::{
    cluster::{Clustered, Clusterer, Clustering, LabelOrder, Points, scale},
    error::{Error, ErrorKind},
};

/// A mixture of Gaussian distributions, each with a covariance of its own, by the EM algorithm of linfa-clustering
/// (Dempster, Laird & Rubin 1977), started from its k-means. Clusters may be of different width and slant, and a point
/// is in each with a probability.
///
/// Columns are standardised before and the answer is turned back, so that the unit of a column does not matter. Of
/// several restarts linfa's own go on from where the last one ended; here each starts anew.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{Points, linfa::GaussianMixture};
///
/// let rows = array![[0.0], [0.3], [-0.2], [0.1], [8.0], [12.0], [9.0], [11.5], [10.2], [10.4]];
/// let found = GaussianMixture::new(2, 1).fit(&Points::new(rows.view())?)?;
/// assert_eq!(found.labels.sizes(), [6, 4]);
/// assert!((found.model.weights()[0] - 0.6).abs() < 1e-6);
/// let between = array![[2.0]];
/// assert!(found.model.responsibilities(&Points::new(between.view())?)?[(0, 0)] > 0.99);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GaussianMixture {
    clusters: usize,
    seed: u64,
    restarts: u32,
    tolerance: f64,
    regularisation: f64,
    max_steps: u32,
}

impl GaussianMixture {
    /// So many clusters, under a seed; one search of at most 100 steps with a [tolerance](Self::tolerance) of 1e-3
    /// and a [regularisation](Self::regularisation) of 1e-6.
    pub fn new(clusters: usize, seed: u64) -> Self {
        Self { clusters, seed, restarts: 1, tolerance: 1e-3, regularisation: 1e-6, max_steps: 100 }
    }

    /// Searches so many times, and takes the one with the greatest likelihood. At least 1. A search that fails is
    /// passed over as long as another does not.
    #[must_use]
    pub fn restarts(self, restarts: u32) -> Self {
        Self { restarts, ..self }
    }

    /// The search ends when the mean log-likelihood of a point changes by less in a step. Above 0.
    #[must_use]
    pub fn tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// So much of the variance of each column is added to that of each cluster, which keeps a cluster of few points
    /// from collapsing. Above 0.
    #[must_use]
    pub fn regularisation(self, regularisation: f64) -> Self {
        Self { regularisation, ..self }
    }

    /// The most steps of a search, at least 1. A search that takes more is an error.
    #[must_use]
    pub fn max_steps(self, max_steps: u32) -> Self {
        Self { max_steps, ..self }
    }

    /// The clusters of some points, numbered by size: each point is in that of which it most probably is.
    ///
    /// # Errors
    /// If there are fewer distinct points than clusters or no clusters, a setting is out of its range, points have
    /// weights, no search ended well, or covariances are beyond the largest number or below the least.
    pub fn fit(&self, points: &Points<'_>) -> Result<Clustered<GaussianMixtureModel>, Error> {
        check_unweighted(points)?;
        check_clusters(self.clusters, points)?;
        check_times("restarts", self.restarts)?;
        check_times("steps", self.max_steps)?;
        check_above_0("tolerance", self.tolerance)?;
        check_above_0("regularisation", self.regularisation)?;
        let standard = Standard::of(points);
        let records = DatasetBase::from(standard.records.view());
        let mut seeds = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut best: Result<(f64, GaussianMixtureModel), Error> = Err(refused("no search"));
        for _ in 0..self.restarts {
            let rng = Xoshiro256PlusPlus::seed_from_u64(seeds.next_u64());
            let search = Found::params_with_rng(self.clusters, rng)
                .tolerance(self.tolerance)
                .reg_covariance(self.regularisation)
                .max_n_iterations(self.max_steps.into());
            let found = search.fit(&records).map_err(|error: GmmError| refused(error));
            let found = found.and_then(|found| standard.turn_back(&found));
            let found = found.and_then(|model| Ok((model.log_likelihood(points)?, model)));
            match (&best, &found) {
                (Err(_), _) => best = found,
                (Ok(most), Ok(other)) if other.0 > most.0 => best = found,
                _ => {}
            }
        }
        let (_, model) = best?;
        let labels = crate::cluster::ClusterModel::assign(&model, points)?;
        let numbers = labels.numbers_by(LabelOrder::Size, |_| Vec::new());
        let mut clustered = Clustered::new(model, labels);
        clustered.renumber(&numbers);
        Ok(clustered)
    }
}

impl Clusterer for GaussianMixture {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.boxed())
    }
}

/// Points whose columns have mean 0 and standard deviation 1, as far as they are not constant.
struct Standard {
    records: Array2<f64>,
    /// Of each column: the middle and the scale that are taken from it first, so that nothing overflows, and the mean
    /// and the deviation of what is left.
    columns: Vec<[f64; 4]>,
}

impl Standard {
    fn of(points: &Points<'_>) -> Self {
        let mut records = points.rows().to_owned();
        let rows = points.len() as f64;
        let standard = |mut column: ndarray::ArrayViewMut1<'_, f64>| {
            let (low, high) = scale::ends(column.iter().copied());
            let unit = scale::unit(std::iter::once(column.iter().copied()));
            let middle = low / 2.0 + high / 2.0;
            column.mapv_inplace(|x| x / unit - middle / unit);
            let mean = column.sum() / rows;
            let deviation = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / rows).sqrt();
            let deviation = if deviation > 0.0 { deviation } else { 1.0 };
            column.mapv_inplace(|x| (x - mean) / deviation);
            [middle, unit, mean, deviation]
        };
        let columns = records.axis_iter_mut(Axis(1)).map(standard).collect();
        Self { records, columns }
    }

    /// The answer, in the units of the points.
    fn turn_back(&self, found: &Found<f64>) -> Result<GaussianMixtureModel, Error> {
        let mut means = found.means().clone();
        for (mut column, &[middle, unit, mean, deviation]) in means.axis_iter_mut(Axis(1)).zip(&self.columns)
        {
            column.mapv_inplace(|x| (x * deviation + mean) * unit + middle);
        }
        // The lower triangle twice, for linfa's two differ by rounding.
        let covariances = Array3::from_shape_fn(found.covariances().dim(), |(cluster, row, column)| {
            let (row, column) = (row.max(column), row.min(column));
            let [[_, unit, _, deviation], [_, other_unit, _, other_deviation]] =
                [self.columns[row], self.columns[column]];
            found.covariances()[(cluster, row, column)] * deviation * other_deviation * unit * other_unit
        });
        if !means.iter().chain(&covariances).all(|number| number.is_finite()) {
            return Err(ErrorKind::Overflow { what: "covariance" }.into());
        }
        GaussianMixtureModel::new(found.weights().to_vec(), means, covariances)
    }
}
