//! Whether clusters come back when others of the same kind are clustered.

use rand::Rng;

use super::{stream::stream, taken::Taken};
use crate::{
    cluster::{Clusterer, Labels, Points, labels::NOISE},
    error::{Error, ErrorKind},
    math::parallel,
};

/// Asks how stable clusters are: the points are drawn anew with replacement, so often, and clustered; each cluster
/// is held against the most similar one then found (Hennig, 2007).
///
/// A point that is drawn several times takes part once, as in `clusterboot` of R's `fpc`: so about 63 in 100 do.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{Bootstrap, KMeans, Points};
///
/// let rows = array![[0.0], [0.1], [0.2], [0.3], [0.4], [9.0], [9.1], [9.2], [9.3], [9.4]];
/// let points = Points::new(rows.view())?;
/// let way = KMeans::new(2, 7);
/// let found = way.fit(&points)?;
/// let stable = Bootstrap::new(50, 7).stability(&way, &points, &found.labels)?;
/// assert!(stable.iter().flatten().all(|cluster| cluster.jaccard > 0.9 && cluster.recovered > 0.9));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bootstrap {
    resamples: usize,
    seed: u64,
}

/// How stable a cluster is.
///
/// By Hennig's experience a mean of 0.75 and more is a stable cluster, from 0.6 there is some pattern, and at 0.5
/// and below it has come apart.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stability {
    /// The mean similarity of Jaccard to the most similar cluster, from 0 to 1: of the points that either holds,
    /// the share that both hold. A weight counts as so many points.
    pub jaccard: f64,
    /// The share of resamples in which the cluster was dissolved: similarity 0.5 or below.
    pub dissolved: f64,
    /// The share of resamples in which it was recovered: similarity 0.75 or above.
    pub recovered: f64,
}

/// Resamples and references at the most: more are a slip.
pub(crate) const MOST_REPEATS: usize = 1_000_000;

impl Bootstrap {
    /// So many resamples; 100 are usual, and 20 tell stable from unstable.
    pub fn new(resamples: usize, seed: u64) -> Self {
        Self { resamples, seed }
    }

    /// The stability of each cluster of `labels`, which `clusterer` found among `points`; `None` where no point of
    /// it was drawn. Resamples that hold no point of a cluster do not count for it; in one of fewer points than
    /// there are clusters none comes back.
    ///
    /// # Errors
    /// If there is not a label a point, there are no resamples or above 1,000,000, or the clusterer refuses one.
    pub fn stability(
        &self,
        clusterer: &dyn Clusterer,
        points: &Points<'_>,
        labels: &Labels,
    ) -> Result<Vec<Option<Stability>>, Error> {
        if points.len() != labels.len() {
            let (expected, found) = (points.len(), labels.len());
            return Err(ErrorKind::Length { what: "labels", expected, found }.into());
        }
        if self.resamples == 0 {
            return Err(Error::parameter("resamples", 0, "must be at least 1"));
        }
        if self.resamples > MOST_REPEATS {
            return Err(Error::parameter("resamples", self.resamples, "must be at most 1000000"));
        }
        let resamples = parallel::map((0..self.resamples).collect(), |index| {
            let drawn = drawn(points.len(), &mut stream(self.seed, index));
            if drawn.len() < labels.clusters() {
                return Ok(vec![Some(0.0); labels.clusters()]);
            }
            let again = Taken::of(points, &drawn);
            let found = clusterer.cluster(&again.points()?)?.labels;
            Ok(similarities(points, labels, &drawn, &found))
        });
        let resamples = resamples.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let of_cluster = |cluster: usize| summary(resamples.iter().filter_map(|found| found[cluster]));
        Ok((0..labels.clusters()).map(of_cluster).collect())
    }
}

/// The rows drawn at least once, ascending.
fn drawn(rows: usize, chance: &mut impl Rng) -> Vec<u32> {
    let mut drawn = vec![false; rows];
    for _ in 0..rows {
        drawn[chance.gen_range(0..rows)] = true;
    }
    (0..rows as u32).filter(|&row| drawn[row as usize]).collect()
}

