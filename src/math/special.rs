//! The gamma function and its kin, in logarithms.
//!
//! Outside its domain a function returns NaN; at the domain's edge it returns the limit, which may be
//! infinite. Nothing panics.

use special::Gamma as _;

pub(crate) use super::normal::{normal_cdf, normal_quantile};

/// ln Γ(x) for x >= 0.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    if x >= 0.0 { special::Gamma::ln_gamma(x).0 } else { f64::NAN }
}

/// ψ'(x), the second derivative of ln Γ, for x >= 0. Infinite below 1e-154, where it exceeds any `f64`.
pub(crate) fn trigamma(x: f64) -> f64 {
    if x >= 0.0 { x.trigamma() } else { f64::NAN }
}

/// ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b), for a, b > 0, without the cancellation of that sum.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if !(low > 0.0 && high > 0.0) {
        return f64::NAN;
    }
    if low < STIRLING_FROM {
        return ln_gamma(low) - ln_rising(high, low);
    }
    let ratio = low / high;
    let tails = stirling_tail(low) + stirling_tail(high) - stirling_tail(low + high);
    let halves = HALF_LN_TAU - 0.5 * high.ln();
    // All three are of one sign, so none eats the digits of another.
    (halves + tails) + (low - 0.5) * (ratio / (1.0 + ratio)).ln() - high * ratio.ln_1p()
}

/// ln Γ(a + n) - ln Γ(a), and its first two derivatives in a.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Rising {
    pub(crate) value: f64,
    pub(crate) first: f64,
    pub(crate) second: f64,
}

/// Up to so many factors a rising factorial is multiplied out.
const MOST_FACTORS: f64 = 32.0;

impl Rising {
    /// For a > 0 and real n >= 0.
    pub(crate) fn of(a: f64, n: f64) -> Self {
        if !(a > 0.0 && n >= 0.0) {
            return Self { value: f64::NAN, first: f64::NAN, second: f64::NAN };
        }
        let value = ln_rising(a, n);
        let (mut first, mut second) = (0.0, 0.0);
        if few_factors(n) {
            for factor in factors(a, n) {
                let inverse = factor.recip();
                first += inverse;
                second -= inverse * inverse;
            }
            return Self { value, first, second };
        }
        let mut a = a;
        while a < STIRLING_FROM {
            let (p, q) = ((a + n).recip(), a.recip());
            let gap = n * p * q;
            first += gap;
            second -= gap * (p + q);
            a += 1.0;
        }
        let tail = stirling_rising(a, n);
        Self { value, first: first + tail.first, second: second + tail.second }
    }
}

/// ln Γ(a + n) - ln Γ(a) alone, for a > 0 and real n >= 0.
pub(crate) fn ln_rising(a: f64, n: f64) -> f64 {
    if !(a > 0.0 && n >= 0.0) {
        return f64::NAN;
    }
    if few_factors(n) {
        return ln_product(factors(a, n));
    }
    let (mut a, mut below) = (a, 0.0);
    while a < STIRLING_FROM {
        below += if n > a { (a + n).ln() - a.ln() } else { (n / a).ln_1p() };
        a += 1.0;
    }
    stirling_rising(a, n).value - below
}

fn few_factors(n: f64) -> bool {
    n <= MOST_FACTORS && n.fract() == 0.0
}

/// a, a + 1, ... a + n - 1.
fn factors(a: f64, n: f64) -> impl Iterator<Item = f64> {
    (0_u8..).map(f64::from).take_while(move |&at| at < n).map(move |at| a + at)
}

/// Multiplies as long as nothing overflows: a logarithm costs more than a product.
fn ln_product(factors: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut product) = (0.0, 1.0_f64);
    for factor in factors {
        let next = product * factor;
        if next < 1e300 {
            product = next;
        } else {
            sum += product.ln();
            product = factor;
        }
    }
    sum + product.ln()
}

/// [`Rising`] of one a for many counts.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RisingTable {
    a: f64,
    entries: Vec<Rising>,
}

const MOST_ENTRIES: u32 = 1 << 10;

