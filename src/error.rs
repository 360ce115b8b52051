//! The one error of the crate: a kind, a place, and a few predicates.

use std::fmt;

/// What went wrong, and where.
///
/// An error is opaque so that kinds can be added without breaking a host; look inside with
/// [`Error::kind`], or ask for the place with [`Error::row`], [`Error::line`] and [`Error::column`].
///
/// # Example
/// ```
/// use patronage::domain::Currency;
///
/// let error = "EURO".parse::<Currency>().unwrap_err();
/// assert_eq!(error.to_string(), "currency: `EURO` is not an ISO 4217 code in use");
/// ```
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// The kinds of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting, or a single value that a host passed, is outside what is allowed.
    #[error("{name}: `{value}` {rule}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// The value as it was given.
        value: String,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// A row that was pushed or lies in a column breaks a rule of intake.
    #[error("row {row}: {rule}: `{text}`")]
    Row {
        /// The row's number, counting from 0 in the order of intake.
        row: u64,
        /// The rule it breaks.
        rule: &'static str,
        /// The offending value.
        text: String,
    },
    /// A record of a text file cannot be read.
    #[error("line {line}, column `{column}`: {fault}: `{text}`")]
    Record {
        /// The line of the file on which the record begins, counting from 1.
        line: u64,
        /// The column's name, or its number counting from 1.
        column: String,
        /// What is wrong with the text.
        fault: &'static str,
        /// The offending text.
        text: String,
    },
    /// A column that was asked for is not in the file or table.
    #[error("no column `{name}`; there are: {present}")]
    MissingColumn {
        /// The name or number that was asked for.
        name: String,
        /// The columns that are there.
        present: String,
    },
    /// Columns that belong together differ in length.
    #[error("{what}: expected {expected} rows, found {found}")]
    Length {
        /// The column.
        what: &'static str,
        /// Rows in the columns before it.
        expected: usize,
        /// Rows in this one.
        found: usize,
    },
    /// Two currencies met where one is required.
    #[error("currencies differ: expected {expected}, found {found}")]
    Currency {
        /// The code of the currency required.
        expected: String,
        /// The code of the one found.
        found: String,
    },
    /// A sum or product does not fit its type.
    #[error("{what} is too large")]
    Overflow {
        /// The quantity.
        what: &'static str,
    },
    /// There is nothing to work on.
    #[error("{what}: there are none")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// There is too little to act upon.
    #[error("{why}: needed {needed}, found {found}")]
    TooFew {
        /// What is wrong with so few.
        why: String,
        /// The least number needed.
        needed: u64,
        /// The number found.
        found: u64,
    },
    /// A segment map is not a partition with every name reachable.
    #[error("segment map: {}", join(.faults))]
    Map {
        /// Every fault found, each naming its cells.
        faults: Vec<String>,
    },
    /// A customer was asked for who is not here.
    #[error("no customer `{id}` here")]
    UnknownCustomer {
        /// The id asked for.
        id: String,
    },
    /// Two results do not speak of the same customers.
    #[error("{what}: the customers differ from those of {other}")]
    Misaligned {
        /// The result given.
        what: &'static str,
        /// The result it should match.
        other: &'static str,
    },
    /// A saved model was written by a newer major version.
    #[error("saved with schema {found}, this version reads up to {supported}")]
    Schema {
        /// The schema version found.
        found: u32,
        /// The newest one this version can read.
        supported: u32,
    },
    /// Reading or writing failed.
    #[error("{0}")]
    Io(std::io::Error),
}

fn join(faults: &[String]) -> String {
    faults.join("; ")
}

impl Error {
    /// The kind, to match on.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The row of intake at fault, counting from 0, where there is one.
    pub fn row(&self) -> Option<u64> {
        match *self.0 {
            ErrorKind::Row { row, .. } => Some(row),
            _ => None,
        }
    }

    /// The line of the file at fault, counting from 1, where there is one.
    pub fn line(&self) -> Option<u64> {
        match *self.0 {
            ErrorKind::Record { line, .. } => Some(line),
            _ => None,
        }
    }

    /// The column of the file at fault, where there is one.
    pub fn column(&self) -> Option<&str> {
        match &*self.0 {
            ErrorKind::Record { column, .. } => Some(column),
            ErrorKind::MissingColumn { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether a setting or a single value was refused.
    pub fn is_parameter(&self) -> bool {
        matches!(*self.0, ErrorKind::Parameter { .. })
    }

    /// Whether there was nothing to work on.
    pub fn is_empty(&self) -> bool {
        matches!(*self.0, ErrorKind::Empty { .. })
    }

    /// Shorthand for the commonest kind.
    #[allow(clippy::needless_pass_by_value, reason = "callers pass what they have made for it")]
    pub(crate) fn parameter(name: &'static str, value: impl ToString, rule: &'static str) -> Self {
        ErrorKind::Parameter { name, value: value.to_string(), rule }.into()
    }

    /// A refused value, at the row of a column that it came from.
    #[must_use]
    pub(crate) fn at_row(self, row: u64) -> Self {
        match *self.0 {
            ErrorKind::Parameter { name, value, rule } => {
                ErrorKind::Row { row, rule, text: format!("{name} {value}") }.into()
            }
            other => other.into(),
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

// A failing `main() -> Result<(), Error>` prints the message, not the struct.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?})", self.0)
    }
}
