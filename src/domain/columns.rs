//! Intake in bulk: whole columns at once.

use std::borrow::Cow;

use super::{
    Currency, Customers, Day, Findings, Ledger, Policies, build,
    intake::Intake,
    packed::Range,
    pending::{Entry, Who},
};
use crate::{
    error::{Error, ErrorKind},
    math::parallel,
};

/// A column of customers, as a host has them in memory.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CustomerColumn<'a> {
    /// Numbers, none missing. The fastest.
    Integers(&'a [u64]),
    /// Numbers, some missing.
    OptionalIntegers(&'a [Option<u64>]),
    /// Texts; a blank one is a missing customer.
    Texts(&'a [&'a str]),
}

impl<'a> From<&'a [u64]> for CustomerColumn<'a> {
    fn from(ids: &'a [u64]) -> Self {
        Self::Integers(ids)
    }
}

impl<'a> From<&'a Vec<u64>> for CustomerColumn<'a> {
    fn from(ids: &'a Vec<u64>) -> Self {
        Self::Integers(ids)
    }
}

impl<'a> From<&'a [Option<u64>]> for CustomerColumn<'a> {
    fn from(ids: &'a [Option<u64>]) -> Self {
        Self::OptionalIntegers(ids)
    }
}

impl<'a> From<&'a [&'a str]> for CustomerColumn<'a> {
    fn from(ids: &'a [&'a str]) -> Self {
        Self::Texts(ids)
    }
}

impl<'a> CustomerColumn<'a> {
    fn len(&self) -> usize {
        match self {
            Self::Integers(ids) => ids.len(),
            Self::OptionalIntegers(ids) => ids.len(),
            Self::Texts(ids) => ids.len(),
        }
    }

    fn who(&self, row: usize) -> Option<Who<'a>> {
        match self {
            Self::Integers(ids) => Some(Who::Integer(ids[row])),
            Self::OptionalIntegers(ids) => ids[row].map(Who::Integer),
            Self::Texts(ids) => Some(Who::parse(ids[row])).filter(|who| !who.is_blank()),
        }
    }
}

/// Purchases as columns of one length, a row each, in any order.
///
/// # Example
/// ```
/// use patronage::domain::{Columns, Currency, Day, Ledger, Policies};
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let (customers, days, amounts) = ([9_u64, 7, 9], [day, day, day.plus(3)], [1200, 450, 800]);
/// let columns = Columns::new(&customers[..], &days, &amounts);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// assert_eq!(ledger.customers().len(), 2);
/// assert_eq!(ledger.revenue().minor(), 2450);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    customers: CustomerColumn<'a>,
    days: &'a [Day],
    amounts: &'a [i64],
    orders: Option<&'a [&'a str]>,
    categories: Option<&'a [&'a str]>,
    costs: Option<&'a [i64]>,
}

impl<'a> Columns<'a> {
    /// Columns of customers, days, and amounts in minor units (negative where money goes back).
    pub fn new(customers: impl Into<CustomerColumn<'a>>, days: &'a [Day], amounts: &'a [i64]) -> Self {
        Self { customers: customers.into(), days, amounts, orders: None, categories: None, costs: None }
    }

    /// The order of each row; an empty text is none.
    #[must_use]
    pub fn orders(self, orders: &'a [&'a str]) -> Self {
        Self { orders: Some(orders), ..self }
    }

    /// The category of each row; an empty text is none.
    #[must_use]
    pub fn categories(self, categories: &'a [&'a str]) -> Self {
        Self { categories: Some(categories), ..self }
    }

    /// The cost of each row in minor units.
    #[must_use]
    pub fn costs(self, costs: &'a [i64]) -> Self {
        Self { costs: Some(costs), ..self }
    }

    fn check(&self) -> Result<usize, Error> {
        let rows = self.customers.len();
        let lengths = [
            ("days", Some(self.days.len())),
            ("amounts", Some(self.amounts.len())),
            ("orders", self.orders.map(<[_]>::len)),
            ("categories", self.categories.map(<[_]>::len)),
            ("costs", self.costs.map(<[_]>::len)),
        ];
        for (what, found) in lengths {
            if let Some(found) = found.filter(|&found| found != rows) {
                return Err(ErrorKind::Length { what, expected: rows, found }.into());
            }
        }
        if rows >= u32::MAX as usize {
            return Err(ErrorKind::Overflow { what: "the number of rows" }.into());
        }
        Ok(rows)
    }

    pub(crate) fn days(&self) -> &'a [Day] {
        self.days
    }

    pub(crate) fn amounts(&self) -> &'a [i64] {
        self.amounts
    }

    /// A number for each row's customer that ascends with their ids, and the customers if the numbers are
    /// not the ids themselves. Rows without a customer have a number past the last customer's.
    ///
    /// # Errors
    /// If the columns differ in length.
    pub(crate) fn keys(&self) -> Result<(Cow<'a, [u64]>, Option<Customers>), Error> {
        let rows = self.check()?;
        if let CustomerColumn::Integers(ids) = self.customers {
            return Ok((Cow::Borrowed(ids), None));
        }
        let id = |row| self.customers.who(row).map(Who::id);
        let customers: Customers = (0..rows).filter_map(id).collect();
        let key = |row| id(row).and_then(|id| customers.position(&id)).unwrap_or(customers.len()) as u64;
        Ok(((0..rows).map(key).collect(), Some(customers)))
    }

    /// Numbers, days and amounts and nothing more: what the bulk road takes.
    fn plain(&self) -> Option<build::Plain<'a>> {
        match (self.customers, self.orders, self.categories, self.costs) {
            (CustomerColumn::Integers(ids), None, None, None) => Some((ids, self.days, self.amounts)),
            _ => None,
        }
    }
}

