//! Measures of probabilities against scikit-learn 1.9.1 and formulas in numpy, on data that is made the same there.

#![allow(clippy::doc_markdown, reason = "DeLong is a name")]

use patronage::churn::{Bins, Calibration, Calibrator, Difference, Outcomes};

/// A number from 0 to 1 in no order that the eye can see.
pub(crate) fn wobble(row: usize, column: usize) -> f64 {
    let number = row * 7919 + column * 104_729 + row * row * 31 + row * column * 17;
    (number % 10_007) as f64 / 10_007.0
}

pub(crate) struct Made {
    pub(crate) said: Vec<f64>,
    pub(crate) churned: Vec<bool>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Made {
    pub(crate) fn outcomes(&self) -> Outcomes {
        match &self.weights {
            Some(weights) => Outcomes::weighted(&self.said, &self.churned, weights),
            None => Outcomes::new(&self.said, &self.churned),
        }
        .unwrap()
    }
}

/// Probabilities on so many levels, or on all, of which it is true that the higher the likelier; the lower `shift`, the
/// truer.
pub(crate) fn made(rows: usize, levels: Option<u32>, shift: f64, weights: bool) -> Made {
    let said = |row: usize| {
        let levels = levels.map(f64::from);
        levels.map_or(wobble(row, 1), |levels| (wobble(row, 1) * levels).floor() / levels)
    };
    let churned = |row: usize| wobble(row, 2) < shift + (1.0 - 2.0 * shift) * wobble(row, 1);
    Made {
        said: (0..rows).map(said).collect(),
        churned: (0..rows).map(churned).collect(),
        weights: weights.then(|| (0..rows).map(|row| (1.0 + (row * row % 5) as f64) * 0.5).collect()),
    }
}

fn cases() -> [Made; 5] {
    [
        made(60, None, 0.1, false),
        made(200, Some(10), 0.2, false),
        made(1000, None, 0.3, true),
        made(1000, Some(37), 0.05, true),
        made(5000, None, 0.4, false),
    ]
}

#[track_caller]
pub(crate) fn near(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-9 * known.abs().max(1.0), "{found} is not {known}");
}

#[track_caller]
fn all_near(found: &[f64], known: &[f64]) {
    assert_eq!(found.len(), known.len());
    for (found, known) in found.iter().zip(known) {
        near(*found, *known);
    }
}

/// `roc_auc_score`, `average_precision_score`, `log_loss`, `brier_score_loss` with `sample_weight`; `confusion_matrix`
/// at 1/2.
#[test]
fn scores_equal_those_of_scikit_learn() {
    let known = [
        [0.995, 0.990_978_260_869_565_4, 0.270_999_526_337_369_07, 0.072_920_819_621_328_53],
        [0.978_937_168_502_652, 0.978_982_573_593_956_8, 0.351_747_602_291_182_5, 0.108_800_000_000_000_01],
        [0.593_883_418_507_352, 0.530_245_658_575_897_4, 0.864_661_545_239_329_4, 0.284_974_124_002_409_23],
        [0.784_783_777_777_777_7, 0.770_823_972_628_697_4, 0.730_414_927_905_081, 0.191_568_298_027_757_46],
        [0.571_193_764_869_481_5, 0.535_953_767_660_452_9, 0.897_885_992_751_079_2, 0.297_054_963_903_602_7],
    ];
    let tables = [
        [39.0, 1.0, 1.0, 19.0],
        [85.0, 1.0, 19.0, 95.0],
        [462.0, 324.0, 312.0, 402.0],
        [553.5, 196.5, 243.0, 507.0],
        [1416.0, 1132.0, 1089.0, 1363.0],
    ];
    for ((case, known), table) in cases().iter().zip(known).zip(tables) {
        let judged = case.outcomes().judge().unwrap();
        all_near(&[judged.auc.value(), judged.average_precision, judged.log_loss, judged.brier], &known);
        near(judged.lift_quality, 2.0 * known[0] - 1.0);
        let found = case.outcomes().confusion(0.5).unwrap();
        all_near(&[found.left_alone, found.false_alarms, found.missed, found.caught], &table);
    }
    // log_loss([1, 0, 1, 0], [0, 1, 1, 0])
    let certain = Outcomes::new(&[0.0, 1.0, 1.0, 0.0], &[true, false, true, false]).unwrap();
    near(certain.log_loss(), 18.021_826_694_558_577);
}

