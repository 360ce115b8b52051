//! What is clustered: rows of finite numbers.

use std::borrow::Cow;

use ndarray::{ArrayView2, Axis, Slice};

use crate::{
    error::{Error, ErrorKind},
    feature::Features,
    math::{parallel, simd},
};

/// Points to cluster: a row for each, a column for each coordinate, at least one of either, all finite.
///
/// Distances between them are Euclidean, so that columns of different units are scaled first
/// (by `Scaling` in `feature`). A point may have a weight, and counts as so many equal ones.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::Points;
///
/// let rows = array![[0.0, 1.0], [2.0, 3.0], [4.0, f64::NAN]];
/// let refused = Points::new(rows.view()).unwrap_err();
/// assert_eq!(refused.to_string(), "row 2: must be finite: `NaN in column 1`");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    rows: ArrayView2<'a, f64>,
    weights: Option<&'a [f64]>,
}

impl<'a> Points<'a> {
    /// Points of a matrix of shape `(points, coordinates)`. Columns that are contiguous are read where they lie.
    ///
    /// # Errors
    /// If there is no row, no column, more than [`u32::MAX`] rows, or a number that is not finite.
    pub fn new(rows: ArrayView2<'a, f64>) -> Result<Self, Error> {
        if rows.nrows() == 0 {
            return Err(ErrorKind::Empty { what: "rows to cluster" }.into());
        }
        if rows.ncols() == 0 {
            return Err(ErrorKind::Empty { what: "columns to cluster by" }.into());
        }
        if u32::try_from(rows.nrows()).is_err() {
            return Err(ErrorKind::Overflow { what: "number of rows" }.into());
        }
        // In the order of memory; the first fault by row is looked for only if there is one.
        if !all_finite(rows) {
            let fault = rows.indexed_iter().find(|(_, number)| !number.is_finite());
            if let Some(((row, column), number)) = fault {
                let text = format!("{number} in column {column}");
                return Err(ErrorKind::Row { row: row as u64, rule: "must be finite", text }.into());
            }
        }
        Ok(Self { rows, weights: None })
    }

    /// Points of a table of features, in its order of rows and columns.
    ///
    /// # Errors
    /// If there is no row or column, or a value is missing or not finite.
    pub fn of(features: &'a Features) -> Result<Self, Error> {
        Self::new(features.matrix()?)
    }

    /// Gives each point a weight: how many equal points it stands for.
    ///
    /// # Errors
    /// If there is not one a row, a weight is not finite or not above 0, or their sum is not finite.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, Error> {
        check_weights(weights, self.len())?;
        Ok(Self { weights: Some(weights), ..self })
    }

    /// Number of points, at least 1.
    #[allow(clippy::len_without_is_empty, reason = "there is always a point")]
    pub fn len(&self) -> usize {
        self.rows.nrows()
    }

    /// Number of coordinates of each, at least 1.
    pub fn width(&self) -> usize {
        self.rows.ncols()
    }

    /// The coordinates, of shape `(points, coordinates)`.
    pub fn rows(&self) -> ArrayView2<'a, f64> {
        self.rows
    }

    /// The weight of each point, if weights were given.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// Refuses points of another width than a model was learned from.
    ///
    /// # Errors
    /// If the widths differ.
    pub fn check_width(&self, expected: usize) -> Result<(), Error> {
        if self.width() == expected {
            return Ok(());
        }
        Err(Error::parameter("columns", self.width(), "is not the number of columns learned from"))
    }

    /// Each coordinate of all points, contiguous: borrowed where it lies so.
    pub(crate) fn columns(&self) -> Vec<Cow<'a, [f64]>> {
        let columns = (0..self.width()).map(|column| self.rows.index_axis_move(Axis(1), column));
        let borrowed: Option<Vec<_>> = columns.map(|column| column.to_slice().map(Cow::Borrowed)).collect();
        borrowed.unwrap_or_else(|| self.copied().into_iter().map(Cow::Owned).collect())
    }

    /// The columns, copied so many rows at a time that what a row brings into a core's cache is used there.
    fn copied(&self) -> Vec<Vec<f64>> {
        let size = (ENTRIES / self.width()).max(1);
        let mut columns = vec![vec![0.0; self.len()]; self.width()];
        let mut targets: Vec<Vec<&mut [f64]>> = Vec::with_capacity(self.len().div_ceil(size));
        targets.resize_with(self.len().div_ceil(size), || Vec::with_capacity(self.width()));
        for column in &mut columns {
            for (target, chunk) in targets.iter_mut().zip(column.chunks_mut(size)) {
                target.push(chunk);
            }
        }
        let work = parallel::ranges(self.len(), size).into_iter().zip(targets).collect();
        parallel::map(work, |(rows, targets): (std::ops::Range<usize>, Vec<&mut [f64]>)| {
            let rows = self.rows.slice_axis(Axis(0), Slice::from(rows));
            for (column, target) in rows.columns().into_iter().zip(targets) {
                for (number, place) in column.iter().zip(target) {
                    *place = *number;
                }
            }
        });
        columns
    }
}

