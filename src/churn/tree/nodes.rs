//! A tree that has grown.

use super::{histogram::Mass, impurity::Impurity};
use crate::{churn::schema::Aligned, feature::Categories};

/// The nodes of a tree, the root first, each before what is below it.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::churn) struct Nodes {
    pub(in crate::churn) nodes: Vec<Node>,
    /// The levels that tests name.
    pub(in crate::churn) levels: Vec<u16>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::churn) struct Node {
    /// What the node says: the share of the weight in learning that churned; of boosting, a step in log-odds.
    pub(in crate::churn) value: f64,
    /// The weight of the rows in learning.
    pub(in crate::churn) weight: f64,
    pub(in crate::churn) rows: u32,
    /// A leaf has none.
    pub(in crate::churn) branch: Option<Branch>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::churn) struct Branch {
    pub(in crate::churn) column: u32,
    pub(in crate::churn) test: Test,
    /// Whether a row goes left whose value is missing, or is a level that no row of the node had in learning.
    pub(in crate::churn) missing_left: bool,
    /// Whether a row in learning had no value.
    pub(in crate::churn) missing_seen: bool,
    /// The place of the left node; the right one is the next.
    pub(in crate::churn) left: u32,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::churn) enum Test {
    /// Left if the number is not above this.
    AtMost(f64),
    /// Left if the level is one of `start..middle` of the levels of the tree, right if one of `middle..end`; both are
    /// ascending.
    Among { start: u32, middle: u32, end: u32 },
    /// Left if there is a value.
    Known,
}

impl Nodes {
    /// The leaf of a row, for which `row` says where each column is looked up.
    #[inline(always)]
    pub(in crate::churn) fn leaf(&self, columns: &[Aligned<'_>], row: impl Fn(usize) -> usize) -> &Node {
        &self.nodes[self.place(columns, row)]
    }

    /// As [`leaf`](Self::leaf): the place of it.
    #[inline(always)]
    pub(in crate::churn) fn place(&self, columns: &[Aligned<'_>], row: impl Fn(usize) -> usize) -> usize {
        let mut at = 0;
        while let Some(branch) = &self.nodes[at].branch {
            let column = branch.column as usize;
            let right = !self.goes_left(branch, &columns[column], row(column));
            at = branch.left as usize + usize::from(right);
        }
        at
    }

    /// Each column that is asked for a row, with the node before the answer and the one after it.
    pub(in crate::churn) fn path<'a>(
        &'a self,
        columns: &'a [Aligned<'_>],
        row: usize,
    ) -> impl Iterator<Item = (usize, &'a Node, &'a Node)> {
        let mut node = &self.nodes[0];
        std::iter::from_fn(move || {
            let branch = node.branch.as_ref()?;
            let column = branch.column as usize;
            let right = !self.goes_left(branch, &columns[column], row);
            let before = std::mem::replace(&mut node, &self.nodes[branch.left as usize + usize::from(right)]);
            Some((column, before, node))
        })
    }

    #[inline(always)]
    pub(in crate::churn) fn goes_left(&self, branch: &Branch, column: &Aligned<'_>, row: usize) -> bool {
        match (&branch.test, column) {
            (Test::AtMost(threshold), Aligned::Numbers(values)) => {
                let value = values[row];
                if value.is_nan() { branch.missing_left } else { value <= *threshold }
            }
            (Test::Among { .. }, Aligned::Codes(codes)) => {
                let (left, right) = self.sides(&branch.test);
                let is_in = |side: &[u16]| {
                    u16::try_from(codes[row]).is_ok_and(|level| side.binary_search(&level).is_ok())
                };
                is_in(left) || branch.missing_left && !is_in(right)
            }
            (Test::Known, Aligned::Numbers(values)) => !values[row].is_nan(),
            (Test::Known, Aligned::Codes(codes)) => codes[row] != Categories::MISSING,
            // The schema has seen to the kinds.
            _ => branch.missing_left,
        }
    }

    /// The levels that go left and right.
    pub(super) fn sides(&self, test: &Test) -> (&[u16], &[u16]) {
        match *test {
            Test::Among { start, middle, end } => {
                (&self.levels[start as usize..middle as usize], &self.levels[middle as usize..end as usize])
            }
            _ => (&[], &[]),
        }
    }

    pub(in crate::churn) fn root(&self) -> &Node {
        &self.nodes[0]
    }

    /// Columns that are asked.
    pub(in crate::churn) fn asks(&self, width: usize) -> Vec<bool> {
        let mut asked = vec![false; width];
        for branch in self.nodes.iter().filter_map(|node| node.branch) {
            asked[branch.column as usize] = true;
        }
        asked
    }

    /// How much of the impurity each column took away, of 1 in all; all 0 if nothing did.
    pub(in crate::churn) fn importance(&self, impurity: Impurity, width: usize) -> Vec<f64> {
        let mut gains = vec![0.0; width];
        for node in &self.nodes {
            let Some(branch) = node.branch else { continue };
            let left = branch.left as usize;
            let below = impurity.of(self.nodes[left].mass()) + impurity.of(self.nodes[left + 1].mass());
            // In parts of the root's weight no sum is too large.
            gains[branch.column as usize] += (impurity.of(node.mass()) - below).max(0.0) / self.root().weight;
        }
        let all: f64 = gains.iter().sum();
        if all > 0.0 {
            for gain in &mut gains {
                *gain /= all;
            }
        }
        gains
    }

    /// Tests on the longest way from the root to a leaf.
    pub(in crate::churn) fn depth(&self) -> u32 {
        let mut depths = vec![0; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(branch) = node.branch {
                let left = branch.left as usize;
                depths[left] = depths[at] + 1;
                depths[left + 1] = depths[at] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    pub(super) fn leaves(&self) -> usize {
        self.nodes.iter().filter(|node| node.branch.is_none()).count()
    }
}

impl Node {
    fn mass(&self) -> Mass {
        Mass { weight: self.weight, churned: self.value * self.weight, rows: self.rows }
    }
}
