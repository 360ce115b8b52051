//! A table as it is saved: its numbers to the last bit, and what is missing as nothing.

use super::Features;
use crate::{
    domain::{Customers, Day, saved::Exact},
    error::Error,
};

/// A table before it is checked.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Table {
    as_of: Day,
    customers: Customers,
    columns: Vec<(String, Vec<Option<Exact>>)>,
}

impl From<Features> for Table {
    fn from(features: Features) -> Self {
        let column = |(place, name): (usize, &str)| {
            let exact = |&value: &f64| (!value.is_nan()).then_some(Exact(value));
            (name.to_owned(), features.column_at(place).iter().map(exact).collect())
        };
        let columns = features.names().enumerate().map(column).collect();
        Self { as_of: features.as_of, customers: features.customers.clone(), columns }
    }
}

impl TryFrom<Table> for Features {
    type Error = Error;

    fn try_from(saved: Table) -> Result<Self, Error> {
        let real = |column: Vec<Option<Exact>>| column.into_iter().map(|value| value.map(|Exact(real)| real));
        let columns = saved.columns.into_iter().map(|(name, column)| (name, real(column).collect()));
        Self::new(saved.customers, saved.as_of, columns)
    }
}
