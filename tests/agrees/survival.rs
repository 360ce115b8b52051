//! Curves of made lifetimes, by lifelines 0.30.3; what it does not do, by a few lines of numpy.

use patronage::churn::survival::{Covariates, Interval, KaplanMeier, Lifetimes, NelsonAalen};

use super::k_means::Lcg;

/// Lifetimes of customers with three covariates, of which a half to two thirds are seen to leave.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) durations: Vec<f64>,
    pub(crate) events: Vec<bool>,
    pub(crate) columns: [Vec<f64>; 3],
    pub(crate) weights: Vec<f64>,
    pub(crate) strata: Vec<u32>,
    pub(crate) entries: Vec<f64>,
}

/// Whole durations have many ties; the others have none.
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "strata are 0, 1 and 2")]
pub(crate) fn made(rows: usize, seed: u64, whole: bool) -> Made {
    let mut chance = Lcg(seed);
    let mut made = Made {
        durations: Vec::new(),
        events: Vec::new(),
        columns: Default::default(),
        weights: Vec::new(),
        strata: Vec::new(),
        entries: Vec::new(),
    };
    for _ in 0..rows {
        let numbers = [chance.next(), f64::from(u8::from(chance.next() < 0.4)), 10.0 * chance.next() - 5.0];
        let score = 0.8 * numbers[0] - 0.5 * numbers[1] + 0.1 * numbers[2];
        let leaves = 20.0 * (-(1.0 - chance.next()).ln() * (-score).exp()).powf(0.8);
        let end = 25.0 * chance.next() + 0.5;
        made.weights.push(1.0 + (3.0 * chance.next()).floor());
        made.strata.push((3.0 * chance.next()).floor() as u32);
        let (share, until) = (chance.next(), leaves.min(end));
        let until = if whole { until.ceil() } else { until };
        made.entries.push(if whole { (share * until * 0.999).floor() } else { 0.9 * share * until });
        made.durations.push(until);
        made.events.push(leaves <= end);
        made.columns.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
    }
    made
}

impl Made {
    pub(crate) fn lifetimes(&self) -> Lifetimes<'_> {
        Lifetimes::new(&self.durations, &self.events).unwrap()
    }

    pub(crate) fn covariates(&self) -> Covariates<'_> {
        Covariates::new(["x0", "x1", "x2"].into_iter().zip(self.columns.iter().map(Vec::as_slice))).unwrap()
    }

    /// 1 or 2 by the second covariate.
    pub(crate) fn causes(&self) -> Vec<u32> {
        let cause = |(&event, &kind): (&bool, &f64)| u32::from(event) * (1 + u32::from(kind > 0.0));
        self.events.iter().zip(&self.columns[1]).map(cause).collect()
    }
}

#[track_caller]
pub(crate) fn close<const N: usize>(found: [f64; N], known: [f64; N]) {
    for (found, known) in found.into_iter().zip(known) {
        assert!((found - known).abs() <= 1e-6 * known.abs().max(1e-3), "{found} {known}");
    }
}

pub(crate) const TIMES: [f64; 4] = [3.0, 7.0, 12.0, 20.0];

/// Of the last time up to each of `TIMES`.
pub(crate) fn at<T: Copy>(times: &[f64], values: &[T]) -> [T; 4] {
    TIMES.map(|time| values[times.partition_point(|&at| at <= time) - 1])
}

pub(crate) fn flat(pairs: [(f64, f64); 4]) -> [f64; 8] {
    let [a, b, c, d] = pairs;
    [a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1]
}

#[track_caller]
fn kaplan_meier(
    seen: &Lifetimes<'_>,
    survival: [f64; 4],
    intervals: [f64; 8],
    variance: [f64; 4],
    times: [f64; 2],
) {
    let curve = KaplanMeier::of(seen);
    close(TIMES.map(|time| curve.survival_at(time)), survival);
    let found = curve.intervals(0.95, Interval::LogLog).unwrap();
    close(flat(at(curve.times(), &found)), intervals);
    close(at(curve.times(), &curve.variance().collect::<Vec<_>>()), variance);
    close([curve.median().unwrap(), curve.quantile(0.25).unwrap().unwrap()], times);
}

#[track_caller]
fn nelson_aalen(curve: &NelsonAalen, hazard: [f64; 4], intervals: [f64; 8], variance: [f64; 4]) {
    close(TIMES.map(|time| curve.hazard_at(time)), hazard);
    close(flat(at(curve.times(), &curve.intervals(0.95).unwrap())), intervals);
    close(at(curve.times(), curve.variance()), variance);
}

