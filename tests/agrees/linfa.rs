//! linfa's clusterings behind our trait: what scikit-learn 1.9.1 finds in the same points.

use ndarray::{Array2, array};
use patronage::cluster::{
    ClusterModel, Clusterer, Points,
    linfa::{GaussianMixture, LinfaDbscan, LinfaKMeans, LinfaStart},
};

use super::{blobs, moons};

#[track_caller]
fn close(found: f64, known: f64, tolerance: f64) {
    assert!((found - known).abs() <= tolerance * known.abs(), "{found} {known}");
}

#[test]
fn k_means_finds_the_inertia_known() {
    // KMeans(5, n_init=20, tol=1e-12), and KMeans(4, n_init=50, tol=1e-12).
    for (rows, clusters, inertia, sizes) in [
        (blobs(500, 3), 5, 350.105_987_869_721_84, vec![107, 100, 100, 100, 93]),
        (blobs(400, 1), 4, 137.507_430_273_222_16, vec![160, 80, 80, 80]),
    ] {
        // The unit of the points does not matter, for the tolerance is relative.
        for unit in [1.0, 1e6, 1e-6] {
            let rows = rows.mapv(|x| x * unit);
            let points = Points::new(rows.view()).unwrap();
            let way = LinfaKMeans::new(clusters, 3).restarts(20).tolerance(1e-9);
            let found = way.fit(&points).unwrap();
            close(found.model.inertia() / unit / unit, inertia, 1e-9);
            assert_eq!(found.labels.sizes(), sizes);
            assert_eq!(found.model.assign(&points).unwrap(), found.labels);
            assert_eq!(way.cluster(&points).unwrap().labels, found.labels);
        }
    }
}

#[test]
fn k_means_starts_where_it_is_told_to() {
    let rows = array![[0.0], [1.0], [10.0], [11.0], [12.0]];
    let points = Points::new(rows.view()).unwrap();
    let given = |start| LinfaKMeans::new(2, 0).start(LinfaStart::Given(start)).tolerance(1e-12).fit(&points);
    let found = given(array![[0.0], [1.0]]).unwrap();
    assert_eq!(found.labels.iter().flatten().collect::<Vec<_>>(), [1, 1, 0, 0, 0]);
    close(found.model.centroids()[(0, 0)], 11.0, 1e-9);
    close(found.model.inertia(), 2.5, 1e-9);
    // A centroid near no point stays where it is.
    let found = given(array![[5.0], [1e6]]).unwrap();
    assert_eq!((found.labels.sizes(), found.model.centroids()[(1, 0)]), (vec![5, 0], 1e6));
    for bad in [array![[0.0]], array![[0.0, 1.0], [2.0, 3.0]], array![[0.0], [f64::NAN]]] {
        assert!(given(bad).unwrap_err().is_parameter());
    }
    let random = LinfaKMeans::new(2, 5).start(LinfaStart::Random).restarts(5).fit(&points).unwrap();
    assert_eq!(random.labels.sizes(), [3, 2]);
}

#[test]
fn dbscan_finds_the_clusters_known() {
    let known = [
        (moons(400), 0.08, 5, vec![190, 57, 50, 48, 44, 10], 1, 386),
        (moons(400), 0.1, 10, vec![59, 51, 50, 49, 38, 33, 25, 24, 20, 19, 15], 17, 312),
        // On a lattice, where eps is the distance of neighbours: 41 distinct cores.
        (blobs(400, 2).mapv(f64::round), 1.0, 12, vec![160, 80, 80, 80], 0, 41),
        (
            blobs(400, 2).mapv(f64::round),
            0.99,
            12,
            vec![39, 37, 35, 35, 33, 20, 15, 13, 13, 12, 12, 12],
            124,
            12,
        ),
    ];
    for (rows, eps, min_points, sizes, noise, cores) in known {
        let points = Points::new(rows.view()).unwrap();
        let found = LinfaDbscan::new(eps, min_points).fit(&points).unwrap();
        assert_eq!((found.labels.sizes(), found.labels.noise()), (sizes, noise), "{eps}");
        assert_eq!(found.model.cores().nrows(), cores, "{eps}");
        // A core and noise are assigned as they were labelled; a point between two clusters may go to the other.
        let assigned = found.model.assign(&points).unwrap();
        assert_eq!(assigned.noise(), noise);
        let placed = found.model.assign(&Points::new(found.model.cores()).unwrap()).unwrap();
        assert_eq!(placed.noise(), 0);
    }
}

