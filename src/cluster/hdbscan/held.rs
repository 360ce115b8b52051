//! The distinct points learned from, as they are searched.

#![allow(clippy::inline_always, reason = "a call that is not inlined is compiled for the narrowest vectors")]

use super::core_distance::{Searcher, core_squares};
use crate::math::{
    kd_tree::{KdTree, LEAF, Node, Search, to_box, to_leaf},
    simd,
};

/// Distinct points, measured in a unit in which squares of distances are finite.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Held {
    pub(super) tree: KdTree,
    /// The length of the unit: a power of two, 1 unless coordinates are enormous or minute.
    pub(super) unit: f64,
    /// By point.
    pub(super) weights: Vec<f64>,
    /// By point the square of its core distance.
    pub(super) cores: Vec<f64>,
    /// By position, filled up to whole leaves; no weights where each is 1.
    placed_weights: Option<Vec<f64>>,
    placed_cores: Vec<f64>,
}

/// The power of two to measure columns in.
pub(super) fn unit<C: AsRef<[f64]>>(columns: &[C]) -> f64 {
    let greatest = columns.iter().flat_map(AsRef::as_ref).fold(0.0_f64, |most, x| most.max(x.abs()));
    if greatest == 0.0 || (1e-120..1e150).contains(&greatest) {
        return 1.0;
    }
    // The number without its mantissa; from 2^-1000 on the reciprocal is finite.
    let [power, least] = [greatest.to_bits() & EXPONENT, 23 << 52].map(f64::from_bits);
    power.max(least)
}

const EXPONENT: u64 = 0x7ff0_0000_0000_0000;

/// Beyond this many units a point is as far as any other.
pub(super) const FAR: f64 = 1e150;

impl Held {
    /// Points of which the columns are measured in `unit`, and their core distances.
    pub(super) fn learn(columns: &[Vec<f64>], weights: Vec<f64>, unit: f64, min_samples: usize) -> Self {
        let tree = KdTree::new(columns);
        let placed_weights = placed_weights(&tree, &weights);
        let placed_cores = core_squares(&tree, placed_weights.as_deref(), min_samples);
        let mut cores = vec![0.0; weights.len()];
        for (&point, &core) in tree.rows().iter().zip(&placed_cores) {
            cores[point as usize] = core;
        }
        Self {
            placed_cores: filled(placed_cores, &tree, f64::INFINITY),
            tree,
            unit,
            weights,
            cores,
            placed_weights,
        }
    }

    /// Points whose core distances are known.
    pub(super) fn known(columns: &[Vec<f64>], weights: Vec<f64>, unit: f64, cores: Vec<f64>) -> Self {
        let tree = KdTree::new(columns);
        let placed_weights = placed_weights(&tree, &weights);
        let placed_cores = tree.rows().iter().map(|&point| cores[point as usize]).collect();
        Self {
            placed_cores: filled(placed_cores, &tree, f64::INFINITY),
            tree,
            unit,
            weights,
            cores,
            placed_weights,
        }
    }

    /// Number of points.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// The columns, measured in the unit.
    pub(super) fn columns(&self) -> Vec<Vec<f64>> {
        let mut columns = vec![vec![0.0; self.len()]; self.tree.width()];
        let mut point = vec![0.0; self.tree.width()];
        for (position, &row) in self.tree.rows().iter().enumerate() {
            self.tree.point(position, &mut point);
            for (column, x) in columns.iter_mut().zip(&point) {
                column[row as usize] = *x;
            }
        }
        columns
    }

    /// By position and filled up to whole leaves, the squares of the core distances.
    pub(super) fn placed_cores(&self) -> &[f64] {
        &self.placed_cores
    }

    /// A coordinate in the unit.
    pub(super) fn measure(&self, x: f64) -> f64 {
        (x / self.unit).clamp(-FAR, FAR)
    }

    /// What finds the neighbours of points that are not held.
    pub(super) fn neighbours(&self, min_samples: usize) -> Neighbours<'_> {
        // The point itself is one of those within its core distance.
        let others = min_samples - 1;
        let core = (others > 0).then(|| Searcher::new(&self.tree, self.placed_weights.as_deref(), others));
        Neighbours { held: self, core, stack: Vec::new() }
    }
}

/// By position and filled up to whole leaves; none where each is 1.
#[allow(clippy::float_cmp, reason = "weights that were not given are exactly 1")]
fn placed_weights(tree: &KdTree, weights: &[f64]) -> Option<Vec<f64>> {
    let placed = || tree.rows().iter().map(|&point| weights[point as usize]).collect();
    weights.iter().any(|weight| *weight != 1.0).then(|| filled(placed(), tree, 0.0))
}

fn filled(mut values: Vec<f64>, tree: &KdTree, with: f64) -> Vec<f64> {
    values.resize(tree.leaves() * LEAF, with);
    values
}

/// Finds nearest neighbours by mutual reachability.
pub(super) struct Neighbours<'a> {
    held: &'a Held,
    core: Option<Searcher<'a>>,
    stack: Vec<(f64, Node)>,
}

impl Neighbours<'_> {
    /// The held point that is nearest by mutual reachability, of such by distance, of such the first; and how far:
    /// 0 where it is equal. `None` where all are out of reach.
    pub(super) fn nearest(&mut self, point: &[f64]) -> Option<(usize, f64)> {
        let core = self.core.as_mut().map_or(0.0, |core| core.of_point(point));
        let mut search =
            Nearest { held: self.held, point, core, found: (f64::INFINITY, f64::INFINITY, u32::MAX) };
        simd::widest(|| self.held.tree.search(&mut search, &mut self.stack));
        let (square, _, row) = search.found;
        square.is_finite().then_some((row as usize, square.sqrt()))
    }
}

struct Nearest<'a> {
    held: &'a Held,
    point: &'a [f64],
    /// The square of the point's own core distance.
    core: f64,
    /// Squares of the mutual reachability and of the distance, and the row.
    found: (f64, f64, u32),
}

impl Search for Nearest<'_> {
    #[inline(always)]
    fn least(&self, node: Node) -> f64 {
        to_box(self.point, self.held.tree.bounds(node))
    }

    #[inline(always)]
    fn bound(&self) -> f64 {
        // One as near but of an earlier row is still wanted.
        self.found.0.next_up()
    }

    #[inline(always)]
    fn visit(&mut self, leaf: usize) {
        let tree = &self.held.tree;
        let squares = to_leaf(self.point, tree.blocks(leaf));
        for (position, square) in tree.positions(leaf).zip(squares) {
            // An equal one is no other point, but that one.
            let other = square > 0.0;
            let reach = if other { square.max(self.held.placed_cores[position]).max(self.core) } else { 0.0 };
            let found = (reach, square, tree.rows()[position]);
            if found < self.found {
                self.found = found;
            }
        }
    }
}
