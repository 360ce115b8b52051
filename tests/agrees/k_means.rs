//! k-means from the same start as scikit-learn 1.9.1 (`KMeans(k, init=start, n_init=1)`, algorithm "lloyd").

use ndarray::{Array2, Axis, Slice, concatenate};
use patronage::{
    cluster::{KMeans, KMeansModel, MiniBatch, Points},
    model::Stop,
};

/// A linear congruential generator (Knuth's MMIX), which any program can follow: numbers from 0 to 1.
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

pub(crate) fn uniform(rows: usize, width: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    Array2::from_shape_fn((rows, width), |_| chance.next())
}

/// Sums of three uniform numbers about five corners.
pub(crate) fn blobs(rows: usize, width: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    Array2::from_shape_fn((rows, width), |(row, column)| {
        let corner = ((row % 5 + 1) * (column + 3) * 7) % 11;
        corner as f64 + 2.5 * (chance.next() + chance.next() + chance.next() - 1.5)
    })
}

pub(crate) fn moons(rows: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    let mut points = Array2::zeros((rows, 2));
    for (row, mut point) in points.rows_mut().into_iter().enumerate() {
        let angle = std::f64::consts::PI * (row / 2) as f64 / (rows / 2 - 1) as f64;
        let (sin, cos) = angle.sin_cos();
        let at = if row % 2 == 0 { [cos, sin] } else { [1.0 - cos, 0.5 - sin] };
        for (place, at) in point.iter_mut().zip(at) {
            *place = at + 0.2 * (chance.next() - 0.5);
        }
    }
    points
}

/// Whole numbers from 1 to 5.
pub(crate) fn ties(rows: usize, width: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    Array2::from_shape_fn((rows, width), |_| 1.0 + (5.0 * chance.next()).floor())
}

/// From the rows 0, n / k, 2 n / k ...
pub(crate) fn start(rows: &Array2<f64>, k: usize) -> KMeans {
    let places: Vec<usize> = (0..k).map(|cluster| cluster * rows.nrows() / k).collect();
    KMeans::starting_at(rows.select(Axis(0), &places))
}

#[track_caller]
fn agrees(rows: &Array2<f64>, inertia: f64, steps: [u32; 2], sizes: &[u64]) {
    let points = Points::new(rows.view()).unwrap();
    for (tolerance, steps) in [1e-4, 0.0].into_iter().zip(steps) {
        let found = start(rows, sizes.len()).tolerance(tolerance).fit(&points).unwrap();
        let model = found.model;
        assert!((model.inertia() / inertia - 1.0).abs() < 1e-12, "{} {inertia}", model.inertia());
        assert_eq!((model.sizes(), model.steps(), model.stop()), (sizes, steps, Stop::Converged));
        assert_eq!(found.labels.sizes(), sizes);
    }
}

#[test]
fn blobs_of_one_two_and_sixteen_columns() {
    agrees(&blobs(600, 1, 1), 144.550_318_384_745_88, [17, 18], &[122, 99, 36, 191, 152]);
    agrees(&blobs(600, 2, 2), 1_370.871_368_094_805, [26, 26], &[105, 144, 111, 136, 104]);
    agrees(&blobs(600, 16, 3), 14_587.439_091_648_012, [5, 5], &[120; 5]);
}

#[test]
fn points_without_groups() {
    let sizes = [140, 126, 146, 116, 124, 103, 122, 123];
    agrees(&uniform(1000, 3, 4), 60.887_428_364_783_09, [26, 26], &sizes);
    let sizes =
        [245, 262, 236, 247, 257, 246, 247, 294, 285, 240, 254, 255, 258, 250, 268, 213, 271, 239, 209, 224];
    agrees(&uniform(5000, 8, 5), 1_751.675_206_658_29, [79, 79], &sizes);
}

#[test]
fn moons_that_no_means_part() {
    agrees(&moons(400, 6), 164.238_198_220_270_73, [4, 5], &[200, 200]);
    agrees(&moons(400, 6), 29.934_317_597_073_747, [11, 11], &[48, 59, 54, 68, 48, 73, 50]);
}

/// Where the rows are whole numbers many of them lie as near to one centroid as to another, and which they go to
/// is up to rounding: scikit-learn's two algorithms differ on such data. These are data on which they agree.
#[test]
fn heavy_ties() {
    agrees(&ties(1000, 2, 8), 661.787_977_762_998_3, [7, 7], &[165, 123, 174, 171, 238, 129]);
}

#[test]
fn weights() {
    let weights = |rows: usize| (0..rows).map(|row| 1.0 + (row % 3) as f64).collect::<Vec<_>>();
    for (rows, inertia, steps, sizes) in [
        (uniform(1000, 3, 4), 133.017_718_327_256_38, 24, &[151, 119, 100, 109, 165, 95, 115, 146][..]),
        (blobs(600, 2, 2), 2_754.835_164_323_937, 30, &[101, 147, 112, 136, 104]),
    ] {
        let weights = weights(rows.nrows());
        let points = Points::new(rows.view()).unwrap().weighted(&weights).unwrap();
        let model = start(&rows, sizes.len()).tolerance(0.0).fit(&points).unwrap().model;
        assert!((model.inertia() / inertia - 1.0).abs() < 1e-12, "{} {inertia}", model.inertia());
        assert_eq!((model.sizes(), model.steps()), (sizes, steps));
    }
}

