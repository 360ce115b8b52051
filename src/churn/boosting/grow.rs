//! How a tree of steps grows.

use std::{mem::take, ops::Range};

use super::{
    Monotone,
    histogram::{Entry, Sum, fill, subtract},
    split::{Asked, Split},
};
use crate::{
    churn::tree::{
        codes::Coded,
        nodes::{Branch, Node, Nodes},
        split::{Cut, Part},
    },
    math::parallel,
};

/// No step is larger, before the rate.
pub(super) const LARGEST_STEP: f64 = 10.0;

/// Fewer entries times columns are not worth another thread.
const SHARED: usize = 1 << 15;

/// How trees grow.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    pub(super) depth: u32,
    pub(super) leaf_rows: u32,
    /// In weight.
    pub(super) ridge: f64,
    pub(super) rate: f64,
    /// The share of the rows that a tree learns from.
    pub(super) rows: f64,
    /// The share of the columns that a tree may ask.
    pub(super) columns: f64,
    /// For each column how it is bound.
    pub(super) monotone: Vec<Option<Monotone>>,
}

impl Growth {
    /// Whether each tree may ask all columns of all rows.
    pub(super) fn takes_all(&self) -> bool {
        self.rows >= 1.0 && self.columns >= 1.0
    }
}

/// Between which the steps at and below a node must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits(f64, f64);

impl Limits {
    const ALL: Self = Self(-LARGEST_STEP, LARGEST_STEP);

    #[inline(always)]
    pub(super) fn hold(self, step: f64) -> f64 {
        step.clamp(self.0, self.1)
    }

    /// Limits of both sides of a question. Where its column is bound, all below the left is on one side of all below the
    /// right: their middle parts them.
    fn sides(self, bound: Option<Monotone>, left: f64, right: f64) -> [Self; 2] {
        let middle = self.hold(0.5 * (left + right));
        match bound {
            None => [self; 2],
            Some(Monotone::Increasing) => [Self(self.0, middle), Self(middle, self.1)],
            Some(Monotone::Decreasing) => [Self(middle, self.1), Self(self.0, middle)],
        }
    }
}

/// The step that lessens the loss most.
#[inline(always)]
pub(super) fn step(sum: Sum, ridge: f64) -> f64 {
    let bend = sum.curve() + ridge;
    // Where nothing bends nothing is to be won: all have been told what they are.
    if bend > 0.0 { -sum.slope() / bend } else { 0.0 }
}

/// By how much that step lessens the loss, kept within limits.
#[inline(always)]
pub(super) fn worth(sum: Sum, ridge: f64, limits: Limits) -> f64 {
    let step = limits.hold(step(sum, ridge));
    // A ridge without end leaves no step.
    if step == 0.0 { 0.0 } else { -step * (sum.slope() + 0.5 * (sum.curve() + ridge) * step) }
}

/// A node that may still be asked.
struct Open {
    at: usize,
    rows: Range<usize>,
    total: Sum,
    limits: Limits,
    depth: u32,
    /// For each column that may be asked its bins.
    cells: Vec<Sum>,
    best: Option<Split>,
}

struct Grower<'a> {
    columns: &'a [Coded],
    /// The columns that may be asked.
    asked: &'a [usize],
    growth: &'a Growth,
    whole: f64,
    entries: &'a mut [Entry],
    /// Entries that go right, for a moment.
    right: Vec<Entry>,
    /// Bins that are no longer needed.
    spare: Vec<Vec<Sum>>,
    grown: Nodes,
    gains: &'a mut [f64],
}

/// A tree that has grown, and for each leaf which of the entries are its own: they lie in its order now. How many rows and
/// how much weight the nodes have is still to be told.
pub(super) struct Grown {
    pub(super) tree: Nodes,
    pub(super) leaves: Vec<(usize, Range<usize>)>,
}

