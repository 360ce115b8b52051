//! The question: how many groups, from which start, and when to stop.

use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    KMeansModel,
    lloyd::{Found, Rules, search},
    start,
    table::Table,
    totals::Spread,
};
use crate::{
    cluster::{Clustered, Clusterer, Clustering, LabelOrder, Labels, Points},
    error::{Error, ErrorKind},
    math::parallel,
};

/// k-means (Lloyd 1982): so many groups that the squared distances of the points from the mean of their group are
/// small in sum.
///
/// Each point goes to the nearest centroid and each centroid to the mean of its points, in turn, until neither
/// moves. Which of the many minima is found depends on the start; [`restarts`](Self::restarts) takes the best of
/// several. Points whose nearest centroid cannot have changed are passed over, and equal points are one with a
/// weight: neither changes the answer.
///
/// Clusters are numbered by size, the largest first; after a start that was [given](Self::starting_at) they keep
/// the numbers that they have there.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{ClusterModel, KMeans, Points};
///
/// let rows = array![[1.0, 1.0], [1.5, 2.0], [9.0, 8.0], [8.0, 9.0], [8.5, 8.5]];
/// let found = KMeans::new(2, 7).fit(&Points::new(rows.view())?)?;
/// assert_eq!(found.labels.iter().flatten().collect::<Vec<_>>(), [1, 1, 0, 0, 0]);
/// assert_eq!(found.model.centroids(), array![[8.5, 8.5], [1.25, 1.5]]);
/// assert_eq!(found.model.inertia(), 1.0 + 0.625);
///
/// let later = array![[0.0, 0.0]];
/// assert_eq!(found.model.assign(&Points::new(later.view())?)?.get(0), Some(1));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct KMeans {
    start: Start,
    restarts: u32,
    rules: Rules,
}

#[derive(Clone, PartialEq, Debug)]
enum Start {
    Drawn { clusters: usize, seed: u64, by: KMeansStart },
    Given(Array2<f64>),
}

/// How the centroids are drawn from which a search starts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum KMeansStart {
    /// k-means++ (Arthur & Vassilvitskii 2007), greedy: the best of 2 + ln k draws for each centroid. The default.
    #[default]
    PlusPlus,
    /// k-means|| (Bahmani et al. 2012): some 10 k points are drawn in five passes, whatever k is, of which k are
    /// taken by k-means++.
    Parallel,
}

/// What becomes of a cluster that is left by its last point.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum EmptyCluster {
    /// It takes the point that is farthest from its own centroid, and is dropped if every point lies on one: then
    /// there are fewer distinct points than clusters. The default.
    #[default]
    Relocate,
    /// It is dropped, and there are fewer clusters than were asked for.
    Drop,
    /// The search ends with an error.
    Refuse,
}

/// Starts are held until the search ends.
const MOST_RESTARTS: u32 = 10_000;

impl KMeans {
    /// So many clusters, from a start drawn under a seed by [`KMeansStart::PlusPlus`]; one search of at most 300
    /// steps, with a [tolerance](Self::tolerance) of 1e-4.
    pub fn new(clusters: usize, seed: u64) -> Self {
        Self::of(Start::Drawn { clusters, seed, by: KMeansStart::PlusPlus })
    }

    /// From given centroids, a row for each cluster, in the order in which clusters are to be numbered.
    pub fn starting_at(centroids: Array2<f64>) -> Self {
        Self::of(Start::Given(centroids))
    }

    /// From where an earlier search ended: clusters keep their numbers as the points change.
    pub fn warm(earlier: &KMeansModel) -> Self {
        Self::starting_at(earlier.centroids().to_owned())
    }

    fn of(start: Start) -> Self {
        let rules = Rules { tolerance: 1e-4, max_steps: 300, empty: EmptyCluster::Relocate };
        Self { start, restarts: 1, rules }
    }

    /// How the start is drawn; of no effect if it was given.
    #[must_use]
    pub fn start(mut self, way: KMeansStart) -> Self {
        if let Start::Drawn { by, .. } = &mut self.start {
            *by = way;
        }
        self
    }

    /// Searches so many times from different starts, and takes the one with the least inertia. At least 1, and
    /// not more if the start was given; at most 10,000.
    #[must_use]
    pub fn restarts(self, restarts: u32) -> Self {
        Self { restarts, ..self }
    }

