//! Customer analytics to embed: who is worth keeping, which segment each belongs to, what each will be worth, which
//! groups there are, and why, learned from a business's own purchase log.
//!
//! The primary types are the [`Ledger`](domain::Ledger), a checked list of purchases, and the
//! [`Summaries`](summary::Summaries) that an [`Observation`](summary::Observation) makes of it: one row a
//! customer, as of a day. Every model here is fitted to summaries, and each step's result is the next one's
//! argument:
//!
//! ```
//! use patronage::{
//!     domain::Policies,
//!     rfm::{Scheme, SegmentMap, SegmentTable},
//!     simulate::Bakery,
//!     summary::Observation,
//! };
//!
//! let bakery = Bakery::new(1);
//! let ledger = bakery.books()?.ledger(Policies::default())?;
//! let people = Observation::until(bakery.last_day()).summarise(&ledger)?;
//! let scores = Scheme::fifths().fit(&people)?.score(&people)?;
//! let segments = SegmentMap::standard().name(&scores)?;
//! println!("{}", SegmentTable::of(&segments, &people)?);
//! # Ok::<(), patronage::Error>(())
//! ```
//!
//! # By question
//!
//! | question | go to |
//! |---|---|
//! | How do my purchases get in? | [`io::csv::Reader`] for files, [`domain::Ledger::from_columns`] for columns, [`domain::Intake`] for rows |
//! | What was odd about them? | [`domain::Findings`], and [`domain::Policies`] to decide |
//! | Who may be looked at? | [`domain::ConsentRegister`], [`domain::Intake::consent`] |
//! | What did each customer do, as of a day? | [`summary::Observation::summarise`] |
//! | What did they do afterwards? | [`summary::Observation::split`] |
//! | My rows lie on many machines | [`summary::Shard`], [`summary::Accumulator`], [`summary::Totals`] |
//! | Who are my best customers? | [`rfm::Scheme`], [`rfm::Scores`] |
//! | What do I call them? | [`rfm::SegmentMap`], [`model::Assignment`] |
//! | Why is this one there? | [`rfm::Scores::explain`] |
//! | How do the segments perform? | [`rfm::SegmentTable`], [`rfm::Concentration`] |
//! | Who makes 80 % of my revenue? | [`model::ValueTiers`] |
//! | How often will they buy, and are they still customers? | [`cltv::ParetoNbd`], [`cltv::MbgNbd`], [`cltv::BgNbd`] |
//! | What will each be worth? | [`cltv::Valuation`], with [`cltv::GammaGamma`] for what they spend |
//! | When is the next purchase due? | [`cltv::NextPurchaseForecast`] |
//! | How long do contracts last? | [`cltv::ShiftedBetaGeometric`] |
//! | Which groups are there among my customers? | [`feature::Features`] and [`feature::Scaling`], then [`cluster::Discover`], [`cluster::KMeans`], [`cluster::Dbscan`], [`cluster::Hdbscan`], [`cluster::Hierarchical`] |
//! | Can I trust the groups? | [`cluster::Silhouette`], [`cluster::Stability`], [`cluster::Discover`] |
//! | What is each group like, and what do I call it? | [`cluster::Profiles`] |
//! | Are they still the same groups? | [`cluster::Clustered::matched`], [`cluster::ClusterBaseline`] |
//! | What do customers buy, and do besides? | [`feature::CategoryShares`], [`feature::Engagement`], [`feature::Profile`] |
//! | What did each do lately? | [`feature::Windows`] |
//! | When is a customer lost? | [`churn::ChurnDefinition`], [`churn::PurchaseGaps`] |
//! | Who is leaving? | [`churn::Study`] of logs, or [`churn::Examples`] of a table; then [`churn::Logistic`], [`churn::Tree`], [`churn::Forest`], [`churn::Boosting`] |
//! | Does a column know too much? | [`churn::Examples::suspicions`] |
//! | Is the model better than a simple rule? | [`churn::Comparison`], [`churn::Verdict`] |
//! | Can I trust the probability, and why is it so high? | [`churn::Judgement`], [`churn::Calibrated`], [`churn::Contributions`] |
//! | Whom do I try to keep, and does it pay? | [`churn::SaveList`], [`churn::RiskBands`] |
//! | How long do customers stay? | [`churn::survival`], [`guide::survival`] |
//! | Which model would have been right? | [`cltv::Backtest`] |
//! | How do I get from a log of purchases to a decision? | [`guide::lifetime_value`], [`guide::clusters`], [`guide::churn`] |
//! | Can I bring my own model? | [`model::PurchaseForecast`], [`model::PurchaseEstimator`], [`cluster::Clusterer`] |
//! | How would I know that it is right? | [`simulate::Population`], where the truth is known |
//! | Can a customer be forgotten? | [`domain::People`], on everything that holds people |
//!
//! # What holds throughout
//! * Nothing hidden: the day as of which one looks, seeds, currency and zones are arguments. No clock is read.
//! * No input panics, overflows or gives NaN. A refusal is an [`Error`] that says where and which rule, and
//!   what intake left out or changed is counted in [`domain::Findings`].
//! * The same bits for any order of the rows, number of threads or split into shards. Customers are always
//!   in the order of their ids, and money is summed in whole minor units.
//! * What is fitted is a type of its own, without the customers it learned from.
//!
//! # What is not here
//! Connectors, storage, dashboards and sending: a host has those.
//!
//! # Features
//! `serde`, `parallel`, `csv` and `linfa` are on by default; `chrono`, `time` and `rust_decimal` convert from and
//! to those crates' types. None changes a result.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod math;

pub mod churn;
pub mod cltv;
pub mod cluster;
pub mod domain;
pub mod feature;
pub mod guide;
#[cfg(feature = "csv")]
pub mod io;
pub mod model;
pub mod rfm;
pub mod simulate;
pub mod summary;

pub use error::{Error, ErrorKind};

// The README's code runs with the tests.
#[cfg(all(doctest, feature = "csv"))]
#[doc = include_str!("../README.md")]
mod readme {}
