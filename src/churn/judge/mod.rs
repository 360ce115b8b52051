//! How good probabilities of churn were, by what came.

mod auc;
mod confusion;
mod curves;
mod difference;
mod gain;
mod judgement;
mod losses;
mod outcomes;
mod profit;
mod recalibration;
mod reliability;

pub use self::{
    auc::Auc,
    confusion::Confusion,
    curves::{PrecisionPoint, RocPoint},
    difference::Difference,
    gain::{Gain, Grade},
    judgement::Judgement,
    outcomes::Outcomes,
    profit::{Campaign, ProfitPoint},
    recalibration::Recalibration,
    reliability::{Bins, CalibrationBin},
};
pub(super) use self::{
    losses::{log_odds, of_log_odds, surprise},
    outcomes::{Tie, check_probabilities},
};