/// The number of points and the middle one of `roc_curve(drop_intermediate=False)`, and the point after a third of
/// `precision_recall_curve` from the highest threshold down.
#[test]
fn curves_equal_those_of_scikit_learn() {
    #[rustfmt::skip]
    let known = [
        (61, [0.25, 1.0, 0.323_273_708_404_117_1], [0.904_761_904_761_904_7, 0.95, 0.485_660_037_973_418_6]),
        (11, [0.011_627_906_976_744_186, 0.833_333_333_333_333_4, 0.5], [1.0, 0.657_894_736_842_105_3, 0.6]),
        (1001, [0.421_119_592_875_318_1, 0.571_428_571_428_571_4, 0.492_954_931_547_916_5], [0.545_824_847_250_509_2, 0.375_350_140_056_022_4, 0.639_852_103_527_530_7]),
        (38, [0.283_333_333_333_333_3, 0.712_666_666_666_666_7, 0.486_486_486_486_486_5], [0.773_445_732_349_841_9, 0.489_333_333_333_333_34, 0.648_648_648_648_648_7]),
        (4877, [0.446_624_803_767_660_7, 0.557_504_078_303_425_7, 0.497_951_433_996_202_7], [0.551_620_648_259_303_7, 0.374_796_084_828_711_24, 0.659_238_533_026_881_2]),
    ];
    for (case, (points, roc, precision)) in cases().iter().zip(known) {
        let curve = case.outcomes().roc_curve().unwrap();
        assert_eq!(curve.len(), points);
        let point = curve[points / 2];
        all_near(&[point.false_positive_rate, point.true_positive_rate, point.threshold], &roc);
        let curve = case.outcomes().precision_recall_curve().unwrap();
        let point = curve[(points - 1) / 3];
        all_near(&[point.precision, point.recall, point.threshold], &precision);
    }
}

/// The first, the last and the middle bin of `calibration_curve(n_bins=10)`, uniform and by quantiles, as (expected,
/// observed); and the error by the same bins in numpy.
#[test]
fn calibration_curves_equal_those_of_scikit_learn() {
    #[rustfmt::skip]
    let known = [
        (0, Bins::EqualWidth(10), 10, [0.043_500_799_440_391_73, 0.0, 0.957_829_519_336_464_5, 1.0, 0.551_847_040_405_049_8, 0.833_333_333_333_333_4], 0.185_501_815_395_889_5),
        (0, Bins::Quantile(10), 10, [0.014_523_167_116_351_888, 0.0, 0.897_971_420_005_995_7, 1.0, 0.366_260_284_467_539_4, 0.0], 0.185_798_274_541_154_5),
        (1, Bins::EqualWidth(10), 9, [0.052_000_000_000_000_02, 0.0, 0.9, 1.0, 0.5, 0.952_380_952_380_952_3], 0.177),
        (1, Bins::Quantile(10), 9, [0.0, 0.0, 0.9, 1.0, 0.4, 0.642_857_142_857_142_9], 0.177),
        (4, Bins::EqualWidth(10), 10, [0.047_603_948_112_085_25, 0.370_672_097_759_674_14, 0.949_335_265_314_280_3, 0.534, 0.551_358_049_365_444_1, 0.527_619_047_619_047_7], 0.192_199_960_027_980_43),
        (4, Bins::Quantile(10), 10, [0.048_570_800_439_692_176, 0.364, 0.949_335_265_314_280_3, 0.534, 0.548_199_026_212_712_9, 0.535_070_140_280_561_2], 0.192_199_240_531_627_85),
    ];
    for (case, bins, count, known, error) in known {
        let outcomes = cases()[case].outcomes();
        let curve = outcomes.calibration_curve(bins).unwrap();
        assert_eq!(curve.len(), count);
        let found: Vec<f64> = [0, count - 1, count / 2]
            .iter()
            .flat_map(|&bin| [curve[bin].expected, curve[bin].observed])
            .collect();
        all_near(&found, &known);
        near(outcomes.calibration_error(bins).unwrap(), error);
    }
}

/// DeLong's variance from the matrix of all pairs (numpy, `var(ddof=1)`), of rows repeated twice their weight where
/// there are weights; and `cov` of both scores' placements for the difference to a coarser, noisier score.
#[test]
fn standard_errors_are_those_of_all_pairs() {
    let known = [
        0.004_909_779_824_159_876,
        0.007_161_010_050_915_108,
        0.010_335_824_005_424_482,
        0.008_220_756_599_171_122,
        0.008_070_646_039_997_57,
    ];
    let pairs = [
        Some((-0.005, 0.004_909_779_824_159_875)),
        Some((0.061_964_504_283_965_83, 0.014_337_996_695_709_947)),
        None,
        None,
        Some((0.004_468_607_307_397_843, 0.004_660_450_713_540_298)),
    ];
    for ((case, known), pair) in cases().iter().zip(known).zip(pairs) {
        let twice: Option<Vec<f64>> =
            case.weights.as_ref().map(|weights| weights.iter().map(|weight| 2.0 * weight).collect());
        let auc = Made { said: case.said.clone(), churned: case.churned.clone(), weights: twice };
        near(auc.outcomes().auc().unwrap().std_error().unwrap(), known);
        let Some((value, std_error)) = pair else { continue };
        let other: Vec<f64> = (case.said.iter().enumerate())
            .map(|(row, said)| ((0.6 * said + 0.4 * wobble(row, 5)) * 20.0).floor() / 20.0)
            .collect();
        let found = Difference::of_auc(&case.said, &other, &case.churned).unwrap();
        all_near(&[found.value, found.std_error], &[value, std_error]);
    }
}