#[test]
fn survival() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    kaplan_meier(
        &a.lifetimes(),
        [0.872_635_975_826_520_1, 0.658_937_829_254_201_5, 0.501_210_185_651_421_1, 0.306_703_311_903_157_3],
        [
            0.817_291_017_144_791_8,
            0.912_111_754_384_738_8,
            0.584_102_224_570_838_7,
            0.723_538_034_850_227_7,
            0.417_590_861_934_375_17,
            0.579_055_732_060_338,
            0.211_111_624_471_595_32,
            0.407_355_739_375_241_7,
        ],
        [
            0.000_567_344_214_947_877_5,
            0.001_267_543_174_549_271_6,
            0.001_715_377_845_482_759_2,
            0.002_579_397_376_387_179_4,
        ],
        [14.0, 6.0],
    );
    kaplan_meier(
        &a.lifetimes().weighted(&a.weights).unwrap(),
        [0.898_046_409_023_087_2, 0.691_923_701_306_360_5, 0.522_033_111_239_197_2, 0.318_351_860_262_549_86],
        [
            0.863_097_782_472_695_5,
            0.924_463_641_803_499_7,
            0.640_347_505_489_349_6,
            0.737_656_301_025_518_9,
            0.462_212_818_364_552,
            0.578_386_907_739_342_6,
            0.248_085_377_061_656_3,
            0.390_694_742_346_125_56,
        ],
        [
            0.000_239_624_955_936_215_16,
            0.000_616_028_885_834_344_8,
            0.000_882_916_149_314_539_2,
            0.001_342_909_890_978_153,
        ],
        [14.0, 7.0],
    );
    kaplan_meier(
        &b.lifetimes(),
        [0.890_496_294_458_331_7, 0.707_025_716_975_874_8, 0.485_461_454_353_701, 0.266_241_605_661_838_7],
        [
            0.836_876_251_039_429_1,
            0.927_250_877_050_603,
            0.632_316_067_425_731_7,
            0.769_341_703_066_108_4,
            0.400_049_381_535_417_6,
            0.565_515_897_499_983_4,
            0.174_970_648_488_116_08,
            0.366_169_521_178_314,
        ],
        [
            0.000_510_623_009_018_727,
            0.001_219_588_930_815_261_6,
            0.001_803_635_140_366_070_2,
            0.002_453_067_204_362_714,
        ],
        [11.411_364_310_032_653, 5.697_431_454_163_575],
    );
    kaplan_meier(
        &a.lifetimes().entered(&a.entries).unwrap(),
        [0.638_176_638_176_638_3, 0.373_898_929_524_179, 0.245_365_504_675_452_5, 0.135_580_930_348_736_2],
        [
            0.509_613_179_563_916_5,
            0.741_372_417_821_719_9,
            0.280_890_020_114_699_05,
            0.466_650_664_077_924_6,
            0.172_699_080_625_614_9,
            0.324_964_554_771_448_26,
            0.080_795_076_272_066_35,
            0.204_529_154_993_658_1,
        ],
        [
            0.003_526_183_728_120_593_3,
            0.002_294_124_038_338_548,
            0.001_540_061_110_701_280_7,
            0.001_013_937_971_945_161,
        ],
        [5.0, 2.0],
    );
}

/// With `nelson_aalen_smoothing=False`.
#[test]
fn cumulative_hazards() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    nelson_aalen(
        &NelsonAalen::of(&a.lifetimes()),
        [0.132_832_681_597_345_65, 0.401_705_523_080_481_24, 0.667_640_846_248_037, 1.138_333_922_329_044],
        [
            0.090_584_701_434_175_17,
            0.194_784_781_767_630_9,
            0.314_911_839_815_847_3,
            0.512_420_642_449_412_8,
            0.532_074_332_900_073_3,
            0.837_748_171_668_540_8,
            0.875_567_835_595_543_2,
            1.479_958_566_366_987_2,
        ],
        [
            0.000_673_083_302_565_211,
            0.002_489_174_616_161_787_6,
            0.005_977_446_573_974_504,
            0.023_234_371_725_422_528,
        ],
    );
    nelson_aalen(
        &NelsonAalen::of(&a.lifetimes().weighted(&a.weights).unwrap()),
        [0.105_441_475_617_131_23, 0.355_331_130_144_930_5, 0.628_068_733_575_603_1, 1.100_291_215_427_570_4],
        [
            0.077_484_439_273_029_1,
            0.143_485_645_435_754_18,
            0.295_790_519_589_451_4,
            0.426_856_858_784_111_84,
            0.532_161_852_081_215_5,
            0.741_260_074_453_927_8,
            0.912_041_448_679_052_7,
            1.327_396_644_637_698_4,
        ],
        [
            0.000_274_695_010_321_541_7,
            0.001_105_509_401_621_857_7,
            0.002_819_507_881_390_260_4,
            0.011_096_648_846_045_828,
        ],
    );
    nelson_aalen(
        &NelsonAalen::of(&b.lifetimes()),
        [0.115_654_973_398_769_57, 0.345_471_326_598_398_8, 0.718_844_200_669_292, 1.306_298_736_217_616_6],
        [
            0.075_412_427_462_030_92,
            0.177_372_262_398_061_11,
            0.261_573_067_862_546_8,
            0.456_279_533_963_238_95,
            0.567_916_917_007_493_6,
            0.909_881_303_692_622_8,
            0.999_820_175_276_925_7,
            1.706_723_299_288_401_4,
        ],
        [
            0.000_636_777_462_261_622_9,
            0.002_404_526_414_189_823,
            0.007_471_024_542_024_141_4,
            0.031_756_953_298_965_51,
        ],
    );
    nelson_aalen(
        &NelsonAalen::of(&a.lifetimes().entered(&a.entries).unwrap()),
        [0.415_786_827_551_533_46, 0.909_308_461_176_947_6, 1.312_419_099_418_709, 1.875_961_336_236_807_7],
        [
            0.285_375_758_187_363_27,
            0.605_793_172_704_828_1,
            0.718_148_876_300_052_3,
            1.151_351_627_573_281_6,
            1.064_389_523_589_360_1,
            1.618_245_815_414_03,
            1.508_293_715_331_364_5,
            2.333_253_065_555_757_7,
        ],
        [
            0.006_374_790_021_262_085,
            0.011_988_858_212_460_261,
            0.019_674_118_995_337_674,
            0.043_594_433_271_926_684,
        ],
    );
}

