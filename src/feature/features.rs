//! A table of numbers: a row for each customer, a column for each feature.

use ndarray::{Array2, ArrayView2, ShapeBuilder};

use crate::{
    domain::{Customers, Day},
    error::{Error, ErrorKind},
};

/// Named columns of numbers with a row for each customer. A value may be missing, and then says so.
#[derive(Clone, PartialEq, Debug)]
pub struct Features {
    as_of: Day,
    customers: Customers,
    names: Vec<String>,
    /// Columns are contiguous; NaN stands for a missing value, and for nothing else.
    values: Array2<f64>,
}

impl Features {
    /// A table of a host's own columns, each as long as `customers`.
    ///
    /// # Errors
    /// If a column is not as long as `customers`, a name is empty or given twice, or a value is not finite.
    pub fn new(
        customers: Customers,
        as_of: Day,
        columns: impl IntoIterator<Item = (String, Vec<Option<f64>>)>,
    ) -> Result<Self, Error> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (name, column) in columns {
            if column.len() != customers.len() {
                let (expected, found) = (customers.len(), column.len());
                return Err(ErrorKind::Length { what: "feature", expected, found }.into());
            }
            if name.is_empty() || names.contains(&name) {
                return Err(Error::parameter("feature name", name, "is empty or given twice"));
            }
            if let Some(row) = column.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
                let text = format!("{:?} in column {name}", column[row]);
                return Err(ErrorKind::Row { row: row as u64, rule: "must be finite", text }.into());
            }
            names.push(name);
            values.extend(column.into_iter().map(|value| value.unwrap_or(f64::NAN)));
        }
        let shape = (customers.len(), names.len()).f();
        let values = Array2::from_shape_vec(shape, values)
            .map_err(|_| ErrorKind::Overflow { what: "number of values" })?;
        Ok(Self { as_of, customers, names, values })
    }

    /// The day as of which the values hold.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.nrows()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A value; `None` where it is missing, and out of range.
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        self.values.get((row, column)).copied().filter(|value| !value.is_nan())
    }

    /// All values, of shape `(customers, columns)`, each column contiguous.
    ///
    /// # Errors
    /// If a value is missing: it names the first by column.
    pub fn matrix(&self) -> Result<ArrayView2<'_, f64>, Error> {
        for (name, column) in self.names.iter().zip(self.values.columns()) {
            if let Some(row) = column.iter().position(|value| value.is_nan()) {
                let (rule, text) = ("value is missing", name.clone());
                return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
            }
        }
        Ok(self.values.view())
    }
}
