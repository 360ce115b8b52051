//! A balanced tree of boxes over points: exact neighbours and ranges.
//!
//! Each split halves the points at the median of the widest side of their box (Friedman, Bentley & Finkel,
//! 1977). Leaves are full, and the coordinates of a leaf lie together, column by column, so that distances to
//! all of its points are vectors.

#![allow(clippy::inline_always, reason = "a call that is not inlined is compiled for the narrowest vectors")]

use std::{cmp::Ordering, ops::Range};

use super::fork;

/// Points of a leaf. The last one is filled up with points infinitely far.
pub(crate) const LEAF: usize = 16;

/// A number for each point of a leaf.
pub(crate) type Block = [f64; LEAF];

/// The tree. Points have a *position* in it, in which neighbours are near one another; leaf `l` holds the positions
/// from `l * LEAF` on.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct KdTree {
    width: usize,
    /// The row of the point at each position.
    rows: Vec<u32>,
    /// For each leaf its coordinates, a block a column.
    blocks: Vec<Block>,
    /// For each node the least and the greatest of each coordinate, in turn.
    boxes: Vec<[f64; 2]>,
    /// The node that each leaf is.
    nodes: Vec<Node>,
}

/// A node: the leaves below it, and its number, parents first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Node {
    number: usize,
    first: usize,
    last: usize,
}

impl Node {
    /// The number, counting from 0 at the root.
    pub(crate) fn number(self) -> usize {
        self.number
    }

    /// The numbers of the node and of all below.
    pub(crate) fn numbers(self) -> Range<usize> {
        self.number..self.number + 2 * (self.last - self.first) - 1
    }

    /// The leaves below.
    pub(crate) fn leaves(self) -> Range<usize> {
        self.first..self.last
    }

    /// The leaf that the node is, if it is one.
    #[inline]
    pub(crate) fn leaf(self) -> Option<usize> {
        (self.last - self.first == 1).then_some(self.first)
    }

    /// The two halves of a node that is no leaf.
    #[inline]
    pub(crate) fn children(self) -> [Self; 2] {
        let middle = self.first + halved(self.last - self.first);
        let left = Self { number: self.number + 1, first: self.first, last: middle };
        // The left half has a node less than twice its leaves.
        let right = Self { number: self.number + 2 * (middle - self.first), first: middle, last: self.last };
        [left, right]
    }
}

/// How many of so many leaves are in the left half.
fn halved(leaves: usize) -> usize {
    leaves.div_ceil(2)
}

/// What is looked for in a tree.
pub(crate) trait Search {
    /// What the points of a node cost at the least; infinite where none is wanted.
    fn least(&self, node: Node) -> f64;

    /// Nodes that cost no less are passed over.
    fn bound(&self) -> f64;

    /// Looks through a leaf.
    fn visit(&mut self, leaf: usize);
}

/// Points beyond which a half of the tree is built on another thread.
const FORK: usize = 1 << 13;

impl KdTree {
    /// A tree over points of which the columns are given: at least one, of one length, of which the squares of
    /// differences are finite. `rows` are below 2^32.
    pub(crate) fn new<C: AsRef<[f64]> + Sync>(columns: &[C]) -> Self {
        let columns: Vec<&[f64]> = columns.iter().map(AsRef::as_ref).collect();
        let len = columns.first().map_or(0, |column| column.len());
        let (width, leaves) = (columns.len(), len.div_ceil(LEAF));
        let mut rows: Vec<u32> = (0..len as u32).collect();
        split(&columns, &mut rows, leaves);
        let mut blocks = vec![[f64::INFINITY; LEAF]; leaves * width];
        for (rows, blocks) in rows.chunks(LEAF).zip(blocks.chunks_mut(width.max(1))) {
            for (block, column) in blocks.iter_mut().zip(&columns) {
                for (slot, &row) in block.iter_mut().zip(rows) {
                    *slot = column[row as usize];
                }
            }
        }
        let boxes = vec![[f64::INFINITY, f64::NEG_INFINITY]; (2 * leaves).saturating_sub(1) * width];
        let mut tree = Self { width, rows, blocks, boxes, nodes: Vec::with_capacity(leaves) };
        if let Some(root) = tree.root() {
            tree.nodes.extend(number_leaves(root));
            tree.bound(root);
        }
        tree
    }

