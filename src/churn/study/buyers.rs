//! The purchase histories of everybody on the days of a study.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    churn::Examples,
    domain::{CustomerId, Customers, Day, People, Tick},
    error::{Error, ErrorKind},
    summary::{Histories, History, HistoryTable, Summaries},
};

/// The purchase histories of all customers on each day of a study, those who had left among them: what a model of
/// purchases is learned from. Who is eligible has not left, and a model that sees those alone finds that nobody leaves.
#[derive(Clone, Debug)]
pub struct Buyers {
    days: Arc<Vec<On>>,
    /// Who is among the examples.
    examples: Customers,
}

#[derive(Clone, Debug)]
pub(super) struct On {
    day: Day,
    customers: Customers,
    /// Times in days.
    rows: Vec<History>,
}

impl On {
    pub(super) fn of(buyers: &Summaries) -> Self {
        let mut rows = vec![History::default(); buyers.len()];
        buyers.read(0, Tick::Day, &mut rows);
        Self { day: buyers.as_of(), customers: buyers.customers().clone(), rows }
    }
}

impl Buyers {
    pub(super) fn new(days: Vec<On>, examples: &Examples) -> Self {
        let examples = examples.predictors().customers().iter().cloned().collect();
        Self { days: Arc::new(days), examples }
    }

    /// The histories of the latest day of some of the examples. Customers of other examples are left out, for they are
    /// judged by; those of these count for them as well, so that as many have left as before.
    ///
    /// # Errors
    /// If there is no example that counts, or the day is none of the study.
    pub(in crate::churn) fn to_learn(&self, from: &Examples, tick: Tick) -> Result<HistoryTable, Error> {
        let table = from.predictors();
        let counts = |row: &usize| from.weights().is_none_or(|weights| weights[*row] > 0.0);
        let rows: Vec<usize> = (0..from.len()).filter(counts).collect();
        let last = rows.iter().map(|&row| table.days()[row]).max();
        let day = last.ok_or(ErrorKind::Empty { what: "examples" })?;
        let on = self.days.iter().find(|on| on.day == day);
        let on = on.ok_or_else(|| Error::parameter("day of examples", day, "is none of the study"))?;
        let learned: BTreeSet<&CustomerId> = rows.iter().map(|&row| &table.customers()[row]).collect();
        let (mut histories, mut examples, mut kept) = (Vec::new(), 0_u32, Vec::new());
        for (id, &row) in on.customers.iter().zip(&on.rows) {
            let (is_example, is_learned) = (self.examples.position(&id).is_some(), learned.contains(&id));
            examples += u32::from(is_example);
            if is_learned || !is_example {
                histories.push(row);
                kept.push(is_learned);
            }
        }
        let stands_for = f64::from(examples) / kept.iter().filter(|learned| **learned).count().max(1) as f64;
        let days = HistoryTable::new(Tick::Day, histories);
        let mut read = vec![History::default(); Histories::len(&days)];
        days.read(0, tick, &mut read);
        let weights = kept.into_iter().map(|learned| if learned { stands_for } else { 1.0 }).collect();
        Ok(HistoryTable::new(tick, read).weights(weights)?.as_of(day))
    }
}

/// A copy that an estimator was [given](crate::churn::ByPurchases::among) forgets by itself.
impl People for Buyers {
    fn holds(&self, id: &CustomerId) -> bool {
        self.examples.holds(id) || self.days.iter().any(|on| on.customers.holds(id))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        if !self.holds(id) {
            return false;
        }
        self.examples.forget(id);
        for on in Arc::make_mut(&mut self.days) {
            if let Some(row) = on.customers.take_out(id) {
                on.rows.remove(row);
            }
        }
        true
    }
}
