//! The distinct points, at a scale at which squares neither overflow nor vanish.

use crate::cluster::{
    Points,
    distinct::Distinct,
    scale::{ends, exponent, power_of_2, unit},
};

/// The distinct points in the order in which each is met first.
pub(super) struct Rows {
    /// A column for each coordinate, in `unit`s.
    pub(super) columns: Vec<Vec<f64>>,
    /// How many points each stands for, divided by a power of 4; above 0.
    pub(super) weights: Vec<f64>,
    /// For each point the distinct one that it equals.
    pub(super) of: Vec<u32>,
    /// What a distance in these columns is multiplied with: a power of 2, so that nothing is rounded.
    pub(super) unit: f64,
    /// What a distance times the root of a weight is multiplied with besides.
    pub(super) root_of_weight: f64,
}

impl Rows {
    pub(super) fn of(points: &Points<'_>) -> Self {
        let distinct = Distinct::of(points, points.len()).unwrap_or_else(|| every_one(points));
        let Distinct { mut columns, mut weights, of } = distinct;
        for column in &mut columns {
            approach(column);
        }
        let unit = unit(columns.iter().map(|column| column.iter().copied()));
        columns.iter_mut().flatten().for_each(|x| *x /= unit);
        let half = exponent(weights.iter().sum()).div_euclid(2);
        let root_of_weight = power_of_2(half);
        for weight in &mut weights {
            *weight = (*weight / root_of_weight / root_of_weight).max(f64::MIN_POSITIVE);
        }
        Self { columns, weights, of, unit, root_of_weight }
    }

    /// Number of distinct points.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }
}

/// The points as they are: there are never more distinct ones than points.
fn every_one(points: &Points<'_>) -> Distinct {
    Distinct {
        columns: points.columns().into_iter().map(std::borrow::Cow::into_owned).collect(),
        weights: points.weights().map_or_else(|| vec![1.0; points.len()], <[f64]>::to_vec),
        of: (0..points.len() as u32).collect(),
    }
}

/// Moves a column that lies far from 0 to it, so that centroids are as exact as the differences are. Nothing is
/// rounded: all of the column has nearly the exponent of its middle.
fn approach(column: &mut [f64]) {
    let (low, high) = ends(column.iter().copied());
    let middle = low / 2.0 + high / 2.0;
    if middle.abs() / 4.0 > high - low {
        for x in column {
            *x -= middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_column_far_from_0_is_moved_without_rounding() {
        for (column, known) in [
            (vec![1e7 + 0.25, 1e7 + 0.75, 1e7], vec![-0.125, 0.375, -0.375]),
            (vec![3.0, 4.0, 4.5], vec![3.0, 4.0, 4.5]),
            (vec![-1e300, -1e300], vec![0.0, 0.0]),
        ] {
            let mut moved = column.clone();
            approach(&mut moved);
            assert_eq!(moved, known, "{column:?}");
        }
    }

    #[test]
    fn weights_are_scaled_by_a_power_of_4() {
        let rows = array![[0.0], [8.0], [0.0]];
        let points = Points::new(rows.view()).unwrap();
        let found = Rows::of(&points.weighted(&[3.0, 2.0, 20.0]).unwrap());
        assert_eq!(
            (found.of, found.weights, found.root_of_weight),
            (vec![0, 1, 0], vec![23.0 / 16.0, 0.125], 4.0)
        );
        assert_eq!((found.columns, found.unit), (vec![vec![0.0, 1.0]], 8.0));
        let light = Rows::of(&points.weighted(&[5e-324, 5e-324, 1e300]).unwrap());
        assert!(light.weights.iter().all(|weight| *weight > 0.0), "{:?}", light.weights);
    }
}
