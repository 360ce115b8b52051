//! The nouns, valid once made.

pub(crate) mod decimal;
mod findings;
mod id;
mod intake;
mod money;
mod policy;
mod time;

pub use self::{
    findings::{Finding, Findings, Found, Sample},
    id::{CustomerId, Customers, People},
    intake::{Intake, Ledger, Quantity},
    money::{Currency, Money},
    policy::{Duplicates, LaterDates, MissingCustomer, Policies, Refunds, ZeroAmounts},
    time::{Day, Horizon, Rate, Tick},
};

#[cfg(feature = "csv")]
pub(crate) use self::intake::{Entry, Who};
