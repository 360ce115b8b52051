//! The checked list of what customers bought and what went back.

use std::fmt;

use super::{Currency, CustomerId, Customers, Day, Findings, Money, People, Quantity, rows::Rows};
use crate::error::Error;

/// A checked list of purchases and refunds: columns sorted by customer and day, a customer one slice.
///
/// A ledger is made by [`Intake`](super::Intake) row by row, by [`Ledger::from_columns`] in bulk, or by a
/// reader in [`io`](crate::io). However the rows were ordered, the ledger is the same to the bit (the samples
/// of its findings aside, which are rows in the order of intake). It has one currency; all its amounts
/// together fit an `i64` of minor units, so no sum over it overflows.
#[derive(Clone)]
pub struct Ledger {
    pub(super) currency: Currency,
    pub(super) customers: Customers,
    /// Where each customer's rows end; the rows after the last are nobody's.
    pub(super) ends: Vec<u32>,
    pub(super) rows: Rows,
    pub(super) findings: Findings,
}

impl Ledger {
    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Who is here, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// What intake met, and what it did.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Number of rows, those without a customer among them.
    pub fn len(&self) -> usize {
        self.rows.days.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The earliest day, or `None` in an empty ledger.
    pub fn first_day(&self) -> Option<Day> {
        self.rows.days.iter().min().copied()
    }

    /// The latest day, or `None` in an empty ledger.
    pub fn last_day(&self) -> Option<Day> {
        self.rows.days.iter().max().copied()
    }

    /// Purchases less refunds, of everybody, known or not.
    pub fn revenue(&self) -> Money {
        Money::of_minor(self.rows.amounts.iter().sum(), self.currency)
    }

    /// What a customer bought and got back, by day.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`](crate::ErrorKind::UnknownCustomer) if the customer is not here.
    pub fn history(&self, id: &CustomerId) -> Result<History<'_>, Error> {
        Ok(self.history_at(self.customers.require(id)?))
    }

    /// The rows without a customer: they count in base rates and never get a score.
    pub fn anonymous(&self) -> History<'_> {
        let start = self.ends.last().map_or(0, |&end| end as usize);
        self.slice(start, self.len())
    }

    /// Every customer's history, in the order of [`customers`](Self::customers).
    pub fn histories(&self) -> impl ExactSizeIterator<Item = History<'_>> {
        (0..self.customers.len()).map(|row| self.history_at(row))
    }

    /// The history in a row of [`customers`](Self::customers), which must be in range.
    pub(crate) fn history_at(&self, row: usize) -> History<'_> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        self.slice(start, self.ends[row] as usize)
    }

    /// Whether any row has a cost.
    pub(crate) fn knows_costs(&self) -> bool {
        !self.rows.cost.is_empty()
    }

    /// The texts of categories, ascending: [`History::categories`] are their places.
    pub(crate) fn category_names(&self) -> &[std::sync::Arc<str>] {
        &self.rows.category.names
    }

    /// The ledger as far as it reached on a day, that day included: nothing later is in it, not even the name of a
    /// customer, an order or a category. What intake met is not told again.
    #[must_use]
    pub fn until(&self, day: Day) -> Self {
        let seen = |history: History<'_>| {
            let kept = history.days().partition_point(|&other| other <= day);
            history.start as u32..(history.start + kept) as u32
        };
        let kept: Vec<std::ops::Range<u32>> = self.histories().map(seen).collect();
        let here: Vec<u32> =
            (0..).zip(&kept).filter(|(_, rows)| !rows.is_empty()).map(|(row, _)| row).collect();
        let ends = kept.iter().filter(|rows| !rows.is_empty()).scan(0, |end, rows| {
            *end += rows.len() as u32;
            Some(*end)
        });
        let ends = ends.collect();
        let places: Vec<u32> = kept.into_iter().chain([seen(self.anonymous())]).flatten().collect();
        let mut rows = self.rows.select(&places);
        rows.forget_unused();
        Self {
            currency: self.currency,
            customers: self.customers.select(&here),
            ends,
            rows,
            findings: Findings::default(),
        }
    }

    fn slice(&self, start: usize, end: usize) -> History<'_> {
        History { currency: self.currency, rows: &self.rows, start, end }
    }
}

