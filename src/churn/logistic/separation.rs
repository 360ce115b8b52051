//! Whether columns tell the outcomes apart, so that without a penalty there is no top to climb to; and which terms
//! say nothing beside others.

use super::likelihood::{Rows, Sums};

/// A direction in which no row is the less likely, and some are the more likely the farther one goes
/// (Albert & Anderson 1984).
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Separation {
    /// The terms that make it up.
    pub(super) terms: Vec<usize>,
    /// Whether every row is told apart by it.
    pub(super) complete: bool,
}

/// A row that a whole step moves by less against its outcome is not moved: a step of Newton's method moves rows that
/// are told apart by 1 and more.
const UNMOVED: f64 = 1e-6;
/// Coordinates that are a smaller part of the largest are no part of a direction.
const SMALL: f64 = 1e-4;
/// What others leave of the variance of a term that they determine.
const DETERMINED: f64 = 1e-11;

/// Looks whether a step of Newton's method, which has not become short, leads off for ever.
pub(super) fn along(rows: &Rows<'_>, step: &[f64]) -> Option<Separation> {
    let (least, most) = rows.extent(step);
    if !(least > -UNMOVED && most > 0.5) {
        return None;
    }
    let largest = step.iter().skip(1).fold(0.0, |most: f64, part| most.max(part.abs()));
    let parts = step.iter().skip(1).enumerate().filter(|(_, part)| part.abs() > SMALL * largest);
    Some(Separation { terms: parts.map(|(term, _)| term).collect(), complete: least > 0.5 })
}

/// The terms that others before them determine, from the sums where all rows are as likely: a root of the matrix of
/// their products, in order.
pub(super) fn determined(sums: &Sums) -> Vec<usize> {
    let products = sums.information();
    let mut kept: Vec<Vec<f64>> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    let mut determined = Vec::new();
    for row in 0..products.size() {
        let mut root: Vec<f64> = Vec::with_capacity(kept.len() + 1);
        for (&column, above) in places.iter().zip(&kept) {
            let known: f64 = root.iter().zip(above).map(|(a, b)| a * b).sum();
            root.push((products.get(row, column) - known) / above[above.len() - 1]);
        }
        let whole = products.get(row, row);
        let left = whole - root.iter().map(|part| part * part).sum::<f64>();
        if left > DETERMINED * whole {
            root.push(left.sqrt());
            kept.push(root);
            places.push(row);
        } else {
            // The intercept, row 0, is left by nothing before it.
            determined.extend(row.checked_sub(1));
        }
    }
    determined
}
