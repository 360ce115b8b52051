//! A fitted logistic regression: coefficients, how sure they are, and scores.

use std::fmt;

use super::{
    design::{Design, Encoding, MISSING, Part},
    penalty::{Penalty, Pulls},
    search::{Peak, curvature},
};
use crate::{
    churn::{
        ChurnModel, Contributions, Predictors, Scale,
        schema::{Aligned, Kind},
    },
    error::Error,
    math::{
        lanes::{self, LANES, Lanes},
        parallel, simd,
        special::normal_cdf,
        symmetric::{Symmetric, dot},
    },
    model::{Readiness, Stop},
};

/// A coefficient: by how much the logarithm of the odds rises with one unit more of what it stands for.
#[derive(Clone, PartialEq, Debug)]
pub struct Coefficient {
    /// What it stands for: `tenure`, `plan=yearly`, `tenure is missing`, or `intercept`.
    pub name: String,
    /// The column; that of the intercept is empty.
    pub column: String,
    /// In the column's own unit.
    pub value: f64,
    /// From the exact Hessian, a ridge as a part of it; `None` where sizes are penalised (the lasso has none), and
    /// where the Hessian is singular.
    pub std_error: Option<f64>,
}

impl Coefficient {
    /// The coefficient over its standard error.
    pub fn z(&self) -> Option<f64> {
        self.std_error.map(|error| self.value / error).filter(|z| z.is_finite())
    }

    /// The probability of so large a coefficient, of either sign, where the true one is 0: by the normal distribution
    /// (Wald's test).
    pub fn p_value(&self) -> Option<f64> {
        self.z().map(|z| 2.0 * normal_cdf(-z.abs()))
    }
}

/// What a logistic regression could not use.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LeftOut {
    /// The column.
    pub column: String,
    /// What of it: the column itself, or as a [`Coefficient`] would be named.
    pub term: String,
    /// Why.
    pub why: Unused,
}

/// Why a term has no coefficient.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Unused {
    /// No row had a value.
    AllMissing,
    /// All values are alike.
    Constant,
    /// The terms before it determine it.
    Redundant,
}

impl LeftOut {
    pub(super) fn new(column: &str, term: String, why: Unused) -> Self {
        Self { column: column.to_owned(), term, why }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Unused::AllMissing => "no row has a value",
            Unused::Constant => "all values are alike",
            Unused::Redundant => "others determine it",
        };
        write!(f, "{}: {why}", self.term)
    }
}

/// A fitted [`Logistic`](super::Logistic) regression. It holds no customer.
///
/// What a column [contributes](ChurnModel::contributions) to the logarithm of the odds is held against its mean over the
/// rows learned from, all terms of the column together.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct LogisticModel {
    pub(super) penalty: Penalty,
    pub(super) design: Design,
    pub(super) intercept: Coefficient,
    pub(super) coefficients: Vec<Coefficient>,
    /// The logarithm of the odds where every term has its mean.
    pub(super) base: f64,
    pub(super) log_likelihood: f64,
    pub(super) null_log_likelihood: f64,
    pub(super) steps: u32,
    pub(super) stop: Stop,
    pub(super) readiness: Readiness,
}

