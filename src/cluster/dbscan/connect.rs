//! Which cores are near one another, over any number of others: they are a cluster.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::near::{GROUPS, Meet, Near, Place, Set, diagonal, facing, groups, members, within};
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
    let groups = groups(tree);
    parallel::map(small(tree, reach).chunks(NODES).collect(), |nodes| {
        for &node in nodes {
            joining.join_all(node);
        }
    });
    parallel::map(groups.chunks(GROUPS).collect(), |groups| {
        let (mut near, mut point) = (Near::default(), vec![0.0; tree.width()]);
        widest(
            #[inline(always)]
            || {
                for &group in groups {
                    let mut meeting = Meeting { joining: &joining, group, point: &mut point };
                    near.look(Place { tree, group, reach, onward: true }, &mut meeting);
                }
            },
        );
    });
    joining.sets
}

/// Small nodes that a thread takes at a time.
const NODES: usize = 1 << 8;

/// The largest nodes of which all points are near one another.
fn small(tree: &KdTree, reach: f64) -> Vec<Node> {
    let (mut small, mut open): (_, Vec<Node>) = (Vec::new(), tree.root().into_iter().collect());
    while let Some(node) = open.pop() {
        if diagonal(tree.bounds(node)) <= reach {
            small.push(node);
        } else if node.leaf().is_none() {
            open.extend(node.children());
        }
    }
    small
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

    /// Looks whether the cores of a leaf are in one set by now. While others join sets one set may show two faces:
    /// then it is found out later.
    #[inline(always)]
    fn learn(&self, leaf: usize) {
        let node = self.tree.node(leaf);
        if !self.is_whole(node) {
            let mut sets = self.cores_of(leaf).map(|core| self.sets.find(core));
            let first = sets.next();
            if sets.all(|set| Some(set) == first) {
                self.whole[node.number()].store(true, Relaxed);
            }
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
        let set = self.joining.set_of(node);
        self.joining.firsts[node.number()].is_some()
            && (set.is_none() || set != self.joining.set_of(self.group))
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
        self.joining.learn(leaf);
        self.joining.learn(other);
        let known = (self.joining.set_of(tree.node(leaf)), self.joining.set_of(tree.node(other)));
        if known.0.is_some() && known.0 == known.1 {
            return;
        }
        let (own, first) = (tree.positions(leaf).start, tree.positions(other).start);
        let facing = facing(tree.blocks(leaf), tree.bounds(tree.node(other)), self.joining.reach);
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
