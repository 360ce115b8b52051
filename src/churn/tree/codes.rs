//! Columns as small numbers: what trees learn from.

use crate::{
    churn::{PredictorColumn, Predictors},
    error::Error,
    feature::Categories,
    math::parallel,
};

/// Bins of a column at the most: one number is left for a missing value.
pub(in crate::churn) const MOST_BINS: usize = u16::MAX as usize;

/// A column whose values are numbers of bins.
#[derive(Debug)]
pub(in crate::churn) struct Coded {
    /// For each row its bin; of a missing value the number of bins.
    pub(in crate::churn) codes: Vec<u16>,
    pub(in crate::churn) bins: Bins,
}

#[derive(Debug)]
pub(in crate::churn) enum Bins {
    /// The least and the largest number in each, ascending.
    Ranges(Vec<(f64, f64)>),
    /// A bin for each of so many levels.
    Levels(usize),
}

/// Codes the columns of a table. A column of at most `most` distinct numbers has a bin for each, and nothing is lost;
/// one of more has about as many rows in each bin. Bins are made by the rows that `count`.
///
/// # Errors
/// If a column has more levels than can be told apart: it is named.
pub(in crate::churn) fn code(
    table: &Predictors,
    counts: &(dyn Fn(usize) -> bool + Sync),
    most: usize,
) -> Result<Vec<Coded>, Error> {
    let code = |(name, column): (&str, PredictorColumn<'_>)| match column {
        PredictorColumn::Numbers(values) => Ok(Coded::numbers(values, counts, most)),
        PredictorColumn::Categories { levels, codes } => Coded::categories(name, levels.len(), codes),
    };
    parallel::map(table.columns().collect(), code).into_iter().collect()
}

impl Coded {
    fn numbers(values: &[f64], counts: &dyn Fn(usize) -> bool, most: usize) -> Self {
        let mut known: Vec<f64> = (0..values.len())
            .filter(|&row| counts(row) && !values[row].is_nan())
            .map(|row| positive_zero(values[row]))
            .collect();
        known.sort_unstable_by(f64::total_cmp);
        let ranges = ranges(&known, most);
        let code = |&value: &f64| {
            let value = positive_zero(value);
            if value.is_nan() { ranges.len() } else { ranges.partition_point(|range| range.1 < value) }
        };
        let codes = values.iter().map(|value| code(value) as u16).collect();
        Self { codes, bins: Bins::Ranges(ranges) }
    }

    fn categories(name: &str, levels: usize, codes: &[u32]) -> Result<Self, Error> {
        if levels > MOST_BINS {
            return Err(Error::parameter("column", name, "has more levels than a tree tells apart (65535)"));
        }
        let code = |&code: &u32| if code == Categories::MISSING { levels as u16 } else { code as u16 };
        Ok(Self { codes: codes.iter().map(code).collect(), bins: Bins::Levels(levels) })
    }

    pub(in crate::churn) fn missing(&self) -> u16 {
        match &self.bins {
            Bins::Ranges(ranges) => ranges.len() as u16,
            Bins::Levels(levels) => *levels as u16,
        }
    }

    /// A number that parts two bins: midway between what is nearest to it in each.
    pub(super) fn between(&self, below: u16, above: u16) -> f64 {
        let Bins::Ranges(ranges) = &self.bins else { return 0.0 };
        let (low, high) = (ranges[below as usize].1, ranges[above as usize].0);
        let middle = low / 2.0 + high / 2.0;
        // Of neighbouring floats there is none between.
        if middle >= low && middle < high { middle } else { low }
    }
}

/// -0 and 0 are one number.
fn positive_zero(value: f64) -> f64 {
    value + 0.0
}

/// Bins of sorted numbers; equal numbers are in one bin.
fn ranges(sorted: &[f64], most: usize) -> Vec<(f64, f64)> {
    let distinct = || sorted.chunk_by(|a, b| a.total_cmp(b).is_eq());
    let few = distinct().count() <= most;
    let (mut ranges, mut place, mut last) = (Vec::<(f64, f64)>::new(), 0, usize::MAX);
    for run in distinct() {
        let bin = if few { ranges.len() } else { place * most / sorted.len() };
        match ranges.last_mut() {
            Some(range) if bin == last => range.1 = run[0],
            _ => ranges.push((run[0], run[0])),
        }
        (place, last) = (place + run.len(), bin);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_have_a_bin_each() {
        let coded = Coded::numbers(&[3.0, f64::NAN, -0.0, 3.0, 0.0, 9.0], &|row| row != 5, 255);
        assert_eq!(coded.codes[..5], [1, 2, 0, 1, 0]);
        assert_eq!((coded.missing(), coded.between(0, 1)), (2, 1.5));
    }

    #[test]
    fn many_numbers_are_dealt_evenly() {
        let values: Vec<f64> = (0..10_000).map(|row| f64::from(row * 7919 % 10_007)).collect();
        let coded = Coded::numbers(&values, &|_| true, 255);
        let mut sizes = [0_u32; 256];
        for (code, value) in coded.codes.iter().zip(&values) {
            let Bins::Ranges(ranges) = &coded.bins else { unreachable!() };
            let (least, largest) = ranges[*code as usize];
            assert!(*value >= least && *value <= largest);
            sizes[*code as usize] += 1;
        }
        assert_eq!(sizes.iter().filter(|size| (39..=40).contains(*size)).count(), 255);
    }

    #[test]
    fn a_number_heavy_with_rows_is_one_bin() {
        let sorted: Vec<f64> = (0..1000).map(|row| if row < 900 { 1.0 } else { f64::from(row) }).collect();
        let ranges = ranges(&sorted, 10);
        assert_eq!(ranges, [(1.0, 1.0), (900.0, 999.0)]);
    }

    #[test]
    fn a_threshold_parts_neighbouring_floats() {
        for (low, high) in [(1.0, 1.0_f64.next_up()), (-f64::MAX, f64::MAX), (0.0, f64::from_bits(1))] {
            let coded = Coded::numbers(&[low, high], &|_| true, 255);
            let threshold = coded.between(0, 1);
            assert!(threshold >= low && threshold < high, "{low} {threshold} {high}");
        }
    }
}