impl LogisticModel {
    /// From where a search ended, whose coordinates are standardised and whose rows weigh `unit` each.
    pub(super) fn of(
        penalty: Penalty,
        design: Design,
        peak: &Peak,
        pulls: &Pulls,
        unit: f64,
        (churned, stayed): (f64, f64),
        readiness: Readiness,
    ) -> Self {
        let covariance = if pulls.has_lasso() { None } else { curvature(&peak.sums, pulls).inverse() };
        let covariance = covariance.as_ref();
        let (base, slopes) = peak.at.split_first().map_or((0.0, &[][..]), |(base, slopes)| (*base, slopes));
        let mut coefficients = Vec::with_capacity(slopes.len());
        // The intercept in the coordinates of the search.
        let (mut intercept, mut parts) = (base, vec![1.0]);
        for (at, (term, slope)) in design.terms.iter().zip(slopes).enumerate() {
            let part = term.centre / term.spread;
            intercept -= slope * part;
            parts.push(-part);
            let mut unit_part = vec![0.0; peak.at.len()];
            unit_part[at + 1] = term.spread.recip();
            coefficients.push(Coefficient {
                name: design.name(*term),
                column: design.schema.columns()[term.column].0.clone(),
                value: slope / term.spread,
                std_error: covariance.and_then(|covariance| deviation(covariance, &unit_part, unit)),
            });
        }
        let std_error = covariance.and_then(|covariance| deviation(covariance, &parts, unit));
        let all = churned + stayed;
        // The logarithm of a share near 1, by what is left of it.
        let share = |of: f64, rest: f64| if of > rest { (-rest / all).ln_1p() } else { (of / all).ln() };
        let null = churned * share(churned, stayed) + stayed * share(stayed, churned);
        Self {
            penalty,
            design,
            intercept: Coefficient {
                name: "intercept".to_owned(),
                column: String::new(),
                value: intercept,
                std_error,
            },
            coefficients,
            base,
            log_likelihood: peak.sums.value * unit,
            null_log_likelihood: null * unit,
            steps: peak.steps,
            stop: peak.stop,
            readiness,
        }
    }

    /// The logarithm of the odds where every column is 0, or has the level that others are held against.
    pub fn intercept(&self) -> &Coefficient {
        &self.intercept
    }

    /// The coefficients, in the order of the columns: of a number, of its being missing, of the levels in their order.
    pub fn coefficients(&self) -> &[Coefficient] {
        &self.coefficients
    }

    /// The level of a category that others are held against; `None` of numbers, and where there is no such column.
    pub fn base_level(&self, column: &str) -> Option<&str> {
        let at = self.design.schema.names().position(|name| name == column)?;
        match (&self.design.schema.columns()[at].1, self.design.encodings[at]) {
            (Kind::Levels(levels), Encoding::Levels { base }) => {
                levels.get(base as usize).map(String::as_str)
            }
            _ => None,
        }
    }

    /// What could not be used, and why.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.design.left_out
    }

    /// What was taken off for large coefficients.
    pub fn penalty(&self) -> Penalty {
        self.penalty
    }

    /// The log-likelihood of the rows learned from, without the penalty.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The log-likelihood of the share that churned, without any column.
    pub fn null_log_likelihood(&self) -> f64 {
        self.null_log_likelihood
    }

    /// Steps taken, those over a sample among them.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// How the search ended.
    pub fn stop(&self) -> Stop {
        self.stop
    }

    /// How far the rows learned from carry it.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// What each column adds, ready to be summed.
    fn parts(&self) -> Vec<Added> {
        let columns = self.design.schema.columns().iter().zip(&self.design.encodings).enumerate();
        columns.map(|(at, ((_, kind), encoding))| self.part(at, kind, *encoding)).collect()
    }

    fn part(&self, column: usize, kind: &Kind, encoding: Encoding) -> Added {
        let terms = || {
            let all = self.design.terms.iter().zip(&self.coefficients);
            all.filter(move |(term, _)| term.column == column).map(|(term, one)| (term, one.value))
        };
        // Where none of the column's indicators is set.
        let unset: f64 = terms()
            .filter(|(term, _)| term.part != Part::Value)
            .fold(0.0, |sum, (term, slope)| sum - bounded(slope * term.centre));
        let set =
            |part: Part| terms().find(|(term, _)| term.part == part).map_or(0.0, |(_, slope)| bounded(slope));
        let missing = unset + set(Part::Missing);
        match (kind, encoding) {
            (Kind::Number, Encoding::Number { fill }) => {
                let value = terms().find(|(term, _)| term.part == Part::Value);
                let (centre, slope) = value.map_or((0.0, 0.0), |(term, slope)| (term.centre, slope));
                Added::Number {
                    slope,
                    centre,
                    known: unset,
                    missing: missing + bounded(slope * (fill - centre)),
                }
            }
            (Kind::Levels(levels), _) => {
                let level = |level| unset + set(Part::Level(level));
                Added::Levels { each: (0..levels.len() as u32).map(level).collect(), missing }
            }
            (Kind::Number, Encoding::Levels { .. }) => Added::Levels { each: Vec::new(), missing: 0.0 },
        }
    }
}

