//! What intake does with the rows that need a decision: each decision a value, each default stated.

use super::Day;

/// What to do with money that goes back: rows with a negative amount.
///
/// An order whose rows come to zero or less is cancelled: it is no purchase, and what is below zero is
/// taken from the customer's total.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Refunds {
    /// A refund is taken from the order it names; without a name, or if that order is not here, from the
    /// customer's total. The default.
    #[default]
    Net,
    /// A refund is taken from the customer's total. The order it names stays a purchase at its full amount.
    NetCustomer,
    /// Refunds are left out.
    Ignore,
    /// A refund is an error.
    Refuse,
}

/// What to do with rows equal to an earlier one in all that their source says of them: for a file, in the
/// text of every field, mapped or not; for a transaction with its moment, in the moment too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Duplicates {
    /// They are kept: two equal lines of one receipt are common. The default.
    #[default]
    Keep,
    /// All but one are left out.
    Drop,
    /// A duplicate is an error.
    Refuse,
}

/// What to do with rows of an amount of zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ZeroAmounts {
    /// They are purchases: someone came and took something, and the literature's counts of CDNOW rest on
    /// it. The default.
    #[default]
    Keep,
    /// They are counted and left out, so that an order worth nothing is no purchase. Value-based
    /// segmentation commonly wants this.
    SetAside,
    /// A zero is an error.
    Refuse,
}

/// What to do with rows without a customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MissingCustomer {
    /// They are kept apart ([`Ledger::anonymous`](super::Ledger::anonymous)): they count in base rates and
    /// never get a score. The default.
    #[default]
    Anonymous,
    /// They are left out.
    Drop,
    /// A missing customer is an error.
    Refuse,
}

/// What to do with rows dated after the `as_of` stated at intake.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LaterDates {
    /// They are kept and counted; an observation does not see past its end anyway. The default.
    #[default]
    Keep,
    /// They are left out.
    SetAside,
    /// A later date is an error.
    Refuse,
}

/// The policies of one intake.
///
/// # Example
/// ```
/// use patronage::domain::{Duplicates, Policies, ZeroAmounts};
///
/// let policies = Policies::default()
///     .duplicates(Duplicates::Drop)
///     .zero_amounts(ZeroAmounts::SetAside);
/// assert_ne!(policies, Policies::strict());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policies {
    pub(crate) refunds: Refunds,
    pub(crate) duplicates: Duplicates,
    pub(crate) zero_amounts: ZeroAmounts,
    pub(crate) missing_customer: MissingCustomer,
    pub(crate) as_of: Option<(Day, LaterDates)>,
    pub(crate) strict: bool,
}

impl Policies {
    /// Every finding is an error that names the row. For data that is meant to be clean.
    pub fn strict() -> Self {
        Self {
            refunds: Refunds::Refuse,
            duplicates: Duplicates::Refuse,
            zero_amounts: ZeroAmounts::Refuse,
            missing_customer: MissingCustomer::Refuse,
            as_of: None,
            strict: true,
        }
    }

    /// What to do with refunds.
    #[must_use]
    pub fn refunds(self, refunds: Refunds) -> Self {
        Self { refunds, ..self }
    }

    /// What to do with exact duplicates.
    #[must_use]
    pub fn duplicates(self, duplicates: Duplicates) -> Self {
        Self { duplicates, ..self }
    }

    /// What to do with amounts of zero.
    #[must_use]
    pub fn zero_amounts(self, zero_amounts: ZeroAmounts) -> Self {
        Self { zero_amounts, ..self }
    }

    /// What to do with rows without a customer.
    #[must_use]
    pub fn missing_customer(self, missing_customer: MissingCustomer) -> Self {
        Self { missing_customer, ..self }
    }

    /// States the day on which the data was taken, and what to do with rows dated later. Without it no
    /// date is late: the crate reads no clock.
    #[must_use]
    pub fn as_of(self, day: Day, later: LaterDates) -> Self {
        Self { as_of: Some((day, later)), ..self }
    }
}
