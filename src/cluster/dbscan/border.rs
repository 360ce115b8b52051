//! Which core is nearest to a point.
#![allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]

use super::near::{GROUPS, Meet, Near, Place, Scope, Set, facing, groups, members, whole};
use crate::math::{
    kd_tree::{KdTree, LEAF, Node, Search, to_box, to_leaf},
    parallel,
    simd::widest,
};

/// The nearest core so far.
///
/// Of cores at the same distance that with the least coordinates is taken, the first column before the second: neither
/// the order of the rows nor the shape of the tree has a say.
#[derive(Clone, Copy)]
struct Nearest {
    square: f64,
    position: Option<u32>,
}

impl Nearest {
    #[inline(always)]
    fn offer(&mut self, tree: &KdTree, position: usize, square: f64) {
        let better = square < self.square
            || square <= self.square
                && self.position.is_none_or(|at| tree.order(position, at as usize).is_lt());
        if better {
            *self = Self { square, position: Some(position as u32) };
        }
    }
}

/// The positions of points on a border, each with that of its nearest core. `reach` is the square of eps.
pub(super) fn find(tree: &KdTree, cores: &[Set], reach: f64) -> Vec<(u32, u32)> {
    let any = tree.gather(|leaf| cores[leaf] != 0, |one, other| one || other);
    let groups = groups(tree);
    let found = parallel::map(groups.chunks(GROUPS).collect(), |groups| {
        let mut near = Near::default();
        let group = tree.node(0);
        let (nearest, point) = (Vec::new(), vec![0.0; tree.width()]);
        let mut borders = Borders { tree, cores, reach, any: &any, group, nearest, point, found: Vec::new() };
        widest(
            #[inline(always)]
            || {
                for &group in groups {
                    borders.group = group;
                    borders.nearest.clear();
                    borders
                        .nearest
                        .resize(group.leaves().len() * LEAF, Nearest { square: reach, position: None });
                    near.look(Place { tree, group, reach, scope: Scope::All }, &mut borders);
                    borders.finish();
                }
            },
        );
        borders.found
    });
    found.concat()
}

/// A group whose points look for cores.
struct Borders<'a> {
    tree: &'a KdTree,
    cores: &'a [Set],
    reach: f64,
    /// Whether there is a core in each node.
    any: &'a [bool],
    group: Node,
    nearest: Vec<Nearest>,
    point: Vec<f64>,
    found: Vec<(u32, u32)>,
}

impl Borders<'_> {
    fn finish(&mut self) {
        let first = self.group.leaves().start * LEAF;
        let near = self.nearest.iter().enumerate();
        self.found.extend(near.filter_map(|(at, near)| Some(((first + at) as u32, near.position?))));
    }

    /// The points of a leaf that are no cores.
    #[inline(always)]
    fn others(&self, leaf: usize) -> Set {
        whole(self.tree, leaf) & !self.cores[leaf]
    }
}

impl Meet for Borders<'_> {
    #[inline(always)]
    fn wants(&self, node: Node) -> bool {
        self.any[node.number()]
    }

    #[inline(always)]
    fn take(&mut self, _: Node) -> bool {
        false
    }

    #[inline(always)]
    fn asks(&self, leaf: usize) -> bool {
        self.others(leaf) != 0
    }

    #[inline(always)]
    fn meet(&mut self, leaf: usize, other: usize, _: bool) {
        let (at, first) = (leaf - self.group.leaves().start, self.tree.positions(leaf).start);
        let facing = facing(self.tree.blocks(leaf), self.tree.bounds(self.tree.node(other)), self.reach);
        for lane in members(self.others(leaf) & facing) {
            self.tree.point(first + lane, &mut self.point);
            let nearest = &mut self.nearest[at * LEAF + lane];
            let squares = to_leaf(&self.point, self.tree.blocks(other));
            for lane in members(self.cores[other]) {
                nearest.offer(self.tree, other * LEAF + lane, squares[lane]);
            }
        }
    }
}

/// Looks for the core nearest to one point, in a tree of cores alone.
struct Nearby<'a> {
    tree: &'a KdTree,
    point: &'a [f64],
    nearest: Nearest,
}

/// The position of the nearest of the points of a tree, if one is within reach, the square of eps.
#[inline(always)]
pub(super) fn nearest(tree: &KdTree, point: &[f64], reach: f64, stack: &mut Vec<(f64, Node)>) -> Option<u32> {
    let mut nearby = Nearby { tree, point, nearest: Nearest { square: reach, position: None } };
    tree.search(&mut nearby, stack);
    nearby.nearest.position
}

impl Search for Nearby<'_> {
    #[inline(always)]
    fn least(&self, node: Node) -> f64 {
        to_box(self.point, self.tree.bounds(node))
    }

    #[inline(always)]
    fn bound(&self) -> f64 {
        // One as far as the nearest may come before it.
        self.nearest.square.next_up()
    }

    #[inline(always)]
    fn visit(&mut self, leaf: usize) {
        let squares = to_leaf(self.point, self.tree.blocks(leaf));
        for (position, square) in self.tree.positions(leaf).zip(squares) {
            self.nearest.offer(self.tree, position, square);
        }
    }
}
