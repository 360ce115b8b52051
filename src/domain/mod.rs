//! The nouns, valid once made.

mod build;
mod columns;
mod decimal;
mod findings;
mod id;
mod intake;
mod ledger;
mod money;
pub(crate) mod pending;
mod policy;
pub(crate) mod rows;
mod time;
mod transaction;

pub use self::{
    columns::{Columns, CustomerColumn},
    findings::{Finding, Findings, Found, Sample},
    id::{CustomerId, Customers, People},
    intake::Intake,
    ledger::{History, Ledger, Purchase},
    money::{Currency, Money},
    policy::{Duplicates, LaterDates, MissingCustomer, Policies, Refunds, ZeroAmounts},
    time::{Day, Horizon, Rate, Tick},
    transaction::{Line, Quantity, Refund, Transaction, day_in_zone},
};
