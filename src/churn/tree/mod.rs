//! A decision tree: questions that lead to a share of churn.

pub(super) mod codes;
pub(super) mod grow;
mod histogram;
pub(super) mod impurity;
mod model;
pub(super) mod nodes;
mod rules;
#[cfg(feature = "serde")]
pub(super) mod saved;
pub(super) mod split;

pub(super) use self::model::{add_path, each_row};
use self::{
    codes::{MOST_BINS, code},
    grow::{Columns, Entry, Growth, grow},
};
pub use self::{
    impurity::Impurity,
    model::TreeModel,
    rules::{Condition, LeafRule, Values},
};
use super::{ChurnEstimator, ChurnModel, Examples, schema::Schema};
use crate::error::Error;

/// Learns a decision tree (CART: Breiman, Friedman, Olshen & Stone 1984).
///
/// Each node asks the one question that takes away most [`Impurity`]: whether a number is at most a threshold midway
/// between two that are there, whether a category is among some levels (for two outcomes the best parting of all), or
/// whether there is a value at all. Of questions as good the first column's is taken, and its lowest threshold.
///
/// Where a value is **missing**, the row goes to the side with which more impurity went away in learning; where none
/// was missing then, to the heavier side. A level that no row of the node had in learning is as a missing value.
/// Columns without two values to tell apart are never asked.
///
/// # Defaults
/// At most 5 questions to a leaf, at least 50 rows in each, probabilities smoothed by the weight of 1 row:
/// few enough to be read, and on tables of some thousand customers about as good as a tree gets.
/// [`Tree::unlimited`] stops at nothing.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{ChurnModel, Examples, Predictors, Tree},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let people: Customers = (0..6_u32).map(CustomerId::from).collect();
/// let tenure = [2.0, 4.0, 5.0, 19.0, 24.0, 60.0].map(Some).to_vec();
/// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [("tenure".to_owned(), tenure)])?);
/// let examples = Examples::new(known, vec![true, true, true, false, false, false])?;
///
/// let model = Tree::unlimited().fit(&examples)?;
/// assert_eq!(model.to_string(), "tenure <= 12: 100.0 % of 3 churned\ntenure > 12: 0.0 % of 3 churned\n");
/// assert_eq!(model.probabilities(examples.predictors())?, [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tree {
    impurity: Impurity,
    depth: Option<u32>,
    leaf_rows: u32,
    leaf_weight: f64,
    least_gain: f64,
    smoothing: f64,
}

impl Default for Tree {
    fn default() -> Self {
        Self { depth: Some(5), leaf_rows: 50, smoothing: 1.0, ..Self::unlimited() }
    }
}

impl Tree {
    /// A tree that grows until no leaf has both outcomes, or no question tells its rows apart. It knows its
    /// examples by heart.
    pub fn unlimited() -> Self {
        let impurity = Impurity::default();
        Self { impurity, depth: None, leaf_rows: 1, leaf_weight: 0.0, least_gain: 0.0, smoothing: 0.0 }
    }

    /// What a question is chosen by.
    #[must_use]
    pub fn impurity(self, impurity: Impurity) -> Self {
        Self { impurity, ..self }
    }

    /// At most so many questions to a leaf.
    #[must_use]
    pub fn depth(self, most: u32) -> Self {
        Self { depth: Some(most), ..self }
    }

    /// At least so many rows in each leaf, whatever their weight; from 1.
    #[must_use]
    pub fn leaf_rows(self, least: u32) -> Self {
        Self { leaf_rows: least, ..self }
    }

    /// At least so much weight in each leaf; from 0.
    #[must_use]
    pub fn leaf_weight(self, least: f64) -> Self {
        Self { leaf_weight: least, ..self }
    }

    /// A question must take away at least so much impurity, times its node's part of the whole weight; from 0.
    #[must_use]
    pub fn least_gain(self, least: f64) -> Self {
        Self { least_gain: least, ..self }
    }

    /// Brings the probability of each leaf towards the share of all, as if so much weight of them were in it; from 0.
    ///
    /// # Formula
    /// `(churned + m share) / (weight + m)`, the m-estimate (Cestnik 1990). A small leaf does not say 0 or 1.
    #[must_use]
    pub fn smoothing(self, weight: f64) -> Self {
        Self { smoothing: weight, ..self }
    }

    /// Learns a tree. The same examples in another order give the same tree, but for the rounding of weights.
    ///
    /// # Errors
    /// If there is nothing to learn from, all rows that count have one outcome, the sum of the weights is too large, a
    /// column has more than 65,535 levels (it is named), or a setting is out of its range.
    pub fn fit(&self, examples: &Examples) -> Result<TreeModel, Error> {
        self.check()?;
        let entries = entries(examples)?;
        let weights = examples.weights();
        let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        let columns = code(examples.predictors(), &counts, MOST_BINS)?;
        let whole: f64 = entries.iter().map(|entry| entry.weight).sum();
        let growth = Growth {
            impurity: self.impurity,
            depth: self.depth,
            leaf_rows: self.leaf_rows,
            leaf_weight: self.leaf_weight,
            least_gain: self.least_gain * whole,
        };
        let nodes = grow(&columns, entries, &growth, Columns::All);
        let (schema, impurity, smoothing) =
            (Schema::of(examples.predictors()), self.impurity, self.smoothing);
        Ok(TreeModel { schema, nodes, impurity, smoothing })
    }

    fn check(&self) -> Result<(), Error> {
        if self.leaf_rows == 0 {
            return Err(Error::parameter("leaf_rows", 0, "must be at least 1"));
        }
        for (name, value) in [
            ("leaf_weight", self.leaf_weight),
            ("least_gain", self.least_gain),
            ("smoothing", self.smoothing),
        ] {
            if !(0.0..=f64::MAX).contains(&value) {
                return Err(Error::parameter(name, value, "must be a finite number from 0"));
            }
        }
        Ok(())
    }
}

impl ChurnEstimator for Tree {
    fn name(&self) -> &'static str {
        "decision tree"
    }

    fn complexity(&self) -> u32 {
        3
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        Ok(Box::new(self.fit(examples)?))
    }
}

/// The rows that count.
///
/// # Errors
/// If there are none, all have one outcome, or the sum of their weights is too large.
pub(super) fn entries(examples: &Examples) -> Result<Vec<Entry>, Error> {
    examples.check_both()?;
    let weight = |row: usize| examples.weights().map_or(1.0, |weights| weights[row]);
    let entry = |(row, &churned): (usize, &bool)| Entry { row: row as u32, churned, weight: weight(row) };
    let entries = examples.churned().iter().enumerate().map(entry);
    Ok(entries.filter(|entry| entry.weight > 0.0).collect())
}
