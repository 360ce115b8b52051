//! How long each was seen, and whether they left.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};

/// Lifetimes, a row each: how long somebody was seen, and whether they left then or were still there.
///
/// A row may have a weight (so many equal rows), a stratum (its own baseline), and an entry: the row is at risk from
/// just after its entry up to its duration. By entries come those who were found late (left truncation), and covariates
/// that change: somebody is then several rows, each from the end of the one before, of which at most the last has the
/// event. Without entries everybody is at risk from the beginning.
///
/// Durations are in any unit of time; everything learned is in the same one.
///
/// # Example
/// ```
/// use patronage::churn::survival::Lifetimes;
///
/// let seen = Lifetimes::new(&[5.0, 8.0, 8.0], &[true, false, true])?;
/// assert_eq!((seen.len(), seen.total_events()), (3, 2.0));
/// let refused = Lifetimes::new(&[5.0, f64::NAN], &[true, false]).unwrap_err();
/// assert_eq!(refused.to_string(), "row 1: duration must be finite and not below 0: `NaN`");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lifetimes<'a> {
    durations: &'a [f64],
    events: Cow<'a, [bool]>,
    causes: Option<&'a [u32]>,
    weights: Option<&'a [f64]>,
    strata: Option<&'a [u32]>,
    entries: Option<&'a [f64]>,
}

impl<'a> Lifetimes<'a> {
    /// Lifetimes of these durations; `events` says who left at the end of theirs. The others were still there
    /// (censored).
    ///
    /// # Errors
    /// If there is no row, the columns differ in length, or a duration is not finite or below 0.
    pub fn new(durations: &'a [f64], events: &'a [bool]) -> Result<Self, Error> {
        check_durations(durations)?;
        check_length("events", durations.len(), events.len())?;
        let (events, causes) = (Cow::Borrowed(events), None);
        Ok(Self { durations, events, causes, weights: None, strata: None, entries: None })
    }

    /// Lifetimes that end by one of several causes, numbered from 1; cause 0 is censored.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn by_cause(durations: &'a [f64], causes: &'a [u32]) -> Result<Self, Error> {
        check_durations(durations)?;
        check_length("causes", durations.len(), causes.len())?;
        let events = causes.iter().map(|&cause| cause > 0).collect();
        let causes = Some(causes);
        Ok(Self { durations, events: Cow::Owned(events), causes, weights: None, strata: None, entries: None })
    }

    /// Gives each row a weight: how many equal rows it stands for.
    ///
    /// # Errors
    /// If there is not one a row, a weight is not from 1e-30 to 1e30, or their sum is not below 1e50.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, Error> {
        check_length("weights", self.len(), weights.len())?;
        first(
            weights,
            |weight| !(LEAST_WEIGHT..=1e30).contains(&weight),
            "weight must be from 1e-30 to 1e30",
        )?;
        // Of squares and products too, a sum is needed.
        if !(weights.iter().sum::<f64>() < LARGEST_SUM) {
            return Err(ErrorKind::Overflow { what: "sum of the weights" }.into());
        }
        Ok(Self { weights: Some(weights), ..self })
    }

    /// Puts each row in a stratum.
    ///
    /// # Errors
    /// If there is not one a row.
    pub fn in_strata(self, strata: &'a [u32]) -> Result<Self, Error> {
        check_length("strata", self.len(), strata.len())?;
        Ok(Self { strata: Some(strata), ..self })
    }

    /// Says since when each row is at risk: later than its entry, up to its duration.
    ///
    /// # Errors
    /// If there is not one a row, or an entry is not finite, below 0, or not before the row's duration.
    pub fn entered(self, entries: &'a [f64]) -> Result<Self, Error> {
        check_length("entries", self.len(), entries.len())?;
        first(entries, |entry| !(entry >= 0.0 && entry.is_finite()), "entry must be finite and not below 0")?;
        let late = entries.iter().zip(self.durations).position(|(entry, duration)| entry >= duration);
        if let Some(row) = late {
            let text = format!("{} of {}", entries[row], self.durations[row]);
            let rule = "entry must be before the duration";
            return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
        }
        Ok(Self { entries: Some(entries), ..self })
    }

    /// Number of rows, at least 1.
    #[allow(clippy::len_without_is_empty, reason = "there is always a row")]
    pub fn len(&self) -> usize {
        self.durations.len()
    }

    /// How long each row was seen.
    pub fn durations(&self) -> &'a [f64] {
        self.durations
    }

    /// Whether each row left at the end.
    pub fn events(&self) -> &[bool] {
        &self.events
    }

    /// By what each row ended, 0 for not at all; `None` if causes were not given.
    pub fn causes(&self) -> Option<&'a [u32]> {
        self.causes
    }

    /// The weight of each row, if weights were given.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// The stratum of each row, if strata were given.
    pub fn strata(&self) -> Option<&'a [u32]> {
        self.strata
    }

    /// Since when each row is at risk, if entries were given.
    pub fn entries(&self) -> Option<&'a [f64]> {
        self.entries
    }

    /// The events of all rows, by their weights.
    pub fn total_events(&self) -> f64 {
        (0..self.len()).filter(|&row| self.events[row]).map(|row| self.weight(row)).sum()
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    pub(super) fn stratum(&self, row: usize) -> u32 {
        self.strata.map_or(0, |strata| strata[row])
    }

    /// The strata, ascending, each with its rows in their order.
    pub(super) fn by_stratum(&self) -> Vec<(u32, Vec<usize>)> {
        let Some(strata) = self.strata else { return vec![(0, (0..self.len()).collect())] };
        let mut rows: Vec<usize> = (0..self.len()).collect();
        rows.sort_by_key(|&row| strata[row]);
        rows.chunk_by(|&a, &b| strata[a] == strata[b]).map(|rows| (strata[rows[0]], rows.to_vec())).collect()
    }
}

/// The numbers that occur, ascending.
pub(super) fn distinct(numbers: &[u32]) -> Vec<u32> {
    let mut distinct = numbers.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

/// Less is no weight.
pub(super) const LEAST_WEIGHT: f64 = 1e-30;

/// Sums of weights are multiplied with one another.
pub(super) const LARGEST_SUM: f64 = 1e50;

fn check_durations(durations: &[f64]) -> Result<(), Error> {
    if durations.is_empty() {
        return Err(ErrorKind::Empty { what: "lifetimes" }.into());
    }
    if u32::try_from(durations.len()).is_err() {
        return Err(ErrorKind::Overflow { what: "number of rows" }.into());
    }
    let rule = "duration must be finite and not below 0";
    first(durations, |duration| !(0.0..=f64::MAX).contains(&duration), rule)
}

pub(super) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(ErrorKind::Length { what, expected, found }.into())
}

/// Numbers that are looked through before any of them is refused.
const PART: usize = 1 << 12;

/// Refuses the first number that is bad.
fn first(numbers: &[f64], bad: impl Fn(f64) -> bool, rule: &'static str) -> Result<(), Error> {
    // Many at a time, by vectors; only to name the row one by one.
    let sound = |part: &[f64]| part.iter().fold(true, |sound, &number| sound & !bad(number));
    if numbers.chunks(PART).all(sound) {
        return Ok(());
    }
    match numbers.iter().position(|&number| bad(number)) {
        Some(row) => {
            Err(ErrorKind::Row { row: row as u64, rule, text: format!("{:?}", numbers[row]) }.into())
        }
        None => Ok(()),
    }
}
