//! Who is leaving, how sure we are, and why.
//!
//! [`Predictors`] are what was known of customers on a day; with what became of them they are [`Examples`]. A
//! [`ChurnEstimator`] learns a [`ChurnModel`] from examples, which gives the probability that a customer leaves, and
//! says what it is made of ([`Contributions`]). [`Folds`] tell honest examples to learn from and to judge by apart.

mod contributions;
mod estimator;
mod examples;
mod folds;
mod forest;
mod predictors;
mod schema;
mod tree;

pub use self::{
    contributions::{Contributions, Reason, Scale},
    estimator::{ChurnEstimator, ChurnModel},
    examples::{Balance, Examples},
    folds::{Fold, Folds},
    forest::{ColumnsTried, Forest, ForestModel, GrownForest, OutOfBag},
    predictors::{PredictorColumn, Predictors},
    tree::{Condition, Impurity, Rule, Tree, TreeModel, Values},
};
