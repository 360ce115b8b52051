//! What a study found on each day, and whom it left out.

use std::{fmt, ops::Range};

use super::{Buyers, standing::Outcome};
use crate::{
    churn::{Examples, Predictors},
    domain::{CustomerId, Customers, Day, People},
    error::Error,
};

/// The examples of a study, and who is not among them.
#[derive(Clone, Debug)]
pub struct Studied {
    pub(super) examples: Examples,
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) buyers: Buyers,
}

/// One day of a study.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The day.
    pub day: Day,
    /// Who had left before the day: not scored.
    pub already_churned: Customers,
    /// Who is too new.
    pub too_new: Customers,
    /// Who left within the gap, and so is no example.
    pub churned_in_gap: Customers,
    /// Whose outcome is not yet known, and so is no example.
    pub outcome_unknown: Customers,
    rows: Range<usize>,
}

/// How many customers of a snapshot, or of all of them, are examples, and how many are not and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Census {
    /// Examples.
    pub eligible: u64,
    /// Had left before.
    pub already_churned: u64,
    /// Too new.
    pub too_new: u64,
    /// Left within the gap.
    pub churned_in_gap: u64,
    /// Of whom it is not known yet.
    pub outcome_unknown: u64,
}

/// The customers of a day, to be scored.
#[derive(Clone, Debug)]
pub struct Present {
    /// The day.
    pub day: Day,
    /// What is known of those who are customers.
    pub predictors: Predictors,
    /// Who has left.
    pub already_churned: Customers,
    /// Who is too new.
    pub too_new: Customers,
}

impl Studied {
    /// The examples of all snapshots, a day below the other.
    pub fn examples(&self) -> &Examples {
        &self.examples
    }

    /// The days.
    pub fn snapshots(&self) -> &[Snapshot] {
        &self.snapshots
    }

    /// The purchase histories of everybody on each day, for models of purchases to learn from.
    pub fn buyers(&self) -> &Buyers {
        &self.buyers
    }

    /// The examples of one day; none of a day that is not here or has none.
    ///
    /// # Errors
    /// None that can happen: as [`Examples::take`].
    pub fn examples_on(&self, day: Day) -> Result<Examples, Error> {
        let rows = self.snapshots.iter().find(|snapshot| snapshot.day == day);
        let rows: Vec<u32> =
            rows.into_iter().flat_map(|snapshot| snapshot.rows.clone()).map(|row| row as u32).collect();
        self.examples.take(&rows)
    }

    /// How many were examples and how many were not, over all days: a customer counts on each.
    pub fn census(&self) -> Census {
        self.snapshots.iter().fold(Census::default(), |all, snapshot| all.and(snapshot.census()))
    }
}

impl Snapshot {
    pub(super) fn of(past: &super::Past, seen: &super::Seen, known: bool) -> Self {
        Self {
            day: past.day,
            already_churned: seen.already_churned.clone(),
            too_new: seen.too_new.clone(),
            churned_in_gap: Customers::default(),
            outcome_unknown: if known { Customers::default() } else { past.customers.clone() },
            rows: 0..0,
        }
    }

    /// Who is an example, from a row on, and who is not.
    pub(super) fn tell(&mut self, customers: &Customers, outcomes: &[Outcome], first_row: usize) {
        let gone = |(id, outcome): (CustomerId, &Outcome)| (*outcome == Outcome::InGap).then_some(id);
        self.churned_in_gap = customers.iter().zip(outcomes).filter_map(gone).collect();
        self.rows = first_row..first_row + outcomes.len() - self.churned_in_gap.len();
    }

    /// How many were examples and how many were not.
    pub fn census(&self) -> Census {
        let count = |customers: &Customers| customers.len() as u64;
        Census {
            eligible: self.rows.len() as u64,
            already_churned: count(&self.already_churned),
            too_new: count(&self.too_new),
            churned_in_gap: count(&self.churned_in_gap),
            outcome_unknown: count(&self.outcome_unknown),
        }
    }
}

/// Examples go from all days, and the others from the lists.
impl People for Studied {
    fn holds(&self, id: &CustomerId) -> bool {
        self.examples.holds(id)
            || self.buyers.holds(id)
            || self.snapshots.iter().any(|snapshot| snapshot.lists().iter().any(|list| list.holds(id)))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let listed = self.snapshots.iter_mut().map(|snapshot| snapshot.forget_listed(id));
        let listed = listed.fold(false, |any, one| any | one);
        let stays = self.examples.forget_rows(id);
        if let Some(stays) = &stays {
            let mut left = 0;
            for snapshot in &mut self.snapshots {
                let stay = stays[snapshot.rows.clone()].iter().filter(|stays| **stays).count();
                snapshot.rows = if stay > 0 { left..left + stay } else { 0..0 };
                left += stay;
            }
        }
        self.buyers.forget(id) | listed | stays.is_some()
    }
}

/// Who is to be scored and who is not.
impl People for Present {
    fn holds(&self, id: &CustomerId) -> bool {
        self.predictors.holds(id) || self.already_churned.holds(id) || self.too_new.holds(id)
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        self.predictors.forget(id) | self.already_churned.forget(id) | self.too_new.forget(id)
    }
}

impl Snapshot {
    fn lists(&self) -> [&Customers; 4] {
        [&self.already_churned, &self.too_new, &self.churned_in_gap, &self.outcome_unknown]
    }

    fn forget_listed(&mut self, id: &CustomerId) -> bool {
        let Self { already_churned, too_new, churned_in_gap, outcome_unknown, .. } = self;
        let lists = [already_churned, too_new, churned_in_gap, outcome_unknown];
        lists.into_iter().fold(false, |any, list| any | list.forget(id))
    }
}

impl Census {
    fn and(self, other: Self) -> Self {
        Self {
            eligible: self.eligible + other.eligible,
            already_churned: self.already_churned + other.already_churned,
            too_new: self.too_new + other.too_new,
            churned_in_gap: self.churned_in_gap + other.churned_in_gap,
            outcome_unknown: self.outcome_unknown + other.outcome_unknown,
        }
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} examples; left out: {} had left before", self.eligible, self.already_churned)?;
        write!(f, ", {} are too new, {} left in the gap", self.too_new, self.churned_in_gap)?;
        write!(f, ", of {} it is not known yet", self.outcome_unknown)
    }
}
