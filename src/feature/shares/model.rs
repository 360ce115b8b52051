//! Shares of categories that were learned.

use super::{
    ShareOf,
    tally::{Reader, Tally},
};
use crate::{
    domain::{Customers, Day, Ledger},
    error::Error,
    feature::{Categories, Features, blocks, categories::Column, shrinkage::shrunk, window::Days},
    math::parallel,
};

/// When a customer is said to buy mostly one category.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Primary {
    /// The least share of a category, above 0 and at most 1: the customer's own, not drawn towards the base.
    pub least_share: f64,
    /// The least number of orders with a category; below it nothing is said.
    pub least_orders: u32,
}

/// Categories, their base rates and the strength of shrinkage, as [`CategoryShares`](super::CategoryShares) learned
/// them. It holds no customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct ShareModel {
    pub(super) as_of: Day,
    pub(super) of: ShareOf,
    pub(super) days: Days,
    pub(super) least_orders: u32,
    /// Ascending.
    pub(super) categories: Vec<String>,
    /// One a category, and one more if others are pooled. They sum to 1.
    pub(super) base: Vec<f64>,
    pub(super) strength: f64,
}

/// The name of the pooled categories.
pub(super) const OTHER: &str = "(other)";

/// The level of customers who buy of several categories.
const MIXED: &str = "Mixed";

impl ShareModel {
    /// The day as of which it was learned.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The categories, ascending, and last `(other)` if any were pooled; each with its base rate. These sum to 1.
    pub fn base(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        let name = |place: usize| self.categories.get(place).map_or(OTHER, String::as_str);
        self.base.iter().enumerate().map(move |(place, &base)| (name(place), base))
    }

    /// The strength of shrinkage: so many purchases at the base rate are added to each customer's.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// The shares of customers as of a day, a column `share=CATEGORY` for each, and `category_entropy`.
    ///
    /// The shares of a customer sum to 1. All are missing for who has too few orders, or none that cost anything where
    /// shares are of money; and for who is not in the ledger.
    ///
    /// # Formula
    /// Shares as [`Shrinkage`](crate::feature::Shrinkage) has them, n being rows that count. The entropy is Shannon's,
    /// of those shares, in nats: `-Σ share ln share`, from 0 (one category alone) to the logarithm of their number.
    ///
    /// # Errors
    /// If one of the customers bought of a category that was not there when this was learned, and none were pooled.
    pub fn features(&self, ledger: &Ledger, as_of: Day, customers: &Customers) -> Result<Features, Error> {
        let reader = self.reader(ledger, as_of);
        let rows = blocks::rows_of(ledger.customers(), customers);
        self.check_known(ledger, &reader, &rows)?;
        let width = self.base.len();
        let values = blocks::write(customers.len(), width + 1, |block, slots| {
            let mut tally = reader.blank();
            for (at, row) in rows[block].iter().enumerate() {
                tally.clear();
                if let Some(row) = row {
                    reader.add(ledger.history_at(*row as usize), &mut tally);
                }
                self.write(&tally, |column, value| slots[column][at] = value);
            }
        });
        let shares = self.base().map(|(name, _)| format!("share={name}"));
        let names: Vec<String> = shares.chain(["category_entropy".to_owned()]).collect();
        Ok(Features { as_of, customers: customers.clone(), names, values })
    }

    /// The category that a customer mostly buys, in a column `category`: `Mixed` if none has the least share or two have
    /// the same largest one, missing with too few orders. The pooled `(other)` is not one category, and so `Mixed`.
    ///
    /// # Errors
    /// If the least share is not above 0 and at most 1, or a category is itself called `Mixed`; and as
    /// [`features`](Self::features).
    pub fn primary(
        &self,
        ledger: &Ledger,
        as_of: Day,
        customers: &Customers,
        rule: Primary,
    ) -> Result<Categories, Error> {
        if !(rule.least_share > 0.0 && rule.least_share <= 1.0) {
            return Err(Error::parameter("least share", rule.least_share, "must be above 0 and at most 1"));
        }
        let Err(place) = self.categories.binary_search_by(|name| name.as_str().cmp(MIXED)) else {
            return Err(Error::parameter("category", MIXED, "is the name of customers who buy of several"));
        };
        let reader = self.reader(ledger, as_of);
        let rows = blocks::rows_of(ledger.customers(), customers);
        self.check_known(ledger, &reader, &rows)?;
        let mut levels = self.categories.clone();
        levels.insert(place, MIXED.to_owned());
        let level = |taste: Taste| match taste {
            Taste::Unknown => Categories::MISSING,
            Taste::Mixed => place as u32,
            Taste::Mostly(category) => (category + usize::from(category >= place)) as u32,
        };
        let codes = parallel::column(customers.len(), parallel::BLOCK, |block, codes: &mut [u32]| {
            let mut tally = reader.blank();
            for (row, code) in rows[block].iter().zip(codes) {
                tally.clear();
                if let Some(row) = row {
                    reader.add(ledger.history_at(*row as usize), &mut tally);
                }
                *code = level(self.taste(&tally, rule));
            }
        });
        Categories::of_columns(
            customers.clone(),
            as_of,
            vec![("category".to_owned(), Column { levels, codes })],
        )
    }

