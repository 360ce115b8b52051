//! What might make lifetimes longer or shorter: named columns of numbers.

use std::borrow::Cow;

use crate::{
    error::{Error, ErrorKind},
    feature::Features,
};

/// Named columns of finite numbers, a row for each lifetime.
///
/// A category is a column of 0 and 1 for each of its values but one.
///
/// # Example
/// ```
/// use patronage::churn::survival::Covariates;
///
/// let columns = [("age", vec![31.0, 44.0]), ("paper", vec![1.0, 0.0])];
/// assert_eq!(Covariates::new(columns)?.width(), 2);
/// let refused = Covariates::new([("age", vec![31.0, f64::NAN])]).unwrap_err();
/// assert_eq!(refused.to_string(), "row 1: covariate must be finite, and not missing: `NaN in column age`");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Covariates<'a> {
    names: Vec<String>,
    columns: Vec<Cow<'a, [f64]>>,
}

impl<'a> Covariates<'a> {
    /// These columns, borrowed (`&[f64]`) or owned (`Vec<f64>`).
    ///
    /// # Errors
    /// If there is no column, a name is empty or given twice, the columns differ in length, or a value is not finite:
    /// a missing one is to be filled first.
    pub fn new<N: Into<String>, C: Into<Cow<'a, [f64]>>>(
        columns: impl IntoIterator<Item = (N, C)>,
    ) -> Result<Self, Error> {
        let (names, columns): (Vec<String>, Vec<Cow<'a, [f64]>>) =
            columns.into_iter().map(|(name, column)| (name.into(), column.into())).unzip();
        let Some(rows) = columns.first().map(|column| column.len()) else {
            return Err(ErrorKind::Empty { what: "covariates" }.into());
        };
        for (at, (name, column)) in names.iter().zip(&columns).enumerate() {
            if name.is_empty() {
                return Err(Error::parameter("covariate", at, "has no name"));
            }
            if names[..at].contains(name) {
                return Err(Error::parameter("covariate", name, "is given twice"));
            }
            super::lifetimes::check_length("covariate", rows, column.len())?;
            if let Some(row) = column.iter().position(|value| !value.is_finite()) {
                let rule = "covariate must be finite, and not missing";
                let text = format!("{:?} in column {name}", column[row]);
                return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
            }
        }
        Ok(Self { names, columns })
    }

    /// The columns of a table of features, in its order of rows and columns.
    ///
    /// # Errors
    /// If there is no column, or a value is missing.
    pub fn of(features: &Features) -> Result<Self, Error> {
        let matrix = features.matrix()?;
        Self::new(features.names().zip(matrix.columns().into_iter().map(|column| column.to_vec())))
    }

    /// Number of rows.
    #[allow(clippy::len_without_is_empty, reason = "there is always a column, and as a rule a row")]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    /// Number of columns, at least 1.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn columns(&self) -> &[Cow<'a, [f64]>] {
        &self.columns
    }

    /// The columns that a model was learned from, in its order.
    pub(super) fn in_order_of<'m>(&self, names: impl Iterator<Item = &'m str>) -> Result<Vec<&[f64]>, Error> {
        let missing = |name: &str| {
            let present = self.names.join(", ");
            Error::from(ErrorKind::MissingColumn { name: name.to_owned(), present })
        };
        let one = |name: &str| {
            let at = self.names.iter().position(|other| other == name).ok_or_else(|| missing(name))?;
            Ok(&*self.columns[at])
        };
        names.map(one).collect()
    }
}

/// Names, as a sentence lists them.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}
