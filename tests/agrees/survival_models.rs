//! Cox and Weibull models of made lifetimes, by lifelines 0.30.3, to the end of its precision; Breslow's ties, and strata
//! with late entries, by statsmodels 0.15.

use patronage::churn::survival::{
    Coefficient, Covariates, Cox, CoxModel, Lifetimes, Ties, TimeScale, WeibullAft, WeibullModel,
};

use super::survival::{Made, close, made};

fn fit(cox: &Cox, seen: &Lifetimes<'_>, made: &Made) -> CoxModel {
    cox.fit(seen, &made.covariates()).unwrap()
}

fn values<const N: usize>(coefficients: &[Coefficient]) -> [f64; N] {
    std::array::from_fn(|at| coefficients[at].value)
}

fn errors<const N: usize>(coefficients: &[Coefficient]) -> [f64; N] {
    std::array::from_fn(|at| coefficients[at].std_error)
}

#[track_caller]
fn agrees(model: &CoxModel, known: [f64; 3], std_errors: [f64; 3], log_likelihood: f64) {
    close(values(model.coefficients()), known);
    close(errors(model.coefficients()), std_errors);
    assert!((model.log_likelihood() - log_likelihood).abs() < 1e-6, "{}", model.log_likelihood());
}

#[test]
fn efrons_ties() {
    let a = made(200, 7, true);
    let model = fit(&Cox::default(), &a.lifetimes(), &a);
    agrees(
        &model,
        [1.127_920_713_839_608, -1.237_066_916_456_934_8, 0.108_275_387_248_624_52],
        [0.371_414_620_559_445_6, 0.248_746_417_699_858_03, 0.035_693_934_918_300_384],
        -424.597_835_322_427_67,
    );
    close(
        [model.null_log_likelihood(), model.concordance().unwrap()],
        [-443.238_567_902_944_74, 0.675_943_438_710_258_5],
    );
    close(
        [model.baselines()[0].hazard_at(3.0), model.baselines()[0].hazard_at(12.9)],
        [0.105_813_877_174_786_64, 0.602_698_970_479_478_6],
    );
    let new =
        Covariates::new([("x2", vec![3.0, -2.0]), ("x1", vec![0.0, 1.0]), ("x0", vec![0.1, 0.9])]).unwrap();
    let hazards = model.partial_hazards(&new).unwrap();
    close([hazards[0], hazards[1]], [1.497_535_944_767_914_6, 0.623_575_002_917_226_3]);
    let survival = [3.0, 12.0].map(|time| model.survival(&new, time).unwrap());
    close([survival[0][0], survival[0][1]], [0.853_457_029_254_201_2, 0.936_146_882_781_114]);
    close([survival[1][0], survival[1][1]], [0.405_528_805_009_583, 0.686_720_430_370_929_2]);
    let parts = model.contributions(&new).unwrap();
    for (row, hazard) in parts.rows().into_iter().zip(hazards) {
        assert!((row.sum().exp() / hazard - 1.0).abs() < 1e-12);
    }
}

#[test]
fn breslows_ties() {
    let a = made(200, 7, true);
    let cox = Cox::default().ties(Ties::Breslow);
    agrees(
        &fit(&cox, &a.lifetimes(), &a),
        [1.095_321_712_378_27, -1.196_737_438_021_088_2, 0.103_574_298_862_433_48],
        [0.371_837_865_438_938_6, 0.248_419_556_235_043_41, 0.035_714_892_516_681_265],
        -428.434_417_787_998_5,
    );
    agrees(
        &fit(&cox, &a.lifetimes().in_strata(&a.strata).unwrap(), &a),
        [1.032_822_188_125_707_4, -1.213_980_228_108_827_7, 0.099_081_214_652_576_56],
        [0.379_940_405_346_296_5, 0.253_170_185_633_299_57, 0.035_969_831_646_004_424],
        -326.381_010_206_707,
    );
}

#[test]
fn no_ties_and_the_three_tests() {
    let b = made(200, 8, false);
    let model = fit(&Cox::default(), &b.lifetimes(), &b);
    agrees(
        &model,
        [0.889_295_143_828_731_5, -0.668_079_617_310_145_3, 0.117_499_032_512_811_66],
        [0.369_571_075_874_566_3, 0.223_232_010_985_425_1, 0.037_902_065_209_292_94],
        -421.288_458_575_507_83,
    );
    assert_eq!(model.concordance().map(|share| (share * 1e12).round() / 1e12), Some(0.612_073_945_696));
    // The score test from the slope and curvature of statsmodels' `PHReg` at 0.
    let ratio = model.likelihood_ratio_test();
    close([ratio.statistic, ratio.p_value()], [23.637_108_085_831_983, 2.973_942_258_895_683_7e-5]);
    close(
        [model.wald_test().statistic, model.score_test().statistic],
        [22.618_120_369_801_67, 23.072_291_536_602_147],
    );
}

