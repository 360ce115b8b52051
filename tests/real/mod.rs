//! Does it agree with what is known of real data?

mod backtest;
#[cfg(feature = "boosting")]
mod boosting;
mod buying;
mod cdnow;
mod dbscan;
mod donations;
mod features;
mod hdbscan;
mod hierarchical;
mod judge;
mod k_means;
#[cfg(feature = "csv")]
mod logistic;
mod pareto_nbd;
mod quality;
mod spend;
mod study;
mod survival;
#[cfg(feature = "csv")]
mod text_files;
mod trees;

/// A file of the data beside the project.
pub(crate) fn data(file: &str) -> std::path::PathBuf {
    let folder = std::env::var_os("PATRONAGE_DATA").expect("PATRONAGE_DATA names the folder of the data");
    std::path::Path::new(&folder).join(file)
}
