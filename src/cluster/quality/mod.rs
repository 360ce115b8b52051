//! Whether groups are any good: how compact they are and how far apart, and how like those of another labelling.

mod agreement;
mod grouped;
mod judged;
mod silhouette;
mod spread;

pub use self::{agreement::Agreement, silhouette::Silhouette, spread::Spread};
