//! The upper tail of the chi-squared distribution.

use super::special::{ln_gamma, normal_cdf};

/// P(X >= x) for X of so many degrees of freedom: the recursion Q(a + 1, y) = Q(a, y) + y^a e^-y / Γ(a + 1) of the
/// incomplete gamma function at y = x / 2 (DLMF 8.8.6). Every term is positive, so that the smallest tail keeps its
/// digits.
pub(crate) fn chi_square_tail(x: f64, degrees: usize) -> f64 {
    if !(x > 0.0) || degrees == 0 {
        return if x.is_nan() { f64::NAN } else { f64::from(u8::from(degrees > 0)) };
    }
    if x.is_infinite() {
        return 0.0;
    }
    let y = x / 2.0;
    let odd = degrees % 2 == 1;
    // Q(1/2, y) = 2 (1 - Φ(sqrt x)), Q(1, y) = e^-y.
    let (mut sum, first) = if odd { (2.0 * normal_cdf(-x.sqrt()), 0.5) } else { ((-y).exp(), 1.0) };
    for step in 0..(degrees - 1) / 2 {
        let a = first + step as f64;
        sum += (a * y.ln() - y - ln_gamma(a + 1.0)).exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_scipy() {
        // scipy 1.17: `stats.chi2.sf`.
        for (x, degrees, tail) in [
            (0.5, 1, 0.479_500_122_186_953_37),
            (40.0, 1, 2.539_628_589_470_863_4e-10),
            (3.0, 2, 0.223_130_160_148_429_82),
            (700.0, 2, 9.929_590_396_265_143e-153),
            (12.5, 7, 0.085_269_275_158_269_25),
            (1000.0, 7, 1.204_426_773_519_007_2e-211),
            (90.0, 100, 0.753_197_965_599_829_8),
            (2000.0, 1000, 4.143_678_591_453_918_4e-69),
        ] {
            let found = chi_square_tail(x, degrees);
            assert!((found / tail - 1.0).abs() < 1e-12, "{x} {degrees} {found} {tail}");
        }
    }

    #[test]
    fn the_ends_are_known() {
        for degrees in [1, 2, 7, 100] {
            assert_eq!([0.0, -1.0, f64::INFINITY].map(|x| chi_square_tail(x, degrees)), [1.0, 1.0, 0.0]);
        }
        assert!(chi_square_tail(f64::NAN, 1).is_nan());
        assert_eq!(chi_square_tail(1.0, 0), 0.0);
    }
}
