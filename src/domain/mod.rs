//! The nouns, valid once made.

mod account;
mod acquisition;
mod attribute;
mod birth;
mod consent;
mod customer;
mod decimal;
mod directory;
mod findings;
mod id;
mod label;
mod money;
mod policy;
mod provenance;
mod region;
mod time;

pub use self::{
    account::{Account, AccountId, Accounts},
    acquisition::{AcquisitionChannel, AcquisitionSource},
    attribute::{Attribute, AttributeValue},
    birth::BirthYears,
    consent::{Consent, ConsentRegister, ConsentState, Purpose},
    customer::Customer,
    directory::CustomerDirectory,
    findings::{Finding, Findings, Found, Sample},
    id::{CustomerId, Customers, People},
    label::Label,
    money::{Currency, Money},
    policy::{Duplicates, LaterDates, MissingCustomer, Policies, Refunds, ZeroAmounts},
    provenance::{Known, Provenance, Sensitivity},
    region::{Country, Detail, Region},
    time::{Day, Horizon, Rate, Tick},
};
