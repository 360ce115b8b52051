//! Points in a tree of boxes, for questions of who is near.
//!
//! A box is cut in the middle of its longest side, at the median where the middle would part too few, until it
//! holds no more points than the lanes of a [`Block`], or the asker needs no finer one. Coordinates are only
//! compared and subtracted: there are no cells to number, whatever the range of the coordinates.
//!
//! Distances are squared and summed in the order of the columns, to points as to boxes. Rounding is monotone, so
//! no point is nearer than the near side of its box, to the last bit, and nothing is lost to a margin.

use std::{
    cmp::Ordering,
    ops::{Add, Range},
};

use super::{fork, lanes::LANES, parallel};

/// Points under their boxes, in memory of about twice the points themselves.
#[derive(Clone, Debug)]
pub(crate) struct BoxTree {
    width: usize,
    /// The root first, a left child next to its parent.
    nodes: Vec<Node>,
    /// The least and then the greatest coordinates of each node.
    corners: Vec<f64>,
    /// Lanes of each column, block by block; NaN where a leaf's last block has no point.
    coordinates: Vec<f64>,
    /// The rows of the points, leaf by leaf: a point's number here is its place.
    rows: Vec<u32>,
    /// The place of each block's first point, and of one past the last.
    firsts: Vec<u32>,
}

/// Squared distances to the points of a block.
pub(crate) type Squares = [f64; LANES];

/// A set of points of a block, a bit a lane.
pub(crate) type Lanes = u8;

#[derive(Clone, Copy, Debug)]
struct Node {
    /// Points, and once they are laid out, blocks.
    start: u32,
    end: u32,
    /// How far on the right child lies; 0 for a leaf.
    right: u32,
    /// How far back the parent lies; 0 for the root.
    parent: u32,
}

impl BoxTree {
    /// Sorts points, given by their columns, of which there is one at least. A box need not be cut if `enough` says
    /// so of the square of its diagonal and the rows in it.
    pub(crate) fn new(mut columns: Vec<Vec<f64>>, enough: &Enough<'_>) -> Self {
        let mut rows: Vec<u32> = (0..columns[0].len() as u32).collect();
        let part = Part { columns: columns.iter_mut().map(Vec::as_mut_slice).collect(), rows: &mut rows };
        let Grown { mut nodes, corners } = grow(part, 0, 0, enough);
        let spans = lay_out(&mut nodes);
        let width = columns.len();
        let size = LANES * width;
        let coordinates = parallel::column(spans.len() * size, BLOCKS * size, |range, out| {
            for (span, block) in spans[range.start / size..].iter().zip(out.chunks_exact_mut(size)) {
                for (lanes, column) in block.chunks_exact_mut(LANES).zip(&columns) {
                    lanes.fill(f64::NAN);
                    lanes[..span.len()].copy_from_slice(&column[span.clone()]);
                }
            }
        });
        let firsts = spans.iter().map(|span| span.start as u32).chain([rows.len() as u32]).collect();
        Self { width, nodes, corners, coordinates, rows, firsts }
    }

