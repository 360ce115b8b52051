//! Rows in an order of their own, and columns on one scale: what a likelihood runs over.

use std::cmp::Ordering;

use super::{
    Lifetimes,
    risk_table::{bits, sorted},
};
use crate::{error::Error, math::parallel};

/// Rows sorted by stratum and time, those with an event first, and equal ones by their own numbers: the order in which
/// they were given changes no bit.
pub(super) struct Rows {
    /// Where each row was given.
    pub(super) given: Vec<u32>,
    /// With a mean of 1.
    pub(super) weights: Vec<f64>,
    /// What the weights were divided by.
    pub(super) weight_scale: f64,
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) scales: Vec<Scale>,
}

/// How a column was brought to a mean of 0 and a deviation of 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scale {
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl Rows {
    pub(super) fn new(lifetimes: &Lifetimes<'_>, columns: &[&[f64]]) -> Self {
        let given = order(lifetimes, columns);
        let weights: Vec<f64> = given.iter().map(|&row| lifetimes.weight(row as usize)).collect();
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let weight_scale = if lifetimes.weights().is_some() { mean } else { 1.0 };
        let weights: Vec<f64> = weights.into_iter().map(|weight| weight / weight_scale).collect();
        let on_scale = parallel::map(columns.to_vec(), |column| scaled(column, &given, &weights));
        let (columns, scales) = on_scale.into_iter().unzip();
        Self { given, weights, weight_scale, columns, scales }
    }

    /// Refuses columns that do not vary, of these names.
    pub(super) fn check_columns(&self, names: &[&str]) -> Result<(), Error> {
        let constant = self.scales.iter().position(|scale| !(scale.deviation > 0.0));
        match constant.map(|at| names[at]) {
            Some(name) => Err(Error::parameter("covariate", name, "is constant")),
            None => Ok(()),
        }
    }
}

fn order(lifetimes: &Lifetimes<'_>, columns: &[&[f64]]) -> Vec<u32> {
    let key = |row: usize| {
        let time = bits(lifetimes.durations()[row]) << 1 | u64::from(!lifetimes.events()[row]);
        (lifetimes.stratum(row), time, row as u32)
    };
    let mut keys = sorted((0..lifetimes.len()).map(key).collect());
    let entry = |row: usize| lifetimes.entries().map_or(0.0, |entries| entries[row]);
    let compare = |a: &(u32, u64, u32), b: &(u32, u64, u32)| {
        let (a, b) = (a.2 as usize, b.2 as usize);
        let numbers = || columns.iter().map(|column| column[a].total_cmp(&column[b]));
        lifetimes
            .weight(a)
            .total_cmp(&lifetimes.weight(b))
            .then_with(|| entry(a).total_cmp(&entry(b)))
            .then_with(|| numbers().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
    };
    for run in keys.chunk_by_mut(|a, b| (a.0, a.1) == (b.0, b.1)) {
        if run.len() > 1 {
            run.sort_unstable_by(compare);
        }
    }
    keys.into_iter().map(|(_, _, row)| row).collect()
}

/// A deviation below this part of the largest number is nothing but rounding.
const LEAST_DEVIATION: f64 = 1e-13;

/// The column in the rows' order, on its own scale. The deviation of a constant column is 0, and its numbers are 0.
fn scaled(column: &[f64], given: &[u32], weights: &[f64]) -> (Vec<f64>, Scale) {
    let most = column.iter().fold(0.0, |most: f64, number| most.max(number.abs()));
    if most == 0.0 {
        return (vec![0.0; given.len()], Scale { mean: 0.0, deviation: 0.0 });
    }
    // By the largest first, so that no square overflows. The weights add up to the number of rows.
    let mut numbers: Vec<f64> = given.iter().map(|&row| column[row as usize] / most).collect();
    let mean =
        numbers.iter().zip(weights).map(|(number, weight)| number * weight).sum::<f64>() / given.len() as f64;
    for number in &mut numbers {
        *number -= mean;
    }
    let square = numbers.iter().zip(weights).map(|(number, weight)| number * number * weight).sum::<f64>();
    let deviation = (square / given.len() as f64).sqrt();
    if deviation <= LEAST_DEVIATION {
        return (vec![0.0; given.len()], Scale { mean: mean * most, deviation: 0.0 });
    }
    for number in &mut numbers {
        *number /= deviation;
    }
    (numbers, Scale { mean: mean * most, deviation: deviation * most })
}
