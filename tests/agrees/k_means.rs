//! k-means from the same start as scikit-learn 1.9.1 (`KMeans(k, init=start, n_init=1)`, algorithm "lloyd").

use ndarray::{Array2, Axis};
use patronage::{
    cluster::{KMeans, Points},
    model::Stop,
};

/// A linear congruential generator (Knuth's MMIX), which any program can follow: numbers from 0 to 1.
struct Lcg(u64);

impl Lcg {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn uniform(rows: usize, width: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    Array2::from_shape_fn((rows, width), |_| chance.next())
}

/// Sums of three uniform numbers about five corners.
fn blobs(rows: usize, width: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    Array2::from_shape_fn((rows, width), |(row, column)| {
        let corner = ((row % 5 + 1) * (column + 3) * 7) % 11;
        corner as f64 + 2.5 * (chance.next() + chance.next() + chance.next() - 1.5)
    })
}

fn moons(rows: usize, seed: u64) -> Array2<f64> {
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
fn ties(rows: usize, width: usize, seed: u64) -> Array2<f64> {
    let mut chance = Lcg(seed);
    Array2::from_shape_fn((rows, width), |_| 1.0 + (5.0 * chance.next()).floor())
}

/// From the rows 0, n / k, 2 n / k ...
fn start(rows: &Array2<f64>, k: usize) -> KMeans {
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
