//! A rule that was learned.

use std::fmt;

use super::Split;
use crate::{
    churn::{ChurnModel, Contributions, PredictorColumn, Predictors, Scale},
    error::Error,
    feature::Categories,
};

/// One column, one threshold, and the probability on either side.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct RuleModel {
    pub(super) column: String,
    pub(super) split: RuleSplit,
    pub(super) holds: f64,
    pub(super) otherwise: f64,
    pub(super) missing: f64,
    pub(super) base: f64,
}

/// What a rule asks of a value.
#[derive(Clone, PartialEq, Debug)]
pub enum RuleSplit {
    /// Whether the number is at least so large.
    AtLeast(f64),
    /// Whether the category is this one.
    Is(String),
}

impl RuleModel {
    pub(super) fn new(column: &str, split: Split) -> Self {
        let Split { at, holds, otherwise, missing, base, .. } = split;
        Self { column: column.to_owned(), split: at, holds, otherwise, missing, base }
    }

    /// The column that is asked.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// What is asked of it.
    pub fn split(&self) -> &RuleSplit {
        &self.split
    }

    /// The probability of churn where the answer is yes.
    pub fn holds(&self) -> f64 {
        self.holds
    }

    /// The probability of churn where the answer is no.
    pub fn otherwise(&self) -> f64 {
        self.otherwise
    }

    /// The probability of churn where the value is missing: that of all if none was when the rule was learned.
    pub fn missing(&self) -> f64 {
        self.missing
    }

    /// The share that churned of all rows learned from.
    pub fn base(&self) -> f64 {
        self.base
    }

    fn answer(&self, yes: bool) -> f64 {
        if yes { self.holds } else { self.otherwise }
    }
}

impl ChurnModel for RuleModel {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        match (of.column(&self.column)?, &self.split) {
            (PredictorColumn::Numbers(values), RuleSplit::AtLeast(least)) => {
                let answer =
                    |&value: &f64| if value.is_nan() { self.missing } else { self.answer(value >= *least) };
                Ok(values.iter().map(answer).collect())
            }
            (PredictorColumn::Categories { levels, codes }, RuleSplit::Is(level)) => {
                // A level that was never seen is not this one.
                let wanted = levels.iter().position(|known| known == level);
                let answer = |&code: &u32| match code {
                    Categories::MISSING => self.missing,
                    code => self.answer(wanted == Some(code as usize)),
                };
                Ok(codes.iter().map(answer).collect())
            }
            (PredictorColumn::Numbers(_), _) => {
                Err(Error::parameter("column", &self.column, "holds numbers, and held categories before"))
            }
            (PredictorColumn::Categories { .. }, _) => {
                Err(Error::parameter("column", &self.column, "holds categories, and held numbers before"))
            }
        }
    }

    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let added = self.probabilities(of)?.into_iter().map(|probability| probability - self.base).collect();
        Contributions::new(vec![self.column.clone()], Scale::Probability, self.base, added)
    }
}

impl fmt::Display for RuleModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, holds, otherwise, .. } = self;
        match &self.split {
            RuleSplit::AtLeast(least) => {
                write!(f, "{column} at least {least}: {holds:.3}, else {otherwise:.3}")
            }
            RuleSplit::Is(level) => write!(f, "{column} is {level}: {holds:.3}, else {otherwise:.3}"),
        }
    }
}
