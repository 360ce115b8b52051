//! Which core is nearest to a point.

use super::connect::lanes_of;
use crate::math::box_tree::{Bounds, BoxTree, Lanes};

/// Cores in a tree.
#[derive(Debug)]
pub(super) struct Nearest<'a> {
    pub(super) tree: &'a BoxTree,
    /// The cores of each block.
    pub(super) cores: &'a [Lanes],
    /// The number of cores of each node.
    pub(super) counts: &'a [u32],
    /// The square of eps.
    pub(super) reach: f64,
}

/// The nearest so far.
#[derive(Clone, Copy)]
struct Found {
    square: f64,
    at: Option<(usize, usize)>,
}

impl Nearest<'_> {
    /// The place of the core nearest to a point, if one is near; `from` is the leaf that the point is in, or the root.
    ///
    /// Of cores at the same distance that with the least coordinates is taken, the first column before the second:
    /// neither the order of the rows nor the shape of the tree has a say.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    pub(super) fn place(&self, point: &[f64], from: usize, stack: &mut Vec<(f64, usize)>) -> Option<usize> {
        let mut found = Found { square: self.reach, at: None };
        let beside = self.tree.outwards(from).map(|beside| beside.node);
        for node in std::iter::once(from).chain(beside) {
            stack.push((self.least(point, node), node));
            while let Some((least, node)) = stack.pop() {
                if least > found.square || self.counts[node] == 0 {
                    continue;
                }
                if self.tree.is_leaf(node) {
                    self.look(point, node, &mut found);
                    continue;
                }
                let [left, right] = self.tree.children(node);
                let (left, right) = ((self.least(point, left), left), (self.least(point, right), right));
                // The nearer one is looked at first.
                stack.extend(if left.0 < right.0 { [right, left] } else { [left, right] });
            }
        }
        found.at.map(|(block, lane)| self.tree.places(block).start + lane)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn least(&self, point: &[f64], node: usize) -> f64 {
        Bounds::at(point).squares(&self.tree.bounds(node)).0
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn look(&self, point: &[f64], leaf: usize, found: &mut Found) {
        for block in self.tree.blocks_of(leaf) {
            let squares = self.tree.squares(block, point);
            for lane in lanes_of(self.cores[block]) {
                let square = squares[lane];
                // What is no further is at the same distance or nearer.
                let better = square <= found.square
                    && found
                        .at
                        .is_none_or(|at| square < found.square || self.tree.order((block, lane), at).is_lt());
                if better {
                    *found = Found { square, at: Some((block, lane)) };
                }
            }
        }
    }
}
