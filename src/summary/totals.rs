//! Count, first, last and sum: what a customer comes to when days do not matter.

use crate::{
    domain::{
        Columns, Currency, CustomerId, Customers, Day, Money, People,
        packed::{Packed, Packing, Range},
    },
    error::{Error, ErrorKind},
    math::fold::fold,
};

/// Count, first day, last day and sum of a customer's rows: a commutative monoid of fixed size.
///
/// The default is the identity; [`push`](Self::push) takes a row in and [`merge`](Self::merge) another
/// shard's share. Any split and any order give the same bits.
///
/// # Example
/// ```
/// use patronage::{domain::{Currency, Day}, summary::Totals};
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let (mut here, mut there) = (Totals::default(), Totals::default());
/// here.push(day, 1200);
/// there.push(day.plus(7), 300);
/// here.merge(there);
/// assert_eq!(here.rows(), 2);
/// assert_eq!(here.last(), Some(day.plus(7)));
/// assert_eq!(here.sum(Currency::EUR)?.to_string(), "15.00 EUR");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    rows: u64,
    first: Day,
    last: Day,
    /// Minor units; no number of `i64` that a machine can hold overflows it.
    sum: i128,
}

impl Default for Totals {
    fn default() -> Self {
        Self { rows: 0, first: Day::MAX, last: Day::MIN, sum: 0 }
    }
}

impl Totals {
    /// Takes in one row: its day, and its amount in minor units.
    pub fn push(&mut self, day: Day, amount: i64) {
        self.rows += 1;
        self.first = self.first.min(day);
        self.last = self.last.max(day);
        self.sum += i128::from(amount);
    }

    /// Takes in what another shard knows of the same customer.
    pub fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.sum += other.sum;
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The earliest day, if there is a row.
    pub fn first(&self) -> Option<Day> {
        (self.rows > 0).then_some(self.first)
    }

    /// The latest day, if there is a row.
    pub fn last(&self) -> Option<Day> {
        (self.rows > 0).then_some(self.last)
    }

    /// The sum of all amounts.
    ///
    /// # Errors
    /// If it does not fit an `i64` of minor units.
    pub fn sum(&self, currency: Currency) -> Result<Money, Error> {
        let minor = i64::try_from(self.sum).map_err(|_| ErrorKind::Overflow { what: "a customer's sum" })?;
        Ok(Money::of_minor(minor, currency))
    }
}

/// The [`Totals`] of every customer, ascending by customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotalsTable {
    customers: Customers,
    totals: Vec<Totals>,
    anonymous: Totals,
}

impl TotalsTable {
    /// The totals of whole columns, every row as it stands: no policy, no merge.
    ///
    /// # Errors
    /// If the columns differ in length.
    pub fn of(columns: &Columns<'_>) -> Result<Self, Error> {
        let (keys, customers) = columns.keys()?;
        let (days, amounts) = (columns.days(), columns.amounts());
        let (keys, totals) = match Packing::of(Range::of(days, amounts)) {
            Some(packing) if packing.is_narrow() => packed::<u32>(&keys, days, amounts, packing),
            Some(packing) => packed::<u64>(&keys, days, amounts, packing),
            None => {
                let row = |row: usize| (days[row], amounts[row]);
                fold(&keys, row, |totals: &mut Totals, (day, amount)| totals.push(day, amount))
            }
        };
        let customers = match customers {
            None => Customers::from_sorted_integers(keys),
            Some(customers) => customers,
        };
        // Nobody's rows have a number past the last customer's.
        let anonymous = totals.get(customers.len()).copied().unwrap_or_default();
        Ok(Self { totals: totals.into_iter().take(customers.len()).collect(), customers, anonymous })
    }

    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Totals in the order of [`customers`](Self::customers).
    pub fn totals(&self) -> &[Totals] {
        &self.totals
    }

    /// The totals of the rows without a customer.
    pub fn anonymous(&self) -> Totals {
        self.anonymous
    }

    /// The totals of one customer.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`] if the customer is not here.
    pub fn get(&self, id: &CustomerId) -> Result<Totals, Error> {
        Ok(self.totals[self.customers.require(id)?])
    }
}

/// Keys and totals of rows that are moved as packed numbers.
fn packed<P: Packed>(
    keys: &[u64],
    days: &[Day],
    amounts: &[i64],
    packing: Packing,
) -> (Vec<u64>, Vec<Totals>) {
    let row = |row: usize| P::of(packing.pack(days[row], amounts[row]));
    fold(keys, row, |totals: &mut Totals, packed| {
        let (day, amount) = packing.unpack(packed.into());
        totals.push(day, amount);
    })
}

impl People for TotalsTable {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        self.totals.remove(row);
        true
    }
}
