//! A random forest: many trees, each on a draw of the rows, each node on a draw of the columns.

mod bag;
mod grown;
mod model;
#[cfg(feature = "serde")]
mod saved;

pub use self::{
    grown::{GrownForest, OutOfBag},
    model::ForestModel,
};
use super::{
    ChurnEstimator, ChurnModel, Examples, Impurity,
    schema::Schema,
    tree::{
        codes::code,
        entries,
        grow::{Columns, Growth, grow},
        nodes::Nodes,
    },
};
use crate::{
    error::{Error, ErrorKind},
    math::parallel,
};
use bag::Bags;

/// Bins of a column at the most.
const BINS: usize = 255;

/// Learns a random forest (Breiman 2001): the mean of the leaf probabilities of many trees.
///
/// Each tree learns from as many rows as there are, drawn with replacement by their weight, and each of its nodes asks
/// one of some columns drawn for it. Where values are missing, and how categories are parted, is as in
/// [`Tree`](super::Tree).
///
/// A column of more than 255 distinct numbers is first parted into 255 bins of about as many rows: thresholds are midway
/// between neighbouring bins that have rows in the node. Other columns lose nothing. Every tree has a stream of random
/// numbers of its own, so that any number of threads gives the same bits.
///
/// # Defaults
/// The square root of the number of columns for each node, and at least 10 rows in each leaf: a forest of purer leaves
/// is surer of itself than it should be.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{ChurnModel, Examples, Forest, Predictors},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let people: Customers = (0..100_u32).map(CustomerId::from).collect();
/// let tenure = (0..100_u32).map(|row| Some(f64::from(row))).collect();
/// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [("tenure".to_owned(), tenure)])?);
/// let examples = Examples::new(known, (0..100).map(|row| row < 30).collect())?;
///
/// let grown = Forest::new(50, 1).grow(&examples)?;
/// assert!(grown.out_of_bag().brier() < 0.05);
/// let risk = grown.model.probabilities(examples.predictors())?;
/// assert!(risk[5] > 0.9 && risk[80] < 0.1);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forest {
    trees: u32,
    seed: u64,
    columns: ColumnsTried,
    impurity: Impurity,
    depth: Option<u32>,
    leaf_rows: u32,
}

/// How many columns are drawn for a node. Those without two values to tell apart in it are drawn, but not counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ColumnsTried {
    /// The square root of their number, rounded down. The default.
    #[default]
    SquareRoot,
    /// So many, or all if there are fewer.
    Count(u32),
    /// All: the trees differ by their rows alone (bagging).
    All,
}

impl Forest {
    /// So many trees; of the same seed the same forest.
    pub fn new(trees: u32, seed: u64) -> Self {
        let (columns, impurity) = (ColumnsTried::default(), Impurity::default());
        Self { trees, seed, columns, impurity, depth: None, leaf_rows: 10 }
    }

    /// How many columns are drawn for a node.
    #[must_use]
    pub fn columns(self, columns: ColumnsTried) -> Self {
        Self { columns, ..self }
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

    /// At least so many different rows in each leaf, however often they were drawn; from 1.
    #[must_use]
    pub fn leaf_rows(self, least: u32) -> Self {
        Self { leaf_rows: least, ..self }
    }

    /// Learns a forest.
    ///
    /// # Errors
    /// As [`grow`](Self::grow).
    pub fn fit(&self, examples: &Examples) -> Result<ForestModel, Error> {
        Ok(self.grow(examples)?.model)
    }

    /// Learns a forest, and keeps in mind which rows each tree has not seen, to be judged by.
    ///
    /// # Errors
    /// If there is nothing to learn from, all rows that count have one outcome, the sum of the weights is too large, a
    /// column has more than 65,535 levels (it is named), or a setting is out of its range.
    pub fn grow<'a>(&self, examples: &'a Examples) -> Result<GrownForest<'a>, Error> {
        self.check()?;
        let entries = entries(examples)?;
        let mut counts = vec![false; examples.len()];
        for entry in &entries {
            counts[entry.row as usize] = true;
        }
        let columns = code(examples.predictors(), &|row| counts[row], BINS)?;
        let bags = Bags::new(entries, examples.weights().is_some(), self.trees, self.seed);
        let growth = Growth {
            impurity: self.impurity,
            depth: self.depth,
            leaf_rows: self.leaf_rows,
            leaf_weight: 0.0,
            least_gain: 0.0,
        };
        let tried = self.tried(columns.len());
        let trees: Vec<Nodes> = parallel::map((0..self.trees as usize).collect(), |tree| {
            let (drawn, mut chance) = bags.draw(tree);
            let bag = bags.entries(&drawn);
            // A draw of one outcome alone is a leaf.
            grow(&columns, bag, &growth, Columns::Drawn(tried, &mut chance))
        });
        let (schema, impurity) = (Schema::of(examples.predictors()), self.impurity);
        Ok(GrownForest { model: ForestModel { schema, trees, impurity }, examples, bags })
    }

    fn tried(&self, width: usize) -> usize {
        match self.columns {
            ColumnsTried::SquareRoot => width.isqrt().max(1),
            ColumnsTried::Count(count) => count as usize,
            ColumnsTried::All => width,
        }
    }

    fn check(&self) -> Result<(), Error> {
        if self.trees == 0 {
            return Err(ErrorKind::Empty { what: "trees of a forest" }.into());
        }
        if self.leaf_rows == 0 {
            return Err(Error::parameter("leaf_rows", 0, "must be at least 1"));
        }
        if self.columns == ColumnsTried::Count(0) {
            return Err(Error::parameter("columns", 0, "must be at least 1"));
        }
        Ok(())
    }
}

impl ChurnEstimator for Forest {
    fn name(&self) -> &'static str {
        "random forest"
    }

    fn complexity(&self) -> u32 {
        4
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        Ok(Box::new(self.fit(examples)?))
    }
}
