//! DBSCAN against scikit-learn.

use ndarray::Array2;
use patronage::cluster::{Dbscan, DbscanFit, PointKind, Points};

/// A number from 0 to 1 that any program can make: the first steps of splitmix64, of which 20 bits are kept.
fn mixed(n: usize) -> f64 {
    let mixed = (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 44) as f64 / f64::from(1 << 20)
}

/// Four boxes along the diagonal, each denser than the next, over points that are spread evenly.
fn blobs(len: usize, width: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, width), |(row, column)| {
        let (mixed, blob) = (mixed(row * width + column), (row % 5) as f64);
        if row % 5 == 0 { 10.0 * mixed } else { 2.0 * blob + mixed * 0.25 * blob }
    })
}

/// Two half circles about one another, by rational points on them.
fn moons(len: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, 2), |(row, column)| {
        let t = 2.0 * mixed(3 * row) - 1.0;
        let s = 1.0 + t * t;
        let (x, y) = (2.0 * t / s, (1.0 - t * t) / s);
        let (x, y) = if row % 2 == 0 { (x, y) } else { (1.0 - x, 0.5 - y) };
        [x, y][column] + 0.1 * mixed(3 * row + 1 + column)
    })
}

/// Whole numbers from 0 to 5.
fn ties(len: usize, width: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, width), |(row, column)| (mixed(row * width + column) * 6.0).floor())
}

/// Of all rows in turn: noise, a border, or the first core of the core's cluster.
pub(crate) fn digest(found: &DbscanFit) -> u32 {
    let labels = &found.clustered.labels;
    let mut first = vec![None; labels.clusters()];
    let codes = found.kinds().iter().zip(labels.iter()).enumerate().map(|(row, (kind, label))| match kind {
        PointKind::Noise => 1,
        PointKind::Border => 0,
        PointKind::Core => 2 + *first[label.unwrap()].get_or_insert(row as u32),
    });
    codes.fold(0, |digest: u32, code| digest.wrapping_mul(31).wrapping_add(code))
}

pub(crate) fn counts(found: &DbscanFit) -> [u64; 3] {
    [PointKind::Core, PointKind::Border, PointKind::Noise].map(|kind| found.count(kind))
}

#[test]
fn cores_noise_and_clusters_are_those_of_scikit_learn() {
    // Python, scikit-learn 1.9.1: f = DBSCAN(eps=eps, min_samples=m).fit(X); cores by f.core_sample_indices_,
    // clusters and noise by f.labels_, digested as above.
    for (rows, eps, min_points, known, clusters, known_digest) in [
        (blobs(3000, 1), 0.003, 12, [649, 232, 2119], 24, 0x3e3b_9d63),
        (blobs(3000, 2), 0.06, 15, [1324, 364, 1312], 18, 0xd371_0adf),
        (blobs(3000, 3), 0.15, 10, [1922, 328, 750], 12, 0x607d_ba5a),
        (blobs(3000, 5), 0.4, 8, [2355, 44, 601], 4, 0xa12d_cc8b),
        (blobs(3000, 8), 0.7, 6, [2390, 10, 600], 4, 0x80f4_3128),
        (blobs(3000, 16), 1.4, 6, [2400, 0, 600], 4, 0x374c_4280),
        (moons(2000), 0.03, 7, [1498, 388, 114], 28, 0xa83e_992c),
        (ties(2000, 3), 1.0, 70, [267, 670, 1063], 2, 0xcf0f_bc3f),
        (ties(2000, 5), 1.0, 5, [479, 636, 885], 95, 0x2891_817a),
        (ties(2000, 8), 2.0, 6, [16, 79, 1905], 15, 0xff46_7852),
    ] {
        let found = Dbscan::new(eps, min_points).fit(&Points::new(rows.view()).unwrap()).unwrap();
        assert_eq!((counts(&found), found.clustered.labels.clusters()), (known, clusters), "{eps}");
        assert_eq!(digest(&found), known_digest, "{eps}");
    }
}

#[test]
fn weights_are_those_of_scikit_learn() {
    // The same with .fit(X, sample_weight=[0.25 * (1 + r % 7) for r in range(2000)]).
    let rows = blobs(2000, 3);
    let weights: Vec<f64> = (0..2000).map(|row| 0.25 * f64::from(1 + row % 7)).collect();
    let points = Points::new(rows.view()).unwrap().weighted(&weights).unwrap();
    let found = Dbscan::new(0.1, 9).fit(&points).unwrap();
    assert_eq!((counts(&found), found.clustered.labels.clusters()), ([710, 145, 1145], 7));
    assert_eq!(digest(&found), 0x45a0_37b5);
}
