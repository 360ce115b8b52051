//! The standard normal distribution.

#![allow(clippy::excessive_precision, reason = "the coefficients stand as they are printed")]

use special::Error as _;

/// The standard normal distribution function.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    0.5 * (-x * std::f64::consts::FRAC_1_SQRT_2).compl_error()
}

/// The inverse of [`normal_cdf`] for 0 < p < 1: algorithm AS 241, PPND16 (Wichura 1988).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * quotient(r, &CENTRE);
    }
    let tail = (-p.min(1.0 - p).ln()).sqrt();
    let size = if tail.is_infinite() {
        tail
    } else if tail <= 5.0 {
        quotient(tail - 1.6, &TAIL)
    } else {
        quotient(tail - 5.0, &FAR_TAIL)
    };
    size.copysign(centred)
}

/// Numerator and denominator, from the constant up.
type Quotient = [[f64; 8]; 2];

fn quotient(x: f64, quotient: &Quotient) -> f64 {
    let [above, below] = quotient.map(|row| row.into_iter().rev().fold(0.0, |sum, c| sum * x + c));
    above / below
}

const CENTRE: Quotient = [
    [
        3.387_132_872_796_366_608,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_082_8e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ],
];

const TAIL: Quotient = [
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
];

const FAR_TAIL: Quotient = [
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        2.965_605_718_285_048_912_3e-1,
        2.653_218_952_657_612_309_3e-2,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_9e-1,
        1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
];

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_agree_with_mpmath() {
        // mpmath at 60 digits: the root of ncdf(x) = p.
        let known = [
            (1e-300, -37.047_096_299_361_2),
            (1e-20, -9.262_340_089_798_407),
            (1e-10, -6.361_340_902_404_057),
            (1e-6, -4.753_424_308_822_899),
            (0.001, -3.090_232_306_167_813_6),
            (0.024_25, -1.972_961_051_311_885),
            (0.0749, -1.440_238_267_527_963_7),
            (0.0751, -1.438_825_392_752_54),
            (0.3, -0.524_400_512_708_040_8),
            (0.45, -0.125_661_346_855_074_02),
            (0.5, 0.0),
            (0.6, 0.253_347_103_135_799_7),
            (0.924, 1.432_502_720_825_811_9),
            (0.926, 1.446_632_067_158_978_7),
            (0.975, 1.959_963_984_540_053_8),
            (0.999_999, 4.753_424_308_817_087),
        ];
        for (p, x) in known {
            assert!(
                (normal_quantile(p) - x).abs() <= 1e-15 * x.abs().max(1.0),
                "{p} {} {x}",
                normal_quantile(p)
            );
            assert!((normal_cdf(x) / p - 1.0).abs() < 1e-12, "{p} {}", normal_cdf(x));
        }
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(f64::NAN).is_nan());
        assert_eq!([0.0, 1.0].map(normal_quantile), [f64::NEG_INFINITY, f64::INFINITY]);
    }
}
