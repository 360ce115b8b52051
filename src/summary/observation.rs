//! From when to when one looks, in which tick, and what counts as one purchase.

use crate::{
    domain::{Day, Tick},
    error::Error,
};

/// What counts as one purchase.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Grain {
    /// All that a customer buys on one day is one purchase: the convention of the purchase models. The default.
    #[default]
    Day,
    /// Each order is one purchase; a row without an order id is an order of its own. Of several on one day
    /// the smallest comes first.
    Order,
}

/// A stretch of days, seen in a tick and a grain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Observation {
    from: Option<Day>,
    until: Day,
    tick: Tick,
    grain: Grain,
}

impl Observation {
    /// All days up to `until`, that day included; in days, one purchase a day at most.
    pub fn until(until: Day) -> Self {
        Self { from: None, until, tick: Tick::Day, grain: Grain::Day }
    }

    /// No day before `from`. The first purchase is then the first since that day.
    #[must_use]
    pub fn from(self, from: Day) -> Self {
        Self { from: Some(from), ..self }
    }

    /// The unit of time for models.
    #[must_use]
    pub fn every(self, tick: Tick) -> Self {
        Self { tick, ..self }
    }

    /// What counts as one purchase.
    #[must_use]
    pub fn grain(self, grain: Grain) -> Self {
        Self { grain, ..self }
    }

    /// The first day seen; [`Day::MIN`] if there is no bound.
    pub fn start(&self) -> Day {
        self.from.unwrap_or(Day::MIN)
    }

    /// The last day seen.
    pub fn end(&self) -> Day {
        self.until
    }

    /// The unit of time.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// # Errors
    /// If the end lies before the start.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.start() <= self.until {
            return Ok(());
        }
        Err(Error::parameter("observation", self.until, "ends before it starts"))
    }

    /// What counts as one purchase.
    pub fn grain_of_purchases(&self) -> Grain {
        self.grain
    }
}
