//! A table of texts from short lists: a row for each customer, a column for each question.

mod one_hot;
#[cfg(feature = "serde")]
mod saved;
mod tests;
mod vocabulary;

pub use self::{
    one_hot::{Base, Encoder, OneHot, Unseen},
    vocabulary::Vocabulary,
};
use super::{blocks, names};
use crate::{
    domain::{CustomerId, Customers, Day, People},
    error::{Error, ErrorKind},
};

/// Named columns of categories with a row for each customer, as of a day: a region, a plan, a favourite product.
///
/// Each column has its levels, ascending, and for each customer the number of one, or none where it is missing.
/// A [`OneHot`] makes numbers of them; a [`Vocabulary`] numbers later customers as the earlier ones were.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{CustomerId, Customers, Day},
///     feature::{Base, Categories, OneHot},
/// };
///
/// let people: Customers = [1_u32, 2, 3].map(CustomerId::from).into_iter().collect();
/// let plans = [Some("yearly"), Some("monthly"), None];
/// let table = Categories::new(people, Day::ymd(2026, 3, 14)?, [("plan".to_owned(), plans.to_vec())])?;
/// assert_eq!(table.levels("plan")?, ["monthly", "yearly"]);
/// assert_eq!(table.codes(0), Some(&[1, 0, Categories::MISSING][..]));
///
/// let numbers = OneHot::against(Base::First).fit(&table)?.apply(&table)?;
/// assert_eq!(numbers.column("plan=yearly")?.collect::<Vec<_>>(), [Some(1.0), Some(0.0), None]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "saved::Table"))]
pub struct Categories {
    as_of: Day,
    customers: Customers,
    names: Vec<String>,
    columns: Vec<Column>,
}

/// One column: levels, and a code for each row.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Column {
    /// Ascending and distinct, none empty; a level may have no customer.
    pub(super) levels: Vec<String>,
    /// Places in `levels`, or [`Categories::MISSING`].
    pub(super) codes: Vec<u32>,
}

impl Categories {
    /// The code of a missing value.
    pub const MISSING: u32 = u32::MAX;

    /// A table of a host's own columns, each as long as `customers`.
    ///
    /// # Errors
    /// If a column is not as long as `customers`, a name is empty or given twice, or a level is an empty text.
    pub fn new<T: AsRef<str>>(
        customers: Customers,
        as_of: Day,
        columns: impl IntoIterator<Item = (String, Vec<Option<T>>)>,
    ) -> Result<Self, Error> {
        let columns = columns.into_iter().map(|(name, values)| {
            let texts: Vec<Option<&str>> =
                values.iter().map(|value| value.as_ref().map(AsRef::as_ref)).collect();
            (name, Column::of(&texts))
        });
        Self::of_columns(customers, as_of, columns.collect())
    }

