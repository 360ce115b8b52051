//! Coordinates times a power of two, so that no square that matters overflows or is lost.

use super::super::Points;
use crate::{error::Error, math::parallel};

/// A power of two by which coordinates are multiplied: none loses a bit that a distance could show.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scale(f64);

/// Scaled coordinates lie below this power of two.
const MOST: i32 = 1000;

impl Scale {
    /// About 2^-400 for `eps`: its square is far from either end of what floats can hold, and coordinates may be
    /// 2^1400 times as large.
    pub(super) fn to(eps: f64) -> Self {
        Self(power(-400 - exponent(eps)))
    }

    /// About 2^500 for the largest coordinate.
    pub(super) fn spanning(points: &Points<'_>) -> Self {
        Self(power(500 - exponent(largest(points.rows()))))
    }

    /// A scaled coordinate; infinite where it is far beyond those that were checked.
    #[inline]
    pub(super) fn of(self, coordinate: f64) -> f64 {
        coordinate * self.0
    }

    /// The square of a distance, scaled.
    pub(super) fn square(self, distance: f64) -> f64 {
        (distance * self.0) * (distance * self.0)
    }

    /// The distance of a scaled square.
    pub(super) fn distance(self, square: f64) -> f64 {
        square.sqrt() / self.0
    }

    /// The columns of the points, scaled.
    pub(super) fn columns(self, points: &Points<'_>) -> Vec<Vec<f64>> {
        let rows = points.rows();
        parallel::map((0..points.width()).collect(), |column| {
            rows.column(column).iter().map(|x| x * self.0).collect()
        })
    }

    /// Columns, scaled.
    pub(super) fn all(self, columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
        columns.iter().map(|column| column.iter().map(|x| self.of(*x)).collect()).collect()
    }

    /// Refuses an `eps` that is as nothing beside the coordinates.
    pub(super) fn check<'a>(
        self,
        coordinates: impl IntoIterator<Item = &'a f64>,
        eps: f64,
    ) -> Result<Self, Error> {
        if largest(coordinates) * self.0 < power(MOST) {
            return Ok(self);
        }
        Err(Error::parameter("eps", eps, "is less than the largest coordinate by a factor of 2^1400"))
    }
}

fn largest<'a>(coordinates: impl IntoIterator<Item = &'a f64>) -> f64 {
    let larger = |largest: f64, x: &f64| if x.abs() > largest { x.abs() } else { largest };
    coordinates.into_iter().fold(0.0, larger)
}

/// Of the greatest power of two up to a positive number; -1023 where that is not normal.
fn exponent(number: f64) -> i32 {
    // The sign is 0, so that twelve bits are left at most.
    (number.to_bits() >> 52) as i32 - 1023
}

/// 2 to a power, clamped to what is a normal number.
fn power(exponent: i32) -> f64 {
    f64::from_bits(u64::from((exponent.clamp(-1022, 1023) + 1023).unsigned_abs()) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_of_distances_are_in_range_whatever_the_unit() {
        for eps in [f64::from_bits(1), 1e-310, 1e-200, 0.3, 7e5, 1e200, f64::MAX] {
            let scale = Scale::to(eps);
            assert!((1e-280..=16.0).contains(&scale.square(eps)), "{eps}");
            assert!((scale.distance(scale.square(eps)) / eps - 1.0).abs() < 1e-15, "{eps}");
        }
        assert_eq!((exponent(1.0), exponent(0.75), power(3)), (0, -1, 8.0));
        assert_eq!((exponent(0.0), power(-5000), power(5000)), (-1023, f64::MIN_POSITIVE, 2_f64.powi(1023)));
    }
}
