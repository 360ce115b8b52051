//! The table of customers: one row a customer, in columns of whole numbers.

use super::{Observation, reckon::Reckoned};
use crate::{
    domain::{Currency, CustomerId, Customers, Day, Findings, Money, People, Tick},
    error::{Error, ErrorKind},
    math::parallel,
};

/// What an [`Observation`] saw of each customer who made a purchase in it.
///
/// Rows are in the order of [`customers`](Self::customers). The columns are whole numbers (days, counts,
/// minor units); everything else is derived from them on demand, so that equal histories are equal rows
/// and sums are exact.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved"))]
pub struct Summaries {
    pub(super) observation: Observation,
    pub(super) currency: Currency,
    pub(super) customers: Customers,
    pub(super) columns: Columns,
    pub(super) findings: Findings,
}

/// The columns of [`Summaries`], all of one length.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Columns {
    pub(super) first: Vec<Day>,
    pub(super) last: Vec<Day>,
    pub(super) purchases: Vec<u32>,
    pub(super) days: Vec<u32>,
    pub(super) orders: Vec<u32>,
    pub(super) total: Vec<i64>,
    pub(super) repeat_total: Vec<i64>,
    pub(super) gap_squares: Vec<u64>,
    /// Empty where the ledger knows no costs.
    pub(super) margin: Vec<Option<i64>>,
}

/// From the first purchase to the last, `t_x` in the papers. Large is good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Recency {
    days: i32,
}

/// From the last purchase to the end of the observation, the R of RFM. Large is bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Idle {
    days: i32,
}

/// From the first purchase to the end of the observation, `T` in the papers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Age {
    days: i32,
}

macro_rules! span {
    ($name:ident) => {
        impl $name {
            /// The span in whole days.
            pub const fn days(self) -> i32 {
                self.days
            }

            /// The span in ticks, not rounded.
            pub fn in_ticks(self, tick: Tick) -> f64 {
                f64::from(self.days) / tick.days()
            }
        }
    };
}
span!(Recency);
span!(Idle);
span!(Age);

/// One customer, as a row of [`Summaries`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Summary {
    pub(super) until: Day,
    pub(super) currency: Currency,
    pub(super) first: Day,
    pub(super) last: Day,
    pub(super) purchases: u32,
    pub(super) days: u32,
    pub(super) orders: u32,
    pub(super) total: i64,
    pub(super) repeat_total: i64,
    pub(super) gap_squares: u64,
    pub(super) margin: Option<i64>,
}

impl Summary {
    /// Day of the first purchase in the observation.
    pub fn first(&self) -> Day {
        self.first
    }

    /// Day of the last purchase in the observation.
    pub fn last(&self) -> Day {
        self.last
    }

    /// Purchases, by the grain of the observation. At least 1.
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// Purchases after the first, `x` in the papers.
    pub fn repeats(&self) -> u32 {
        self.purchases - 1
    }

    /// Distinct days with a purchase. At least 1.
    pub fn purchase_days(&self) -> u32 {
        self.days
    }

    /// Distinct orders that are purchases. Rows without an order id count as the grain says: one order a
    /// day by [`Grain::Day`](super::Grain::Day), one each by [`Grain::Order`](super::Grain::Order).
    pub fn orders(&self) -> u32 {
        self.orders
    }

    /// First to last purchase, `t_x`.
    pub fn recency(&self) -> Recency {
        Recency { days: self.last.since(self.first) }
    }

    /// Last purchase to the end of the observation.
    pub fn idle(&self) -> Idle {
        Idle { days: self.until.since(self.last) }
    }

    /// First purchase to the end of the observation, `T`.
    pub fn age(&self) -> Age {
        Age { days: self.until.since(self.first) }
    }

    /// Net money: purchases less refunds.
    pub fn total(&self) -> Money {
        Money::of_minor(self.total, self.currency)
    }

    /// Net money per order, in minor units.
    pub fn mean_per_order(&self) -> f64 {
        self.total as f64 / f64::from(self.orders)
    }

