//! A tree, and what it says of customers.

use std::fmt;

use super::{
    impurity::Impurity,
    nodes::{Node, Nodes},
    rules::{LeafRule, rules},
};
use crate::{
    churn::{
        ChurnModel, Contributions, Predictors, Scale,
        schema::{Aligned, Schema},
    },
    error::Error,
    math::parallel,
};

/// A decision tree. It holds shares and thresholds, and no customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct TreeModel {
    pub(super) schema: Schema,
    pub(super) nodes: Nodes,
    pub(super) impurity: Impurity,
    pub(super) smoothing: f64,
}

impl TreeModel {
    /// A rule for each leaf, which hold for every row exactly one, from the left of the tree to the right.
    pub fn rules(&self) -> Vec<LeafRule> {
        rules(&self.nodes, &self.schema, |leaf| self.probability(leaf))
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.nodes.leaves()
    }

    /// Questions on the longest way to a leaf.
    pub fn depth(&self) -> u32 {
        self.nodes.depth()
    }

    /// For each column its part, of 1 in all, in the impurity that went away in learning; all 0 if nothing was asked.
    ///
    /// It flatters columns of many values: hold it against the
    /// [permutation importance](super::super::ForestModel::permutation_importance) of a forest.
    pub fn importance(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        self.schema.names().zip(self.nodes.importance(self.impurity, self.schema.columns().len()))
    }

    fn probability(&self, node: &Node) -> f64 {
        let prior = self.nodes.root().value;
        node.value + (prior - node.value) * (self.smoothing / (node.weight + self.smoothing))
    }
}

impl ChurnModel for TreeModel {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        let columns = self.schema.align(of)?;
        Ok(parallel::column(of.len(), parallel::BLOCK, |rows, slots| {
            for (row, slot) in rows.zip(slots) {
                *slot = self.probability(self.nodes.leaf(&columns, |_| row));
            }
        }))
    }

    /// On the way to the leaf each question changes the share: the change is its column's (Saabas 2014).
    /// The sum is the probability, but for the rounding of the sum.
    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let columns = self.schema.align(of)?;
        let values = each_row(of.len(), columns.len(), |row, added| {
            add_path(&self.nodes, &columns, row, |node| self.probability(node), added);
        });
        let names = self.schema.names().map(str::to_owned).collect();
        Contributions::new(names, Scale::Probability, self.nodes.root().value, values)
    }
}

impl fmt::Display for TreeModel {
    /// A line for each rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules().iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

/// Adds what each question on a row's way changes to its column.
pub(in crate::churn) fn add_path(
    nodes: &Nodes,
    columns: &[Aligned<'_>],
    row: usize,
    probability: impl Fn(&Node) -> f64,
    added: &mut [f64],
) {
    for (column, before, after) in nodes.path(columns, row) {
        added[column] += probability(after) - probability(before);
    }
}

/// `write` on the slots of each row, of which each has `width`.
pub(in crate::churn) fn each_row(
    rows: usize,
    width: usize,
    write: impl Fn(usize, &mut [f64]) + Sync + Send,
) -> Vec<f64> {
    if width == 0 {
        return Vec::new();
    }
    let rows = rows.min(usize::MAX / width);
    parallel::column(rows * width, 256 * width, |slots, all| {
        for (at, row) in all.chunks_mut(width).enumerate() {
            write(slots.start / width + at, row);
        }
    })
}
