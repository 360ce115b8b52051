//! What a model of churn is asked. Hosts bring their own behind the same traits.

use std::fmt;

use super::{Contributions, Examples, Predictors};
use crate::error::Error;

/// Learns who leaves.
pub trait ChurnEstimator: Send + Sync {
    /// The model's name, as in a table of models: `logistic regression`.
    fn name(&self) -> &str;

    /// How complicated the models are that it learns: of two that are as good the one with the lower number is taken.
    /// The rule has 0, a purchase model 1, a logistic regression 2, a tree 3, a forest 4, boosting 5.
    fn complexity(&self) -> u32;

    /// Learns a model, however few the examples: look at their [readiness](Examples::readiness).
    ///
    /// # Errors
    /// If there is nothing to learn from, all rows have one outcome, or the columns do not suit the model.
    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error>;
}

/// Gives the probability that a customer leaves, and says why.
pub trait ChurnModel: Send + Sync + fmt::Debug {
    /// For each row the probability of churn, from 0 to 1. A row has the same answer in any table.
    ///
    /// # Errors
    /// If a column learned from is not there, or is of another kind.
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error>;

    /// For each row what each column adds to its score.
    ///
    /// # Errors
    /// As [`probabilities`](Self::probabilities).
    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error>;
}