/// lifelines does not weigh the pairs of its concordance, nor the means that its baseline is about: predictions agree.
#[test]
fn weights() {
    let a = made(200, 7, true);
    let model = fit(&Cox::default(), &a.lifetimes().weighted(&a.weights).unwrap(), &a);
    agrees(
        &model,
        [1.447_741_289_709_251_9, -1.253_192_644_283_903_6, 0.117_936_449_317_795_04],
        [0.285_167_046_079_417_4, 0.180_600_172_947_038_45, 0.027_650_909_351_772_234],
        -912.039_292_609_960_4,
    );
    close([model.null_log_likelihood()], [-948.678_672_962_587_9]);
    let new =
        Covariates::new([("x0", vec![0.1, 0.9]), ("x1", vec![0.0, 1.0]), ("x2", vec![3.0, -2.0])]).unwrap();
    let survival = [3.0, 12.0].map(|time| model.survival(&new, time).unwrap());
    close([survival[0][0], survival[0][1]], [0.893_241_664_793_724_8, 0.944_661_190_382_542_4]);
    close([survival[1][0], survival[1][1]], [0.464_115_415_223_475_66, 0.679_040_923_006_712_9]);
}

#[test]
fn strata() {
    let a = made(200, 7, true);
    let model = fit(&Cox::default(), &a.lifetimes().in_strata(&a.strata).unwrap(), &a);
    agrees(
        &model,
        [1.060_633_876_741_920_1, -1.259_533_195_191_152_4, 0.102_639_790_058_967_8],
        [0.379_716_077_678_046_1, 0.253_448_502_415_348_4, 0.035_862_400_117_822_54],
        -322.191_528_704_380_3,
    );
    close([model.concordance().unwrap()], [0.675_903_287_150_231]);
    let one = Covariates::new([("x0", vec![0.1]), ("x1", vec![0.0]), ("x2", vec![3.0])]).unwrap();
    let other = Covariates::new([("x0", vec![0.9]), ("x1", vec![1.0]), ("x2", vec![-2.0])]).unwrap();
    let at =
        |time| [model.survival_in(0, &one, time).unwrap()[0], model.survival_in(2, &other, time).unwrap()[0]];
    close(at(3.0), [0.878_096_090_846_308_7, 0.926_560_921_069_137_1]);
    close(at(12.0), [0.498_406_446_937_340_04, 0.674_166_679_440_796_7]);
    assert!(model.survival(&one, 3.0).is_err() && model.survival_in(3, &one, 3.0).is_err());
}

#[test]
fn late_entries() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    agrees(
        &fit(&Cox::default(), &a.lifetimes().entered(&a.entries).unwrap(), &a),
        [0.766_462_641_182_498_8, -0.997_655_964_514_410_7, 0.088_900_093_119_542_72],
        [0.377_388_294_320_788_24, 0.246_501_302_056_178_8, 0.036_824_918_352_552_52],
        -366.604_699_197_521_2,
    );
    agrees(
        &fit(&Cox::default(), &b.lifetimes().entered(&b.entries).unwrap(), &b),
        [0.727_762_376_718_320_2, -0.558_500_398_273_797, 0.069_157_175_525_190_84],
        [0.368_921_497_142_960_5, 0.224_627_854_386_026, 0.037_577_203_756_779_545],
        -367.794_538_164_174_6,
    );
}

/// lifelines' `penalizer` is our ridge times (n - 1) / n. Its log-likelihood has the penalty.
#[test]
fn ridge() {
    let a = made(200, 7, true);
    let model = fit(&Cox::default().ridge(0.1 * 200.0 / 199.0).unwrap(), &a.lifetimes(), &a);
    close(
        values(model.coefficients()),
        [0.844_236_431_959_933, -0.938_278_636_676_480_6, 0.082_515_364_198_046_77],
    );
    close(
        errors(model.coefficients()),
        [0.333_748_881_186_358_4, 0.207_973_298_553_832_87, 0.032_478_571_488_182_575],
    );
}

/// `proportional_hazard_test`. Ranks of equal times are in no order there: by its residuals and scipy's `rankdata`.
#[test]
fn proportional_hazards() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    for (made, scale, known) in [
        (&a, TimeScale::Rank, [0.087_760_857_918_384_41, 1.473_659_877_394_356_8, 0.217_595_318_770_547_7]),
        (
            &a,
            TimeScale::Identity,
            [0.139_773_125_032_934_04, 1.599_736_205_896_834_5, 0.153_697_616_440_513_44],
        ),
        (&a, TimeScale::Log, [0.098_240_949_091_127_45, 1.834_785_892_049_639_6, 0.371_187_368_388_654]),
        (
            &a,
            TimeScale::KaplanMeier,
            [0.061_425_853_562_710_894, 1.696_843_765_618_713_7, 0.183_652_885_989_813_36],
        ),
        (&b, TimeScale::Rank, [0.592_458_311_019_637_2, 4.288_654_859_286_678_4, 0.760_119_400_918_921_4]),
        (&b, TimeScale::Identity, [0.989_008_480_443_735_9, 5.572_521_371_855_835, 0.715_498_004_750_981_9]),
        (&b, TimeScale::Log, [0.029_144_809_439_276_016, 3.916_941_998_529_152, 1.884_488_151_246_688]),
        (
            &b,
            TimeScale::KaplanMeier,
            [0.934_745_446_691_497_6, 5.037_738_026_058_254, 0.629_523_881_274_822_4],
        ),
    ] {
        let model = fit(&Cox::default(), &made.lifetimes(), made);
        let tests = model.proportionality(&made.lifetimes(), &made.covariates(), scale).unwrap();
        close([0, 1, 2].map(|at| tests[at].statistic), known);
        assert_eq!(tests[1].name, "x1");
    }
    let model = fit(&Cox::default(), &b.lifetimes(), &b);
    let tests = model.proportionality(&b.lifetimes(), &b.covariates(), TimeScale::Rank).unwrap();
    close([tests[1].p_value()], [0.038_367_509_179_034_78]);
}

