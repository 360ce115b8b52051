//! The nouns, valid once made.

mod decimal;
mod findings;
mod id;
mod label;
mod money;
mod policy;
mod time;

pub use self::{
    findings::{Finding, Findings, Found, Sample},
    id::{CustomerId, Customers, People},
    label::Label,
    money::{Currency, Money},
    policy::{Duplicates, LaterDates, MissingCustomer, Policies, Refunds, ZeroAmounts},
    time::{Day, Horizon, Rate, Tick},
};
