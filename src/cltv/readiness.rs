//! Whether there are enough customers for a model of purchases.

use crate::{model::Readiness, summary::Histories};

/// How much data a fit should rest on; beneath it [`Readiness`] says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Needs {
    /// Customers, by default [`Needs::CUSTOMERS`].
    pub customers: u64,
    /// Customers who came back, by default [`Needs::REPEATERS`].
    pub repeaters: u64,
    /// The longest history, in median times between purchases; by default [`Needs::GAPS`].
    pub gaps: u32,
}

impl Needs {
    /// Fewer customers say little of how they differ.
    pub const CUSTOMERS: u64 = 100;
    /// Fewer customers who came back say little of how often one does.
    pub const REPEATERS: u64 = 30;
    /// In a shorter history, whoever pauses looks like one who left.
    pub const GAPS: u32 = 2;
}

impl Default for Needs {
    fn default() -> Self {
        Self { customers: Self::CUSTOMERS, repeaters: Self::REPEATERS, gaps: Self::GAPS }
    }
}

impl Needs {
    /// Refused below the needs; degraded below twice the customers or repeaters.
    pub(super) fn grade(&self, people: &dyn Histories) -> Readiness {
        let counted = Counted::of(people);
        let customers = (counted.customers, self.customers, "few customers: how they differ is a guess");
        let repeaters = (counted.repeaters, self.repeaters, "few came back: how often one does is a guess");
        let spans = (counted.spans, u64::from(self.gaps), "the history is short: in median gaps");
        for (found, needed, why) in [customers, repeaters, spans] {
            if found < needed {
                return Readiness::Refused { why: why.to_owned(), needed, found };
            }
        }
        for (found, needed, why) in [customers, repeaters] {
            if found < 2 * needed {
                return Readiness::Degraded { why: why.to_owned(), needed: 2 * needed, found };
            }
        }
        Readiness::Ready
    }
}

struct Counted {
    customers: u64,
    repeaters: u64,
    /// The longest history in median gaps, rounded down; as many as can be if there is no gap.
    spans: u64,
}

impl Counted {
    #[allow(clippy::cast_sign_loss, reason = "weights and ages are not negative")]
    fn of(people: &dyn Histories) -> Self {
        let (mut customers, mut repeaters, mut longest) = (0.0, 0.0, 0.0_f64);
        let mut gaps = Vec::new();
        people.for_each(|history, weight| {
            if !(weight > 0.0) {
                return;
            }
            customers += weight;
            longest = longest.max(history.age());
            if history.repeats() > 0 {
                repeaters += weight;
                gaps.push((history.recency() / f64::from(history.repeats()), weight));
            }
        });
        let spans = median(gaps, repeaters).filter(|&gap| gap > 0.0).map_or(f64::MAX, |gap| longest / gap);
        Self { customers: customers as u64, repeaters: repeaters as u64, spans: spans as u64 }
    }
}

/// The value at which half of the weight is reached.
fn median(mut values: Vec<(f64, f64)>, whole: f64) -> Option<f64> {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut sum = 0.0;
    let reached = values.iter().find(|(_, weight)| {
        sum += weight;
        2.0 * sum >= whole
    });
    reached.map(|&(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Tick, summary::HistoryTable};

    fn grade(customers: u32, repeaters: u32, gap: f64) -> Readiness {
        let repeats: Vec<u32> = (0..customers).map(|row| u32::from(row < repeaters)).collect();
        let recency: Vec<f64> = repeats.iter().map(|&x| f64::from(x) * gap).collect();
        let age = vec![10.0; recency.len()];
        Needs::default().grade(&HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age).unwrap())
    }

    #[test]
    fn the_grades_start_where_they_say() {
        assert!(grade(0, 0, 1.0).is_refused());
        assert!(grade(99, 99, 1.0).is_refused());
        assert!(grade(100, 29, 1.0).is_refused());
        assert!(grade(1000, 100, 5.1).is_refused(), "a history of less than two gaps");
        assert!(grade(1000, 100, 5.0).is_ready());
        assert!(matches!(grade(199, 100, 1.0), Readiness::Degraded { needed: 200, found: 199, .. }));
        assert!(matches!(grade(200, 59, 1.0), Readiness::Degraded { needed: 60, found: 59, .. }));
        assert!(grade(200, 60, 1.0).is_ready());
    }

    #[test]
    fn a_row_that_stands_for_nobody_does_not_count() {
        let rows = vec![crate::summary::History::new(1, 5.1, 10.0).unwrap(); 500];
        let aged = crate::summary::History::new(0, 0.0, 1000.0).unwrap();
        let weights = [vec![1.0; 500], vec![0.0]].concat();
        let people = HistoryTable::new(Tick::Week, [rows, vec![aged]].concat()).weights(weights).unwrap();
        assert!(Needs::default().grade(&people).is_refused(), "a history of less than two gaps");
    }
}
