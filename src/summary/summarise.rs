//! A ledger, seen through an observation.

use super::{
    Observation, Summaries,
    reckon::{Scratch, Seen, reckon},
    summaries::Columns,
};
use crate::{
    domain::{Currency, Customers, Finding, Findings, Ledger},
    error::Error,
    math::parallel,
};

/// Customers to a task: enough to outweigh the task, few enough to share out evenly.
const CUSTOMERS_A_TASK: usize = 1 << 13;

impl Observation {
    /// One row for each customer with a purchase in the observation.
    ///
    /// A row that is a refund is no purchase; an order whose rows come to zero or less is cancelled and no
    /// purchase either. What they give back is taken from the customer's total all the same.
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     domain::{Columns, Currency, Day, Ledger, Policies, Tick},
    ///     summary::Observation,
    /// };
    ///
    /// let start = Day::ymd(2026, 1, 1)?;
    /// let days = [start, start.plus(14), start.plus(14), start.plus(21)];
    /// let columns = Columns::new(&[7_u64; 4][..], &days, &[1000, 500, 700, 900]);
    /// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
    ///
    /// let people = Observation::until(start.plus(70)).every(Tick::Week).summarise(&ledger)?;
    /// let anna = people.of(&7_u64.into())?;
    /// assert_eq!(anna.repeats(), 2);
    /// assert_eq!(anna.recency().in_ticks(people.tick()), 3.0);
    /// assert_eq!(anna.age().in_ticks(people.tick()), 10.0);
    /// assert_eq!(anna.mean_repeat_spend(), Some(1050.0));
    /// # Ok::<(), patronage::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the observation ends before it starts.
    pub fn summarise(&self, ledger: &Ledger) -> Result<Summaries, Error> {
        self.check()?;
        let customers = ledger.customers();
        let tasks = parallel::ranges(customers.len(), CUSTOMERS_A_TASK);
        let parts = parallel::map_with(tasks, Scratch::default, |scratch, task| {
            let mut part = Part::with_capacity(task.len());
            for row in task {
                part.add(self, row as u32, Seen::of(ledger.history_at(row)), scratch);
            }
            part
        });
        let mut whole = Part::with_capacity(customers.len());
        for part in parts {
            whole.append(part);
        }
        Ok(whole.summaries(*self, ledger.currency(), customers))
    }
}

/// The rows of some customers in a row.
pub(super) struct Part {
    /// Which rows of the ledger's customers these are.
    rows: Vec<u32>,
    columns: Columns,
    /// Rows offered, before the observation, after it, and merged into another purchase.
    offered: u64,
    before: u64,
    after: u64,
    merged: u64,
}

impl Part {
    pub(super) fn with_capacity(customers: usize) -> Self {
        Self {
            rows: Vec::with_capacity(customers),
            columns: Columns::with_capacity(customers),
            offered: 0,
            before: 0,
            after: 0,
            merged: 0,
        }
    }

    /// Adds the customer of a row, all of whose rows are `whole`, if they made a purchase.
    pub(super) fn add(
        &mut self,
        observation: &Observation,
        row: u32,
        whole: Seen<'_>,
        scratch: &mut Scratch,
    ) {
        let (before, seen) = whole.between(observation.start(), observation.end());
        self.offered += whole.days.len() as u64;
        self.before += before as u64;
        self.after += (whole.days.len() - before - seen.days.len()) as u64;
        if let Some(one) = reckon(seen, observation.grain_of_purchases(), scratch) {
            self.merged += u64::from(one.merged);
            self.rows.push(row);
            self.columns.push(one, seen.costs.is_some());
        }
    }

    /// The table of those customers of `customers` who have a row here.
    pub(super) fn summaries(
        mut self,
        observation: Observation,
        currency: Currency,
        customers: &Customers,
    ) -> Summaries {
        // Where no margin is known there is no column, so that a ledger without costs pays nothing for it.
        if self.columns.margin.iter().all(Option::is_none) {
            self.columns.margin = Vec::new();
        }
        let everybody = self.rows.len() == customers.len();
        Summaries {
            observation,
            currency,
            customers: if everybody { customers.clone() } else { customers.select(&self.rows) },
            findings: self.findings(customers.len()),
            columns: self.columns,
        }
    }

    fn append(&mut self, mut later: Self) {
        self.rows.append(&mut later.rows);
        self.columns.append(later.columns);
        self.offered += later.offered;
        self.before += later.before;
        self.after += later.after;
        self.merged += later.merged;
    }

    fn findings(&self, customers: usize) -> Findings {
        let mut findings = Findings::default();
        findings.add_rows(self.offered);
        findings.leave_out(self.before + self.after);
        findings.add(Finding::BeforeFrom, self.before, "not seen");
        findings.add(Finding::AfterUntil, self.after, "not seen");
        findings.add(Finding::SameDay, self.merged, "one purchase a day");
        let without = (customers - self.rows.len()) as u64;
        findings.add(Finding::NoPurchase, without, "no row");
        findings
    }
}
