//! Every answer against one that looks at all pairs.

use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

use super::*;
use crate::cluster::{ClusterModel, Clustered, Labels};

/// Cores, and for each row the first row of the cluster it may be in, by all pairs.
struct Plain {
    cores: Vec<bool>,
    least: Vec<Option<usize>>,
}

fn square(rows: &Array2<f64>, a: usize, b: usize) -> f64 {
    rows.row(a).iter().zip(rows.row(b)).fold(0.0, |sum, (x, y)| sum + (x - y) * (x - y))
}

/// By the text of the definition. Coordinates and weights are such that nothing is rounded where it matters.
fn plain(rows: &Array2<f64>, weights: Option<&[f64]>, eps: f64, min_points: usize) -> Plain {
    let len = rows.nrows();
    let near = |a: usize, b: usize| square(rows, a, b) <= eps * eps;
    let weight =
        |a: usize| (0..len).filter(|&b| near(a, b)).map(|b| weights.map_or(1.0, |of| of[b])).sum::<f64>();
    let cores: Vec<bool> = (0..len).map(|a| weight(a) >= min_points as f64).collect();
    let mut least: Vec<Option<usize>> = (0..len).map(|row| cores[row].then_some(row)).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for (a, b) in (0..len * len).map(|pair| (pair / len, pair % len)) {
            if cores[a] && cores[b] && near(a, b) && least[b] < least[a] {
                least[a] = least[b];
                changed = true;
            }
        }
    }
    for row in (0..len).filter(|&row| !cores[row]) {
        let coordinates = |at: usize| rows.row(at).to_vec();
        let nearest = (0..len).filter(|&core| cores[core] && near(row, core)).min_by(|&a, &b| {
            let by_distance = square(rows, row, a).total_cmp(&square(rows, row, b));
            by_distance.then(coordinates(a).partial_cmp(&coordinates(b)).unwrap())
        });
        least[row] = nearest.and_then(|core| least[core]);
    }
    Plain { cores, least }
}

/// The row that comes first among the cores of each row's cluster.
fn first_cores(found: &DbscanFit) -> Vec<Option<usize>> {
    let labels = &found.clustered.labels;
    let first = |number: usize| {
        (0..labels.len())
            .find(|&row| labels.get(row) == Some(number) && found.kinds()[row] == PointKind::Core)
    };
    labels.iter().map(|number| number.map(|number| first(number).unwrap())).collect()
}

