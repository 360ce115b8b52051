//! Hierarchical clustering: the same tree by a naive reckoning, of repeated points, on any number of threads.

use ndarray::{Array2, Axis};
use patronage::cluster::{
    ClusterModel, Cut, Hierarchical,
    Linkage::{self, Average, Complete, Single, Ward},
    MergeTree, Points,
};
use proptest::prelude::*;

const ALL: [Linkage; 4] = [Ward, Average, Complete, Single];

fn tree(linkage: Linkage, rows: &Array2<f64>) -> MergeTree {
    Hierarchical::new(linkage).tree(&Points::new(rows.view()).unwrap()).unwrap()
}

/// How far two clusters are from one another, by definition.
fn apart(linkage: Linkage, rows: &Array2<f64>, a: &[usize], b: &[usize]) -> f64 {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let row = |row: &usize| rows.row(*row).to_vec();
    let pairs = || a.iter().flat_map(|a| b.iter().map(|b| distance(&row(a), &row(b))));
    let (m, n) = (a.len() as f64, b.len() as f64);
    match linkage {
        Single => pairs().fold(f64::INFINITY, f64::min),
        Complete => pairs().fold(0.0, f64::max),
        Average => pairs().sum::<f64>() / (m * n),
        Ward => {
            let centroid = |of: &[usize]| rows.select(Axis(0), of).mean_axis(Axis(0)).unwrap().to_vec();
            (2.0 * m * n / (m + n)).sqrt() * distance(&centroid(a), &centroid(b))
        }
    }
}

/// Each merge is of two clusters than which no two are nearer: whatever the ties, the tree is a right one.
fn is_greedy(linkage: Linkage, rows: &Array2<f64>) -> Result<(), TestCaseError> {
    let tree = tree(linkage, rows);
    let mut clusters: Vec<Option<Vec<usize>>> = (0..rows.nrows()).map(|row| Some(vec![row])).collect();
    for merge in tree.merges() {
        let left: Vec<&Vec<usize>> = clusters.iter().flatten().collect();
        let mut least = f64::INFINITY;
        for (k, a) in left.iter().enumerate() {
            for b in &left[k + 1..] {
                least = least.min(apart(linkage, rows, a, b));
            }
        }
        let [a, b] = merge.pair.map(|cluster| clusters[cluster].take().unwrap());
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-9 * x.max(y) + 1e-12;
        prop_assert!(merge.pair[0] < merge.pair[1] && merge.size == a.len() + b.len(), "{merge:?}");
        prop_assert!(close(merge.height, apart(linkage, rows, &a, &b)), "{linkage:?} {merge:?}");
        prop_assert!(close(merge.height, least), "{linkage:?} {merge:?} {least}");
        clusters.push(Some([a, b].concat()));
    }
    prop_assert_eq!(clusters.iter().flatten().count(), 1);
    Ok(())
}

