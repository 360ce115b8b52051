//! linfa's clusterings and ours meet: the traits of either, threads, seeds and saved models.

use linfa::{
    Dataset, DatasetBase,
    traits::{Fit, Predict, Transformer},
};
use ndarray::{Array1, Axis, array};
use patronage::{
    Error,
    cluster::{
        ClusterModel, Clusterer, Cut, Hierarchical, HierarchicalCut, Linkage, Points,
        linfa::{GaussianMixture, LinfaDbscan, LinfaKMeans, LinfaStart},
    },
};

use crate::agrees::{blobs, moons};

fn ward() -> HierarchicalCut {
    Hierarchical::new(Linkage::Ward).cut(Cut::Clusters(5))
}

/// What a program of linfa does, whatever it clusters by.
fn through_linfa<W, M>(
    way: &W,
    people: &Dataset<f64, (), ndarray::Ix1>,
) -> Result<Array1<Option<usize>>, Error>
where
    W: Fit<ndarray::Array2<f64>, Array1<()>, Error, Object = M>,
    M: for<'a> Predict<&'a Dataset<f64, (), ndarray::Ix1>, Array1<Option<usize>>>,
{
    Ok(way.fit(people)?.predict(people))
}

#[test]
fn a_program_of_linfa_clusters_by_ours() {
    let rows = blobs(200, 3);
    let own = ward().fit(&Points::new(rows.view()).unwrap()).unwrap();
    let people = Dataset::new(rows.clone(), Array1::from_elem(200, ()));
    let known: Array1<Option<usize>> =
        own.model.assign(&Points::new(rows.view()).unwrap()).unwrap().iter().collect();
    assert_eq!(through_linfa(&ward(), &people).unwrap(), known);
    // Labels alone, of views too, of rows in any order of memory.
    let labels: Array1<Option<usize>> = own.labels.iter().collect();
    assert_eq!(ward().transform(&rows).unwrap(), labels);
    assert_eq!(ward().transform(&rows.t().as_standard_layout().t()).unwrap(), labels);
    // A dataset with targets that others asked for, and with weights.
    let weighted =
        Dataset::new(rows.clone(), Array1::from_elem(200, 7_usize)).with_weights(Array1::from_elem(200, 2.0));
    let model = Fit::fit(&ward(), &weighted).unwrap();
    assert_eq!(model.centroids(), own.model.centroids());
    let predicted: DatasetBase<_, Array1<Option<usize>>> = model.predict(weighted);
    assert_eq!(predicted.targets, known);
}

#[test]
fn what_cannot_be_placed_has_no_label() {
    let model = Fit::fit(&ward(), &Dataset::from(blobs(50, 2))).unwrap();
    let rows = array![[0.0, 3.0], [f64::NAN, 1.0], [f64::INFINITY, 0.0], [10.0, 2.0]];
    let found: Array1<Option<usize>> = model.predict(&rows);
    assert!(found[0].is_some() && found[3].is_some() && found[1].or(found[2]).is_none());
    assert_eq!(model.predict(&array![[1.0], [2.0]]), array![None, None]);
    assert_eq!(model.predict(&ndarray::Array2::<f64>::zeros((0, 2))).len(), 0);
    assert!(Fit::fit(&ward(), &Dataset::from(rows.clone())).is_err());
    assert!(ward().transform(&rows).is_err());
    let other: Error = linfa::Error::NotEnoughSamples.into();
    assert_eq!(other.to_string(), "linfa: `not enough samples` was its answer");
}

#[test]
fn seeds_say_all_and_threads_nothing() {
    let rows = moons(600);
    let points = Points::new(rows.view()).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let k_means = LinfaKMeans::new(7, 11).restarts(3).fit(&points).unwrap();
            let dbscan = LinfaDbscan::new(0.08, 5).fit(&points).unwrap();
            let mixture = GaussianMixture::new(3, 11).restarts(2).max_steps(1000).fit(&points).unwrap();
            let responsibilities = mixture.model.responsibilities(&points).unwrap();
            (k_means, dbscan, mixture, responsibilities)
        })
    };
    let once = on(1);
    assert_eq!(once, on(3));
    assert_eq!(once, on(1));
}

