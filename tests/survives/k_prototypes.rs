//! k-prototypes: of any points there is an answer or a refusal.

use ndarray::{Array2, array};
use patronage::cluster::{KPrototypes, MixedPoints, Points};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_points(
        rows in prop::collection::vec(
            (
                prop_oneof![any::<f64>(), Just(0.0), Just(f64::MAX), Just(f64::MIN), Just(1e150), -1.0..1.0_f64],
                any::<u32>(),
                prop_oneof![Just(5e-324), Just(1e300), 0.1..9.0_f64],
            ),
            1..40,
        ),
        clusters in 0..8_usize,
        gamma in prop_oneof![any::<f64>(), Just(0.0), 0.0..5.0_f64],
    ) {
        let rows: Vec<(f64, u32, f64)> = rows.into_iter().filter(|row| row.0.is_finite()).collect();
        prop_assume!(!rows.is_empty());
        let numbers = Array2::from_shape_fn((rows.len(), 1), |(row, _)| rows[row].0);
        let codes: Vec<u32> = rows.iter().map(|row| row.1 % 5).collect();
        let wild: Vec<u32> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let points = Points::new(numbers.view()).unwrap();
        for points in [
            MixedPoints::new(points, &[&codes, &wild]).unwrap(),
            MixedPoints::new(points, &[]).unwrap().weighted(&weights).unwrap(),
            MixedPoints::categorical(&[&codes, &wild]).unwrap().weighted(&weights).unwrap(),
        ] {
            for way in [KPrototypes::new(clusters, 1), KPrototypes::new(clusters, 1).gamma(gamma).restarts(3)] {
                let Ok(found) = way.fit(&points) else { continue };
                let model = &found.model;
                prop_assert!((1..=rows.len()).contains(&clusters) && model.clusters() <= clusters);
                prop_assert!(model.cost().is_finite() && model.cost() >= 0.0 && model.gamma().is_finite());
                prop_assert!(model.means().iter().all(|mean| mean.is_finite()));
                prop_assert_eq!(model.assign(&points).unwrap().len(), rows.len());
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let numbers = array![[0.0], [1.0]];
    let points = Points::new(numbers.view()).unwrap();
    let say = |points: Result<MixedPoints<'_>, patronage::Error>| points.unwrap_err().to_string();
    assert_eq!(say(MixedPoints::new(points, &[&[1]])), "categories: expected 2 rows, found 1");
    assert_eq!(say(MixedPoints::categorical(&[])), "columns to cluster by: there are none");
    assert_eq!(say(MixedPoints::categorical(&[&[]])), "rows to cluster: there are none");
    assert_eq!(say(MixedPoints::categorical(&[&[1, 2], &[1]])), "categories: expected 2 rows, found 1");
    let mixed = MixedPoints::new(points, &[&[3, 4]]).unwrap();
    for bad in [&[1.0][..], &[1.0, 0.0], &[1.0, f64::NAN], &[f64::MAX, f64::MAX]] {
        assert!(mixed.clone().weighted(bad).is_err(), "{bad:?}");
    }
    let given = |means: Array2<f64>, modes: &[&[u32]]| {
        KPrototypes::starting_at(means, modes.iter().map(|modes| modes.to_vec()).collect())
    };
    for (way, known) in [
        (KPrototypes::new(0, 1), "clusters: `0` must be from 1 to the number of points"),
        (KPrototypes::new(3, 1), "clusters: `3` must be from 1 to the number of points"),
        (KPrototypes::new(1, 1).restarts(0), "restarts: `0` must be at least 1"),
        (KPrototypes::new(1, 1).max_steps(0), "steps: `0` must be at least 1"),
        (KPrototypes::new(1, 1).gamma(-1.0), "gamma: `-1` must be finite and 0 or above"),
        (KPrototypes::new(1, 1).gamma(f64::NAN), "gamma: `NaN` must be finite and 0 or above"),
        (given(array![[0.0]], &[]), "clusters: `0` must be"),
        (given(array![[0.0, 1.0]], &[&[3]]), "start: `(1, 2)` must be of a row a cluster"),
        (given(array![[0.0]], &[&[3, 3]]), "start: `(1, 1)` must be of a row a cluster"),
        (given(array![[f64::NAN]], &[&[3]]), "start: `NaN` must be finite"),
    ] {
        let error = way.fit(&mixed).unwrap_err();
        assert!(error.is_parameter() && error.to_string().starts_with(known), "{error}");
    }
    let model = KPrototypes::new(1, 1).fit(&mixed).unwrap().model;
    assert!(model.assign(&MixedPoints::new(points, &[]).unwrap()).is_err());
    assert!(model.assign(&MixedPoints::categorical(&[&[1]]).unwrap()).is_err());
}

#[test]
fn fewer_distinct_points_than_clusters() {
    let equal = [7_u32; 50];
    let points = MixedPoints::categorical(&[&equal]).unwrap();
    let found = KPrototypes::new(5, 1).fit(&points).unwrap();
    assert_eq!(found.labels.sizes(), [50]);
    assert!(found.model.cost() <= 0.0);
    let given = KPrototypes::starting_at(Array2::zeros((3, 0)), vec![vec![1], vec![7], vec![2]]);
    assert_eq!(given.fit(&points).unwrap().model.modes(), [[7]]);
}
