//! The answer: centroids, and whom they are nearest to.

use ndarray::{Array2, ArrayView2};

use super::{
    nearest::{Nearest, each_block, squares},
    table::{CHUNK, Table},
};
use crate::{
    cluster::{ClusterModel, Labels, Points, labels::permutes},
    error::{Error, ErrorKind},
    math::{lanes::LANES, parallel},
    model::Stop,
};

/// Clusters as [`KMeans`](super::KMeans) found them: their centroids, without the points.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{KMeans, Points};
///
/// let rows = array![[0.0], [2.0], [10.0]];
/// let points = Points::new(rows.view())?.weighted(&[1.0, 3.0, 1.0])?;
/// let model = KMeans::starting_at(array![[0.0], [9.0]]).fit(&points)?.model;
/// assert_eq!(model.centroids(), array![[1.5], [10.0]]);
/// assert_eq!((model.sizes(), model.weights()), (&[2, 1][..], &[4.0, 1.0][..]));
/// assert_eq!(model.transform(&points)?.row(1), array![0.5, 8.0]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct KMeansModel {
    pub(super) centroids: Array2<f64>,
    /// The clusters in the order of the search: of equally near ones a point goes to the first, whatever their
    /// numbers are now.
    pub(super) order: Vec<u32>,
    pub(super) sizes: Vec<u64>,
    pub(super) weights: Vec<f64>,
    pub(super) inertia: f64,
    pub(super) steps: u32,
    pub(super) stop: Stop,
}

impl KMeansModel {
    /// The mean of each cluster, of shape `(clusters, coordinates)`, in the units of the points.
    pub fn centroids(&self) -> ArrayView2<'_, f64> {
        self.centroids.view()
    }

    /// Number of points learned from in each cluster.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// The sum of the weights of the points learned from, in each cluster; their number if they had none.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The sum over the points learned from of the squared distance to the nearest centroid, by weight.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// The steps that the search took.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// How the search ended.
    pub fn stop(&self) -> Stop {
        self.stop
    }

    /// The distance of each point to each centroid, of shape `(points, clusters)`; [`f64::INFINITY`] where it is
    /// too large a number.
    ///
    /// # Errors
    /// If the points are not of the width learned from.
    pub fn transform(&self, points: &Points<'_>) -> Result<Array2<f64>, Error> {
        let (table, centroids) = self.table(points)?;
        let clusters = self.clusters();
        let Some(entries) = points.len().checked_mul(clusters) else {
            return Err(ErrorKind::Overflow { what: "number of distances" }.into());
        };
        let mut distances = vec![0.0; entries];
        let work: Vec<_> = table.chunks().into_iter().zip(distances.chunks_mut(CHUNK * clusters)).collect();
        parallel::map(work, |(rows, distances)| {
            each_block(
                &table.slices(rows),
                #[inline(always)]
                |at, block| {
                    let end = distances.len().min((at + LANES) * clusters);
                    let distances = &mut distances[at * clusters..end];
                    for (cluster, centroid) in centroids.chunks_exact(block.len()).enumerate() {
                        let squares = squares(block, centroid);
                        for (row, square) in distances.chunks_exact_mut(clusters).zip(squares) {
                            row[cluster] = table.unscaled_distance(square.sqrt());
                        }
                    }
                },
            );
        });
        Ok(Array2::from_shape_vec((points.len(), clusters), distances).unwrap_or_default())
    }

    /// Points and centroids in numbers whose squares do not overflow.
    pub(super) fn table<'a>(&self, points: &Points<'a>) -> Result<(Table<'a>, Vec<f64>), Error> {
        points.check_width(self.width())?;
        let centroids: Vec<f64> = self.centroids.iter().copied().collect();
        let table = Table::of(points, &centroids);
        let centroids = table.scaled(&centroids);
        Ok((table, centroids))
    }
}

impl ClusterModel for KMeansModel {
    fn clusters(&self) -> usize {
        self.centroids.nrows()
    }

    fn width(&self) -> usize {
        self.centroids.ncols()
    }

    /// The nearest centroid; of equally near ones the one that the search came to first, so that the points learned
    /// from are assigned as they were.
    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        let (table, centroids) = self.table(points)?;
        let rows: Vec<&[f64]> = centroids.chunks_exact(self.width()).collect();
        let centroids = self.order.iter().map(|cluster| rows[*cluster as usize]).collect::<Vec<_>>().concat();
        let labels = parallel::column(table.len(), table.task(), |rows, labels: &mut [u32]| {
            let mut nearest = Nearest::of_rows(CHUNK);
            for (chunk, labels) in labels.chunks_mut(CHUNK).enumerate() {
                let start = rows.start + chunk * CHUNK;
                nearest.find(&table.slices(start..start + labels.len()), &centroids);
                for (label, place) in labels.iter_mut().zip(nearest.numbers()) {
                    *label = self.order[*place as usize];
                }
            }
        });
        Ok(Labels::of_valid(self.clusters(), labels))
    }

    fn renumber(&mut self, numbers: &[usize]) {
        if !permutes(numbers, self.clusters()) {
            return;
        }
        let before = self.clone();
        for (old, &new) in numbers.iter().enumerate() {
            self.centroids.row_mut(new).assign(&before.centroids.row(old));
            self.sizes[new] = before.sizes[old];
            self.weights[new] = before.weights[old];
        }
        for cluster in &mut self.order {
            *cluster = numbers[*cluster as usize] as u32;
        }
    }
}
