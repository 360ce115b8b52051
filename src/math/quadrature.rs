//! Integrals of smooth functions by Gauss-Legendre quadrature over panels that grow.

/// Nodes and weights of the 16-point Gauss-Legendre rule on -1 to 1, the positive half; the other half is
/// its mirror image.
const HALF_RULE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
];

/// Nodes on 0 to 1, ascending.
pub(crate) const NODES: [f64; 16] = RULE.0;
/// Their weights, which sum to 1.
pub(crate) const WEIGHTS: [f64; 16] = RULE.1;

const RULE: ([f64; 16], [f64; 16]) = {
    let (mut nodes, mut weights) = ([0.0; 16], [0.0; 16]);
    let mut at = 0;
    while at < 8 {
        let (node, weight) = HALF_RULE[at];
        nodes[7 - at] = 0.5 - 0.5 * node;
        nodes[8 + at] = 0.5 + 0.5 * node;
        weights[7 - at] = 0.5 * weight;
        weights[8 + at] = 0.5 * weight;
        at += 1;
    }
    (nodes, weights)
};

/// Panels of width `first`, twice that, four times that and so on, the last one cut off at `total`: the start
/// and the width of each. One panel if `first` is not positive; none if `total` is not.
pub(crate) fn panels(total: f64, first: f64) -> impl Iterator<Item = (f64, f64)> {
    panels_up_to(total, first, f64::INFINITY)
}

/// As [`panels`], none wider than `most`.
fn panels_up_to(total: f64, first: f64, most: f64) -> impl Iterator<Item = (f64, f64)> {
    // So small a panel doubles to the total within a thousand steps.
    let mut width = if first > 0.0 { first.max(total * 1e-300).max(f64::MIN_POSITIVE) } else { total };
    let mut start = 0.0;
    std::iter::from_fn(move || {
        let left = total - start;
        if !(left > 0.0) {
            return None;
        }
        let panel = (start, width.min(left));
        start = if width < left { start + width } else { total };
        width = (2.0 * width).min(most);
        Some(panel)
    })
}

/// The integral of `f` over panels. Take the first as wide as `f` is nearly a polynomial.
fn over(panels: impl Iterator<Item = (f64, f64)>, f: impl Fn(f64) -> f64) -> f64 {
    panels
        .map(|(start, width)| {
            let terms = NODES.iter().zip(&WEIGHTS).map(|(node, weight)| weight * f(start + width * node));
            width * terms.sum::<f64>()
        })
        .sum()
}

/// The integral over u from 0 to infinity of e^(-delta u) (1 + u/c)^(-s), for s >= 0 and c, delta > 0.
///
/// It is c e^z `E_s(z)` with z = delta c, where `E_s` is the generalised exponential integral (DLMF 8.19), and
/// lies below 1/delta. NaN outside the domain; infinite only where no `f64` holds it.
pub(crate) fn laplace_power(s: f64, c: f64, delta: f64) -> f64 {
    if !(s >= 0.0 && c > 0.0 && delta > 0.0 && s.is_finite() && c.is_finite() && delta.is_finite()) {
        return f64::NAN;
    }
    let z = delta * c;
    if s == 0.0 || z.is_infinite() {
        return delta.recip();
    }
    let scaled =
        if z >= 1.0 || s >= 20.0 { scaled_fraction(s, z) } else { scaled_integral(s, z.max(1e-300)) };
    c * scaled
}

