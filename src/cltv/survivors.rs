//! How many of those who began together are still there, period by period.

use super::distinct::Distinct;
use crate::{
    domain::Tick,
    error::{Error, ErrorKind},
};

/// Cohorts of contracts that are renewed or not at the end of each period: how many there were at the start
/// of the first period, of the second and so on. Cohorts may be seen for different times.
///
/// # Example
/// ```
/// use patronage::{cltv::Survivors, domain::Tick};
///
/// let contracts = Survivors::new(Tick::Year).cohort(&[1000, 631, 468])?.cohort(&[800, 520])?;
/// assert_eq!(contracts.customers(), 1800);
/// assert!(contracts.cohort(&[1000, 1001]).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Survivors {
    tick: Tick,
    cohorts: Vec<Vec<u64>>,
}

impl Survivors {
    /// No cohort yet; contracts are renewed every `tick`.
    pub fn new(tick: Tick) -> Self {
        Self { tick, cohorts: Vec::new() }
    }

    /// Adds a cohort: customers at the start of each period, the first count being all of them and the last
    /// those who are still there.
    ///
    /// # Errors
    /// [`ErrorKind::Row`] with the number of the period, counting from 0, in which there are more than in the
    /// one before. If there are fewer than two counts, for then nothing was seen, or more than 2^32.
    pub fn cohort(mut self, counts: &[u64]) -> Result<Self, Error> {
        if counts.len() < 2 || u32::try_from(counts.len()).is_err() {
            return Err(Error::parameter("periods of a cohort", counts.len(), "must be from 2 to 2^32"));
        }
        if let Some(row) = counts.windows(2).position(|pair| pair[0] < pair[1]) {
            let rule = "no more customers may be left than were before";
            return Err(
                ErrorKind::Row { row: row as u64 + 1, rule, text: counts[row + 1].to_string() }.into()
            );
        }
        self.cohorts.push(counts.to_vec());
        Ok(self)
    }

    /// How often contracts are renewed.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// The counts of each cohort, as they were added.
    pub fn cohorts(&self) -> impl ExactSizeIterator<Item = &[u64]> {
        self.cohorts.iter().map(Vec::as_slice)
    }

    /// All customers at the start of their first period; no more than 2^64 are counted.
    pub fn customers(&self) -> u64 {
        self.total(|counts| counts[0])
    }

    /// Those who did not renew.
    pub(super) fn lost(&self) -> u64 {
        self.total(|counts| counts[0] - counts[counts.len() - 1])
    }

    /// The most renewals that were seen.
    pub(super) fn periods(&self) -> u64 {
        self.cohorts.iter().map(|counts| counts.len() as u64 - 1).max().unwrap_or(0)
    }

    fn total(&self, of: impl Fn(&[u64]) -> u64) -> u64 {
        self.cohorts.iter().map(|counts| of(counts)).fold(0, u64::saturating_add)
    }

    /// Customers by how often they renewed.
    pub(super) fn tenures(&self) -> Distinct<Tenure> {
        let mut rows = Vec::new();
        for counts in &self.cohorts {
            for (renewals, pair) in (0..).zip(counts.windows(2)) {
                rows.push((Tenure { renewals, left: true }, (pair[0] - pair[1]) as f64));
            }
            let there = counts.last().map_or(0.0, |&count| count as f64);
            rows.push((Tenure { renewals: counts.len() as u32 - 1, left: false }, there));
        }
        Distinct::of(rows, Ord::cmp)
    }
}

/// How often a customer renewed, and whether they left then or are still there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Tenure {
    pub(super) renewals: u32,
    pub(super) left: bool,
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn only_falling_counts_are_a_cohort() {
        let empty = Survivors::new(Tick::Month);
        for bad in [&[][..], &[5]] {
            assert!(empty.clone().cohort(bad).unwrap_err().is_parameter());
        }
        let error = empty.clone().cohort(&[5, 4, 4, 6]).unwrap_err();
        assert_eq!(error.row(), Some(3));
        assert_eq!(error.to_string(), "row 3: no more customers may be left than were before: `6`");
        let most = empty.cohort(&[u64::MAX, 0]).unwrap().cohort(&[u64::MAX, 1]).unwrap();
        assert_eq!((most.customers(), most.lost()), (u64::MAX, u64::MAX));
    }

    #[test]
    fn everyone_is_counted_once() {
        let two = Survivors::new(Tick::Year).cohort(&[10, 7, 7, 2]).unwrap().cohort(&[5, 1]).unwrap();
        let rows = two.tenures().rows;
        let of = |renewals, left| {
            rows.iter().find(|(row, _)| *row == Tenure { renewals, left }).map_or(0.0, |(_, weight)| *weight)
        };
        assert_eq!(
            [of(0, true), of(1, true), of(2, true), of(3, false), of(1, false)],
            [7.0, 0.0, 5.0, 2.0, 1.0]
        );
        assert_eq!((two.customers(), two.lost(), two.periods()), (15, 12, 3));
    }
}
