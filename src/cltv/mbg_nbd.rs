//! MBG/NBD: BG/NBD where the first purchase may be the last (Batislam, Denizel & Filiztekin 2007; Hoppe &
//! Wagner 2007).

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

/// Learns an MBG/NBD model by maximum likelihood.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::MbgNbd,
///     domain::{Horizon, Tick},
///     model::{PurchaseEstimator, PurchaseForecast},
///     summary::HistoryTable,
/// };
///
/// let repeats = [0, 0, 1, 2, 0, 7, 1, 0];
/// let recency = [0.0, 0.0, 1.7, 30.4, 0.0, 29.4, 5.0, 0.0];
/// let age = [38.9, 38.0, 38.9, 38.9, 30.1, 37.3, 32.0, 28.7];
/// let people = HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age)?;
/// let fit = MbgNbd::default().fit(&people)?;
/// assert!(fit.readiness().is_refused());
/// let ahead = fit.model.expected_purchases(&people, Horizon::weeks(39));
/// assert!(ahead[5] > ahead[0]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct MbgNbd(Question);

/// MBG/NBD: who is there buys at a rate λ of their own, and after every purchase, the first among them, leaves
/// with a probability p of their own. λ is gamma distributed (`r`, `alpha`), p beta distributed (`a`, `b`).
///
/// # Example
/// ```
/// use patronage::{cltv::MbgNbdModel, domain::Tick, model::AliveProbability, summary::HistoryTable};
///
/// let music = MbgNbdModel::new(Tick::Week, 0.525, 6.183, 0.891, 1.614)?;
/// let people = HistoryTable::from_columns(Tick::Week, &[0, 0], &[0.0, 0.0], &[1.0, 38.86])?;
/// let alive = music.p_alive(&people);
/// assert!(1.0 > alive[0] && alive[0] > alive[1]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "Saved", try_from = "Saved"))]
pub struct MbgNbdModel(BetaGeometric);

beta_geometric_model!(MbgNbd, MbgNbdModel, "MBG/NBD", Leaving::AfterAny);
