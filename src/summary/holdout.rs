//! What happened after the observation: the truth that a forecast is held against, and the track of
//! purchases over time.

use super::{
    Observation, Summaries,
    reckon::{Scratch, Seen, repeat_days},
};
use crate::{
    domain::{CustomerId, Customers, Day, History, Ledger, People},
    error::Error,
};

/// Customers as they were on the last day of the calibration, and what they did afterwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Split {
    /// Up to and with the last day of the observation.
    pub calibration: Summaries,
    /// From the day after.
    pub holdout: Holdout,
}

/// What the customers of a calibration did in the days after it, a row each.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Holdout {
    until: Day,
    customers: Customers,
    purchases: Vec<u32>,
    totals: Vec<i64>,
}

impl Holdout {
    /// The last day.
    pub fn until(&self) -> Day {
        self.until
    }

    /// Who the rows are: the customers of the calibration.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Purchases in the holdout, by the grain of the observation. All are repeat purchases: whoever first
    /// bought in the holdout has no row.
    pub fn purchases(&self) -> &[u32] {
        &self.purchases
    }

    /// Net money in minor units: below zero for a customer who only got money back.
    pub fn totals(&self) -> &[i64] {
        &self.totals
    }
}

impl People for Holdout {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        self.purchases.remove(row);
        self.totals.remove(row);
        true
    }
}

impl People for Split {
    fn holds(&self, id: &CustomerId) -> bool {
        self.calibration.holds(id) || self.holdout.holds(id)
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        self.calibration.forget(id) | self.holdout.forget(id)
    }
}

impl Observation {
    /// Splits a ledger at the end of this observation: the calibration is what it sees, the holdout what
    /// the same customers did from the next day through `to`.
    ///
    /// # Errors
    /// If `to` is not after the end of the observation, or that ends before it starts.
    pub fn split(&self, ledger: &Ledger, to: Day) -> Result<Split, Error> {
        if to <= self.end() {
            return Err(Error::parameter("holdout", to, "must end after the observation"));
        }
        let calibration = self.summarise(ledger)?;
        let after =
            Self::until(to).from(self.end().plus(1)).grain(self.grain_of_purchases()).summarise(ledger)?;
        let customers = calibration.customers().clone();
        let (mut purchases, mut totals) = (vec![0; customers.len()], vec![0; customers.len()]);
        for (row, id) in after.customers().iter().enumerate() {
            if let Some(place) = customers.position(&id) {
                purchases[place] = after.purchases()[row];
            }
        }
        // Money apart, for whoever bought nothing may have got some back.
        for (place, id) in customers.iter().enumerate() {
            let (_, seen) = Seen::of(ledger.history(&id)?).between(self.end().plus(1), to);
            totals[place] = seen.amounts.iter().sum();
        }
        Ok(Split { calibration, holdout: Holdout { until: to, customers, purchases, totals } })
    }

    /// Repeat purchases of all customers up to the end of each tick, counted from the start of the
    /// observation (from the ledger's first day, if it has no start). The last tick may be cut short.
    ///
    /// # Errors
    /// If the observation ends before it starts.
    pub fn cumulative_repeats(&self, ledger: &Ledger) -> Result<Vec<u64>, Error> {
        self.cumulative(ledger, ledger.histories())
    }

    /// The same of some customers alone.
    ///
    /// # Errors
    /// As [`cumulative_repeats`](Self::cumulative_repeats), and if one of them is not in the ledger.
    pub fn cumulative_repeats_of(&self, ledger: &Ledger, customers: &Customers) -> Result<Vec<u64>, Error> {
        let histories: Result<Vec<_>, _> = customers.iter().map(|id| ledger.history(&id)).collect();
        self.cumulative(ledger, histories?)
    }

    #[allow(clippy::cast_sign_loss, reason = "the quotient of two numbers that are not negative")]
    fn cumulative<'a>(
        &self,
        ledger: &Ledger,
        histories: impl IntoIterator<Item = History<'a>>,
    ) -> Result<Vec<u64>, Error> {
        self.check()?;
        let start = ledger.first_day().unwrap_or(self.end()).max(self.start());
        // No day is before the start, and a tick is a day or longer: the quotient is a small whole number.
        let ticks = |day: Day| (f64::from(day.since(start).unsigned_abs()) / self.tick().days()) as usize;
        let last = ticks(self.end().max(start));
        let mut counts = vec![0; last + 1];
        let mut scratch = Scratch::default();
        for history in histories {
            let (_, seen) = Seen::of(history).between(start, self.end());
            repeat_days(seen, self.grain_of_purchases(), &mut scratch, |day| {
                counts[ticks(day)] += 1;
            });
        }
        for tick in 1..counts.len() {
            counts[tick] += counts[tick - 1];
        }
        Ok(counts)
    }
}
