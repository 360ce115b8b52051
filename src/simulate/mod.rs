//! Customers whose truth is known: for tests, examples, and to learn how much data a question needs.
//!
//! * A [`Population`] follows the models of the literature, with parameters that you choose: fit a model to
//!   it and see whether the parameters come back.
//!
//! A seed is always an argument. The same seed gives the same customers, on any number of threads.

mod chance;
mod person;
mod population;
mod process;

pub use self::{
    person::{Leaving, Person, Sale, Truth},
    population::{Cohort, Population},
    process::{Process, Spend},
};
