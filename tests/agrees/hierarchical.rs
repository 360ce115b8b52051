//! Hierarchical clustering: the trees that scipy 1.17.1 builds of the same points.

use ndarray::Array2;
use patronage::cluster::{
    Cut, Hierarchical,
    Linkage::{self, Average, Complete, Single, Ward},
    MergeTree, Points,
};

/// Numbers of (0, 1) by the generator of Park & Miller: s = 48271 s mod (2^31 - 1).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }
}

/// Five groups, one after the other.
pub(crate) fn blobs(rows: usize, width: usize) -> Array2<f64> {
    let mut chance = Chance(7);
    Array2::from_shape_fn((rows, width), |(row, column)| {
        let centre = ((row % 5 * 7 + column * 3) % 11) as f64;
        centre + (chance.next() + chance.next() + chance.next() - 1.5)
    })
}

/// Two half circles that grip one another.
pub(crate) fn moons(rows: usize) -> Array2<f64> {
    let mut chance = Chance(11);
    let mut moons = Array2::zeros((rows, 2));
    for (row, mut point) in moons.rows_mut().into_iter().enumerate() {
        let (y, x) = (std::f64::consts::PI * chance.next()).sin_cos();
        let (x, y) = if row % 2 == 1 { (1.0 - x, 0.5 - y) } else { (x, y) };
        point[0] = x + 0.1 * chance.next();
        point[1] = y + 0.1 * chance.next();
    }
    moons
}

/// Sixty points, each many times.
fn again(rows: usize) -> Array2<f64> {
    let once = blobs(60, 3);
    Array2::from_shape_fn((rows, 3), |(row, column)| once[(row * 17 % 60, column)])
}

fn tree(rows: &Array2<f64>, linkage: Linkage) -> MergeTree {
    Hierarchical::new(linkage).tree(&Points::new(rows.view()).unwrap()).unwrap()
}

#[track_caller]
fn close(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-9 * known, "{found} {known}");
}

/// Of `Z = linkage(X, method)`, with h = Z[:, 2]: h[-5], h[-1], the sum of h times 1, 2 ... n - 1, and the
/// sizes of `fcluster(Z, 5, "maxclust")`.
type Known = (Linkage, [f64; 3], [u64; 5]);

#[track_caller]
fn agrees(rows: &Array2<f64>, known: &[Known]) {
    for &(linkage, heights, sizes) in known {
        let tree = tree(rows, linkage);
        let found: Vec<f64> = tree.heights().collect();
        let sum = (1_u32..).zip(&found).map(|(k, height)| f64::from(k) * height).sum();
        let last = found.len() - 1;
        for (found, known) in [found[last - 4], found[last], sum].iter().zip(heights) {
            close(*found, known);
        }
        assert_eq!(tree.cut(Cut::Clusters(5)).unwrap().sizes(), sizes, "{linkage:?}");
    }
}

#[test]
fn blobs_of_1_3_and_16_columns() {
    agrees(
        &blobs(400, 1),
        &[
            (Ward, [6.252_303_174_16, 85.028_780_912_2, 90_335.081_834_2], [121, 80, 80, 80, 39]),
            (Average, [1.077_044_734_5, 6.136_423_693_56, 14_245.907_956], [121, 80, 80, 80, 39]),
            (Complete, [2.385_825_449_31, 12.093_815_541_4, 25_480.514_688_9], [121, 80, 80, 80, 39]),
            (Single, [0.243_522_813_191, 0.969_206_689_377, 3_974.883_077_56], [160, 80, 80, 78, 2]),
        ],
    );
    agrees(
        &blobs(500, 3),
        &[
            (Ward, [5.908_128_171_88, 127.620_300_947, 288_043.611_918], [109, 100, 100, 100, 91]),
            (Average, [1.899_315_219_79, 9.701_950_242_11, 85_221.026_643], [117, 100, 100, 100, 83]),
            (Complete, [3.048_964_617_37, 13.129_972_795_3, 120_347.467_678], [103, 100, 100, 100, 97]),
            (Single, [0.680_455_640_233, 6.603_849_852_65, 51_005.120_617_7], [199, 100, 100, 100, 1]),
        ],
    );
    agrees(
        &blobs(300, 16),
        &[
            (Ward, [6.262_873_560_57, 204.903_307_151, 306_465.062_003], [60, 60, 60, 60, 60]),
            (Average, [3.822_361_053_57, 21.095_144_723_3, 127_452.330_353], [60, 60, 60, 60, 60]),
            (Complete, [4.649_389_580_3, 24.481_554_194_6, 146_287.152_44], [60, 60, 60, 60, 60]),
            (Single, [2.408_086_052_11, 16.716_236_197_8, 103_022.503_208], [60, 60, 60, 60, 60]),
        ],
    );
}