    /// The reader of a ledger's rows up to a day.
    pub(super) fn reader(&self, ledger: &Ledger, as_of: Day) -> Reader {
        let other = (self.base.len() > self.categories.len()).then_some(self.categories.len());
        let column = |name: &std::sync::Arc<str>| {
            let known = self.categories.binary_search_by(|known| known.as_str().cmp(name));
            known.ok().or(other)
        };
        let columns = ledger.category_names().iter().map(column).collect();
        Reader::new(as_of, self.days, self.base.len(), columns)
    }

    fn check_known(&self, ledger: &Ledger, reader: &Reader, rows: &[Option<u32>]) -> Result<(), Error> {
        let names = ledger.category_names();
        let known = |name: &std::sync::Arc<str>| self.categories.iter().any(|known| **known == **name);
        if self.base.len() > self.categories.len() || names.iter().all(known) {
            return Ok(());
        }
        let mut rows = rows.iter().flatten();
        match rows.find_map(|&row| reader.unknown(ledger.history_at(row as usize))) {
            Some(code) => {
                let rule = "was not learned from, and none are pooled";
                Err(Error::parameter("category", &names[code as usize], rule))
            }
            None => Ok(()),
        }
    }

    /// The columns of a customer; all NaN where nothing can be said.
    fn write(&self, tally: &Tally, mut slot: impl FnMut(usize, f64)) {
        let weights = Weights::of(self.of, tally);
        let seen: f64 = tally.counts.iter().copied().map(f64::from).sum();
        let enough = tally.orders >= self.least_orders && weights.sum > 0.0;
        let mut entropy = 0.0;
        for (column, &base) in self.base.iter().enumerate() {
            let share = shrunk(weights.at(column) / weights.sum, seen, base, self.strength);
            let share = share.filter(|_| enough).unwrap_or(f64::NAN);
            // Nothing has no surprise; what is missing stays so.
            entropy -= if share == 0.0 { 0.0 } else { share * share.ln() };
            slot(column, share);
        }
        slot(self.base.len(), entropy.max(0.0) + if enough { 0.0 } else { f64::NAN });
    }

    fn taste(&self, tally: &Tally, rule: Primary) -> Taste {
        let weights = Weights::of(self.of, tally);
        if tally.orders < rule.least_orders.max(1) || !(weights.sum > 0.0) {
            return Taste::Unknown;
        }
        let most = (0..self.base.len()).map(|column| weights.at(column)).fold(0.0, f64::max);
        let mut largest = (0..self.base.len()).filter(|&column| weights.at(column) >= most);
        match (largest.next(), largest.next()) {
            (Some(category), None)
                if category < self.categories.len() && most / weights.sum >= rule.least_share =>
            {
                Taste::Mostly(category)
            }
            _ => Taste::Mixed,
        }
    }
}

/// What a customer mostly buys.
#[derive(Clone, Copy)]
enum Taste {
    /// With too few orders.
    Unknown,
    Mixed,
    /// One of the categories, by its place.
    Mostly(usize),
}

/// What the columns of a tally weigh.
struct Weights<'a> {
    of: ShareOf,
    tally: &'a Tally,
    sum: f64,
}

impl<'a> Weights<'a> {
    fn of(of: ShareOf, tally: &'a Tally) -> Self {
        let mut weights = Self { of, tally, sum: 0.0 };
        weights.sum = (0..tally.counts.len()).map(|column| weights.at(column)).sum();
        weights
    }

    fn at(&self, column: usize) -> f64 {
        match self.of {
            ShareOf::Purchases => self.tally.counts[column].into(),
            ShareOf::Money => self.tally.money[column] as f64,
        }
    }
}
