//! The least tree that joins all points by their mutual reachability.

#![allow(clippy::inline_always, reason = "a call that is not inlined is compiled for the narrowest vectors")]

use std::cmp::Ordering;

use crate::math::{
    kd_tree::{Block, KdTree, LEAF, Node, Search, between_boxes, to_box, to_leaf},
    parallel, simd,
};

/// Two points that are joined.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Edge {
    /// The square of their mutual reachability: the greatest of their distance and their core distances.
    pub(super) square: f64,
    /// The square of their distance.
    pub(super) apart: f64,
    pub(super) one: u32,
    pub(super) other: u32,
}

impl Edge {
    const NONE: Self = Self { square: f64::INFINITY, apart: f64::INFINITY, one: NONE, other: NONE };

    /// Whether it is shorter; of edges as long that of the nearer points.
    #[inline]
    fn is_before(&self, other: &Self) -> bool {
        self.square.total_cmp(&other.square).then(self.apart.total_cmp(&other.apart)).is_lt()
    }

    /// The order in which edges join: by mutual reachability, distance, and then the numbers of the points.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let apart = self.apart.total_cmp(&other.apart);
        self.square.total_cmp(&other.square).then(apart).then(self.ends().cmp(&other.ends()))
    }

    /// The two points, the lower number first.
    fn ends(&self) -> [u32; 2] {
        [self.one.min(self.other), self.one.max(self.other)]
    }
}

/// Leaves that one thread looks through in one go.
const LEAVES: usize = 64;

/// A node with points of several parts; an edge not found.
const NONE: u32 = u32::MAX;

/// The edges of a least spanning tree, by positions in the tree of boxes; `cores` are squared, by position, and fill
/// whole leaves.
///
/// Each part, at first a point, is joined to what is nearest to it, all at once, until there is one part
/// (Borůvka, 1926). Of edges as long that
/// of nearer points is taken, and of the rest any.
pub(super) fn spanning_tree(tree: &KdTree, cores: &[f64]) -> Vec<Edge> {
    let mut forest = Forest::new(tree.len());
    let core = |leaf: usize| tree.positions(leaf).map(|at| cores[at]).fold(f64::INFINITY, f64::min);
    let least_cores = tree.gather(core, f64::min);
    while forest.count > 1 {
        let round = Round::new(tree, cores, &least_cores, &forest);
        let nearest = round.nearest();
        forest.join(&nearest);
    }
    forest.edges
}

/// The parts so far.
struct Forest {
    edges: Vec<Edge>,
    /// By position the number of its part, below `count`.
    parts: Vec<u32>,
    count: usize,
}

impl Forest {
    fn new(len: usize) -> Self {
        Self { edges: Vec::with_capacity(len), parts: (0..len as u32).collect(), count: len }
    }

    /// Joins each part by its edge, unless it has been joined so by another, and numbers the parts anew.
    fn join(&mut self, nearest: &[Edge]) {
        let mut sets = Sets::new(self.count);
        for edge in nearest {
            let (one, other) = (self.parts[edge.one as usize], self.parts[edge.other as usize]);
            if sets.unite(one, other).is_some() {
                self.edges.push(*edge);
            }
        }
        let mut numbers = vec![NONE; self.count];
        self.count = 0;
        for part in &mut self.parts {
            let number = &mut numbers[sets.find(*part) as usize];
            if *number == NONE {
                *number = self.count as u32;
                self.count += 1;
            }
            *part = *number;
        }
    }
}

/// Disjoint sets of numbers.
pub(super) struct Sets(Vec<u32>);

impl Sets {
    pub(super) fn new(len: usize) -> Self {
        Self((0..len as u32).collect())
    }

    /// The number that stands for a set.
    pub(super) fn find(&mut self, mut of: u32) -> u32 {
        while self.0[of as usize] != of {
            let above = self.0[self.0[of as usize] as usize];
            self.0[of as usize] = above;
            of = above;
        }
        of
    }

    /// Makes two sets one, and says which number stands for both; `None` if they were one.
    pub(super) fn unite(&mut self, one: u32, other: u32) -> Option<u32> {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other) as usize] = one.min(other);
        (one != other).then_some(one.min(other))
    }
}

/// One joining of all parts.
struct Round<'a> {
    tree: &'a KdTree,
    /// By position, filled up with infinity to whole leaves.
    cores: &'a [f64],
    /// By node.
    least_cores: &'a [f64],
    parts: &'a [u32],
    /// By node the part that all its points are of, or [`NONE`].
    uniform: Vec<u32>,
    /// By part an edge that leads out of it, the least as far as known.
    known: Vec<Edge>,
}

impl<'a> Round<'a> {
    fn new(tree: &'a KdTree, cores: &'a [f64], least_cores: &'a [f64], forest: &'a Forest) -> Self {
        let parts = &forest.parts;
        let of_leaf = |leaf| {
            let parts = &parts[tree.positions(leaf)];
            if parts.iter().all(|part| *part == parts[0]) { parts[0] } else { NONE }
        };
        let uniform = tree.gather(of_leaf, |a, b| if a == b { a } else { NONE });
        let mut round =
            Self { tree, cores, least_cores, parts, uniform, known: vec![Edge::NONE; forest.count] };
        round.step();
        round
    }

    /// Edges between points next to each other in the tree: mostly short.
    fn step(&mut self) {
        let width = self.tree.width();
        let (mut last, mut point) = (vec![0.0; width], vec![0.0; width]);
        for position in 0..self.parts.len() {
            self.tree.point(position, &mut point);
            if position > 0 && self.parts[position] != self.parts[position - 1] {
                let apart: f64 = last.iter().zip(&point).map(|(x, y)| (x - y) * (x - y)).sum();
                let square = apart.max(self.cores[position]).max(self.cores[position - 1]);
                let edge = Edge { square, apart, one: position as u32, other: position as u32 - 1 };
                for at in [position, position - 1] {
                    let known = &mut self.known[self.parts[at] as usize];
                    if edge.is_before(known) {
                        *known = edge;
                    }
                }
            }
            std::mem::swap(&mut last, &mut point);
        }
    }