#[test]
fn moons_in_each_other() {
    agrees(
        &moons(400),
        &[
            (Ward, [5.351_773_778_82, 20.634_887_132_8, 40_815.583_991_1], [102, 87, 79, 66, 66]),
            (Average, [0.834_122_841_194, 1.761_164_620_8, 8_995.076_955_6], [101, 99, 75, 66, 59]),
            (Complete, [1.169_038_736_26, 3.088_818_691_9, 14_082.611_625], [120, 80, 79, 66, 55]),
            (Single, [0.075_084_023_926_8, 0.462_511_208_045, 3_274.671_235_4], [200, 62, 57, 50, 31]),
        ],
    );
}

#[test]
fn points_that_are_there_many_times() {
    agrees(
        &again(400),
        &[
            (Ward, [8.277_178_811_37, 116.868_784_109, 164_195.010_403], [80, 80, 80, 80, 80]),
            (Average, [1.808_862_339_45, 9.845_071_262_1, 26_621.316_049_3], [80, 80, 80, 80, 80]),
            (Complete, [2.424_178_440_78, 12.652_713_221_6, 33_434.392_379_3], [80, 80, 80, 80, 80]),
            (Single, [0.918_945_709_883, 7.292_434_267_55, 19_873.972_455_3], [153, 80, 80, 80, 7]),
        ],
    );
}

#[test]
fn points_far_from_0() {
    agrees(
        &(blobs(300, 2) + 1e7),
        &[
            (Ward, [5.206_538_911_99, 79.315_131_465_2, 96_430.796_384_5], [64, 60, 60, 60, 56]),
            (Average, [1.392_395_837_07, 8.700_964_051_07, 24_474.627_381_1], [64, 60, 60, 60, 56]),
            (Complete, [2.651_874_545_82, 11.961_502_527_3, 36_368.136_424_2], [64, 60, 60, 60, 56]),
            (Single, [0.500_466_651_029, 5.842_057_329_01, 12_557.270_730_4], [120, 60, 60, 59, 1]),
        ],
    );
}

#[test]
fn the_merges_of_twelve_points() {
    // Z[:, :2] and Z[:, 3] of 12 blobs of 2 columns.
    for (linkage, pairs, sizes) in [
        (Ward, "0-10 6-11 2-7 5-12 1-13 3-8 4-9 16-18 14-15 17-19 20-21", [2, 2, 2, 3, 3, 2, 2, 5, 5, 7, 12]),
        (
            Average,
            "0-10 6-11 2-7 5-12 1-13 3-8 4-9 16-18 14-15 19-20 17-21",
            [2, 2, 2, 3, 3, 2, 2, 5, 5, 10, 12],
        ),
        (
            Complete,
            "0-10 6-11 2-7 5-12 1-13 3-8 4-9 16-18 14-15 17-19 20-21",
            [2, 2, 2, 3, 3, 2, 2, 5, 5, 7, 12],
        ),
        (
            Single,
            "0-10 6-11 2-7 1-13 5-12 3-8 9-15 4-18 14-19 16-20 17-21",
            [2, 2, 2, 3, 3, 2, 4, 5, 7, 10, 12],
        ),
    ] {
        let tree = tree(&blobs(12, 2), linkage);
        let found: Vec<String> =
            tree.merges().iter().map(|merge| format!("{}-{}", merge.pair[0], merge.pair[1])).collect();
        assert_eq!(found.join(" "), pairs, "{linkage:?}");
        assert!(tree.merges().iter().map(|merge| merge.size).eq(sizes), "{linkage:?}");
    }
}

#[test]
fn points_of_a_lattice() {
    // Equal distances everywhere: the heights of single linkage are the same in whatever order ties are broken.
    let heights: Vec<f64> = tree(&blobs(400, 2).mapv(f64::round), Single).heights().collect();
    let up_to = |most: f64| heights.iter().filter(|height| **height <= most).count();
    assert_eq!((up_to(0.0), up_to(0.999_999_999), up_to(1.0)), (359, 359, 396));
    close(heights[398], 5.385_164_807_13);
}