/// e^z `E_s(z)` by the continued fraction 1/(z + s - 1 s/(z + s + 2 - 2 (s + 1)/(z + s + 4 - ...))), DLMF
/// 8.19.17 contracted, evaluated by Lentz's method. Takes at most some 60 terms if z >= 1 or s >= 20.
fn scaled_fraction(s: f64, z: f64) -> f64 {
    let mut below = z + s;
    let mut d = below.recip();
    let (mut c, mut fraction) = (f64::INFINITY, d);
    for term in 1..500_u16 {
        let at = f64::from(term);
        let above = -at * (s - 1.0 + at);
        below += 2.0;
        d = (above * d + below).recip();
        c = below + above / c;
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

/// The same for small s and z, with u = c (e^w - 1): the integral over w from 0 of exp((1 - s) w - z (e^w - 1)),
/// which ends where either part has fallen to nothing.
fn scaled_integral(s: f64, z: f64) -> f64 {
    let mut end = (60.0 / z).ln_1p();
    if s > 1.0 {
        end = end.min(45.0 / (s - 1.0));
    }
    let panels = panels_up_to(end, (1.0 + s).recip(), 1.0);
    over(panels, |w| ((1.0 - s) * w - z * w.exp_m1()).exp())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_rule_is_exact_to_degree_31() {
        for degree in 0..32 {
            let found: f64 = NODES.iter().zip(WEIGHTS).map(|(node, weight)| weight * node.powi(degree)).sum();
            assert!((found * f64::from(degree + 1) - 1.0).abs() < 2e-15, "{degree}: {found}");
        }
        assert!(NODES.is_sorted());
    }

    #[test]
    fn panels_double_and_cover_the_whole() {
        assert_eq!(panels(10.0, 1.0).collect::<Vec<_>>(), [(0.0, 1.0), (1.0, 2.0), (3.0, 4.0), (7.0, 3.0)]);
        assert_eq!(panels(2.0, 5.0).collect::<Vec<_>>(), [(0.0, 2.0)]);
        for bad in [0.0, -1.0, f64::NAN] {
            assert_eq!(panels(2.0, bad).collect::<Vec<_>>(), [(0.0, 2.0)]);
            assert_eq!(panels(bad, 2.0).count(), 0);
        }
        assert!(panels(f64::MAX, 1e-320).count() < 2200);
        assert!(panels(f64::INFINITY, 1.0).count() < 1100);
    }

    #[test]
    fn integrates_a_peak_at_the_start() {
        let found = over(panels(5.0, 1e-3), |x| (-1000.0 * x).exp());
        assert!((found * 1000.0 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn laplace_transforms_of_powers_agree_with_mpmath() {
        // mpmath at 60 digits: z exp(z) expint(s, z), which is delta times the integral; for s of 1e6 or
        // z of 1e12 the integral by quad at 30 digits.
        let known = [
            (1e-6, 1e-12, 0.999_972_946_561_322_3),
            (1e-6, 1_000_000_000_000.0, 1.0),
            (0.3, 1e-9, 0.002_589_959_461_994_597_3),
            (0.3, 0.01, 0.314_963_622_659_105_6),
            (0.5, 0.9, 0.743_257_838_705_739_4),
            (1.0, 1e-12, 2.705_380_545_105_507e-11),
            (1.0, 0.5, 0.461_455_316_241_865_25),
            (0.999_999, 0.1, 0.201_464_498_951_293_65),
            (1.0, 3.0, 0.786_251_220_765_955_4),
            (1.7, 1e-6, 1.428_306_539_863_874_3e-6),
            (2.0, 1e-12, 9.999_999_999_729_462e-13),
            (5.0, 0.3, 0.068_411_281_730_014_4),
            (29.0, 0.001, 3.571_296_301_383_598e-5),
            (31.0, 1e-5, 3.333_332_183_908_457e-7),
            (31.0, 1e-12, 3.333_333_333_333_218_6e-14),
            (100.0, 0.2, 0.002_016_087_642_008_499_5),
            (7.5, 40.0, 0.844_818_342_927_266_3),
            (0.4, 1.01, 0.799_686_842_823_517_2),
            (1000.0, 1e-10, 1.001_001_001_000_900_7e-13),
            (1_000_000.0, 1e-12, 1.000_001_000_001e-18),
            (1_000_000.0, 1.0, 9.999_999_999_99e-7),
            (1_000_000.0, 1_000_000.0, 0.500_000_124_999_968_7),
            (1_000_000.0, 1_000_000_000_000.0, 0.999_999_000_001),
            (50.0, 1_000_000_000_000.0, 0.999_999_999_95),
        ];
        for (s, z, value) in known {
            for delta in [1e-3, 1.0, 250.0] {
                let found = laplace_power(s, z / delta, delta) * delta;
                assert!((found / value - 1.0).abs() < 1e-13, "{s} {z}: {found} {value}");
            }
        }
    }

    #[test]
    fn the_integrals_edges() {
        assert_eq!(laplace_power(0.0, 3.0, 4.0), 0.25);
        for (s, c, delta) in [(-1.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0), (f64::NAN, 1.0, 1.0)] {
            assert!(laplace_power(s, c, delta).is_nan());
        }
    }

    proptest! {
        #[test]
        fn laplace_transforms_meet_their_recurrence(s in -14.0..14.0, z in -28.0..28.0) {
            // s E_(s + 1)(z) + z E_s(z) = e^-z: DLMF 8.19.12.
            let (s, z) = (f64::exp(s), f64::exp(z));
            let (low, high) = (laplace_power(s, z, 1.0), laplace_power(s + 1.0, z, 1.0));
            prop_assert!((s * high / z + low - 1.0).abs() < 1e-12, "{} {}", low, high);
        }

        #[test]
        fn laplace_transforms_are_finite(s in -700.0..700.0, c in -700.0..700.0, delta in -700.0..700.0) {
            let (s, c, delta) = (f64::exp(s), f64::exp(c), f64::exp(delta));
            let found = laplace_power(s, c, delta);
            prop_assert!(found >= 0.0 && found <= delta.recip() * (1.0 + 1e-12), "{}", found);
        }
    }
}