    /// The search ends when the squares of how far the centroids went in a step sum up to at most so much times the
    /// mean variance of the columns; with 0 it ends when no point moves.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.rules.tolerance = tolerance;
        self
    }

    /// The most steps of a search, at least 1.
    #[must_use]
    pub fn max_steps(mut self, steps: u32) -> Self {
        self.rules.max_steps = steps;
        self
    }

    /// What becomes of a cluster that is left by its last point.
    #[must_use]
    pub fn empty(mut self, rule: EmptyCluster) -> Self {
        self.rules.empty = rule;
        self
    }

    /// The number of clusters asked for.
    pub fn clusters(&self) -> usize {
        match &self.start {
            Start::Drawn { clusters, .. } => *clusters,
            Start::Given(centroids) => centroids.nrows(),
        }
    }

    /// Whether the settings make sense.
    ///
    /// # Errors
    /// If there are no clusters, restarts or steps; if the tolerance is below 0 or not finite; if a given start has
    /// no columns, has a number that is not finite, or is to be searched from more than once.
    pub fn check(&self) -> Result<(), Error> {
        if self.clusters() == 0 {
            return Err(Error::parameter("clusters", 0, "must be at least 1"));
        }
        if self.restarts == 0 {
            return Err(Error::parameter("restarts", 0, "must be at least 1"));
        }
        if self.restarts > MOST_RESTARTS {
            return Err(Error::parameter("restarts", self.restarts, "must be at most 10000"));
        }
        if self.rules.max_steps == 0 {
            return Err(Error::parameter("max_steps", 0, "must be at least 1"));
        }
        let tolerance = self.rules.tolerance;
        if !(tolerance >= 0.0 && tolerance.is_finite()) {
            return Err(Error::parameter("tolerance", tolerance, "must be finite and at least 0"));
        }
        if let Start::Given(centroids) = &self.start {
            if self.restarts > 1 {
                return Err(Error::parameter("restarts", self.restarts, "need starts that are drawn"));
            }
            // What is no row of points is no start either.
            Points::new(centroids.view())?;
        }
        Ok(())
    }

    /// Finds the clusters.
    ///
    /// There are fewer than asked for where there are fewer distinct points, or by the rule for
    /// [empty](Self::empty) ones.
    ///
    /// # Errors
    /// If [`check`](Self::check) fails; if there are more clusters than points; if a given start is not of the
    /// points' width; if a cluster is left empty and that is to be refused; if the inertia is too large a number.
    pub fn fit(&self, points: &Points<'_>) -> Result<Clustered<KMeansModel>, Error> {
        let given = self.given(points)?;
        let table = Table::of(points, &given);
        let (found, table) = match table.collapsed() {
            None => (self.best(&table, &given)?, table),
            Some((distinct, of)) => {
                let mut found = self.best(&distinct, &given)?;
                found.labels = parallel::column(of.len(), parallel::BLOCK, |rows, labels| {
                    for (label, distinct) in labels.iter_mut().zip(&of[rows]) {
                        *label = found.labels[*distinct as usize];
                    }
                });
                (found, table)
            }
        };
        self.clustered(found, &table)
    }

    /// The start that was given, a row each, or nothing; the settings suit the points.
    pub(super) fn given(&self, points: &Points<'_>) -> Result<Vec<f64>, Error> {
        self.check()?;
        if self.clusters() > points.len() {
            return Err(Error::parameter("clusters", self.clusters(), "are more than there are points"));
        }
        if let Start::Given(centroids) = &self.start {
            points.check_width(centroids.ncols())?;
            return Ok(centroids.iter().copied().collect());
        }
        Ok(Vec::new())
    }

    /// The start of each search, a row each, in the numbers of the table.
    pub(super) fn starts<'a>(&'a self, table: &'a Table<'_>, given: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let Start::Drawn { clusters, seed, by } = self.start else {
            return Ok(vec![table.scaled(given)]);
        };
        let mut next = Xoshiro256PlusPlus::seed_from_u64(seed);
        let chances = (0..self.restarts).map(|_| {
            let chance = next.clone();
            next.jump();
            chance
        });
        let starts: Vec<Vec<f64>> = chances
            .map(|mut chance| match by {
                KMeansStart::PlusPlus => start::plus_plus(table, clusters, &mut chance),
                KMeansStart::Parallel => start::parallel(table, clusters, &mut chance),
            })
            .collect();
        let few = starts.iter().any(|start| start.len() < clusters * table.width());
        if few && self.rules.empty == EmptyCluster::Refuse {
            return Err(Error::parameter("clusters", clusters, "are more than there are distinct points"));
        }
        Ok(starts)
    }

    /// The best search of all starts, the first of equally good ones.
    fn best(&self, table: &Table<'_>, given: &[f64]) -> Result<Found, Error> {
        let spread = Spread::of(table);
        let searches = |start| search(table, &spread, start, self.rules);
        let mut starts = self.starts(table, given)?.into_iter();
        // There is at least one start.
        let mut best = searches(starts.next().unwrap_or_default())?;
        for start in starts {
            let found = searches(start)?;
            if found.inertia < best.inertia {
                best = found;
            }
        }
        Ok(best)
    }

    fn clustered(&self, found: Found, table: &Table<'_>) -> Result<Clustered<KMeansModel>, Error> {
        let (clusters, width) = (found.weights.len(), table.width());
        let labels = Labels::of_valid(clusters, found.labels);
        let inertia = table.unscaled_square(found.inertia);
        if !inertia.is_finite() {
            return Err(ErrorKind::Overflow { what: "sum of squared distances" }.into());
        }
        let centroids = Array2::from_shape_vec((clusters, width), table.unscaled(found.centroids));
        let model = KMeansModel {
            centroids: centroids.unwrap_or_default(),
            order: (0..clusters as u32).collect(),
            sizes: labels.sizes(),
            weights: found.weights.into_iter().map(|weight| table.unscaled_weight(weight)).collect(),
            inertia,
            steps: found.steps,
            stop: found.stop,
        };
        let mut clustered = Clustered::new(model, labels);
        if matches!(self.start, Start::Drawn { .. }) {
            let numbers = clustered.labels.numbers_by(LabelOrder::Size, |_| Vec::new());
            clustered.renumber(&numbers);
        }
        Ok(clustered)
    }
}

impl Clusterer for KMeans {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.boxed())
    }
}
