//! k-means of real customers, from the same start as scikit-learn 1.9.1: rows 0, n / k, 2 n / k ... of columns that
//! were brought to ln(1 + x), a mean of 0 and a deviation of 1.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use ndarray::{Array2, Axis};
use patronage::{
    cluster::{KMeansModel, Points},
    domain::Day,
};

use super::data;
use crate::agrees::k_means::start;

fn fit(rows: &Array2<f64>, k: usize) -> KMeansModel {
    let logs = rows.mapv(f64::ln_1p);
    let centred = &logs - &logs.mean_axis(Axis(0)).unwrap();
    let scaled = &centred / &centred.std_axis(Axis(0), 0.0);
    start(&scaled, k).fit(&Points::new(scaled.view()).unwrap()).unwrap().model
}

#[track_caller]
fn agrees(model: &KMeansModel, inertia: f64, steps: u32, sizes: &[u64]) {
    assert!((model.inertia() / inertia - 1.0).abs() < 1e-10, "{} {inertia}", model.inertia());
    assert_eq!((model.steps(), model.sizes()), (steps, sizes));
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn wholesale_customers() {
    let text = fs::read_to_string(data("wholesale_customers.csv")).unwrap();
    let numbers: Vec<f64> = text
        .lines()
        .skip(1)
        .flat_map(|line| {
            line.trim().split(',').skip(2).map(|field| field.parse().unwrap()).collect::<Vec<_>>()
        })
        .collect();
    let rows = Array2::from_shape_vec((440, 6), numbers).unwrap();
    agrees(&fit(&rows, 3), 1_553.769_120_996_791_1, 11, &[85, 215, 140]);
    agrees(&fit(&rows, 5), 1_267.229_156_841_776, 17, &[108, 81, 101, 54, 96]);
    agrees(&fit(&rows, 8), 1_035.154_532_918_562, 15, &[34, 39, 81, 86, 21, 13, 67, 99]);
}

/// Recency in days to the 30th of June 1998, days with a purchase, and dollars, over the whole sample.
#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn cdnow() {
    let text = fs::read_to_string(data("cdnow_sample.txt")).unwrap();
    let mut people: BTreeMap<u32, (BTreeSet<Day>, f64)> = BTreeMap::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let day = fields[2];
        let one = people.entry(fields[1].parse().unwrap()).or_default();
        one.0.insert(format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]).parse().unwrap());
        one.1 += fields[4].parse::<f64>().unwrap();
    }
    let end = Day::ymd(1998, 6, 30).unwrap();
    let row = |(days, dollars): &(BTreeSet<Day>, f64)| {
        [f64::from(end.since(*days.last().unwrap())), days.len() as f64, *dollars]
    };
    let rows = Array2::from(people.values().map(row).collect::<Vec<_>>());
    assert_eq!(rows.nrows(), 2357);
    agrees(&fit(&rows, 4), 1_605.406_286_423_506_6, 20, &[478, 905, 731, 243]);
    agrees(&fit(&rows, 8), 931.509_780_421_907_6, 63, &[188, 348, 8, 255, 686, 668, 73, 131]);
}
