use ndarray::Array2;
use patronage::cluster::{Bootstrap, Discover, GapStatistic, KMeans, Labels, Points, Valley};
use proptest::prelude::*;

fn made() -> impl Strategy<Value = (Array2<f64>, Option<Vec<f64>>)> {
    let number = prop_oneof![4 => (-2..3_i32).prop_map(f64::from), 2 => -10.0..10.0, 1 => -1e150..1e150];
    (1..4_usize, 1..40_usize).prop_flat_map(move |(width, rows)| {
        let numbers = proptest::collection::vec(number.clone(), width * rows);
        let weights = proptest::option::of(proptest::collection::vec(0.1..9.0, rows));
        (numbers, weights).prop_map(move |(numbers, weights)| {
            (Array2::from_shape_vec((rows, width), numbers).unwrap(), weights)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_points_have_an_answer((rows, weights) in made(), least in 1..9_usize) {
        let mut points = Points::new(rows.view()).unwrap();
        if let Some(weights) = &weights {
            points = points.weighted(weights).unwrap();
        }
        let how = Discover::new(5, 3).references(2).resamples(2).least_rows(least).sample(30);
        let found = how.run(&points).unwrap();
        for case in &found.evidence {
            let numbers = [case.silhouette, case.calinski_harabasz, case.davies_bouldin, case.stability,
                case.valley.map(|valley| valley.depth), case.gap.map(|gap| gap.gap() + gap.std_error)];
            prop_assert!(numbers.into_iter().flatten().all(f64::is_finite), "{:?}", case);
        }
        prop_assert!(!found.to_string().contains("NaN"));
    }

    #[test]
    fn valleys_and_stability_are_numbers((rows, _) in made(), numbers in proptest::collection::vec(
        proptest::option::weighted(0.9, 0..4_usize), 40)) {
        let points = Points::new(rows.view()).unwrap();
        let labels = Labels::new(4, &numbers[..rows.nrows()]).unwrap();
        if let Some(valley) = Valley::shallowest(&points, &labels).unwrap() {
            prop_assert!(valley.depth > 0.0 && valley.depth.is_finite() && valley.std_error > 0.0);
        }
        for stable in Bootstrap::new(3, 1).stability(&KMeans::new(1, 1), &points, &labels).unwrap().iter().flatten() {
            for share in [stable.jaccard, stable.dissolved, stable.recovered] {
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let rows = Array2::from_shape_fn((20, 1), |(row, _)| row as f64);
    let points = Points::new(rows.view()).unwrap();
    let how = Discover::new(3, 1).references(0).resamples(0);
    for bad in [
        Discover::new(1, 1),
        how.least_share(f64::NAN),
        how.least_share(1.5),
        how.least_stability(-0.1),
        how.least_depth(f64::INFINITY),
        how.references(1),
        how.sample(0),
    ] {
        assert!(bad.run(&points).unwrap_err().is_parameter(), "{bad:?}");
    }
    assert!(how.run_with(&points, &|_| Box::new(KMeans::new(0, 1))).is_err());
    assert!(GapStatistic::new(1, 1).measure(&points, 2, &|k| Box::new(KMeans::new(k, 1))).is_err());
    assert!(GapStatistic::new(2, 1).measure(&points, 0, &|k| Box::new(KMeans::new(k, 1))).is_err());
    let enormous = rows.map(|x| x * 1e200);
    let enormous = Points::new(enormous.view()).unwrap();
    assert!(how.run(&enormous).is_err());
}
