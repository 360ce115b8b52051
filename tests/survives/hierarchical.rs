//! Hierarchical clustering: of any finite points there is a tree or a refusal.

use ndarray::{Array2, array};
use patronage::cluster::{ClusterModel, Cut, Hierarchical, Linkage, Points};
use proptest::prelude::*;

const ALL: [Linkage; 4] = [Linkage::Ward, Linkage::Average, Linkage::Complete, Linkage::Single];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_finite_points(
        numbers in prop::collection::vec(
            prop_oneof![any::<f64>(), Just(0.0), Just(f64::MAX), Just(f64::MIN), Just(5e-324), -1.0..1.0_f64],
            1..90,
        ),
        weights in prop::collection::vec(prop_oneof![Just(1.0), Just(5e-324), Just(1e300), 0.1..9.0_f64], 90),
        width in 1..4_usize,
        clusters in 0..12_usize,
    ) {
        let numbers: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
        let count = numbers.len() / width;
        prop_assume!(count > 0);
        let rows = Array2::from_shape_fn((count, width), |(row, column)| numbers[row * width + column]);
        let points = Points::new(rows.view()).unwrap();
        for (linkage, points) in ALL.into_iter().flat_map(|linkage| [
            (linkage, points),
            (linkage, points.weighted(&weights[..count]).unwrap()),
        ]) {
            // A height may be beyond the largest number.
            let Ok(tree) = Hierarchical::new(linkage).tree(&points) else { continue };
            prop_assert_eq!(tree.merges().len(), count - 1);
            prop_assert!(tree.heights().is_sorted());
            prop_assert!(tree.heights().all(|height| height.is_finite() && height >= 0.0));
            let cut = tree.clusters(Cut::Clusters(clusters), &points);
            prop_assert_eq!(cut.is_ok(), (1..=count).contains(&clusters));
            let Ok(found) = cut else { continue };
            prop_assert!(found.model.centroids().iter().all(|mean| mean.is_finite()));
            prop_assert_eq!(found.model.assign(&points).unwrap().len(), count);
        }
    }
}

#[test]
fn the_smallest_and_the_most_equal() {
    let one = array![[3.0, 4.0]];
    let equal = Array2::from_elem((5000, 2), 7.0);
    for linkage in ALL {
        let way = Hierarchical::new(linkage);
        let tree = way.tree(&Points::new(one.view()).unwrap()).unwrap();
        assert_eq!((tree.len(), tree.merges().len()), (1, 0));
        assert_eq!(tree.cut(Cut::Height(0.0)).unwrap().sizes(), [1]);
        // Nothing is held of equal points.
        let points = Points::new(equal.view()).unwrap();
        let tree = way.memory(0).tree(&points).unwrap();
        assert!(tree.heights().all(|height| height == 0.0));
        assert_eq!(tree.cut(Cut::Height(0.0)).unwrap().sizes(), [5000]);
        assert_eq!(tree.cut(Cut::Clusters(5000)).unwrap().clusters(), 5000);
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let rows = array![[0.0], [1.0], [3.0]];
    let points = Points::new(rows.view()).unwrap();
    let say = |at| {
        let refused = Hierarchical::new(Linkage::Ward).cut(at).fit(&points).unwrap_err();
        assert!(refused.is_parameter());
        refused.to_string()
    };
    assert_eq!(say(Cut::Clusters(0)), "clusters: `0` must be from 1 to the number of points");
    assert_eq!(say(Cut::Clusters(4)), "clusters: `4` must be from 1 to the number of points");
    assert_eq!(say(Cut::Height(-0.1)), "height: `-0.1` must be 0 or above");
    assert_eq!(say(Cut::Height(f64::NAN)), "height: `NaN` must be 0 or above");
    let tree = Hierarchical::new(Linkage::Ward).tree(&points).unwrap();
    let other = array![[0.0], [1.0]];
    assert!(tree.clusters(Cut::Clusters(1), &Points::new(other.view()).unwrap()).is_err());
    let model = tree.clusters(Cut::Clusters(2), &points).unwrap().model;
    assert!(model.assign(&Points::new(array![[1.0, 2.0]].view()).unwrap()).is_err());
}

#[test]
fn the_memory_of_distances_is_bounded() {
    let rows = Array2::from_shape_fn((1000, 1), |(row, _)| row as f64);
    let points = Points::new(rows.view()).unwrap();
    for linkage in [Linkage::Average, Linkage::Complete] {
        let refused = Hierarchical::new(linkage).memory(3_995_999).tree(&points).unwrap_err();
        let known =
            "bytes of `memory` for the distances between 1000 distinct points: needed 3996000, found 3995999";
        assert_eq!(refused.to_string(), known);
        assert!(Hierarchical::new(linkage).memory(3_996_000).tree(&points).is_ok());
    }
    for linkage in [Linkage::Ward, Linkage::Single] {
        assert!(Hierarchical::new(linkage).memory(0).tree(&points).is_ok());
    }
}

#[test]
fn what_is_beyond_the_largest_number_is_refused() {
    let rows = array![[f64::MAX], [f64::MIN], [0.0]];
    let points = Points::new(rows.view()).unwrap();
    for linkage in ALL {
        let tree = Hierarchical::new(linkage).tree(&points);
        match linkage {
            Linkage::Single => assert_eq!(tree.unwrap().heights().collect::<Vec<_>>(), [f64::MAX; 2]),
            _ => assert!(linkage == Linkage::Average || tree.is_err(), "{linkage:?}"),
        }
    }
}
