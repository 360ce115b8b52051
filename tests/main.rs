//! Four questions put to every room, and one to the house.

mod house;
mod survives;
