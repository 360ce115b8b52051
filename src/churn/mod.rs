//! Who is leaving, how sure we are, and why.
//!
//! [`Predictors`] are what was known of customers on a day; with what became of them they are [`Examples`]. A
//! [`ChurnEstimator`] learns a [`ChurnModel`] from examples, which gives the probability that a customer leaves, and
//! says what it is made of ([`Contributions`]). [`Folds`] tell honest examples to learn from and to judge by apart.
//! [`survival`] asks how long customers stay instead.
//!
//! A [`Study`] makes the examples of logs: by a [`ChurnDefinition`], on days of [`Snapshots`], features of the [`Past`]
//! alone. How long a pause means that a customer left, [`PurchaseGaps`] tell.
//! Columns that know too much are found by [`Examples::suspicions`].
//!
//! Beside every model stands the best [`Rule`]; and any model of purchases is one of churn, by [`Alive`] and
//! [`NoPurchase`].

mod alive;
mod bands;
#[cfg(feature = "boosting")]
mod boosting;
mod calibrated;
mod calibration;
mod card;
mod compare;
mod contributions;
mod estimator;
mod examples;
mod folds;
mod forest;
mod judge;
mod logistic;
mod monitor;
mod predictors;
mod rule;
mod save_list;
mod schema;
mod sides;
mod study;
pub mod survival;
mod suspicion;
mod tree;

#[cfg(feature = "boosting")]
pub use self::boosting::{Boosting, BoostingModel, Monotone};
pub use self::{
    alive::{Alive, ByPurchases, NoPurchase},
    bands::RiskBands,
    calibrated::{Calibrated, CalibratedModel},
    calibration::{Calibration, Calibrator, Isotonic, Platt},
    card::ModelCard,
    compare::{Candidate, Comparison, Verdict},
    contributions::{Contributions, Reason, Scale},
    estimator::{ChurnEstimator, ChurnModel},
    examples::{Balance, Examples},
    folds::{Fold, Folds},
    forest::{ColumnsTried, Forest, ForestModel, GrownForest, OutOfBag},
    judge::{
        Auc, Bins, CalibrationBin, Campaign, Confusion, Difference, Gain, Grade, Judgement, Outcomes,
        PrecisionPoint, ProfitPoint, Recalibration, RocPoint,
    },
    logistic::{Coefficient, LeftOut, Logistic, LogisticModel, Penalty, PenaltyScale, Unused},
    monitor::{Drift, Monitor, Realised},
    predictors::{PredictorColumn, Predictors},
    rule::{Rule, RuleChoice, RuleModel, RuleSplit},
    save_list::{AtRisk, SaveList},
    study::{
        Buyers, Census, ChurnDefinition, Past, Present, PurchaseGaps, Snapshot, Snapshots, Studied, Study,
        SuggestedWindow,
    },
    suspicion::{Evidence, Suspicion},
    tree::{Condition, Impurity, LeafRule, Tree, TreeModel, Values},
};