    /// # Errors
    /// If what is given is no table.
    pub(super) fn of_columns(
        customers: Customers,
        as_of: Day,
        columns: Vec<(String, Column)>,
    ) -> Result<Self, Error> {
        let (names, columns): (Vec<String>, Vec<Column>) = columns.into_iter().unzip();
        names::check(&names)?;
        for (name, Column { levels, codes }) in names.iter().zip(&columns) {
            if codes.len() != customers.len() {
                let (expected, found) = (customers.len(), codes.len());
                return Err(ErrorKind::Length { what: "categories", expected, found }.into());
            }
            if levels.first().is_some_and(String::is_empty) || !levels.is_sorted_by(|a, b| a < b) {
                return Err(Error::parameter("levels of column", name, "are empty or given twice"));
            }
            if codes.iter().any(|&code| code != Self::MISSING && code as usize >= levels.len()) {
                return Err(Error::parameter("codes of column", name, "have no level"));
            }
        }
        Ok(Self { as_of, customers, names, columns })
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
        self.customers.len()
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

    /// The levels of a column, ascending. A level may have no customer.
    ///
    /// # Errors
    /// If there is no column of that name.
    pub fn levels(&self, name: &str) -> Result<&[String], Error> {
        Ok(&self.columns[names::place(&self.names, name)?].levels)
    }

    /// For each customer the place of the level among [`levels`](Self::levels), or [`MISSING`](Self::MISSING); `None` if
    /// there are not as many columns.
    pub fn codes(&self, column: usize) -> Option<&[u32]> {
        self.columns.get(column).map(|column| column.codes.as_slice())
    }

    /// A value; `None` where it is missing, and out of range.
    pub fn get(&self, row: usize, column: usize) -> Option<&str> {
        let Column { levels, codes } = self.columns.get(column)?;
        levels.get(*codes.get(row)? as usize).map(String::as_str)
    }

    /// The values of a column by its name, `None` where one is missing.
    ///
    /// # Errors
    /// If there is no column of that name.
    pub fn column(&self, name: &str) -> Result<impl ExactSizeIterator<Item = Option<&str>>, Error> {
        let Column { levels, codes } = &self.columns[names::place(&self.names, name)?];
        Ok(codes.iter().map(|&code| levels.get(code as usize).map(String::as_str)))
    }

    /// For each column its name and how many of its values are missing.
    pub fn missing(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        let missing = |column: &Column| column.codes.iter().filter(|&&code| code == Self::MISSING).count();
        self.names().zip(&self.columns).map(move |(name, column)| (name, missing(column)))
    }

    /// The columns of both tables, those of `other` last.
    ///
    /// # Errors
    /// If the tables are not of the same customers and the same day, or a name is in both.
    pub fn join(mut self, other: &Self) -> Result<Self, Error> {
        if self.customers != other.customers {
            return Err(ErrorKind::Misaligned { what: "categories to join", other: "the table" }.into());
        }
        if self.as_of != other.as_of {
            return Err(Error::parameter(
                "day of categories to join",
                other.as_of,
                "is not that of the table",
            ));
        }
        self.names.extend_from_slice(&other.names);
        names::check(&self.names)?;
        self.columns.extend_from_slice(&other.columns);
        Ok(self)
    }

    /// Some of the columns, in the order given.
    ///
    /// # Errors
    /// If there is no column of a name, or a name is given twice.
    pub fn select(&self, wanted: &[&str]) -> Result<Self, Error> {
        let column =
            |&name: &&str| Ok((name.to_owned(), self.columns[names::place(&self.names, name)?].clone()));
        let columns = wanted.iter().map(column).collect::<Result<_, Error>>()?;
        Self::of_columns(self.customers.clone(), self.as_of, columns)
    }

    /// The rows of other customers: in their order, all values missing for who is not here. Levels stay.
    #[must_use]
    pub fn rows_of(&self, customers: &Customers) -> Self {
        if self.customers == *customers {
            return self.clone();
        }
        let rows = blocks::rows_of(&self.customers, customers);
        let gather = |Column { levels, codes }: &Column| {
            let code = |row: &Option<u32>| row.map_or(Self::MISSING, |row| codes[row as usize]);
            Column { levels: levels.clone(), codes: rows.iter().map(code).collect() }
        };
        Self {
            as_of: self.as_of,
            customers: customers.clone(),
            names: self.names.clone(),
            columns: self.columns.iter().map(gather).collect(),
        }
    }

    /// The levels of every column, to number later customers by.
    pub fn vocabulary(&self) -> Vocabulary {
        let levels = self.columns.iter().map(|column| column.levels.clone());
        Vocabulary::of_valid(self.names.iter().cloned().zip(levels).collect())
    }
}

impl Column {
    /// Numbers texts.
    pub(super) fn of(texts: &[Option<&str>]) -> Self {
        let mut levels: Vec<&str> = texts.iter().copied().flatten().collect();
        levels.sort_unstable();
        levels.dedup();
        // Every text is among them; there are fewer than a `u32` counts.
        let code = |text: &str| levels.binary_search(&text).map_or(Categories::MISSING, |place| place as u32);
        let codes = texts.iter().map(|text| text.map_or(Categories::MISSING, code)).collect();
        Self { codes, levels: levels.into_iter().map(str::to_owned).collect() }
    }
}

/// The levels stay: they are names of groups.
impl People for Categories {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        for column in &mut self.columns {
            column.codes.remove(row);
        }
        true
    }
}