/// The default of `NelsonAalenFitter`.
#[test]
fn cumulative_hazards_one_by_one() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    nelson_aalen(
        &NelsonAalen::one_by_one(&a.lifetimes()),
        [0.135_864_951_630_586_54, 0.415_669_996_628_755_8, 0.687_328_777_468_120_9, 1.168_334_571_950_824_2],
        [
            0.091_742_074_635_291_71,
            0.201_208_498_444_841_45,
            0.322_484_076_209_838_7,
            0.535_783_186_965_553_7,
            0.543_778_760_415_021_7,
            0.868_773_999_144_912_6,
            0.889_496_281_306_167_5,
            1.534_582_775_333_353_4,
        ],
        [
            0.000_740_963_633_380_609_1,
            0.002_898_105_143_552_154_3,
            0.006_749_432_269_035_349,
            0.026_420_585_526_742_313,
        ],
    );
    nelson_aalen(
        &NelsonAalen::one_by_one(&a.lifetimes().weighted(&a.weights).unwrap()),
        [0.107_385_107_820_164_2, 0.367_637_001_398_905_2, 0.648_407_446_273_227_9, 1.138_012_560_641_027_6],
        [
            0.078_433_229_561_677_21,
            0.147_023_926_542_260_54,
            0.303_749_822_598_345_7,
            0.444_961_460_854_248_1,
            0.546_186_272_859_204_8,
            0.769_759_763_792_063_2,
            0.935_013_302_601_388,
            1.385_084_666_254_058_8,
        ],
        [
            0.000_296_300_196_235_943_5,
            0.001_282_082_663_893_291_4,
            0.003_221_275_102_804_455,
            0.013_014_435_176_469_163,
        ],
    );
    nelson_aalen(
        &NelsonAalen::one_by_one(&b.lifetimes()),
        [
            0.115_654_973_398_769_73,
            0.345_471_326_598_398_85,
            0.718_844_200_669_294_3,
            1.306_298_736_217_619_3,
        ],
        [
            0.075_322_349_097_220_88,
            0.177_584_382_752_126_12,
            0.261_308_283_762_065_6,
            0.456_741_882_742_347_95,
            0.567_109_758_641_699_5,
            0.911_176_323_386_724_8,
            0.994_068_620_973_064_3,
            1.716_598_182_702_305_6,
        ],
        [
            0.000_640_341_839_083_902_2,
            0.002_422_065_917_469_185,
            0.007_561_472_346_418_574,
            0.033_142_176_013_562_84,
        ],
    );
    nelson_aalen(
        &NelsonAalen::one_by_one(&a.lifetimes().entered(&a.entries).unwrap()),
        [0.444_841_233_300_328_65, 0.975_613_676_776_748_5, 1.392_299_234_927_505_4, 1.970_955_744_920_087_8],
        [
            0.296_485_267_927_683_6,
            0.667_431_890_384_596_5,
            0.755_973_076_138_233_7,
            1.259_068_710_721_915,
            1.114_038_943_423_467_2,
            1.740_062_294_072_656_7,
            1.567_265_620_152_911_4,
            2.478_626_786_986_170_7,
        ],
        [
            0.008_479_427_447_682_042,
            0.016_119_346_540_734_547,
            0.025_086_499_653_299_343,
            0.053_117_078_132_514_76,
        ],
    );
}

/// The means by lifelines' `restricted_mean_survival_time`, their errors by the formula in numpy.
#[test]
fn restricted_means() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    let weighted = a.lifetimes().weighted(&a.weights).unwrap();
    for (seen, limit, known) in [
        (a.lifetimes(), 15.0, [10.490_589_977_449_42, 0.377_216_551_703_454_5]),
        (weighted, 15.0, [10.831_817_130_845_69, 0.262_235_325_701_452]),
        (b.lifetimes(), 12.5, [9.299_886_882_512_74, 0.304_971_510_518_421_5]),
    ] {
        let found = KaplanMeier::of(&seen).restricted_mean(limit).unwrap();
        close([found.mean, found.std_error], known);
    }
}
