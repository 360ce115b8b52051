//! What was met on the way: every decision counted, with a few sample rows.

use std::fmt;

/// A kind of row or customer that needed a decision.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Finding {
    /// A record that could not be read, in lenient reading.
    Unreadable,
    /// A row without a customer.
    MissingCustomer,
    /// A row of a customer who has not granted the purpose on the day, or of whom no consent is known.
    WithoutConsent,
    /// A row of an order that cancels (by the mark the host stated).
    Cancelling,
    /// A row with a negative amount.
    Refund,
    /// A refund that names an order which is not here; it nets against the customer.
    OrphanRefund,
    /// A row with an amount of zero.
    ZeroAmount,
    /// A row with a unit price of zero or below.
    NonPositivePrice,
    /// A row equal to an earlier one in all that its source says.
    ExactDuplicate,
    /// A row dated after the `as_of` stated at intake.
    AfterAsOf,
    /// An amount with more decimals than the currency, rounded because the host asked for it.
    Rounded,
    /// A transaction whose lines do not add up to its amount; the rest became a line of its own.
    LinesDiffer,
    /// A row before the observation.
    BeforeFrom,
    /// A row after the observation.
    AfterUntil,
    /// A purchase merged into an earlier one of the same day.
    SameDay,
    /// An order that came to zero or less: returned whole, or a document that only cancels. No purchase.
    CancelledOrder,
    /// A customer without a purchase in the observation (refunds or cancelled orders alone).
    NoPurchase,
}

impl Finding {
    /// The finding in words, as a reader of a report would want it.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Unreadable => "records that could not be read",
            Self::MissingCustomer => "rows without a customer",
            Self::WithoutConsent => "rows of customers without consent",
            Self::Cancelling => "rows on cancelling orders",
            Self::Refund => "rows with a negative amount",
            Self::OrphanRefund => "refunds of orders that are not here",
            Self::ZeroAmount => "rows with an amount of zero",
            Self::NonPositivePrice => "rows with a unit price at or below zero",
            Self::ExactDuplicate => "exact duplicates",
            Self::AfterAsOf => "rows dated after as_of",
            Self::Rounded => "amounts rounded to the minor unit",
            Self::LinesDiffer => "transactions whose lines do not add up",
            Self::BeforeFrom => "rows before the observation",
            Self::AfterUntil => "rows after the observation",
            Self::SameDay => "purchases merged into one of the same day",
            Self::CancelledOrder => "orders that came to zero or less",
            Self::NoPurchase => "customers without a purchase",
        }
    }
}

/// One row as an example of a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sample {
    /// The row's number in the order of intake, from 0; for a text file, the line from 1.
    pub row: u64,
    /// What was noted: a day, an amount, or, of a record that could not be read, the column and the fault.
    /// Never a customer's id.
    pub text: String,
}

/// How often a finding was made, what was done, and a few of the rows.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Found {
    /// What was met.
    pub finding: Finding,
    /// How many rows (for [`Finding::NoPurchase`] customers, for [`Finding::CancelledOrder`] orders).
    pub count: u64,
    /// What the policy did with them, in words.
    pub treatment: String,
    /// The first few, in the order of intake. None for what is counted in whole columns at once, where rows
    /// have lost their numbers: duplicates in bulk intake, and all that an observation counts.
    pub samples: Vec<Sample>,
}

/// Everything intake or an observation met: nothing is lost or changed without being counted here.
///
/// Printed, it is a short report for people.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Findings {
    rows: u64,
    left_out: u64,
    found: Vec<Found>,
}

const MOST_SAMPLES: usize = 5;

impl Findings {
    /// Rows offered.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows that were left out of the result.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How often a finding was made.
    pub fn count(&self, finding: Finding) -> u64 {
        self.of(finding).map_or(0, |found| found.count)
    }

    /// A finding with its samples, if it was made.
    pub fn of(&self, finding: Finding) -> Option<&Found> {
        self.found.iter().find(|found| found.finding == finding)
    }

    /// All that was found, in the order of [`Finding`].
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Found> {
        self.found.iter()
    }

    /// Whether the same was found, whichever rows are the samples.
    pub(super) fn same_counts(&self, other: &Self) -> bool {
        let count = |found: &Found| (found.finding, found.count);
        (self.rows, self.left_out) == (other.rows, other.left_out)
            && self.found.iter().map(count).eq(other.found.iter().map(count))
    }

    /// Drops the samples: they may be rows of somebody who is to be forgotten.
    pub(super) fn forget_samples(&mut self) {
        for found in &mut self.found {
            found.samples.clear();
        }
    }

    pub(crate) fn add_rows(&mut self, rows: u64) {
        self.rows += rows;
    }

    pub(crate) fn leave_out(&mut self, rows: u64) {
        self.left_out += rows;
    }

    /// Counts `count` rows at once, without samples.
    pub(crate) fn add(&mut self, finding: Finding, count: u64, treatment: &str) {
        if count > 0 {
            self.entry(finding, treatment).count += count;
        }
    }

    /// Counts one row, and keeps it as a sample if there is room.
    pub(crate) fn note(
        &mut self,
        finding: Finding,
        treatment: &str,
        row: u64,
        text: impl FnOnce() -> String,
    ) {
        let found = self.entry(finding, treatment);
        found.count += 1;
        if found.samples.len() < MOST_SAMPLES {
            found.samples.push(Sample { row, text: text() });
        }
    }

    fn entry(&mut self, finding: Finding, treatment: &str) -> &mut Found {
        let place = match self.found.binary_search_by_key(&finding, |found| found.finding) {
            Ok(place) => place,
            Err(place) => {
                let new = Found { finding, count: 0, treatment: treatment.to_owned(), samples: Vec::new() };
                self.found.insert(place, new);
                place
            }
        };
        &mut self.found[place]
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows, {} left out", self.rows, self.left_out)?;
        for found in &self.found {
            write!(f, "\n{:>9} {}: {}", found.count, found.finding.describe(), found.treatment)?;
            let mut samples = found.samples.iter();
            if let Some(first) = samples.next() {
                write!(f, " (e.g. row {}: {})", first.row, first.text)?;
            }
        }
        Ok(())
    }
}
