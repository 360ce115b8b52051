//! How good probabilities of churn were, by what came.

mod auc;
mod confusion;
mod curves;
mod difference;
mod gain;
mod influence;
mod judgement;
mod losses;
mod outcomes;
mod profit;
mod recalibration;
mod reliability;
#[cfg(feature = "serde")]
mod saved;

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
    influence::{Influence, Judged, numbers},
    losses::log_odds,
    outcomes::{Tie, check_probabilities},
};
