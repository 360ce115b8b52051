//! k-means on anything that is finite.

use ndarray::Array2;
use patronage::cluster::{ClusterModel, EmptyCluster, KMeans, KMeansStart, MiniBatch, Points};
use proptest::prelude::*;

/// Numbers of all sizes, and few enough of them that rows are often equal.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3_i32..4).prop_map(f64::from),
        2 => -1e3..1e3,
        1 => prop::num::f64::ANY.prop_filter("finite", |number| number.is_finite()),
        1 => prop::sample::select(vec![1e300, -1e300, 1e150, 1e-300, -1e-160, f64::MAX, f64::MIN_POSITIVE]),
    ]
}

fn rows() -> impl Strategy<Value = Array2<f64>> {
    (1_usize..40, 1_usize..11).prop_flat_map(|(rows, width)| {
        prop::collection::vec(number(), rows * width)
            .prop_map(move |all| Array2::from_shape_vec((rows, width), all).unwrap())
    })
}

fn tame() -> impl Strategy<Value = Array2<f64>> {
    (1_usize..60, 1_usize..11).prop_flat_map(|(rows, width)| {
        prop::collection::vec(prop_oneof![(-3_i32..4).prop_map(f64::from), -1e3..1e3], rows * width)
            .prop_map(move |all| Array2::from_shape_vec((rows, width), all).unwrap())
    })
}

fn ways(k: usize, seed: u64) -> [KMeans; 4] {
    [
        KMeans::new(k, seed).restarts(2),
        KMeans::new(k, seed).start(KMeansStart::Parallel).tolerance(0.0),
        KMeans::new(k, seed).empty(EmptyCluster::Drop).max_steps(3),
        KMeans::new(k, seed).empty(EmptyCluster::Refuse),
    ]
}

proptest! {
    #[test]
    fn an_answer_is_whole_or_a_refusal(
        rows in rows(), k in 1_usize..9, seed: u64, weigh: bool,
        weights in prop::collection::vec(prop_oneof![1e-300..1e-290, 0.5..3.0, 1e290..1e300], 40),
    ) {
        let points = Points::new(rows.view()).unwrap();
        let points = if weigh { points.weighted(&weights[..rows.nrows()]).unwrap() } else { points };
        for how in ways(k, seed) {
            let Ok(found) = how.fit(&points) else { continue };
            let model = &found.model;
            prop_assert!(model.clusters() <= k && found.labels.noise() == 0);
            prop_assert!(model.inertia() >= 0.0 && model.inertia().is_finite());
            prop_assert!(model.centroids().iter().all(|number| number.is_finite()));
            prop_assert!(model.sizes().iter().all(|size| *size > 0));
            prop_assert_eq!(&model.assign(&points).unwrap(), &found.labels);
            prop_assert!(model.transform(&points).unwrap().iter().all(|distance| *distance >= 0.0));
        }
        if let Ok(mut stream) = MiniBatch::start(&KMeans::new(k, seed), &points) {
            let _ = stream.push(&points);
            prop_assert!(stream.model().centroids().iter().all(|number| number.is_finite()));
            prop_assert!(stream.model().inertia().is_finite());
        }
    }

    #[test]
    fn usual_numbers_are_always_clustered(rows in tame(), k in 1_usize..9, seed: u64) {
        let points = Points::new(rows.view()).unwrap();
        for how in &ways(k, seed)[..3] {
            let found = how.fit(&points);
            prop_assert_eq!(found.is_ok(), k <= rows.nrows());
            let Ok(found) = found else { continue };
            let recounted: f64 = rows.rows().into_iter().zip(found.labels.iter().flatten()).map(|(row, label)| {
                let squares = |centroid: ndarray::ArrayView1<'_, f64>| (&row - &centroid).mapv(|by| by * by).sum();
                let least = found.model.centroids().rows().into_iter().map(squares).fold(f64::INFINITY, f64::min);
                let own: f64 = squares(found.model.centroids().row(label));
                assert!(own <= least * (1.0 + 1e-12));
                own
            }).sum();
            prop_assert!((recounted - found.model.inertia()).abs() <= 1e-12 * recounted, "{recounted}");
        }
    }

    #[test]
    fn sizes_of_numbers_do_not_matter(rows in tame(), k in 1_usize..6, seed: u64, power in -900_i32..900) {
        let points = Points::new(rows.view()).unwrap();
        let Ok(found) = KMeans::new(k, seed).fit(&points) else { return Ok(()) };
        let factor = 2.0_f64.powi(power);
        let other = rows.mapv(|number| number * factor);
        // A sum of squares may be too large a number.
        let Ok(scaled) = KMeans::new(k, seed).fit(&Points::new(other.view()).unwrap()) else {
            prop_assert!(power > 490);
            return Ok(());
        };
        prop_assert_eq!(scaled.labels, found.labels);
        prop_assert_eq!(scaled.model.centroids(), found.model.centroids().mapv(|number| number * factor));
    }
}
