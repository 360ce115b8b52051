//! Customers whose truth is known: for tests, examples, and to learn how much data a question needs.
//!
//! * A [`Population`] follows the models of the literature, with parameters that you choose: fit a model to
//!   it and see whether the parameters come back.
//! * A [`Bakery`] follows no model: a small shop with its weekday rhythm, its regulars and its refunds, whose
//!   export looks like a real one.
//!
//! A seed is always an argument. The same seed gives the same customers, on any number of threads.

mod bakery;
mod books;
mod chance;
mod habit;
mod person;
mod population;
mod process;
mod shelf;

pub use self::{
    bakery::Bakery,
    books::Books,
    person::{Leaving, Person, Sale, Truth},
    population::{Cohort, Population},
    process::{Process, Spend},
};
