//! What was known of customers, and what became of them.

use super::{Predictors, predictors::keep};
use crate::{
    domain::{CustomerId, People},
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

/// All rows of the customer go, with what became of them.
impl People for Examples {
    fn holds(&self, id: &CustomerId) -> bool {
        self.predictors.holds(id)
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        self.forget_rows(id).is_some()
    }
}

impl Examples {
    /// Forgets a customer; says which rows stay, if there was one to go.
    pub(super) fn forget_rows(&mut self, id: &CustomerId) -> Option<Vec<bool>> {
        let stays = self.predictors.forget_rows(id)?;
        keep(&mut self.churned, &stays);
        if let Some(weights) = &mut self.weights {
            keep(weights, &stays);
        }
        Some(stays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        churn::PredictorColumn,
        domain::{Customers, Day},
        feature::{Categories, Features},
    };

    #[test]
    fn all_rows_of_a_customer_go() {
        let people: Customers = ["anna", "ben", "cleo"].map(CustomerId::from).into_iter().collect();
        let on = |day: i32| {
            let day = Day::MIN.plus(day);
            let visits = ("visits".to_owned(), vec![Some(1.0), Some(2.0), Some(3.0)]);
            let plans = ("plan".to_owned(), vec![Some("yearly"), Some("monthly"), None]);
            Predictors::of(&Features::new(people.clone(), day, [visits]).unwrap())
                .with_categories(&Categories::new(people.clone(), day, [plans]).unwrap())
                .unwrap()
        };
        let known = Predictors::stack(&[on(0), on(7)]).unwrap();
        let examples = Examples::new(known, vec![true, false, true, false, true, false]).unwrap();
        let mut examples = examples.weighted(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap().known_after(3);
        let kept = examples.take(&[0, 2, 3, 5]).unwrap();
        assert!(examples.forget(&"ben".into()) && !examples.holds(&"ben".into()));
        assert!(!examples.forget(&"ben".into()) && examples.holds(&"anna".into()));
        let (found, known) = (examples.predictors(), kept.predictors());
        assert_eq!((found.customers(), found.days()), (known.customers(), known.days()));
        assert_eq!((examples.churned(), examples.weights()), (kept.churned(), kept.weights()));
        let PredictorColumn::Numbers(visits) = found.column("visits").unwrap() else { panic!("numbers") };
        assert_eq!(visits, [1.0, 3.0, 1.0, 3.0]);
        let PredictorColumn::Categories { codes, .. } = found.column("plan").unwrap() else {
            panic!("texts")
        };
        assert_eq!(codes, [1, Categories::MISSING, 1, Categories::MISSING]);
    }
}
