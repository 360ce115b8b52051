//! What was known of customers, and what became of them.

use super::Predictors;
use crate::{
    error::{Error, ErrorKind},
    model::Readiness,
};

/// Rows to learn from: [`Predictors`], and whether each customer churned afterwards.
///
/// A [`Study`](super::Study) makes them of a log, in the right order by construction. A host that has built its own
/// table gives both columns, and answers for their order.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{Examples, Predictors},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let people: Customers = (0..4_u32).map(CustomerId::from).collect();
/// let tenure = ("tenure".to_owned(), vec![Some(3.0), Some(40.0), Some(5.0), None]);
/// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [tenure])?);
/// let examples = Examples::new(known, vec![true, false, true, false])?;
/// assert_eq!(examples.balance().share(), 0.5);
/// assert!(examples.readiness().is_refused());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Examples {
    predictors: Predictors,
    churned: Vec<bool>,
    weights: Option<Vec<f64>>,
    known_after: Option<u32>,
}

/// How many churned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Balance {
    /// Rows of customers who left.
    pub churned: u64,
    /// Rows of customers who stayed.
    pub stayed: u64,
}

impl Balance {
    /// The share that churned, from 0 to 1; 0 of none.
    pub fn share(self) -> f64 {
        self.churned as f64 / (self.churned + self.stayed).max(1) as f64
    }
}

impl Examples {
    /// Classifiers are refused under so many churned, and under so many who stayed.
    pub const LEAST_OF_EACH: u64 = 50;
    /// Fewer churned for each column are degraded.
    pub const LEAST_CHURNED_A_COLUMN: u64 = 10;

    /// A table with what became of each row.
    ///
    /// # Errors
    /// If there is not an outcome a row.
    pub fn new(predictors: Predictors, churned: Vec<bool>) -> Result<Self, Error> {
        if churned.len() != predictors.len() {
            let (expected, found) = (predictors.len(), churned.len());
            return Err(ErrorKind::Length { what: "outcomes", expected, found }.into());
        }
        Ok(Self { predictors, churned, weights: None, known_after: None })
    }

    /// How much each row counts: as if it stood there so often.
    ///
    /// # Errors
    /// If there are not as many weights as rows, or one is not a finite number from 0.
    pub fn weighted(self, weights: Vec<f64>) -> Result<Self, Error> {
        if weights.len() != self.len() {
            let (expected, found) = (self.len(), weights.len());
            return Err(ErrorKind::Length { what: "weights", expected, found }.into());
        }
        if let Some(weight) = weights.iter().find(|weight| !(0.0..=f64::MAX).contains(*weight)) {
            return Err(Error::parameter("weight", weight, "must be a finite number from 0"));
        }
        Ok(Self { weights: Some(weights), ..self })
    }

    /// So many days after a row's day its outcome was known: what [`Folds::rolling`](super::Folds::rolling) keeps to.
    #[must_use]
    pub fn known_after(self, days: u32) -> Self {
        Self { known_after: Some(days), ..self }
    }

    /// What was known.
    pub fn predictors(&self) -> &Predictors {
        &self.predictors
    }

    /// Whether the customer of each row churned.
    pub fn churned(&self) -> &[bool] {
        &self.churned
    }

    /// How much each row counts, if not one.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// After how many days the outcomes were known, if it was said.
    pub fn outcome_days(&self) -> Option<u32> {
        self.known_after
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.churned.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.churned.is_empty()
    }

    /// How many churned; rows are counted, whatever their weight.
    pub fn balance(&self) -> Balance {
        let churned = self.churned.iter().filter(|&&churned| churned).count() as u64;
        Balance { churned, stayed: self.len() as u64 - churned }
    }

    /// How far the rows carry a classifier.
    pub fn readiness(&self) -> Readiness {
        let Balance { churned, stayed } = self.balance();
        let needed = Self::LEAST_OF_EACH;
        for (found, who) in [(churned, "who churned"), (stayed, "who stayed")] {
            if found < needed {
                return Readiness::Refused { why: format!("too few rows of customers {who}"), needed, found };
            }
        }
        let needed = Self::LEAST_CHURNED_A_COLUMN * self.predictors.width() as u64;
        if churned.min(stayed) < needed {
            let why = "few rows of the rarer outcome for so many columns".to_owned();
            return Readiness::Degraded { why, needed, found: churned.min(stayed) };
        }
        Readiness::Ready
    }

    /// Some of the rows, in the order given.
    ///
    /// # Errors
    /// If a row is out of range.
    pub fn take(&self, rows: &[u32]) -> Result<Self, Error> {
        let predictors = self.predictors.take(rows)?;
        Ok(Self {
            predictors,
            churned: rows.iter().map(|&row| self.churned[row as usize]).collect(),
            weights: self.weights.as_ref().map(|all| rows.iter().map(|&row| all[row as usize]).collect()),
            known_after: self.known_after,
        })
    }

    /// The same rows and outcomes with some of the columns.
    ///
    /// # Errors
    /// If there is no column of a name, or a name is given twice.
    pub fn select(&self, wanted: &[&str]) -> Result<Self, Error> {
        Ok(Self {
            predictors: self.predictors.select(wanted)?,
            churned: self.churned.clone(),
            weights: self.weights.clone(),
            known_after: self.known_after,
        })
    }

    /// What every estimator asks first.
    ///
    /// # Errors
    /// If there are no rows, all have the same outcome, by what counts, or the sum of the weights is too large.
    pub(crate) fn check_both(&self) -> Result<(), Error> {
        if self.is_empty() {
            return Err(ErrorKind::Empty { what: "examples" }.into());
        }
        let counts = |row: usize| self.weights.as_ref().is_none_or(|weights| weights[row] > 0.0);
        for (outcome, why) in [(true, "nobody churned"), (false, "everybody churned")] {
            if !(0..self.len()).any(|row| self.churned[row] == outcome && counts(row)) {
                return Err(ErrorKind::TooFew { why: why.to_owned(), needed: 1, found: 0 }.into());
            }
        }
        let whole = self.weights.as_ref().map_or(0.0, |weights| weights.iter().sum());
        if whole < f64::INFINITY {
            Ok(())
        } else {
            Err(ErrorKind::Overflow { what: "sum of weights" }.into())
        }
    }
}
