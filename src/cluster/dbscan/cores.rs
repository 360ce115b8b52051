//! Which points have enough others near: the cores.
#![allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]

use super::{
    mass::Masses,
    near::{GROUPS, Meet, Near, Place, Scope, Set, diagonal, facing, groups, members, whole, within},
};
use crate::math::{
    kd_tree::{KdTree, LEAF, Node, to_leaf},
    parallel,
    simd::widest,
};

/// The cores of each leaf; `reach` is the square of eps.
pub(super) fn find(tree: &KdTree, masses: &Masses, reach: f64) -> Vec<Set> {
    let weights =
        tree.gather(|leaf| masses.sum(&tree.rows()[tree.positions(leaf)]), |one, other| one + other);
    let groups = groups(tree);
    let found = parallel::map(groups.chunks(GROUPS).collect(), |groups| {
        let mut near = Near::default();
        let mut count = Count::new(tree, masses, reach, &weights);
        widest(
            #[inline(always)]
            || {
                for &group in groups {
                    count.start(group);
                    near.look(Place { tree, group, reach, scope: Scope::All }, &mut count);
                    count.finish();
                }
            },
        );
        count.cores
    });
    found.concat()
}

/// What was counted near the points of a group.
struct Count<'a> {
    tree: &'a KdTree,
    masses: &'a Masses,
    reach: f64,
    /// Of the points of each node.
    weights: &'a [u128],
    group: Node,
    /// The coordinates of one point after the other.
    points: Vec<f64>,
    /// Found near each point of the group.
    near: Vec<u128>,
    /// Found near all points of each leaf of the group.
    common: Vec<u128>,
    /// Those of each leaf that have too little near, so far.
    open: Vec<Set>,
    /// The cores of all leaves so far.
    cores: Vec<Set>,
}

impl<'a> Count<'a> {
    fn new(tree: &'a KdTree, masses: &'a Masses, reach: f64, weights: &'a [u128]) -> Self {
        let (points, near, common) = (Vec::new(), Vec::new(), Vec::new());
        let (open, cores) = (Vec::new(), Vec::new());
        let group = tree.node(0);
        Self { tree, masses, reach, weights, group, points, near, common, open, cores }
    }

    /// Turns to another group, near which nothing was counted.
    #[inline(always)]
    fn start(&mut self, group: Node) {
        let (tree, leaves) = (self.tree, group.leaves());
        self.group = group;
        self.points.resize(leaves.len() * LEAF * tree.width(), 0.0);
        let mut out = self.points.chunks_exact_mut(tree.width());
        for position in leaves.clone().flat_map(|leaf| tree.positions(leaf)) {
            if let Some(out) = out.next() {
                tree.point(position, out);
            }
        }
        self.near.clear();
        self.near.resize(leaves.len() * LEAF, 0);
        self.common.clear();
        self.common.resize(leaves.len(), 0);
        self.open.clear();
        for leaf in leaves {
            self.open.push(if self.is_dense(leaf) { 0 } else { whole(tree, leaf) });
        }
    }

    /// Whether all points of a leaf are near one another, and enough: no distance is needed.
    fn is_dense(&self, leaf: usize) -> bool {
        let node = self.tree.node(leaf);
        self.weights[node.number()] >= self.masses.least && diagonal(self.tree.bounds(node)) <= self.reach
    }

    /// Those for which nothing is open any more are cores.
    fn finish(&mut self) {
        let leaves = self.group.leaves().zip(&self.open);
        self.cores.extend(leaves.map(|(leaf, open)| whole(self.tree, leaf) & !open));
    }

    /// Something is near all points of a leaf.
    #[inline(always)]
    fn add(&mut self, at: usize, weight: u128) {
        self.common[at] += weight;
        for lane in members(self.open[at]) {
            if self.near[at * LEAF + lane] + self.common[at] >= self.masses.least {
                self.open[at] &= !(1 << lane);
            }
        }
    }

    /// The weight of some points of a leaf.
    #[inline(always)]
    fn weight(&self, leaf: usize, set: Set) -> u128 {
        if self.masses.are_equal() {
            return set.count_ones().into();
        }
        let first = self.tree.positions(leaf).start;
        members(set).map(|lane| self.masses.of(self.tree.rows()[first + lane])).sum()
    }
}

impl Meet for Count<'_> {
    #[inline(always)]
    fn wants(&self, _: Node) -> bool {
        true
    }

    #[inline(always)]
    fn take(&mut self, node: Node) -> bool {
        for at in 0..self.open.len() {
            self.add(at, self.weights[node.number()]);
        }
        true
    }

    #[inline(always)]
    fn asks(&self, leaf: usize) -> bool {
        self.open[leaf - self.group.leaves().start] != 0
    }

    #[inline(always)]
    fn meet(&mut self, leaf: usize, other: usize, all: bool) {
        let (at, width) = (leaf - self.group.leaves().start, self.tree.width());
        if all {
            self.add(at, self.weights[self.tree.node(other).number()]);
            return;
        }
        let blocks = self.tree.blocks(other);
        let bounds = self.tree.bounds(self.tree.node(other));
        let mut open = self.open[at];
        for lane in members(open & facing(self.tree.blocks(leaf), bounds, self.reach)) {
            let number = at * LEAF + lane;
            let point = &self.points[number * width..(number + 1) * width];
            let near = within(&to_leaf(point, blocks), self.reach);
            let near = self.near[number] + self.weight(other, near);
            self.near[number] = near;
            open &= !(Set::from(near + self.common[at] >= self.masses.least) << lane);
        }
        self.open[at] = open;
    }
}
