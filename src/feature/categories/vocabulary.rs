//! The levels of columns, kept to number later customers as the earlier ones were.

use super::{Categories, Column};
use crate::{error::Error, feature::names};

/// The levels of each column of [`Categories`]. It holds no customer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Levels", into = "super::saved::Levels"))]
pub struct Vocabulary {
    columns: Vec<(String, Vec<String>)>,
}

/// How a later column's codes read in the vocabulary.
pub(super) struct Recoded<'a> {
    pub(super) name: &'a str,
    pub(super) levels: &'a [String],
    /// Of the later column.
    pub(super) column: &'a Column,
    /// For each of its levels the code in the vocabulary, or [`Categories::MISSING`] for one that was not seen.
    pub(super) codes: Vec<u32>,
}

impl Vocabulary {
    /// The names are distinct, and the levels of each ascend.
    pub(super) fn of_valid(columns: Vec<(String, Vec<String>)>) -> Self {
        Self { columns }
    }

    /// For each column its name and its levels, ascending.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, &[String])> + Clone {
        self.columns.iter().map(|(name, levels)| (name.as_str(), levels.as_slice()))
    }

    /// Numbers later customers by these levels. A level that was not seen becomes missing; for each column it says how
    /// many customers had such a one.
    ///
    /// # Errors
    /// If a column learned from is not there, or one is that was not learned from.
    pub fn recode(&self, later: &Categories) -> Result<(Categories, Vec<(String, u64)>), Error> {
        let (mut columns, mut unseen) = (Vec::new(), Vec::new());
        for recoded in self.read(later)? {
            let codes: Vec<u32> = recoded.codes().collect();
            unseen.push((recoded.name.to_owned(), recoded.unseen().count() as u64));
            columns.push((recoded.name.to_owned(), Column { levels: recoded.levels.to_vec(), codes }));
        }
        Ok((Categories::of_columns(later.customers.clone(), later.as_of, columns)?, unseen))
    }

    /// # Errors
    /// If a column learned from is not there, or one is that was not learned from.
    pub(super) fn read<'a>(&'a self, later: &'a Categories) -> Result<Vec<Recoded<'a>>, Error> {
        let places = names::places(&later.names, self.columns().map(|(name, _)| name))?;
        let read = |((name, levels), place): ((&'a str, &'a [String]), usize)| {
            let column = &later.columns[place];
            let code = |level| levels.binary_search(level).map_or(Categories::MISSING, |place| place as u32);
            Recoded { name, levels, column, codes: column.levels.iter().map(code).collect() }
        };
        Ok(self.columns().zip(places).map(read).collect())
    }
}

impl<'a> Recoded<'a> {
    /// For each row the code in the vocabulary; missing also where the level was not seen.
    pub(super) fn codes(&self) -> impl Iterator<Item = u32> {
        let code = |code: &u32| self.codes.get(*code as usize).copied().unwrap_or(Categories::MISSING);
        self.column.codes.iter().map(code)
    }

    /// The rows whose level was not seen, with that level.
    pub(super) fn unseen(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let column = self.column;
        let level = |(row, &code): (usize, &u32)| {
            let level = column.levels.get(code as usize)?;
            let unseen = self.codes.get(code as usize) == Some(&Categories::MISSING);
            unseen.then_some((row, level.as_str()))
        };
        column.codes.iter().enumerate().filter_map(level)
    }
}