/// Two centroids start where no point comes near, and take the farthest points. Where more than one is empty,
/// scikit-learn does not promise which of them takes which: sizes are compared in order.
#[test]
fn clusters_left_empty() {
    let rows = blobs(600, 2, 2);
    let far = ndarray::array![[1000.0, 1000.0], [-1000.0, -1000.0]];
    let start = concatenate![Axis(0), rows.slice_axis(Axis(0), Slice::from(..3)), far];
    let points = Points::new(rows.view()).unwrap();
    let model = KMeans::starting_at(start).tolerance(0.0).fit(&points).unwrap().model;
    empty(&model, 1_370.871_368_094_805, 35, vec![105, 104, 144, 136, 111]);

    let rows = uniform(5000, 8, 5);
    let start =
        concatenate![Axis(0), rows.slice_axis(Axis(0), Slice::from(..18)), Array2::from_elem((2, 8), 50.0)];
    let points = Points::new(rows.view()).unwrap();
    let model = KMeans::starting_at(start).fit(&points).unwrap().model;
    let sizes =
        [259, 273, 262, 204, 249, 261, 248, 257, 262, 224, 266, 259, 227, 250, 263, 270, 223, 253, 248, 242];
    empty(&model, 1_748.154_517_618_064_1, 76, sizes.to_vec());
}

fn empty(model: &KMeansModel, inertia: f64, steps: u32, mut known: Vec<u64>) {
    assert!((model.inertia() / inertia - 1.0).abs() < 1e-12, "{} {inertia}", model.inertia());
    let mut sizes = model.sizes().to_vec();
    sizes.sort_unstable();
    known.sort_unstable();
    assert_eq!((sizes, model.steps()), (known, steps));
}

/// `MiniBatchKMeans(5, init=start, reassignment_ratio=0)`, `partial_fit` of six batches.
#[test]
fn streams() {
    let rows = blobs(600, 2, 2);
    let all: Vec<f64> = (0..600).map(|row| 1.0 + f64::from(row % 3)).collect();
    let plain = (
        [
            [11.263_104_545_959_84, 4.345_943_713_950_891],
            [10.797_031_340_145_36, 6.820_294_399_592_998],
            [6.776_949_459_358_66, 7.729_896_038_074_83],
            [8.991_675_131_455_514, 5.267_330_674_356_859_5],
            [7.937_901_632_222_531, 1.417_257_643_803_720_5],
        ],
        [20.0, 50.0, 223.0, 80.0, 227.0],
    );
    let weighted = (
        [
            [10.841_824_539_810_116, 3.567_305_533_886_840_7],
            [11.005_098_341_094_792, 6.732_887_971_931_578],
            [6.762_001_431_946_687, 7.686_716_789_082_333],
            [9.085_621_991_374_389, 5.503_464_546_581_302],
            [7.883_195_406_466_445, 1.408_455_167_405_858_7],
        ],
        [42.0, 106.0, 434.0, 168.0, 450.0],
    );
    for ((centroids, weights), weigh) in [(plain, false), (weighted, true)] {
        let batch = |at: usize| {
            let of = 100 * at..100 * at + 100;
            let points = Points::new(rows.slice_axis(Axis(0), Slice::from(of.clone()))).unwrap();
            if weigh { points.weighted(&all[of]).unwrap() } else { points }
        };
        let mut stream = MiniBatch::start(&start(&rows, 5), &batch(0)).unwrap();
        (1..6).for_each(|at| stream.push(&batch(at)).unwrap());
        let model = stream.into_model();
        assert_eq!((model.weights(), model.steps()), (&weights[..], 6));
        for (found, known) in model.centroids().iter().zip(centroids.as_flattened()) {
            assert!((found - known).abs() < 1e-12 * known, "{found} {known}");
        }
    }
}

/// A saved model of the first schema. The best of 200 searches by scikit-learn ends there.
#[cfg(feature = "serde")]
#[test]
fn a_saved_model_stays_readable() {
    use patronage::cluster::ClusterModel;

    let saved = include_str!("../golden/k_means-1.json").trim_end();
    let model: KMeansModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    assert!((model.inertia() / 1_370.830_953_391_346 - 1.0).abs() < 1e-12);
    let known = [
        [8.195_060_106_937_895, 7.212_334_651_029_181],
        [7.015_579_093_881_545, 2.201_274_339_299_752],
        [5.434_180_000_785_762, 8.070_947_835_935_247],
        [10.416_589_296_234_738, 5.691_381_666_316_741],
        [9.271_598_758_137_392, 0.624_091_520_971_365_6],
    ];
    for (found, known) in model.centroids().iter().zip(known.as_flattened()) {
        assert!((found / known - 1.0).abs() < 1e-12, "{found} {known}");
    }
    let rows = blobs(600, 2, 2);
    let labels = model.assign(&Points::new(rows.view()).unwrap()).unwrap();
    assert_eq!((labels.sizes(), model.sizes()), (vec![143, 136, 111, 106, 104], &labels.sizes()[..]));
}
