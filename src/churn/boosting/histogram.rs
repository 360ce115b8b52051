//! How the loss bends in each bin.

use crate::churn::tree::{codes::Coded, split::Part};

/// Slopes and curvatures are whole numbers of the whole weight's `2^-60`: their sums are exact, in any order, and do not
/// overflow.
const UNITS: f64 = (1_u64 << 60) as f64;

/// A row on its way through a tree, and its part in the loss.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Entry {
    pub(super) row: u32,
    slope: i64,
    curve: i64,
}

impl Entry {
    /// Slope and curvature in parts of the whole weight.
    #[inline(always)]
    pub(super) fn new(row: u32, slope: f64, curve: f64) -> Self {
        Self { row, slope: (slope * UNITS) as i64, curve: (curve * UNITS) as i64 }
    }
}

/// Entries, added up.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Sum {
    slope: i64,
    curve: i64,
    pub(super) rows: u32,
}

impl Sum {
    pub(super) fn of(entries: &[Entry]) -> Self {
        entries.iter().fold(Self::default(), |mut sum, entry| {
            sum.add(entry);
            sum
        })
    }

    #[inline(always)]
    fn add(&mut self, entry: &Entry) {
        self.slope += entry.slope;
        self.curve += entry.curve;
        self.rows += 1;
    }

    /// In parts of the whole weight.
    #[inline(always)]
    pub(super) fn slope(self) -> f64 {
        self.slope as f64 / UNITS
    }

    /// In parts of the whole weight.
    #[inline(always)]
    pub(super) fn curve(self) -> f64 {
        self.curve as f64 / UNITS
    }
}

impl Part for Sum {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self {
            slope: self.slope + other.slope,
            curve: self.curve + other.curve,
            rows: self.rows + other.rows,
        }
    }

    #[inline(always)]
    fn minus(self, part: Self) -> Self {
        Self { slope: self.slope - part.slope, curve: self.curve - part.curve, rows: self.rows - part.rows }
    }

    #[inline(always)]
    fn size(self) -> f64 {
        f64::from(self.rows)
    }
}

/// Adds up the entries in each bin of a column; the last is of missing values.
pub(super) fn fill(cells: &mut [Sum], entries: &[Entry], column: &Coded) {
    cells.fill(Sum::default());
    for entry in entries {
        cells[column.codes[entry.row as usize] as usize].add(entry);
    }
}

/// Leaves in each bin what is not in the other's.
pub(super) fn subtract(cells: &mut [Sum], part: &[Sum]) {
    for (cell, part) in cells.iter_mut().zip(part) {
        *cell = cell.minus(*part);
    }
}
