//! The indices of quality against scikit-learn 1.9.1, on data that is made the same in numpy by formula.

use ndarray::Array2;
use patronage::cluster::{Agreement, GapStatistic, KMeans, Labels, Points, Silhouette, Spread};

/// A number from 0 to 1 in no order that the eye can see.
fn wobble(row: usize, column: usize) -> f64 {
    let number = row * 7919 + column * 104_729 + row * row * 31 + row * column * 17;
    (number % 10_007) as f64 / 10_007.0
}

type Made = (Array2<f64>, Vec<Option<usize>>);

fn blobs(rows: usize, width: usize, clusters: usize, ties: bool) -> Made {
    let numbers: Vec<usize> = (0..rows).map(|row| (row * row / 3 + row) % clusters).collect();
    let points = Array2::from_shape_fn((rows, width), |(row, column)| {
        let x = (numbers[row] * (column + 2) % clusters) as f64 * 1.5 + wobble(row, column) * 2.0;
        if ties { (x * 1.5).floor() } else { x }
    });
    (points, numbers.into_iter().map(Some).collect())
}

fn moons(rows: usize) -> Made {
    let half = rows / 2;
    let points = Array2::from_shape_fn((rows, 2), |(row, column)| {
        let q = (row % half) as f64 / half as f64 * 2.0 - 1.0;
        let (x, y) = ((1.0 - q * q) / (1.0 + q * q), 2.0 * q / (1.0 + q * q));
        let upper = row < half;
        if column == 0 {
            if upper { y } else { 1.0 - y }
        } else if upper {
            x
        } else {
            0.5 - x
        }
    });
    (points, (0..rows).map(|row| Some(usize::from(row >= half))).collect())
}

fn noisy() -> Made {
    let (points, mut labels) = blobs(200, 3, 5, true);
    labels.iter_mut().step_by(9).for_each(|label| *label = None);
    labels[4] = Some(5);
    (points, labels)
}

fn near(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-9 * known.abs().max(1.0), "{found} is not {known}");
}

/// `silhouette_samples` (mean, rows 1, 7 and the last), `davies_bouldin_score`, `calinski_harabasz_score`, and the
/// sum of squares by numpy; rows of noise were dropped.
#[test]
fn indices_equal_those_of_scikit_learn() {
    #[rustfmt::skip]
    let cases = [
        (blobs(60, 1, 2, false), [-0.013_484_240_155_936_269, -0.069_585_647_330_743_7, -0.012_157_915_871_900_68, 0.041_136_457_107_125_59, 10.651_417_079_207_784, 0.302_367_487_395_519_2, 16.674_259_692_043_89]),
        (blobs(200, 2, 3, false), [0.360_696_407_214_725_4, 0.551_443_692_742_133_7, 0.371_570_436_065_227_3, 0.054_351_688_953_527_64, 1.068_014_455_087_140_6, 235.700_702_596_491_28, 138.385_247_984_686]),
        (blobs(200, 3, 5, true), [0.665_698_047_333_135_1, 0.742_708_447_617_945_7, 0.624_438_497_588_524_3, 0.546_959_531_872_883_3, 0.481_175_631_831_408_1, 632.649_685_851_733_1, 470.098_341_909_662_7]),
        (blobs(150, 16, 4, false), [0.604_364_899_570_649_6, 0.620_168_748_937_927_1, 0.593_072_754_617_062_8, 0.569_686_899_826_997_5, 0.593_255_105_438_872_4, 282.315_104_060_017_06, 769.487_233_862_484_2]),
        (blobs(400, 8, 7, true), [0.731_949_433_279_464_2, 0.722_160_942_401_963_2, 0.750_130_654_289_588_6, 0.853_143_611_660_704_5, 0.383_405_422_829_100_6, 1_587.527_880_323_237, 2_533.578_947_368_421_7]),
        (moons(300), [0.281_656_002_157_969_7, 0.391_357_283_561_745_93, 0.415_695_254_796_605_7, -0.359_881_686_898_435_9, 1.312_374_212_874_135_8, 158.958_858_264_110_66, 202.249_206_341_184_25]),
        (noisy(), [0.442_003_986_347_642_2, 0.740_654_811_016_070_8, 0.616_046_558_865_634_8, -0.041_529_802_586_325_77, 0.703_555_123_882_592_3, 373.459_288_771_629_4, 423.380_861_969_571_7]),
    ];
    for ((rows, numbers), known) in cases {
        let points = Points::new(rows.view()).unwrap();
        let labels = Labels::new(6.max(numbers.iter().flatten().max().unwrap() + 1), &numbers).unwrap();
        let (silhouette, spread) =
            (Silhouette::of(&points, &labels).unwrap(), Spread::of(&points, &labels).unwrap());
        let width = |row: usize| silhouette.widths()[row].unwrap();
        near(silhouette.mean(), known[0]);
        for (row, known) in [1, 7, rows.nrows() - 1].into_iter().zip(&known[1..4]) {
            near(width(row), *known);
        }
        near(spread.davies_bouldin().unwrap(), known[4]);
        near(spread.calinski_harabasz().unwrap(), known[5]);
        near(spread.within(), known[6]);
        assert_eq!((silhouette.left_out(), spread.left_out()), (labels.noise(), labels.noise()));
    }
}

