//! What a purchase brings: net money less cost, gains and losses apart.

use super::{
    Observation, Spend, SpendTable, Summaries, Summary,
    reckon::{CostUnknown, Margins, Scratch, Seen, margins},
};
use crate::{
    domain::{Currency, Ledger},
    error::Error,
    math::parallel,
};

impl SpendTable {
    /// The mean margin of a purchase of each customer, over all purchases, the first among them: net money
    /// less cost, so below 0 for a loss.
    ///
    /// # Errors
    /// If a cost is not known. [`ErrorKind::Row`](crate::ErrorKind::Row) for a mean that is no [`Spend`].
    pub fn of_margins(people: &Summaries) -> Result<Self, Error> {
        let currency = Summaries::currency(people);
        let per_major = currency.minor_per_major() as f64;
        let spend = |(row, one): (usize, Summary)| {
            let Some(margin) = one.margin() else {
                return Err(unknown(row));
            };
            let mean = margin.minor() as f64 / (f64::from(one.purchases()) * per_major);
            Spend::new(one.purchases(), mean).map_err(|error| error.at_row(row as u64))
        };
        Ok(Self::new(currency, people.iter().enumerate().map(spend).collect::<Result<_, _>>()?))
    }

    /// The margins of the purchases of each customer, gains and losses apart: a row for each row of the
    /// [`Summaries`] of the same observation.
    ///
    /// The margin of a purchase is its net money less its cost, refunds of its order included. All
    /// purchases count, the first among them, by the grain of the observation: by
    /// [`Grain::Day`](super::Grain::Day) all that was bought on a day is one gain or one loss. What belongs
    /// to no purchase (a refund without an order, an order that came to nothing) is in no margin here,
    /// unlike in [`of_margins`](Self::of_margins).
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     domain::{Columns, Currency, Day, Ledger, Policies},
    ///     summary::{Observation, SpendTable},
    /// };
    ///
    /// let start = Day::ymd(2026, 1, 1)?;
    /// let days = [start, start.plus(14), start.plus(21)];
    /// let columns =
    ///     Columns::new(&["ann"; 3][..], &days, &[1000, 500, 700]).costs(&[400, 750, 300]);
    /// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
    ///
    /// let seen = Observation::until(start.plus(70));
    /// let ann = SpendTable::of_purchase_margins(&ledger, &seen)?.rows()[0];
    /// assert_eq!((ann.gains(), ann.gain_mean()), (2, 5.0));
    /// assert_eq!((ann.losses(), ann.loss_mean()), (1, 2.5));
    /// # Ok::<(), patronage::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a cost is not known, or the observation ends before it starts.
    /// [`ErrorKind::Row`](crate::ErrorKind::Row) for means that are no [`Spend`].
    pub fn of_purchase_margins(ledger: &Ledger, seen: &Observation) -> Result<Self, Error> {
        seen.check()?;
        let currency = ledger.currency();
        let tasks = parallel::ranges(ledger.customers().len(), CUSTOMERS_A_TASK);
        let parts = parallel::map_with(tasks, Scratch::default, |scratch, task| {
            let rows = task.filter_map(|row| {
                let (_, seen_of_row) = Seen::of(ledger.history_at(row)).between(seen.start(), seen.end());
                margins(seen_of_row, seen.grain_of_purchases(), scratch)
            });
            rows.collect::<Vec<_>>()
        });
        let rows = parts.into_iter().flatten().enumerate().map(|(row, margins)| {
            let spend = margins.map_err(|CostUnknown| unknown(row))?.spend(currency);
            spend.map_err(|error| error.at_row(row as u64))
        });
        Ok(Self::new(currency, rows.collect::<Result<_, _>>()?))
    }
}

/// Customers to a task, as when they are summarised.
const CUSTOMERS_A_TASK: usize = 1 << 13;

fn unknown(row: usize) -> Error {
    Error::parameter("margin", format!("unknown in row {row}"), "needs the cost of every row")
}

impl Margins {
    fn spend(self, currency: Currency) -> Result<Spend, Error> {
        let per_major = currency.minor_per_major() as f64;
        let mean = |sum: i64, count: u32| sum as f64 / (f64::from(count.max(1)) * per_major);
        let Self { gains, losses, gained, lost } = self;
        Spend::signed(gains, mean(gained, gains), losses, mean(lost, losses))
    }
}
