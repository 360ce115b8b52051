//! Customer analytics to embed.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod math;

pub mod domain;
pub mod simulate;
pub mod summary;

pub use error::{Error, ErrorKind};
