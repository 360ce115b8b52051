//! What is known of customers on a day, before anybody knows who leaves.

use std::collections::BTreeSet;

use crate::{
    domain::{CustomerId, Day, People, Tick},
    error::{Error, ErrorKind},
    feature::{Categories, Features},
    summary::{Histories, History, HistoryTable},
};

/// A table to learn from and to answer for: a row for each customer and day, columns of numbers and of categories.
/// A value may be missing.
///
/// Tables of several days are [stacked](Self::stack), so that one customer may stand in several rows.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{PredictorColumn, Predictors},
///     domain::{CustomerId, Customers, Day},
///     feature::{Categories, Features},
/// };
///
/// let (people, day) = (["anna", "ben"].map(CustomerId::from).into_iter().collect::<Customers>(), Day::ymd(2026, 3, 14)?);
/// let visits = ("visits".to_owned(), vec![Some(3.0), None]);
/// let plans = ("plan".to_owned(), vec![Some("yearly"), Some("monthly")]);
/// let known = Predictors::of(&Features::new(people.clone(), day, [visits])?)
///     .with_categories(&Categories::new(people, day, [plans])?)?;
/// assert_eq!(known.names().collect::<Vec<_>>(), ["visits", "plan"]);
/// assert_eq!(known.missing().collect::<Vec<_>>(), [("visits", 1), ("plan", 0)]);
/// assert!(matches!(known.column("visits")?, PredictorColumn::Numbers(values) if values[0] == 3.0));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Predictors {
    customers: Vec<CustomerId>,
    days: Vec<Day>,
    names: Vec<String>,
    columns: Vec<Column>,
    /// Times in days.
    histories: Option<Vec<History>>,
}

#[derive(Clone, Debug)]
enum Column {
    /// NaN stands for a missing value, and for nothing else.
    Numbers(Vec<f64>),
    Categories {
        /// Ascending and distinct.
        levels: Vec<String>,
        codes: Vec<u32>,
    },
}

/// A column as it is held.
#[derive(Clone, Copy, Debug)]
pub enum PredictorColumn<'a> {
    /// Numbers; NaN where one is missing, and nowhere else.
    Numbers(&'a [f64]),
    /// For each row the place of its level, or [`Categories::MISSING`].
    Categories {
        /// The levels, ascending; one may have no row.
        levels: &'a [String],
        /// A place a row.
        codes: &'a [u32],
    },
}

impl Predictors {
    /// Columns of numbers.
    pub fn of(numbers: &Features) -> Self {
        Self {
            customers: numbers.customers().iter().collect(),
            days: vec![numbers.as_of(); numbers.len()],
            names: numbers.names().map(str::to_owned).collect(),
            columns: (0..numbers.width()).map(|at| Column::Numbers(numbers.column_at(at).to_vec())).collect(),
            histories: None,
        }
    }

    /// Columns of categories beside those that are there.
    ///
    /// # Errors
    /// If the categories are not of the same customers and day, or a name is in both.
    pub fn with_categories(mut self, categories: &Categories) -> Result<Self, Error> {
        let same = self.len() == categories.len()
            && self.days.iter().all(|&day| day == categories.as_of())
            && self.customers.iter().zip(categories.customers().iter()).all(|(a, b)| *a == b);
        if !same {
            return Err(ErrorKind::Misaligned { what: "categories", other: "the numbers" }.into());
        }
        for (at, name) in categories.names().enumerate() {
            if self.names.iter().any(|known| known == name) {
                return Err(Error::parameter("predictor", name, "is given twice"));
            }
            self.names.push(name.to_owned());
            self.columns.push(Column::Categories {
                levels: categories.levels(name)?.to_vec(),
                codes: categories.codes(at).unwrap_or_default().to_vec(),
            });
        }
        Ok(self)
    }

    /// The purchase histories behind the rows, which purchase models answer from.
    ///
    /// # Errors
    /// If there is not a history a row.
    pub fn with_histories(self, histories: &dyn Histories) -> Result<Self, Error> {
        if histories.len() != self.len() {
            let (expected, found) = (self.len(), histories.len());
            return Err(ErrorKind::Length { what: "histories", expected, found }.into());
        }
        let mut rows = vec![History::default(); self.len()];
        histories.read(0, Tick::Day, &mut rows);
        Ok(Self { histories: Some(rows), ..self })
    }

    /// The rows of all tables, one after the other. Histories stay if all have them.
    ///
    /// # Errors
    /// If there is no table, or the columns are not the same.
    pub fn stack(tables: &[Self]) -> Result<Self, Error> {
        let [first, others @ ..] = tables else {
            return Err(ErrorKind::Empty { what: "tables to stack" }.into());
        };
        for other in others {
            let same = first.names == other.names
                && first.columns.iter().zip(&other.columns).all(|(a, b)| a.is_numeric() == b.is_numeric());
            if !same {
                return Err(Error::parameter(
                    "columns to stack",
                    other.names.join(", "),
                    "are not those of the first",
                ));
            }
        }
        let histories = || tables.iter().map(|table| table.histories.as_deref()).collect::<Option<Vec<_>>>();
        let column =
            |at| Column::stack(tables.iter().map(|table| &table.columns[at]).collect::<Vec<_>>().as_slice());
        Ok(Self {
            customers: tables.iter().flat_map(|table| &table.customers).cloned().collect(),
            days: tables.iter().flat_map(|table| &table.days).copied().collect(),
            names: first.names.clone(),
            columns: (0..first.columns.len()).map(column).collect(),
            histories: histories().map(|parts| parts.concat()),
        })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Who each row is.
    pub fn customers(&self) -> &[CustomerId] {
        &self.customers
    }

    /// The day as of which each row holds.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A column by its name.
    ///
    /// # Errors
    /// If there is no column of that name.
    pub fn column(&self, name: &str) -> Result<PredictorColumn<'_>, Error> {
        Ok(self.columns[self.place(name)?].seen())
    }