    /// Writes the boxes of a node and of all below.
    fn bound(&mut self, node: Node) {
        let (width, at) = (self.width, node.number * self.width);
        if let Some(leaf) = node.leaf() {
            let points = self.positions(leaf).len();
            let blocks = &self.blocks[leaf * width..(leaf + 1) * width];
            for (bounds, block) in self.boxes[at..].iter_mut().zip(blocks) {
                *bounds = block[..points].iter().fold(*bounds, |bounds, &x| joined(bounds, [x, x]));
            }
            return;
        }
        for child in node.children() {
            self.bound(child);
            let (own, below) = self.boxes.split_at_mut(child.number * width);
            for (bounds, child) in own[at..at + width].iter_mut().zip(below) {
                *bounds = joined(*bounds, *child);
            }
        }
    }

    /// Number of points.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Number of coordinates.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Number of leaves.
    pub(crate) fn leaves(&self) -> usize {
        self.rows.len().div_ceil(LEAF)
    }

    /// The row of the point at each position.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The node that a leaf is.
    #[inline]
    pub(crate) fn node(&self, leaf: usize) -> Node {
        self.nodes[leaf]
    }

    /// The positions in a leaf.
    #[inline]
    pub(crate) fn positions(&self, leaf: usize) -> Range<usize> {
        leaf * LEAF..self.rows.len().min((leaf + 1) * LEAF)
    }

    /// The root, unless there are no points.
    pub(crate) fn root(&self) -> Option<Node> {
        let leaves = self.leaves();
        (leaves > 0).then_some(Node { number: 0, first: 0, last: leaves })
    }

    /// Each coordinate of the points of a leaf.
    #[inline]
    pub(crate) fn blocks(&self, leaf: usize) -> &[Block] {
        &self.blocks[leaf * self.width..(leaf + 1) * self.width]
    }

    /// Writes the coordinates of the point at a position.
    #[inline]
    pub(crate) fn point(&self, position: usize, into: &mut [f64]) {
        for (slot, block) in into.iter_mut().zip(self.blocks(position / LEAF)) {
            *slot = block[position % LEAF];
        }
    }

    /// The order of the points at two positions by their coordinates, the first column first.
    pub(crate) fn order(&self, one: usize, other: usize) -> Ordering {
        let of = |at: usize| self.blocks(at / LEAF).iter().map(move |block| block[at % LEAF]);
        of(one).partial_cmp(of(other)).unwrap_or(Ordering::Equal)
    }

    /// The least and the greatest of each coordinate in a node.
    #[inline]
    pub(crate) fn bounds(&self, node: Node) -> &[[f64; 2]] {
        &self.boxes[node.number * self.width..(node.number + 1) * self.width]
    }

    /// What lies beside the way from a node to the root, the nearest first: together with the node itself all points.
    pub(crate) fn beside(&self, node: Node) -> Vec<Node> {
        let mut beside = Vec::new();
        let mut at = self.root();
        while let Some([left, right]) = at.filter(|at| at.number != node.number).map(Node::children) {
            let (on, off) = if node.first < left.last { (left, right) } else { (right, left) };
            beside.push(off);
            at = Some(on);
        }
        beside.reverse();
        beside
    }

    /// A value for each node by its number: of a leaf by itself, of others by their halves.
    pub(crate) fn gather<T: Copy + Default>(
        &self,
        of_leaf: impl Fn(usize) -> T,
        join: impl Fn(T, T) -> T,
    ) -> Vec<T> {
        let mut values = vec![T::default(); (2 * self.leaves()).saturating_sub(1)];
        if let Some(root) = self.root() {
            gather(root, &mut values, &of_leaf, &join);
        }
        values
    }

