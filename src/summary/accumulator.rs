//! What one shard knows of its customers: push, merge, finish.

use std::collections::HashMap;

use super::{
    Observation, Summaries, Summary,
    reckon::{Scratch, Seen},
    summaries::{Columns, Slots},
    summarise::{Done, Part},
};
use crate::{
    domain::{Currency, CustomerId, Customers, Day, People, rows::NONE},
    error::{Error, ErrorKind},
};

/// One row as a shard sees it: a purchase, a line of an order, or a refund (a negative amount).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    day: Day,
    // After the day, so that rows of an order stand together within it: the order of a ledger.
    order: Option<u64>,
    amount: i64,
    cost: Option<i64>,
}

impl Entry {
    /// A row of a day, with its amount in minor units.
    pub fn new(day: Day, amount: i64) -> Self {
        Self { day, order: None, amount, cost: None }
    }

    /// The order it belongs to: the host's number, or a hash of its text that is the same on every shard.
    #[must_use]
    pub fn order(self, order: u64) -> Self {
        Self { order: Some(order), ..self }
    }

    /// What it cost, in minor units.
    #[must_use]
    pub fn cost(self, cost: i64) -> Self {
        Self { cost: Some(cost), ..self }
    }
}

/// What one shard knows of one customer: a commutative monoid whose `finish` is the customer's row.
///
/// [`Accumulator::default`] is the identity. Any split of the rows over shards and any order of pushing
/// and merging finish in the same bits, and in those of [`Observation::summarise`] on a ledger of the same
/// rows. The state is the rows themselves: distinct days cannot be counted from less.
///
/// # Example
/// ```
/// use patronage::{domain::{Currency, Day}, summary::{Accumulator, Entry, Observation}};
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let (mut here, mut there) = (Accumulator::default(), Accumulator::default());
/// here.push(Entry::new(day.plus(7), 300));
/// there.push(Entry::new(day, 1200));
/// here.merge(there);
///
/// let anna = here.finish(&Observation::until(day.plus(30)), Currency::EUR)?.unwrap();
/// assert_eq!((anna.repeats(), anna.first()), (1, day));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    entries: Vec<Entry>,
}

impl Accumulator {
    /// Takes in one row.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes in what another shard knows of the same customer.
    pub fn merge(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
    }

    /// The customer's row, or `None` if the observation sees no purchase.
    ///
    /// # Errors
    /// If the amounts or costs together do not fit an `i64`, or the observation ends before it starts.
    pub fn finish(&self, observation: &Observation, currency: Currency) -> Result<Option<Summary>, Error> {
        let mut customers = Shard::default();
        customers.shares.insert(0_u64.into(), self.clone());
        Ok(customers.finish(observation, currency)?.get(0))
    }
}

/// What one shard knows of all its customers: an [`Accumulator`] each.
///
/// A thread, a partition or a machine fills a shard; shards merge in any order; the last one finishes.
#[derive(Clone, Debug, Default)]
pub struct Shard {
    shares: HashMap<CustomerId, Accumulator>,
}

impl Shard {
    /// Takes in one row of a customer.
    pub fn push(&mut self, customer: impl Into<CustomerId>, entry: Entry) {
        self.shares.entry(customer.into()).or_default().push(entry);
    }

    /// Takes in all that another shard knows.
    pub fn merge(&mut self, other: Self) {
        for (customer, share) in other.shares {
            self.shares.entry(customer).or_default().merge(share);
        }
    }

    /// One row for each customer with a purchase in the observation.
    ///
    /// # Errors
    /// If the amounts or costs together do not fit an `i64`, or the observation ends before it starts.
    pub fn finish(&self, observation: &Observation, currency: Currency) -> Result<Summaries, Error> {
        observation.check()?;
        self.require_sums()?;
        let customers: Customers = self.shares.keys().cloned().collect();
        let mut columns = Columns::blank(customers.len(), true);
        let slots = columns.slots(customers.len().max(1));
        let parts: Vec<Done> =
            slots.into_iter().map(|slots| self.fill(observation, &customers, slots)).collect();
        Ok(observation.table(currency, &customers, columns, &parts))
    }

    fn fill(&self, observation: &Observation, customers: &Customers, slots: Slots<'_>) -> Done {
        let mut part = Part::new(slots, 0);
        let (mut sorted, mut scratch) = (Sorted::default(), Scratch::default());
        for (row, id) in customers.iter().enumerate() {
            if let Some(share) = self.shares.get(&id) {
                sorted.fill(&share.entries);
                part.add(observation, row, sorted.seen(), &mut scratch);
            }
        }
        part.done()
    }

    fn require_sums(&self) -> Result<(), Error> {
        let (mut amounts, mut costs) = (0_u128, 0_u128);
        for entry in self.shares.values().flat_map(|share| &share.entries) {
            amounts += u128::from(entry.amount.unsigned_abs());
            costs += u128::from(entry.cost.unwrap_or_default().unsigned_abs());
        }
        if amounts.max(costs) > i64::MAX as u128 / 2 {
            return Err(ErrorKind::Overflow { what: "the sum of all amounts or costs" }.into());
        }
        Ok(())
    }
}

impl People for Shard {
    fn holds(&self, id: &CustomerId) -> bool {
        self.shares.contains_key(id)
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        self.shares.remove(id).is_some()
    }
}

/// One customer's entries in the columns of a ledger.
#[derive(Default)]
struct Sorted {
    entries: Vec<Entry>,
    /// The distinct orders, ascending: an order's code is its place here.
    orders: Vec<u64>,
    days: Vec<Day>,
    amounts: Vec<i64>,
    codes: Vec<u32>,
    costs: Vec<Option<i64>>,
}

impl Sorted {
    fn fill(&mut self, entries: &[Entry]) {
        self.entries.clear();
        self.entries.extend_from_slice(entries);
        self.entries.sort_unstable();
        self.orders.clear();
        self.orders.extend(entries.iter().filter_map(|entry| entry.order));
        self.orders.sort_unstable();
        self.orders.dedup();
        let code = |order: u64| self.orders.binary_search(&order).map_or(NONE, |at| at as u32);
        let entries = &self.entries;
        refill(&mut self.days, entries, |entry| entry.day);
        refill(&mut self.amounts, entries, |entry| entry.amount);
        refill(&mut self.codes, entries, |entry| entry.order.map_or(NONE, code));
        refill(&mut self.costs, entries, |entry| entry.cost);
    }

    fn seen(&self) -> Seen<'_> {
        Seen { days: &self.days, amounts: &self.amounts, orders: Some(&self.codes), costs: Some(&self.costs) }
    }
}

fn refill<T>(column: &mut Vec<T>, entries: &[Entry], value: impl Fn(&Entry) -> T) {
    column.clear();
    column.extend(entries.iter().map(value));
}
