//! Which cores are near one another, over any number of others: they are a cluster.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::cores::LEAVES;
use crate::math::{
    box_tree::{BoxTree, Lanes},
    disjoint_sets::DisjointSets,
    parallel,
    simd::widest,
};

/// Joins the places of cores that are near one another; `reach` is the square of eps.
pub(super) fn cores(tree: &BoxTree, cores: &[Lanes], reach: f64) -> DisjointSets {
    let counts = tree.sums(|leaf| cores[tree.blocks_of(leaf)].iter().map(|lanes| lanes.count_ones()).sum());
    let leaves: Vec<u32> = tree.leaves().into_iter().filter(|&leaf| counts[leaf as usize] > 0).collect();
    let joining = Joining {
        tree,
        cores,
        reach,
        counts: &counts,
        whole: counts.iter().map(|_| AtomicBool::new(false)).collect(),
        sets: DisjointSets::new(tree.rows().len()),
    };
    let work = || leaves.chunks(LEAVES).collect();
    parallel::map(work(), |leaves| leaves.iter().for_each(|&leaf| joining.within(leaf as usize)));
    parallel::map_with(work(), Scratch::default, |scratch, leaves| {
        widest(
            #[inline(always)]
            || leaves.iter().for_each(|&leaf| joining.onward(leaf as usize, scratch)),
        );
    });
    joining.sets
}

/// How cores are joined.
struct Joining<'a> {
    tree: &'a BoxTree,
    cores: &'a [Lanes],
    reach: f64,
    /// Cores of each node.
    counts: &'a [u32],
    /// Of each leaf whether its cores are known to be in one set.
    whole: Vec<AtomicBool>,
    sets: DisjointSets,
}

#[derive(Default)]
struct Scratch {
    point: Vec<f64>,
    stack: Vec<usize>,
}

impl Joining<'_> {
    /// The blocks of a leaf, the lanes of their cores, and the places of those.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loop over leaves")]
    fn cores_of(&self, leaf: usize) -> impl Iterator<Item = (usize, usize, u32)> + '_ {
        self.tree.blocks_of(leaf).flat_map(move |block| {
            let first = self.tree.places(block).start;
            lanes_of(self.cores[block]).map(move |lane| (block, lane, (first + lane) as u32))
        })
    }

    /// Joins the cores of a leaf where the leaf is so small that all are near one another.
    fn within(&self, leaf: usize) {
        if self.counts[leaf] == 1 || self.tree.bounds(leaf).diagonal() <= self.reach {
            self.unite(leaf, leaf);
        }
    }

    /// Joins all cores of two leaves.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loop over leaves")]
    fn unite(&self, leaf: usize, other: usize) {
        let mut places = self.cores_of(leaf).chain(self.cores_of(other)).map(|(_, _, place)| place);
        if let Some(first) = places.next() {
            places.for_each(|place| self.sets.join(first, place));
        }
        self.whole[leaf].store(true, Relaxed);
        self.whole[other].store(true, Relaxed);
    }

    /// The set of a leaf's cores, if they are in one.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loop over leaves")]
    fn set_of(&self, leaf: usize) -> Option<u32> {
        let mut sets = self.cores_of(leaf).map(|(_, _, place)| self.sets.find(place));
        let first = sets.next();
        if self.whole[leaf].load(Relaxed) {
            return first;
        }
        // While others join sets the same set may show two faces: then it is asked again later.
        let whole = sets.all(|set| Some(set) == first);
        self.whole[leaf].store(whole, Relaxed);
        first.filter(|_| whole)
    }

    /// Joins the cores of a leaf with one another and with those of the leaves that come after it.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn onward(&self, leaf: usize, scratch: &mut Scratch) {
        scratch.point.resize(self.tree.width(), 0.0);
        let after = self.tree.outwards(leaf).filter(|beside| beside.onward).map(|beside| beside.node);
        for node in std::iter::once(leaf).chain(after) {
            scratch.stack.push(node);
            while let Some(node) = scratch.stack.pop() {
                self.visit(leaf, node, scratch);
            }
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn visit(&self, leaf: usize, node: usize, scratch: &mut Scratch) {
        if self.counts[node] == 0 {
            return;
        }
        let (least, most) = self.tree.bounds(leaf).squares(&self.tree.bounds(node));
        if least > self.reach {
            return;
        }
        if !self.tree.is_leaf(node) {
            scratch.stack.extend(self.tree.children(node));
            return;
        }
        let sets = (self.set_of(leaf), self.set_of(node));
        let whole = sets.0.is_some() && sets.1.is_some();
        if whole && sets.0 == sets.1 {
            return;
        }
        if most <= self.reach {
            self.unite(leaf, node);
        } else {
            self.join_near(leaf, node, whole, &mut scratch.point);
        }
    }

    /// Joins the cores of two leaves that are near one another; the first two found if either leaf is in one set.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn join_near(&self, leaf: usize, other: usize, whole: bool, point: &mut [f64]) {
        for (block, lane, place) in self.cores_of(leaf) {
            self.tree.point(block, lane, point);
            for other in self.tree.blocks_of(other) {
                let squares = self.tree.squares(other, point);
                let first = self.tree.places(other).start;
                for lane in lanes_of(self.cores[other]).filter(|&lane| squares[lane] <= self.reach) {
                    self.sets.join(place, (first + lane) as u32);
                    if whole {
                        return;
                    }
                }
            }
        }
    }
}

/// The lanes in a set.
#[inline(always)]
#[allow(clippy::inline_always, reason = "part of the loops over blocks")]
pub(super) fn lanes_of(set: Lanes) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let lane = left.trailing_zeros() as usize;
        left &= left.wrapping_sub(1);
        (lane < Lanes::BITS as usize).then_some(lane)
    })
}
