//! k-means says what it cannot do.

use ndarray::{Array2, array};
use patronage::cluster::{ClusterModel, EmptyCluster, KMeans, MiniBatch, Points};

fn says(how: &KMeans, rows: &Array2<f64>) -> String {
    how.fit(&Points::new(rows.view()).unwrap()).unwrap_err().to_string()
}

#[test]
fn settings_out_of_range() {
    let rows = array![[0.0, 0.0], [1.0, 1.0], [2.0, 5.0]];
    for (how, rule) in [
        (KMeans::new(0, 1), "clusters: `0` must be at least 1"),
        (KMeans::new(4, 1), "clusters: `4` are more than there are points"),
        (KMeans::new(2, 1).restarts(0), "restarts: `0` must be at least 1"),
        (KMeans::new(2, 1).max_steps(0), "max_steps: `0` must be at least 1"),
        (KMeans::new(2, 1).tolerance(-1.0), "tolerance: `-1` must be finite and at least 0"),
        (KMeans::new(2, 1).tolerance(f64::NAN), "tolerance: `NaN` must be finite and at least 0"),
        (KMeans::starting_at(array![[0.0, 0.0]]).restarts(2), "restarts: `2` need starts that are drawn"),
        (KMeans::starting_at(array![[0.0]]), "columns: `2` is not the number of columns learned from"),
        (KMeans::starting_at(Array2::zeros((0, 2))), "clusters: `0` must be at least 1"),
        (KMeans::starting_at(Array2::zeros((2, 0))), "columns to cluster by: there are none"),
        (KMeans::starting_at(array![[0.0, f64::NAN]]), "row 0: must be finite: `NaN in column 1`"),
        (KMeans::starting_at(Array2::zeros((4, 2))), "clusters: `4` are more than there are points"),
    ] {
        assert_eq!(says(&how, &rows), rule);
    }
}

#[test]
fn empty_clusters_by_their_rule() {
    let rows = array![[0.0], [1.0], [10.0], [11.0], [30.0]];
    let points = Points::new(rows.view()).unwrap();
    let start = || KMeans::starting_at(array![[0.0], [10.0], [-1e3]]);
    let refused = says(&start().empty(EmptyCluster::Refuse), &rows);
    assert_eq!(refused, "clusters: `3` leave one of them without points");
    let dropped = start().empty(EmptyCluster::Drop).fit(&points).unwrap();
    assert_eq!((dropped.model.clusters(), dropped.model.sizes()), (2, &[2, 3][..]));
    let relocated = start().fit(&points).unwrap();
    assert_eq!(relocated.model.centroids(), array![[0.5], [10.5], [30.0]]);
}

#[test]
fn fewer_distinct_points_than_clusters() {
    let rows = array![[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [3.0, 4.0], [3.0, 4.0]];
    let points = Points::new(rows.view()).unwrap();
    for how in [
        KMeans::new(4, 1),
        KMeans::new(4, 1).empty(EmptyCluster::Drop),
        KMeans::starting_at(array![[1.0, 2.0], [3.0, 4.0], [3.0, 4.0], [3.0, 4.0]]),
    ] {
        let found = how.fit(&points).unwrap();
        assert_eq!((found.model.clusters(), found.model.inertia()), (2, 0.0));
    }
    let refused = says(&KMeans::new(4, 1).empty(EmptyCluster::Refuse), &rows);
    assert_eq!(refused, "clusters: `4` are more than there are distinct points");
    let equal = Array2::from_elem((50, 3), 0.1);
    let found = KMeans::new(7, 1).fit(&Points::new(equal.view()).unwrap()).unwrap();
    assert_eq!((found.model.centroids(), found.model.sizes()), (array![[0.1, 0.1, 0.1]].view(), &[50][..]));
}

#[test]
fn points_of_another_width() {
    let rows = array![[0.0, 0.0], [1.0, 1.0]];
    let points = Points::new(rows.view()).unwrap();
    let model = KMeans::new(2, 1).fit(&points).unwrap().model;
    let other = array![[0.0]];
    let other = Points::new(other.view()).unwrap();
    assert!(model.assign(&other).is_err() && model.transform(&other).is_err());
    let mut stream = MiniBatch::from_model(model.clone());
    assert!(stream.push(&other).is_err());
    assert_eq!(stream.model(), &model);
    assert!(stream.clone().memory(1.5).is_err() && stream.memory(f64::NAN).is_err());
    assert!(MiniBatch::start(&KMeans::new(3, 1), &points).is_err());
}