/// Newton's method in numpy to a step of 1e-14: on outcomes for the slope, with an offset for the intercept in the large,
/// on smoothed targets for Platt, where scikit-learn's `_sigmoid_calibration` of the log odds agrees to its tolerance,
/// 1e-7.
#[test]
fn lines_of_log_odds_are_those_of_greatest_likelihood() {
    #[rustfmt::skip]
    let known = [
        ([0.192_408_365_913_86, 0.870_826_509_088_074_1, 9.597_762_304_922_242, 4.808_575_627_455_387, -0.243_338_281_666_375_86], [-0.099_004_787_958_223_64, 2.283_389_755_231_783]),
        ([2.507_022_922_532_814_7, 0.506_820_383_253_703_7, 3.476_049_575_801_464_5, 0.596_996_944_821_352_5, 0.922_334_582_300_164_1], [1.368_787_687_637_278_9, 1.758_344_302_469_473_6]),
        ([-0.072_984_610_049_961_51, 0.052_375_109_006_526_47, 0.163_952_072_620_284_83, 0.029_937_117_545_878_37, -0.027_263_332_661_266_68], [-0.073_042_164_733_965_98, 0.163_488_323_742_987_75]),
        ([0.122_968_075_753_822_72, 0.054_404_002_106_435_1, 0.302_132_395_805_510_43, 0.037_284_456_575_982_6, 0.197_382_092_431_987_73], [0.122_467_659_860_878_89, 0.296_514_164_048_486_63]),
        ([-0.036_997_633_239_518_53, 0.028_463_777_991_579_738, 0.124_224_790_994_215_6, 0.016_046_280_029_514_564, -0.043_038_205_292_859_705], [-0.036_998_441_699_695_32, 0.124_122_100_274_282_47]),
    ];
    for (case, (line, platt)) in cases().iter().zip(known) {
        let found = case.outcomes().recalibration().unwrap();
        all_near(
            &[
                found.intercept,
                found.intercept_std_error,
                found.slope,
                found.slope_std_error,
                found.in_the_large,
            ],
            &line,
        );
        let Calibrator::Platt(found) = Calibration::Platt.fit(&case.outcomes()).unwrap() else { panic!() };
        all_near(&[found.intercept(), found.slope()], &platt);
    }
}

/// `IsotonicRegression(out_of_bounds="clip").fit(said, churned, weights).predict(...)`.
#[test]
fn isotonic_curves_equal_those_of_scikit_learn() {
    #[rustfmt::skip]
    let known = [
        [0.0, 0.0, 0.0, 0.0, 0.492_777_777_777_777_7, 1.0, 1.0, 1.0],
        [0.0, 0.0, 0.032_857_142_857_142_84, 0.395_864_661_654_135_36, 0.952_380_952_380_952_3, 1.0, 1.0, 1.0],
        [0.221_052_631_578_947_37, 0.294_461_968_276_856_67, 0.311_643_835_616_438_4, 0.470_997_679_814_385_23, 0.558_353_808_353_808_3, 0.558_353_808_353_808_3, 0.558_353_808_353_808_3, 0.558_353_808_353_808_3],
        [0.093_023_255_813_953_49, 0.131_587_416_943_521_6, 0.161_716_706_110_154_9, 0.421_052_631_578_947_35, 0.581_395_348_837_209_3, 0.747_126_436_781_609_2, 0.972_222_222_222_222_2, 0.972_222_222_222_222_2],
        [0.0, 0.368_015_414_258_188_84, 0.397_468_354_430_379_76, 0.491_053_677_932_405_5, 0.514_970_059_880_239_5, 0.557_539_682_539_682_6, 0.557_539_682_539_682_6, 0.576_190_476_190_475_9],
    ];
    for (case, known) in cases().iter().zip(known) {
        let calibrator = Calibration::Isotonic.fit(&case.outcomes()).unwrap();
        let asked = [0.0, 0.05, 0.123, 0.31, 0.5, 0.77, 0.95, 1.0];
        all_near(&calibrator.calibrate(&asked).unwrap(), &known);
    }
}

/// Saved calibrations of the second case stay readable, and say what scipy's `expit` of the line, and
/// `IsotonicRegression.predict`, say.
#[cfg(feature = "serde")]
#[test]
fn saved_calibrations_stay_readable() {
    let platt = include_str!("../golden/calibrator_platt-1.json").trim_end();
    let isotonic = include_str!("../golden/calibrator_isotonic-1.json").trim_end();
    for (saved, asked, known) in [
        (
            platt,
            [0.05, 0.5, 0.9],
            [0.021_699_029_756_793_674, 0.797_184_215_653_248_8, 0.994_686_965_844_965_4],
        ),
        (
            isotonic,
            [0.123, 0.31, 0.5],
            [0.032_857_142_857_142_84, 0.395_864_661_654_135_36, 0.952_380_952_380_952_3],
        ),
    ] {
        let calibrator: Calibrator = serde_json::from_str(saved).unwrap();
        assert_eq!(serde_json::to_string(&calibrator).unwrap(), saved);
        all_near(&calibrator.calibrate(&asked).unwrap(), &known);
    }
    let fitted = Calibration::Isotonic.fit(&cases()[1].outcomes()).unwrap();
    assert_eq!(serde_json::to_string(&fitted).unwrap(), isotonic);
}
