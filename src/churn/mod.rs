//! Who is leaving, how sure we are, and why.
//!
//! [`Predictors`] are what was known of customers on a day; with what became of them they are [`Examples`]. A
//! [`ChurnEstimator`] learns a [`ChurnModel`] from examples, which gives the probability that a customer leaves, and
//! says what it is made of ([`Contributions`]). [`Folds`] tell honest examples to learn from and to judge by apart.
//!
//! A [`Study`] makes the examples of logs: by a [`ChurnDefinition`], on days of [`Snapshots`], features of the [`Past`]
//! alone. How long a pause means that a customer left, [`PurchaseGaps`] tell.
//! Columns that know too much are found by [`Examples::suspicions`].
//!
//! Beside every model stands the best [`Rule`]; and any model of purchases is one of churn, by [`Alive`] and
//! [`NoPurchase`].

mod alive;
mod contributions;
mod estimator;
mod examples;
mod folds;
mod predictors;
mod rule;
mod schema;
mod sides;
mod study;
mod suspicion;

pub use self::{
    alive::{Alive, ByPurchases, NoPurchase},
    contributions::{Contributions, Reason, Scale},
    estimator::{ChurnEstimator, ChurnModel},
    examples::{Balance, Examples},
    folds::{Fold, Folds},
    predictors::{PredictorColumn, Predictors},
    rule::{Rule, RuleChoice, RuleModel, RuleSplit},
    study::{
        Census, ChurnDefinition, Past, Present, PurchaseGaps, Snapshot, Snapshots, Studied, Study,
        SuggestedWindow,
    },
    suspicion::{Evidence, Suspicion},
};