#[test]
fn clusters_are_renumbered_with_their_model() {
    let rows = blobs(300, 2);
    let points = Points::new(rows.view()).unwrap();
    let ways: [&dyn Clusterer; 3] = [
        &LinfaKMeans::new(5, 2).restarts(5),
        &LinfaDbscan::new(0.6, 5),
        &GaussianMixture::new(4, 2).restarts(3),
    ];
    for way in ways {
        let found = way.cluster(&points).unwrap();
        assert!(found.labels.sizes().is_sorted_by(|a, b| a >= b), "{way:?}", way = found.model);
        let cores = found.model.assign(&points).unwrap();
        let ordered = found.ordered(patronage::cluster::LabelOrder::Column(0), &points).unwrap();
        let means: Vec<f64> = (0..ordered.labels.clusters())
            .map(|cluster| {
                let of: Vec<usize> =
                    (0..300).filter(|&row| ordered.labels.get(row) == Some(cluster)).collect();
                rows.select(Axis(0), &of).column(0).mean().unwrap()
            })
            .collect();
        assert!(means.is_sorted_by(|a, b| a >= b), "{means:?}");
        // The same partition, under the new numbers.
        let again = ordered.model.assign(&points).unwrap();
        let pairs: std::collections::BTreeSet<_> = cores.iter().zip(again.iter()).collect();
        assert_eq!(pairs.iter().filter(|pair| pair.0.is_some()).count(), ordered.model.clusters());
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_saved_mixture_says_what_it_did() {
    use patronage::cluster::linfa::GaussianMixtureModel;
    let saved = include_str!("../golden/gaussian_mixture-1.json").trim_end();
    let model: GaussianMixtureModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    // The two Gaussians that scikit-learn finds in the moons: see `a_mixture_says_how_probable_each_cluster_is`.
    let rows = moons(400);
    let points = Points::new(rows.view()).unwrap();
    assert!((model.log_likelihood(&points).unwrap() + 1.658_279_880_466_144_5).abs() < 1e-8);
    assert_eq!(model.assign(&points).unwrap().sizes(), [301, 99]);
    for (from, to) in [
        (r#""schema":1"#, r#""schema":2"#),
        (r#""Gaussian mixture""#, r#""k-means""#),
        (r#""weights":["#, r#""weights":["1","#),
        (r#""weights":[""#, r#""weights":["1"#),
        (r#""means":[["#, r#""means":[["1","#),
        (r#""covariances":[["#, r#""covariances":[["1","#),
        (r#""covariances":[[""#, r#""covariances":[["-"#),
    ] {
        assert!(saved.contains(from), "{from}");
        assert!(serde_json::from_str::<GaussianMixtureModel>(&saved.replace(from, to)).is_err(), "{to}");
    }
}

#[test]
fn every_way_of_ours_is_one_of_linfas() {
    use patronage::cluster::{Dbscan, Hdbscan, KMeans};
    let rows = blobs(300, 3);
    let people = Dataset::new(rows.clone(), Array1::from_elem(300, ()));
    let points = Points::new(rows.view()).unwrap();
    let of = |found: patronage::cluster::Clustering| -> (Array1<Option<usize>>, Array1<Option<usize>>) {
        (found.labels.iter().collect(), found.model.assign(&points).unwrap().iter().collect())
    };
    let (k_means, dbscan, hdbscan) = (KMeans::new(5, 3), Dbscan::new(0.6, 5), Hdbscan::new(15));
    for (transformed, predicted, own) in [
        (k_means.transform(&rows), through_linfa(&k_means, &people), k_means.cluster(&points)),
        (dbscan.transform(&rows), through_linfa(&dbscan, &people), dbscan.cluster(&points)),
        (hdbscan.transform(&rows), through_linfa(&hdbscan, &people), hdbscan.cluster(&points)),
    ] {
        assert_eq!((transformed.unwrap(), predicted.unwrap()), of(own.unwrap()));
    }
}

/// linfa as a second opinion: from a good start k-means ends in the same minimum, and DBSCAN parts the cores alike.
#[test]
fn linfa_and_ours_agree() {
    use patronage::cluster::{Dbscan, KMeans, PointKind};
    for (rows, clusters) in [(blobs(500, 3), 5), (blobs(300, 16), 5), (moons(400), 4)] {
        let points = Points::new(rows.view()).unwrap();
        let ours = KMeans::new(clusters, 1).restarts(10).tolerance(0.0).fit(&points).unwrap();
        let start = ours.model.centroids().to_owned();
        let theirs = LinfaKMeans::new(clusters, 1).start(LinfaStart::Given(start)).tolerance(1e-9);
        let theirs = theirs.fit(&points).unwrap();
        assert!((ours.model.inertia() / theirs.model.inertia() - 1.0).abs() < 1e-9);
        assert_eq!(ours.labels, theirs.labels);
    }
    let lattice = blobs(400, 2).mapv(f64::round);
    for (rows, eps, min_points) in [(moons(400), 0.08, 5), (moons(400), 0.1, 10), (lattice, 1.0, 12)] {
        let points = Points::new(rows.view()).unwrap();
        let ours = Dbscan::new(eps, min_points).fit(&points).unwrap();
        let theirs = LinfaDbscan::new(eps, min_points).fit(&points).unwrap();
        let mut of_ours = std::collections::BTreeMap::new();
        for (row, kind) in ours.kinds().iter().enumerate() {
            let (our, their) = (ours.clustered.labels.get(row), theirs.labels.get(row));
            assert_eq!(our.is_none(), their.is_none(), "{row}");
            // A point at the edge of two clusters may be in either.
            if *kind == PointKind::Core {
                assert_eq!(*of_ours.entry(our).or_insert(their), their, "{row}");
            }
        }
        let clusters: std::collections::BTreeSet<_> = of_ours.values().collect();
        assert_eq!(
            (clusters.len(), ours.clustered.labels.clusters()),
            (of_ours.len(), theirs.labels.clusters())
        );
    }
}
