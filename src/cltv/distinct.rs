//! Equal rows as one row with a weight, whatever a row is.

use std::cmp::Ordering;

use super::search::Evidence;
use crate::{
    domain::Day,
    summary::{Spend, Spends},
};

/// A row that stands for several customers.
pub(super) trait Weighted: Copy {
    fn weight(&mut self) -> &mut f64;
}

impl<R: Copy> Weighted for (R, f64) {
    fn weight(&mut self) -> &mut f64 {
        &mut self.1
    }
}

/// Sorts rows and makes equal ones one, with the sum of their weights.
pub(super) fn join_equal<W: Weighted>(rows: &mut Vec<W>, order: impl Fn(&W, &W) -> Ordering) {
    // Weights come last: equal rows add theirs in ascending order, whatever the order of the customers.
    rows.sort_unstable_by(|a, b| {
        order(a, b).then_with(|| {
            let (mut a, mut b) = (*a, *b);
            a.weight().total_cmp(b.weight())
        })
    });
    rows.dedup_by(|next, row| {
        let same = order(next, row) == Ordering::Equal;
        if same {
            *row.weight() += *next.weight();
        }
        same
    });
}

/// Every so many-th row, with the weight of those it stands for.
pub(super) fn sample<W: Weighted>(rows: &[W], every: usize) -> Vec<W> {
    let middle = |rows: &[W]| {
        let mut row = *rows.get(rows.len() / 2)?;
        *row.weight() = rows.iter().map(|&(mut row)| *row.weight()).sum();
        Some(row)
    };
    rows.chunks(every.max(1)).filter_map(middle).collect()
}

/// Distinct rows, ascending, with how many customers have each. Their order, and so every sum over them,
/// does not depend on the order of the customers.
#[derive(Clone, Debug)]
pub(super) struct Distinct<R> {
    pub(super) rows: Vec<(R, f64)>,
    pub(super) as_of: Option<Day>,
    pub(super) log_scale: f64,
}

impl<R: Copy> Distinct<R> {
    /// Joins equal rows; those without a weight are left out.
    pub(super) fn of(mut rows: Vec<(R, f64)>, order: impl Fn(&R, &R) -> Ordering) -> Self {
        rows.retain(|&(_, weight)| weight > 0.0);
        join_equal(&mut rows, |a, b| order(&a.0, &b.0));
        Self { rows, as_of: None, log_scale: 0.0 }
    }

    /// The sum of something over all customers.
    pub(super) fn sum(&self, of: impl Fn(&R) -> f64) -> f64 {
        self.rows.iter().map(|(row, weight)| weight * of(row)).sum()
    }

    /// The same customers, seen otherwise.
    pub(super) fn map<S>(self, view: impl Fn(R) -> S) -> Distinct<S> {
        let rows = self.rows.into_iter().map(|(row, weight)| (view(row), weight)).collect();
        Distinct { rows, as_of: self.as_of, log_scale: self.log_scale }
    }
}

impl Distinct<Spend> {
    /// The spend of all customers.
    pub(super) fn of_spends(people: &dyn Spends) -> Self {
        let mut spends = vec![Spend::default(); people.len()];
        people.read(0, &mut spends);
        let weights = people.weights();
        let weight = |row: usize| weights.map_or(1.0, |weights| weights.get(row).copied().unwrap_or(0.0));
        let rows = spends.into_iter().enumerate().map(|(row, spend)| (spend, weight(row))).collect();
        let parts = |a: &Spend, b: &Spend| {
            let means = a.loss_mean().total_cmp(&b.loss_mean()).then(a.gain_mean().total_cmp(&b.gain_mean()));
            a.losses().cmp(&b.losses()).then(means)
        };
        Self::of(rows, |a, b| {
            let whole = a.purchases().cmp(&b.purchases()).then(a.mean().total_cmp(&b.mean()));
            whole.then_with(|| parts(a, b))
        })
    }

    /// Only the customers of whom something holds.
    pub(super) fn only(mut self, holds: impl Fn(&Spend) -> bool) -> Self {
        self.rows.retain(|(spend, _)| holds(spend));
        self
    }
}

impl<R: Copy> Evidence for Distinct<R> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn sample(&self, every: usize) -> Self {
        Self { rows: sample(&self.rows, every), ..*self }
    }

    fn customers(&self) -> f64 {
        self.rows.iter().map(|&(_, weight)| weight).sum()
    }

    fn as_of(&self) -> Option<Day> {
        self.as_of
    }

    fn log_scale(&self) -> f64 {
        self.log_scale
    }
}
