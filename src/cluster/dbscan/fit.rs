//! What DBSCAN found, and how.

use ndarray::{Axis, Slice};

use super::{
    Dbscan, DbscanModel, border, connect, cores,
    mass::Masses,
    near::{Set, members},
    scaled::Scale,
};
use crate::{
    cluster::{Clustered, LabelOrder, Labels, Points, distinct::Distinct, labels::NOISE},
    error::Error,
    math::{disjoint_sets::DisjointSets, kd_tree::KdTree},
};

/// What [`Dbscan::fit`] found.
#[derive(Clone, PartialEq, Debug)]
pub struct DbscanFit {
    /// The clusters, and the cluster of each point.
    pub clustered: Clustered<DbscanModel>,
    kinds: Vec<PointKind>,
}

/// What a point is to DBSCAN.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PointKind {
    /// It has enough points near.
    Core,
    /// It is near a core, without being one.
    Border,
    /// It is near no core, and in no cluster.
    Noise,
}

impl DbscanFit {
    /// What each point is, in the order of the rows.
    pub fn kinds(&self) -> &[PointKind] {
        &self.kinds
    }

    /// How many points are of a kind.
    pub fn count(&self, kind: PointKind) -> u64 {
        self.kinds.iter().filter(|other| **other == kind).count() as u64
    }

    /// Numbers the clusters in another order; `points` are those learned from.
    ///
    /// # Errors
    /// If the points are not of the number and width learned from, or there is no such column.
    pub fn ordered(self, order: LabelOrder, points: &Points<'_>) -> Result<Self, Error> {
        Ok(Self { clustered: self.clustered.ordered(order, points)?, ..self })
    }
}

/// Settings are checked by the caller.
pub(super) fn fit(settings: Dbscan, points: &Points<'_>) -> Result<DbscanFit, Error> {
    let scale = Scale::to(settings.eps).check(points.rows(), settings.eps)?;
    let masses = Masses::new(points.weights(), settings.min_points);
    let reach = scale.square(settings.eps);
    let (labels, kinds, held) = match collapsed(points) {
        None => {
            let (clusters, numbers, kinds) = find(scale.columns(points), &masses, reach);
            (Labels::of_valid(clusters, numbers), kinds, None)
        }
        Some(Distinct { columns, of, .. }) => {
            let masses = masses.joined(&of, columns[0].len());
            let (clusters, numbers, kinds) = find(scale.all(&columns), &masses, reach);
            let labels = of.iter().map(|&at| numbers[at as usize]).collect();
            (Labels::of_valid(clusters, labels), of.iter().map(|&at| kinds[at as usize]).collect(), Some(of))
        }
    };
    let is_core = |row: &u32| kinds[*row as usize] == PointKind::Core;
    let cores: Vec<u32> = match held {
        None => (0..points.len() as u32).filter(is_core).collect(),
        Some(of) => firsts(&of).filter(is_core).collect(),
    };
    let model = DbscanModel::new(settings, points, &labels, &cores);
    let clustered = Clustered::new(model, labels).ordered(LabelOrder::Size, points)?;
    Ok(DbscanFit { clustered, kinds })
}

/// Rows that are looked at to see whether many are equal.
const SAMPLE: usize = 1 << 10;

/// The distinct points, where that is worth its cost: few are distinct among some.
fn collapsed(points: &Points<'_>) -> Option<Distinct> {
    let step = isize::try_from(points.len().div_ceil(SAMPLE)).ok()?;
    let sample = points.rows().slice_axis_move(Axis(0), Slice::new(0, None, step));
    Distinct::of(&Points::new(sample).ok()?, sample.nrows() / 4)?;
    Distinct::of(points, points.len() / 4)
}

/// The first row of each distinct point: they are numbered as they are met.
fn firsts(of: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let mut met = 0;
    (0_u32..).zip(of).filter_map(move |(row, &at)| {
        let first = at == met;
        met += u32::from(first);
        first.then_some(row)
    })
}

/// The number of clusters, the cluster of each row, [`NOISE`] where there is none, and what each row is.
fn find(columns: Vec<Vec<f64>>, masses: &Masses, reach: f64) -> (usize, Vec<u32>, Vec<PointKind>) {
    let tree = KdTree::new(&columns);
    drop(columns);
    let cores = cores::find(&tree, masses, reach);
    let sets = connect::cores(&tree, &cores, reach);
    let (clusters, mut numbers) = number(&tree, &cores, &sets);
    let borders = if clusters > 0 { border::find(&tree, &cores, reach) } else { Vec::new() };

    let mut kinds = vec![PointKind::Noise; tree.len()];
    for (leaf, &cores) in cores.iter().enumerate() {
        let rows = &tree.rows()[tree.positions(leaf)];
        members(cores).for_each(|lane| kinds[rows[lane] as usize] = PointKind::Core);
    }
    for (position, core) in borders {
        kinds[tree.rows()[position as usize] as usize] = PointKind::Border;
        numbers[position as usize] = numbers[core as usize];
    }
    let mut by_row = vec![NOISE; tree.len()];
    for (&row, number) in tree.rows().iter().zip(numbers) {
        by_row[row as usize] = number;
    }
    (clusters, by_row, kinds)
}

/// Numbers the sets of cores: how many there are, and the number at each position, [`NOISE`] where there is no core.
fn number(tree: &KdTree, cores: &[Set], sets: &DisjointSets) -> (usize, Vec<u32>) {
    let mut numbers = vec![NOISE; tree.len()];
    let mut clusters = 0;
    for (leaf, &cores) in cores.iter().enumerate() {
        let first = tree.positions(leaf).start;
        for position in members(cores).map(|lane| first + lane) {
            // The least position of the set, so it has its number already, or is given it.
            let least = sets.find(position as u32) as usize;
            if least == position {
                numbers[position] = clusters;
                clusters += 1;
            } else {
                numbers[position] = numbers[least];
            }
        }
    }
    (clusters as usize, numbers)
}
