//! Clusters of made points, as scikit-learn 1.9.1 and hdbscan 0.8.44 find them.
//!
//! Both were run on the points that are made here, by the same formulas in Python. `min_samples` of the latter was
//! one less, for it does not count the point itself. Where the two agree, so do sizes and strengths (their sum);
//! persistence is hdbscan's. Outlier scores (their sum) depend on the order in which equally far points are joined:
//! these are of hdbscan's own functions, on a spanning tree by scipy's distances in which the nearer are first.

use ndarray::Array2;
#[cfg(feature = "serde")]
use patronage::cluster::HdbscanModel;
use patronage::cluster::{Hdbscan, HdbscanFit, Points, Selection};

/// A fraction made of a number: the finisher of SplitMix64.
fn fraction(of: usize) -> f64 {
    let mut z = (of as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Heaps of sums of four fractions, about centres within 10.
pub(crate) fn blobs(len: usize, width: usize, heaps: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, width), |(row, column)| {
        let at = (row * 64 + column) * 4;
        let sum = fraction(at) + fraction(at + 1) + fraction(at + 2) + fraction(at + 3) - 2.0;
        sum + 10.0 * fraction(1_000_000_007 * (row % heaps + 1) + column)
    })
}

/// Two arcs that reach into each other.
fn moons(len: usize) -> Array2<f64> {
    Array2::from_shape_fn((len, 2), |(row, column)| {
        let x = 2.0 * fraction(3 * row) - 1.0;
        let y = 1.0 - x * x;
        let off = (fraction(3 * row + 1 + column) - 0.5) * 0.3;
        match (row % 2, column) {
            (0, 0) => x + off,
            (0, _) => y + off,
            (_, 0) => x + 1.0 + off,
            _ => 0.45 - y + off,
        }
    })
}

/// 81 distinct points, of which many are repeated often.
fn repeated() -> Array2<f64> {
    let rows: Vec<usize> =
        (0..900).map(|row| if row % 3 == 0 { row * 7 % 112 } else { row * row % 900 }).collect();
    blobs(900, 2, 3).select(ndarray::Axis(0), &rows)
}

fn find(how: Hdbscan, rows: &Array2<f64>) -> HdbscanFit {
    how.fit(&Points::new(rows.view()).unwrap()).unwrap()
}

#[track_caller]
fn close(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-9 * known.abs(), "{found} is not {known}");
}

/// Sizes of the clusters, and the sums of strengths and of outlier scores.
#[track_caller]
fn agrees(found: &HdbscanFit, sizes: &[u64], strengths: f64, outliers: f64) {
    assert_eq!(found.labels().sizes(), sizes);
    close(found.strengths().iter().sum(), strengths);
    close(found.outlier_scores().iter().sum(), outliers);
}

#[track_caller]
fn persists(found: &HdbscanFit, known: &[f64]) {
    let mut persistence = found.tree().persistence();
    persistence.sort_by(f64::total_cmp);
    assert_eq!(persistence.len(), known.len());
    for (found, known) in persistence.iter().zip(known) {
        assert!((found - known).abs() < 1e-11, "{found} is not {known}");
    }
}

#[test]
fn heaps_in_one_to_sixteen_dimensions() {
    let known: [(usize, &[u64], f64, f64, &[f64]); 6] = [
        (
            1,
            &[450, 300, 150],
            823.987_276_247_423,
            231.440_393_187_872,
            &[0.140_059_957_377, 0.205_526_955_489, 0.322_223_183_259],
        ),
        (
            2,
            &[450, 150, 150, 150],
            695.563_951_227_175,
            281.924_993_679_125,
            &[0.308_789_026_664, 0.324_396_721_435, 0.336_410_556_647, 0.556_458_800_286],
        ),
        (
            3,
            &[450, 150, 150, 150],
            776.895_516_325_595,
            242.134_320_024_393,
            &[0.293_338_914_491, 0.445_436_199_272, 0.461_741_657_989, 0.471_747_814_846],
        ),
        (
            5,
            &[150; 6],
            714.374_238_051_524,
            185.625_761_948_476,
            &[
                0.464_474_244_028,
                0.520_068_047_912,
                0.581_330_018_095,
                0.609_390_729_862,
                0.634_617_546_272,
                0.637_346_730_456,
            ],
        ),
        (
            8,
            &[150; 6],
            737.050_760_793_591,
            162.949_239_206_409,
            &[
                0.531_555_142_051,
                0.545_176_099_686,
                0.571_431_750_932,
                0.612_884_818_571,
                0.615_810_003_263,
                0.644_485_874_987,
            ],
        ),
        (
            16,
            &[150; 6],
            787.718_303_494_838,
            112.281_696_505_162,
            &[
                0.626_526_339_793,
                0.635_655_593_258,
                0.646_790_574_634,
                0.655_977_899_283,
                0.686_983_317_162,
                0.695_557_286_255,
            ],
        ),
    ];
    for (width, sizes, strengths, outliers, persistence) in known {
        let found = find(Hdbscan::new(15).min_samples(10), &blobs(900, width, 6));
        agrees(&found, sizes, strengths, outliers);
        persists(&found, persistence);
    }
}

