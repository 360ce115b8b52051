//! Customer analytics to embed.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod math;

pub mod domain;
#[cfg(feature = "csv")]
#[cfg_attr(docsrs, doc(cfg(feature = "csv")))]
pub mod io;
pub mod simulate;
pub mod summary;

pub use error::{Error, ErrorKind};
