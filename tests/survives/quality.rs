use ndarray::Array2;
use patronage::cluster::{Agreement, Labels, Points, Silhouette, Spread};
use proptest::prelude::*;

/// Coordinates of every size, many of them equal, with labels of any kind and perhaps weights.
fn made() -> impl Strategy<Value = (Array2<f64>, Vec<Option<usize>>, Option<Vec<f64>>)> {
    let number = prop_oneof![
        4 => (-2..3_i32).prop_map(f64::from),
        2 => -10.0..10.0,
        1 => any::<f64>().prop_filter("finite", |x| x.is_finite()),
    ];
    (1..4_usize, 1..14_usize).prop_flat_map(move |(width, rows)| {
        let numbers = proptest::collection::vec(number.clone(), width * rows);
        let labels = proptest::collection::vec(proptest::option::weighted(0.9, 0..4_usize), rows);
        let weights = proptest::option::of(proptest::collection::vec(0.25..3.0, rows));
        (numbers, labels, weights).prop_map(move |(numbers, labels, weights)| {
            (Array2::from_shape_vec((rows, width), numbers).unwrap(), labels, weights)
        })
    })
}

proptest! {
    #[test]
    fn indices_are_numbers_or_none((rows, numbers, weights) in made()) {
        let mut points = Points::new(rows.view()).unwrap();
        if let Some(weights) = &weights {
            points = points.weighted(weights).unwrap();
        }
        let labels = Labels::new(5, &numbers).unwrap();
        if let Ok(spread) = Spread::of(&points, &labels) {
            prop_assert!(spread.within() >= 0.0 && spread.within().is_finite());
            prop_assert!(spread.between() >= 0.0 && spread.between().is_finite());
            prop_assert!(spread.calinski_harabasz().is_none_or(|index| index >= 0.0 && index.is_finite()));
            prop_assert!(spread.davies_bouldin().is_none_or(|index| index >= 0.0 && index.is_finite()));
        }
        let found = [
            Silhouette::of(&points, &labels),
            Silhouette::simplified(&points, &labels),
            Silhouette::sampled(&points, &labels, 5, 1),
        ];
        for silhouette in found.into_iter().flatten() {
            let all = silhouette.widths().iter().chain(silhouette.clusters()).flatten();
            for width in all.chain([&silhouette.mean()]) {
                prop_assert!((-1.0..=1.0).contains(width), "{width}");
            }
        }
    }

    #[test]
    fn agreement_is_within_its_bounds(pairs in proptest::collection::vec(
        (proptest::option::of(0..5_usize), proptest::option::of(0..9_usize)), 1..40)) {
        let (a, b): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let (a, b) = (Labels::new(5, &a).unwrap(), Labels::new(9, &b).unwrap());
        let agreement = Agreement::of(&a, &b).unwrap();
        prop_assert!((0.0..=1.0).contains(&agreement.rand_index()));
        prop_assert!((-1.0..=1.0).contains(&agreement.adjusted_rand_index()));
        prop_assert!(agreement.mutual_information() >= 0.0);
        prop_assert!((0.0..=1.0).contains(&agreement.normalised_mutual_information()));
        prop_assert!((-1.0..=1.0 + 1e-12).contains(&agreement.adjusted_mutual_information()));
        let same = Agreement::of(&a, &a).unwrap();
        prop_assert!((same.adjusted_rand_index() - 1.0).abs() < 1e-12);
        prop_assert!((same.adjusted_mutual_information() - 1.0).abs() < 1e-12);
    }

    /// A weight counts as so many equal points, joined or not.
    #[test]
    fn weights_are_repeated_points((rows, numbers, _) in made(), times in proptest::collection::vec(1..9_usize, 14)) {
        // Of coordinates that leave digits to compare.
        let rows = rows.mapv(|x| x.clamp(-100.0, 100.0));
        let weights: Vec<f64> = times[..rows.nrows()].iter().map(|&times| times as f64).collect();
        let again: Vec<usize> = (0..rows.nrows()).flat_map(|row| vec![row; times[row]]).collect();
        let many = rows.select(ndarray::Axis(0), &again);
        let of_many: Vec<Option<usize>> = again.iter().map(|&row| numbers[row]).collect();
        let points = Points::new(rows.view()).unwrap().weighted(&weights).unwrap();
        let (one, many) = ((points, Labels::new(5, &numbers).unwrap()),
            (Points::new(many.view()).unwrap(), Labels::new(5, &of_many).unwrap()));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
        match (Silhouette::of(&one.0, &one.1), Silhouette::of(&many.0, &many.1)) {
            (Ok(a), Ok(b)) => {
                prop_assert!(near(a.mean(), b.mean()));
                for (row, width) in again.iter().zip(b.widths()) {
                    prop_assert!(near(a.widths()[*row].unwrap_or(9.0), width.unwrap_or(9.0)));
                }
            }
            (a, b) => prop_assert!(a.is_err() && b.is_err()),
        }
        if let (Ok(a), Ok(b)) = (Spread::of(&one.0, &one.1), Spread::of(&many.0, &many.1)) {
            prop_assert!(near(a.within(), b.within()) && near(a.between(), b.between()));
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let rows = Array2::from_shape_fn((40_000, 3), |(row, column)| ((row * (7 + column)) % 1009 % 83) as f64);
    let labels: Vec<Option<usize>> = (0..40_000).map(|row| Some(row % 1009 % 6)).collect();
    let (points, labels) = (Points::new(rows.view()).unwrap(), Labels::new(6, &labels).unwrap());
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            (
                Silhouette::of(&points, &labels).unwrap(),
                Silhouette::simplified(&points, &labels).unwrap(),
                Spread::of(&points, &labels).unwrap(),
            )
        })
    };
    let one = on(1);
    for threads in [2, 5] {
        assert_eq!(on(threads), one);
    }
}