/// What a column adds to a score.
enum Added {
    Number { slope: f64, centre: f64, known: f64, missing: f64 },
    Levels { each: Vec<f64>, missing: f64 },
}

/// Beyond this a score says nothing more, and sums of many stay finite.
const LARGEST: f64 = 1e290;

#[inline(always)]
fn bounded(score: f64) -> f64 {
    score.clamp(-LARGEST, LARGEST)
}

/// The standard deviation of a sum of estimates, whose covariance is that of rows of weight `unit`.
fn deviation(covariance: &Symmetric, parts: &[f64], unit: f64) -> Option<f64> {
    let deviation = (dot(parts, &covariance.times(parts)) / unit).sqrt();
    deviation.is_finite().then_some(deviation)
}

impl Added {
    /// Adds what the column adds to each of some rows.
    #[inline(always)]
    fn add<'a>(
        &self,
        column: &Aligned<'_>,
        rows: std::ops::Range<usize>,
        to: impl Iterator<Item = &'a mut f64>,
    ) {
        match (self, column) {
            (Self::Number { slope, centre, known, missing }, Aligned::Numbers(values)) => {
                for (&x, to) in values[rows].iter().zip(to) {
                    let added = bounded(slope * (x - centre)) + known;
                    *to += if x.is_nan() { *missing } else { added };
                }
            }
            (Self::Levels { each, missing }, Aligned::Codes(codes)) => {
                for (&code, to) in codes[rows].iter().zip(to) {
                    debug_assert!(code == MISSING || (code as usize) < each.len());
                    *to += each.get(code as usize).copied().unwrap_or(*missing);
                }
            }
            _ => {}
        }
    }
}

impl ChurnModel for LogisticModel {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        let (columns, parts) = (self.design.schema.align(of)?, self.parts());
        Ok(parallel::column(of.len(), parallel::BLOCK, |rows, out| {
            simd::widest(
                #[inline(always)]
                || {
                    for (at, scores) in out.chunks_mut(STRIP).enumerate() {
                        let start = rows.start + at * STRIP;
                        scores.fill(self.base);
                        for (part, column) in parts.iter().zip(&columns) {
                            part.add(column, start..start + scores.len(), scores.iter_mut());
                        }
                        logistic(scores);
                    }
                },
            );
        }))
    }

    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let (columns, parts) = (self.design.schema.align(of)?, self.parts());
        let width = parts.len();
        let mut values = vec![0.0; of.len() * width];
        for (at, (part, column)) in parts.iter().zip(&columns).enumerate() {
            part.add(column, 0..of.len(), values.iter_mut().skip(at).step_by(width));
        }
        let names = self.design.schema.names().map(str::to_owned).collect();
        Contributions::new(names, Scale::LogOdds, self.base, values)
    }
}

/// Rows whose scores stay nearest to a core while column after column is added.
const STRIP: usize = 1 << 11;

/// Probabilities in place of the logarithms of their odds.
#[inline(always)]
fn logistic(scores: &mut [f64]) {
    let (eights, last) = scores.as_chunks_mut::<LANES>();
    for scores in eights {
        *scores = logistic_of(scores);
    }
    let mut eight = [0.0; LANES];
    eight[..last.len()].copy_from_slice(last);
    last.copy_from_slice(&logistic_of(&eight)[..last.len()]);
}

#[inline(always)]
fn logistic_of(scores: &Lanes) -> Lanes {
    let odds = lanes::exp(&lanes::each(scores, |score| -score.abs()));
    let mut out = [0.0; LANES];
    for ((out, score), odds) in out.iter_mut().zip(scores).zip(&odds) {
        let likelier = 1.0 / (1.0 + odds);
        *out = if *score >= 0.0 { likelier } else { odds * likelier };
    }
    out
}
