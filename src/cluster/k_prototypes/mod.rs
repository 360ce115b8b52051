//! k-prototypes (Huang 1998): clusters of points that have numbers and categories.

mod mixed_points;
mod model;
#[cfg(feature = "serde")]
mod saved;
mod search;
mod start;
mod table;

use ndarray::Array2;

pub use self::{mixed_points::MixedPoints, model::KPrototypesModel};

use self::{search::search, start::Prototypes, table::Table};
use super::{Clustered, LabelOrder, Labels};
use crate::error::{Error, ErrorKind};

/// k-prototypes (Huang 1998, "Extensions to the k-means algorithm for clustering large data sets with categorical
/// values"): k-means for points with numbers and categories. A prototype has the mean of each column of numbers, and
/// the commonest category of each other column. Of points without numbers it is k-modes.
///
/// Each point goes to the nearest prototype and each prototype to the middle of its points, in turn, until no point
/// moves; [`restarts`](Self::restarts) takes the best of several searches. Points move all at once, as in Lloyd's
/// k-means: in Huang's paper one by one, which may end at another minimum of the same cost function.
///
/// # Formula
/// ```text
/// d(x, prototype) = sum of (x_j - mean_j)^2 over the numbers + gamma (number of categories other than the mode)
/// ```
///
/// # What is missing
/// A missing category says nothing: it adds 0 to every distance, and is not counted where the commonest is looked
/// for. A cluster without any category in a column has none there, and every category differs from it. Of categories
/// equally common that of the lowest code is taken.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{KPrototypes, MixedPoints, Points};
///
/// let spend = array![[1.0], [1.2], [0.8], [9.0], [9.1], [1.1]];
/// let plan = [0, 0, MixedPoints::MISSING, 2, 2, 1];
/// let people = MixedPoints::new(Points::new(spend.view())?, &[&plan])?;
/// let found = KPrototypes::new(2, 7).restarts(5).fit(&people)?;
/// assert_eq!(found.labels.sizes(), [4, 2]);
/// assert_eq!(found.model.modes(), [[0], [2]]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct KPrototypes {
    start: Start,
    gamma: Option<f64>,
    restarts: u32,
    max_steps: u32,
}

#[derive(Clone, PartialEq, Debug)]
enum Start {
    Drawn { clusters: usize, seed: u64 },
    Given { means: Array2<f64>, modes: Vec<Vec<u32>> },
}

impl KPrototypes {
    /// So many clusters, from points drawn under a seed, each with a chance in proportion to its weight and its
    /// distance to the nearest drawn before (k-means++, Arthur & Vassilvitskii 2007); one search of at most 100 steps.
    pub fn new(clusters: usize, seed: u64) -> Self {
        Self { start: Start::Drawn { clusters, seed }, gamma: None, restarts: 1, max_steps: 100 }
    }

    /// From given prototypes, a row of `means` and a row of `modes` for each cluster, in the order in which clusters
    /// are to be numbered. Of points without numbers `means` has no columns.
    pub fn starting_at(means: Array2<f64>, modes: Vec<Vec<u32>>) -> Self {
        Self { start: Start::Given { means, modes }, gamma: None, restarts: 1, max_steps: 100 }
    }

    /// How much a category that differs weighs, beside squared distances of numbers; 0 or above. Unless set, it is
    /// half the mean of the standard deviations of the columns of numbers, as Huang's experiments (1997) have it and
    /// the package `kmodes`: 1/2 for standardised columns. It is 1 where there are none.
    #[must_use]
    pub fn gamma(self, gamma: f64) -> Self {
        Self { gamma: Some(gamma), ..self }
    }

    /// Searches so many times from different starts, and takes the one with the least cost. At least 1, and not more
    /// if the start was given.
    #[must_use]
    pub fn restarts(self, restarts: u32) -> Self {
        Self { restarts, ..self }
    }

    /// The most steps of a search, at least 1.
    #[must_use]
    pub fn max_steps(self, max_steps: u32) -> Self {
        Self { max_steps, ..self }
    }

