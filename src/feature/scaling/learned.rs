//! What a step learned from a column, and what that does to values.

use super::{
    Step,
    moments::{self, Spread},
    ranks::RankCurve,
};
use crate::{
    error::{Error, ErrorKind},
    math::parallel,
};

/// A [`Step`] with what it learned from a column.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum LearnedStep {
    /// `ln(1 + x)`.
    Log1p,
    /// `sign(x) ln(1 + |x|)`.
    SignedLog,
    /// `(x - center) / scale`.
    Linear {
        /// Which step learned it.
        step: Step,
        /// Mean, median or least value.
        center: f64,
        /// Standard deviation, interquartile range or range; 1 where that is 0.
        scale: f64,
        /// Whether it is 0.
        constant: bool,
    },
    /// Ranks from 0 to 1.
    Rank(RankCurve),
}

/// What a column learned, step by step.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct ScaledColumn {
    pub(super) name: String,
    pub(super) steps: Vec<LearnedStep>,
}

/// A value that a step cannot take, by its place among those given.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) rule: &'static str,
}

/// Learns each step from what those before it made of the column.
///
/// # Errors
/// If no value is there, or a step cannot take one, or all of them.
pub(super) fn learn(steps: &[Step], name: &str, column: &[f64]) -> Result<ScaledColumn, Error> {
    let mut values: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    if values.is_empty() {
        return Err(Error::parameter("column", name, "has no value to learn a scale from"));
    }
    let mut learned = Vec::with_capacity(steps.len());
    for step in steps {
        let step = step.learn(&values).map_err(|rule| Error::parameter("column", name, rule))?;
        each_block(&mut values, |_, block| step.apply(block)).map_err(|fault| {
            let mut rows = column.iter().enumerate().filter(|(_, value)| !value.is_nan());
            let (row, value) = rows.nth(fault.at).unwrap_or((fault.at, &f64::NAN));
            refused(row, *value, name, fault.rule)
        })?;
        learned.push(step);
    }
    Ok(ScaledColumn { name: name.to_owned(), steps: learned })
}

/// A value that cannot be scaled, as an error.
pub(super) fn refused(row: usize, value: f64, name: &str, rule: &'static str) -> Error {
    ErrorKind::Row { row: row as u64, rule, text: format!("{value:?} in column {name}") }.into()
}

/// Work on values in blocks, by all threads, each block with the place of its first value. Of several faults it is the
/// first that is told.
pub(super) fn each_block(
    values: &mut [f64],
    work: impl Fn(usize, &mut [f64]) -> Result<(), Fault> + Sync + Send,
) -> Result<(), Fault> {
    let starts = (0..).step_by(parallel::BLOCK);
    let blocks = starts.zip(values.chunks_mut(parallel::BLOCK)).collect();
    let at = |start: usize| move |fault: Fault| Fault { at: start + fault.at, ..fault };
    let done = parallel::map(blocks, |(start, block): (usize, _)| work(start, block).map_err(at(start)));
    done.into_iter().collect()
}

impl ScaledColumn {
    /// Scales values; NaN, which is missing, stays.
    pub(super) fn apply(&self, values: &mut [f64]) -> Result<(), Fault> {
        self.steps.iter().try_for_each(|step| step.apply(values))
    }

    /// Turns scaled values back.
    pub(super) fn invert(&self, values: &mut [f64]) -> Result<(), Fault> {
        self.steps.iter().rev().try_for_each(|step| step.invert(values))
    }
}

impl Step {
    /// Learns from at least one value.
    ///
    /// # Errors
    /// The rule that the column breaks.
    fn learn(self, values: &[f64]) -> Result<LearnedStep, &'static str> {
        let Spread { center, spread } = match self {
            Self::Log1p => return Ok(LearnedStep::Log1p),
            Self::SignedLog => return Ok(LearnedStep::SignedLog),
            Self::Rank => return Ok(LearnedStep::Rank(RankCurve::learn(values))),
            Self::Standard | Self::Robust | Self::MinMax => self.spread(values)?,
        };
        let constant = spread == 0.0;
        Ok(LearnedStep::Linear { step: self, center, scale: if constant { 1.0 } else { spread }, constant })
    }

    fn spread(self, values: &[f64]) -> Result<Spread, &'static str> {
        let (low, high) = moments::range(values);
        if !(high - low).is_finite() {
            return Err("spans more than a number can hold");
        }
        Ok(match self {
            Self::Robust => moments::robust(values),
            Self::MinMax => moments::min_max(values),
            _ => moments::standard(values),
        })
    }
}

const TOO_FAR: &str = "is too far from the values that the scale was learned from";

impl LearnedStep {
    /// Whether it found no spread in its column.
    pub(super) fn is_constant(&self) -> bool {
        match self {
            Self::Log1p | Self::SignedLog => false,
            Self::Linear { constant, .. } => *constant,
            Self::Rank(curve) => curve.values.len() == 1,
        }
    }

    /// Scales values; NaN, which is missing, stays.
    fn apply(&self, values: &mut [f64]) -> Result<(), Fault> {
        match self {
            Self::Log1p => {
                if let Some(at) = values.iter().position(|&value| value <= -1.0) {
                    return Err(Fault { at, rule: "must be above -1 for its logarithm" });
                }
                each(values, f64::ln_1p);
            }
            Self::SignedLog => each(values, |value| value.abs().ln_1p().copysign(value)),
            &Self::Linear { center, scale, .. } => each(values, |value| (value - center) / scale),
            Self::Rank(curve) => each(values, |value| if value.is_nan() { value } else { curve.rank(value) }),
        }
        finite(values, TOO_FAR)
    }

    /// Turns scaled values back.
    fn invert(&self, values: &mut [f64]) -> Result<(), Fault> {
        match self {
            Self::Log1p => each(values, f64::exp_m1),
            Self::SignedLog => each(values, |value| value.abs().exp_m1().copysign(value)),
            &Self::Linear { center, scale, .. } => each(values, |value| value * scale + center),
            Self::Rank(curve) => {
                each(values, |value| if value.is_nan() { value } else { curve.value(value) });
            }
        }
        finite(values, "is too far out to be turned back")
    }
}

fn each(values: &mut [f64], change: impl Fn(f64) -> f64) {
    for value in values {
        *value = change(*value);
    }
}

/// # Errors
/// At the first infinite value.
fn finite(values: &[f64], rule: &'static str) -> Result<(), Fault> {
    values.iter().position(|value| value.is_infinite()).map_or(Ok(()), |at| Err(Fault { at, rule }))
}