fn any_rows() -> impl Strategy<Value = Array2<f64>> {
    let number = prop_oneof![(-3..4_i8).prop_map(f64::from), -10.0..10.0_f64];
    (1..4_usize).prop_flat_map(move |width| {
        prop::collection::vec(prop::collection::vec(number.clone(), width), 1..40).prop_map(move |rows| {
            Array2::from_shape_fn((rows.len(), width), |(row, column)| rows[row][column])
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_nearest_clusters_merge(rows in any_rows()) {
        for linkage in ALL {
            is_greedy(linkage, &rows)?;
        }
    }

    #[test]
    fn a_weight_is_so_many_equal_points(rows in any_rows(), seed in 0..1000_usize) {
        let times = |row: usize| 1 + (row * 7 + seed) % 4;
        let repeated: Vec<usize> = (0..rows.nrows()).flat_map(|row| vec![row; times(row)]).collect();
        let weights: Vec<f64> = (0..rows.nrows()).map(|row| times(row) as f64).collect();
        for linkage in ALL {
            let points = Points::new(rows.view()).unwrap().weighted(&weights).unwrap();
            let weighted = Hierarchical::new(linkage).tree(&points).unwrap();
            let repeated = tree(linkage, &rows.select(Axis(0), &repeated));
            let above = |tree: &MergeTree| tree.heights().filter(|height| *height > 0.0).collect::<Vec<_>>();
            prop_assert_eq!(above(&weighted), above(&repeated));
        }
    }

    #[test]
    fn a_cut_keeps_the_merges_below_it(rows in any_rows(), clusters in 1..40_usize) {
        let clusters = clusters.min(rows.nrows());
        for linkage in ALL {
            let tree = tree(linkage, &rows);
            let labels = tree.cut(Cut::Clusters(clusters)).unwrap();
            prop_assert_eq!((labels.clusters(), labels.noise()), (clusters, 0));
            prop_assert!(labels.sizes().is_sorted_by(|a, b| a >= b && *b > 0));
            // Whoever is together in more clusters is together in fewer.
            let fewer = tree.cut(Cut::Clusters(clusters.div_ceil(2))).unwrap();
            for a in 0..rows.nrows() {
                for b in 0..a {
                    prop_assert!(labels.get(a) != labels.get(b) || fewer.get(a) == fewer.get(b));
                }
            }
            let height = tree.heights().nth(tree.len() - clusters).unwrap_or(f64::INFINITY);
            prop_assert!(tree.cut(Cut::Height(height)).unwrap().clusters() <= clusters);
        }
    }
}

/// More than are in one leaf of the search, in general position and not.
#[test]
fn many_points_merge_as_few_do() {
    for rows in [crate::agrees::blobs(70, 2), crate::agrees::blobs(50, 5).mapv(f64::round)] {
        for linkage in ALL {
            is_greedy(linkage, &rows).unwrap();
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let rows = crate::agrees::blobs(800, 3);
    let points = Points::new(rows.view()).unwrap();
    for linkage in ALL {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let tree = Hierarchical::new(linkage).tree(&points).unwrap();
                let clusters = tree.clusters(Cut::Clusters(4), &points).unwrap();
                (tree, clusters)
            })
        };
        assert_eq!(on(1), on(3), "{linkage:?}");
    }
}

#[test]
fn centroids_assign_the_points_of_round_clusters_to_them() {
    let rows = crate::agrees::blobs(500, 16);
    let points = Points::new(rows.view()).unwrap();
    let found = Hierarchical::new(Ward).cut(Cut::Clusters(5)).fit(&points).unwrap();
    assert!(found.model.agreement() >= 1.0);
    assert_eq!(found.model.assign(&points).unwrap(), found.labels);
    for (cluster, centroid) in found.model.centroids().rows().into_iter().enumerate() {
        let of: Vec<usize> = (0..500).filter(|&row| found.labels.get(row) == Some(cluster)).collect();
        let mean = rows.select(Axis(0), &of).mean_axis(Axis(0)).unwrap();
        assert!((&mean - &centroid).iter().all(|apart| apart.abs() < 1e-12));
    }
    // In another order the model is renumbered with the labels.
    let ordered = found.ordered(patronage::cluster::LabelOrder::Column(1), &points).unwrap();
    assert!(ordered.model.centroids().column(1).to_vec().is_sorted_by(|a, b| a >= b));
    assert_eq!(ordered.model.assign(&points).unwrap(), ordered.labels);
    // Half circles are not round: the model says how many it misplaces.
    let moons = crate::agrees::moons(400);
    let points = Points::new(moons.view()).unwrap();
    let found = Hierarchical::new(Single).cut(Cut::Clusters(2)).fit(&points).unwrap();
    assert_eq!(found.labels.sizes(), [200, 200]);
    assert!(found.model.agreement() > 0.5 && found.model.agreement() < 0.95, "{}", found.model.agreement());
}

#[cfg(feature = "serde")]
#[test]
fn a_saved_model_assigns_as_it_did() {
    use patronage::cluster::{Clusterer, HierarchicalModel};
    let saved = include_str!("../golden/hierarchical-1.json").trim_end();
    let model: HierarchicalModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    let rows = crate::agrees::blobs(300, 2);
    let points = Points::new(rows.view()).unwrap();
    // The means of the clusters of `fcluster(linkage(X, "average"), 5, "maxclust")`, scipy 1.17.1.
    let means = [
        [6.919_498_878_100_77, 9.940_196_774_806_623],
        [-0.043_348_527_619_001_38, 2.950_525_180_755_117],
        [2.964_708_510_405_093_6, 6.001_148_284_219_43],
        [9.885_312_618_688_669, 1.902_483_887_001_476_6],
        [5.908_957_670_092_697, 8.908_897_094_261_39],
    ];
    for (found, known) in model.centroids().iter().zip(means.iter().flatten()) {
        assert!((found - known).abs() < 1e-12, "{found} {known}");
    }
    let way = Hierarchical::new(Average).cut(Cut::Clusters(5));
    assert_eq!(model.assign(&points).unwrap(), way.cluster(&points).unwrap().model.assign(&points).unwrap());
    for (from, to) in [
        (r#""schema":1"#, r#""schema":2"#),
        (r#""hierarchical""#, r#""k-means""#),
        (r#""centroids":["#, r#""centroids":[["1"],"#),
        (r#""agreement":""#, r#""agreement":"-"#),
    ] {
        assert!(saved.contains(from), "{from}");
        assert!(serde_json::from_str::<HierarchicalModel>(&saved.replace(from, to)).is_err(), "{to}");
    }
}
