//! When a customer has left.

use std::fmt;

use super::standing::Word;
use crate::{domain::Label, error::Error};

/// What it means that a customer churned, and within how many days it must happen to count.
///
/// # Example
/// ```
/// use patronage::churn::ChurnDefinition;
///
/// let shop = ChurnDefinition::inactive(90)?;
/// assert_eq!(shop.to_string(), "no purchase for 90 days");
/// let subscription = ChurnDefinition::contract_end(14, 60)?;
/// assert_eq!(subscription.to_string(), "contract over for more than 14 days, within 60 days");
/// assert_eq!(ChurnDefinition::cancelled(30)?.horizon(), 30);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChurnDefinition {
    pub(super) kind: Kind,
    pub(super) horizon: u32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// No purchase for as long as the horizon.
    Inactive,
    ContractEnd {
        grace: u32,
    },
    Said(Word),
}

impl ChurnDefinition {
    /// A customer has left who makes no purchase for so many days. One who has made none for so many days before the
    /// snapshot had left already. [`PurchaseGaps`](super::PurchaseGaps) suggest how many.
    ///
    /// # Errors
    /// If there is no day, or more than a million.
    pub fn inactive(days: u32) -> Result<Self, Error> {
        Self::new(Kind::Inactive, days)
    }

    /// A customer has left none of whose plans was still running, or renewed, so many days of grace ago: as of an
    /// [`Activity`](crate::domain::Activity) log's steps of subscriptions. Who leaves `within` so many days churned.
    ///
    /// A plan runs until the last day agreed, or without end if none was; it ends at once when the log says so, and of
    /// one day an end counts last. An end that names no plan ends all. A plan of which the log has
    /// the end alone ran until then.
    ///
    /// # Errors
    /// If there is no day within which to leave, or more than a million.
    pub fn contract_end(grace: u32, within: u32) -> Result<Self, Error> {
        Self::new(Kind::ContractEnd { grace: grace.min(MOST_DAYS) }, within)
    }

    /// A customer has left who ends a subscription. Who does so `within` so many days churned.
    ///
    /// Who buys, or starts or renews a subscription, on a later day is a customer again.
    ///
    /// # Errors
    /// If there is no day within which to leave, or more than a million.
    pub fn cancelled(within: u32) -> Result<Self, Error> {
        Self::new(Kind::Said(Word::Ended), within)
    }

    /// A customer has left of whom the log has an event of that name
    /// ([`EventKind::Other`](crate::domain::EventKind::Other)): a letter, a closed account. Otherwise as
    /// [`cancelled`](Self::cancelled).
    ///
    /// # Errors
    /// If there is no day within which to leave, or more than a million.
    pub fn said(event: Label, within: u32) -> Result<Self, Error> {
        Self::new(Kind::Said(Word::Event(event)), within)
    }

    fn new(kind: Kind, horizon: u32) -> Result<Self, Error> {
        if (1..=MOST_DAYS).contains(&horizon) {
            return Ok(Self { kind, horizon });
        }
        Err(Error::parameter("days of churn", horizon, "must be from 1 to 1,000,000"))
    }

    /// The days that must pass until it is known who churned.
    pub fn horizon(&self) -> u32 {
        self.horizon
    }
}

/// More days than any log has, and few enough that sums of some fit.
pub(super) const MOST_DAYS: u32 = 1_000_000;

impl fmt::Display for ChurnDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.horizon;
        match &self.kind {
            Kind::Inactive => write!(f, "no purchase for {days} days"),
            Kind::ContractEnd { grace } => {
                write!(f, "contract over for more than {grace} days, within {days} days")
            }
            Kind::Said(Word::Ended) => write!(f, "subscription ended within {days} days"),
            Kind::Said(Word::Event(name)) => write!(f, "{name} within {days} days"),
        }
    }
}
