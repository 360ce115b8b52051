//! linfa's DBSCAN.

use linfa::traits::Transformer;
use ndarray::{Array2, Axis};

use super::{check_above_0, check_unweighted, refused};
use crate::{
    cluster::{
        ClusterModel, Clustered, Clusterer, Clustering, LabelOrder, Labels, Points,
        centroids::Centroids,
        distinct::Distinct,
        labels::{NOISE, permutes},
        scale,
    },
    error::Error,
    math::{parallel, simd},
};

/// DBSCAN (Ester et al. 1996) as linfa-clustering does it: a point with `min_points` points within `eps`, itself
/// included, is a core; cores within `eps` of each other are in one cluster, with all points within `eps` of them.
/// A point near cores of two clusters is in the one found first.
///
/// Of equal points only `min_points` are handed over: more change nothing, and make linfa slow. Which points are
/// cores linfa does not say. That is found again, for [`assign`](ClusterModel::assign), by comparing all distinct
/// points, in time quadratic in their number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LinfaDbscan {
    eps: f64,
    min_points: usize,
}

impl LinfaDbscan {
    /// `eps` is a distance in the unit of the points, above 0; `min_points` is at least 2.
    pub fn new(eps: f64, min_points: usize) -> Self {
        Self { eps, min_points }
    }

    /// The clusters of some points, numbered by size.
    ///
    /// # Errors
    /// If `eps` is not finite or not above 0, `min_points` is below 2, or points have weights.
    pub fn fit(&self, points: &Points<'_>) -> Result<Clustered<LinfaDbscanModel>, Error> {
        check_unweighted(points)?;
        check_above_0("eps", self.eps)?;
        if self.min_points < 2 {
            return Err(Error::parameter("min_points", self.min_points, "must be at least 2"));
        }
        let columns = points.columns();
        let unit = scale::unit(columns.iter().map(|column| column.iter().copied()));
        let distinct =
            Distinct::of(points, points.len()).ok_or_else(|| refused("more distinct points than points"))?;
        // The first so many of equal points.
        let mut times = vec![0_usize; distinct.weights.len()];
        let mut enough = |&row: &usize| {
            let times = &mut times[distinct.of[row] as usize];
            *times += 1;
            *times <= self.min_points
        };
        let kept: Vec<usize> = (0..points.len()).filter(&mut enough).collect();
        let records =
            points.rows().select(Axis(0), &kept).mapv_into(|x| x / unit).as_standard_layout().into_owned();
        let found = linfa_clustering::Dbscan::params::<f64>(self.min_points)
            .tolerance((self.eps / unit).clamp(f64::MIN_POSITIVE, f64::MAX))
            .transform(&records)
            .map_err(refused)?;
        let mut of_distinct = vec![NOISE; distinct.weights.len()];
        for (&row, cluster) in kept.iter().zip(&found) {
            of_distinct[distinct.of[row] as usize] = cluster.map_or(NOISE, |cluster| cluster as u32);
        }
        let clusters = found.iter().flatten().max().map_or(0, |most| most + 1);
        let labels =
            Labels::of_valid(clusters, distinct.of.iter().map(|&of| of_distinct[of as usize]).collect());
        let model = LinfaDbscanModel::of(&distinct, &of_distinct, clusters, *self, unit);
        let numbers = labels.numbers_by(LabelOrder::Size, |_| Vec::new());
        let mut clustered = Clustered::new(model, labels);
        clustered.renumber(&numbers);
        Ok(clustered)
    }
}

impl Clusterer for LinfaDbscan {
    fn cluster(&self, points: &Points<'_>) -> Result<Clustering, Error> {
        Ok(self.fit(points)?.boxed())
    }
}

/// What [`LinfaDbscan`] learned: its distinct cores, and the cluster of each. A point is assigned to the cluster of
/// the nearest core, if that is within `eps`.
///
/// Cores are rows of the points learned from: a host that must forget a customer calls [`forget`](Self::forget).
#[derive(Clone, PartialEq, Debug)]
pub struct LinfaDbscanModel {
    /// There may be none.
    cores: Centroids,
    of_core: Vec<u32>,
    clusters: usize,
    eps: f64,
}

