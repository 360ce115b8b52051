//! The naive lifetime value, to stand beside every other.

use crate::{
    domain::{Day, Horizon, Money, Tick},
    error::{Error, ErrorKind},
    summary::Summaries,
};

/// Average monthly spend in the active window, times the months of the horizon, times overall retention: the
/// value that marketing guides teach, and that a model has to beat.
///
/// # Formula
/// For each customer, from all days seen:
/// ```text
/// value  = total / window * months * retention
/// window = months from the first purchase to the end of the observation, at least 1
/// ```
/// `total` is the customer's net money, a month is 30.436875 days, and a window of less than a month counts
/// as one, for in a few days nobody shows what they spend in a month.
///
/// Retention is one number for all. The days from the first purchase of all to the end of the observation
/// are cut in two halves, the middle day of an odd number to the first; of the customers who were won in the
/// first half, it is the share that bought in the second.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::NaiveValue,
///     domain::{Columns, Currency, Day, Horizon, Ledger, Policies, Tick},
///     summary::Observation,
/// };
///
/// let day = |month, day| Day::ymd(2024, month, day);
/// let (customers, days) = (["ann", "ann", "bob"], [day(1, 1)?, day(12, 1)?, day(1, 1)?]);
/// let columns = Columns::new(&customers[..], &days, &[30_000, 6_000, 12_000]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// let people = Observation::until(day(12, 31)?).every(Tick::Month).summarise(&ledger)?;
///
/// let naive = NaiveValue::of(&people, Horizon::months(12))?;
/// assert_eq!(naive.retention(), 0.5);
/// // 365 of the 365.2425 days of twelve months were seen.
/// assert_eq!(naive.values()[0].to_string(), "180.12 EUR");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct NaiveValue {
    horizon: Horizon,
    as_of: Day,
    retention: f64,
    values: Vec<Money>,
}

impl NaiveValue {
    /// The value of each customer over a horizon.
    ///
    /// # Errors
    /// If there are no customers, the horizon has no end, or a value is too large.
    pub fn of(people: &Summaries, horizon: Horizon) -> Result<Self, Error> {
        let months = horizon.in_ticks(Tick::Month);
        if months.is_infinite() {
            return Err(Error::parameter("horizon", "endless", "must have an end for a naive value"));
        }
        let retention = retention(people)?;
        let value = |one: crate::summary::Summary| {
            let window = one.age().in_ticks(Tick::Month).max(1.0);
            let value = one.total().minor() as f64 / window * months * retention;
            if !(value.abs() < i64::MAX as f64) {
                return Err(ErrorKind::Overflow { what: "naive value" }.into());
            }
            Ok(Money::of_minor(value.round() as i64, people.currency()))
        };
        let values = people.iter().map(value).collect::<Result<_, Error>>()?;
        Ok(Self { horizon, as_of: people.as_of(), retention, values })
    }

    /// How far ahead the values look.
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// The end of the observation that they rest on.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Overall retention, from 0 to 1.
    pub fn retention(&self) -> f64 {
        self.retention
    }

    /// A value for each customer, to the nearest minor unit, in the order of the summaries.
    pub fn values(&self) -> &[Money] {
        &self.values
    }
}

/// Of those won in the first half the share who bought in the second. Somebody was: the first of all.
fn retention(people: &Summaries) -> Result<f64, Error> {
    let Some(&start) = people.first_days().iter().min() else {
        return Err(ErrorKind::Empty { what: "customers with a purchase" }.into());
    };
    let half = start.plus(people.as_of().since(start) / 2);
    let days = people.first_days().iter().zip(people.last_days());
    let won = || days.clone().filter(|&(&first, _)| first <= half);
    Ok(won().filter(|&(_, &last)| last > half).count() as f64 / won().count() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Columns, Currency, Ledger, Policies},
        summary::Observation,
    };

    fn people(rows: &[(u64, i32, i64)], until: i32) -> Summaries {
        let start = Day::ymd(2024, 1, 1).unwrap();
        let customers: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<Day> = rows.iter().map(|row| start.plus(row.1)).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let columns = Columns::new(&customers, &days, &amounts);
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        Observation::until(start.plus(until)).summarise(&ledger).unwrap()
    }

    #[test]
    fn retention_is_that_of_the_halves() {
        // Days 0 to 10 are seen; day 5 is the middle. 1 comes back after it, 2 and 3 do not, 4 came later.
        let rows = [(1, 0, 100), (1, 6, 100), (2, 5, 100), (3, 0, 100), (3, 5, 100), (4, 6, 100), (4, 9, 1)];
        let naive = NaiveValue::of(&people(&rows, 10), Horizon::months(2)).unwrap();
        assert!((naive.retention() - 1.0 / 3.0).abs() < 1e-15);
        // Less than a month was seen, so that the totals are those of one month.
        assert_eq!(naive.values().iter().map(|value| value.minor()).collect::<Vec<_>>(), [133, 67, 133, 67]);
    }

    #[test]
    fn one_day_alone_retains_nobody() {
        let naive = NaiveValue::of(&people(&[(1, 0, 500)], 0), Horizon::months(1)).unwrap();
        assert_eq!((naive.retention(), naive.values()[0].minor()), (0.0, 0));
    }

    #[test]
    fn what_has_no_value_is_refused() {
        let one = people(&[(1, 0, i64::MAX / 8), (1, 9, 1)], 9);
        let refused = |people: &Summaries, horizon| NaiveValue::of(people, horizon).unwrap_err().to_string();
        assert_eq!(
            refused(&one, Horizon::endless()),
            "horizon: `endless` must have an end for a naive value"
        );
        assert_eq!(refused(&one, Horizon::years(9)), "naive value is too large");
        assert_eq!(refused(&people(&[], 3), Horizon::years(9)), "customers with a purchase: there are none");
    }
}