    /// The least edge out of each part.
    fn nearest(self) -> Vec<Edge> {
        let found = parallel::map_with(
            parallel::ranges(self.tree.leaves(), LEAVES),
            || (self.known.clone(), Vec::new()),
            |(known, stack), leaves| {
                simd::widest(|| self.look(leaves.clone(), known, stack));
                self.take(leaves, known)
            },
        );
        let mut nearest = self.known;
        for edge in found.into_iter().flatten() {
            let known = &mut nearest[self.parts[edge.one as usize] as usize];
            if edge.is_before(known) {
                *known = edge;
            }
        }
        nearest
    }

    /// Betters what is known of the parts with points in some leaves.
    #[inline(always)]
    fn look(&self, leaves: std::ops::Range<usize>, known: &mut [Edge], stack: &mut Vec<(f64, Node)>) {
        let mut points = vec![0.0; self.tree.width() * LEAF];
        for leaf in leaves {
            for (position, point) in self.tree.positions(leaf).zip(points.chunks_mut(self.tree.width())) {
                self.tree.point(position, point);
            }
            let node = self.tree.node(leaf);
            let start = leaf * LEAF;
            let mut search =
                Looking { round: self, node, start, points: &points, known, bound: 0.0, own: NONE as usize };
            search.tighten();
            if search.bound > 0.0 {
                if self.uniform[node.number()] == NONE {
                    search.visit(leaf);
                }
                search.own = leaf;
                self.tree.search(&mut search, stack);
            }
        }
    }

    /// What was bettered, and leaves the known as it was.
    fn take(&self, leaves: std::ops::Range<usize>, known: &mut [Edge]) -> Vec<Edge> {
        let mut bettered = Vec::new();
        for position in leaves.flat_map(|leaf| self.tree.positions(leaf)) {
            let part = self.parts[position] as usize;
            if known[part].is_before(&self.known[part]) {
                bettered.push(known[part]);
                known[part] = self.known[part];
            }
        }
        bettered
    }
}

/// A leaf's points looking for points of other parts.
struct Looking<'a> {
    round: &'a Round<'a>,
    node: Node,
    /// The position of the first point.
    start: usize,
    points: &'a [f64],
    known: &'a mut [Edge],
    /// How far a point may be that still betters an edge.
    bound: f64,
    /// The leaf, once it has been looked through.
    own: usize,
}

impl Looking<'_> {
    /// Positions of the leaf's points.
    #[inline(always)]
    fn positions(&self) -> std::ops::Range<usize> {
        self.start..self.round.parts.len().min(self.start + LEAF)
    }

    #[inline(always)]
    fn tighten(&mut self) {
        self.bound = 0.0;
        for at in self.positions() {
            let known = &self.known[self.round.parts[at] as usize];
            self.bound = self.bound.max(reach(self.round.cores[at], known));
        }
    }
}

/// The square below which a point of such a core distance can better an edge.
#[inline(always)]
fn reach(core: f64, known: &Edge) -> f64 {
    // An edge is no shorter than the core distance; as long as it, it must be of nearer points.
    if core < known.square {
        known.square.next_up()
    } else if core > known.square {
        0.0
    } else {
        known.apart
    }
}

impl Search for Looking<'_> {
    #[inline(always)]
    fn least(&self, node: Node) -> f64 {
        let round = self.round;
        let part = round.uniform[node.number()];
        if part != NONE && part == round.uniform[self.node.number()] {
            return f64::INFINITY;
        }
        between_boxes(round.tree.bounds(self.node), round.tree.bounds(node))
            .max(round.least_cores[node.number()])
    }

    #[inline(always)]
    fn bound(&self) -> f64 {
        self.bound
    }

    #[inline(always)]
    fn visit(&mut self, leaf: usize) {
        if leaf == self.own {
            return;
        }
        let Round { tree, cores, parts, .. } = *self.round;
        let node = tree.node(leaf);
        let (bounds, blocks) = (tree.bounds(node), tree.blocks(leaf));
        let (part_of_all, least_core) =
            (self.round.uniform[node.number()], self.round.least_cores[node.number()]);
        let there = leaf * LEAF..(leaf + 1) * LEAF;
        for (at, point) in self.positions().zip(self.points.chunks(tree.width())) {
            let part = parts[at];
            let known = &mut self.known[part as usize];
            let wanted = part != part_of_all && least_core <= known.square;
            if !wanted || !(to_box(point, bounds) < reach(cores[at], known)) {
                continue;
            }
            let apart = to_leaf(point, blocks);
            let mut squares: Block = apart;
            for (square, core) in squares.iter_mut().zip(&cores[there.clone()]) {
                *square = square.max(*core).max(cores[at]);
            }
            if part_of_all == NONE {
                for (square, other) in squares.iter_mut().zip(&parts[there.start..]) {
                    *square = if *other == part { f64::INFINITY } else { *square };
                }
            }
            let least = squares.iter().fold(f64::INFINITY, |least, square| least.min(*square));
            if least > known.square {
                continue;
            }
            for (lane, (&square, &apart)) in squares.iter().zip(&apart).enumerate() {
                let edge = Edge { square, apart, one: at as u32, other: (there.start + lane) as u32 };
                if square <= least && edge.is_before(known) {
                    *known = edge;
                }
            }
        }
        self.tighten();
    }
}
