//! Customers as the purchase models see them: `(x, t_x, T)`, in ticks.

use super::Summaries;
use crate::{
    domain::{Day, Tick},
    error::{Error, ErrorKind},
};

/// One customer's purchases in three numbers, in the ticks of whoever asked for them.
///
/// `x` is the number of purchases after the first, `t_x` the time from the first purchase to the last
/// (recency), `T` the time from the first purchase to the end of the observation (age).
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct History {
    repeats: u32,
    recency: f64,
    age: f64,
}

/// No customer is older, in ticks: beyond it numbers of the models lose their digits.
const OLDEST: f64 = 1e9;

impl History {
    /// A history of `repeats` (`x`), `recency` (`t_x`) and `age` (`T`).
    ///
    /// # Errors
    /// Unless `0 <= t_x <= T <= 1e9`, and `t_x` is 0 where `x` is.
    pub fn new(repeats: u32, recency: f64, age: f64) -> Result<Self, Error> {
        if !(0.0..=OLDEST).contains(&age) {
            return Err(Error::parameter("age", age, "must be from 0 to 1e9 ticks"));
        }
        if !(0.0..=age).contains(&recency) {
            return Err(Error::parameter("recency", recency, "must be from 0 to the age"));
        }
        if repeats == 0 && recency > 0.0 {
            return Err(Error::parameter("recency", recency, "must be 0 for who bought once"));
        }
        // Adding zero takes the sign off a negative one, so that equal histories are equal bits.
        Ok(Self { repeats, recency: recency + 0.0, age: age + 0.0 })
    }

    /// Purchases after the first, `x`.
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// First to last purchase in ticks, `t_x`.
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// First purchase to the end of the observation in ticks, `T`.
    pub fn age(&self) -> f64 {
        self.age
    }
}

/// Rows of histories, to fit and to score: [`Summaries`], a [`HistoryTable`], or a host's own.
///
/// Rows are read in blocks, so that a model needs no second copy of the table.
pub trait Histories: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The unit of time in which models fitted to these rows think.
    fn tick(&self) -> Tick;

    /// The end of the observation, where it is known.
    fn as_of(&self) -> Option<Day>;

    /// Writes the rows from `first` on to `into`, with times in `tick`. The rows exist.
    fn read(&self, first: usize, tick: Tick, into: &mut [History]);

    /// How many customers each row stands for, if not one; as long as the rows.
    fn weights(&self) -> Option<&[f64]> {
        None
    }
}

/// Rows read at a time.
const BLOCK: usize = 1024;

impl dyn Histories + '_ {
    /// Visits each row with its weight, times in the table's own tick.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(&History, f64)) {
        let weights = self.weights();
        let weight = |row: usize| weights.map_or(1.0, |weights| weights.get(row).copied().unwrap_or(0.0));
        let mut room = vec![History::default(); BLOCK.min(self.len())];
        for first in (0..self.len()).step_by(BLOCK) {
            let block = &mut room[..BLOCK.min(self.len() - first)];
            self.read(first, self.tick(), block);
            for (row, history) in (first..).zip(&*block) {
                visit(history, weight(row));
            }
        }
    }
}

impl Histories for Summaries {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn tick(&self) -> Tick {
        Self::tick(self)
    }

    fn as_of(&self) -> Option<Day> {
        Some(Self::as_of(self))
    }

    fn read(&self, first: usize, tick: Tick, into: &mut [History]) {
        let (until, days) = (Self::as_of(self), tick.days());
        let columns = self.first_days().iter().zip(self.last_days()).zip(self.purchases()).skip(first);
        for (history, ((&first, &last), &purchases)) in into.iter_mut().zip(columns) {
            *history = History {
                repeats: purchases - 1,
                recency: f64::from(last.since(first)) / days,
                age: f64::from(until.since(first)) / days,
            };
        }
    }
}

/// Histories that a host has already, without the purchases behind them.
///
/// # Example
/// ```
/// use patronage::{
///     domain::Tick,
///     summary::{Histories, HistoryTable},
/// };
///
/// let table = HistoryTable::from_columns(Tick::Week, &[2, 0], &[30.43, 0.0], &[38.86, 38.86])?;
/// assert_eq!(table.rows()[0].repeats(), 2);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryTable {
    tick: Tick,
    rows: Vec<History>,
    weights: Option<Vec<f64>>,
    as_of: Option<Day>,
}

impl HistoryTable {
    /// Rows with times in `tick`.
    pub fn new(tick: Tick, rows: Vec<History>) -> Self {
        Self { tick, rows, weights: None, as_of: None }
    }