    /// Mean amount of the purchases after the first, in minor units: the spend that Gamma-Gamma is fitted
    /// to. `None` for a customer who bought once.
    pub fn mean_repeat_spend(&self) -> Option<f64> {
        let repeats = self.repeats();
        (repeats > 0).then(|| self.repeat_total as f64 / f64::from(repeats))
    }

    /// Net money less cost. `None` unless the cost of every row is known.
    pub fn margin(&self) -> Option<Money> {
        Some(Money::of_minor(self.margin?, self.currency))
    }

    /// Mean days between a purchase and the next. `None` for a customer who bought once.
    pub fn gap_mean(&self) -> Option<f64> {
        let repeats = self.repeats();
        (repeats > 0).then(|| f64::from(self.recency().days) / f64::from(repeats))
    }

    /// Coefficient of variation of the days between purchases: their standard deviation (with n - 1) over
    /// their mean. `None` with fewer than two gaps, or if all purchases fall on one day.
    pub fn gap_variation(&self) -> Option<f64> {
        let gaps = f64::from(self.repeats());
        let mean = self.gap_mean().filter(|&mean| mean > 0.0 && gaps >= 2.0)?;
        // Sum of squared deviations times the number of gaps: whole numbers, so exact and never below zero.
        let sum = i128::from(self.recency().days);
        let spread = i128::from(self.gap_squares) * i128::from(self.repeats()) - sum * sum;
        Some((spread.max(0) as f64 / (gaps * (gaps - 1.0))).sqrt() / mean)
    }
}

impl Summaries {
    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// The observation that was made.
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// The end of the observation: the day as of which all this holds.
    pub fn as_of(&self) -> Day {
        self.observation.end()
    }

    /// The tick in which models fitted to these rows think.
    pub fn tick(&self) -> Tick {
        self.observation.tick()
    }

    /// The currency of all money here.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What the observation did not see or merged.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// A row by its number, or `None` past the end.
    pub fn get(&self, row: usize) -> Option<Summary> {
        (row < self.len()).then(|| self.at(row))
    }

    /// The row of a customer.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`] if the customer has no row.
    pub fn of(&self, id: &CustomerId) -> Result<Summary, Error> {
        Ok(self.at(self.customers.require(id)?))
    }

    /// All rows, in the order of [`customers`](Self::customers).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Summary> + '_ {
        (0..self.len()).map(|row| self.at(row))
    }

    /// First purchase days.
    pub fn first_days(&self) -> &[Day] {
        &self.columns.first
    }

    /// Last purchase days.
    pub fn last_days(&self) -> &[Day] {
        &self.columns.last
    }

    /// Purchases by the grain of the observation, each at least 1.
    pub fn purchases(&self) -> &[u32] {
        &self.columns.purchases
    }

    /// Orders, each at least 1; see [`Summary::orders`].
    pub fn orders(&self) -> &[u32] {
        &self.columns.orders
    }

    /// Net money in minor units.
    pub fn totals(&self) -> &[i64] {
        &self.columns.total
    }

    /// Money of the purchases after the first in minor units, refunds that name no order aside; 0 for who
    /// bought once.
    pub fn repeat_totals(&self) -> &[i64] {
        &self.columns.repeat_total
    }

    /// Net money less cost in minor units, a row `None` where a cost is unknown; `None` where the ledger
    /// knows no cost at all.
    pub fn margins(&self) -> Option<&[Option<i64>]> {
        (!self.columns.margin.is_empty()).then_some(&self.columns.margin)
    }

    /// # Errors
    /// If there are no rows.
    pub(crate) fn require_rows(&self) -> Result<(), Error> {
        if self.is_empty() {
            return Err(ErrorKind::Empty { what: "customers with a purchase" }.into());
        }
        Ok(())
    }

    fn at(&self, row: usize) -> Summary {
        let columns = &self.columns;
        Summary {
            until: self.as_of(),
            currency: self.currency,
            first: columns.first[row],
            last: columns.last[row],
            purchases: columns.purchases[row],
            days: columns.days[row],
            orders: columns.orders[row],
            total: columns.total[row],
            repeat_total: columns.repeat_total[row],
            gap_squares: columns.gap_squares[row],
            margin: columns.margin.get(row).copied().flatten(),
        }
    }
}