/// Grows a tree on entries, of which there is at least one; what each column's questions were worth is added to `gains`.
pub(super) fn grow(
    columns: &[Coded],
    asked: &[usize],
    growth: &Growth,
    whole: f64,
    entries: &mut [Entry],
    gains: &mut [f64],
) -> Grown {
    let (right, spare, grown) = (Vec::new(), Vec::new(), Nodes::default());
    let mut grower = Grower { columns, asked, growth, whole, entries, right, spare, grown, gains };
    let (mut open, mut leaves) = (vec![grower.root()], Vec::new());
    while let Some(mut node) = open.pop() {
        let Some(split) = node.best.take() else {
            grower.spare.push(node.cells);
            leaves.push((node.at, node.rows));
            continue;
        };
        let [left, right] = grower.branch(node, &split);
        open.push(right);
        open.push(left);
    }
    Grown { tree: grower.grown, leaves }
}

impl Grower<'_> {
    fn root(&mut self) -> Open {
        let (rows, total) = (0..self.entries.len(), Sum::of(self.entries));
        self.push(total, Limits::ALL);
        let mut root =
            Open { at: 0, rows, total, limits: Limits::ALL, depth: 0, cells: self.cells(), best: None };
        if self.may_be_asked(&root) {
            let (entries, node) = (&*self.entries, self.node(&root));
            let found = self.each_column(entries.len(), &mut root.cells, &mut [], |asked, cells, _| {
                fill(cells, entries, self.column(asked));
                [node.best((asked, self.column(asked)), cells, self.bound(asked)), None]
            });
            [root.best, _] = best(found);
        }
        root
    }

    /// Splits a node. The bins of the smaller side are filled, those of the other are what is left.
    fn branch(&mut self, node: Open, split: &Split) -> [Open; 2] {
        let (column, middle) = (self.asked[split.asked], self.part(node.rows.clone(), split));
        let sums = [split.left, node.total.minus(split.left)];
        let steps = sums.map(|sum| node.limits.hold(step(sum, self.ridge())));
        let bound = self.growth.monotone[column].filter(|_| !matches!(split.cut, Cut::Known));
        let limits = node.limits.sides(bound, steps[0], steps[1]);
        self.grown.nodes[node.at].branch = Some(Branch {
            column: column as u32,
            test: split.cut.test(&self.columns[column], &mut self.grown.levels),
            missing_left: split.missing_left,
            missing_seen: split.missing_seen,
            left: self.grown.nodes.len() as u32,
        });
        self.gains[column] += split.gain;
        let rows = [node.rows.start..middle, middle..node.rows.end];
        let right_is_small = sums[1].rows < sums[0].rows;
        let mut cells = [node.cells, self.cells()];
        if !right_is_small {
            cells.swap(0, 1);
        }
        let depth = node.depth + 1;
        let mut side = |at: usize| {
            let (rows, cells) = (rows[at].clone(), take(&mut cells[at]));
            let at_node = self.push(sums[at], limits[at]);
            Open { at: at_node, rows, total: sums[at], limits: limits[at], depth, cells, best: None }
        };
        let mut sides = [side(0), side(1)];
        self.ask(&mut sides, usize::from(right_is_small));
        sides
    }

    /// Finds the best question of both sides, if they may be asked at all. The bins of the larger one hold both.
    fn ask(&self, sides: &mut [Open; 2], small: usize) {
        let may = [0, 1].map(|at| self.may_be_asked(&sides[at]));
        if !(may[0] || may[1]) {
            return;
        }
        let nodes = [0, 1].map(|at| self.node(&sides[at]));
        let entries = &self.entries[sides[small].rows.clone()];
        let [left, right] = sides;
        let (smaller, larger) =
            if small == 0 { (&mut *left, &mut *right) } else { (&mut *right, &mut *left) };
        let found =
            self.each_column(entries.len(), &mut larger.cells, &mut smaller.cells, |asked, large, few| {
                let column = self.column(asked);
                fill(few, entries, column);
                subtract(large, few);
                let cells = if small == 0 { [few, large] } else { [large, few] };
                [0, 1].map(|at| {
                    may[at].then(|| nodes[at].best((asked, column), cells[at], self.bound(asked))).flatten()
                })
            });
        [left.best, right.best] = best(found);
    }

    /// `work` on the bins of each column that may be asked, in one table and in another, which may be empty.
    fn each_column(
        &self,
        entries: usize,
        cells: &mut [Sum],
        others: &mut [Sum],
        work: impl Fn(usize, &mut [Sum], &mut [Sum]) -> [Option<Split>; 2] + Sync + Send,
    ) -> Vec<[Option<Split>; 2]> {
        let (mut cells, mut others) = (cells, others);
        let mut columns = Vec::with_capacity(self.asked.len());
        for asked in 0..self.asked.len() {
            let bins = self.column(asked).missing() as usize + 1;
            let (own, cells_left) = take(&mut cells).split_at_mut(bins);
            let other_bins = bins.min(others.len());
            let (other, others_left) = take(&mut others).split_at_mut(other_bins);
            (cells, others) = (cells_left, others_left);
            columns.push((asked, own, other));
        }
        if entries * columns.len() < SHARED {
            return columns.into_iter().map(|(asked, cells, others)| work(asked, cells, others)).collect();
        }
        parallel::map(columns, |(asked, cells, others)| work(asked, cells, others))
    }

    fn column(&self, asked: usize) -> &Coded {
        &self.columns[self.asked[asked]]
    }

    fn bound(&self, asked: usize) -> Option<Monotone> {
        self.growth.monotone[self.asked[asked]]
    }

    /// In parts of the whole weight.
    fn ridge(&self) -> f64 {
        self.growth.ridge / self.whole
    }

    fn cells(&mut self) -> Vec<Sum> {
        self.spare.pop().unwrap_or_else(|| {
            let bins = |asked| self.column(asked).missing() as usize + 1;
            vec![Sum::default(); (0..self.asked.len()).map(bins).sum()]
        })
    }

    fn node(&self, open: &Open) -> Asked {
        let (leaf_rows, ridge, whole) = (self.growth.leaf_rows, self.ridge(), self.whole);
        Asked { total: open.total, limits: open.limits, leaf_rows, ridge, whole }
    }

    fn may_be_asked(&self, open: &Open) -> bool {
        open.depth < self.growth.depth && open.total.rows / 2 >= self.growth.leaf_rows
    }

    /// Adds a node, and says where it is.
    fn push(&mut self, sum: Sum, limits: Limits) -> usize {
        let value = self.growth.rate * limits.hold(step(sum, self.ridge()));
        self.grown.nodes.push(Node { value, weight: 0.0, rows: 0, branch: None });
        self.grown.nodes.len() - 1
    }

    /// Brings the entries that go left before the others, both in their order; says where the others begin.
    fn part(&mut self, rows: Range<usize>, split: &Split) -> usize {
        let column = &self.columns[self.asked[split.asked]];
        let missing = column.missing();
        let left: Vec<bool> =
            (0..=missing).map(|code| split.cut.goes_left(code, missing, split.missing_left)).collect();
        self.right.resize(self.right.len().max(rows.len()), Entry::default());
        let (mut middle, mut gone) = (rows.start, 0);
        for at in rows.clone() {
            let entry = self.entries[at];
            // Always written to both, so that nothing is to be guessed.
            self.entries[middle] = entry;
            self.right[gone] = entry;
            let goes_left = usize::from(left[column.codes[entry.row as usize] as usize]);
            middle += goes_left;
            gone += 1 - goes_left;
        }
        self.entries[middle..rows.end].copy_from_slice(&self.right[..gone]);
        middle
    }
}

/// The best question of each side; of questions as good the first column's.
fn best(found: Vec<[Option<Split>; 2]>) -> [Option<Split>; 2] {
    let mut best = [None, None];
    for sides in found {
        for (best, split) in best.iter_mut().zip(sides) {
            let Some(split) = split else { continue };
            if best.as_ref().is_none_or(|best: &Split| split.gain > best.gain) {
                *best = Some(split);
            }
        }
    }
    best
}