    /// Looks through the leaves that may cost less than the bound, the likeliest first. `stack` is scratch.
    #[inline(always)]
    pub(crate) fn search(&self, search: &mut impl Search, stack: &mut Vec<(f64, Node)>) {
        let Some(root) = self.root() else { return };
        stack.clear();
        stack.push((search.least(root), root));
        while let Some((least, mut node)) = stack.pop() {
            if !(least < search.bound()) {
                continue;
            }
            loop {
                if let Some(leaf) = node.leaf() {
                    search.visit(leaf);
                    break;
                }
                let [left, right] = node.children();
                let (left, right) = ((search.least(left), left), (search.least(right), right));
                let (near, far) = if right.0 < left.0 { (right, left) } else { (left, right) };
                if far.0 < search.bound() {
                    stack.push(far);
                }
                if !(near.0 < search.bound()) {
                    break;
                }
                node = near.1;
            }
        }
    }
}

/// The squared distance from a point to a box: 0 inside.
#[inline(always)]
pub(crate) fn to_box(point: &[f64], bounds: &[[f64; 2]]) -> f64 {
    let mut square = 0.0;
    for (x, [low, high]) in point.iter().zip(bounds) {
        let gap = (low - x).max(x - high).max(0.0);
        square += gap * gap;
    }
    square
}

/// The squared distance between two boxes: 0 where they meet.
#[inline(always)]
pub(crate) fn between_boxes(one: &[[f64; 2]], other: &[[f64; 2]]) -> f64 {
    let mut square = 0.0;
    for ([low, high], [other_low, other_high]) in one.iter().zip(other) {
        let gap = (low - other_high).max(other_low - high).max(0.0);
        square += gap * gap;
    }
    square
}

/// The squared distances from a point to the points of a leaf.
#[inline(always)]
pub(crate) fn to_leaf(point: &[f64], blocks: &[Block]) -> Block {
    let mut squares = [0.0; LEAF];
    for (x, block) in point.iter().zip(blocks) {
        for (square, y) in squares.iter_mut().zip(block) {
            *square += (x - y) * (x - y);
        }
    }
    squares
}

/// The least interval that holds two.
fn joined([low, high]: [f64; 2], [other_low, other_high]: [f64; 2]) -> [f64; 2] {
    [if other_low < low { other_low } else { low }, if other_high > high { other_high } else { high }]
}

/// Orders `rows` so that they fill so many leaves.
fn split(columns: &[&[f64]], rows: &mut [u32], leaves: usize) {
    if leaves < 2 {
        return;
    }
    let left = halved(leaves);
    let column = columns[widest(columns, rows)];
    rows.select_nth_unstable_by(left * LEAF, |&a, &b| column[a as usize].total_cmp(&column[b as usize]));
    let fork = rows.len() > FORK;
    let (rows, other_rows) = rows.split_at_mut(left * LEAF);
    if fork {
        fork::join(|| split(columns, rows, left), || split(columns, other_rows, leaves - left));
    } else {
        split(columns, rows, left);
        split(columns, other_rows, leaves - left);
    }
}

/// Rows that show on which side a box is widest: that it is the widest is no matter of a hair.
const SAMPLE: usize = 1 << 6;

/// The column in which rows, of which there are some, lie furthest apart, as far as a sample shows.
fn widest(columns: &[&[f64]], rows: &[u32]) -> usize {
    let (mut axis, mut widest) = (0, -1.0);
    for (number, column) in columns.iter().enumerate() {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in rows.iter().step_by((rows.len() / SAMPLE).max(1)) {
            let x = column[row as usize];
            (low, high) = (low.min(x), high.max(x));
        }
        if high - low > widest {
            (axis, widest) = (number, high - low);
        }
    }
    axis
}

/// The nodes that are leaves, in their order.
fn number_leaves(root: Node) -> Vec<Node> {
    let (mut leaves, mut open) = (Vec::new(), vec![root]);
    while let Some(node) = open.pop() {
        if node.leaf().is_some() {
            leaves.push(node);
        } else {
            let [left, right] = node.children();
            open.extend([right, left]);
        }
    }
    leaves
}