#[test]
fn dbscan_of_equal_points_and_of_other_points() {
    let rows = Array2::from_shape_fn((20_000, 2), |(row, _)| if row < 3 { row as f64 * 5.0 } else { 100.0 });
    let found = LinfaDbscan::new(1.0, 4).fit(&Points::new(rows.view()).unwrap()).unwrap();
    assert_eq!((found.labels.sizes(), found.labels.noise()), (vec![19_997], 3));
    let new = array![[100.5, 100.5], [101.0, 100.1], [0.0, 0.0]];
    let placed = found.model.assign(&Points::new(new.view()).unwrap()).unwrap();
    assert_eq!(placed.iter().collect::<Vec<_>>(), [Some(0), None, None]);
    let mut model = found.model;
    assert!(model.forget(&[100.0, 100.0]) && !model.forget(&[100.0, 100.0]));
    assert_eq!(model.assign(&Points::new(new.view()).unwrap()).unwrap().noise(), 3);
}

#[test]
fn a_mixture_finds_the_gaussians_known() {
    // GaussianMixture(5, tol=1e-12, max_iter=5000, n_init=5) of standardised columns, turned back.
    let rows = blobs(500, 3);
    let points = Points::new(rows.view()).unwrap();
    let way = GaussianMixture::new(5, 1).restarts(3).tolerance(1e-10).max_steps(5000);
    let found = way.fit(&points).unwrap();
    assert_eq!(found.labels.sizes(), [112, 100, 100, 100, 88]);
    close(found.model.log_likelihood(&points).unwrap(), -3.646_948_862_655_829, 1e-8);
    close(found.model.weights()[0], 0.222_189_173_872, 1e-4);
    for (found, known) in
        found.model.means().row(0).iter().zip([6.868_314_902_8, 9.930_305_099, 1.905_062_953])
    {
        close(*found, known, 1e-4);
    }
    let known = array![
        [0.275_497_231_499, -0.003_113_966_016, 0.029_507_203_548],
        [-0.003_113_966_016, 0.222_595_821_72, 0.010_617_202_535],
        [0.029_507_203_548, 0.010_617_202_535, 0.231_867_421_862],
    ];
    for (found, known) in found.model.covariances().index_axis(ndarray::Axis(0), 0).iter().zip(&known) {
        assert!((found - known).abs() < 1e-4, "{found} {known}");
    }
}

#[test]
fn a_mixture_says_how_probable_each_cluster_is() {
    // GaussianMixture(2, tol=1e-12, max_iter=20000) of standardised columns.
    let rows = moons(400);
    let points = Points::new(rows.view()).unwrap();
    let found =
        GaussianMixture::new(2, 4).restarts(2).tolerance(1e-11).max_steps(20_000).fit(&points).unwrap();
    assert_eq!(found.labels.sizes(), [301, 99]);
    close(found.model.log_likelihood(&points).unwrap(), -1.658_279_880_466_144_5, 1e-8);
    let responsibilities = found.model.responsibilities(&points).unwrap();
    close(responsibilities[(2, 0)], 0.053_309_486_995, 1e-3);
    assert!(responsibilities[(0, 1)] < 1e-50);
    for (row, label) in responsibilities.rows().into_iter().zip(found.labels.iter()) {
        assert!((row.sum() - 1.0).abs() < 1e-12);
        assert_eq!(label, Some(usize::from(row[1] > row[0])));
    }
    // linfa's own answers NaN here.
    let far = array![[1e9, 1e9], [1e300, -1e300], [f64::MAX, f64::MIN]];
    let far = found.model.responsibilities(&Points::new(far.view()).unwrap()).unwrap();
    assert!(far.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-12), "{far}");
}

/// The unit of a column does not matter, nor how far it is from 0.
#[test]
fn a_mixture_is_of_points_in_any_unit() {
    let rows = blobs(300, 2);
    let other =
        Array2::from_shape_fn(rows.dim(), |at| if at.1 == 0 { rows[at] * 1e9 } else { rows[at] / 1e9 + 3.0 });
    let fit = |rows: &Array2<f64>| {
        GaussianMixture::new(5, 1).restarts(3).fit(&Points::new(rows.view()).unwrap()).unwrap()
    };
    let (one, two) = (fit(&rows), fit(&other));
    assert_eq!(one.labels.sizes(), two.labels.sizes());
    for (a, b) in one.model.means().rows().into_iter().zip(two.model.means().rows()) {
        close(b[0], a[0] * 1e9, 1e-6);
        assert!(((b[1] - 3.0) * 1e9 - a[1]).abs() < 1e-5, "{a} {b}");
    }
}
