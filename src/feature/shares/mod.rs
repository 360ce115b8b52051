//! What each customer buys: the share of each category, how mixed the basket is, and what it is mostly.

mod model;
#[cfg(feature = "serde")]
mod saved;
mod tally;
mod tests;

pub use self::model::{Primary, ShareModel};
use self::tally::{Reader, Tally};
use super::{
    shrinkage::{Shrinkage, Tallies},
    window::{self, Days},
};
use crate::{
    domain::{Day, Ledger},
    error::{Error, ErrorKind},
    math::parallel,
};

/// Most categories that are kept unless [`CategoryShares::top`] says how many.
pub const MOST_CATEGORIES: usize = 1000;

/// What a category has a share of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ShareOf {
    /// Of what was bought, row by row of the ledger: lines of orders.
    Purchases,
    /// Of the money spent on it.
    Money,
}

/// How the shares of categories are learned from a [`Ledger`].
///
/// A row counts that has a category and an amount of at least 0 and lies in the window; refunds, which name no
/// category, do not. The base rate is the share among all of them, those without a customer too.
///
/// [`CategoryShares::fit`] learns categories, base rates and the strength of shrinkage once; the [`ShareModel`] gives
/// the shares of customers then and later.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Columns, Currency, Day, Ledger, Policies},
///     feature::{CategoryShares, Primary, ShareOf, Shrinkage},
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day.plus(-3), day.plus(-2), day.plus(-1), day];
/// let who = ["anna", "anna", "anna", "ben"];
/// let what = ["bread", "bread", "cake", "cake"];
/// let columns = Columns::new(&who[..], &days, &[300, 300, 450, 450]).categories(&what);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
///
/// let shares = CategoryShares::of(ShareOf::Purchases).shrinkage(Shrinkage::Strength(1.0)).fit(&ledger, day)?;
/// let table = shares.features(&ledger, day, ledger.customers())?;
/// // Half of all purchases are bread: (2 + 1/2) / 4 and (0 + 1/2) / 2.
/// assert_eq!(table.column("share=bread")?.collect::<Vec<_>>(), [Some(0.625), Some(0.25)]);
///
/// let mostly = shares.primary(&ledger, day, ledger.customers(), Primary { least_share: 0.6, least_orders: 2 })?;
/// assert_eq!(mostly.column("category")?.collect::<Vec<_>>(), [Some("bread"), None]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct CategoryShares {
    of: ShareOf,
    days: Days,
    shrinkage: Shrinkage,
    least_orders: u32,
    top: Option<usize>,
}

impl CategoryShares {
    /// Shares of everything up to the day asked for, drawn towards the base by a learned strength, for whoever has an
    /// order with a category.
    pub fn of(of: ShareOf) -> Self {
        Self { of, days: None, shrinkage: Shrinkage::Learned, least_orders: 1, top: None }
    }

    /// Only the last so many days, at least 1.
    #[must_use]
    pub fn days(self, days: u32) -> Self {
        Self { days: Some(days), ..self }
    }

    /// How strongly shares are drawn towards the base.
    #[must_use]
    pub fn shrinkage(self, shrinkage: Shrinkage) -> Self {
        Self { shrinkage, ..self }
    }

    /// Least number of orders with a category; with fewer all shares of the customer are missing. At least 1. Rows of a
    /// day without an order are one order.
    #[must_use]
    pub fn least_orders(self, orders: u32) -> Self {
        Self { least_orders: orders.max(1), ..self }
    }

    /// Keeps the so many categories with the largest base rate and pools the rest, and any that is new later, as
    /// `(other)`.
    #[must_use]
    pub fn top(self, categories: usize) -> Self {
        Self { top: Some(categories), ..self }
    }

    /// Learns from what was bought up to a day.
    ///
    /// # Errors
    /// If the window has no day, a strength is out of range, no row in the window has a category, or there are more
    /// than [`MOST_CATEGORIES`] of which all were to be kept.
    pub fn fit(&self, ledger: &Ledger, as_of: Day) -> Result<ShareModel, Error> {
        window::check(self.days)?;
        self.shrinkage.check()?;
        let names = ledger.category_names();
        let every = (0..names.len()).map(Some).collect();
        let all = sum(ledger, &Reader::new(as_of, self.days, names.len(), every));
        let weights = self.of.weights(&all);
        let mut kept: Vec<usize> = (0..names.len()).filter(|&code| all.counts[code] > 0).collect();
        if kept.is_empty() || weights.iter().all(|&weight| weight == 0) {
            return Err(ErrorKind::Empty { what: "purchases with a category" }.into());
        }
        if self.top.is_none() && kept.len() > MOST_CATEGORIES {
            return Err(Error::parameter("categories", kept.len(), "are too many: say how many to keep"));
        }
        // Stable, so that of equal weights the first by name is kept.
        kept.sort_by_key(|&code| std::cmp::Reverse(weights[code]));
        kept.truncate(self.top.unwrap_or(usize::MAX));
        kept.sort_unstable();
        let categories: Vec<String> = kept.iter().map(|&code| names[code].to_string()).collect();
        let mut model = ShareModel {
            as_of,
            of: self.of,
            days: self.days,
            least_orders: self.least_orders,
            base: base(&kept, self.top.is_some(), &weights),
            categories,
            strength: 0.0,
        };
        let reader = model.reader(ledger, as_of);
        model.strength = self.shrinkage.strength(&tallies(ledger, &reader), &model.base);
        Ok(model)
    }
}

impl ShareOf {
    /// What the categories of a tally weigh in this.
    fn weights(self, tally: &Tally) -> Vec<u64> {
        match self {
            Self::Purchases => tally.counts.iter().copied().map(u64::from).collect(),
            // Amounts that count are not below zero.
            Self::Money => tally.money.iter().map(|&money| money.unsigned_abs()).collect(),
        }
    }
}

/// All rows of the ledger together.
fn sum(ledger: &Ledger, reader: &Reader) -> Tally {
    let blocks = parallel::ranges(ledger.customers().len(), parallel::BLOCK);
    let sums = parallel::map(blocks, |rows| {
        let mut tally = reader.blank();
        rows.for_each(|row| reader.add(ledger.history_at(row), &mut tally));
        tally
    });
    let mut all = reader.blank();
    reader.add(ledger.anonymous(), &mut all);
    for sum in &sums {
        all.merge(sum);
    }
    all
}

/// The shares of the kept categories, and of the others together if there is a column for them.
fn base(kept: &[usize], pooled: bool, weights: &[u64]) -> Vec<f64> {
    let all: u128 = weights.iter().copied().map(u128::from).sum();
    let own = kept.iter().map(|&code| u128::from(weights[code]));
    let others = all - own.clone().sum::<u128>();
    own.chain(pooled.then_some(others)).map(|weight| weight as f64 / all as f64).collect()
}

/// How many customers bought each category how often.
fn tallies(ledger: &Ledger, reader: &Reader) -> Tallies {
    let blocks = parallel::ranges(ledger.customers().len(), parallel::BLOCK);
    let parts = parallel::map(blocks, |rows| {
        let mut tallies = Tallies::new(reader.width());
        let mut tally = reader.blank();
        for row in rows {
            tally.clear();
            reader.add(ledger.history_at(row), &mut tally);
            tallies.add(&tally.counts);
        }
        tallies
    });
    let mut all = Tallies::new(reader.width());
    for part in &parts {
        all.merge(part);
    }
    all
}