fn gather<T: Copy>(
    node: Node,
    values: &mut [T],
    of_leaf: &impl Fn(usize) -> T,
    join: &impl Fn(T, T) -> T,
) -> T {
    let value = if let Some(leaf) = node.leaf() {
        of_leaf(leaf)
    } else {
        let [left, right] = node.children().map(|child| gather(child, values, of_leaf, join));
        join(left, right)
    };
    values[node.number] = value;
    value
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Columns of points on a grid, so that there are ties and equal points.
    fn columns() -> impl Strategy<Value = Vec<Vec<f64>>> {
        (1_usize..5, 0_usize..120).prop_flat_map(|(width, len)| {
            prop::collection::vec(
                prop::collection::vec((-6_i32..6).prop_map(|x| f64::from(x) / 2.0), len),
                width,
            )
        })
    }

    fn square(columns: &[Vec<f64>], row: usize, point: &[f64]) -> f64 {
        columns.iter().zip(point).map(|(column, x)| (x - column[row]) * (x - column[row])).sum()
    }

    /// The rows of the points nearer than a distance.
    struct Ball<'a> {
        tree: &'a KdTree,
        point: &'a [f64],
        square: f64,
        found: Vec<u32>,
    }

    impl Search for Ball<'_> {
        fn least(&self, node: Node) -> f64 {
            to_box(self.point, self.tree.bounds(node))
        }

        fn bound(&self) -> f64 {
            self.square
        }

        fn visit(&mut self, leaf: usize) {
            let squares = to_leaf(self.point, self.tree.blocks(leaf));
            let inside = self.tree.positions(leaf).zip(squares).filter(|found| found.1 < self.square);
            self.found.extend(inside.map(|(position, _)| self.tree.rows[position]));
        }
    }

    proptest! {
        #[test]
        fn a_search_misses_nothing_below_its_bound(
            columns in columns(),
            point in prop::collection::vec(-4.0..4.0, 4),
            square in 0.0..9.0,
        ) {
            let tree = KdTree::new(&columns);
            let point = &point[..columns.len()];
            let mut ball = Ball { tree: &tree, point, square, found: Vec::new() };
            tree.search(&mut ball, &mut Vec::new());
            ball.found.sort_unstable();
            let inside = |&row: &u32| self::square(&columns, row as usize, point) < square;
            let known: Vec<u32> = (0..columns[0].len() as u32).filter(inside).collect();
            prop_assert_eq!(ball.found, known);
        }

        #[test]
        fn boxes_are_as_far_as_their_nearest_sides(columns in columns(), point in prop::collection::vec(-4.0..4.0, 4)) {
            let tree = KdTree::new(&columns);
            if let Some(root) = tree.root() {
                let bounds: Vec<[f64; 2]> = point[..columns.len()].iter().map(|&x| [x, x]).collect();
                let apart = between_boxes(&bounds, tree.bounds(root));
                prop_assert_eq!(apart, to_box(&point[..columns.len()], tree.bounds(root)));
                prop_assert_eq!(apart, between_boxes(tree.bounds(root), &bounds));
            }
        }

        #[test]
        fn boxes_hold_their_points(columns in columns()) {
            let tree = KdTree::new(&columns);
            let mut rows = tree.rows().to_vec();
            rows.sort_unstable();
            prop_assert!(rows.into_iter().eq(0..columns[0].len() as u32));
            let counts = tree.gather(|leaf| tree.positions(leaf).len(), |a, b| a + b);
            let mut point = vec![0.0; columns.len()];
            let mut nodes: Vec<Node> = tree.root().into_iter().collect();
            while let Some(node) = nodes.pop() {
                let held: Vec<usize> = (node.first..node.last).flat_map(|leaf| tree.positions(leaf)).collect();
                prop_assert_eq!(held.len(), counts[node.number()]);
                for position in held {
                    tree.point(position, &mut point);
                    prop_assert_eq!(square(&columns, tree.rows()[position] as usize, &point), 0.0);
                    prop_assert_eq!(to_box(&point, tree.bounds(node)), 0.0);
                }
                match node.leaf() {
                    Some(leaf) => prop_assert_eq!(tree.node(leaf), node),
                    None => nodes.extend(node.children()),
                }
            }
        }
    }

    #[test]
    fn threads_change_nothing() {
        let columns: Vec<Vec<f64>> = (1..4_u32)
            .map(|axis| (0..40_000_u32).map(|row| f64::from(row * 7919 * axis % 1009)).collect())
            .collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| KdTree::new(&columns))
        };
        let (one, three) = (on(1), on(3));
        assert_eq!((one.rows, one.boxes), (three.rows, three.boxes));
    }
}