    /// Columns of `x`, `t_x` and `T`, times in `tick`.
    ///
    /// # Errors
    /// If the columns differ in length. [`ErrorKind::Row`] for a row that is no [`History`].
    pub fn from_columns(tick: Tick, repeats: &[u32], recency: &[f64], age: &[f64]) -> Result<Self, Error> {
        for (what, found) in [("recencies", recency.len()), ("ages", age.len())] {
            if found != repeats.len() {
                return Err(ErrorKind::Length { what, expected: repeats.len(), found }.into());
            }
        }
        let columns = repeats.iter().zip(recency).zip(age);
        let rows = (0..).zip(columns).map(|(row, ((&repeats, &recency), &age))| {
            History::new(repeats, recency, age).map_err(|error| error.at_row(row))
        });
        Ok(Self::new(tick, rows.collect::<Result<_, _>>()?))
    }

    /// How many customers each row stands for.
    ///
    /// # Errors
    /// If there are not as many weights as rows, or one is not a finite number from 0.
    pub fn weights(self, weights: Vec<f64>) -> Result<Self, Error> {
        check_weights(&weights, self.rows.len())?;
        Ok(Self { weights: Some(weights), ..self })
    }

    /// States the end of the observation.
    #[must_use]
    pub fn as_of(self, day: Day) -> Self {
        Self { as_of: Some(day), ..self }
    }

    /// The rows.
    pub fn rows(&self) -> &[History] {
        &self.rows
    }
}

impl Histories for HistoryTable {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn tick(&self) -> Tick {
        self.tick
    }

    fn as_of(&self) -> Option<Day> {
        self.as_of
    }

    fn read(&self, first: usize, tick: Tick, into: &mut [History]) {
        let ratio = if tick == self.tick { 1.0 } else { self.tick.days() / tick.days() };
        for (history, &row) in into.iter_mut().zip(self.rows.iter().skip(first)) {
            *history = History { recency: row.recency * ratio, age: row.age * ratio, ..row };
        }
    }

    fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }
}

pub(super) fn check_weights(weights: &[f64], expected: usize) -> Result<(), Error> {
    if weights.len() != expected {
        return Err(ErrorKind::Length { what: "weights", expected, found: weights.len() }.into());
    }
    match weights.iter().find(|weight| !(0.0..=f64::MAX).contains(*weight)) {
        Some(weight) => Err(Error::parameter("weight", weight, "must be a finite number from 0")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_have_lived_is_refused() {
        for (x, recency, age) in [
            (1, 2.0, 1.0),
            (1, -1.0, 1.0),
            (0, 1.0, 2.0),
            (1, f64::NAN, 1.0),
            (1, 0.5, f64::NAN),
            (1, 0.5, f64::INFINITY),
            (0, 0.0, 2e9),
        ] {
            assert!(History::new(x, recency, age).is_err(), "{x} {recency} {age}");
        }
        let new = History::new(0, -0.0, 0.0).unwrap();
        assert_eq!(new.recency().to_bits(), 0.0_f64.to_bits());
        assert!(History::new(3, 0.0, 1.0).is_ok(), "three orders on the first day");
    }

    #[test]
    fn a_bad_row_is_named() {
        let error = HistoryTable::from_columns(Tick::Day, &[0, 1], &[0.0, 9.0], &[3.0, 3.0]).unwrap_err();
        assert_eq!(error.row(), Some(1));
        assert_eq!(error.to_string(), "row 1: must be from 0 to the age: `recency 9`");
        assert!(HistoryTable::from_columns(Tick::Day, &[0], &[0.0, 1.0], &[3.0]).is_err());
    }

    #[test]
    fn times_are_read_in_the_tick_asked_for_and_in_blocks() {
        let rows: Vec<History> =
            (0..2500_u32).map(|x| History::new(x, f64::from(x), f64::from(x + 7)).unwrap()).collect();
        let table = HistoryTable::new(Tick::Day, rows.clone());
        let mut read = [History::default(); 2];
        table.read(7, Tick::Week, &mut read);
        assert_eq!((read[0].recency(), read[1].age()), (1.0, 15.0 / 7.0));
        let people: &dyn Histories = &table;
        let mut seen = Vec::new();
        people.for_each(|history, weight| {
            assert!((weight - 1.0).abs() < f64::EPSILON);
            seen.push(*history);
        });
        assert_eq!(seen, rows);
    }

    #[test]
    fn weights_must_fit() {
        let table = || HistoryTable::new(Tick::Day, vec![History::default(); 2]);
        assert!(table().weights(vec![1.0]).is_err());
        assert!(table().weights(vec![1.0, f64::NAN]).is_err());
        assert!(table().weights(vec![1.0, -1.0]).is_err());
        let mut sum = 0.0;
        let table = table().weights(vec![0.0, 2.5]).unwrap();
        (&table as &dyn Histories).for_each(|_, weight| sum += weight);
        assert!((sum - 2.5_f64).abs() < f64::EPSILON);
    }
}
