//! How a tree grows.

use std::ops::Range;

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    codes::Coded,
    histogram::Mass,
    impurity::Impurity,
    nodes::{Branch, Node, Nodes},
    split::{Search, Split},
};

/// A row that counts.
#[derive(Clone, Copy, Debug)]
pub(in crate::churn) struct Entry {
    pub(in crate::churn) row: u32,
    pub(in crate::churn) churned: bool,
    /// Above 0.
    pub(in crate::churn) weight: f64,
}

impl Entry {
    /// The weight, if the customer churned.
    #[inline(always)]
    pub(super) fn churned(&self) -> f64 {
        self.weight * f64::from(u8::from(self.churned))
    }
}

/// When a node is split.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::churn) struct Growth {
    pub(in crate::churn) impurity: Impurity,
    pub(in crate::churn) depth: Option<u32>,
    pub(in crate::churn) leaf_rows: u32,
    pub(in crate::churn) leaf_weight: f64,
    /// Impurity times weight that a split must take away.
    pub(in crate::churn) least_gain: f64,
}

impl Growth {
    /// Whether a node of so much may be.
    #[inline(always)]
    pub(super) fn allows(&self, mass: Mass) -> bool {
        mass.rows >= self.leaf_rows.max(1) && mass.weight > 0.0 && mass.weight >= self.leaf_weight
    }
}

/// Which columns a node may ask.
pub(in crate::churn) enum Columns<'a> {
    All,
    /// So many of those that could be asked, drawn anew for each node.
    Drawn(usize, &'a mut Xoshiro256PlusPlus),
}

struct Grower<'a> {
    columns: &'a [Coded],
    growth: &'a Growth,
    asked: Columns<'a>,
    entries: Vec<Entry>,
    search: Search,
    /// The numbers of the columns, in the order they were last drawn.
    order: Vec<usize>,
    /// Entries that go right, for a moment.
    right: Vec<Entry>,
    grown: Nodes,
}

/// Grows a tree on entries, of which there is at least one.
pub(in crate::churn) fn grow(
    columns: &[Coded],
    entries: Vec<Entry>,
    growth: &Growth,
    asked: Columns<'_>,
) -> Nodes {
    let (order, search) = ((0..columns.len()).collect(), Search::new(columns));
    let (right, grown) = (Vec::new(), Nodes::default());
    let mut grower = Grower { columns, growth, asked, entries, search, order, right, grown };
    let all = 0..grower.entries.len();
    let root = grower.node(all.clone());
    grower.grown.nodes.push(root);
    let mut open = vec![(0, all, 0)];
    while let Some((at, rows, depth)) = open.pop() {
        let Some((left, right)) = grower.branch(at, rows, depth) else { continue };
        let below = grower.grown.nodes.len() - 2;
        open.push((below + 1, right, depth + 1));
        open.push((below, left, depth + 1));
    }
    grower.grown
}

impl Grower<'_> {
    fn node(&self, rows: Range<usize>) -> Node {
        let mass = self.mass(rows);
        Node { value: mass.share(), weight: mass.weight, rows: mass.rows, branch: None }
    }

    /// Summed afresh for each node: what is left of a difference may be off.
    fn mass(&self, rows: Range<usize>) -> Mass {
        let add = |sum: Mass, entry: &Entry| {
            sum.plus(Mass { weight: entry.weight, churned: entry.churned(), rows: 1 })
        };
        self.entries[rows].iter().fold(Mass::default(), add)
    }

    /// Splits a node, and says which entries are whose; `None` if it stays a leaf.
    fn branch(&mut self, at: usize, rows: Range<usize>, depth: u32) -> Option<(Range<usize>, Range<usize>)> {
        let total = self.mass(rows.clone());
        let mixed = total.churned > 0.0 && total.churned < total.weight;
        let deep = self.growth.depth.is_some_and(|most| depth >= most);
        if !mixed || deep || total.rows / 2 < self.growth.leaf_rows {
            return None;
        }
        let split = self.best(rows.clone(), total)?;
        let middle = self.part(rows.clone(), &split);
        let (left, right) = (rows.start..middle, middle..rows.end);
        let nodes = [self.node(left.clone()), self.node(right.clone())];
        let branch = Branch {
            column: split.column as u32,
            test: split.cut.test(&self.columns[split.column], &mut self.grown.levels),
            missing_left: split.missing_left,
            missing_seen: split.missing_seen,
            left: self.grown.nodes.len() as u32,
        };
        self.grown.nodes[at].branch = Some(branch);
        self.grown.nodes.extend(nodes);
        Some((left, right))
    }

    fn best(&mut self, rows: Range<usize>, total: Mass) -> Option<Split> {
        let entries = &self.entries[rows];
        let (mut best, mut offered) = (None, 0);
        for at in 0..self.order.len() {
            if let Columns::Drawn(most, chance) = &mut self.asked {
                if offered >= *most {
                    break;
                }
                let other = chance.gen_range(at..self.order.len());
                self.order.swap(at, other);
            }
            let column = self.order[at];
            let offers;
            (best, offers) =
                self.search.better(best, entries, total, (column, &self.columns[column]), self.growth);
            offered += usize::from(offers);
        }
        best
    }

    /// Brings the entries that go left before the others, both in their order; says where the others begin.
    fn part(&mut self, rows: Range<usize>, split: &Split) -> usize {
        let coded = &self.columns[split.column];
        let (missing, missing_left) = (coded.missing(), split.missing_left);
        let goes_left =
            |entry: &Entry| split.cut.goes_left(coded.codes[entry.row as usize], missing, missing_left);
        self.right.clear();
        let mut middle = rows.start;
        for at in rows.clone() {
            let entry = self.entries[at];
            if goes_left(&entry) {
                self.entries[middle] = entry;
                middle += 1;
            } else {
                self.right.push(entry);
            }
        }
        self.entries[middle..rows.end].copy_from_slice(&self.right);
        middle
    }
}
