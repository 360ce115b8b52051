//! Centroids that follow a stream of points, a batch at a time.

use ndarray::Array2;

use super::{
    KMeans, KMeansModel,
    lloyd::{Found, settle},
    table::Table,
    totals::{Moves, NONE, Spread, Totals},
};
use crate::{
    cluster::Points,
    error::{Error, ErrorKind},
    math::parallel,
    model::Stop,
};

/// k-means on a stream (Sculley 2010, "Web-scale k-means clustering"): each batch moves every centroid towards the
/// mean of the points that are nearest to it, by their share of all points that ever were.
///
/// The points are not kept. The same batches in the same order give the same bits. A cluster keeps its number, and
/// also its place while no point comes near.
///
/// # Formula
/// For a cluster of weight W that gets points of weight w and mean m in a batch:
/// ```text
/// centroid += (m - centroid) w / (W + w),   W += w
/// ```
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{KMeans, MiniBatch, Points};
///
/// let monday = array![[0.0], [1.0], [10.0]];
/// let mut stream = MiniBatch::start(&KMeans::new(2, 7), &Points::new(monday.view())?)?;
/// let tuesday = array![[2.0], [12.0], [14.0]];
/// stream.push(&Points::new(tuesday.view())?)?;
/// let mut centroids = stream.model().centroids().to_owned();
/// centroids.as_slice_mut().unwrap().sort_by(f64::total_cmp);
/// assert_eq!(centroids, array![[1.0], [12.0]]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct MiniBatch {
    model: KMeansModel,
    memory: f64,
}

impl MiniBatch {
    /// Starts where `how` would start among the points of a first batch, and takes the batch in. Of restarts the
    /// first counts, and no more of `how`.
    ///
    /// # Errors
    /// As [`KMeans::fit`] fails.
    pub fn start(how: &KMeans, first: &Points<'_>) -> Result<Self, Error> {
        let given = how.given(first)?;
        let table = Table::of(first, &given);
        let centroids = table.unscaled(how.starts(&table, &given)?.swap_remove(0));
        let clusters = centroids.len() / first.width();
        let centroids = Array2::from_shape_vec((clusters, first.width()), centroids).unwrap_or_default();
        let (sizes, weights) = (vec![0; clusters], vec![0.0; clusters]);
        let order = (0..clusters as u32).collect();
        let (inertia, steps, stop) = (0.0, 0, Stop::StepLimit);
        let model = KMeansModel { centroids, order, sizes, weights, inertia, steps, stop };
        let mut stream = Self { model, memory: 1.0 };
        stream.push(first)?;
        Ok(stream)
    }

    /// Goes on from clusters that were found earlier, which weigh what their points did.
    pub fn from_model(model: KMeansModel) -> Self {
        Self { model, memory: 1.0 }
    }

    /// With each batch what came before counts so much less, from 0 to 1, so that centroids follow points that
    /// change. 1, where all count alike, unless another is asked for.
    ///
    /// # Errors
    /// If it is not from 0 to 1.
    pub fn memory(self, memory: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&memory) {
            return Err(Error::parameter("memory", memory, "must be from 0 to 1"));
        }
        Ok(Self { memory, ..self })
    }

    /// Takes in a batch.
    ///
    /// # Errors
    /// If the points are not of the width of those before, or weights or squared distances sum up to too large a
    /// number; then the centroids stay where they are.
    pub fn push(&mut self, batch: &Points<'_>) -> Result<(), Error> {
        let (table, centroids) = self.model.table(batch)?;
        let found = settle(&table, centroids);
        let means = means(&table, &found);
        let next = self.moved(&table, &found, &means);
        let sums = next.weights.iter().chain([&next.inertia]);
        if !sums.sum::<f64>().is_finite() {
            return Err(ErrorKind::Overflow { what: "sum over the batches" }.into());
        }
        self.model = next;
        Ok(())
    }

    fn moved(&self, table: &Table<'_>, found: &Found, means: &[f64]) -> KMeansModel {
        let mut next = self.model.clone();
        let batch: Vec<f64> = found.weights.iter().map(|weight| table.unscaled_weight(*weight)).collect();
        for (weight, new) in next.weights.iter_mut().zip(&batch) {
            *weight = *weight * self.memory + new;
        }
        let mut centroids = found.centroids.clone();
        let width = table.width();
        let shares =
            batch.iter().zip(&next.weights).map(|(new, all)| if *new > 0.0 { new / all } else { 0.0 });
        for ((centroid, mean), share) in centroids.chunks_mut(width).zip(means.chunks(width)).zip(shares) {
            for (coordinate, mean) in centroid.iter_mut().zip(mean) {
                *coordinate += (mean - *coordinate) * share;
            }
        }
        for (place, coordinate) in next.centroids.iter_mut().zip(table.unscaled(centroids)) {
            *place = coordinate;
        }
        for label in &found.labels {
            next.sizes[*label as usize] += 1;
        }
        next.inertia = next.inertia * self.memory + table.unscaled_square(found.inertia);
        next.steps = next.steps.saturating_add(1);
        next
    }

    /// The clusters as they are now. Their inertia is by the centroids as they were when each point came, their
    /// weights and inertia are what the [memory](Self::memory) left of them, and a step is a batch.
    pub fn model(&self) -> &KMeansModel {
        &self.model
    }

    /// The clusters as they are at the end of the stream.
    pub fn into_model(self) -> KMeansModel {
        self.model
    }
}

/// The mean of the rows of each cluster.
fn means(table: &Table<'_>, found: &Found) -> Vec<f64> {
    let spread = Spread::of(table);
    let (clusters, width) = (found.weights.len(), table.width());
    let mut totals = Totals::new(clusters, width);
    let all = parallel::map(table.tasks(), |rows| {
        let mut moves = Moves::new(clusters, width);
        for row in rows {
            moves.change(&spread, table.row(row), table.weight(row), NONE, found.labels[row]);
        }
        moves
    });
    for moves in &all {
        totals.apply(moves);
    }
    totals.means(&spread, &found.centroids)
}
