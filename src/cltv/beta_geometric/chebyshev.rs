//! A smooth function on an interval, as a sum of Chebyshev polynomials.

use std::f64::consts::PI;

/// Enough where the function has no singularity within 1.5 times the length of the interval.
const TERMS: usize = 20;

/// A function by the values at Chebyshev's points, as its coefficients.
pub(super) struct Chebyshev {
    start: f64,
    coefficients: [f64; TERMS],
}

impl Chebyshev {
    /// The function from `start` to `start` + 1.
    pub(super) fn of(start: f64, f: impl Fn(f64) -> f64) -> Self {
        let angle = |point: usize| PI * (point as f64 + 0.5) / TERMS as f64;
        let values: [f64; TERMS] = std::array::from_fn(|point| f(start + 0.5 + 0.5 * angle(point).cos()));
        let coefficients = std::array::from_fn(|term| {
            let waves = values.iter().enumerate();
            let sum: f64 = waves.map(|(point, value)| value * (term as f64 * angle(point)).cos()).sum();
            sum * if term == 0 { 1.0 } else { 2.0 } / TERMS as f64
        });
        Self { start, coefficients }
    }

    /// The function at x, by Clenshaw's recurrence.
    pub(super) fn at(&self, x: f64) -> f64 {
        let twice = 2.0 * (2.0 * (x - self.start) - 1.0);
        let (mut next, mut after) = (0.0, 0.0);
        for coefficient in self.coefficients[1..].iter().rev() {
            (next, after) = (twice * next - after + coefficient, next);
        }
        0.5 * twice * next - after + self.coefficients[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smooth_function_is_met_to_the_last_digits() {
        let f = |x: f64| (-x).exp() / (1.0 + x * x / 9.0);
        let met = Chebyshev::of(3.0, f);
        for x in [3.0, 3.01, 3.3, 3.5, 3.999, 4.0] {
            assert!((met.at(x) / f(x) - 1.0).abs() < 1e-14, "{x}");
        }
    }
}
