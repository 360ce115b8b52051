//! What DBSCAN found, and how.

use super::{
    Dbscan, DbscanModel, connect,
    connect::lanes_of,
    cores::{self, LEAVES},
    mass::Masses,
    nearest::Nearest,
    scaled::Scale,
};
use crate::{
    cluster::{Clustered, LabelOrder, Labels, Points, labels::NOISE},
    error::Error,
    math::{
        box_tree::{BoxTree, Lanes},
        disjoint_sets::DisjointSets,
        parallel,
        simd::widest,
    },
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
    let scale = Scale::to(settings.eps).check(points, settings.eps)?;
    let reach = scale.square(settings.eps);
    let masses = Masses::new(points.weights(), settings.min_points);
    let enough = |diagonal: f64, rows: &[u32]| diagonal <= reach && masses.sum(rows) >= masses.least;
    let tree = BoxTree::new(scale.columns(points), &enough);
    let cores = cores::find(&tree, &masses, reach);
    let sets = connect::cores(&tree, &cores, reach);
    let (clusters, mut numbers) = number(&tree, &cores, &sets);
    join_borders(&tree, &cores, reach, &mut numbers);

    let mut kinds = vec![PointKind::Noise; points.len()];
    let mut rows = vec![NOISE; points.len()];
    for (block, &cores) in cores.iter().enumerate() {
        for (lane, place) in tree.places(block).enumerate() {
            let row = tree.rows()[place] as usize;
            rows[row] = numbers[place];
            kinds[row] = if cores >> lane & 1 == 1 {
                PointKind::Core
            } else if numbers[place] == NOISE {
                PointKind::Noise
            } else {
                PointKind::Border
            };
        }
    }
    let labels = Labels::of_valid(clusters, rows);
    let model = DbscanModel::new(settings, points, &labels, &distinct(&tree, &cores));
    let clustered = Clustered::new(model, labels).ordered(LabelOrder::Size, points)?;
    Ok(DbscanFit { clustered, kinds })
}

/// Numbers the sets of cores: how many there are, and the number at each place, [`NOISE`] where there is no core.
fn number(tree: &BoxTree, cores: &[Lanes], sets: &DisjointSets) -> (usize, Vec<u32>) {
    let mut numbers = vec![NOISE; tree.rows().len()];
    let mut clusters = 0;
    for (block, &lanes) in cores.iter().enumerate() {
        let first = tree.places(block).start;
        for place in lanes_of(lanes).map(|lane| first + lane) {
            // The least place of the set, so it has its number already, or is its first.
            let least = sets.find(place as u32) as usize;
            if least == place {
                numbers[place] = clusters;
                clusters += 1;
            } else {
                numbers[place] = numbers[least];
            }
        }
    }
    (clusters as usize, numbers)
}

/// Gives those that are near a core the number of the nearest.
fn join_borders(tree: &BoxTree, cores: &[Lanes], reach: f64, numbers: &mut [u32]) {
    let counts = tree.sums(|leaf| cores[tree.blocks_of(leaf)].iter().map(|lanes| lanes.count_ones()).sum());
    if counts[0] == 0 {
        return;
    }
    let nearest = Nearest { tree, cores, counts: &counts, reach };
    let others = |leaf: &u32| tree.places_of(*leaf as usize).len() > counts[*leaf as usize] as usize;
    let leaves: Vec<u32> = tree.leaves().into_iter().filter(others).collect();
    let found = parallel::map(leaves.chunks(LEAVES).collect(), |leaves| {
        widest(
            #[inline(always)]
            || borders_of(&nearest, leaves),
        )
    });
    for (place, core) in found.into_iter().flatten() {
        numbers[place] = numbers[core];
    }
}

/// The places of points on a border in some leaves, each with that of its nearest core.
#[inline(always)]
#[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
fn borders_of(nearest: &Nearest<'_>, leaves: &[u32]) -> Vec<(usize, usize)> {
    let tree = nearest.tree;
    let (mut point, mut stack, mut borders) = (vec![0.0; tree.width()], Vec::new(), Vec::new());
    for &leaf in leaves {
        for block in tree.blocks_of(leaf as usize) {
            let first = tree.places(block).start;
            for lane in lanes_of(tree.lanes(block) & !nearest.cores[block]) {
                tree.point(block, lane, &mut point);
                let core = nearest.place(&point, leaf as usize, &mut stack);
                borders.extend(core.map(|core| (first + lane, core)));
            }
        }
    }
    borders
}

/// The rows of cores, the first of each that are equal, in their order.
fn distinct(tree: &BoxTree, cores: &[Lanes]) -> Vec<u32> {
    // Equal points are in one leaf.
    let leaves = tree.leaves();
    let found = parallel::map(leaves.chunks(LEAVES).collect(), |leaves| {
        let mut rows = Vec::new();
        for &leaf in leaves {
            let blocks = tree.blocks_of(leaf as usize);
            let mut at: Vec<_> =
                blocks.flat_map(|block| lanes_of(cores[block]).map(move |lane| (block, lane))).collect();
            let row = |at: &(usize, usize)| tree.rows()[tree.places(at.0).start + at.1];
            at.sort_unstable_by(|a, b| tree.order(*a, *b).then(row(a).cmp(&row(b))));
            at.dedup_by(|a, b| tree.order(*a, *b).is_eq());
            rows.extend(at.iter().map(row));
        }
        rows
    });
    let mut rows = found.concat();
    rows.sort_unstable();
    rows
}
