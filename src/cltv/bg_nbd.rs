//! BG/NBD: customers who buy at random and leave after a purchase (Fader, Hardie & Lee 2005).

#[cfg(feature = "serde")]
use super::beta_geometric::Saved;
use super::{
    Needs, Prior,
    beta_geometric::{BetaGeometric, Leaving, Question, beta_geometric_model},
};
use crate::{
    domain::{Horizon, Rate, Tick},
    error::Error,
    model::{
        AliveProbability, DiscountedPurchases, Fit, Parameter, Parametric, PurchaseDistribution,
        PurchaseEstimator, PurchaseForecast, Readiness, check_discount,
    },
    summary::{Histories, History},
};

/// Learns a BG/NBD model by maximum likelihood.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::BgNbd,
///     domain::{Horizon, Tick},
///     model::{PurchaseEstimator, PurchaseForecast},
///     summary::HistoryTable,
/// };
///
/// let repeats = [0, 0, 1, 2, 0, 7, 1, 0];
/// let recency = [0.0, 0.0, 1.7, 30.4, 0.0, 29.4, 5.0, 0.0];
/// let age = [38.9, 38.0, 38.9, 38.9, 30.1, 37.3, 32.0, 28.7];
/// let people = HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age)?;
/// let fit = BgNbd::default().fit(&people)?;
/// assert!(fit.readiness().is_refused());
/// let ahead = fit.model.expected_purchases(&people, Horizon::weeks(39));
/// assert!(ahead[5] > ahead[0]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct BgNbd(Question);

impl BgNbd {
    pub(super) fn question(&self) -> &Question {
        &self.0
    }
}

/// BG/NBD: who is there buys at a rate λ of their own, and after every repeat purchase leaves with a
/// probability p of their own. λ is gamma distributed (`r`, `alpha`), p beta distributed (`a`, `b`).
///
/// Who has bought once cannot have left: their P(alive) is 1. Where that is asked, prefer
/// [MBG/NBD](super::MbgNbd).
///
/// # Example
/// ```
/// use patronage::{
///     cltv::BgNbdModel,
///     domain::{Horizon, Tick},
///     model::PurchaseForecast,
///     summary::HistoryTable,
/// };
///
/// // The example of Fader, Hardie & Lee (2005), section 4.
/// let music = BgNbdModel::new(Tick::Week, 0.243, 4.414, 0.793, 2.426)?;
/// let people = HistoryTable::from_columns(Tick::Week, &[2], &[30.43], &[38.86])?;
/// let ahead = music.expected_purchases(&people, Horizon::weeks(39));
/// assert!((ahead[0] - 1.226).abs() < 1e-3);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "Saved", try_from = "Saved"))]
pub struct BgNbdModel(BetaGeometric);

beta_geometric_model!(BgNbd, BgNbdModel, "BG/NBD", Leaving::AfterRepeats);
