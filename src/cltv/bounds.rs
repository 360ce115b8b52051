//! Where the parameters of the models of this room may lie.

use super::Prior;
use crate::error::Error;

/// No parameter is larger.
pub(super) const MOST: f64 = 1e15;

/// A parameter in a wide range about 1, in which nothing that the models compute overflows.
///
/// # Errors
/// If it is not from 1e-15 to 1e15.
pub(super) fn positive(name: &'static str, value: f64) -> Result<f64, Error> {
    // NaN lies in no range.
    if (1e-15..=MOST).contains(&value) {
        return Ok(value);
    }
    Err(Error::parameter(name, value, "must be from 1e-15 to 1e15"))
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
/// If the model has no such parameter.
pub(super) fn set_prior<const N: usize>(
    priors: &mut [Option<Prior>; N],
    names: [&str; N],
    name: &str,
    prior: Prior,
) -> Result<(), Error> {
    match names.iter().zip(priors).find(|(known, _)| **known == name) {
        Some((_, place)) => *place = Some(prior),
        None => return Err(Error::parameter("prior", name, "is of no parameter of this model")),
    }
    Ok(())
}