/// Labels of a thousand rows, a few of them noise.
fn labels(clusters: usize, noise: usize, of: impl Fn(usize) -> usize) -> Labels {
    let number = |row: usize| (row % 11 != noise).then(|| of(row));
    Labels::new(clusters, &(0..1000).map(number).collect::<Vec<_>>()).unwrap()
}

/// `rand_score`, `adjusted_rand_score`, `mutual_info_score`, `adjusted_mutual_info_score` and
/// `normalized_mutual_info_score`, where noise is the label -1.
#[test]
fn agreement_equals_that_of_scikit_learn() {
    let eighths = labels(8, 5, |r| r * r / 7 % 8);
    let sixths = labels(6, 3, |r| (r * r + r / 40) / 7 % 6);
    let threes = labels(400, 5, |r| r / 3);
    let fives = labels(10_000, 20, |r| r / 5);
    let near_eighths = labels(9, 5, |r| (r * r / 7 % 8 + usize::from(r % 17 == 0)) % 9);
    let wide = |numbers: &dyn Fn(usize) -> usize| {
        Labels::new(12, &(0..1_000_000).map(|r| Some(numbers(r))).collect::<Vec<_>>()).unwrap()
    };
    let tenths = wide(&|r| r * 7919 % 10);
    let mixed = wide(&|r| if r % 100 < 30 { r * 7919 % 10 } else { r / 17 % 12 });
    #[rustfmt::skip]
    let cases = [
        (&eighths, &sixths, [0.757_021_021_021_021, 0.008_647_799_002_855_231, 0.059_578_698_238_763_69, 0.017_748_860_229_087_35, 0.029_739_909_402_454_835]),
        (&eighths, &threes, [0.866_594_594_594_594_6, 0.096_063_960_158_129_76, 1.316_530_788_512_340_3, 0.072_825_213_934_704_47, 0.344_294_523_258_038_33]),
        (&threes, &fives, [0.988_568_568_568_568_6, 0.169_172_325_639_926_18, 4.671_242_006_319_218, 0.471_101_198_068_800_35, 0.859_328_758_253_176_1]),
        (&eighths, &near_eighths, [0.974_248_248_248_248_3, 0.891_953_990_281_342_7, 1.897_701_209_541_450_3, 0.907_125_411_443_282_5, 0.908_749_276_261_795_5]),
        (&eighths, &fives, [0.856_560_560_560_560_5, -0.000_335_782_235_786_436_9, 0.762_996_484_765_928_7, -0.018_517_911_861_556_657, 0.206_984_559_735_335_58]),
        (&tenths, &mixed, [0.848_762_837_882_837_9, 0.099_003_430_202_606_6, 0.291_078_480_832_998_14, 0.121_830_147_880_062_65, 0.121_848_345_050_218_24]),
    ];
    for (one, other, known) in cases {
        for agreement in [Agreement::of(one, other).unwrap(), Agreement::of(other, one).unwrap()] {
            near(agreement.rand_index(), known[0]);
            near(agreement.adjusted_rand_index(), known[1]);
            near(agreement.mutual_information(), known[2]);
            near(agreement.adjusted_mutual_information(), known[3]);
            near(agreement.normalised_mutual_information(), known[4]);
        }
    }
}

/// The logarithms of `KMeans(k, n_init=10).inertia_`, exactly; and their mean and standard deviation over 400 sets of
/// references in the box along the principal axes (numpy's svd), as far as 100 sets of ours tell.
#[test]
fn the_gap_statistic_is_that_of_references_in_the_box() {
    let (rows, _) = blobs(200, 2, 3, false);
    let points = Points::new(rows.view()).unwrap();
    let curve = GapStatistic::new(100, 5)
        .measure(&points, 5, &|k| Box::new(KMeans::new(k, 1).restarts(10).tolerance(0.0)))
        .unwrap();
    let known = [
        (6.151_726_618_100_93, 6.185_11, 0.049_47),
        (5.062_388_606_417_186, 5.205_33, 0.044_43),
        (4.627_457_390_290_519, 4.833_31, 0.045_41),
        (4.270_547_889_566_876, 4.584_92, 0.045_24),
        (3.846_126_231_652_559_3, 4.333_74, 0.044_46),
    ];
    assert_eq!(curve.gaps().len(), 5);
    for (gap, (ln_within, expected, deviation)) in curve.gaps().iter().zip(known) {
        near(gap.ln_within, ln_within);
        assert!((gap.expected - expected).abs() < 4.0 * deviation * (0.01_f64 + 0.0025).sqrt(), "{gap:?}");
        assert!((gap.std_error / deviation - 1.0).abs() < 0.3, "{gap:?}");
    }
}
