//! Equal histories as one row with a weight, in a scale of time that suits the search.

use std::cmp::Ordering;

use super::{
    distinct::{Weighted, join_equal, sample},
    search::Evidence,
};
use crate::{
    domain::{Day, Tick},
    error::{Error, ErrorKind},
    summary::Histories,
};

/// Distinct histories, ascending by `(x, t_x, T)`, with how many customers have each. Their order, and so
/// every sum over them, does not depend on the order of the customers.
#[derive(Clone, Debug)]
pub(super) struct Collapsed {
    pub(super) rows: Vec<Row>,
    pub(super) tick: Tick,
    pub(super) as_of: Option<Day>,
    /// The mean age in ticks: times are divided by it, and are close to 1.
    pub(super) scale: f64,
    /// The sum of the weights.
    pub(super) customers: f64,
}

/// A distinct history with its weight, times divided by the scale.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Row {
    /// Purchases after the first, `x`.
    pub(super) repeats: u32,
    /// First to last purchase, `t_x`.
    pub(super) recency: f64,
    /// First purchase to the end of the observation, `T`.
    pub(super) age: f64,
    /// Customers with this history.
    pub(super) weight: f64,
}

impl Row {
    /// By `(x, t_x, T)`.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let repeats = self.repeats.cmp(&other.repeats);
        repeats.then(self.recency.total_cmp(&other.recency)).then(self.age.total_cmp(&other.age))
    }
}

impl Weighted for Row {
    fn weight(&mut self) -> &mut f64 {
        &mut self.weight
    }
}

impl Collapsed {
    /// # Errors
    /// If there is no row with a weight, or nobody was observed after the day of the first purchase.
    pub(super) fn of(people: &dyn Histories) -> Result<Self, Error> {
        let mut rows = read(people);
        join_equal(&mut rows, Row::order);
        let customers: f64 = rows.iter().map(|row| row.weight).sum();
        if rows.is_empty() {
            return Err(ErrorKind::Empty { what: "customers with a weight above 0" }.into());
        }
        let ages: f64 = rows.iter().map(|row| row.weight * row.age).sum();
        let scale = ages / customers;
        if !(scale > 0.0 && scale.is_finite()) {
            let rule = "nobody was observed after the first purchase";
            return Err(Error::parameter("mean age", scale, rule));
        }
        for row in &mut rows {
            row.recency /= scale;
            row.age /= scale;
        }
        Ok(Self { rows, tick: people.tick(), as_of: people.as_of(), scale, customers })
    }

    /// The largest `x`.
    pub(super) fn most_repeats(&self) -> u32 {
        self.rows.last().map_or(0, |row| row.repeats)
    }

    /// Sum of all `x`, by weight.
    pub(super) fn repeats(&self) -> f64 {
        self.rows.iter().map(|row| row.weight * f64::from(row.repeats)).sum()
    }
}

impl Evidence for Collapsed {
    fn len(&self) -> usize {
        self.rows.len()
    }

    /// A sample of all kinds of histories, for the rows are sorted.
    fn sample(&self, every: usize) -> Self {
        Self { rows: sample(&self.rows, every), ..*self }
    }

    fn customers(&self) -> f64 {
        self.customers
    }

    fn as_of(&self) -> Option<Day> {
        self.as_of
    }

    /// Each repeat purchase has a density, a number per time.
    fn log_scale(&self) -> f64 {
        self.repeats() * self.scale.ln()
    }
}

/// All rows with a weight above 0, times in ticks.
fn read(people: &dyn Histories) -> Vec<Row> {
    let mut rows = Vec::with_capacity(people.len());
    people.for_each(|history, weight| {
        if weight > 0.0 {
            let (recency, age) = (history.recency(), history.age());
            rows.push(Row { repeats: history.repeats(), recency, age, weight });
        }
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::HistoryTable;

    fn collapsed(rows: &[(u32, f64, f64)], weights: Vec<f64>) -> Result<Collapsed, Error> {
        let [recency, age] = [|row: &(u32, f64, f64)| row.1, |row: &(u32, f64, f64)| row.2]
            .map(|of| rows.iter().map(of).collect::<Vec<f64>>());
        let repeats: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let table = HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age)?;
        Collapsed::of(&table.weights(weights)?)
    }

    #[test]
    fn equal_rows_are_one_and_their_order_changes_nothing() {
        let rows = [(1, 2.0, 8.0), (0, 0.0, 4.0), (1, 2.0, 8.0), (0, 0.0, 8.0), (5, 1.0, 1.0)];
        let weights = [0.1, 0.7, 0.2, 1.0, 0.0];
        let one = collapsed(&rows, weights.to_vec()).unwrap();
        assert_eq!(one.rows.len(), 3);
        // (0.3 * 8 + 0.7 * 4 + 8) / 2
        assert!((one.scale - 6.6).abs() < 1e-12);
        assert!((one.customers - 2.0).abs() < 1e-12);
        assert_eq!((one.most_repeats(), one.rows[0].age), (1, 4.0 / one.scale));
        assert!((one.log_scale() - 0.3 * 6.6_f64.ln()).abs() < 1e-12);
        let turned: Vec<_> = rows.iter().rev().copied().collect();
        let other = collapsed(&turned, weights.iter().rev().copied().collect()).unwrap();
        assert_eq!(one.rows, other.rows);
    }

    #[test]
    fn a_sample_stands_for_all() {
        let rows: Vec<_> = (0..100_u32).map(|x| (x, f64::from(x), 100.0)).collect();
        let all = collapsed(&rows, vec![1.0; 100]).unwrap();
        let sample = all.sample(7);
        assert_eq!(sample.rows.len(), 15);
        let whole: f64 = sample.rows.iter().map(|row| row.weight).sum();
        assert!((whole - 100.0).abs() < 1e-12);
        assert_eq!(all.sample(0).rows, all.rows);
    }

    #[test]
    fn nothing_to_learn_from_is_refused() {
        assert!(collapsed(&[], vec![]).unwrap_err().is_empty());
        assert!(collapsed(&[(0, 0.0, 1.0)], vec![0.0]).unwrap_err().is_empty());
        assert!(collapsed(&[(2, 0.0, 0.0)], vec![1.0]).unwrap_err().is_parameter());
    }
}
