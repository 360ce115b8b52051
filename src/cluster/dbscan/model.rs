//! Clusters as DBSCAN learned them: their cores.

use std::{cmp::Ordering, sync::OnceLock};

use super::{Dbscan, border, scaled::Scale};
use crate::{
    cluster::{
        ClusterModel, Labels, Points,
        labels::{NOISE, permutes},
    },
    error::Error,
    math::{kd_tree::KdTree, parallel, simd::widest},
};

/// The clusters that [`Dbscan`] found: the core points, each with its cluster.
///
/// Clusters of any shape are known by their cores alone, so the model **holds rows**: the coordinates of the cores, in
/// the order of the rows learned from, and of equal ones the first where many are equal. It knows no customer's id; [`forget`](Self::forget) takes
/// out the numbers of one.
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

    /// Takes out all cores with these coordinates, and says whether any was held.
    ///
    /// The clusters stay as they were learned, and keep their numbers, if only with a gap where the cores were.
    pub fn forget(&mut self, point: &[f64]) -> bool {
        let held = self.cores();
        if point.len() == self.width() {
            // Zero equals minus zero, and NaN nothing.
            let is_other = |at: usize| {
                self.columns
                    .iter()
                    .zip(point)
                    .any(|(column, x)| column[at].partial_cmp(x) != Some(Ordering::Equal))
            };
            let kept: Vec<bool> = (0..held).map(is_other).collect();
            let mut of = kept.iter();
            self.numbers.retain(|_| of.next() == Some(&true));
            for column in &mut self.columns {
                let mut of = kept.iter();
                column.retain(|_| of.next() == Some(&true));
            }
            self.index = OnceLock::new();
        }
        self.cores() < held
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
                    for (row, out) in range.clone().zip(&mut *out) {
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
        if !permutes(numbers, self.clusters()) {
            return;
        }
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
    use super::{Dbscan, DbscanModel, NOISE, OnceLock, Scale};
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
            let exact = |column: Vec<f64>| column.into_iter().map(Exact).collect();
            Self {
                schema: SchemaVersion,
                eps: Exact(model.settings.eps),
                min_points: model.settings.min_points as u64,
                clusters: model.clusters as u32,
                columns: model.columns.into_iter().map(exact).collect(),
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
                let columns = saved.columns.len();
                return Err(Error::parameter("columns", columns, "have not a number for each core"));
            }
            if clusters >= NOISE as usize {
                return Err(Error::parameter("clusters", clusters, "are too many"));
            }
            if let Some(bad) = saved.numbers.iter().find(|number| **number as usize >= clusters) {
                return Err(Error::parameter("cluster number", bad, "has no cluster"));
            }
            let exact = |column: Vec<Exact>| column.into_iter().map(|x| x.0).collect();
            let columns: Vec<Vec<f64>> = saved.columns.into_iter().map(exact).collect();
            Scale::to(settings.eps).check(columns.iter().flatten(), settings.eps)?;
            Ok(Self { settings, clusters, columns, numbers: saved.numbers, index: OnceLock::new() })
        }
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use ndarray::array;
    use serde_json::{Value, json};

    const GOLDEN: &str = include_str!("../../../tests/golden/dbscan-1.json");

    #[test]
    fn models_of_the_first_schema_are_read() {
        // The cores of the example of `Dbscan`.
        let model: DbscanModel = serde_json::from_str(GOLDEN).unwrap();
        assert_eq!(serde_json::to_string(&model).unwrap(), GOLDEN.trim_end());
        assert_eq!((model.clusters(), model.cores(), model.width()), (2, 5, 2));
        let rows = array![
            [0.0, 0.0],
            [0.0, 1.0],
            [1.0, 0.0],
            [2.0, 0.5],
            [9.0, 9.0],
            [9.0, 8.5],
            [8.5, 9.0],
            [5.0, 5.0]
        ];
        let points = Points::new(rows.view()).unwrap();
        assert_eq!(Dbscan::new(1.2, 3).fit(&points).unwrap().clustered.model, model);
        let labels: Vec<_> = model.assign(&points).unwrap().iter().collect();
        assert_eq!(labels, [Some(0), Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
        // One without a core is saved as well.
        let none = Dbscan::new(0.1, 2).fit(&points).unwrap().clustered.model;
        let read: DbscanModel = serde_json::from_value(serde_json::to_value(&none).unwrap()).unwrap();
        assert_eq!((read.assign(&points).unwrap().noise(), read), (8, none));
    }

    #[test]
    fn a_core_that_is_forgotten_is_not_held() {
        let mut model: DbscanModel = serde_json::from_str(GOLDEN).unwrap();
        let rows = array![[2.0, 0.5], [9.0, 9.0], [0.0, 1.0]];
        let points = Points::new(rows.view()).unwrap();
        let labels = |model: &DbscanModel| model.assign(&points).unwrap().iter().collect::<Vec<_>>();
        assert_eq!(labels(&model), [Some(0), Some(1), Some(0)]);
        assert!(model.forget(&[1.0, 0.0]) && !model.forget(&[1.0, 0.0]) && !model.forget(&[1.0]));
        assert!(!model.forget(&[f64::NAN, f64::NAN]));
        assert_eq!(labels(&model), [None, Some(1), Some(0)]);
        for core in [[9.0, 9.0], [9.0, 8.5], [8.5, 9.0]] {
            assert!(model.forget(&core));
        }
        assert_eq!((labels(&model), model.clusters()), (vec![None, None, Some(0)], 2));
        let read: DbscanModel = serde_json::from_value(serde_json::to_value(&model).unwrap()).unwrap();
        assert_eq!(read, model);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let spoilt = |at: &str, value: Value| {
            let mut saved: Value = serde_json::from_str(GOLDEN).unwrap();
            *saved.pointer_mut(at).unwrap() = value;
            serde_json::from_value::<DbscanModel>(saved).unwrap_err().to_string()
        };
        assert!(spoilt("/schema", json!(2)).contains("saved with schema 2"));
        assert!(spoilt("/eps", json!("0.0")).starts_with("eps"));
        assert!(spoilt("/eps", json!("1e-500")).starts_with("eps"));
        assert!(spoilt("/min_points", json!(0)).starts_with("min_points"));
        assert!(spoilt("/columns", json!([])).starts_with("columns"));
        assert!(spoilt("/columns/0", json!(["1.0"])).starts_with("columns"));
        assert!(spoilt("/columns/0/1", json!("inf")).contains("not a finite number"));
        assert!(spoilt("/numbers/0", json!(2)).starts_with("cluster number"));
        assert!(spoilt("/clusters", json!(u32::MAX)).starts_with("clusters"));
        // Beside such a core its eps is as nothing.
        let mut saved: Value = serde_json::from_str(GOLDEN).unwrap();
        (saved["eps"], saved["columns"][0][0]) = (json!("1e-200"), json!("1e300"));
        let refused = serde_json::from_value::<DbscanModel>(saved).unwrap_err();
        assert!(refused.to_string().contains("less than the largest coordinate"));
    }
}