impl RisingTable {
    /// Holds the counts up to `most`, at least for the first thousand; others are computed when asked for.
    pub(crate) fn new(a: f64, most: u32) -> Self {
        let mut entries = Vec::with_capacity(most.saturating_add(1).min(MOST_ENTRIES) as usize);
        let mut sums = [Compensated::default(); 3];
        for n in 0..=most.min(MOST_ENTRIES - 1) {
            let [value, first, second] = sums.map(Compensated::total);
            entries.push(Rising { value, first, second });
            let factor = a + f64::from(n);
            let inverse = factor.recip();
            let next = [factor.ln(), inverse, -inverse * inverse];
            for (sum, term) in sums.iter_mut().zip(next) {
                sum.add(term);
            }
        }
        Self { a, entries }
    }

    pub(crate) fn at(&self, n: u32) -> Rising {
        self.entries.get(n as usize).copied().unwrap_or_else(|| Rising::of(self.a, f64::from(n)))
    }
}

/// A sum that carries what each addition lost (Neumaier 1974).
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    pub(crate) fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        let (large, small) = if self.sum.abs() < term.abs() { (term, self.sum) } else { (self.sum, term) };
        self.lost += (large - sum) + small;
        self.sum = sum;
    }

    pub(crate) fn total(self) -> f64 {
        // What an infinite sum lost is no number.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// From here on eight terms of Stirling's series are exact to the last digit.
const STIRLING_FROM: f64 = 10.0;

/// The Bernoulli numbers B2, B4 ... B16.
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// ln Γ(x) - ((x - 1/2) ln x - x + ln(2 π) / 2) = sum over k of B2k / (2k (2k - 1) x^(2k - 1)).
fn stirling_tail(x: f64) -> f64 {
    let inverse = x.recip();
    let square = inverse * inverse;
    let (mut sum, mut even) = (0.0, 16.0);
    for bernoulli in BERNOULLI.into_iter().rev() {
        sum = sum * square + bernoulli / (even * (even - 1.0));
        even -= 2.0;
    }
    sum * inverse
}

/// Stirling's series at a + n less that at a, for a >= 10. The factor n is taken out of every difference,
/// so that nothing cancels.
fn stirling_rising(a: f64, n: f64) -> Rising {
    let (p, q) = ((a + n).recip(), a.recip());
    let growth = (n * q).ln_1p();
    let gap = -(n * p) * q;
    // (p^m - q^m) / (p - q) for m = 2k - 1, (p^2k - q^2k) / (p^2 - q^2), and q^(2k - 1).
    let (mut odd, mut even, mut power) = (1.0, 1.0, q);
    let (mut value, mut first, mut second) = (0.0, 0.0, 0.0);
    let mut twice = 2.0;
    for bernoulli in BERNOULLI {
        value += bernoulli / (twice * (twice - 1.0)) * odd;
        first += bernoulli / twice * even;
        odd = p * p * odd + power * (p + q);
        even = p * p * even + power * q;
        second += bernoulli * odd;
        power *= q * q;
        twice += 2.0;
    }
    Rising {
        value: (a - 0.5) * growth + n * ((a + n).ln() - 1.0) + gap * value,
        first: growth - gap * (0.5 + (p + q) * first),
        second: gap * (1.0 + 0.5 * (p + q) + second),
    }
}

/// ln of the sum of e^x; minus infinity for no x at all.
pub(crate) fn ln_sum_exp(terms: &[f64]) -> f64 {
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most.is_infinite() && !terms.iter().any(|term| term.is_nan()) {
        return most;
    }
    most + terms.iter().map(|term| (term - most).exp()).sum::<f64>().ln()
}

/// The probability of log odds, 1 / (1 + e^-x), without overflow on either side.
pub(crate) fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let odds = x.exp();
        odds / (1.0 + odds)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A logarithm may pass through zero, where its error is that of its argument.
    fn close(found: f64, known: f64, tolerance: f64) -> bool {
        found == known || (found - known).abs() <= tolerance * known.abs().max(tolerance.sqrt())
    }

    // The numbers in these tables are mpmath 1.x's at 60 digits: loggamma, psi(1, x), their
    // differences, and the root of ncdf.

    #[test]
    fn gamma_and_trigamma_agree_with_mpmath() {
        let known = [
            (1e-300, 690.775_527_898_213_7, f64::INFINITY),
            (1e-8, 18.420_680_738_180_21, 1.000_000_000_000_000_2e16),
            (0.25, 1.288_022_524_698_077_4, 17.197_329_154_507_11),
            (0.999_999_9, 5.772_157_468_444_193e-8, 1.644_934_307_259_639_4),
            (1.000_000_1, -5.772_155_829_918_507e-8, 1.644_933_826_436_878_2),
            (1.4616, -0.121_486_290_035_897_32, 0.967_700_711_465_083_5),
            (1.999_999_9, -4.227_843_030_986_129_6e-8, 0.644_934_107_259_609_5),
            (2.000_000_1, 4.227_843_666_532_498e-8, 0.644_934_026_436_848_4),
            (3.5, 1.200_973_602_347_074_3, 0.330_357_756_100_234_9),
            (7.99, 8.505_011_606_088_48, 0.133_314_245_659_857_58),
            (8.01, 8.545_324_429_747_733, 0.132_960_253_653_009_45),
            (100.5, 361.435_540_467_777_6, 0.009_999_916_669_583_104),
            (100_000_000.0, 1_742_068_066.103_834_6, 1.000_000_005e-8),
            (1_000_000_000_000_000.0, 3.353_877_639_491_066_8e16, 1.000_000_000_000_000_5e-15),
            (1e300, 6.897_755_278_982_137e302, 1e-300),
        ];
        for (x, value, second) in known {
            assert!(close(ln_gamma(x), value, 1e-15), "ln_gamma({x}) {} {value}", ln_gamma(x));
            assert!(close(trigamma(x), second, 4e-15), "trigamma({x}) {} {second}", trigamma(x));
        }
    }

    #[test]
    fn beta_agrees_with_mpmath_at_any_size() {
        let known = [
            (1e-300, 1e-300, 691.468_675_078_773_7),
            (1e-8, 100_000_000.0, 18.420_680_553_973_4),
            (1e-8, 0.5, 18.420_680_757_815_31),
            (0.3, 0.4, 1.631_608_565_988_192_7),
            (1.0, 10_000_000_000.0, -23.025_850_929_940_457),
            (2.5, 3.5, -3.301_835_269_962_053),
            (9.9, 1_000_000.0, -124.196_418_674_488_4),
            (10.0, 10.0, -13.736_229_227_036_555),
            (100_000_000.0, 100_000_000.0, -138_629_444.056_817_32),
            (100_000_000.0, 3_000_000_000_000.0, -1_130_896_941.003_962_8),
            (12.5, 1_000_000_000_000_000.0, -413.000_357_424_447_2),
            (1_000_000_000_000_000.0, 1_000_000_000_000_000.0, -1_386_294_361_119_906.5),
        ];
        for (a, b, value) in known {
            assert!(close(ln_beta(a, b), value, 2e-15), "ln_beta({a}, {b}) {} {value}", ln_beta(a, b));
            assert_eq!(ln_beta(a, b), ln_beta(b, a));
        }
    }

    #[test]
    fn rising_factorials_agree_with_mpmath_at_any_size() {
        let known = [
            (1e-300, 3.0, -690.082_380_717_653_8, 9.999_999_999_999_999e299, f64::NEG_INFINITY),
            (1e-12, 1e-12, -0.693_147_180_560_522_5, 500_000_000_000.0, -7.5e23),
            (1e-8, 100_000_000.0, 1_742_068_047.683_154, 100_000_018.997_896_39, -1.000_000_000_000_000_2e16),
            (0.3, 0.7, -1.095_797_994_818_075_6, 2.925_308_557_298_6, -10.600_430_479_259_504),
            (0.5, 2.5, 0.120_782_237_635_245_22, 2.886_294_361_119_891, -4.539_868_133_696_453),
            (
                1.4616,
                1e-9,
                -3.110_576_737_998_606_7e-14,
                9.677_007_110_222_955e-10,
                -8.855_761_960_243_409e-10,
            ),
            (2.5, 40.0, 115.615_387_599_941_61, 3.034_536_595_854_850_5, -0.466_549_356_856_178_43),
            (9.99, 33.0, 104.955_072_090_486, 1.498_591_457_969_235_9, -0.081_743_086_859_842_19),
            (10.0, 1e-6, 2.251_752_641_649_887e-6, 1.051_663_301_567_686_4e-7, -1.104_983_381_085_153_7e-8),
            (123.4, 5.5, 26.583_826_822_665_06, 0.043_779_143_423_892_664, -0.000_348_528_982_477_168_5),
            (
                100_000.0,
                0.001,
                0.011_512_920_469_961_92,
                1.000_004_995_016_616_8e-8,
                -1.000_009_990_049_850_1e-13,
            ),
            (
                100_000_000.0,
                100_000_000.0,
                1_880_697_510.160_652,
                0.693_147_183_059_945_3,
                -5.000_000_037_5e-9,
            ),
            (100_000_000.0, 7.0, 128.944_765_417_666_56, 6.999_999_790_000_01e-8, -6.999_999_580_000_028e-16),
            (
                1_000_000_000_000_000.0,
                32.0,
                1_105.240_844_637_142_3,
                3.199_999_999_999_950_4e-14,
                -3.199_999_999_999_901e-29,
            ),
            (
                1_000_000_000_000_000.0,
                1000.5,
                34_556.045_783_108_64,
                1.000_499_999_999_5e-12,
                -1.000_499_999_999e-27,
            ),
            (3.7, 1_000_000.0, 12_815_554.258_469_345, 12.648_360_218_597_684, -0.310_036_857_673_238_3),
            (0.02, 500.0, 2_601.339_318_401_332, 56.758_437_114_770_26, -2_501.596_116_270_691_7),
        ];
        for (a, n, value, first, second) in known {
            let found = Rising::of(a, n);
            assert!(close(found.value, value, 4e-15), "value {a} {n} {found:?} {value}");
            assert!(close(found.first, first, 4e-15), "first {a} {n} {found:?} {first}");
            assert!(close(found.second, second, 4e-15), "second {a} {n} {found:?} {second}");
        }
    }

    #[test]
    fn the_table_holds_what_is_computed_directly() {
        for a in [1e-6, 0.3, 4.2, 77.7, 1e7] {
            let table = RisingTable::new(a, 5000);
            for n in [0, 1, 2, 31, 33, 500, 1023, 1024, 5000, 70_000] {
                let (found, known) = (table.at(n), Rising::of(a, f64::from(n)));
                assert!(close(found.value, known.value, 1e-14), "{a} {n} {found:?} {known:?}");
                assert!(close(found.first, known.first, 1e-14), "{a} {n} {found:?} {known:?}");
                assert!(close(found.second, known.second, 1e-14), "{a} {n} {found:?} {known:?}");
            }
        }
        assert_eq!(RisingTable::new(1.0, u32::MAX).entries.len(), 1024);
        assert_eq!(RisingTable::new(1.0, 0).at(3), Rising::of(1.0, 3.0));
    }

    #[test]
    fn sums_of_exponentials_keep_their_digits() {
        let infinite = f64::INFINITY;
        assert_eq!(ln_sum_exp(&[]), -infinite);
        assert_eq!(ln_sum_exp(&[-infinite, -infinite]), -infinite);
        assert_eq!(ln_sum_exp(&[infinite, 0.0]), infinite);
        assert!(ln_sum_exp(&[infinite, f64::NAN]).is_nan());
        assert!((ln_sum_exp(&[-1e4, -1e4, -1e4]) + 1e4 - 3_f64.ln()).abs() < 1e-11);
    }

    #[test]
    fn outside_the_domain_is_no_number() {
        for bad in [-1e300, -1.5, f64::NAN] {
            assert!([ln_gamma(bad), trigamma(bad)].iter().all(|value| value.is_nan()));
            assert!([ln_beta(bad, 1.0), ln_rising(bad, 1.0), ln_rising(1.0, bad)].iter().all(|v| v.is_nan()));
            assert!(Rising::of(bad, 40.0).value.is_nan());
        }
    }

    proptest! {
        #[test]
        fn all_are_finite_in_their_domain(a in -345.0..345.0, b in -345.0..345.0, n in 0_u32..2000) {
            let (a, b): (f64, f64) = (f64::exp(a), f64::exp(b));
            prop_assert!(ln_beta(a, b).is_finite() && ln_rising(a, b).is_finite());
            prop_assert!(ln_gamma(a).is_finite() && trigamma(a).is_finite());
            for Rising { value, first, second } in [Rising::of(a, f64::from(n)), RisingTable::new(a, 40).at(n)] {
                prop_assert!(value.is_finite() && first.is_finite() && second.is_finite());
            }
        }

        #[test]
        fn one_more_factor_is_one_more_logarithm(a in -12.0..12.0, n in 0.0..100.0) {
            let a = f64::exp(a);
            let (more, less) = (ln_rising(a, n + 1.0), ln_rising(a, n));
            prop_assert!((more - less - (a + n).ln()).abs() <= 1e-13 * (1.0 + more.abs()));
        }
    }
}