#[test]
fn moons_are_two() {
    let found = find(Hdbscan::new(20).min_samples(8), &moons(800));
    agrees(&found, &[400, 400], 766.335_424_728_919, 185.230_172_082_702);
    persists(&found, &[0.317_055_514_933, 0.385_590_183_725]);
}

#[test]
fn an_epsilon_parts_nothing_below_it() {
    let found = find(Hdbscan::new(15).min_samples(10).epsilon(1.1), &blobs(900, 3, 6));
    agrees(&found, &[450, 150, 150, 150], 776.895_516_325_595, 242.134_320_024_393);
}

#[test]
fn one_heap_may_be_one_cluster() {
    let found = find(Hdbscan::new(15).min_samples(10).allow_single_cluster(true), &blobs(300, 2, 1));
    agrees(&found, &[76], 76.0, 85.957_916_606_161);
    assert_eq!(found.labels().noise(), 224);
}

/// With `min_samples` of 1 no distances are equal; hdbscan has no such setting, and scikit-learn is the measure.
#[test]
fn leaves_are_those_of_the_tree() {
    let how = Hdbscan::new(15).min_samples(1).selection(Selection::Leaf);
    let found = find(how, &blobs(900, 3, 6));
    assert_eq!(found.labels().sizes(), [150, 150, 76, 38, 35, 32, 31, 27, 17, 16]);
    assert_eq!(found.labels().noise(), 328);
    close(found.strengths().iter().sum(), 487.533_391_574_591);
}

/// Many points are equal. Those that are equal to enough others are infinitely dense, and of the 248 that are next to
/// such hdbscan says that their outlier score is not a number; it is 1.
#[test]
fn repeated_points_are_clusters_of_their_own() {
    let found = find(Hdbscan::new(15).min_samples(10), &repeated());
    let sizes = [58, 52, 51, 35, 32, 28, 27, 27, 27, 26, 26, 24, 24, 24, 24, 20, 20, 20, 20];
    let others = [19, 19, 19, 19, 19, 19, 19, 18, 16, 16, 16, 16, 16, 16];
    agrees(&found, &[&sizes[..], &others].concat(), 637.789_524_342_977, 248.0 + 14.210_475_657_023);
    assert_eq!(found.labels().noise(), 88);
    assert_eq!(found.tree().persistence(), [1.0; 33]);

    let found = find(Hdbscan::new(20).min_samples(4), &repeated());
    let sizes = [102, 58, 57, 52, 51, 51, 38, 36, 35, 32, 28, 27, 27, 26, 26, 24, 20, 20, 20];
    assert_eq!((found.labels().sizes(), found.labels().noise()), (sizes.to_vec(), 170));
    close(found.strengths().iter().sum(), 600.753_367_376_384);
}

/// Of 80 points that were not there: what the tree of hdbscan says, joined as the model says that it joins (in Python,
/// by scipy's distances), and what `approximate_predict` of hdbscan says, which asks a new point for a neighbour more
/// than it asked those learned from, and finds more noise.
#[cfg(feature = "serde")]
#[test]
fn a_saved_model_assigns_others() {
    let saved = include_str!("../golden/hdbscan-1.json").trim_end();
    let rows = moons(160);
    let (learned, others) = rows.view().split_at(ndarray::Axis(0), 80);
    let found = Hdbscan::new(10).min_samples(6).fit(&Points::new(learned).unwrap()).unwrap();
    let model: HdbscanModel = serde_json::from_str(saved).unwrap();
    assert_eq!(&model, found.model());
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    let newer = saved.replacen(r#""schema":1"#, r#""schema":2"#, 1);
    let error = serde_json::from_str::<HdbscanModel>(&newer).unwrap_err().to_string();
    assert!(error.contains("saved with schema 2, this version reads up to 1"), "{error}");

    let (labels, strengths) = model.assign_with_strength(&Points::new(others).unwrap()).unwrap();
    let letter = |label: Option<usize>| label.map_or('-', |number| char::from(b'a' + number as u8));
    let letters: String = labels.iter().map(letter).collect();
    assert_eq!(letters, "babac-bababaca-ababacacacabababababababacaca-acacababacab-bababacabacabacababaca");
    let predicted = "babac-bab-ba-a-ababacacaca-ababababababaca-a-a-acab-bacab--ababacabacabacababaca";
    assert!(letters.chars().zip(predicted.chars()).all(|(ours, theirs)| theirs == '-' || ours == theirs));
    assert!(
        strengths.iter().zip(labels.iter()).all(|(strength, label)| (*strength > 0.0) == label.is_some())
    );
}
