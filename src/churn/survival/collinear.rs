//! Columns of which one follows from others.

use super::covariates::listed;
use crate::{
    error::Error,
    math::symmetric::{Symmetric, dot},
};

/// What remains of a column's square when those before it are known; below it there is nothing but rounding.
pub(super) const DEPENDENT: f64 = 1e-10;

/// Columns that make up another by a coefficient below this part of the largest take no part.
const PART: f64 = 1e-4;

/// Eliminates column after column from the sums of their products, and names the first of which nothing remains, with
/// those that make it up.
pub(super) fn check(products: &Symmetric, names: &[&str]) -> Result<(), Error> {
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for at in 0..names.len() {
        let own = products.get(at, at);
        let mut next: Vec<f64> = Vec::with_capacity(at + 1);
        for (column, above) in rows.iter().enumerate() {
            next.push((products.get(at, column) - dot(&next, above)) / above[column]);
        }
        let left = own - dot(&next, &next);
        if !(left > DEPENDENT * own) {
            let parts = made_of(&rows, next);
            let least = PART * parts.iter().fold(0.0, |most: f64, part| most.max(part.abs()));
            let others =
                names.iter().zip(&parts).filter(|(_, part)| part.abs() > least).map(|(name, _)| *name);
            let names: Vec<&str> = others.chain([names[at]]).collect();
            return Err(Error::parameter(
                "covariates",
                listed(&names),
                "are collinear: one follows from the others",
            ));
        }
        next.push(left.sqrt());
        rows.push(next);
    }
    Ok(())
}

/// c with L' c = right: by how much each of the columns before makes up this one.
fn made_of(rows: &[Vec<f64>], right: Vec<f64>) -> Vec<f64> {
    let mut parts = right;
    for place in (0..rows.len()).rev() {
        parts[place] /= rows[place][place];
        let known = parts[place];
        for (other, entry) in parts[..place].iter_mut().zip(&rows[place]) {
            *other -= entry * known;
        }
    }
    parts
}