    /// Number of coordinates of a point.
    #[inline]
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.firsts.len() - 1
    }

    /// The row of the point at each place.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The leaves, in the order of their blocks.
    pub(crate) fn leaves(&self) -> Vec<u32> {
        (0..self.nodes.len() as u32).filter(|&node| self.is_leaf(node as usize)).collect()
    }

    /// A number of each leaf, summed up for every node.
    pub(crate) fn sums<T: Copy + Default + Add<Output = T>>(&self, of_leaf: impl Fn(usize) -> T) -> Vec<T> {
        let mut sums = vec![T::default(); self.nodes.len()];
        for node in (0..self.nodes.len()).rev() {
            sums[node] = if self.is_leaf(node) {
                of_leaf(node)
            } else {
                let [left, right] = self.children(node);
                sums[left] + sums[right]
            };
        }
        sums
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].right == 0
    }

    /// Both children of a node that is no leaf.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn children(&self, node: usize) -> [usize; 2] {
        [node + 1, node + self.nodes[node].right as usize]
    }

    /// The way from a node to the root: what lies beside each node on it, the nearest first.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn outwards(&self, node: usize) -> impl Iterator<Item = Beside> + '_ {
        let mut node = node;
        std::iter::from_fn(move || {
            let up = self.nodes[node].parent as usize;
            if up == 0 {
                return None;
            }
            let [left, right] = self.children(node - up);
            let onward = node == left;
            node -= up;
            Some(Beside { node: if onward { right } else { left }, onward })
        })
    }

    /// The blocks of a node.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn blocks_of(&self, node: usize) -> Range<usize> {
        self.nodes[node].start as usize..self.nodes[node].end as usize
    }

    /// The places of a block: those of its lanes, from the first on.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn places(&self, block: usize) -> Range<usize> {
        self.firsts[block] as usize..self.firsts[block + 1] as usize
    }

    /// The places of a node.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn places_of(&self, node: usize) -> Range<usize> {
        let Node { start, end, .. } = self.nodes[node];
        self.firsts[start as usize] as usize..self.firsts[end as usize] as usize
    }

    /// The lanes of a block at which there is a point.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn lanes(&self, block: usize) -> Lanes {
        // At least one and at most eight.
        Lanes::MAX >> (LANES - self.places(block).len())
    }

    /// The order of two points, each at a lane of a block, by their coordinates, the first column first.
    pub(crate) fn order(&self, one: (usize, usize), other: (usize, usize)) -> Ordering {
        let of = |at: (usize, usize)| self.block(at.0).chunks_exact(LANES).map(move |lanes| lanes[at.1]);
        of(one).partial_cmp(of(other)).unwrap_or(Ordering::Equal)
    }

    /// Writes the coordinates of the point at a lane.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn point(&self, block: usize, lane: usize, out: &mut [f64]) {
        for (out, lanes) in out.iter_mut().zip(self.block(block).chunks_exact(LANES)) {
            *out = lanes[lane];
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    fn block(&self, block: usize) -> &[f64] {
        let size = LANES * self.width;
        &self.coordinates[block * size..(block + 1) * size]
    }

    /// The squared distances of a point to those of a block; NaN where there is none.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    pub(crate) fn squares(&self, block: usize, point: &[f64]) -> Squares {
        let mut sums = [0.0; LANES];
        for (lanes, x) in self.block(block).chunks_exact(LANES).zip(point) {
            for (sum, lane) in sums.iter_mut().zip(lanes) {
                let gap = lane - x;
                *sum += gap * gap;
            }
        }
        sums
    }

    /// The box of a node.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn bounds(&self, node: usize) -> Bounds<'_> {
        let at = 2 * node * self.width;
        let (low, high) = self.corners[at..at + 2 * self.width].split_at(self.width);
        Bounds { low, high }
    }
}

/// What lies beside the way to the root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside {
    pub(crate) node: usize,
    /// Whether its blocks come after those of the node from which the way leads.
    pub(crate) onward: bool,
}

/// The least and greatest coordinates of points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'a> {
    low: &'a [f64],
    high: &'a [f64],
}

impl<'a> Bounds<'a> {
    /// The box of one point.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn at(point: &'a [f64]) -> Self {
        Self { low: point, high: point }
    }

    /// Whether all of them are equal.
    pub(crate) fn is_point(&self) -> bool {
        self.low == self.high
    }

    /// The square of the diagonal: no two points in the box are further apart.
    pub(crate) fn diagonal(&self) -> f64 {
        self.squares(self).1
    }

    /// The squares of the least and the greatest distance between points of two boxes.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "part of the loops over blocks")]
    pub(crate) fn squares(&self, other: &Bounds<'_>) -> (f64, f64) {
        let (mut least, mut most) = (0.0, 0.0);
        let (mine, others) = (self.low.iter().zip(self.high), other.low.iter().zip(other.high));
        for ((low, high), (other_low, other_high)) in mine.zip(others) {
            let (before, after) = (other_low - high, low - other_high);
            let gap = if before > after { before } else { after };
            let gap = if gap > 0.0 { gap } else { 0.0 };
            // The two ends furthest apart.
            let (up, down) = (other_high - low, high - other_low);
            let span = if up > down { up } else { down };
            least += gap * gap;
            most += span * span;
        }
        (least, most)
    }
}

