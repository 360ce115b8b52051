//! Why a customer has the score: what each column adds.

use crate::{
    error::{Error, ErrorKind},
    math::special::logistic,
};

/// What the score of each row is made of: a base, and what each column adds. The sum is the score.
#[derive(Clone, PartialEq, Debug)]
pub struct Contributions {
    names: Vec<String>,
    scale: Scale,
    base: f64,
    /// Row after row.
    values: Vec<f64>,
}

/// In what a score is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scale {
    /// The logarithm of the odds, `ln(p / (1 - p))`.
    LogOdds,
    /// The probability.
    Probability,
}

/// One column's part in a score.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reason<'a> {
    /// The column.
    pub column: &'a str,
    /// What it adds to the score: above 0 it speaks for leaving.
    pub contribution: f64,
}

impl Contributions {
    /// What each of the columns named adds to `base` for each row: `values` row after row.
    ///
    /// # Errors
    /// If the values are not rows of as many as there are names, or one is not finite.
    pub fn new(names: Vec<String>, scale: Scale, base: f64, values: Vec<f64>) -> Result<Self, Error> {
        if !values.len().is_multiple_of(names.len().max(1)) || (names.is_empty() && !values.is_empty()) {
            let (expected, found) = (names.len(), values.len());
            return Err(ErrorKind::Length { what: "contributions", expected, found }.into());
        }
        if let Some(bad) = values.iter().chain([&base]).find(|value| !value.is_finite()) {
            return Err(Error::parameter("contribution", bad, "must be finite"));
        }
        Ok(Self { names, scale, base, values })
    }

    /// The columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// In what the scores are.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The score of a row of which nothing is known.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// What each column adds to the score of a row; `None` past the end.
    pub fn row(&self, row: usize) -> Option<&[f64]> {
        let width = self.names.len();
        self.values.get(row.checked_mul(width)?..row.checked_add(1)?.checked_mul(width)?)
    }

    /// The score of a row: the base and all that is added, in the order of the columns; `None` past the end.
    pub fn score(&self, row: usize) -> Option<f64> {
        Some(self.row(row)?.iter().fold(self.base, |sum, added| sum + added))
    }

    /// The probability that the score of a row stands for; `None` past the end.
    pub fn probability(&self, row: usize) -> Option<f64> {
        let score = self.score(row)?;
        Some(match self.scale {
            Scale::LogOdds => logistic(score),
            Scale::Probability => score.clamp(0.0, 1.0),
        })
    }

    /// The columns that add most to the risk of a row, the largest first, those above 0 alone; ties as the columns are
    /// ordered.
    pub fn reasons(&self, row: usize, most: usize) -> Vec<Reason<'_>> {
        let added = self.names.iter().zip(self.row(row).unwrap_or_default());
        let mut reasons: Vec<Reason<'_>> = added
            .map(|(column, &contribution)| Reason { column, contribution })
            .filter(|reason| reason.contribution > 0.0)
            .collect();
        reasons.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        reasons.truncate(most);
        reasons
    }
}
