//! From a ledger to one row a customer.
//!
//! An [`Observation`] says from when to when one looks, in which [`Tick`](crate::domain::Tick), and what
//! counts as one purchase ([`Grain`]). It turns a [`Ledger`](crate::domain::Ledger) into [`Summaries`], which
//! every model is fitted to, or into a [`Split`] of calibration and holdout. Where the rows lie on many
//! threads or machines, an [`Accumulator`] (one customer) or a [`Shard`] (many) gives the same bits, and
//! [`Totals`] are enough where days do not matter.

mod accumulator;
mod history;
mod holdout;
mod margins;
mod observation;
mod reckon;
#[cfg(feature = "serde")]
mod saved;
mod spend;
mod summaries;
mod summarise;
mod totals;

pub(crate) use self::reckon::{Scratch, Seen, reckon, repeat_days};
pub use self::{
    accumulator::{Accumulator, Entry, Shard},
    history::{Histories, History, HistoryTable},
    holdout::{Holdout, Split},
    observation::{Grain, Observation},
    spend::{Spend, SpendTable, Spends},
    summaries::{Age, Idle, Recency, Summaries, Summary},
    totals::{Totals, TotalsTable},
};
