//! The nouns, valid once made.
//!
//! * What is bought: [`Transaction`] of [`Line`]s, [`Refund`], and the [`Ledger`] that [`Intake`] builds of
//!   them by stated [`Policies`], with its [`Findings`].
//! * Who buys: [`CustomerId`], the optional profile of a [`Customer`], and their [`Consent`].
//! * What else they do: an [`Event`], in an [`Activity`] log.
//! * Units: [`Money`] in a [`Currency`], [`Day`], [`Tick`], [`Horizon`], [`Rate`], [`Quantity`].

mod account;
mod acquisition;
mod activity;
mod attribute;
mod birth;
mod build;
mod columns;
mod consent;
mod customer;
pub(crate) mod decimal;
mod directory;
mod event;
mod feedback;
mod findings;
mod id;
mod intake;
mod label;
mod ledger;
mod money;
pub(crate) mod packed;
pub(crate) mod pending;
mod policy;
mod provenance;
mod region;
pub(crate) mod rows;
#[cfg(feature = "serde")]
mod saved;
mod ticket;
mod time;
mod transaction;

#[cfg(feature = "serde")]
pub(crate) use self::saved::{Exact, SchemaVersion};
pub use self::{
    account::{Account, AccountId, Accounts},
    acquisition::{AcquisitionChannel, AcquisitionSource},
    activity::{Activity, ActivityIntake, EventHistory},
    attribute::{Attribute, AttributeValue},
    birth::BirthYears,
    columns::{Columns, CustomerColumn},
    consent::{Consent, ConsentRegister, ConsentState, Purpose},
    customer::Customer,
    directory::CustomerDirectory,
    event::{CartStep, Event, EventKind, PointsMovement, SubscriptionStep},
    feedback::{Feedback, FeedbackKind, Sentiment},
    findings::{Finding, Findings, Found, Sample},
    id::{CustomerId, Customers, People},
    intake::Intake,
    label::Label,
    ledger::{History, Ledger, Purchase},
    money::{Currency, Money},
    policy::{Duplicates, LaterDates, MissingCustomer, Policies, Refunds, ZeroAmounts},
    provenance::{Known, Provenance, Sensitivity},
    region::{Country, Detail, Region},
    ticket::{Severity, SupportTicket},
    time::{Day, Horizon, Rate, Tick},
    transaction::{Line, Quantity, Refund, Transaction, day_in_zone},
};