fn check(rows: &Array2<f64>, weights: Option<&[f64]>, eps: f64, min_points: usize) {
    let mut points = Points::new(rows.view()).unwrap();
    if let Some(weights) = weights {
        points = points.weighted(weights).unwrap();
    }
    let found = Dbscan::new(eps, min_points).fit(&points).unwrap();
    let known = plain(rows, weights, eps, min_points);
    assert_eq!(first_cores(&found), known.least);
    for (row, kind) in found.kinds().iter().enumerate() {
        assert_eq!(*kind == PointKind::Core, known.cores[row], "{row}");
        assert_eq!(*kind == PointKind::Noise, known.least[row].is_none(), "{row}");
    }
    let Clustered { model, labels } = &found.clustered;
    assert!(labels.sizes().is_sorted_by(|a, b| a >= b));
    assert_eq!(model.clusters(), labels.clusters());
    assert_eq!(&model.assign(&points).unwrap(), labels);
    assert!(model.iter_cores().len() <= known.cores.iter().filter(|core| **core).count());

    // With k of min_points the k-distance is the least eps of a core.
    let weight = weights.map_or(rows.nrows() as f64, |weights| weights.iter().sum());
    if weight >= min_points as f64 {
        let distances = KDistances::of(&points, min_points).unwrap();
        for (distance, core) in distances.by_row().iter().zip(&known.cores) {
            // Rounding of the root aside.
            assert!((*distance <= eps * (1.0 + 1e-15)) == *core, "{distance} {eps}");
        }
        assert!(distances.ascending().is_sorted());
    } else {
        assert!(KDistances::of(&points, min_points).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn agrees_with_all_pairs(
        numbers in proptest::collection::vec(0_u8..10, 1..320),
        width in 1_usize..=5,
        halves in 1_u8..9,
        min_points in 1_usize..12,
        weighted in any::<bool>(),
        grid in 1_u8..=10,
    ) {
        let len = (numbers.len() / width).max(1);
        let number = |(row, column)| f64::from(numbers[(row * width + column) % numbers.len()] % grid);
        let rows = Array2::from_shape_fn((len, width), number);
        let weights: Vec<f64> = numbers.iter().cycle().take(len).map(|number| f64::from(*number + 1) / 4.0).collect();
        check(&rows, weighted.then_some(&weights), f64::from(halves) / 2.0, min_points);
    }

    #[test]
    fn agrees_with_all_pairs_at_any_scale(
        numbers in proptest::collection::vec(-1.0..1.0_f64, 2..200),
        power in -900..900_i32,
        eps in 0.01..0.5_f64,
        min_points in 1_usize..6,
    ) {
        let rows = Array2::from_shape_fn((numbers.len() / 2, 2), |(row, column)| numbers[2 * row + column]);
        let by = |rows: &Array2<f64>, eps| Dbscan::new(eps, min_points).fit(&Points::new(rows.view()).unwrap()).unwrap();
        let found = by(&rows, eps);
        prop_assert_eq!(first_cores(&found), plain(&rows, None, eps, min_points).least);
        // A power of two changes no bit but the exponent's.
        let scale = 2_f64.powi(power);
        let scaled = by(&(&rows * scale), eps * scale);
        prop_assert_eq!(&scaled.clustered.labels, &found.clustered.labels);
        prop_assert_eq!(scaled.kinds(), found.kinds());
    }

    #[test]
    fn survives_any_finite_numbers(
        bits in proptest::collection::vec(any::<u64>(), 2..80),
        eps in any::<u64>(),
        min_points in 1_usize..4,
    ) {
        let finite = |bits: u64| if f64::from_bits(bits).is_finite() { f64::from_bits(bits) } else { 1.0 };
        let rows = Array2::from_shape_fn((bits.len() / 2, 2), |(row, column)| finite(bits[2 * row + column]));
        let points = Points::new(rows.view()).unwrap();
        let dbscan = Dbscan::new(finite(eps).abs(), min_points);
        if let Ok(found) = dbscan.fit(&points) {
            prop_assert_eq!(&found.clustered.model.assign(&points).unwrap(), &found.clustered.labels);
            // Of a new point far beyond what was checked.
            let far = array![[f64::MAX, f64::MIN]];
            found.clustered.model.assign(&Points::new(far.view()).unwrap()).unwrap();
        }
        if let Ok(distances) = KDistances::of(&points, 1 + bits.len() / 4) {
            prop_assert!(distances.ascending().iter().all(|distance| *distance >= 0.0 && distance.is_finite()));
            prop_assert!(distances.knee().is_none_or(|knee| knee.eps > 0.0));
        }
    }
}

fn labels(rows: &Array2<f64>, dbscan: Dbscan) -> Labels {
    dbscan.fit(&Points::new(rows.view()).unwrap()).unwrap().clustered.labels
}

#[test]
fn settings_out_of_range_are_refused() {
    let rows = array![[1e300], [2e300]];
    let points = Points::new(rows.view()).unwrap();
    for eps in [0.0, -1.0, f64::NAN, f64::INFINITY, -0.0] {
        assert!(Dbscan::new(eps, 1).fit(&points).unwrap_err().to_string().starts_with("eps"));
    }
    assert!(Dbscan::new(1.0, 0).fit(&points).unwrap_err().to_string().starts_with("min_points"));
    assert!(Dbscan::new(1e-300, 1).fit(&points).unwrap_err().is_parameter());
    assert!(KDistances::of(&points, 0).is_err() && KDistances::of(&points, 3).is_err());
    // Within reach of what floats hold, equal rows alone are near.
    assert_eq!(labels(&rows, Dbscan::new(1e-100, 1)).sizes(), [1, 1]);
}

#[test]
fn many_equal_rows_cost_no_more_than_others() {
    // All pairs would be 2.5e9.
    let len = 50_000;
    let equal = Array2::<f64>::ones((len, 2));
    assert_eq!(labels(&equal, Dbscan::new(0.5, len)).sizes(), [len as u64]);
    assert_eq!(labels(&equal, Dbscan::new(0.5, len + 1)).noise(), len as u64);
    let points = Points::new(equal.view()).unwrap();
    assert_eq!(KDistances::of(&points, len).unwrap().knee(), None);
    // A thousand different ones, all near one another and still not enough.
    let near = Array2::from_shape_fn((len, 2), |(row, column)| ((row * (column + 1)) % 1000) as f64 * 1e-6);
    assert_eq!(labels(&near, Dbscan::new(0.5, len + 1)).noise(), len as u64);
    assert_eq!(labels(&near, Dbscan::new(0.5, len)).sizes(), [len as u64]);
}

/// Points by a formula: blobs of several widths, over some that are spread evenly.
fn made(len: usize, width: usize) -> Array2<f64> {
    let mixed = |row: usize, column: usize| {
        let mixed = (row * width + column + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 44) as f64 / f64::from(1 << 20)
    };
    Array2::from_shape_fn((len, width), |(row, column)| match row % 5 {
        0 => 10.0 * mixed(row, column),
        blob => 2.0 * blob as f64 + mixed(row, column) * 0.25 * blob as f64,
    })
}

#[test]
fn threads_and_the_order_of_rows_change_nothing() {
    let rows = made(30_000, 3);
    let dbscan = Dbscan::new(0.1, 20);
    let by = |threads, rows: &Array2<f64>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| dbscan.fit(&Points::new(rows.view()).unwrap()).unwrap())
    };
    let found = by(1, &rows);
    assert_eq!(found, by(3, &rows));
    assert!(found.count(PointKind::Border) > 100 && found.clustered.labels.clusters() > 1);
    let mut turned = rows.clone();
    turned.invert_axis(Axis(0));
    let back = by(2, &turned);
    assert!(back.kinds().iter().rev().eq(found.kinds()));
    let sizes = |found: &DbscanFit| found.clustered.labels.sizes();
    assert_eq!(sizes(&found), sizes(&back));
    // Clusters of one size may change their numbers with the order of the rows; who is with whom does not.
    let numbers =
        found.clustered.labels.iter().zip(back.clustered.labels.iter().collect::<Vec<_>>().into_iter().rev());
    let mut pairs: Vec<_> = numbers.collect();
    pairs.sort_unstable();
    pairs.dedup();
    assert_eq!(pairs.len(), sizes(&found).len() + usize::from(found.count(PointKind::Noise) > 0));
}
