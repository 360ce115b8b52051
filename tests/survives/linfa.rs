//! linfa's clusterings behind our trait: of any finite points there is an answer or a refusal, and never a panic.

use ndarray::{Array2, array};
use patronage::cluster::{
    ClusterModel, Clusterer, Points,
    linfa::{GaussianMixture, LinfaDbscan, LinfaKMeans, LinfaStart},
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_finite_points(
        numbers in prop::collection::vec(
            prop_oneof![any::<f64>(), Just(0.0), Just(f64::MAX), Just(f64::MIN), Just(5e-324), -1.0..1.0_f64],
            1..60,
        ),
        width in 1..4_usize,
        clusters in 0..6_usize,
        eps in prop_oneof![any::<f64>(), 0.1..2.0_f64],
    ) {
        let numbers: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
        let count = numbers.len() / width;
        prop_assume!(count > 0);
        let rows = Array2::from_shape_fn((count, width), |(row, column)| numbers[row * width + column]);
        let points = Points::new(rows.view()).unwrap();
        let ways: [Box<dyn Clusterer>; 4] = [
            Box::new(LinfaKMeans::new(clusters, 1)),
            Box::new(LinfaKMeans::new(clusters, 1).start(LinfaStart::Random).restarts(3)),
            Box::new(LinfaDbscan::new(eps, 2 + clusters)),
            Box::new(GaussianMixture::new(clusters, 1).restarts(2)),
        ];
        for way in ways {
            let Ok(found) = way.cluster(&points) else { continue };
            prop_assert_eq!(found.labels.len(), count);
            prop_assert_eq!(found.model.assign(&points).unwrap().len(), count);
        }
        if let Ok(found) = GaussianMixture::new(clusters, 1).fit(&points) {
            let model = found.model;
            let responsibilities = model.responsibilities(&points).unwrap();
            prop_assert!(responsibilities.iter().chain(model.means()).chain(model.covariances()).all(|x| x.is_finite()));
            prop_assert!(!model.log_likelihood(&points).unwrap().is_nan());
        }
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let rows = array![[0.0], [0.0], [1.0], [3.0]];
    let points = Points::new(rows.view()).unwrap();
    let weighted = points.weighted(&[1.0, 2.0, 1.0, 1.0]).unwrap();
    let k_means = LinfaKMeans::new(2, 1);
    let mixture = GaussianMixture::new(2, 1);
    let refused: [(&dyn Clusterer, &str); 14] = [
        (&LinfaKMeans::new(0, 1), "clusters: `0` must be from 1 to the number of distinct points"),
        (&LinfaKMeans::new(4, 1), "clusters: `4` must be from 1 to the number of distinct points"),
        (&k_means.clone().restarts(0), "restarts: `0` must be at least 1"),
        (&k_means.clone().max_steps(0), "steps: `0` must be at least 1"),
        (&k_means.clone().tolerance(0.0), "tolerance: `0` must be finite and above 0"),
        (&k_means.clone().tolerance(f64::NAN), "tolerance: `NaN` must be finite and above 0"),
        (&LinfaDbscan::new(0.0, 2), "eps: `0` must be finite and above 0"),
        (&LinfaDbscan::new(f64::INFINITY, 2), "eps: `inf` must be finite and above 0"),
        (&LinfaDbscan::new(1.0, 1), "min_points: `1` must be at least 2"),
        (&GaussianMixture::new(4, 1), "clusters: `4` must be from 1 to the number of distinct points"),
        (&mixture.restarts(0), "restarts: `0` must be at least 1"),
        (&mixture.tolerance(-1.0), "tolerance: `-1` must be finite and above 0"),
        (&mixture.regularisation(0.0), "regularisation: `0` must be finite and above 0"),
        (&mixture.max_steps(1).tolerance(1e-300), "linfa: `Fitting failed: EM fitting algorithm"),
    ];
    for (way, known) in refused {
        let error = way.cluster(&points).unwrap_err();
        assert!(error.is_parameter() && error.to_string().starts_with(known), "{error}");
    }
    for way in [&k_means as &dyn Clusterer, &mixture, &LinfaDbscan::new(1.0, 2)] {
        let error = way.cluster(&weighted).unwrap_err().to_string();
        assert_eq!(error, "weights: `4` are more than linfa can count");
        let found = way.cluster(&points).unwrap();
        assert!(found.model.assign(&Points::new(array![[1.0, 2.0]].view()).unwrap()).is_err());
    }
}

#[test]
fn the_smallest_and_the_most_equal() {
    let equal = Array2::from_elem((300, 2), 7.0);
    for rows in [&array![[3.0, 4.0]], &equal] {
        let points = Points::new(rows.view()).unwrap();
        let all = vec![rows.nrows() as u64];
        assert_eq!(LinfaKMeans::new(1, 1).fit(&points).unwrap().labels.sizes(), all);
        assert_eq!(GaussianMixture::new(1, 1).fit(&points).unwrap().labels.sizes(), all);
        let found = LinfaDbscan::new(1.0, 2).fit(&points).unwrap();
        assert_eq!(found.labels.noise() == 1, rows.nrows() == 1);
    }
}
