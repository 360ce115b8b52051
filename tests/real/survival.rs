//! Rossi's 432 released prisoners, of whom 114 were arrested within 52 weeks: by lifelines 0.30.3, as is
//! REFERENCE's row.

use std::fs;

use patronage::churn::survival::{
    Covariates, Cox, Interval, KaplanMeier, Lifetimes, LogRank, NelsonAalen, TimeScale, WeibullAft, Weighting,
};

use super::data;

const NAMES: [&str; 7] = ["fin", "age", "race", "wexp", "mar", "paro", "prio"];

struct Rossi {
    weeks: Vec<f64>,
    arrests: Vec<bool>,
    columns: Vec<Vec<f64>>,
}

fn rossi() -> Rossi {
    let text = fs::read_to_string(data("rossi.csv")).unwrap();
    let mut rossi = Rossi { weeks: Vec::new(), arrests: Vec::new(), columns: vec![Vec::new(); 7] };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').map(str::trim).collect();
    let place = |name: &str| header.iter().position(|other| other.trim_matches('"') == name).unwrap();
    for line in lines {
        let numbers: Vec<f64> = line.split(',').map(|cell| cell.trim().parse().unwrap_or(f64::NAN)).collect();
        rossi.weeks.push(numbers[place("week")]);
        rossi.arrests.push(numbers[place("arrest")] == 1.0);
        for (column, name) in rossi.columns.iter_mut().zip(NAMES) {
            column.push(numbers[place(name)]);
        }
    }
    assert_eq!((rossi.weeks.len(), rossi.arrests.iter().filter(|arrest| **arrest).count()), (432, 114));
    rossi
}

impl Rossi {
    fn seen(&self) -> Lifetimes<'_> {
        Lifetimes::new(&self.weeks, &self.arrests).unwrap()
    }

    fn covariates(&self) -> Covariates<'_> {
        Covariates::new(NAMES.into_iter().zip(self.columns.iter().map(Vec::as_slice))).unwrap()
    }
}

