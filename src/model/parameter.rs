//! A model as its parameters.

use crate::error::Error;

/// A parameter of a model.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// The name in the paper, in letters: `alpha`.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Where it may lie.
    pub domain: ParameterDomain,
}

/// Where a parameter may lie. The search runs over all real numbers, by the logarithm of the distance from
/// the bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ParameterDomain {
    /// Above 0.
    Positive,
    /// Above 1.
    AboveOne,
    /// Any real number.
    Real,
}

impl ParameterDomain {
    /// The value at a coordinate of the search: e to the coordinate, above the bound.
    pub fn value(self, coordinate: f64) -> f64 {
        match self {
            Self::Positive => coordinate.exp(),
            Self::AboveOne => 1.0 + coordinate.exp(),
            Self::Real => coordinate,
        }
    }

    /// The coordinate of a value; NaN for one outside.
    pub fn coordinate(self, value: f64) -> f64 {
        match self {
            Self::Positive => value.ln(),
            Self::AboveOne => (value - 1.0).ln(),
            Self::Real => value,
        }
    }

    /// Change of the value by the coordinate, at a value.
    pub fn slope(self, value: f64) -> f64 {
        match self {
            Self::Positive => value,
            Self::AboveOne => value - 1.0,
            Self::Real => 1.0,
        }
    }
}

/// A model that is its parameters (and what they are in: a tick, a currency).
pub trait Parametric: Sized {
    /// The parameters, in the order of the paper.
    fn parameters(&self) -> Vec<Parameter>;

    /// The same model with other values, in the order of [`parameters`](Self::parameters).
    ///
    /// # Errors
    /// If there are not as many values, or one is outside its domain.
    fn with_values(&self, values: &[f64]) -> Result<Self, Error>;
}
