//! Isotonic calibration: the best of all rising curves.

use super::super::judge::Outcomes;
use crate::error::Error;

/// Probabilities read off the rising curve that is nearest to what happened.
///
/// # Formula
/// ```text
/// minimise sum w (q(p) - churned)²  over all q that never fall
/// ```
/// by pooling adjacent violators (Ayer et al. 1955; Zadrozny & Elkan 2002). Equal probabilities are one point,
/// between points the curve is straight, and beyond the last ones it is level: as scikit-learn's
/// `IsotonicRegression(out_of_bounds="clip")`. It follows any shape, and so wants some hundred customers who churned
/// to follow the right one; with fewer [`Platt`](super::Platt) is safer.
#[derive(Clone, PartialEq, Debug)]
pub struct Isotonic {
    /// Ascending strictly.
    pub(super) from: Vec<f64>,
    /// Never falling, a number for each of `from`.
    pub(super) to: Vec<f64>,
}

/// Points pooled into one level.
struct Pool {
    first: f64,
    last: f64,
    churned: f64,
    all: f64,
}

impl Pool {
    fn level(&self) -> f64 {
        self.churned / self.all
    }
}

impl Isotonic {
    pub(super) fn fit(held_out: &Outcomes) -> Result<Self, Error> {
        held_out.require_both()?;
        let mut pools: Vec<Pool> = Vec::new();
        for tie in held_out.ties() {
            let mut pool = Pool { first: tie.score, last: tie.score, churned: tie.churned, all: tie.all() };
            while let Some(before) = pools.pop_if(|before| before.level() >= pool.level()) {
                pool.first = before.first;
                pool.churned += before.churned;
                pool.all += before.all;
            }
            pools.push(pool);
        }
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for pool in &pools {
            let ends = if pool.first < pool.last { vec![pool.first, pool.last] } else { vec![pool.first] };
            to.extend(ends.iter().map(|_| pool.level()));
            from.extend(ends);
        }
        Ok(Self { from, to })
    }

    pub(super) fn at(&self, probability: f64) -> f64 {
        let above = self.from.partition_point(|from| *from < probability);
        let (Some(high), Some(from_high)) = (self.to.get(above), self.from.get(above)) else {
            return self.to.last().copied().unwrap_or(probability);
        };
        let Some(below) = above.checked_sub(1) else {
            return *high;
        };
        let (low, from_low) = (self.to[below], self.from[below]);
        let part = (probability - from_low) / (from_high - from_low);
        // Rounding must not lead beyond either end.
        (low + (high - low) * part).clamp(low, *high)
    }

    /// The corners of the curve: probabilities and what becomes of them, ascending.
    pub fn corners(&self) -> impl ExactSizeIterator<Item = (f64, f64)> {
        self.from.iter().copied().zip(self.to.iter().copied())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.9];
        let churned = [false, true, false, false, true, false, true];
        let curve = Isotonic::fit(&Outcomes::new(&scores, &churned).unwrap()).unwrap();
        // 0.2, 0.3 and 0.4 have 1 of 3.
        let known = [(0.1, 0.0), (0.2, 1.0 / 3.0), (0.4, 1.0 / 3.0), (0.5, 0.5), (0.9, 1.0)];
        assert_eq!(curve.corners().collect::<Vec<_>>(), known);
        for (probability, known) in [(0.0, 0.0), (0.15, 1.0 / 6.0), (0.3, 1.0 / 3.0), (0.7, 0.75), (1.0, 1.0)]
        {
            assert!((curve.at(probability) - known).abs() < 1e-15, "{probability}");
        }
    }

    #[test]
    fn zero_has_no_sign() {
        let held_out = Outcomes::weighted(&[-0.0, 0.2, 0.9], &[false, false, true], &[1.0; 3]).unwrap();
        let curve = Isotonic::fit(&held_out).unwrap();
        for probability in [-0.0, 0.0, 0.1, 0.2] {
            assert_eq!(curve.at(probability).to_bits(), 0, "{probability}");
        }
        assert!(curve.corners().all(|(from, to)| from.is_sign_positive() && to.is_sign_positive()));
    }

    #[test]
    fn what_only_falls_is_level() {
        let curve = Isotonic::fit(&Outcomes::new(&[0.1, 0.9], &[true, false]).unwrap()).unwrap();
        assert_eq!([0.0, 0.1, 0.5, 1.0].map(|probability| curve.at(probability)), [0.5; 4]);
    }
}
