//! What is clustered: rows of numbers and categories.

use crate::{
    cluster::{Points, points::check_weights},
    error::{Error, ErrorKind},
};

/// Points with numbers, categories, or both. A category is a code, whose meaning is the host's;
/// [`MISSING`](Self::MISSING) is none.
#[derive(Clone, Debug)]
pub struct MixedPoints<'a> {
    pub(super) numbers: Option<Points<'a>>,
    /// At least one column, or none if there are numbers.
    pub(super) codes: Vec<&'a [u32]>,
    pub(super) weights: Option<&'a [f64]>,
}

impl<'a> MixedPoints<'a> {
    /// The code of a category that is missing.
    pub const MISSING: u32 = u32::MAX;

    /// Points with numbers, and columns of codes of as many rows. The weights are those of the numbers.
    ///
    /// # Errors
    /// If a column is not as long as there are points.
    pub fn new(numbers: Points<'a>, codes: &[&'a [u32]]) -> Result<Self, Error> {
        check_lengths(numbers.len(), codes)?;
        Ok(Self { weights: numbers.weights(), numbers: Some(numbers), codes: codes.to_vec() })
    }

    /// Points with categories alone.
    ///
    /// # Errors
    /// If there is no column or no row, there are more than [`u32::MAX`] rows, or columns differ in length.
    pub fn categorical(codes: &[&'a [u32]]) -> Result<Self, Error> {
        let Some(first) = codes.first() else {
            return Err(ErrorKind::Empty { what: "columns to cluster by" }.into());
        };
        if first.is_empty() {
            return Err(ErrorKind::Empty { what: "rows to cluster" }.into());
        }
        if u32::try_from(first.len()).is_err() {
            return Err(ErrorKind::Overflow { what: "number of rows" }.into());
        }
        check_lengths(first.len(), codes)?;
        Ok(Self { numbers: None, codes: codes.to_vec(), weights: None })
    }

    /// Gives each point a weight: how many equal points it stands for.
    ///
    /// # Errors
    /// If there is not one a row, a weight is not finite or not above 0, or their sum is not finite.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, Error> {
        check_weights(weights, self.len())?;
        Ok(Self { weights: Some(weights), ..self })
    }

    /// Number of points, at least 1.
    #[allow(clippy::len_without_is_empty, reason = "there is always a point")]
    pub fn len(&self) -> usize {
        self.numbers
            .map_or_else(|| self.codes.first().map_or(0, |codes| codes.len()), |numbers| numbers.len())
    }

    /// Number of columns of numbers, and of categories.
    pub fn widths(&self) -> (usize, usize) {
        (self.numbers.map_or(0, |numbers| numbers.width()), self.codes.len())
    }
}

fn check_lengths(expected: usize, codes: &[&[u32]]) -> Result<(), Error> {
    match codes.iter().find(|codes| codes.len() != expected) {
        Some(codes) => Err(ErrorKind::Length { what: "categories", expected, found: codes.len() }.into()),
        None => Ok(()),
    }
}
