//! Logistic regression: the logarithm of the odds of leaving is a sum over columns.

mod design;
mod likelihood;
mod model;
mod moments;
mod penalty;
#[cfg(feature = "serde")]
mod saved;
mod search;
mod separation;

use self::{
    design::Design,
    likelihood::Rows,
    moments::Weights,
    penalty::Pulls,
    search::{Peak, climb},
};
pub use self::{
    model::{Coefficient, LeftOut, LogisticModel, Unused},
    penalty::{Penalty, PenaltyScale},
};
use super::{ChurnEstimator, ChurnModel, Examples};
use crate::{
    error::{Error, ErrorKind},
    feature::Fill,
    model::Stop,
};

/// Logistic regression: ridge, lasso, elastic net, or without a penalty.
///
/// # Formula
/// ```text
/// ln(p / (1 - p)) = intercept + sum of b x,
/// the b at the maximum of  sum of w ln P(what the row did) - penalty(b)
/// ```
/// with the weights w of the rows and the [`Penalty`] as it is stated there, which spares the intercept. The maximum is
/// found by Newton's method, whatever the units of the columns.
///
/// # Columns
/// * A number is taken as it is. A missing one is [filled](Self::fill), and where any were missing in learning a term
///   of its own, `tenure is missing`, says so.
/// * A category is a term for each level but the most frequent (of several the first), which the others are held
///   against. A missing one is read as that level, with a term `plan is missing` where any were missing in learning. A
///   level that was never seen is read as missing.
/// * A column that says nothing is [left out](LogisticModel::left_out) and named: all values missing, or all alike, or,
///   unless a ridge shares it out, determined by those before it.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{ChurnModel, Examples, Logistic, Penalty, Predictors},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// // Two of four newcomers leave, and one of four others.
/// let people: Customers = (0..8_u32).map(CustomerId::from).collect();
/// let is_new = (0..8).map(|row| Some(if row < 4 { 1.0 } else { 0.0 })).collect();
/// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [("is_new".to_owned(), is_new)])?);
/// let churned = vec![true, true, false, false, true, false, false, false];
///
/// let model = Logistic::new(Penalty::none()).fit(&Examples::new(known.clone(), churned)?)?;
/// assert!((model.intercept().value - (1.0_f64 / 3.0).ln()).abs() < 1e-9);
/// assert!((model.coefficients()[0].value - 3.0_f64.ln()).abs() < 1e-9);
/// assert!((model.probabilities(&known)?[7] - 0.25).abs() < 1e-9);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Logistic {
    penalty: Penalty,
    fill: Fill,
    max_steps: u32,
}

/// From a sample of about so many rows on, each start is nearer: then few steps over all rows are enough.
const SAMPLES: [usize; 2] = [1 << 12, 1 << 16];

impl Logistic {
    /// More levels of a category are refused: that is an id, not a group.
    pub const MOST_LEVELS: usize = 500;
    /// More terms are refused.
    pub const MOST_TERMS: usize = 1000;

    /// With this penalty. Missing numbers are filled by their mean, and at most 100 steps are taken.
    pub const fn new(penalty: Penalty) -> Self {
        Self { penalty, fill: Fill::Mean, max_steps: 100 }
    }

    /// What stands in for a missing number.
    #[must_use]
    pub const fn fill(self, fill: Fill) -> Self {
        Self { fill, ..self }
    }

    /// At most so many steps.
    #[must_use]
    pub const fn max_steps(self, max_steps: u32) -> Self {
        Self { max_steps, ..self }
    }

    /// Learns the coefficients. Rows of weight 0 do not count.
    ///
    /// # Errors
    /// If there are no examples or all have one outcome; if a setting is out of range; if a column has numbers beyond
    /// 1e150, or more levels than [`MOST_LEVELS`](Self::MOST_LEVELS); or if, without a penalty, columns tell the
    /// outcomes apart, so that no coefficients are the likeliest: the error names the columns.
    pub fn fit(&self, examples: &Examples) -> Result<LogisticModel, Error> {
        self.penalty.check()?;
        examples.check_both()?;
        if let Some(weights) = examples.weights().filter(|weights| weights.contains(&0.0)) {
            let rows: Vec<u32> =
                (0..).zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(row, _)| row).collect();
            return self.fit(&examples.take(&rows)?);
        }
        let weights = Weights::of(examples);
        let mut design = Design::learn(examples.predictors(), &weights, self.fill)?;
        let columns = design.schema.align(examples.predictors())?;
        let pulls =
            |design: &Design| self.penalty.pulls(design.terms.iter().map(|term| term.spread), weights.unit);
        if pulls(&design).is_none() {
            let even = Rows::new(&design, &columns, examples, &weights);
            let determined = separation::determined(&even.sums(&vec![0.0; even.coordinates()]));
            design.leave_out(&determined);
        }
        let pulls = pulls(&design);
        let rows = Rows::new(&design, &columns, examples, &weights);
        let (peak, balance) = (self.climb(&rows, &pulls), rows.balance());
        if peak.stop == Stop::NotFinite {
            return Err(ErrorKind::Overflow { what: "the log-likelihood" }.into());
        }
        if let Some(separation) = &peak.separation {
            return Err(refuse(separation, &design));
        }
        Ok(LogisticModel::of(
            self.penalty,
            design,
            &peak,
            &pulls,
            weights.unit,
            balance,
            examples.readiness(),
        ))
    }

    /// From samples to all rows.
    fn climb(&self, rows: &Rows<'_>, pulls: &Pulls) -> Peak {
        let (churned, stayed) = rows.balance();
        let mut start = vec![0.0; rows.coordinates()];
        start[0] = (churned / stayed).ln();
        let mut before = 0;
        for size in SAMPLES {
            let every = rows.len() / size;
            if every < 4 {
                break;
            }
            let sample = rows.sample(every);
            let (churned, stayed) = sample.balance();
            if churned > 0.0 && stayed > 0.0 {
                let peak = climb(&sample, pulls, &start, self.max_steps);
                before += peak.steps;
                if peak.stop == Stop::Converged {
                    start = peak.at;
                }
            }
        }
        let peak = climb(rows, pulls, &start, self.max_steps);
        Peak { steps: before + peak.steps, ..peak }
    }
}

/// Names the columns that tell the outcomes apart.
fn refuse(separation: &separation::Separation, design: &Design) -> Error {
    let names: Vec<String> = separation.terms.iter().map(|&term| design.name(design.terms[term])).collect();
    let rule = if separation.complete {
        "tell who churned and who stayed apart, all of them: without a penalty no coefficients are the likeliest"
    } else {
        "tell some of who churned or stayed apart: without a penalty no coefficients are the likeliest"
    };
    Error::parameter("columns", names.join(", "), rule)
}

impl ChurnEstimator for Logistic {
    fn name(&self) -> &'static str {
        "logistic regression"
    }

    fn complexity(&self) -> u32 {
        2
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        Ok(Box::new(self.fit(examples)?))
    }
}
