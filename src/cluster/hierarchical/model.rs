//! Clusters of a tree as they are kept: their centroids.

use ndarray::{Array2, ArrayView2};

use super::{Cut, MergeTree, rows};
use crate::{
    cluster::{ClusterModel, Clustered, Labels, Points},
    error::Error,
    math::{parallel, simd},
};

/// The clusters that a tree was cut into. Another point is assigned to the one whose centroid is nearest, whatever
/// the linkage; of several as near, to the one of the lowest number.
///
/// A tree says nothing of points that it was not built of, and it has no rows to ask. Round clusters, as Ward's are,
/// are told apart so; points of long ones, as single linkage finds, may be assigned to a neighbour.
/// [`agreement`](Self::agreement) says how many of the points learned from are assigned to their own cluster.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct HierarchicalModel {
    /// Of shape `(clusters, columns)`, finite, at least one of either.
    pub(super) centroids: Array2<f64>,
    /// The share of the points learned from that the centroids assign to their own cluster.
    pub(super) agreement: f64,
}

impl MergeTree {
    /// The clusters where the tree is cut, with a model that assigns others. `points` are those it was built of.
    ///
    /// # Errors
    /// As [`cut`](Self::cut), or if there are not as many points as the tree was built of.
    pub fn clusters(&self, at: Cut, points: &Points<'_>) -> Result<Clustered<HierarchicalModel>, Error> {
        if points.len() != self.len() {
            return Err(Error::parameter("points", points.len(), "are not as many as the tree was built of"));
        }
        let labels = self.cut(at)?;
        let mut model = HierarchicalModel { centroids: centroids(points, &labels), agreement: 1.0 };
        let assigned = model.assign(points)?;
        let same = assigned.iter().zip(labels.iter()).filter(|(assigned, own)| assigned == own).count();
        model.agreement = same as f64 / points.len() as f64;
        Ok(Clustered::new(model, labels))
    }
}

/// The weighted mean of each cluster. Each point adds its share, for a sum might be beyond the largest number.
fn centroids(points: &Points<'_>, labels: &Labels) -> Array2<f64> {
    let weight = |row: usize| points.weights().map_or(1.0, |weights| weights[row]);
    let mut total = vec![0.0; labels.clusters()];
    for (row, cluster) in labels.iter().enumerate() {
        if let Some(cluster) = cluster {
            total[cluster] += weight(row);
        }
    }
    let mut centroids = Array2::zeros((labels.clusters(), points.width()));
    for ((row, cluster), point) in labels.iter().enumerate().zip(points.rows().rows()) {
        if let Some(cluster) = cluster {
            let share = weight(row) / total[cluster];
            centroids.row_mut(cluster).zip_mut_with(&point, |mean: &mut f64, x| *mean += share * x);
        }
    }
    centroids.mapv_into(|mean| mean.clamp(f64::MIN, f64::MAX))
}

impl HierarchicalModel {
    /// The weighted mean of the points of each cluster, of shape `(clusters, columns)`.
    pub fn centroids(&self) -> ArrayView2<'_, f64> {
        self.centroids.view()
    }

    /// The share of the points learned from, weights aside, that [`assign`](ClusterModel::assign) gives to the
    /// cluster the tree has them in; from 0 to 1.
    pub fn agreement(&self) -> f64 {
        self.agreement
    }
}

impl ClusterModel for HierarchicalModel {
    fn clusters(&self) -> usize {
        self.centroids.nrows()
    }

    fn width(&self) -> usize {
        self.centroids.ncols()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        points.check_width(self.width())?;
        let columns = points.columns();
        // Points and centroids in one unit, at which squares neither overflow nor vanish.
        let both = columns.iter().zip(self.centroids.columns());
        let unit = rows::unit(both.map(|(column, means)| column.iter().chain(means).copied()));
        let numbers = parallel::column(points.len(), BLOCK, |rows, numbers: &mut [u32]| {
            simd::widest(|| {
                let block: Vec<&[f64]> = columns.iter().map(|column| &column[rows.clone()]).collect();
                nearest(&block, self.centroids.view(), unit.recip(), numbers);
            });
        });
        Ok(Labels::of_valid(self.clusters(), numbers))
    }

    fn renumber(&mut self, numbers: &[usize]) {
        let old = self.centroids.clone();
        for (row, &number) in old.rows().into_iter().zip(numbers) {
            self.centroids.row_mut(number).assign(&row);
        }
    }
}

/// Points whose distances are held at once.
const BLOCK: usize = 512;

/// The nearest centroid to each point of a block, both scaled by a power of 2.
#[inline(always)]
fn nearest(columns: &[&[f64]], centroids: ArrayView2<'_, f64>, scale: f64, numbers: &mut [u32]) {
    let mut least = [f64::INFINITY; BLOCK];
    for (number, centroid) in (0..).zip(centroids.rows()) {
        let mut sums = [0.0; BLOCK];
        for (column, mean) in columns.iter().zip(centroid) {
            let mean = mean * scale;
            for (sum, x) in sums.iter_mut().zip(*column) {
                let apart = x * scale - mean;
                *sum += apart * apart;
            }
        }
        for ((least, sum), nearest) in least.iter_mut().zip(&sums).zip(numbers.iter_mut()) {
            *nearest = if sum < least { number } else { *nearest };
            *least = if sum < least { *sum } else { *least };
        }
    }
}
