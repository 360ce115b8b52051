//! The rows of a customer, counted by category.

use std::ops::RangeInclusive;

use crate::{
    domain::{Day, History, rows::NONE},
    feature::window::{Days, window},
};

/// Which rows count, and in which column.
#[derive(Debug)]
pub(super) struct Reader {
    days: RangeInclusive<Day>,
    /// For each category of the ledger its column, if it has one.
    columns: Vec<Option<usize>>,
    width: usize,
}

/// What was bought, by column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tally {
    pub(super) counts: Vec<u32>,
    /// Minor units.
    pub(super) money: Vec<i64>,
    /// Orders with a category that has a column.
    pub(super) orders: u32,
}

impl Reader {
    pub(super) fn new(as_of: Day, days: Days, width: usize, columns: Vec<Option<usize>>) -> Self {
        Self { days: window(as_of, days), columns, width }
    }

    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn blank(&self) -> Tally {
        Tally { counts: vec![0; self.width], money: vec![0; self.width], orders: 0 }
    }

    /// Adds the rows of a customer, or of nobody.
    pub(super) fn add(&self, history: History<'_>, tally: &mut Tally) {
        let mut last = None;
        self.each(history, |row, code| {
            let Some(&Some(column)) = self.columns.get(code as usize) else { return };
            tally.counts[column] = tally.counts[column].saturating_add(1);
            tally.money[column] += history.amounts()[row];
            // Within a day the rows of an order stand together.
            let order = (history.days()[row], history.orders().map_or(NONE, |orders| orders[row]));
            if last != Some(order) {
                tally.orders = tally.orders.saturating_add(1);
                last = Some(order);
            }
        });
    }

    /// The code of a category in a row that counts and has no column.
    pub(super) fn unknown(&self, history: History<'_>) -> Option<u32> {
        let mut unknown = None;
        self.each(history, |_, code| {
            if self.columns.get(code as usize) == Some(&None) {
                unknown = Some(code);
            }
        });
        unknown
    }

    /// Visits the rows that count, with the codes of their categories.
    fn each(&self, history: History<'_>, mut visit: impl FnMut(usize, u32)) {
        let Some(categories) = history.categories() else { return };
        let days = history.days();
        let start = days.partition_point(|day| day < self.days.start());
        let end = days.partition_point(|day| day <= self.days.end());
        let rows = categories.iter().zip(history.amounts()).enumerate().take(end).skip(start);
        for (row, (&code, &amount)) in rows {
            if code != NONE && amount >= 0 {
                visit(row, code);
            }
        }
    }
}

impl Tally {
    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
        self.money.fill(0);
        self.orders = 0;
    }

    /// The amounts of a ledger together fit.
    pub(super) fn merge(&mut self, other: &Self) {
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own = own.saturating_add(*other);
        }
        for (own, other) in self.money.iter_mut().zip(&other.money) {
            *own += other;
        }
        self.orders = self.orders.saturating_add(other.orders);
    }
}
