//! DBSCAN of real customers against scikit-learn.

use std::fs;

use ndarray::{Array2, Axis};
use patronage::{
    cluster::{Dbscan, DbscanFit, PointKind, Points},
    summary::Observation,
};

use super::{cdnow, data};
use crate::agrees::dbscan::{counts, digest};

/// The logarithm of 1 and each number, less its column's mean, over its standard deviation.
fn scaled(mut rows: Array2<f64>) -> Array2<f64> {
    rows.mapv_inplace(f64::ln_1p);
    for mut column in rows.axis_iter_mut(Axis(1)) {
        let (mean, deviation) = (column.mean().unwrap(), column.std(0.0));
        column.mapv_inplace(|x| (x - mean) / deviation);
    }
    rows
}

fn fit(rows: &Array2<f64>, eps: f64, min_points: usize) -> DbscanFit {
    Dbscan::new(eps, min_points).fit(&Points::new(rows.view()).unwrap()).unwrap()
}

/// The number of cores in each cluster, the largest first.
fn cores(found: &DbscanFit) -> Vec<u64> {
    let labels = &found.clustered.labels;
    let mut cores = vec![0; labels.clusters()];
    let all = labels.iter().zip(found.kinds()).filter(|(_, kind)| **kind == PointKind::Core);
    all.for_each(|(label, _)| cores[label.unwrap()] += 1);
    cores.sort_unstable_by(|a, b| b.cmp(a));
    cores
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn wholesale_customers() {
    let text = fs::read_to_string(data("wholesale_customers.csv")).unwrap();
    let fields = text.lines().skip(1).flat_map(|line| line.split(',').skip(2));
    let numbers: Vec<f64> = fields.map(|field| field.parse().unwrap()).collect();
    let rows = scaled(Array2::from_shape_vec((440, 6), numbers).unwrap());
    // Python, scikit-learn 1.9.1: DBSCAN(eps=eps, min_samples=m) of (x - x.mean(0)) / x.std(0), x = log1p of
    // the six columns of spend; digested as in the tests of made data.
    for (eps, min_points, known, known_cores, known_digest) in [
        (0.7, 3, [132, 53, 255], &[70, 33, 7, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1][..], 0x645f_36fd),
        (0.8, 5, [129, 81, 230], &[127, 1, 1], 0x8695_9b06),
        (1.0, 8, [177, 117, 146], &[176, 1], 0x84c7_89bc),
        (1.2, 10, [257, 89, 94], &[257], 0xe869_f6e8),
    ] {
        let found = fit(&rows, eps, min_points);
        assert_eq!((counts(&found), &cores(&found)[..], digest(&found)), (known, known_cores, known_digest));
    }
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn rfm_of_cdnow() {
    let ledger = cdnow::read("cdnow_sample.txt", false, 1);
    let people = Observation::until(cdnow::end()).summarise(&ledger).unwrap();
    let numbers = people.iter().flat_map(|one| {
        [f64::from(one.idle().days()), f64::from(one.purchase_days()), one.total().minor() as f64 / 100.0]
    });
    let rows = scaled(Array2::from_shape_vec((2357, 3), numbers.collect()).unwrap());
    // The same of the days since the last purchase, the days with purchases and the dollars, until 1997-09-30.
    for (eps, min_points, known, known_cores) in CDNOW {
        let found = fit(&rows, eps, min_points);
        assert_eq!((counts(&found), &cores(&found)[..]), (known, known_cores));
    }
}

const CDNOW: [(f64, usize, [u64; 3], &[u64]); 3] = [
    (0.1, 10, [1373, 84, 900], &[1302, 49, 12, 8, 2]),
    (0.2, 20, [1512, 105, 740], &[1345, 166, 1]),
    (0.3, 5, [2038, 57, 262], &[1398, 390, 159, 50, 21, 8, 5, 4, 2, 1]),
];
