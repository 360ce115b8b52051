//! A population whose truth is known.

use super::{Person, Process, Spend, person};
use crate::{
    Error,
    domain::{Columns, Currency, CustomerId, Day, Ledger, Policies},
};

/// Customers who buy by a [`Process`] and spend by a [`Spend`], with the truth about each.
///
/// They are won on days drawn evenly from a span, and numbered from 1. Each has random numbers of their own,
/// made from the seed and the number: the first hundred of a thousand are the hundred of a hundred, and a
/// later end of observation adds purchases and changes none.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Currency, Day, Tick},
///     simulate::{Cohort, Population, Process, Spend},
/// };
///
/// let first = Day::ymd(1997, 1, 1)?;
/// let music = Population::new(
///     Cohort::new(200, first, first.plus(83))?,
///     Process::pareto_nbd(0.5533, 10.578, 0.6062, 11.669, Tick::Week)?,
///     Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::USD)?,
///     first.plus(272),
///     7,
/// )?;
///
/// let left = music.people().filter(|person| !person.truth.alive_on(music.end())).count();
/// assert!(left > 20 && left < 180);
/// assert_eq!(music.ledger()?.customers().len(), 200);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Population {
    pub(super) cohort: Cohort,
    pub(super) process: Process,
    pub(super) spend: Spend,
    pub(super) until: Day,
    pub(super) seed: u64,
    pub(super) most_purchases: u32,
}

/// How many customers are won, and between which days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cohort {
    customers: u32,
    pub(super) first: Day,
    pub(super) last: Day,
}

impl Cohort {
    /// So many customers, won between two days, both included.
    ///
    /// # Errors
    /// If the last day is before the first.
    pub fn new(customers: u32, first: Day, last: Day) -> Result<Self, Error> {
        if last < first {
            return Err(Error::parameter("last day of a cohort", last, "is before its first"));
        }
        Ok(Self { customers, first, last })
    }
}

impl Population {
    /// Customers seen until a day, that day included, with at most 10,000 purchases each.
    ///
    /// # Errors
    /// If that day is before the last on which customers are won.
    pub fn new(cohort: Cohort, process: Process, spend: Spend, until: Day, seed: u64) -> Result<Self, Error> {
        if until < cohort.last {
            return Err(Error::parameter("last day seen", until, "is before all customers are won"));
        }
        Ok(Self { cohort, process, spend, until, seed, most_purchases: 10_000 })
    }

    /// The most purchases of one customer, the first among them. Who would buy more often is cut short, and
    /// their truth says so: extreme parameters end.
    #[must_use]
    pub fn most_purchases(self, most: u32) -> Self {
        Self { most_purchases: most.max(1), ..self }
    }

    /// How many customers there are.
    pub fn len(&self) -> u64 {
        self.cohort.customers.into()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cohort.customers == 0
    }

    /// The last day seen.
    pub fn end(&self) -> Day {
        self.until
    }

    /// The currency of all amounts.
    pub fn currency(&self) -> Currency {
        self.spend.currency
    }

    /// One customer by number, counting from 1; `None` past the last. Costs no more than that customer.
    pub fn person(&self, number: u64) -> Option<Person> {
        (1..=self.len()).contains(&number).then(|| person::live(self, number))
    }

    /// All customers, in the order of their numbers, made one at a time.
    pub fn people(&self) -> impl Iterator<Item = Person> {
        (1..=self.len()).map(|number| person::live(self, number))
    }

    /// All purchases: customer, day, and amount in minor units, by customer and time.
    pub fn purchases(&self) -> impl Iterator<Item = (CustomerId, Day, i64)> {
        self.people().flat_map(|person| {
            let Person { truth, sales } = person;
            sales.into_iter().map(move |sale| (truth.customer.clone(), sale.day, sale.amount.minor()))
        })
    }

    /// The purchases as a ledger. Holds all of them in memory at once.
    ///
    /// # Errors
    /// If there are more rows than a ledger can hold, or the amounts together do not fit.
    pub fn ledger(&self) -> Result<Ledger, Error> {
        let (mut customers, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
        for (number, person) in (1..).zip(self.people()) {
            for sale in person.sales {
                customers.push(number);
                days.push(sale.day);
                amounts.push(sale.amount.minor());
            }
        }
        let columns = Columns::new(&customers, &days, &amounts);
        Ledger::from_columns(self.currency(), &columns, Policies::default())
    }
}