/// Whether a box with rows in it is small enough; the first number is the square of its diagonal.
pub(crate) type Enough<'a> = dyn Fn(f64, &[u32]) -> bool + Sync + 'a;

/// Blocks that are laid out at a time.
const BLOCKS: usize = 1 << 9;
/// Fewer points are not worth a thread of their own.
const LEAST_FORK: usize = 1 << 13;
/// Of so many points one at least lies on either side of a cut.
const LOPSIDED: usize = 16;

/// Points that are sorted into a subtree.
struct Part<'a> {
    columns: Vec<&'a mut [f64]>,
    rows: &'a mut [u32],
}

/// A subtree: it holds no place of its own, and can lie behind any other.
#[derive(Default)]
struct Grown {
    nodes: Vec<Node>,
    corners: Vec<f64>,
}

/// The subtree of some points, of which the first is number `start`, below a parent so far back.
fn grow(mut part: Part<'_>, start: u32, parent: u32, enough: &Enough<'_>) -> Grown {
    let mut grown = Grown::default();
    let len = part.rows.len();
    if len < LEAST_FORK {
        let mut grower = Grower { enough, start, spill: Spill::default(), grown };
        grower.grow(&mut part.columns, part.rows, 0, parent);
        return grower.grown;
    }
    let cut = grown.push(&part.columns, part.rows, start, parent, enough);
    let Some((axis, pivot)) = cut else { return grown };
    let left = split(&mut part.columns, part.rows, axis, pivot, &mut Spill::default());
    let (rows, more_rows) = part.rows.split_at_mut(left);
    let (columns, more_columns) = part.columns.into_iter().map(|column| column.split_at_mut(left)).unzip();
    let (left_part, right_part) = (Part { columns, rows }, Part { columns: more_columns, rows: more_rows });
    let (left, right) =
        fork::join(|| grow(left_part, start, 1, enough), || grow(right_part, start + left as u32, 0, enough));
    grown.append(left);
    grown.nodes[0].right = grown.nodes.len() as u32;
    let at = grown.nodes.len();
    grown.append(right);
    grown.nodes[at].parent = at as u32;
    grown
}

impl Grown {
    fn append(&mut self, mut other: Self) {
        self.nodes.append(&mut other.nodes);
        self.corners.append(&mut other.corners);
    }

    /// Adds a node, and says where to cut it.
    fn push(
        &mut self,
        columns: &[impl AsRef<[f64]>],
        rows: &[u32],
        start: u32,
        parent: u32,
        enough: &Enough<'_>,
    ) -> Option<(usize, f64)> {
        self.nodes.push(Node { start, end: start + rows.len() as u32, right: 0, parent });
        let (at, width) = (self.corners.len(), columns.len());
        self.corners.resize(at + 2 * width, 0.0);
        let (low, high) = self.corners[at..].split_at_mut(width);
        let (mut axis, mut longest) = (0, 0.0);
        for (place, column) in columns.iter().enumerate() {
            (low[place], high[place]) = ends(column.as_ref());
            // Half of it, for the whole may be too large.
            let side = 0.5 * high[place] - 0.5 * low[place];
            if side > longest {
                (axis, longest) = (place, side);
            }
        }
        let diagonal = Bounds { low, high }.diagonal();
        if rows.len() <= LANES || low == high || enough(diagonal, rows) {
            return None;
        }
        // Where half of the side is rounded to nothing.
        if longest == 0.0 {
            axis = (0..width).find(|&place| low[place] < high[place])?;
        }
        Some((axis, pivot(columns[axis].as_ref(), low[axis], high[axis])))
    }
}

/// The least and the greatest.
fn ends(column: &[f64]) -> (f64, f64) {
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (chunks, rest) = column.as_chunks::<LANES>();
    let mut take = |lanes: &[f64]| {
        for ((low, high), x) in low.iter_mut().zip(&mut high).zip(lanes) {
            *low = if *x < *low { *x } else { *low };
            *high = if *x > *high { *x } else { *high };
        }
    };
    for chunk in chunks {
        take(chunk);
    }
    take(rest);
    let least = |a: f64, b: &f64| if *b < a { *b } else { a };
    let most = |a: f64, b: &f64| if *b > a { *b } else { a };
    (low.iter().fold(f64::INFINITY, least), high.iter().fold(f64::NEG_INFINITY, most))
}

