//! Categories, levels and encoders as they are saved.

use super::{Categories, Column, Encoder, Unseen, Vocabulary};
use crate::{
    domain::{Customers, Day, saved::SchemaVersion},
    error::Error,
    feature::names,
};

/// A table before it is checked.
#[derive(serde::Deserialize)]
pub(super) struct Table {
    as_of: Day,
    customers: Customers,
    names: Vec<String>,
    columns: Vec<Column>,
}

impl TryFrom<Table> for Categories {
    type Error = Error;

    fn try_from(saved: Table) -> Result<Self, Error> {
        if saved.names.len() != saved.columns.len() {
            return Err(Error::parameter(
                "saved categories",
                saved.names.len(),
                "names for another number of columns",
            ));
        }
        Self::of_columns(saved.customers, saved.as_of, saved.names.into_iter().zip(saved.columns).collect())
    }
}

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Levels {
    schema: SchemaVersion<1>,
    columns: Vec<(String, Vec<String>)>,
}

impl From<Vocabulary> for Levels {
    fn from(vocabulary: Vocabulary) -> Self {
        let column = |(name, levels): (&str, &[String])| (name.to_owned(), levels.to_vec());
        Self { schema: SchemaVersion, columns: vocabulary.columns().map(column).collect() }
    }
}

impl TryFrom<Levels> for Vocabulary {
    type Error = Error;

    fn try_from(Levels { columns, .. }: Levels) -> Result<Self, Error> {
        names::check(&columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())?;
        let fits = |levels: &[String]| {
            levels.is_sorted_by(|a, b| a < b) && levels.first().is_none_or(|first| !first.is_empty())
        };
        match columns.iter().find(|(_, levels)| !fits(levels)) {
            Some((name, _)) => Err(Error::parameter("levels of column", name, "are empty or given twice")),
            None => Ok(Self::of_valid(columns)),
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Hot {
    schema: SchemaVersion<1>,
    unseen: Unseen,
    bases: Vec<Option<usize>>,
    levels: Levels,
}

impl From<Encoder> for Hot {
    fn from(encoder: Encoder) -> Self {
        let Encoder { vocabulary, bases, unseen } = encoder;
        Self { schema: SchemaVersion, unseen, bases, levels: vocabulary.into() }
    }
}

impl TryFrom<Hot> for Encoder {
    type Error = Error;

    fn try_from(saved: Hot) -> Result<Self, Error> {
        let Hot { unseen, bases, levels, .. } = saved;
        let vocabulary = Vocabulary::try_from(levels)?;
        let there = |(levels, base): (&[String], &Option<usize>)| base.is_none_or(|base| base < levels.len());
        let all = vocabulary.columns().map(|(_, levels)| levels).zip(&bases).all(there);
        if !all || bases.len() != vocabulary.columns().len() {
            return Err(Error::parameter("saved encoder", format!("{bases:?}"), "has bases without a level"));
        }
        let encoder = Self { vocabulary, bases, unseen };
        names::check(&encoder.names())?;
        Ok(encoder)
    }
}
