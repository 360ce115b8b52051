//! Some of the points.

use ndarray::{Array2, ShapeBuilder};

use crate::{cluster::Points, error::Error};

/// Some of the points, on their own.
pub(in crate::cluster) struct Taken {
    rows: Array2<f64>,
    weights: Option<Vec<f64>>,
}

impl Taken {
    pub(in crate::cluster) fn of(points: &Points<'_>, taken: &[u32]) -> Self {
        let of = |weights: &[f64]| taken.iter().map(|&row| weights[row as usize]).collect();
        Self { weights: points.weights().map(of), ..Self::unweighted(points, taken) }
    }

    pub(in crate::cluster) fn unweighted(points: &Points<'_>, taken: &[u32]) -> Self {
        let columns = points.columns();
        let mut rows = Array2::zeros((taken.len(), points.width()).f());
        for (mut to, from) in rows.columns_mut().into_iter().zip(&columns) {
            for (to, &row) in to.iter_mut().zip(taken) {
                *to = from[row as usize];
            }
        }
        Self { rows, weights: None }
    }

    pub(in crate::cluster) fn points(&self) -> Result<Points<'_>, Error> {
        let points = Points::new(self.rows.view())?;
        match &self.weights {
            Some(weights) => points.weighted(weights),
            None => Ok(points),
        }
    }
}