/// Up to where numbers go left. The ends differ, so some go either way.
fn pivot(keys: &[f64], low: f64, high: f64) -> f64 {
    let middle = 0.5 * low + 0.5 * high;
    let middle = if low <= middle && middle < high { middle } else { low };
    let left = keys.iter().filter(|key| **key <= middle).count();
    if left.min(keys.len() - left) >= keys.len() / LOPSIDED {
        return middle;
    }
    let mut sorted = keys.to_vec();
    let median = *sorted.select_nth_unstable_by(keys.len() / 2, f64::total_cmp).1;
    if median < high {
        return median;
    }
    keys.iter().fold(low, |below, key| if *key < high && *key > below { *key } else { below })
}

/// Grows a subtree on this thread.
struct Grower<'a> {
    enough: &'a Enough<'a>,
    start: u32,
    spill: Spill,
    grown: Grown,
}

/// Room for what goes right.
#[derive(Default)]
struct Spill {
    numbers: Vec<f64>,
    rows: Vec<u32>,
}

impl Grower<'_> {
    fn grow(&mut self, columns: &mut [&mut [f64]], rows: &mut [u32], offset: usize, parent: u32) {
        let at = self.grown.nodes.len();
        let start = self.start + offset as u32;
        let len = rows.len();
        let mut here: Vec<&mut [f64]> =
            columns.iter_mut().map(|column| &mut column[offset..offset + len]).collect();
        let cut = self.grown.push(&here, rows, start, parent, self.enough);
        let Some((axis, pivot)) = cut else { return };
        let left = split(&mut here, rows, axis, pivot, &mut self.spill);
        drop(here);
        let (left_rows, right_rows) = rows.split_at_mut(left);
        self.grow(columns, left_rows, offset, 1);
        let right = (self.grown.nodes.len() - at) as u32;
        self.grown.nodes[at].right = right;
        self.grow(columns, right_rows, offset + left, right);
    }
}

/// Moves points whose coordinate is at most `pivot` before the others, in their order. Says how many.
fn split(columns: &mut [&mut [f64]], rows: &mut [u32], axis: usize, pivot: f64, spill: &mut Spill) -> usize {
    let keys = std::mem::take(&mut columns[axis]);
    spill.numbers.resize(rows.len().max(spill.numbers.len()), 0.0);
    spill.rows.resize(rows.len().max(spill.rows.len()), 0);
    for column in columns.iter_mut().filter(|column| !column.is_empty()) {
        stable(column, &mut spill.numbers, |at, _| keys[at] <= pivot);
    }
    stable(rows, &mut spill.rows, |at, _| keys[at] <= pivot);
    let left = stable(keys, &mut spill.numbers, |_, key| key <= pivot);
    columns[axis] = keys;
    left
}

/// A stable partition without a branch: every value is written to both sides, and stays on one.
fn stable<T: Copy>(values: &mut [T], spill: &mut [T], is_left: impl Fn(usize, T) -> bool) -> usize {
    let (mut left, mut right) = (0, 0);
    for at in 0..values.len() {
        let value = values[at];
        let stays = usize::from(is_left(at, value));
        values[left] = value;
        spill[right] = value;
        left += stays;
        right += 1 - stays;
    }
    values[left..].copy_from_slice(&spill[..right]);
    left
}

