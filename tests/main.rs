//! Four questions put to every room, and one to the house.

#![allow(clippy::float_cmp, reason = "exact answers are compared")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod agrees; // with an independent reckoning?
mod coheres; // with itself: any order, any split, any number of threads?
mod host; // models that a host brings
mod house; // do imports point down?
mod real; // with the facts known of real data? (needs the data beside the project)
mod refuses; // bad input, and says where and which rule?
mod survives; // anything?
