//! The columns a model has learned from, found again in later tables.

use super::predictors::{PredictorColumn, Predictors, place};
use crate::{error::Error, feature::Categories};

/// Names and kinds of the columns learned from; of categories the levels.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<(String, Kind)>"))]
pub(crate) struct Schema(Vec<(String, Kind)>);

#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Kind {
    Number,
    /// The levels, ascending and distinct.
    Levels(Vec<String>),
}

/// A column of a later table, in the terms of the one learned from.
#[derive(Debug)]
pub(crate) enum Aligned<'a> {
    /// NaN where one is missing.
    Numbers(&'a [f64]),
    /// Places among the levels learned; [`Categories::MISSING`] where one is missing or was never seen.
    Codes(Vec<u32>),
}

impl Schema {
    pub(crate) fn new(columns: Vec<(String, Kind)>) -> Self {
        Self(columns)
    }

    pub(crate) fn of(table: &Predictors) -> Self {
        let kind = |column| match column {
            PredictorColumn::Numbers(_) => Kind::Number,
            PredictorColumn::Categories { levels, .. } => Kind::Levels(levels.to_vec()),
        };
        Self(table.columns().map(|(name, column)| (name.to_owned(), kind(column))).collect())
    }

    pub(crate) fn columns(&self) -> &[(String, Kind)] {
        &self.0
    }

    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The columns learned from, in their order, wherever they are in the table.
    ///
    /// # Errors
    /// If a column is not there or of another kind, or one is that was not learned from.
    pub(crate) fn align<'a>(&self, table: &'a Predictors) -> Result<Vec<Aligned<'a>>, Error> {
        if let Some(name) = table.names().find(|name| self.names().all(|known| known != *name)) {
            return Err(Error::parameter("column", name, "is none of those learned from"));
        }
        self.0.iter().map(|(name, kind)| kind.align(name, table.column(name)?)).collect()
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Vec<(String, Kind)>> for Schema {
    type Error = Error;

    /// As it was saved.
    fn try_from(columns: Vec<(String, Kind)>) -> Result<Self, Error> {
        for (at, (name, kind)) in columns.iter().enumerate() {
            if columns[..at].iter().any(|(known, _)| known == name) {
                return Err(Error::parameter("saved column", name, "is there twice"));
            }
            if matches!(kind, Kind::Levels(levels) if !levels.is_sorted_by(|a, b| a < b)) {
                return Err(Error::parameter("saved levels of column", name, "are not ascending"));
            }
        }
        Ok(Self(columns))
    }
}

impl Kind {
    fn align<'a>(&self, name: &str, column: PredictorColumn<'a>) -> Result<Aligned<'a>, Error> {
        match (self, column) {
            (Self::Number, PredictorColumn::Numbers(values)) => Ok(Aligned::Numbers(values)),
            (Self::Levels(known), PredictorColumn::Categories { levels, codes }) => {
                let places: Vec<u32> = levels.iter().map(|level| place(known, level)).collect();
                let code = |&code: &u32| places.get(code as usize).copied().unwrap_or(Categories::MISSING);
                Ok(Aligned::Codes(codes.iter().map(code).collect()))
            }
            (Self::Number, _) => {
                Err(Error::parameter("column", name, "holds categories, and held numbers before"))
            }
            (Self::Levels(_), _) => {
                Err(Error::parameter("column", name, "holds numbers, and held categories before"))
            }
        }
    }
}