impl Ledger {
    /// Builds a ledger from whole columns: about linear time, in memory of little more than the ledger's
    /// own where the columns are plain numbers.
    ///
    /// # Errors
    /// If the columns differ in length, a policy refuses a row (named, counting from 0), or the amounts
    /// together do not fit an `i64`.
    pub fn from_columns(
        currency: Currency,
        columns: &Columns<'_>,
        policies: Policies,
    ) -> Result<Self, Error> {
        let rows = columns.check()?;
        let Some(plain) = columns.plain() else {
            return row_by_row(currency, columns, policies, rows);
        };
        let mut findings = Findings::default();
        let (customers, days, amounts) = plain;
        let range = Range::of(days, amounts);
        match sift(currency, (days, amounts, range), policies, &mut findings)? {
            None => build::from_columns(currency, policies, findings, plain, range, |row| row as u64),
            Some(kept) => {
                let customers: Vec<u64> = kept.iter().map(|&row| customers[row as usize]).collect();
                let days: Vec<Day> = kept.iter().map(|&row| days[row as usize]).collect();
                let amounts: Vec<i64> = kept.iter().map(|&row| amounts[row as usize]).collect();
                let number = |row: usize| u64::from(kept[row]);
                let (plain, range) = ((&customers[..], &days[..], &amounts[..]), Range::of(&days, &amounts));
                build::from_columns(currency, policies, findings, plain, range, number)
            }
        }
    }
}

fn row_by_row(
    currency: Currency,
    columns: &Columns<'_>,
    policies: Policies,
    rows: usize,
) -> Result<Ledger, Error> {
    let text = |column: Option<&'_ [&'_ str]>, row: usize| {
        let text = column?[row];
        (!text.is_empty()).then(|| text.to_owned())
    };
    let mut intake = Intake::new(currency).policies(policies);
    for row in 0..rows {
        let (order, category) = (text(columns.orders, row), text(columns.categories, row));
        intake.entry(Entry {
            who: columns.customers.who(row),
            order: order.as_deref(),
            category: category.as_deref(),
            cost: columns.costs.map(|costs| costs[row]),
            ..Entry::new(row as u64, columns.days[row], columns.amounts[row])
        })?;
    }
    intake.finish()
}

/// Judges the rows of plain columns as [`Intake`] would. Says which to keep, or `None` for all.
fn sift(
    currency: Currency,
    (days, amounts, range): (&[Day], &[i64], Range),
    policies: Policies,
    findings: &mut Findings,
) -> Result<Option<Vec<u32>>, Error> {
    let last = policies.as_of.map_or(Day::MAX, |(day, _)| day);
    let unusual = |&row: &u32| amounts[row as usize] <= 0 || days[row as usize] > last;
    // Most columns have nothing unusual, which their range shows.
    let usual = range.lowest > 0 && range.last <= last;
    let chunks = parallel::ranges(if usual { 0 } else { days.len() }, 1 << 16);
    let found = parallel::map(chunks, |chunk| -> Vec<u32> {
        (chunk.start as u32..chunk.end as u32).filter(unusual).collect()
    });
    // Only the unusual rows meet the policies, by the same road as any other intake.
    let mut intake = Intake::new(currency).policies(policies);
    let mut left_out = Vec::new();
    for row in found.into_iter().flatten() {
        let at = row as usize;
        let who = Some(Who::Integer(0));
        if !intake.judge(&mut Entry { who, ..Entry::new(u64::from(row), days[at], amounts[at]) })? {
            left_out.push(row);
        }
    }
    *findings = intake.into_findings();
    findings.add_rows(days.len() as u64);
    findings.leave_out(left_out.len() as u64);
    if left_out.is_empty() {
        return Ok(None);
    }
    let mut left_out = left_out.into_iter().peekable();
    let kept = (0..days.len() as u32).filter(|&row| left_out.next_if_eq(&row).is_none());
    Ok(Some(kept.collect()))
}
