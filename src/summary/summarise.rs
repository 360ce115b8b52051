//! A ledger, seen through an observation.

use super::{
    Observation, Summaries,
    reckon::{Scratch, Seen, reckon},
    summaries::{Columns, Slots},
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
        let mut columns = Columns::blank(customers.len(), ledger.knows_costs());
        let tasks = parallel::ranges(customers.len(), CUSTOMERS_A_TASK);
        let work = tasks.into_iter().zip(columns.slots(CUSTOMERS_A_TASK)).collect();
        let parts = parallel::map_with(work, Scratch::default, |scratch, (task, slots)| {
            let mut part = Part::new(slots, task.start);
            for row in task {
                part.add(self, row, Seen::of(ledger.history_at(row)), scratch);
            }
            part.done()
        });
        Ok(self.table(ledger.currency(), customers, columns, &parts))
    }

    /// The table of the customers whom the parts, one after the other, have found to have bought.
    pub(super) fn table(
        &self,
        currency: Currency,
        customers: &Customers,
        mut columns: Columns,
        parts: &[Done],
    ) -> Summaries {
        let bought = parts.iter().map(|part| part.rows.len()).sum::<usize>();
        let everybody = bought == customers.len();
        let mut findings = findings(parts);
        findings.add(Finding::NoPurchase, (customers.len() - bought) as u64, "no row");
        let rows = || parts.iter().flat_map(|part| part.rows.iter().copied()).collect::<Vec<u32>>();
        if !everybody {
            // A part has written its rows one after the other from its start.
            let written = |part: &Done| part.start..part.start + part.rows.len() as u32;
            columns.keep(&parts.iter().flat_map(written).collect::<Vec<u32>>());
        }
        columns.forget_unknown_margins();
        Summaries {
            observation: *self,
            currency,
            customers: if everybody { customers.clone() } else { customers.select(&rows()) },
            columns,
            findings,
        }
    }
}

/// A run of customers, of whom those who bought are written to the slots one after the other.
pub(super) struct Part<'a> {
    slots: Slots<'a>,
    done: Done,
}

/// What a part found.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The row of the part's first customer among all.
    start: u32,
    /// The rows of those who bought.
    rows: Vec<u32>,
    /// Rows of the ledger offered, before the observation, after it, and merged into another purchase.
    offered: u64,
    before: u64,
    after: u64,
    merged: u64,
    /// Orders that came to zero or less.
    cancelled: u64,
}

impl<'a> Part<'a> {
    pub(super) fn new(slots: Slots<'a>, start: usize) -> Self {
        Self { slots, done: Done { start: start as u32, ..Done::default() } }
    }

    /// Adds the customer of a row, all of whose rows are `whole`, if they made a purchase.
    pub(super) fn add(
        &mut self,
        observation: &Observation,
        row: usize,
        whole: Seen<'_>,
        scratch: &mut Scratch,
    ) {
        let done = &mut self.done;
        let (before, seen) = whole.between(observation.start(), observation.end());
        done.offered += whole.days.len() as u64;
        done.before += before as u64;
        done.after += (whole.days.len() - before - seen.days.len()) as u64;
        let one = reckon(seen, observation.grain_of_purchases(), scratch);
        done.cancelled += u64::from(std::mem::take(&mut scratch.cancelled));
        if let Some(one) = one {
            done.merged += u64::from(one.merged);
            self.slots.write(done.rows.len(), &one);
            done.rows.push(row as u32);
        }
    }

    pub(super) fn done(self) -> Done {
        self.done
    }
}

fn findings(parts: &[Done]) -> Findings {
    let sum = |of: fn(&Done) -> u64| parts.iter().map(of).sum::<u64>();
    let (before, after) = (sum(|part| part.before), sum(|part| part.after));
    let mut findings = Findings::default();
    findings.add_rows(sum(|part| part.offered));
    findings.leave_out(before + after);
    findings.add(Finding::BeforeFrom, before, "not seen");
    findings.add(Finding::AfterUntil, after, "not seen");
    findings.add(Finding::SameDay, sum(|part| part.merged), "one purchase a day");
    let cancelled = sum(|part| part.cancelled);
    findings.add(Finding::CancelledOrder, cancelled, "no purchases; what is below zero counts in the totals");
    findings
}
