//! Summaries as they are saved: read back only if somebody could have observed them.

use super::{Grain, Observation, Summaries, summaries::Columns};
use crate::{
    domain::{Currency, Customers, Findings},
    error::Error,
};

/// Summaries before they are checked.
#[derive(serde::Deserialize)]
pub(super) struct Saved {
    observation: Observation,
    currency: Currency,
    customers: Customers,
    columns: Columns,
    findings: Findings,
}

impl TryFrom<Saved> for Summaries {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let Saved { observation, currency, customers, columns, findings } = saved;
        observation.check()?;
        columns.check(&observation, customers.len())?;
        Ok(Self { observation, currency, customers, columns, findings })
    }
}

impl Columns {
    /// # Errors
    /// If a column has another length, or a row could not have been seen by the observation.
    fn check(&self, observation: &Observation, rows: usize) -> Result<(), Error> {
        let lengths = [
            self.first.len(),
            self.last.len(),
            self.purchases.len(),
            self.days.len(),
            self.orders.len(),
            self.total.len(),
            self.repeat_total.len(),
            self.gap_squares.len(),
        ];
        let margins = [0, rows].contains(&self.margin.len());
        if !margins || lengths.iter().any(|&length| length != rows) {
            return Err(Error::parameter("saved summaries", rows, "rows: the columns differ in length"));
        }
        let seen = |row: usize| {
            observation.start() <= self.first[row]
                && self.last[row] <= observation.end()
                && self.counts_fit(row, observation.grain_of_purchases())
                && self.gaps_fit(row)
                // Purchases are never below zero, and with one there is none after it.
                && self.repeat_total[row] >= 0
                && (self.purchases[row] > 1 || self.repeat_total[row] == 0)
        };
        match (0..rows).find(|&row| !seen(row)) {
            None => Ok(()),
            Some(row) => Err(Error::parameter("saved summaries, row", row, "cannot have been observed")),
        }
    }

    /// Whether purchases, days and orders can be those of one customer: there is an order on each day.
    fn counts_fit(&self, row: usize, grain: Grain) -> bool {
        let (days, orders) = (self.days[row], self.orders[row]);
        let purchases = match grain {
            Grain::Day => days,
            Grain::Order => orders,
        };
        days > 0 && days <= orders && self.purchases[row] == purchases
    }

    /// Whether the purchase days fit between the first and the last, and the sum of squared gaps between
    /// them lies between that of equal gaps and that of one long gap among single days.
    fn gaps_fit(&self, row: usize) -> bool {
        let span = i128::from(self.last[row].since(self.first[row]));
        let gaps = i128::from(self.days[row]) - 1;
        let squares = i128::from(self.gap_squares[row]);
        if gaps == 0 {
            return span == 0 && squares == 0;
        }
        let longest = span - (gaps - 1);
        let most = longest * longest + (gaps - 1);
        longest > 0 && span * span <= squares * gaps && squares <= most
    }
}