impl LinfaDbscanModel {
    fn of(distinct: &Distinct, of_distinct: &[u32], clusters: usize, way: LinfaDbscan, unit: f64) -> Self {
        let count = distinct.weights.len();
        let near = (way.eps / unit).powi(2);
        let is_core = parallel::column(count, 64, |rows, cores: &mut [bool]| {
            simd::run(|| {
                for (row, core) in rows.zip(cores) {
                    *core =
                        of_distinct[row] != NOISE && has_enough(distinct, row, unit, near, way.min_points);
                }
            });
        });
        let cores: Vec<usize> = (0..count).filter(|&row| is_core[row]).collect();
        let coordinates = Array2::from_shape_fn((cores.len(), distinct.columns.len()), |(core, column)| {
            distinct.columns[column][cores[core]]
        });
        let of_core = cores.iter().map(|&row| of_distinct[row]).collect();
        Self { cores: Centroids(coordinates), of_core, clusters, eps: way.eps }
    }

    /// The distinct cores, of shape `(cores, columns)`, in the order in which they were met.
    pub fn cores(&self) -> ndarray::ArrayView2<'_, f64> {
        self.cores.0.view()
    }

    /// Lets go of a core at a point; says whether there was one. Points near it may be noise from then on.
    pub fn forget(&mut self, point: &[f64]) -> bool {
        let stay: Vec<usize> = (0..self.of_core.len())
            .filter(|&core| !self.cores.0.row(core).iter().copied().eq(point.iter().copied()))
            .collect();
        let found = stay.len() < self.of_core.len();
        self.cores = Centroids(self.cores.0.select(Axis(0), &stay));
        self.of_core = stay.iter().map(|&core| self.of_core[core]).collect();
        found
    }
}

/// Whether a distinct point has so many points within the root of `near`, in units.
#[inline(always)]
fn has_enough(distinct: &Distinct, row: usize, unit: f64, near: f64, enough: usize) -> bool {
    const BLOCK: usize = 64;
    let mut points = 0.0;
    for start in (0..distinct.weights.len()).step_by(BLOCK) {
        let block = start..distinct.weights.len().min(start + BLOCK);
        let mut sums = [0.0; BLOCK];
        for column in &distinct.columns {
            let x = column[row] / unit;
            for (sum, other) in sums.iter_mut().zip(&column[block.clone()]) {
                *sum += (other / unit - x) * (other / unit - x);
            }
        }
        for (sum, weight) in sums.iter().zip(&distinct.weights[block]) {
            points += if *sum <= near { *weight } else { 0.0 };
        }
        if points >= enough as f64 {
            return true;
        }
    }
    false
}

impl ClusterModel for LinfaDbscanModel {
    fn clusters(&self) -> usize {
        self.clusters
    }

    fn width(&self) -> usize {
        self.cores.0.ncols()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        points.check_width(self.width())?;
        if self.of_core.is_empty() {
            return Ok(Labels::of_valid(self.clusters, vec![NOISE; points.len()]));
        }
        let nearest = self.cores.assign(points)?;
        let rows = points.rows();
        let ends = rows.iter().chain(&self.cores.0).copied();
        let unit = scale::unit(std::iter::once(ends));
        let near = (self.eps / unit).powi(2);
        let cluster = |(point, core): (ndarray::ArrayView1<'_, f64>, Option<usize>)| {
            let core = core?;
            let apart = point.iter().zip(self.cores.0.row(core)).map(|(a, b)| (a / unit - b / unit).powi(2));
            (apart.sum::<f64>() <= near).then_some(self.of_core[core])
        };
        let numbers = rows.rows().into_iter().zip(nearest.iter()).map(|both| cluster(both).unwrap_or(NOISE));
        Ok(Labels::of_valid(self.clusters, numbers.collect()))
    }

    fn renumber(&mut self, numbers: &[usize]) {
        if !permutes(numbers, self.clusters()) {
            return;
        }
        for cluster in &mut self.of_core {
            *cluster = numbers[*cluster as usize] as u32;
        }
    }
}
