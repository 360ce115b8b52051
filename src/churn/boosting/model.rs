//! Boosted trees, and what they say of customers.

use super::shapley;
use crate::{
    churn::{
        ChurnModel, Contributions, Predictors, Scale,
        schema::Schema,
        tree::{each_row, nodes::Nodes},
    },
    error::Error,
    math::{parallel, special::logistic},
};

/// Rows that go through one tree after the other.
const BLOCK: usize = 1 << 12;

/// Boosted trees. They hold steps and thresholds, and no customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct BoostingModel {
    pub(super) schema: Schema,
    /// The log-odds of all rows learned from.
    pub(super) base: f64,
    pub(super) trees: Vec<Nodes>,
    /// For each column what its questions were worth.
    pub(super) gains: Vec<f64>,
}

impl BoostingModel {
    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// For each column its part, of 1 in all, in the log loss that went away in learning; all 0 if nothing was asked.
    ///
    /// It flatters columns of many values.
    pub fn importance(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        let all: f64 = self.gains.iter().sum();
        let part = move |gain: &f64| if all > 0.0 { gain / all } else { 0.0 };
        self.schema.names().zip(self.gains.iter().map(part))
    }
}

impl ChurnModel for BoostingModel {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        let columns = self.schema.align(of)?;
        Ok(parallel::column(of.len(), BLOCK, |rows, slots: &mut [f64]| {
            for tree in &self.trees {
                for (row, slot) in rows.clone().zip(slots.iter_mut()) {
                    *slot += tree.leaf(&columns, |_| row).value;
                }
            }
            for slot in slots {
                *slot = logistic(self.base + *slot);
            }
        }))
    }

    /// The Shapley values of the columns in log-odds (Lundberg & Lee 2017): what each adds, on average over all orders in
    /// which the columns become known. The base is the mean over the rows that each tree learned from, and the sum is
    /// the log-odds, but for the rounding of the sums.
    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let columns = self.schema.align(of)?;
        let values = each_row(of.len(), columns.len(), |row, added| {
            self.trees.iter().for_each(|tree| shapley::add(tree, &columns, row, added));
        });
        let base = self.base + self.trees.iter().map(shapley::mean).sum::<f64>();
        let names = self.schema.names().map(str::to_owned).collect();
        Contributions::new(names, Scale::LogOdds, base, values)
    }
}