#[track_caller]
fn weibull(model: &WeibullModel, known: [f64; 5], std_errors: [f64; 5], log_likelihood: f64) {
    let [x0, x1, x2] = [0, 1, 2].map(|at| &model.coefficients()[at]);
    let all = [x0, x1, x2, model.intercept(), model.log_shape()];
    close(all.map(|one| one.value), known);
    close(all.map(|one| one.std_error), std_errors);
    assert!((model.log_likelihood() - log_likelihood).abs() < 1e-6, "{}", model.log_likelihood());
}

/// The likelihood of `WeibullAFTFitter`, whose own search stops at 1e-5, climbed to its top by Newton's method in numpy
/// with the derivatives of autograd.
#[test]
fn weibull_lifetimes() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    let model = WeibullAft.fit_with(&a.lifetimes(), &a.covariates()).unwrap();
    weibull(
        &model,
        [
            -0.840_650_220_478_721_1,
            0.921_056_205_113_820_5,
            -0.076_539_360_944_119_34,
            2.861_559_446_465_344_4,
            0.343_842_551_350_069_97,
        ],
        [
            0.253_920_992_560_629_83,
            0.177_794_822_289_088_33,
            0.025_177_222_940_651_375,
            0.149_681_276_226_823_34,
            0.082_573_768_168_099_78,
        ],
        -352.815_692_881_816_23,
    );
    let new =
        Covariates::new([("x0", vec![0.1, 0.9]), ("x1", vec![0.0, 1.0]), ("x2", vec![3.0, -2.0])]).unwrap();
    let of = |found: Vec<f64>| [found[0], found[1]];
    close(of(model.median(&new).unwrap()), [9.855_245_153_258_739, 18.527_139_364_455_64]);
    close(of(model.survival(&new, 3.0).unwrap()), [0.878_523_741_719_027_8, 0.948_217_867_796_011_7]);
    close(of(model.mean(&new).unwrap()), [11.634_634_414_183_635, 21.872_260_902_083_79]);
    weibull(
        &WeibullAft.fit_with(&b.lifetimes().weighted(&b.weights).unwrap(), &b.covariates()).unwrap(),
        [
            -0.636_028_470_092_009,
            0.512_555_296_997_052_9,
            -0.066_182_674_094_693_94,
            2.855_285_806_485_017_3,
            0.330_856_138_626_810_1,
        ],
        [
            0.192_541_539_912_269_38,
            0.113_752_738_496_047_75,
            0.019_099_198_742_027_47,
            0.115_280_421_159_050_52,
            0.060_209_299_204_204_73,
        ],
        -695.048_058_666_049,
    );
    weibull(
        &WeibullAft.fit_with(&b.lifetimes().entered(&b.entries).unwrap(), &b.covariates()).unwrap(),
        [
            -0.981_246_565_919_573_5,
            0.666_816_103_599_346_5,
            -0.076_544_152_118_266_76,
            2.239_554_338_414_958,
            -0.335_336_659_315_781_7,
        ],
        [
            0.516_408_555_055_257_8,
            0.315_449_520_378_941_7,
            0.050_349_024_353_257_58,
            0.332_883_610_708_683_66,
            0.164_485_277_878_590_82,
        ],
        -306.623_081_059_635_47,
    );
    let plain = WeibullAft.fit(&a.lifetimes()).unwrap();
    close([plain.scale(), plain.shape()], [16.942_818_286_156_694, 1.253_722_910_516_129]);
    close(
        [plain.intercept().std_error, plain.log_shape().std_error, plain.log_likelihood()],
        [0.085_824_782_370_524_03, 0.082_985_249_330_457_77, -373.363_587_673_445_8],
    );
}

/// A saved model of the first schema: that of `efrons_ties`, whose predictions lifelines gives.
#[cfg(feature = "serde")]
#[test]
fn a_saved_model_stays_readable() {
    let saved = include_str!("../golden/cox-1.json").trim_end();
    let model: CoxModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    close(
        values(model.coefficients()),
        [1.127_920_713_839_608, -1.237_066_916_456_934_8, 0.108_275_387_248_624_52],
    );
    let new =
        Covariates::new([("x0", vec![0.1, 0.9]), ("x1", vec![0.0, 1.0]), ("x2", vec![3.0, -2.0])]).unwrap();
    let survival = model.survival(&new, 12.0).unwrap();
    close([survival[0], survival[1]], [0.405_528_805_009_583, 0.686_720_430_370_929_2]);
}