#[track_caller]
fn close<const N: usize>(found: impl IntoIterator<Item = f64>, known: [f64; N]) {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), N);
    for (found, known) in found.into_iter().zip(known) {
        assert!((found - known).abs() < 1e-6, "{found} {known}");
    }
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn cox() {
    let rossi = rossi();
    let model = Cox::default().fit(&rossi.seen(), &rossi.covariates()).unwrap();
    let of = || model.coefficients().iter();
    close(
        of().map(|one| one.value),
        [
            -0.379_422_166_871_208,
            -0.057_437_743_013_761_22,
            0.313_899_785_949_293_46,
            -0.149_795_697_222_785_4,
            -0.433_703_876_690_252_45,
            -0.084_871_082_990_835_94,
            0.091_497_079_351_120_93,
        ],
    );
    close(
        of().map(|one| one.std_error),
        [
            0.191_379_480_7,
            0.021_999_470_4,
            0.307_992_776_6,
            0.212_224_296_4,
            0.381_868_057_1,
            0.195_756_671_9,
            0.028_648_549_9,
        ],
    );
    close(
        [model.log_likelihood(), model.null_log_likelihood(), model.concordance().unwrap()],
        [-658.747_659_446_085_8, -675.380_632_346_870_5, 0.640_329_247_099_7],
    );
    for (scale, known) in [
        (
            TimeScale::Identity,
            [
                0.056_170_784_802_223_706,
                12.061_382_877_300_359,
                1.486_087_864_433_334_6,
                6.934_835_170_046_998,
                0.754_401_444_396_752_3,
                0.122_041_583_021_205_31,
                0.010_891_715_117_951_208,
            ],
        ),
        (
            TimeScale::KaplanMeier,
            [
                0.019_130_027_461_325_905,
                11.030_294_039_721_202,
                1.437_456_153_480_887_2,
                7.475_471_403_854_691,
                0.600_874_202_255_191,
                0.115_720_971_542_309_06,
                0.022_545_545_506_517_075,
            ],
        ),
    ] {
        let tests = model.proportionality(&rossi.seen(), &rossi.covariates(), scale).unwrap();
        close(tests.into_iter().map(|test| test.statistic), known);
    }
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn cox_with_a_stratum_for_experience() {
    let rossi = rossi();
    let strata: Vec<u32> = rossi.columns[3].iter().map(|&wexp| u32::from(wexp > 0.0)).collect();
    let others = NAMES.into_iter().zip(&rossi.columns).filter(|(name, _)| *name != "wexp");
    let others = Covariates::new(others.map(|(name, column)| (name, &column[..]))).unwrap();
    let model = Cox::default().fit(&rossi.seen().in_strata(&strata).unwrap(), &others).unwrap();
    close(
        model.coefficients().iter().map(|one| one.value),
        [
            -0.380_154_098_734_813_1,
            -0.058_213_479_109_817_61,
            0.306_569_449_306_619_17,
            -0.453_871_629_684_906_46,
            -0.082_738_910_498_565_8,
            0.090_743_642_303_702_22,
        ],
    );
    close(
        [model.log_likelihood(), model.concordance().unwrap()],
        [-580.885_746_513_702_1, 0.612_449_223_416_965_4],
    );
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn curves_and_groups() {
    let rossi = rossi();
    let curve = KaplanMeier::of(&rossi.seen());
    close(
        [10.0, 25.0, 52.0].map(|week| curve.survival_at(week)),
        [0.965_277_777_777_777_5, 0.881_944_444_444_444_4, 0.736_111_111_111_110_8],
    );
    assert_eq!((curve.median(), curve.times().last()), (None, Some(&52.0)));
    let (low, high) = *curve.intervals(0.95, Interval::LogLog).unwrap().last().unwrap();
    close([low, high], [0.691_859_715_796_487_2, 0.775_063_183_374_674_3]);
    let hazard = NelsonAalen::one_by_one(&rossi.seen());
    close(
        [10.0, 25.0, 52.0].map(|week| hazard.hazard_at(week)),
        [0.035_297_765_787_578_15, 0.125_471_412_111_242_13, 0.305_959_663_366_882_85],
    );
    let (low, high) = *hazard.intervals(0.95).unwrap().last().unwrap();
    close([low, high], [0.254_466_462_365_621_5, 0.367_872_900_567_439_15]);
    let groups: Vec<u32> = rossi.columns[0].iter().map(|&fin| u32::from(fin > 0.0)).collect();
    let test = LogRank::of(&rossi.seen(), &groups, Weighting::LogRank).unwrap();
    close([test.statistic(), test.p_value()], [3.837_569_576_549_050_5, 0.050_116_117_409_005_755]);
}

/// The likelihood of lifelines' `WeibullAFTFitter`, climbed to its top by Newton's method in numpy.
#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn weibull() {
    let rossi = rossi();
    let model = WeibullAft.fit_with(&rossi.seen(), &rossi.covariates()).unwrap();
    let all = || model.coefficients().iter().chain([model.intercept(), model.log_shape()]);
    close(
        all().map(|one| one.value),
        [
            0.272_163_359_745_961_45,
            0.040_713_798_324_267_005,
            -0.224_802_443_173_179_18,
            0.106_556_586_905_734_93,
            0.311_273_264_954_670_1,
            0.058_827_252_616_192_27,
            -0.065_816_904_821_998_96,
            3.990_134_797_204_686_6,
            0.339_108_240_428_272_87,
        ],
    );
    close(
        all().map(|one| one.std_error),
        [
            0.137_961_916_848_951_43,
            0.016_003_551_075_446_085,
            0.220_158_883_600_250_1,
            0.151_540_966_050_331_92,
            0.273_302_246_603_035,
            0.139_638_239_722_883_06,
            0.020_940_575_280_051_745,
            0.419_095_189_179_205_5,
            0.089_026_690_699_325_5,
        ],
    );
    close([model.log_likelihood()], [-679.916_563_937_091_3]);
}