    /// The clusters of some points, numbered by size, or as the start was given. A cluster that loses its last point
    /// takes the point that is farthest from its prototype, and is dropped where every point lies on one.
    ///
    /// # Errors
    /// If there are fewer points than clusters or no clusters, a setting is out of its range, a given start does not
    /// fit the points, or the cost is beyond the largest number.
    pub fn fit(&self, points: &MixedPoints<'_>) -> Result<Clustered<KPrototypesModel>, Error> {
        self.check(points)?;
        let table = Table::of(points);
        let gamma = self.gamma.unwrap_or_else(|| table.gamma());
        if !gamma.is_finite() {
            return Err(ErrorKind::Overflow { what: "standard deviation of a column" }.into());
        }
        let mut best = None;
        for mut start in self.starts(&table, gamma) {
            let found = search(&table, &mut start, gamma, self.max_steps);
            if best.as_ref().is_none_or(|(least, _): &(search::Found, Prototypes)| found.cost < least.cost) {
                best = Some((found, start));
            }
        }
        let Some((found, prototypes)) = best.filter(|(found, _)| found.cost.is_finite()) else {
            return Err(ErrorKind::Overflow { what: "cost of the clusters" }.into());
        };
        let (model, labels) = KPrototypesModel::of(&found, &prototypes, gamma);
        let mut clustered = Clustered { model, labels };
        if matches!(self.start, Start::Drawn { .. }) {
            let numbers = clustered.labels.numbers_by(LabelOrder::Size, |_| Vec::new());
            clustered.labels.renumber(&numbers);
            clustered.model.renumber(&numbers);
        }
        Ok(clustered)
    }

    fn starts(&self, table: &Table<'_>, gamma: f64) -> Vec<Prototypes> {
        match &self.start {
            Start::Drawn { clusters, seed } => start::draw(table, *clusters, gamma, *seed, self.restarts),
            Start::Given { means, modes } => vec![Prototypes::given(means, modes)],
        }
    }

    fn check(&self, points: &MixedPoints<'_>) -> Result<(), Error> {
        let clusters = match &self.start {
            Start::Drawn { clusters, .. } => *clusters,
            Start::Given { modes, .. } => modes.len(),
        };
        if clusters == 0 || clusters > points.len() {
            return Err(Error::parameter("clusters", clusters, "must be from 1 to the number of points"));
        }
        if self.restarts == 0 {
            return Err(Error::parameter("restarts", 0, "must be at least 1"));
        }
        if self.restarts > 10_000 {
            return Err(Error::parameter("restarts", self.restarts, "must be at most 10000"));
        }
        if self.max_steps == 0 {
            return Err(Error::parameter("steps", 0, "must be at least 1"));
        }
        if let Some(gamma) = self.gamma.filter(|gamma| !(*gamma >= 0.0 && gamma.is_finite())) {
            return Err(Error::parameter("gamma", gamma, "must be finite and 0 or above"));
        }
        let Start::Given { means, modes } = &self.start else { return Ok(()) };
        let (numbers, categories) = points.widths();
        if means.dim() != (modes.len(), numbers) || modes.iter().any(|modes| modes.len() != categories) {
            let shape = format!("{:?}", means.dim());
            return Err(Error::parameter(
                "start",
                shape,
                "must be of a row a cluster, a column a column of the points",
            ));
        }
        match means.iter().find(|mean| !mean.is_finite()) {
            Some(mean) => Err(Error::parameter("start", mean, "must be finite")),
            None => Ok(()),
        }
    }
}

/// The labels of clusters that are not empty, numbered anew in their order.
fn without_empty(labels: &[u32], clusters: usize) -> (Labels, Vec<usize>) {
    let mut sizes = vec![0_u64; clusters];
    for &label in labels {
        sizes[label as usize] += 1;
    }
    let kept: Vec<usize> = (0..clusters).filter(|&cluster| sizes[cluster] > 0).collect();
    let mut numbers = vec![0; clusters];
    for (number, &cluster) in (0..).zip(&kept) {
        numbers[cluster] = number;
    }
    let labels = labels.iter().map(|&label| numbers[label as usize]).collect();
    (Labels::of_valid(kept.len(), labels), kept)
}
