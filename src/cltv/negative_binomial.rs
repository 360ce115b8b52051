//! The negative binomial distribution: a gamma mixture of Poisson distributions.
//!
//! It is named by the shape of the gamma distribution and by the ratio of the time to its rate; its mean is
//! their product.

use crate::math::{
    quadrature::{NODES, WEIGHTS},
    special::{Compensated, ln_beta},
};

/// Writes P(N = 0), P(N = 1), P(N = 2) ...
pub(super) fn negative_binomial_into(shape: f64, ratio: f64, out: &mut [f64]) {
    let success = if ratio.is_infinite() { 1.0 } else { ratio / (1.0 + ratio) };
    let mut log = Compensated::default();
    log.add(-shape * ratio.ln_1p());
    for (k, probability) in out.iter_mut().enumerate() {
        *probability = log.total().exp();
        log.add(((shape + k as f64) / (k as f64 + 1.0) * success).ln());
    }
}

/// P(N >= n): the integral of (1 - e^-v)^(n - 1) e^(-shape v) over v from 0 to ln(1 + ratio), over B(n, shape).
pub(super) fn negative_binomial_tail(shape: f64, ratio: f64, n: usize) -> f64 {
    if n == 0 || ratio.is_infinite() {
        return 1.0;
    }
    if ratio == 0.0 {
        return 0.0;
    }
    let others = (n - 1) as f64;
    let hump = Hump { shape, others, end: ratio.ln_1p() };
    (hump.ln_integral() - ln_beta(n as f64, shape)).exp().min(1.0)
}

/// (1 - e^-v)^others e^(-shape v) over v from 0 to `end`: it has one peak.
struct Hump {
    shape: f64,
    others: f64,
    end: f64,
}

impl Hump {
    fn ln(&self, v: f64) -> f64 {
        // Without others the first power is 1, also at v = 0.
        let first = if self.others > 0.0 { self.others * (-(-v).exp_m1()).ln() } else { 0.0 };
        first - self.shape * v
    }

    /// So wide that a panel at the peak sees nearly a polynomial.
    fn width(&self, peak: f64) -> f64 {
        if self.others == 0.0 {
            return 1.0_f64.min(4.0 / self.shape);
        }
        let odds = peak.exp_m1();
        let slope = self.others / odds - self.shape;
        let bend = self.others * (1.0 + odds) / (odds * odds);
        1.0_f64.min(2.0 / bend.sqrt()).min(4.0 / slope.abs())
    }

    /// By panels from the peak to both sides, until they add nothing.
    fn ln_integral(&self) -> f64 {
        let peak = (self.others / self.shape).ln_1p().min(self.end);
        let (top, width) = (self.ln(peak), self.width(peak));
        let mut sum = 0.0;
        for (sign, reach) in [(-1.0, peak), (1.0, self.end - peak)] {
            let mut start = 0.0;
            while start < reach {
                let panel = width.min(reach - start);
                let value = |node| (self.ln(peak + sign * (start + panel * node)) - top).exp();
                let terms = NODES.iter().zip(&WEIGHTS).map(|(node, weight)| weight * value(node));
                let part = panel * terms.sum::<f64>();
                sum += part;
                start += width;
                if part <= 1e-18 * sum {
                    break;
                }
            }
        }
        sum.ln() + top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_mpmath() {
        // mpmath: betainc(n, shape, 0, ratio / (1 + ratio), regularized=True).
        let known = [
            (0.25, 0.5, 1, 0.096_397_996_390_155_17),
            (0.25, 0.5, 40, 1.911_448_820_545_42e-21),
            (1e-09, 100.0, 3, 3.134_873_477_928_510_8e-9),
            (206.4, 99.0, 100, 1.0),
            (30.0, 2.0, 80, 0.080_651_875_857_127_23),
            (1e6, 1e-05, 3, 0.997_230_513_483_792_8),
            (1e6, 1e-05, 30, 2.510_439_038_943_054e-7),
            (3.0, 1e9, 5, 1.0),
            (0.7, 1e12, 1000, 0.999_999_448_477_599_6),
            (2.5, 1e-12, 2, 4.374_999_999_986_875e-24),
        ];
        for (shape, ratio, n, value) in known {
            let found = negative_binomial_tail(shape, ratio, n);
            assert!((found / value - 1.0).abs() < 1e-12, "{shape} {ratio} {n}: {found} {value}");
        }
    }

    #[test]
    fn probabilities_and_their_tail_are_all() {
        for shape in [1e-9, 0.3, 4.0, 1e4] {
            for ratio in [0.0, 1e-9, 0.2, 50.0, f64::INFINITY] {
                let mut some = [0.0; 40];
                negative_binomial_into(shape, ratio, &mut some);
                let all = some.iter().sum::<f64>() + negative_binomial_tail(shape, ratio, 40);
                assert!((all - 1.0).abs() < 1e-12, "{shape} {ratio}: {all}");
            }
        }
    }
}
