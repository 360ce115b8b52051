//! Recency, frequency, monetary value: scores, segments that have a name, and what each is worth.
//!
//! A [`Scheme`] says how values become scores. Fitted to customers it gives [`Cuts`], and those give
//! [`Scores`] to the same customers, or to others, or to the same ones tomorrow. A [`SegmentMap`] names every
//! customer, [`Scores::explain`] says why in one line, and a [`SegmentTable`] sums the segments up.
//! [`ValueTiers`] and [`Concentration`] look at money alone.
//!
//! # Example
//! ```
//! use patronage::{
//!     domain::{Columns, Currency, Day, Ledger, Policies},
//!     rfm::{Scheme, SegmentMap},
//!     summary::Observation,
//! };
//!
//! let day = Day::ymd(2026, 3, 14)?;
//! let days = [day, day.plus(-200), day.plus(-9), day.plus(-40)];
//! let columns = Columns::new(&["anna", "ben", "anna", "cleo"][..], &days, &[3200, 500, 2800, 1500]);
//! let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
//! let people = Observation::until(day).summarise(&ledger)?;
//!
//! let cuts = Scheme::quantiles(2).fit(&people)?;
//! assert_eq!(cuts.readiness().to_string(), "refused: cut points from few customers move with each of them (needed 25, found 3)");
//!
//! let scores = cuts.score(&people)?;
//! let map = SegmentMap::builder(2).block("Regulars", 1..=2, 2..=2, 1..=2).rest("Others").build()?;
//! assert_eq!(map.name(&scores)?.sizes(), [1, 2]);
//! assert_eq!(
//!     scores.explain(&"anna".into(), &map)?,
//!     "anna: last purchase 0 days ago (R 2: at most 40), 2 orders (F 2: above 1), \
//!      60.00 EUR in total (M 2: above 15.00) -> Regulars"
//! );
//! # Ok::<(), patronage::Error>(())
//! ```

mod cell;
mod composite;
mod concentration;
mod cut;
mod cuts;
mod dimension;
mod explain;
mod fixture;
mod learn;
mod presets;
#[cfg(feature = "serde")]
mod saved;
mod scheme;
mod scores;
mod segment_map;
mod table;

pub use self::{
    cell::Cell,
    composite::Weights,
    concentration::Concentration,
    cut::Cut,
    cuts::{CutPoints, Cuts},
    dimension::{Amount, Dimension},
    scheme::{ENOUGH_CUSTOMERS, FixedCuts, Frequency, IDLE_DAYS, LEAST_CUSTOMERS, Monetary, Scheme},
    scores::Scores,
    segment_map::{MapBuilder, SegmentMap},
    table::{SegmentRow, SegmentTable},
};
#[doc(inline)]
pub use crate::model::{TierRule, Ties, ValueTiers};
