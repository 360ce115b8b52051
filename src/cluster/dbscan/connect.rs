//! Which cores are near one another, over any number of others: they are a cluster.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::near::{GROUPS, Meet, Near, Place, Scope, Set, facing, groups, members, within};
use crate::math::{
    disjoint_sets::DisjointSets,
    kd_tree::{KdTree, Node, to_leaf},
    parallel,
    simd::widest,
};

/// Joins the positions of cores that are near one another; `reach` is the square of eps.
pub(super) fn cores(tree: &KdTree, cores: &[Set], reach: f64) -> DisjointSets {
    // Of each node the first core.
    let firsts = tree.gather(
        |leaf| members(cores[leaf]).next().map(|lane| (tree.positions(leaf).start + lane) as u32),
        Option::or,
    );
    let sets = DisjointSets::new(tree.len());
    let whole = firsts.iter().map(|_| AtomicBool::new(false)).collect();
    let joining = Joining { tree, cores, reach, firsts: &firsts, whole, sets };
    // From near to far, so that most that is far is known to be in one set and passed over.
    joining.look(Scope::Within);
    joining.look(Scope::After);
    joining.sets
}

/// How cores are joined.
struct Joining<'a> {
    tree: &'a KdTree,
    cores: &'a [Set],
    reach: f64,
    firsts: &'a [Option<u32>],
    /// Of each node whether its cores are known to be in one set.
    whole: Vec<AtomicBool>,
    sets: DisjointSets,
}

impl Joining<'_> {
    /// Joins each group with what is near it.
    fn look(&self, scope: Scope) {
        let &Self { tree, reach, .. } = self;
        parallel::map(groups(tree).chunks(GROUPS).collect(), |groups| {
            let (mut near, mut point) = (Near::default(), vec![0.0; tree.width()]);
            widest(
                #[inline(always)]
                || {
                    for &group in groups {
                        let place = Place { tree, group, reach, scope };
                        let mut group = Meeting { joining: self, group, point: &mut point };
                        near.look(place, &mut group);
                        self.learn_all(place.group);
                    }
                },
            );
        });
    }

    /// The positions of the cores of a leaf.
    #[inline(always)]
    fn cores_of(&self, leaf: usize) -> impl Iterator<Item = u32> + '_ {
        let first = self.tree.positions(leaf).start;
        members(self.cores[leaf]).map(move |lane| (first + lane) as u32)
    }

    #[inline(always)]
    fn is_whole(&self, node: Node) -> bool {
        self.whole[node.number()].load(Relaxed)
    }

    /// Joins all cores of a node, of which others know that they are in one set.
    fn join_all(&self, node: Node) {
        if self.is_whole(node) {
            return;
        }
        if let Some(first) = self.firsts[node.number()] {
            for leaf in node.leaves() {
                self.cores_of(leaf).for_each(|other| self.sets.join(first, other));
            }
        }
        self.whole[node.numbers()].iter().for_each(|whole| whole.store(true, Relaxed));
    }

    /// The set of a node's cores, if they are known to be in one.
    #[inline(always)]
    fn set_of(&self, node: Node) -> Option<u32> {
        let first = self.firsts[node.number()].filter(|_| self.is_whole(node))?;
        Some(self.sets.find(first))
    }

    /// Looks whether the cores of a node, and of those below, are in one set by now.
    fn learn_all(&self, node: Node) {
        if node.leaf().is_none() && !self.is_whole(node) {
            node.children().into_iter().for_each(|child| self.learn_all(child));
        }
        self.learn(node);
    }

    /// Looks whether the cores of a node are in one set by now, as far as its halves know. While others join sets one
    /// set may show two faces: then it is found out later.
    #[inline(always)]
    fn learn(&self, node: Node) {
        if self.is_whole(node) {
            return;
        }
        let whole = if let Some(leaf) = node.leaf() {
            let mut sets = self.cores_of(leaf).map(|core| self.sets.find(core));
            let first = sets.next();
            sets.all(|set| Some(set) == first)
        } else {
            let [left, right] = node.children();
            let is_empty = |node: Node| self.firsts[node.number()].is_none();
            match (self.set_of(left), self.set_of(right)) {
                (Some(left), Some(right)) => left == right,
                (Some(_), None) => is_empty(right),
                (None, Some(_)) => is_empty(left),
                (None, None) => false,
            }
        };
        if whole {
            self.whole[node.number()].store(true, Relaxed);
        }
    }
}

/// A group that meets others.
struct Meeting<'a> {
    joining: &'a Joining<'a>,
    group: Node,
    point: &'a mut [f64],
}

impl Meet for Meeting<'_> {
    #[inline(always)]
    fn wants(&self, node: Node) -> bool {
        if self.joining.firsts[node.number()].is_none() {
            return false;
        }
        self.joining.learn(node);
        let set = self.joining.set_of(node);
        set.is_none() || set != self.joining.set_of(self.group)
    }

    #[inline(always)]
    fn take(&mut self, node: Node) -> bool {
        self.joining.join_all(self.group);
        self.joining.join_all(node);
        let firsts = (self.joining.firsts[self.group.number()], self.joining.firsts[node.number()]);
        if let (Some(one), Some(other)) = firsts {
            self.joining.sets.join(one, other);
        }
        true
    }

    #[inline(always)]
    fn asks(&self, leaf: usize) -> bool {
        self.joining.cores[leaf] != 0
    }

    #[inline(always)]
    fn meet(&mut self, leaf: usize, other: usize, _: bool) {
        if other < leaf {
            return;
        }
        let Joining { tree, cores, sets, .. } = self.joining;
        let nodes = (tree.node(leaf), tree.node(other));
        self.joining.learn(nodes.0);
        self.joining.learn(nodes.1);
        let known = (self.joining.set_of(nodes.0), self.joining.set_of(nodes.1));
        if known.0.is_some() && known.0 == known.1 {
            return;
        }
        let (own, first) = (tree.positions(leaf).start, tree.positions(other).start);
        let facing = facing(tree.blocks(leaf), tree.bounds(nodes.1), self.joining.reach);
        for lane in members(cores[leaf] & facing) {
            let position = (own + lane) as u32;
            tree.point(own + lane, self.point);
            let near = within(&to_leaf(self.point, tree.blocks(other)), self.joining.reach) & cores[other];
            for lane in members(near) {
                sets.join(position, (first + lane) as u32);
                // Of two sets one pair is enough.
                if known.0.is_some() && known.1.is_some() {
                    return;
                }
            }
        }
    }
}
