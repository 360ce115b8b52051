//! A forest, and what it says of customers.

use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::bag::streams;
use crate::{
    churn::{
        ChurnModel, Contributions, Examples, Impurity, Predictors, Scale,
        schema::{Aligned, Schema},
        tree::{add_path, each_row, nodes::Nodes},
    },
    error::{Error, ErrorKind},
    math::parallel,
};

/// Rows that go through one tree after the other.
const BLOCK: usize = 1 << 12;

/// A random forest. It holds shares and thresholds, and no customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct ForestModel {
    pub(super) schema: Schema,
    /// At least one.
    pub(super) trees: Vec<Nodes>,
    pub(super) impurity: Impurity,
}

impl ForestModel {
    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// For each column its part, of 1 in a tree, in the impurity that went away in learning: the mean over the trees.
    ///
    /// It flatters columns of many values; [`permutation_importance`](Self::permutation_importance) does not.
    pub fn importance(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        let width = self.schema.columns().len();
        let mut sums = vec![0.0; width];
        for tree in &self.trees {
            for (sum, part) in sums.iter_mut().zip(tree.importance(self.impurity, width)) {
                *sum += part;
            }
        }
        let count = self.trees.len() as f64;
        self.schema.names().zip(sums).map(move |(name, sum)| (name, sum / count))
    }

    /// For each column how much the Brier score of these examples rises when the values of the column are shuffled, so
    /// that they say nothing (Breiman 2001; Fisher, Rudin & Dominici 2019). About 0 for a column of no use. Columns
    /// that say the same stand in for one another, and each seems of less use than both.
    ///
    /// Give examples that the forest has not learned from, or ask [`GrownForest`](super::GrownForest). It costs as much
    /// as the probabilities of all rows for each column.
    ///
    /// # Errors
    /// If there are no rows, their weights are all 0 or their sum is too large, or the columns are not those learned
    /// from.
    pub fn permutation_importance(&self, of: &Examples, seed: u64) -> Result<Vec<(String, f64)>, Error> {
        let columns = self.schema.align(of.predictors())?;
        let whole: f64 = of.weights().map_or(of.len() as f64, |weights| weights.iter().sum());
        if !(whole > 0.0) {
            return Err(ErrorKind::Empty { what: "examples" }.into());
        }
        if !whole.is_finite() {
            return Err(ErrorKind::Overflow { what: "sum of weights" }.into());
        }
        let brier = |shuffled: Option<(usize, &[u32])>| {
            let risks = self.risks(&columns, of.len(), shuffled);
            let weight = |row: usize| of.weights().map_or(1.0, |weights| weights[row]) / whole;
            let miss = |(row, risk): (usize, &f64)| {
                (risk - f64::from(u8::from(of.churned()[row]))).powi(2) * weight(row)
            };
            risks.iter().enumerate().map(miss).sum::<f64>()
        };
        let known = brier(None);
        let rise = |((at, name), seed): ((usize, &str), u64)| {
            let mut order: Vec<u32> = (0..of.len() as u32).collect();
            order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
            (name.to_owned(), brier(Some((at, &order))) - known)
        };
        Ok(self.schema.names().enumerate().zip(streams(seed, columns.len())).map(rise).collect())
    }

    /// The mean over the trees for each row; one column may be looked up in other rows.
    fn risks(&self, columns: &[Aligned<'_>], rows: usize, shuffled: Option<(usize, &[u32])>) -> Vec<f64> {
        let count = self.trees.len() as f64;
        parallel::column(rows, BLOCK, |rows, slots: &mut [f64]| {
            for tree in &self.trees {
                for (row, slot) in rows.clone().zip(slots.iter_mut()) {
                    let leaf = match shuffled {
                        None => tree.leaf(columns, |_| row),
                        Some((at, order)) => {
                            tree.leaf(columns, |column| if column == at { order[row] as usize } else { row })
                        }
                    };
                    *slot += leaf.value;
                }
            }
            for slot in slots {
                *slot = (*slot / count).min(1.0);
            }
        })
    }
}

impl ChurnModel for ForestModel {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        Ok(self.risks(&self.schema.align(of)?, of.len(), None))
    }

    /// The mean over the trees of what each question on the way to a leaf changes (Saabas 2014). The sum is the
    /// probability, but for the rounding of the sums.
    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let columns = self.schema.align(of)?;
        let count = self.trees.len() as f64;
        let values = each_row(of.len(), columns.len(), |row, added| {
            self.trees.iter().for_each(|tree| add_path(tree, &columns, row, |node| node.value, added));
            for added in added {
                *added /= count;
            }
        });
        let base = self.trees.iter().map(|tree| tree.root().value).sum::<f64>() / count;
        let names = self.schema.names().map(str::to_owned).collect();
        Contributions::new(names, Scale::Probability, base, values)
    }
}
