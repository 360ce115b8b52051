//! A smooth function on a short interval, as a polynomial.

use std::f64::consts::PI;

/// Enough where the function has no singularity within four times the length of the interval.
const TERMS: usize = 16;

/// More than this share of the function in the last two terms, and more terms would be needed.
const SETTLED: f64 = 1e-14;

/// A function by its values at Chebyshev's points, as the coefficients of powers of a variable from -1 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chebyshev {
    /// Of the variable in x.
    slope: f64,
    shift: f64,
    coefficients: [f64; TERMS],
}

impl Chebyshev {
    /// The function from `start` to `end`; `None` if it bends too much there.
    pub(super) fn of(start: f64, end: f64, f: impl Fn(f64) -> f64) -> Option<Self> {
        let slope = 2.0 / (end - start);
        let mut waves = [0.0; TERMS];
        for point in 0..TERMS {
            let at = (PI * (point as f64 + 0.5) / TERMS as f64).cos();
            let value = f(start + (1.0 + at) / slope) * 2.0 / TERMS as f64;
            // Chebyshev's polynomials at the point.
            let (mut this, mut next) = (1.0, at);
            for wave in &mut waves {
                *wave += value * this;
                (this, next) = (next, 2.0 * at * next - this);
            }
        }
        waves[0] *= 0.5;
        let last = waves[TERMS - 2].abs() + waves[TERMS - 1].abs();
        let settled = last <= SETTLED * waves[0].abs();
        settled.then(|| Self { slope, shift: -1.0 - start * slope, coefficients: powers(&waves) })
    }

    /// The function at x.
    #[inline(always)]
    pub(super) fn at(&self, x: f64) -> f64 {
        let x = self.slope * x + self.shift;
        let (square, c) = (x * x, &self.coefficients);
        let fourth = square * square;
        // Pairs of pairs (Estrin), for a chain of products waits for each.
        let mut pairs = [0.0; TERMS / 2];
        for (at, pair) in pairs.iter_mut().enumerate() {
            *pair = c[2 * at] + c[2 * at + 1] * x;
        }
        let mut fours = [0.0; TERMS / 4];
        for (at, four) in fours.iter_mut().enumerate() {
            *four = pairs[2 * at] + pairs[2 * at + 1] * square;
        }
        let [low, high] = [0, 2].map(|at| fours[at] + fours[at + 1] * fourth);
        low + high * (fourth * fourth)
    }
}

/// The coefficients of powers, from those of Chebyshev's polynomials (Clenshaw's recurrence of polynomials).
fn powers(waves: &[f64; TERMS]) -> [f64; TERMS] {
    let (mut this, mut after) = ([0.0; TERMS], [0.0; TERMS]);
    for term in (0..TERMS).rev() {
        let twice = if term == 0 { 1.0 } else { 2.0 };
        let mut sum = after.map(|after| -after);
        sum[0] += waves[term];
        for at in 1..TERMS {
            sum[at] += twice * this[at - 1];
        }
        (this, after) = (sum, this);
    }
    this
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smooth_function_is_met_to_the_last_digits() {
        let f = |x: f64| (-x).exp() / (1.0 + x * x / 9.0);
        let met = Chebyshev::of(3.0, 3.5, f).unwrap();
        for x in [3.0, 3.01, 3.3, 3.45, 3.499, 3.5] {
            assert!((met.at(x) / f(x) - 1.0).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn a_function_that_bends_too_much_is_not_met() {
        assert!(Chebyshev::of(0.0, 1.0, |x| (-40.0 * x).exp()).is_none());
        assert!(Chebyshev::of(0.0, 1.0, |x| 1.0 / (x - 1.1)).is_none());
        assert!(Chebyshev::of(0.0, 1.0, |_| f64::NAN).is_none());
    }
}
