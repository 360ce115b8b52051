//! How far each point must reach to hold enough weight.

#![allow(clippy::inline_always, reason = "a call that is not inlined is compiled for the narrowest vectors")]

use crate::math::{
    kd_tree::{KdTree, LEAF, Node, Search, between_boxes, to_box, to_leaf},
    parallel, simd,
};

/// Leaves whose points are answered together on one thread.
const LEAVES: usize = 64;

/// By position in the tree, the square of the distance within which there are points of the weight `enough`, the
/// point itself among them. `weights` are by position and fill whole leaves, none where each is 1; their sum is at
/// least `enough`.
pub(super) fn core_squares(tree: &KdTree, weights: Option<&[f64]>, enough: usize) -> Vec<f64> {
    let mut cores = vec![0.0; tree.len()];
    let blocks = parallel::ranges(tree.leaves(), LEAVES).into_iter().zip(cores.chunks_mut(LEAVES * LEAF));
    parallel::map_with(
        blocks.collect(),
        || Searcher::new(tree, weights, enough),
        |searcher, (leaves, cores)| {
            for (leaf, cores) in leaves.zip(cores.chunks_mut(LEAF)) {
                searcher.of_leaf(leaf, cores);
            }
        },
    );
    cores
}

/// Finds core distances, with scratch that it keeps.
pub(super) struct Searcher<'a> {
    tree: &'a KdTree,
    reach: Either<'a>,
    points: Vec<f64>,
    stack: Vec<(f64, Node)>,
}

enum Either<'a> {
    Counted(Counted),
    Weighed(Weighed<'a>),
}

impl<'a> Searcher<'a> {
    /// As for [`core_squares`].
    pub(super) fn new(tree: &'a KdTree, weights: Option<&'a [f64]>, enough: usize) -> Self {
        let reach = match weights {
            None => Either::Counted(Counted::new(enough)),
            Some(weights) => Either::Weighed(Weighed::new(weights, enough as f64)),
        };
        Self { tree, reach, points: vec![0.0; tree.width() * LEAF], stack: Vec::new() }
    }

    /// The squares of the core distances of a leaf's points.
    fn of_leaf(&mut self, leaf: usize, cores: &mut [f64]) {
        let Self { tree, reach, points, stack } = self;
        for (position, point) in tree.positions(leaf).zip(points.chunks_mut(tree.width())) {
            tree.point(position, point);
        }
        let bounds = tree.bounds(tree.node(leaf));
        simd::widest(|| match reach {
            Either::Counted(reach) => search(tree, bounds, points, Some(leaf), reach, stack, cores),
            Either::Weighed(reach) => search(tree, bounds, points, Some(leaf), reach, stack, cores),
        });
    }

    /// The square of the distance within which a point that is not in the tree has enough; infinite if there is not.
    pub(super) fn of_point(&mut self, point: &[f64]) -> f64 {
        let Self { tree, reach, stack, .. } = self;
        let bounds: Vec<[f64; 2]> = point.iter().map(|&x| [x, x]).collect();
        let mut core = [0.0];
        simd::widest(|| match reach {
            Either::Counted(reach) => search(tree, &bounds, point, None, reach, stack, &mut core),
            Either::Weighed(reach) => search(tree, &bounds, point, None, reach, stack, &mut core),
        });
        core[0]
    }
}

/// Writes the squares of the core distances of the points, which lie within `bounds`, and in leaf `own` if any.
#[inline(always)]
fn search<R: Reach>(
    tree: &KdTree,
    bounds: &[[f64; 2]],
    points: &[f64],
    own: Option<usize>,
    reach: &mut R,
    stack: &mut Vec<(f64, Node)>,
    cores: &mut [f64],
) {
    reach.clear();
    let lanes = cores.len();
    let mut search = Reaching { tree, bounds, own: None, points, lanes, reach, bound: f64::INFINITY };
    if let Some(own) = own {
        // The nearest are mostly at home.
        search.visit(own);
        search.own = Some(own);
    }
    tree.search(&mut search, stack);
    for (lane, core) in cores.iter_mut().enumerate() {
        *core = search.reach.last(lane);
    }
}

/// The nearest points met so far by each point of a leaf.
trait Reach {
    /// Forgets all.
    fn clear(&mut self);

    /// The square within which enough has been met for a lane; infinite until then.
    fn bound(&self, lane: usize) -> f64;

    /// Takes in the points of a leaf by their squared distances.
    fn meet(&mut self, lane: usize, leaf: usize, squares: &[f64; LEAF]);

    /// As [`bound`](Self::bound), once all are met.
    fn last(&mut self, lane: usize) -> f64;
}

/// Points looking for their neighbours.
struct Reaching<'a, R> {
    tree: &'a KdTree,
    bounds: &'a [[f64; 2]],
    /// The leaf, once it has been looked through.
    own: Option<usize>,
    points: &'a [f64],
    lanes: usize,
    reach: &'a mut R,
    /// The widest bound of a point.
    bound: f64,
}