fn all_finite(rows: ArrayView2<'_, f64>) -> bool {
    let Some(numbers) = rows.as_slice_memory_order() else {
        return rows.iter().all(|number| number.is_finite());
    };
    let finite = |numbers: &[f64]| {
        simd::widest(
            #[inline(always)]
            || numbers.iter().fold(true, |all, number| all & number.is_finite()),
        )
    };
    parallel::map(numbers.chunks(parallel::BLOCK).collect(), finite).into_iter().all(|finite| finite)
}

/// Numbers copied at a time.
const ENTRIES: usize = 1 << 13;

/// Refuses weights that are not one a point, finite and above 0, with a finite sum.
pub(super) fn check_weights(weights: &[f64], points: usize) -> Result<(), Error> {
    if weights.len() != points {
        let (expected, found) = (points, weights.len());
        return Err(ErrorKind::Length { what: "weights", expected, found }.into());
    }
    if let Some(row) = weights.iter().position(|weight| !(*weight > 0.0 && weight.is_finite())) {
        let (rule, text) = ("weight must be finite and above 0", weights[row].to_string());
        return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
    }
    if !weights.iter().sum::<f64>().is_finite() {
        return Err(ErrorKind::Overflow { what: "sum of the weights" }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, ShapeBuilder, array};

    #[test]
    fn what_cannot_be_clustered_is_refused() {
        let say = |rows: &Array2<f64>| Points::new(rows.view()).unwrap_err().to_string();
        assert_eq!(say(&Array2::zeros((0, 3))), "rows to cluster: there are none");
        assert_eq!(say(&Array2::zeros((3, 0))), "columns to cluster by: there are none");
        assert!(say(&array![[1.0], [f64::INFINITY]]).starts_with("row 1: must be finite"));
        let rows = array![[1.0], [2.0]];
        let points = Points::new(rows.view()).unwrap();
        for bad in [&[1.0][..], &[1.0, 0.0], &[1.0, f64::NAN], &[f64::MAX, f64::MAX]] {
            assert!(points.weighted(bad).is_err(), "{bad:?}");
        }
        assert!(points.check_width(2).is_err() && points.check_width(1).is_ok());
    }

    #[test]
    fn columns_are_borrowed_where_they_are_contiguous() {
        let by_row = array![[1.0, 2.0], [3.0, 4.0]];
        let by_column = Array2::from_shape_vec((2, 2).f(), vec![1.0, 3.0, 2.0, 4.0]).unwrap();
        for (rows, borrowed) in [(&by_row, false), (&by_column, true)] {
            let columns = Points::new(rows.view()).unwrap().columns();
            assert_eq!(columns, [vec![1.0, 3.0], vec![2.0, 4.0]]);
            assert!(columns.iter().all(|column| matches!(column, Cow::Borrowed(_)) == borrowed));
        }
    }
}