/// For each cluster the largest similarity of Jaccard, among the rows drawn, to one of those found.
fn similarities(points: &Points<'_>, labels: &Labels, drawn: &[u32], found: &Labels) -> Vec<Option<f64>> {
    let (clusters, others) = (labels.clusters(), found.clusters());
    let mut shared = vec![0.0; clusters * others];
    let (mut sizes, mut sizes_found) = (vec![0.0; clusters], vec![0.0; others]);
    for (&row, &other) in drawn.iter().zip(found.numbers()) {
        let weight = points.weights().map_or(1.0, |weights| weights[row as usize]);
        let own = labels.numbers()[row as usize];
        if own != NOISE {
            sizes[own as usize] += weight;
        }
        if other != NOISE {
            sizes_found[other as usize] += weight;
        }
        if own != NOISE && other != NOISE {
            shared[own as usize * others + other as usize] += weight;
        }
    }
    let most = |(cluster, &size): (usize, &f64)| {
        let jaccard = |other: usize| {
            let both: f64 = shared[cluster * others + other];
            both / (size + sizes_found[other] - both)
        };
        (size > 0.0).then(|| (0..others).map(jaccard).fold(0.0, f64::max).min(1.0))
    };
    sizes.iter().enumerate().map(most).collect()
}

fn summary(similarities: impl Iterator<Item = f64>) -> Option<Stability> {
    let all: Vec<f64> = similarities.collect();
    let share = |of: fn(f64) -> bool| all.iter().filter(|&&x| of(x)).count() as f64 / all.len() as f64;
    (!all.is_empty()).then(|| Stability {
        jaccard: all.iter().sum::<f64>() / all.len() as f64,
        dissolved: share(|x| x <= 0.5),
        recovered: share(|x| x >= 0.75),
    })
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::cluster::KMeans;
    use ndarray::Array2;

    #[test]
    fn similarity_is_of_the_rows_drawn() {
        let rows = Array2::zeros((6, 1));
        let points = Points::new(rows.view()).unwrap();
        let labels = Labels::new(3, &[Some(0), Some(0), Some(0), Some(1), None, Some(2)]).unwrap();
        let found = Labels::new(2, &[Some(0), Some(0), Some(1), Some(1)]).unwrap();
        // Of cluster 0 the first two rows, of cluster 1 its row, and noise.
        let similar = similarities(&points, &labels, &[0, 1, 3, 4], &found);
        assert_eq!(similar, [Some(1.0), Some(0.5), None]);
        let weighted = points.weighted(&[1.0, 1.0, 1.0, 3.0, 1.0, 1.0]).unwrap();
        assert_eq!(similarities(&weighted, &labels, &[0, 1, 3, 4], &found)[1], Some(0.75));
    }

    #[test]
    fn a_group_cut_in_two_does_not_come_back() {
        let rows = Array2::from_shape_fn((120, 2), |(row, column)| {
            let angle = row as f64 * 0.7 + column as f64 * 1.3;
            angle.sin() * (1.0 + (row % 7) as f64) + if row < 60 { 0.0 } else { 60.0 }
        });
        let points = Points::new(rows.view()).unwrap();
        let stable = |clusters: usize| {
            let way = KMeans::new(clusters, 3).restarts(5);
            let found = way.fit(&points).unwrap();
            let least =
                |of: Vec<Option<Stability>>| of.into_iter().flatten().map(|s| s.jaccard).fold(1.0, f64::min);
            least(Bootstrap::new(30, 1).stability(&way, &points, &found.labels).unwrap())
        };
        assert_eq!(stable(2), 1.0);
        assert!(stable(5) < 0.75, "{}", stable(5));
    }

    #[test]
    fn of_fewer_points_than_clusters_none_comes_back() {
        let rows = Array2::from_shape_fn((2, 1), |(row, _)| row as f64);
        let (points, way) = (Points::new(rows.view()).unwrap(), KMeans::new(2, 1));
        let found = way.fit(&points).unwrap();
        let stable = Bootstrap::new(40, 1).stability(&way, &points, &found.labels).unwrap();
        // Both points are drawn in half of the resamples.
        let share = stable[0].unwrap().jaccard;
        assert!(share > 0.2 && share < 0.8, "{share}");
        assert_eq!(stable[0].unwrap().recovered, share);
    }

    #[test]
    fn no_resamples_are_refused() {
        let rows = Array2::zeros((2, 1));
        let (points, labels) = (Points::new(rows.view()).unwrap(), Labels::new(1, &[Some(0); 2]).unwrap());
        let way = KMeans::new(1, 1);
        assert!(Bootstrap::new(0, 1).stability(&way, &points, &labels).is_err());
        assert!(Bootstrap::new(1, 1).stability(&way, &points, &Labels::new(1, &[]).unwrap()).is_err());
        assert!(Bootstrap::new(1, 1).stability(&KMeans::new(0, 1), &points, &labels).is_err());
    }
}
