//! Covariates as columns with a row a customer.

use crate::{
    error::{Error, ErrorKind},
    math::symmetric::Symmetric,
    summary::Histories,
};

/// What is known of customers and does not change in time: named columns of numbers, with a row a customer
/// in the order of the histories. What is a name (a region) becomes a column of 0 and 1 for each name but one.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Covariates {
    rows: usize,
    columns: Vec<(String, Vec<f64>)>,
}

impl Covariates {
    /// Nothing is known of so many customers.
    pub fn none(customers: usize) -> Self {
        Self { rows: customers, columns: Vec::new() }
    }

    /// Adds a column.
    ///
    /// # Errors
    /// If there are not as many values as customers, one is not finite, or there is a column of this name.
    pub fn column(mut self, name: &str, values: &[f64]) -> Result<Self, Error> {
        if values.len() != self.rows {
            let (expected, found) = (self.rows, values.len());
            return Err(ErrorKind::Length { what: "covariate", expected, found }.into());
        }
        if self.columns.iter().any(|(known, _)| known == name) {
            return Err(Error::parameter("covariate", name, "is there already"));
        }
        if let Some((row, value)) = (0..).zip(values).find(|(_, value)| !value.is_finite()) {
            return Err(Error::parameter("covariate", value, "must be a finite number").at_row(row));
        }
        self.columns.push((name.to_owned(), values.to_vec()));
        Ok(self)
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no customers.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The names of the columns, in the order in which they were added.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| &**name).collect()
    }

    /// Writes the values of a row.
    pub(super) fn read(&self, row: usize, into: &mut Vec<f64>) {
        into.clear();
        into.extend(self.columns.iter().filter_map(|(_, values)| values.get(row)));
    }

    /// # Errors
    /// If there are not so many customers.
    pub(super) fn check(&self, customers: usize) -> Result<(), Error> {
        if self.rows == customers {
            return Ok(());
        }
        Err(ErrorKind::Length { what: "covariates", expected: customers, found: self.rows }.into())
    }
}

/// Covariates with mean 0 and deviation 1 over the customers.
pub(super) struct Standardised {
    pub(super) columns: Vec<Column>,
}

pub(super) struct Column {
    pub(super) mean: f64,
    pub(super) deviation: f64,
    pub(super) values: Vec<f64>,
}

/// A column that spreads less, beside its size, says nothing.
const LEAST_SPREAD: f64 = 1e-9;
/// Of a column that others do not explain there is more than this left, as a share of its variance.
const LEAST_LEFT: f64 = 1e-9;

impl Standardised {
    /// # Errors
    /// If there is not a row a customer, or a column is constant or a linear combination of those before it.
    pub(super) fn of(
        covariates: &Covariates,
        what: &'static str,
        people: &dyn Histories,
    ) -> Result<Self, Error> {
        covariates.check(people.len())?;
        let weight = weights_of(people);
        let mut ascending = weight.clone();
        ascending.sort_unstable_by(f64::total_cmp);
        let whole: f64 = ascending.iter().sum();
        let mut columns: Vec<Column> = Vec::new();
        for (name, values) in &covariates.columns {
            let column = Column::of(values, &weight, whole);
            let column =
                column.ok_or_else(|| Error::parameter(what, name, "is the same for all customers"))?;
            columns.push(column);
            if !are_independent(&columns, &weight, whole) {
                return Err(Error::parameter(what, name, "is a linear combination of those before it"));
            }
        }
        Ok(Self { columns })
    }
}

impl Column {
    /// `None` if all are alike.
    fn of(values: &[f64], weight: &[f64], whole: f64) -> Option<Self> {
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        // In ascending order, so that the sums do not depend on that of the customers.
        let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weight.iter().copied()).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // Divided by the largest, so that no square overflows.
        let mean = |of: &dyn Fn(f64) -> f64| {
            pairs.iter().map(|(value, weight)| of(value / largest) * (weight / whole)).sum::<f64>()
        };
        let centre = mean(&|value| value);
        let spread = mean(&|value| (value - centre) * (value - centre)).sqrt();
        // NaN, of a column of zeros or of no customers, is no spread.
        if !(spread > LEAST_SPREAD) {
            return None;
        }
        let values = values.iter().map(|value| (value / largest - centre) / spread).collect();
        Some(Self { mean: centre * largest, deviation: spread * largest, values })
    }
}

/// Whether the matrix of correlations has no eigenvalue at zero.
fn are_independent(columns: &[Column], weight: &[f64], whole: f64) -> bool {
    let mut correlations = Symmetric::zeros(columns.len());
    for (row, a) in columns.iter().enumerate() {
        for (column, b) in columns.iter().enumerate().take(row + 1) {
            let products = a.values.iter().zip(&b.values).zip(weight);
            let sum: f64 = products.map(|((a, b), weight)| a * b * (weight / whole)).sum();
            correlations.set(row, column, if row == column { sum - LEAST_LEFT } else { sum });
        }
    }
    correlations.cholesky().is_some()
}

fn weights_of(people: &dyn Histories) -> Vec<f64> {
    match people.weights() {
        Some(weights) => weights.to_vec(),
        None => vec![1.0; people.len()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Tick,
        summary::{History, HistoryTable},
    };

    fn refusal(columns: &[&[f64]]) -> String {
        let rows = columns[0].len();
        let people = HistoryTable::new(Tick::Week, vec![History::default(); rows]);
        let mut covariates = Covariates::none(rows);
        for (name, values) in ["first", "second", "third"].iter().zip(columns) {
            covariates = covariates.column(name, values).unwrap();
        }
        Standardised::of(&covariates, "covariate", &people)
            .err()
            .map_or(String::new(), |error| error.to_string())
    }

    #[test]
    fn columns_that_say_nothing_are_refused_by_name() {
        let (a, b) = ([0.0, 1.0, 5.0, 2.0], [1e6, 1e6, 3e6, 2e6]);
        let both: Vec<f64> = a.iter().zip(b).map(|(a, b)| 3.0 * a - 1e-6 * b + 7.0).collect();
        assert_eq!(refusal(&[&a, &b]), "");
        assert_eq!(
            refusal(&[&a, &b, &both]),
            "covariate: `third` is a linear combination of those before it"
        );
        assert_eq!(refusal(&[&a, &a]), "covariate: `second` is a linear combination of those before it");
        for constant in [0.0, 1e300, -0.1] {
            assert_eq!(refusal(&[&b, &[constant; 4]]), "covariate: `second` is the same for all customers");
        }
    }

    #[test]
    fn columns_are_checked_as_they_come() {
        let two = Covariates::none(2).column("a", &[0.0, 1.0]).unwrap();
        assert_eq!(two.names(), ["a"]);
        let refused = |name, values: &[f64]| two.clone().column(name, values).unwrap_err().to_string();
        assert_eq!(refused("b", &[1.0]), "covariate: expected 2 rows, found 1");
        assert_eq!(refused("a", &[1.0, 2.0]), "covariate: `a` is there already");
        assert_eq!(refused("b", &[1.0, f64::NAN]), "row 1: must be a finite number: `covariate NaN`");
    }
}
