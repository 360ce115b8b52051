//! Clusters as DBSCAN learned them: their cores.

use std::sync::OnceLock;

use super::{Dbscan, border, scaled::Scale};
use crate::{
    cluster::{ClusterModel, Labels, Points, labels::NOISE},
    error::Error,
    math::{kd_tree::KdTree, parallel, simd::widest},
};

/// The clusters that [`Dbscan`] found: the core points, each with its cluster.
///
/// Clusters of any shape are known by their cores alone, so the model **holds rows**: the coordinates of the cores, in
/// the order of the rows learned from, and of equal ones the first where many are equal. It knows no customer's id. Where a customer's numbers
/// must be forgotten, fit again without them.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct DbscanModel {
    settings: Dbscan,
    clusters: usize,
    /// The coordinates of the cores, a column each.
    columns: Vec<Vec<f64>>,
    /// The cluster of each.
    numbers: Vec<u32>,
    /// Made when it is first needed.
    index: OnceLock<Index>,
}

impl PartialEq for DbscanModel {
    fn eq(&self, other: &Self) -> bool {
        let parts = |model: &Self| (model.settings, model.clusters);
        parts(self) == parts(other) && self.columns == other.columns && self.numbers == other.numbers
    }
}

impl DbscanModel {
    /// The cores are the `rows` of points, which have labels.
    pub(super) fn new(settings: Dbscan, points: &Points<'_>, labels: &Labels, rows: &[u32]) -> Self {
        let taken = |column: usize| {
            let column = points.rows().index_axis_move(ndarray::Axis(1), column);
            rows.iter().map(|&row| column[row as usize]).collect()
        };
        let columns = parallel::map((0..points.width()).collect(), taken);
        let numbers = rows.iter().map(|&row| labels.numbers()[row as usize]).collect();
        Self { settings, clusters: labels.clusters(), columns, numbers, index: OnceLock::new() }
    }

    /// How far a core reaches.
    pub fn eps(&self) -> f64 {
        self.settings.eps
    }

    /// How much a core had within its reach, itself included.
    pub fn min_points(&self) -> usize {
        self.settings.min_points
    }

    /// Number of cores held. Where many rows are equal, the first of each is held.
    pub fn cores(&self) -> usize {
        self.numbers.len()
    }

    /// The cluster and the coordinates of each core held.
    pub fn iter_cores(&self) -> impl ExactSizeIterator<Item = (usize, Vec<f64>)> + '_ {
        let coordinates = |at: usize| self.columns.iter().map(|column| column[at]).collect();
        self.numbers.iter().enumerate().map(move |(at, &number)| (number as usize, coordinates(at)))
    }

    fn index(&self) -> &Index {
        // Made outside of the lock: a thread that waits for others here may take up another call.
        if let Some(index) = self.index.get() {
            return index;
        }
        let made = Index::new(&self.columns, self.settings.eps);
        self.index.get_or_init(|| made)
    }
}

impl ClusterModel for DbscanModel {
    fn clusters(&self) -> usize {
        self.clusters
    }

    fn width(&self) -> usize {
        self.columns.len()
    }

    /// The cluster of the nearest core within eps, as for points on a border; none where there is no core.
    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        points.check_width(self.width())?;
        if self.numbers.is_empty() {
            return Ok(Labels::of_valid(0, vec![NOISE; points.len()]));
        }
        let (index, rows) = (self.index(), points.rows());
        let numbers = parallel::column(points.len(), ROWS, |range, out: &mut [u32]| {
            let (mut point, mut stack) = (vec![0.0; self.width()], Vec::new());
            widest(
                #[inline(always)]
                || {
                    for (row, out) in range.zip(out) {
                        for (x, coordinate) in point.iter_mut().zip(rows.row(row)) {
                            *x = index.scale.of(*coordinate);
                        }
                        let core = border::nearest(&index.tree, &point, index.reach, &mut stack);
                        *out = core.map_or(NOISE, |at| self.numbers[index.tree.rows()[at as usize] as usize]);
                    }
                },
            );
        });
        Ok(Labels::of_valid(self.clusters, numbers))
    }

    fn renumber(&mut self, numbers: &[usize]) {
        for number in &mut self.numbers {
            *number = numbers[*number as usize] as u32;
        }
    }
}

/// Rows that a thread assigns at a time.
const ROWS: usize = 1 << 10;

/// The cores in a tree, to be found by.
#[derive(Clone, Debug)]
struct Index {
    scale: Scale,
    tree: KdTree,
    /// The square of eps.
    reach: f64,
}

impl Index {
    fn new(columns: &[Vec<f64>], eps: f64) -> Self {
        let scale = Scale::to(eps);
        Self { scale, tree: KdTree::new(&scale.all(columns)), reach: scale.square(eps) }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::{Dbscan, DbscanModel, NOISE, OnceLock};
    use crate::{
        error::Error,
        model::{Exact, SchemaVersion},
    };

    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        eps: Exact,
        min_points: u64,
        clusters: u32,
        /// The coordinates of the cores, a column each.
        columns: Vec<Vec<Exact>>,
        /// The cluster of each core.
        numbers: Vec<u32>,
    }

    impl From<DbscanModel> for Saved {
        fn from(model: DbscanModel) -> Self {
            Self {
                schema: SchemaVersion,
                eps: Exact(model.settings.eps),
                min_points: model.settings.min_points as u64,
                clusters: model.clusters as u32,
                columns: model
                    .columns
                    .into_iter()
                    .map(|column| column.into_iter().map(Exact).collect())
                    .collect(),
                numbers: model.numbers,
            }
        }
    }

    impl TryFrom<Saved> for DbscanModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            let min_points = usize::try_from(saved.min_points);
            let min_points =
                min_points.map_err(|_| Error::parameter("min_points", saved.min_points, "is too large"))?;
            let settings = Dbscan::new(saved.eps.0, min_points);
            settings.check()?;
            let (cores, clusters) = (saved.numbers.len(), saved.clusters as usize);
            let fits = |column: &Vec<Exact>| column.len() == cores;
            if saved.columns.is_empty() || u32::try_from(cores).is_err() || !saved.columns.iter().all(fits) {
                return Err(Error::parameter(
                    "columns",
                    saved.columns.len(),
                    "do not have a number for each core",
                ));
            }
            // Each cluster has a core, so there are not more of them, and none is without.
            let mut seen = vec![false; clusters.min(cores)];
            for &number in &saved.numbers {
                let seen = seen.get_mut(number as usize);
                *seen.ok_or_else(|| Error::parameter("cluster number", number, "has no cluster"))? = true;
            }
            if seen.len() < clusters || clusters >= NOISE as usize || seen.contains(&false) {
                return Err(Error::parameter("clusters", clusters, "have not a core each"));
            }
            let columns: Vec<Vec<f64>> =
                saved.columns.into_iter().map(|column| column.into_iter().map(|x| x.0).collect()).collect();
            Ok(Self { settings, clusters, columns, numbers: saved.numbers, index: OnceLock::new() })
        }
    }
}
