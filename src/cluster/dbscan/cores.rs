//! Which points have enough others near: the cores.

use super::mass::Masses;
use crate::math::{
    box_tree::{BoxTree, Lanes},
    parallel,
    simd::widest,
};

/// Leaves that a thread takes at a time.
pub(super) const LEAVES: usize = 1 << 8;

/// The cores of each block; `reach` is the square of eps.
pub(super) fn find(tree: &BoxTree, masses: &Masses, reach: f64) -> Vec<Lanes> {
    let weights = tree.sums(|leaf| masses.sum(&tree.rows()[tree.places_of(leaf)]));
    let search = Search { tree, masses, reach, weights: &weights };
    let leaves = tree.leaves();
    let found = parallel::map_with(leaves.chunks(LEAVES).collect(), Crowd::default, |crowd, leaves| {
        widest(
            #[inline(always)]
            || search.cores_of(leaves, crowd),
        )
    });
    found.concat()
}

/// How the cores are found.
struct Search<'a> {
    tree: &'a BoxTree,
    masses: &'a Masses,
    reach: f64,
    /// Of the points of each node.
    weights: &'a [u128],
}

/// The points of a leaf, and what was found near them.
#[derive(Default)]
struct Crowd {
    /// The coordinates of one point after the other; of one alone where all are equal.
    points: Vec<f64>,
    /// Near each of them.
    near: Vec<u128>,
    /// Near all of them.
    common: u128,
    /// Those with too little near, so far.
    open: Vec<u32>,
    /// Nodes to look at.
    stack: Vec<usize>,
}

impl Search<'_> {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn cores_of(&self, leaves: &[u32], crowd: &mut Crowd) -> Vec<Lanes> {
        let mut cores = Vec::with_capacity(leaves.len());
        for &leaf in leaves {
            let leaf = leaf as usize;
            let blocks = self.tree.blocks_of(leaf);
            if self.is_dense(leaf) {
                cores.extend(blocks.map(|block| self.tree.lanes(block)));
                continue;
            }
            crowd.gather(self.tree, leaf);
            self.count(leaf, crowd);
            let enough = |near: &u128| near + crowd.common >= self.masses.least;
            let mut is_core = crowd.near.iter().map(enough).cycle();
            for block in blocks {
                let lanes = self.tree.places(block).zip(&mut is_core).enumerate();
                cores.push(lanes.fold(0, |set, (lane, (_, is_core))| set | Lanes::from(is_core) << lane));
            }
        }
        cores
    }

    /// Whether all points of a leaf are near one another, and enough: no distance is needed.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loop over leaves")]
    fn is_dense(&self, leaf: usize) -> bool {
        self.weights[leaf] >= self.masses.least && self.tree.bounds(leaf).diagonal() <= self.reach
    }

    /// Counts from the leaf outwards, until all of its points have enough near.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn count(&self, leaf: usize, crowd: &mut Crowd) {
        let beside = self.tree.outwards(leaf).map(|beside| beside.node);
        for node in std::iter::once(leaf).chain(beside) {
            crowd.stack.push(node);
            while let Some(node) = crowd.stack.pop() {
                self.visit(leaf, node, crowd);
            }
            if crowd.open.is_empty() || crowd.common >= self.masses.least {
                return;
            }
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn visit(&self, leaf: usize, node: usize, crowd: &mut Crowd) {
        let (least, most) = self.tree.bounds(leaf).squares(&self.tree.bounds(node));
        if least > self.reach {
            return;
        }
        if most <= self.reach {
            crowd.common += self.weights[node];
        } else if self.tree.is_leaf(node) {
            self.look(node, crowd);
        } else {
            crowd.stack.extend(self.tree.children(node));
        }
    }

    /// Counts those of a leaf that are near each open point.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn look(&self, leaf: usize, crowd: &mut Crowd) {
        let width = self.tree.width();
        let mut left = 0;
        // A plain loop: the closure of a `retain` is not inlined.
        for at in 0..crowd.open.len() {
            let number = crowd.open[at] as usize;
            let point = &crowd.points[number * width..(number + 1) * width];
            let mut near = crowd.near[number];
            for block in self.tree.blocks_of(leaf) {
                near += self.near(block, point);
            }
            crowd.near[number] = near;
            crowd.open[left] = number as u32;
            left += usize::from(near + crowd.common < self.masses.least);
        }
        crowd.open.truncate(left);
    }

    /// The weight of those of a block that are near a point.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn near(&self, block: usize, point: &[f64]) -> u128 {
        let squares = self.tree.squares(block, point);
        if self.masses.are_equal() {
            return squares.iter().map(|square| u64::from(*square <= self.reach)).sum::<u64>().into();
        }
        let rows = &self.tree.rows()[self.tree.places(block)];
        let near = rows.iter().zip(squares).filter(|(_, square)| *square <= self.reach);
        near.map(|(&row, _)| self.masses.of(row)).sum()
    }
}

impl Crowd {
    /// Takes the points of a leaf, near none of which anything was found.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loop over leaves")]
    fn gather(&mut self, tree: &BoxTree, leaf: usize) {
        let points = if tree.bounds(leaf).is_point() { 1 } else { tree.places_of(leaf).len() };
        self.points.resize(points * tree.width(), 0.0);
        let mut out = self.points.chunks_exact_mut(tree.width());
        for block in tree.blocks_of(leaf) {
            for (lane, out) in (0..tree.places(block).len()).zip(&mut out) {
                tree.point(block, lane, out);
            }
        }
        self.near.clear();
        self.near.resize(points, 0);
        self.common = 0;
        self.open.clear();
        self.open.extend(0..points as u32);
    }
}
