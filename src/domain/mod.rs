//! The nouns, valid once made.

mod account;
mod acquisition;
mod activity;
mod attribute;
mod birth;
mod consent;
mod customer;
mod decimal;
mod directory;
mod event;
mod feedback;
mod findings;
mod id;
mod label;
mod money;
mod policy;
mod provenance;
mod region;
mod ticket;
mod time;

pub use self::{
    account::{Account, AccountId, Accounts},
    acquisition::{AcquisitionChannel, AcquisitionSource},
    activity::{Activity, ActivityIntake, History},
    attribute::{Attribute, AttributeValue},
    birth::BirthYears,
    consent::{Consent, ConsentRegister, ConsentState, Purpose},
    customer::Customer,
    directory::CustomerDirectory,
    event::{CartStep, Event, EventKind, PointsMovement, SubscriptionStep},
    feedback::{Feedback, FeedbackKind, Sentiment},
    findings::{Finding, Findings, Found, Sample},
    id::{CustomerId, Customers, People},
    label::Label,
    money::{Currency, Money},
    policy::{Duplicates, LaterDates, MissingCustomer, Policies, Refunds, ZeroAmounts},
    provenance::{Known, Provenance, Sensitivity},
    region::{Country, Detail, Region},
    ticket::{Severity, SupportTicket},
    time::{Day, Horizon, Rate, Tick},
};