/// A run of rows of [`Columns`], to be written by one task.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    first: &'a mut [Day],
    last: &'a mut [Day],
    purchases: &'a mut [u32],
    days: &'a mut [u32],
    orders: &'a mut [u32],
    total: &'a mut [i64],
    repeat_total: &'a mut [i64],
    gap_squares: &'a mut [u64],
    /// Empty where the ledger knows no costs.
    margin: &'a mut [Option<i64>],
}

impl Slots<'_> {
    pub(super) fn write(&mut self, row: usize, one: &Reckoned) {
        self.first[row] = one.first;
        self.last[row] = one.last;
        self.purchases[row] = one.purchases;
        self.days[row] = one.days;
        self.orders[row] = one.orders;
        self.total[row] = one.total;
        self.repeat_total[row] = one.repeat_total;
        self.gap_squares[row] = one.gap_squares;
        if let Some(margin) = self.margin.get_mut(row) {
            *margin = one.margin;
        }
    }
}

impl Columns {
    /// So many rows, to be written.
    pub(super) fn blank(rows: usize, costs_known: bool) -> Self {
        Self {
            first: parallel::defaults(rows),
            last: parallel::defaults(rows),
            purchases: parallel::defaults(rows),
            days: parallel::defaults(rows),
            orders: parallel::defaults(rows),
            total: parallel::defaults(rows),
            repeat_total: parallel::defaults(rows),
            gap_squares: parallel::defaults(rows),
            margin: parallel::defaults(if costs_known { rows } else { 0 }),
        }
    }

    /// The rows in runs of `size`, the last perhaps shorter.
    pub(super) fn slots(&mut self, size: usize) -> Vec<Slots<'_>> {
        let mut first = self.first.chunks_mut(size);
        let mut last = self.last.chunks_mut(size);
        let mut purchases = self.purchases.chunks_mut(size);
        let mut days = self.days.chunks_mut(size);
        let mut orders = self.orders.chunks_mut(size);
        let mut total = self.total.chunks_mut(size);
        let mut repeat_total = self.repeat_total.chunks_mut(size);
        let mut gap_squares = self.gap_squares.chunks_mut(size);
        let mut margin = self.margin.chunks_mut(size);
        let next = || {
            Some(Slots {
                first: first.next()?,
                last: last.next()?,
                purchases: purchases.next()?,
                days: days.next()?,
                orders: orders.next()?,
                total: total.next()?,
                repeat_total: repeat_total.next()?,
                gap_squares: gap_squares.next()?,
                margin: margin.next().unwrap_or_default(),
            })
        };
        std::iter::from_fn(next).collect()
    }

    /// Keeps the rows given, which ascend, and drops the others.
    pub(super) fn keep(&mut self, rows: &[u32]) {
        fn keep<T: Copy>(column: &mut Vec<T>, rows: &[u32]) {
            if column.is_empty() {
                return;
            }
            for (to, &from) in rows.iter().enumerate() {
                column[to] = column[from as usize];
            }
            column.truncate(rows.len());
        }
        keep(&mut self.first, rows);
        keep(&mut self.last, rows);
        keep(&mut self.purchases, rows);
        keep(&mut self.days, rows);
        keep(&mut self.orders, rows);
        keep(&mut self.total, rows);
        keep(&mut self.repeat_total, rows);
        keep(&mut self.gap_squares, rows);
        keep(&mut self.margin, rows);
    }

    /// Where nobody's margin is known there is no column.
    pub(super) fn forget_unknown_margins(&mut self) {
        if self.margin.iter().all(Option::is_none) {
            self.margin = Vec::new();
        }
    }

    fn remove(&mut self, row: usize) {
        self.first.remove(row);
        self.last.remove(row);
        self.purchases.remove(row);
        self.days.remove(row);
        self.orders.remove(row);
        self.total.remove(row);
        self.repeat_total.remove(row);
        self.gap_squares.remove(row);
        if !self.margin.is_empty() {
            self.margin.remove(row);
        }
    }
}

impl People for Summaries {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        self.columns.remove(row);
        true
    }
}