/// Ledgers are equal if they hold the same rows and counted the same findings.
impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        (self.currency, &self.customers, &self.ends) == (other.currency, &other.customers, &other.ends)
            && self.rows == other.rows
            && self.findings.same_counts(&other.findings)
    }
}

impl Eq for Ledger {}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({} rows of {:?} in {})", self.len(), self.customers, self.currency)
    }
}

impl People for Ledger {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.position(id) else {
            return false;
        };
        let History { start, end, .. } = self.history_at(row);
        self.rows.drain(start..end);
        self.customers.remove(row);
        self.ends.remove(row);
        for later in &mut self.ends[row..] {
            *later -= (end - start) as u32;
        }
        // Texts that only they had may point at them.
        self.rows.forget_texts();
        self.findings.forget_samples();
        true
    }
}

/// The rows of one customer (or of nobody), by day.
#[derive(Clone, Copy)]
pub struct History<'a> {
    currency: Currency,
    rows: &'a Rows,
    start: usize,
    end: usize,
}

/// One row of a [`History`]: a line of an order, a purchase without lines, or a refund.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Purchase<'a> {
    /// The day.
    pub day: Day,
    /// What was paid; negative if it went back.
    pub amount: Money,
    /// The order, receipt or invoice.
    pub order: Option<&'a str>,
    /// What was sold.
    pub product: Option<&'a str>,
    /// Its category.
    pub category: Option<&'a str>,
    /// Where it was sold.
    pub channel: Option<&'a str>,
    /// How much of it.
    pub quantity: Option<Quantity>,
    /// The price of one, where it is a whole number of minor units.
    pub unit_price: Option<Money>,
    /// What was taken off the price.
    pub discount: Option<Money>,
    /// What it cost the business.
    pub cost: Option<Money>,
}

impl<'a> History<'a> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The days, ascending.
    pub fn days(&self) -> &'a [Day] {
        &self.rows.days[self.start..self.end]
    }

    /// The amounts in minor units, negative where money went back.
    pub fn amounts(&self) -> &'a [i64] {
        &self.rows.amounts[self.start..self.end]
    }

    /// The rows, one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Purchase<'a>> + use<'a> {
        let Self { currency, rows, start, end } = *self;
        let money = move |minor: i64| Money::of_minor(minor, currency);
        (start..end).map(move |row| Purchase {
            day: rows.days[row],
            amount: money(rows.amounts[row]),
            order: rows.order.name(row).filter(|name| !name.starts_with(UNNAMED)),
            product: rows.product.name(row),
            category: rows.category.name(row),
            channel: rows.channel.name(row),
            quantity: rows.quantity.get(row).copied().flatten(),
            unit_price: rows.unit_price.get(row).copied().flatten().map(money),
            discount: rows.discount.get(row).copied().flatten().map(money),
            cost: rows.cost.get(row).copied().flatten().map(money),
        })
    }

    /// Codes of the orders, [`NONE`] for a row without; `None` if no row of the ledger has an order.
    pub(crate) fn orders(&self) -> Option<&'a [u32]> {
        self.rows.order.codes.get(self.start..self.end)
    }

    /// Discounts in minor units; `None` if no row of the ledger has one.
    pub(crate) fn discounts(&self) -> Option<&'a [Option<i64>]> {
        self.rows.discount.get(self.start..self.end)
    }

    /// Codes of categories, [`NONE`] for a row without; `None` if no row of the ledger has one.
    pub(crate) fn categories(&self) -> Option<&'a [u32]> {
        self.rows.category.codes.get(self.start..self.end)
    }

    /// Costs in minor units; `None` if no row of the ledger has one.
    pub(crate) fn costs(&self) -> Option<&'a [Option<i64>]> {
        self.rows.cost.get(self.start..self.end)
    }
}

impl fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Marks the orders that intake had to name itself, to hold together the lines of a transaction without one.
pub(super) const UNNAMED: &str = "\0unnamed\0";