    fn place(&self, name: &str) -> Result<usize, Error> {
        let missing =
            || ErrorKind::MissingColumn { name: name.to_owned(), present: self.names.join(", ") }.into();
        self.names.iter().position(|known| known == name).ok_or_else(missing)
    }

    /// Each column with its name.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, PredictorColumn<'_>)> {
        self.names().zip(&self.columns).map(|(name, column)| (name, column.seen()))
    }

    /// For each column its name and how many of its values are missing.
    pub fn missing(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        self.columns().map(|(name, column)| (name, column.missing()))
    }

    /// The purchase histories behind the rows, in days, if they were given.
    pub fn histories(&self) -> Option<HistoryTable> {
        let table = HistoryTable::new(Tick::Day, self.histories.clone()?);
        Some(match self.days.first() {
            Some(&first) if self.days.iter().all(|&day| day == first) => table.as_of(first),
            _ => table,
        })
    }

    /// Some of the columns, in the order given.
    ///
    /// # Errors
    /// If there is no column of a name, or a name is given twice.
    pub fn select(&self, wanted: &[&str]) -> Result<Self, Error> {
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for &name in wanted {
            let at = self.place(name)?;
            if names.contains(&self.names[at]) {
                return Err(Error::parameter("predictor", name, "is given twice"));
            }
            names.push(self.names[at].clone());
            columns.push(self.columns[at].clone());
        }
        let (customers, days, histories) =
            (self.customers.clone(), self.days.clone(), self.histories.clone());
        Ok(Self { customers, days, names, columns, histories })
    }

    /// Some of the rows, in the order given.
    ///
    /// # Errors
    /// If a row is out of range.
    pub fn take(&self, rows: &[u32]) -> Result<Self, Error> {
        if let Some(row) = rows.iter().find(|&&row| row as usize >= self.len()) {
            return Err(Error::parameter("row", row, "is not in the table"));
        }
        Ok(Self {
            customers: rows.iter().map(|&row| self.customers[row as usize].clone()).collect(),
            days: rows.iter().map(|&row| self.days[row as usize]).collect(),
            names: self.names.clone(),
            columns: self.columns.iter().map(|column| column.take(rows)).collect(),
            histories: self.histories.as_ref().map(|all| rows.iter().map(|&row| all[row as usize]).collect()),
        })
    }
}

/// All rows of the customer go. Levels stay: they are names of groups.
impl People for Predictors {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.contains(id)
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        self.forget_rows(id).is_some()
    }
}

impl Predictors {
    /// Forgets a customer; says which rows stay, if there was one to go.
    pub(super) fn forget_rows(&mut self, id: &CustomerId) -> Option<Vec<bool>> {
        if !self.holds(id) {
            return None;
        }
        let stays: Vec<bool> = self.customers.iter().map(|other| other != id).collect();
        keep(&mut self.customers, &stays);
        keep(&mut self.days, &stays);
        for column in &mut self.columns {
            match column {
                Column::Numbers(values) => keep(values, &stays),
                Column::Categories { codes, .. } => keep(codes, &stays),
            }
        }
        if let Some(histories) = &mut self.histories {
            keep(histories, &stays);
        }
        Some(stays)
    }
}

/// Takes out the rows that do not stay.
pub(super) fn keep<T>(column: &mut Vec<T>, stays: &[bool]) {
    let mut stays = stays.iter();
    column.retain(|_| stays.next().is_none_or(|stays| *stays));
}

impl PredictorColumn<'_> {
    /// How many values are missing.
    pub fn missing(&self) -> usize {
        match self {
            Self::Numbers(values) => values.iter().filter(|value| value.is_nan()).count(),
            Self::Categories { codes, .. } => {
                codes.iter().filter(|&&code| code == Categories::MISSING).count()
            }
        }
    }
}

impl Column {
    fn is_numeric(&self) -> bool {
        matches!(self, Self::Numbers(_))
    }

    fn seen(&self) -> PredictorColumn<'_> {
        match self {
            Self::Numbers(values) => PredictorColumn::Numbers(values),
            Self::Categories { levels, codes } => PredictorColumn::Categories { levels, codes },
        }
    }

    fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(rows.iter().map(|&row| values[row as usize]).collect()),
            Self::Categories { levels, codes } => Self::Categories {
                levels: levels.clone(),
                codes: rows.iter().map(|&row| codes[row as usize]).collect(),
            },
        }
    }

    /// Columns of one kind, one below the other; of categories the levels of all.
    fn stack(parts: &[&Self]) -> Self {
        let (mut values, mut all) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Self::Numbers(numbers) => values.extend_from_slice(numbers),
                Self::Categories { levels, codes } => all.push((levels, codes)),
            }
        }
        if all.is_empty() {
            return Self::Numbers(values);
        }
        let levels: BTreeSet<&String> = all.iter().flat_map(|(levels, _)| *levels).collect();
        let levels: Vec<String> = levels.into_iter().cloned().collect();
        let codes = all.iter().flat_map(|(own, codes)| {
            let places: Vec<u32> = own.iter().map(|level| place(&levels, level)).collect();
            codes.iter().map(move |&code| places.get(code as usize).copied().unwrap_or(Categories::MISSING))
        });
        let codes = codes.collect();
        Self::Categories { levels, codes }
    }
}

/// The place of a level, or that there is none.
pub(super) fn place(levels: &[String], level: &String) -> u32 {
    levels.binary_search(level).map_or(Categories::MISSING, |at| at as u32)
}
