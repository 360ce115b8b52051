//! Which leaves of a tree are near which.
//!
//! The tree is asked for a few leaves at a time, a group: on the way down one box stands for all of them. What is
//! left is held against each leaf of the group, eight boxes at a time.
//!
//! Distances to boxes are squared and summed in the order of the columns, as are those to points. Rounding is
//! monotone, so no point is nearer than the near side of its box, to the last bit, and nothing is lost to a margin.
#![allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]

use crate::math::{
    kd_tree::{Block, KdTree, LEAF, Node},
    lanes::{LANES, Lanes},
};

/// A set of points of a leaf, a bit for each.
pub(super) type Set = u16;

/// Leaves of a group at most.
const GROUP: usize = 8;
/// Groups that a thread takes at a time.
pub(super) const GROUPS: usize = 1 << 6;
/// Leaves that are gathered before they are looked at.
const GATHERED: usize = 4 * LANES;

/// All leaves, in groups.
pub(super) fn groups(tree: &KdTree) -> Vec<Node> {
    let (mut groups, mut open): (_, Vec<Node>) = (Vec::new(), tree.root().into_iter().collect());
    while let Some(node) = open.pop() {
        if node.leaves().len() <= GROUP {
            groups.push(node);
        } else {
            let [left, right] = node.children();
            open.extend([right, left]);
        }
    }
    groups
}

/// What is done with the leaves near a group.
pub(super) trait Meet {
    /// Whether a node may be of use.
    fn wants(&self, node: Node) -> bool;

    /// Every point of the group is near every one of a node. Says whether the node is done with.
    fn take(&mut self, node: Node) -> bool;

    /// Whether a leaf of the group still asks.
    fn asks(&self, leaf: usize) -> bool;

    /// A leaf of the group is near another, and if `all` is set, every point near every one.
    fn meet(&mut self, leaf: usize, other: usize, all: bool);
}

/// Leaves that may be near a group, with their boxes.
#[derive(Default)]
pub(super) struct Near {
    leaves: Vec<u32>,
    /// For eight leaves at a time the least and the greatest of each coordinate.
    boxes: Vec<[Lanes; 2]>,
    stack: Vec<Node>,
}

/// Where to look, from where.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tree: &'a KdTree,
    pub(super) group: Node,
    /// The square of how near is near.
    pub(super) reach: f64,
    pub(super) scope: Scope,
}

/// How far to look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Among all leaves.
    All,
    /// Within the group.
    Within,
    /// Among the leaves that come after the group.
    After,
}

