//! Where the parameters of the models of this room may lie.

use super::Prior;
use crate::{
    error::Error,
    model::{Parameter, ParameterDomain},
};

/// No parameter is larger.
pub(super) const MOST: f64 = 1e15;
const LEAST: f64 = 1e-15;

/// A parameter in a wide range about 1, in which nothing that the models compute overflows.
///
/// # Errors
/// If it is not from 1e-15 to 1e15.
pub(super) fn positive(name: &'static str, value: f64) -> Result<f64, Error> {
    // NaN lies in no range.
    if (LEAST..=MOST).contains(&value) {
        return Ok(value);
    }
    Err(Error::parameter(name, value, "must be from 1e-15 to 1e15"))
}

/// What a search found, brought into the range of [`positive`].
pub(super) fn clamp(value: f64) -> f64 {
    value.clamp(LEAST, MOST)
}

/// Parameters above 0, by their names.
pub(super) fn parameters<const N: usize>(names: [&str; N], values: [f64; N]) -> Vec<Parameter> {
    let domain = ParameterDomain::Positive;
    let pairs = names.into_iter().zip(values);
    pairs.map(|(name, value)| Parameter { name: name.to_owned(), value, domain }).collect()
}

/// As many values as a model has parameters.
///
/// # Errors
/// If there are more or fewer.
pub(super) fn values<const N: usize>(values: &[f64]) -> Result<[f64; N], Error> {
    values.try_into().map_err(|_| Error::parameter("values", values.len(), "must be one for each parameter"))
}

/// Sets what is believed of a parameter, by its name.
///
/// # Errors
/// `unknown`, if the model has no such parameter.
pub(super) fn set_prior<const N: usize>(
    priors: &mut [Option<Prior>; N],
    names: [&str; N],
    name: &str,
    prior: Prior,
    unknown: &'static str,
) -> Result<(), Error> {
    match names.iter().zip(priors).find(|(known, _)| **known == name) {
        Some((_, place)) => *place = Some(prior),
        None => return Err(Error::parameter("parameter", name, unknown)),
    }
    Ok(())
}
