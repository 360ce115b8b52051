//! Comparisons and incidences of made lifetimes, by lifelines 0.30.3; what it does not do, by statsmodels 0.15 or by a
//! few lines of numpy.

use patronage::churn::survival::{CumulativeIncidence, Interval, Lifetimes, LogRank, Weighting};

use super::survival::{Made, TIMES, at, close, flat, made};

/// `multivariate_logrank_test`.
#[test]
fn log_rank_tests() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    for (weighting, of_a, of_b) in [
        (
            Weighting::LogRank,
            [2.047_381_798_149_573_7, 0.359_266_473_767_845_5],
            [1.773_437_099_888_870_4, 0.412_005_512_468_405_9],
        ),
        (
            Weighting::Wilcoxon,
            [3.235_718_379_163_629_3, 0.198_322_816_495_865_58],
            [0.495_854_744_317_641_15, 0.780_416_621_194_229_8],
        ),
        (
            Weighting::TaroneWare,
            [2.873_996_639_321_940_3, 0.237_640_008_515_503_1],
            [1.025_794_032_794_371_3, 0.598_758_450_733_207_1],
        ),
        (
            Weighting::Peto,
            [2.786_265_705_910_006, 0.248_296_209_360_216_07],
            [1.013_325_137_639_676_6, 0.602_503_039_498_153_8],
        ),
    ] {
        for (made, known) in [(&a, of_a), (&b, of_b)] {
            let test = LogRank::of(&made.lifetimes(), &made.strata, weighting).unwrap();
            assert_eq!(test.degrees_of_freedom(), 2);
            close([test.statistic(), test.p_value()], known);
        }
    }
    let late = Weighting::FlemingHarrington { early: 0.5, late: 1.0 };
    let test = LogRank::of(&b.lifetimes(), &b.strata, late).unwrap();
    close([test.statistic(), test.p_value()], [3.844_050_391_194_640_4, 0.146_310_354_801_414_4]);
    let weighted = a.lifetimes().weighted(&a.weights).unwrap();
    let test = LogRank::of(&weighted, &a.strata, Weighting::LogRank).unwrap();
    close([test.statistic(), test.p_value()], [3.048_362_429_013_681_5, 0.217_799_314_797_147_1]);
}

/// statsmodels' `survdiff`, which knows strata and entries.
#[test]
fn log_rank_tests_of_strata_and_late_entries() {
    let (a, b) = (made(200, 7, true), made(200, 8, false));
    let kind =
        |made: &Made| -> Vec<u32> { made.columns[1].iter().map(|&kind| u32::from(kind > 0.0)).collect() };
    for (seen, groups, known) in [
        (a.lifetimes(), kind(&a), [20.446_127_770_610_644, 6.133_352_261_823_307_5e-6]),
        (
            a.lifetimes().in_strata(&a.strata).unwrap(),
            kind(&a),
            [21.181_667_554_386_685, 4.177_412_514_794_199e-6],
        ),
        (
            b.lifetimes().entered(&b.entries).unwrap(),
            kind(&b),
            [5.691_622_931_816_387, 0.017_046_082_856_568_612],
        ),
    ] {
        let test = LogRank::of(&seen, &groups, Weighting::LogRank).unwrap();
        close([test.statistic(), test.p_value()], known);
    }
}

/// `AalenJohansenFitter`, where no two leave at one time (it would move them apart by chance).
#[test]
fn incidence_of_causes() {
    let b = made(200, 8, false);
    let causes = b.causes();
    let seen = Lifetimes::by_cause(&b.durations, &causes).unwrap();
    let one = CumulativeIncidence::of(&seen, 1).unwrap();
    let two = CumulativeIncidence::of(&seen, 2).unwrap();
    close(
        TIMES.map(|time| one.incidence_at(time)),
        [
            0.084_369_868_891_018_19,
            0.181_674_839_687_047_48,
            0.367_512_074_262_540_2,
            0.499_313_701_970_002_6,
        ],
    );
    close(
        at(one.times(), one.variance()),
        [
            0.000_408_725_078_308_220_4,
            0.000_857_444_928_390_254_7,
            0.001_670_070_450_637_621,
            0.002_638_982_216_389_567_5,
        ],
    );
    close(
        TIMES.map(|time| two.incidence_at(time)),
        [
            0.025_133_836_650_652_032,
            0.111_299_443_337_079_79,
            0.147_026_471_383_762_2,
            0.234_444_692_368_161_73,
        ],
    );
    close(
        at(two.times(), two.variance()),
        [
            0.000_123_194_051_588_475_98,
            0.000_587_111_062_075_058,
            0.000_785_095_255_360_971_9,
            0.001_608_905_995_460_931_9,
        ],
    );
    close(
        flat(at(two.times(), &two.intervals(0.95, Interval::LogLog).unwrap())),
        [
            0.009_473_862_661_212_145,
            0.054_357_268_259_024_975,
            0.069_494_437_861_194_26,
            0.164_024_272_887_968_17,
            0.097_341_284_052_079_35,
            0.206_437_590_832_204_8,
            0.160_767_807_053_933_48,
            0.316_274_885_764_173_06,
        ],
    );
}

/// Where several leave at one time, by the definition in numpy.
#[test]
fn incidence_of_causes_with_ties() {
    let a = made(200, 7, true);
    let causes = a.causes();
    let seen = Lifetimes::by_cause(&a.durations, &causes).unwrap();
    for (cause, known) in [
        (
            1,
            [
                0.096_798_791_325_986_48,
                0.264_166_465_620_235_7,
                0.388_475_977_926_031_3,
                0.514_831_255_429_555,
            ],
        ),
        (
            2,
            [
                0.030_565_232_847_493_78,
                0.076_895_705_125_563_12,
                0.110_313_836_422_548_38,
                0.178_465_432_667_288_18,
            ],
        ),
    ] {
        let found = CumulativeIncidence::of(&seen, cause).unwrap();
        close(TIMES.map(|time| found.incidence_at(time)), known);
    }
}
