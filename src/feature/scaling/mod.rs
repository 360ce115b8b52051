//! Columns of different units brought to one scale: learned once, applied later, and turned back.

mod learned;
mod moments;
mod ranks;
#[cfg(feature = "serde")]
mod saved;
mod scaler;
mod tests;

use super::{Features, names};
use crate::error::{Error, ErrorKind};

pub use self::{
    learned::LearnedStep,
    ranks::{RankCurve, SHARES},
    scaler::Scaler,
};

/// One step of scaling a column.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Step {
    /// `ln(1 + x)`, for counts and money with a long tail. Values must be above -1.
    Log1p,
    /// `sign(x) ln(1 + |x|)`, for money that may be negative, such as totals less refunds.
    SignedLog,
    /// `(x - mean) / sd`, with the standard deviation of the customers learned from (with n, not n - 1): that of
    /// scikit-learn's `StandardScaler`.
    Standard,
    /// `(x - median) / (q75 - q25)`, with quantiles of type 7 (Hyndman & Fan 1996): that of scikit-learn's
    /// `RobustScaler`. A few huge customers do not move it.
    Robust,
    /// `(x - min) / (max - min)`: that of scikit-learn's `MinMaxScaler`. Later values may lie outside 0 to 1.
    MinMax,
    /// The share of customers that a value leaves below it, from 0 to 1; see [`RankCurve`].
    Rank,
}

/// How each column is scaled: steps that follow one another, the same for all columns or a column's own.
///
/// [`Scaling::fit`] learns a [`Scaler`] from customers; that scales the same customers, or others, or the same ones
/// tomorrow, and turns what was found in scaled units, such as centroids, back to the original ones. What is missing
/// stays missing, and is not learned from.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{CustomerId, Customers, Day},
///     feature::{Features, Scaling, Step},
/// };
///
/// let people: Customers = [1_u32, 2, 3].map(CustomerId::from).into_iter().collect();
/// let table = Features::new(people, Day::ymd(2026, 3, 14)?, [
///     ("orders".to_owned(), vec![Some(1.0), Some(3.0), Some(2.0)]),
///     ("idle_days".to_owned(), vec![Some(0.0), Some(10.0), Some(20.0)]),
/// ])?;
/// let scaler = Scaling::by([Step::Log1p, Step::Standard]).column("idle_days", [Step::MinMax]).fit(&table)?;
/// let scaled = scaler.apply(&table)?;
/// assert_eq!(scaled.column("idle_days")?.collect::<Vec<_>>(), [Some(0.0), Some(0.5), Some(1.0)]);
///
/// let back = scaler.invert(scaled.matrix()?)?;
/// assert!((back[(1, 0)] - 3.0).abs() < 1e-12);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scaling {
    steps: Vec<Step>,
    columns: Vec<(String, Vec<Step>)>,
}

impl Scaling {
    /// These steps for every column, the first first. No step leaves a column as it is.
    pub fn by(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), columns: Vec::new() }
    }

    /// Mean 0 and standard deviation 1.
    pub fn standard() -> Self {
        Self::by([Step::Standard])
    }

    /// Median 0 and interquartile range 1.
    pub fn robust() -> Self {
        Self::by([Step::Robust])
    }

    /// From 0 to 1.
    pub fn min_max() -> Self {
        Self::by([Step::MinMax])
    }

    /// Ranks from 0 to 1.
    pub fn rank() -> Self {
        Self::by([Step::Rank])
    }

    /// Signed logarithms, then mean 0 and standard deviation 1: the usual choice for counts and money.
    pub fn log_standard() -> Self {
        Self::by([Step::SignedLog, Step::Standard])
    }

    /// Steps of its own for a column, in place of any that it was given before.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, steps: impl IntoIterator<Item = Step>) -> Self {
        let name = name.into();
        self.columns.retain(|(known, _)| *known != name);
        self.columns.push((name, steps.into_iter().collect()));
        self
    }

    /// Learns from a table of customers.
    ///
    /// A column without spread (all its values equal, or by [`Step::Robust`] the middle half of them) is moved but
    /// not stretched, as by scikit-learn; [`Scaler::constant`] names it. Unlike there, whether there is spread does
    /// not hang on the unit: a range of 1e-20 is one.
    ///
    /// # Errors
    /// If there are no rows or no columns; if a column that was given steps of its own is not there, has no value, or
    /// has values that a step cannot take ([`Step::Log1p`] names the row) or that span more than an `f64` can hold.
    pub fn fit(&self, features: &Features) -> Result<Scaler, Error> {
        if features.is_empty() {
            return Err(ErrorKind::Empty { what: "customers to learn a scale from" }.into());
        }
        if features.width() == 0 {
            return Err(ErrorKind::Empty { what: "columns to learn a scale from" }.into());
        }
        for (name, _) in &self.columns {
            names::place(&features.names, name)?;
        }
        let learn =
            |(place, name): (usize, &str)| learned::learn(self.steps(name), name, features.column_at(place));
        let columns = features.names().enumerate().map(learn).collect::<Result<_, _>>()?;
        Ok(Scaler { as_of: features.as_of, customers: features.len() as u64, columns })
    }

    fn steps(&self, name: &str) -> &[Step] {
        let own = self.columns.iter().find(|(known, _)| known == name);
        own.map_or(&self.steps, |(_, steps)| steps)
    }
}

impl Default for Scaling {
    /// [`Scaling::log_standard`].
    fn default() -> Self {
        Self::log_standard()
    }
}