impl<R: Reach> Search for Reaching<'_, R> {
    #[inline(always)]
    fn least(&self, node: Node) -> f64 {
        between_boxes(self.bounds, self.tree.bounds(node))
    }

    #[inline(always)]
    fn bound(&self) -> f64 {
        self.bound
    }

    #[inline(always)]
    fn visit(&mut self, leaf: usize) {
        if Some(leaf) == self.own {
            return;
        }
        let (blocks, bounds) = (self.tree.blocks(leaf), self.tree.bounds(self.tree.node(leaf)));
        self.bound = 0.0;
        for (lane, point) in self.points.chunks(self.tree.width()).take(self.lanes).enumerate() {
            if to_box(point, bounds) < self.reach.bound(lane) {
                self.reach.meet(lane, leaf, &to_leaf(point, blocks));
            }
            self.bound = self.bound.max(self.reach.bound(lane));
        }
    }
}

/// So many points, each of weight 1: the bits of their squares, which are ordered as the squares are.
struct Counted {
    enough: usize,
    room: usize,
    squares: Vec<u64>,
    met: [usize; LEAF],
    bounds: [f64; LEAF],
}

impl Counted {
    fn new(enough: usize) -> Self {
        // Sifting when so many more than enough have come costs each of them the same.
        let room = enough + (enough / 2).max(LEAF) + LEAF;
        Self { enough, room, squares: vec![0; LEAF * room], met: [0; LEAF], bounds: [f64::INFINITY; LEAF] }
    }

    fn sift(&mut self, lane: usize) {
        let start = lane * self.room;
        let met = &mut self.squares[start..start + self.met[lane]];
        if met.len() >= self.enough {
            let (_, last, _) = met.select_nth_unstable(self.enough - 1);
            self.bounds[lane] = f64::from_bits(*last);
            self.met[lane] = self.enough;
        }
    }
}

impl Reach for Counted {
    #[inline(always)]
    fn clear(&mut self) {
        self.met = [0; LEAF];
        self.bounds = [f64::INFINITY; LEAF];
    }

    #[inline(always)]
    fn bound(&self, lane: usize) -> f64 {
        self.bounds[lane]
    }

    #[inline(always)]
    fn meet(&mut self, lane: usize, _: usize, squares: &[f64; LEAF]) {
        let (bound, mut met) = (self.bounds[lane], self.met[lane]);
        let slots = &mut self.squares[lane * self.room..(lane + 1) * self.room];
        for square in squares {
            slots[met] = square.to_bits();
            met += usize::from(*square < bound);
        }
        self.met[lane] = met;
        // There must be room for the next leaf, and for one slot that is written and not kept.
        if met + LEAF >= self.room {
            self.sift(lane);
        }
    }

    fn last(&mut self, lane: usize) -> f64 {
        self.sift(lane);
        self.bounds[lane]
    }
}

/// Points of several weights: by the bits of their squares.
struct Weighed<'a> {
    weights: &'a [f64],
    enough: f64,
    met: Vec<Vec<(u64, f64)>>,
    /// How many were kept when last sifted.
    kept: [usize; LEAF],
    bounds: [f64; LEAF],
}

impl<'a> Weighed<'a> {
    fn new(weights: &'a [f64], enough: f64) -> Self {
        let met = vec![Vec::new(); LEAF];
        Self { weights, enough, met, kept: [0; LEAF], bounds: [f64::INFINITY; LEAF] }
    }

    fn sift(&mut self, lane: usize) {
        let met = &mut self.met[lane];
        met.sort_unstable_by_key(|&(square, _)| square);
        let mut weight = 0.0;
        let last = met.iter().position(|point| {
            weight += point.1;
            weight >= self.enough
        });
        if let Some(last) = last {
            self.bounds[lane] = f64::from_bits(met[last].0);
            met.truncate(last + 1);
        }
        self.kept[lane] = met.len();
    }
}

impl Reach for Weighed<'_> {
    fn clear(&mut self) {
        for met in &mut self.met {
            met.clear();
        }
        self.kept = [0; LEAF];
        self.bounds = [f64::INFINITY; LEAF];
    }

    #[inline(always)]
    fn bound(&self, lane: usize) -> f64 {
        self.bounds[lane]
    }

    #[inline(always)]
    fn meet(&mut self, lane: usize, leaf: usize, squares: &[f64; LEAF]) {
        let bound = self.bounds[lane];
        for (square, weight) in squares.iter().zip(&self.weights[leaf * LEAF..]) {
            if *square < bound {
                self.met[lane].push((square.to_bits(), *weight));
            }
        }
        if self.met[lane].len() >= 2 * self.kept[lane] + LEAF {
            self.sift(lane);
        }
    }

    fn last(&mut self, lane: usize) -> f64 {
        self.sift(lane);
        // Rounding may leave the sum of all weights a trifle below.
        match self.met[lane].last() {
            Some(&(farthest, _)) if self.bounds[lane].is_infinite() => f64::from_bits(farthest),
            _ => self.bounds[lane],
        }
    }
}
