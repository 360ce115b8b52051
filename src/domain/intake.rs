//! Intake: rows in any order become a ledger (a stand-in until the real one arrives).

use super::{Currency, Day, Findings, Money, Policies, id::canonical_integer};
use crate::Error;

/// How much of a product, exact to a thousandth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quantity(i64);

impl Quantity {
    /// So many thousandths.
    pub const fn of_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }
}

/// A customer as a row names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who<'a> {
    Integer(u64),
    Text(&'a str),
}

impl<'a> Who<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        canonical_integer(text).map_or(Self::Text(text), Self::Integer)
    }
}

/// One row offered to intake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) row: u64,
    pub(crate) who: Option<Who<'a>>,
    pub(crate) day: Day,
    pub(crate) amount: i64,
    pub(crate) order: Option<&'a str>,
    pub(crate) cancelling: bool,
    pub(crate) product: Option<&'a str>,
    pub(crate) category: Option<&'a str>,
    pub(crate) channel: Option<&'a str>,
    pub(crate) quantity: Option<Quantity>,
    pub(crate) discount: Option<i64>,
    pub(crate) cost: Option<i64>,
    pub(crate) fingerprint: Option<u64>,
}

impl Entry<'_> {
    pub(crate) fn new(row: u64, day: Day, amount: i64) -> Self {
        Self {
            row,
            who: None,
            day,
            amount,
            order: None,
            cancelling: false,
            product: None,
            category: None,
            channel: None,
            quantity: None,
            discount: None,
            cost: None,
            fingerprint: None,
        }
    }
}

/// Takes rows in.
#[derive(Debug)]
pub struct Intake {
    currency: Currency,
    policies: Policies,
    findings: Findings,
    sum: i64,
    mix: u64,
}

impl Intake {
    /// Takes in rows of one currency.
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            policies: Policies::default(),
            findings: Findings::default(),
            sum: 0,
            mix: 0,
        }
    }

    /// What to do with the rows that need a decision.
    #[must_use]
    pub fn policies(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether every finding is an error.
    pub(crate) fn is_strict(&self) -> bool {
        self.policies.strict
    }

    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn entry(&mut self, entry: Entry<'_>) -> Result<(), Error> {
        self.findings.add_rows(1);
        self.sum = self.sum.wrapping_add(entry.amount);
        self.mix ^= entry.fingerprint.unwrap_or_default();
        std::hint::black_box(entry);
        Ok(())
    }

    pub(crate) fn findings_mut(&mut self) -> &mut Findings {
        &mut self.findings
    }

    /// Builds the ledger.
    ///
    /// # Errors
    /// Never.
    pub fn finish(self) -> Result<Ledger, Error> {
        Ok(Ledger {
            findings: self.findings,
            revenue: Money::of_minor(self.sum, self.currency),
        })
    }
}

/// A checked list of purchases and refunds.
#[derive(Debug)]
pub struct Ledger {
    findings: Findings,
    revenue: Money,
}

impl Ledger {
    /// What intake met, and what it did.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Purchases less refunds.
    pub fn revenue(&self) -> Money {
        self.revenue
    }
}
