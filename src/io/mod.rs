//! Doors through which purchases come in, each behind its feature.
//!
//! * [`csv`] reads text files: commas, semicolons, tabs or runs of spaces between the fields.

pub mod csv;