impl Near {
    /// Meets the leaves around a group, the group itself first and then those in ever larger nodes around it, until no
    /// leaf of the group asks.
    #[inline(always)]
    pub(super) fn look(&mut self, place: Place<'_>, meet: &mut impl Meet) {
        let Place { tree, group, reach, scope } = place;
        self.leaves.clear();
        self.stack.clear();
        let beside = if scope == Scope::Within { Vec::new() } else { tree.beside(group) };
        for (at, node) in std::iter::once(group).chain(beside.iter().copied()).enumerate() {
            if scope != Scope::After || node.leaves().start > group.leaves().start {
                self.stack.push(node);
            }
            while let Some(node) = self.stack.pop() {
                if !meet.wants(node) {
                    continue;
                }
                let (least, most) = between(tree.bounds(group), tree.bounds(node));
                if least > reach || most <= reach && meet.take(node) {
                    continue;
                }
                match node.leaf() {
                    Some(leaf) => self.push(leaf, tree.bounds(node)),
                    None => self.stack.extend(node.children()),
                }
                if self.leaves.len() >= GATHERED {
                    self.flush(place, meet);
                    if !group.leaves().any(|leaf| meet.asks(leaf)) {
                        return;
                    }
                }
            }
            if self.leaves.len() >= LANES || at == 0 || at == beside.len() {
                self.flush(place, meet);
                if !group.leaves().any(|leaf| meet.asks(leaf)) {
                    return;
                }
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, leaf: usize, bounds: &[[f64; 2]]) {
        let at = self.leaves.len();
        let (first, lane) = (at / LANES * bounds.len(), at % LANES);
        if self.boxes.len() < first + bounds.len() {
            self.boxes.resize(first + bounds.len(), [[0.0; LANES]; 2]);
        }
        for ([lows, highs], [low, high]) in self.boxes[first..].iter_mut().zip(bounds) {
            (lows[lane], highs[lane]) = (*low, *high);
        }
        self.leaves.push(leaf as u32);
    }

    /// Holds what was gathered against each leaf of the group.
    #[inline(always)]
    fn flush(&mut self, place: Place<'_>, meet: &mut impl Meet) {
        let Place { tree, group, reach, .. } = place;
        for leaf in group.leaves() {
            let bounds = tree.bounds(tree.node(leaf));
            for (others, boxes) in self.leaves.chunks(LANES).zip(self.boxes.chunks(bounds.len())) {
                if !meet.asks(leaf) {
                    break;
                }
                let (least, most) = between_each(bounds, boxes);
                for ((&other, least), most) in others.iter().zip(least).zip(most) {
                    if least <= reach {
                        meet.meet(leaf, other as usize, most <= reach);
                    }
                }
            }
        }
        self.leaves.clear();
    }
}

/// The points of a leaf that are near, by the squares of their distances.
#[inline(always)]
pub(super) fn within(squares: &Block, reach: f64) -> Set {
    squares.iter().enumerate().fold(0, |set, (at, square)| set | Set::from(*square <= reach) << at)
}

/// The points of a leaf that may be near some in a box.
#[inline(always)]
pub(super) fn facing(blocks: &[Block], bounds: &[[f64; 2]], reach: f64) -> Set {
    let mut squares = [0.0; LEAF];
    for (block, [low, high]) in blocks.iter().zip(bounds) {
        for (square, x) in squares.iter_mut().zip(block) {
            let (before, after) = (low - x, x - high);
            let gap = if before > after { before } else { after };
            let gap = if gap > 0.0 { gap } else { 0.0 };
            *square += gap * gap;
        }
    }
    within(&squares, reach)
}

/// All points of a leaf.
pub(super) fn whole(tree: &KdTree, leaf: usize) -> Set {
    Set::MAX >> (LEAF - tree.positions(leaf).len())
}

/// The numbers in a set.
#[inline(always)]
pub(super) fn members(set: Set) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let next = left.trailing_zeros();
        left &= left.wrapping_sub(1);
        (next < Set::BITS).then_some(next as usize)
    })
}

/// The square of a box's diagonal: no two points in it are further apart.
pub(super) fn diagonal(bounds: &[[f64; 2]]) -> f64 {
    between(bounds, bounds).1
}

/// The squares of the least and the greatest distance between points of two boxes.
#[inline(always)]
fn between(one: &[[f64; 2]], other: &[[f64; 2]]) -> (f64, f64) {
    let (mut least, mut most) = (0.0, 0.0);
    for ([low, high], [other_low, other_high]) in one.iter().zip(other) {
        let (gap, span) = apart([*low, *high], [*other_low, *other_high]);
        least += gap * gap;
        most += span * span;
    }
    (least, most)
}

/// The same for a box and each of eight.
#[inline(always)]
fn between_each(one: &[[f64; 2]], others: &[[Lanes; 2]]) -> (Lanes, Lanes) {
    let (mut least, mut most) = ([0.0; LANES], [0.0; LANES]);
    for (one, [lows, highs]) in one.iter().zip(others) {
        for lane in 0..LANES {
            let (gap, span) = apart(*one, [lows[lane], highs[lane]]);
            least[lane] += gap * gap;
            most[lane] += span * span;
        }
    }
    (least, most)
}

/// The least and the greatest distance between numbers of two intervals.
#[inline(always)]
fn apart([low, high]: [f64; 2], [other_low, other_high]: [f64; 2]) -> (f64, f64) {
    // Not `max`, which also looks for NaN.
    let (before, after) = (other_low - high, low - other_high);
    let gap = if before > after { before } else { after };
    let (up, down) = (other_high - low, high - other_low);
    (if gap > 0.0 { gap } else { 0.0 }, if up > down { up } else { down })
}
