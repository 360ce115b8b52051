//! Whether columns tell the outcomes apart, so that without a penalty there is no top to climb to; and which terms
//! say nothing beside others.

use super::likelihood::{Rows, Sums};

/// A direction in which no row is the less likely, and some are the more likely the farther one goes
/// (Albert & Anderson 1984).
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Separation {
    /// The terms each of which does so alone, or if there are none those that do so together.
    pub(super) terms: Vec<usize>,
    /// Whether every row is told apart by them.
    pub(super) complete: bool,
}

/// Between which numbers a term lies for those who stayed, and for those who churned.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Span {
    pub(super) stayed: (f64, f64),
    pub(super) churned: (f64, f64),
}

impl Span {
    pub(super) const NONE: Self =
        Self { stayed: (f64::INFINITY, f64::NEG_INFINITY), churned: (f64::INFINITY, f64::NEG_INFINITY) };

    pub(super) fn add(&mut self, churned: bool, x: f64) {
        let of = if churned { &mut self.churned } else { &mut self.stayed };
        *of = (of.0.min(x), of.1.max(x));
    }

    pub(super) fn join(&mut self, part: &Self) {
        for (all, part) in [(&mut self.stayed, part.stayed), (&mut self.churned, part.churned)] {
            *all = (all.0.min(part.0), all.1.max(part.1));
        }
    }

    /// Whether no number of one outcome lies beyond one of the other; and if so, whether they do not even touch.
    fn apart(&self) -> Option<bool> {
        let gap = (self.churned.0 - self.stayed.1).max(self.stayed.0 - self.churned.1);
        let varies = self.stayed.0.min(self.churned.0) < self.stayed.1.max(self.churned.1);
        (gap >= 0.0 && varies).then_some(gap > 0.0)
    }
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
    let alone =
        rows.spans().into_iter().enumerate().skip(1).filter_map(|(at, span)| Some((at - 1, span.apart()?)));
    let (alone, complete): (Vec<usize>, Vec<bool>) = alone.unzip();
    if !alone.is_empty() {
        return Some(Separation { terms: alone, complete: complete.contains(&true) });
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