/// Gives the leaves their blocks, and nodes those of their leaves. Says which points each block holds.
fn lay_out(nodes: &mut [Node]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for node in nodes.iter_mut().filter(|node| node.right == 0) {
        let points = node.start as usize..node.end as usize;
        node.start = spans.len() as u32;
        for start in points.clone().step_by(LANES) {
            spans.push(start..points.end.min(start + LANES));
        }
        node.end = spans.len() as u32;
    }
    for at in (0..nodes.len()).rev() {
        let right = nodes[at].right as usize;
        if right > 0 {
            (nodes[at].start, nodes[at].end) = (nodes[at + 1].start, nodes[at + right].end);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(columns: &[Vec<f64>], tree: &BoxTree) {
        let mut rows = tree.rows().to_vec();
        rows.sort_unstable();
        assert!(rows.iter().copied().eq(0..columns[0].len() as u32));
        let sums = tree.sums(|leaf| tree.places_of(leaf).len());
        assert_eq!(sums[0], rows.len());
        let mut point = vec![0.0; columns.len()];
        for &leaf in &tree.leaves() {
            let way = || tree.outwards(leaf as usize);
            let beside: usize = way().map(|beside| sums[beside.node]).sum();
            assert_eq!(beside + sums[leaf as usize], sums[0]);
            assert!(way().all(|beside| beside.onward == (beside.node > leaf as usize)));
            for block in tree.blocks_of(leaf as usize) {
                assert_eq!(tree.lanes(block).count_ones() as usize, tree.places(block).len());
                for (lane, place) in tree.places(block).enumerate() {
                    tree.point(block, lane, &mut point);
                    let row = tree.rows()[place] as usize;
                    assert!((0..point.len()).all(|at| point[at].to_bits() == columns[at][row].to_bits()));
                    let holds = |node: &usize| tree.places_of(*node).contains(&place);
                    for node in (0..sums.len()).filter(holds) {
                        assert!(tree.bounds(node).squares(&Bounds::at(&point)).0 <= 0.0);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_point_lies_in_one_leaf_and_in_all_boxes_above(
            points in proptest::collection::vec((-3_i32..3, any::<i32>(), -1e300..1e300), 1..300),
            tiny in any::<bool>(),
        ) {
            let unit = if tiny { f64::from_bits(1) } else { 1.0 };
            let columns = [
                points.iter().map(|point| f64::from(point.0) * unit).collect::<Vec<_>>(),
                points.iter().map(|point| f64::from(point.1)).collect(),
                points.iter().map(|point| point.2).collect(),
            ];
            for width in 1..=3 {
                let columns = columns[..width].to_vec();
                check(&columns, &BoxTree::new(columns.clone(), &|_, _| false));
            }
        }

        #[test]
        fn no_point_is_nearer_than_its_box_nor_further(
            a in proptest::collection::vec((-9.0..9.0, -9.0..9.0), 1..8),
            b in proptest::collection::vec((-9.0..9.0, -9.0..9.0), 1..8),
        ) {
            let tree = |points: &[(f64, f64)]| {
                let columns = [points.iter().map(|p| p.0).collect(), points.iter().map(|p| p.1).collect()];
                BoxTree::new(columns.to_vec(), &|_, _| false)
            };
            let (left, right) = (tree(&a), tree(&b));
            let (least, most) = left.bounds(0).squares(&right.bounds(0));
            for (x, y) in a {
                let squares = right.squares(0, &[x, y]);
                prop_assert!(squares[..b.len()].iter().all(|square| (least..=most).contains(square)));
                prop_assert!(squares[b.len()..].iter().all(|square| square.is_nan()));
            }
        }
    }

    #[test]
    fn large_trees_are_the_same_on_any_number_of_threads() {
        let mix = |row: usize, by: usize| ((row * by) % 65_537) as f64;
        let columns =
            [7919, 104_729, 1].map(|by| (0..3 * LEAST_FORK).map(|row| mix(row, by)).collect::<Vec<_>>());
        let grown = || BoxTree::new(columns.to_vec(), &|_, rows| rows.len() < 500);
        check(&columns, &grown());
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (one, three) = (pool(1).install(grown), pool(3).install(grown));
        assert_eq!((one.rows, one.corners), (three.rows, three.corners));
    }

    #[test]
    fn points_that_lie_lopsided_keep_the_tree_shallow() {
        let column: Vec<f64> = (0..1000).map(|power| 2_f64.powi(power - 500)).collect();
        let tree = BoxTree::new(vec![column], &|_, _| false);
        assert!(tree.leaves().iter().all(|&leaf| tree.outwards(leaf as usize).count() < 40));
        let equal = BoxTree::new(vec![vec![0.5; 1000]; 2], &|_, _| false);
        assert!(equal.is_leaf(0) && equal.bounds(0).is_point());
        assert_eq!((equal.blocks(), equal.places_of(0)), (125, 0..1000));
    }
}
