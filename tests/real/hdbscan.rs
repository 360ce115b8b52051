//! HDBSCAN on real customers, where scikit-learn 1.9.1 and hdbscan 0.8.44 agree with one another.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use ndarray::{Array2, Axis};
use patronage::{
    cluster::{Hdbscan, Points},
    domain::Day,
};

use super::data;

/// log(1 + x), and then mean 0 and standard deviation 1, the sum of squares divided by the number of rows.
fn scaled(mut rows: Array2<f64>) -> Array2<f64> {
    rows.mapv_inplace(f64::ln_1p);
    for mut column in rows.axis_iter_mut(Axis(1)) {
        let (mean, deviation) = (column.mean().unwrap(), column.std(0.0));
        column.mapv_inplace(|x| (x - mean) / deviation);
    }
    rows
}

/// Days since the last purchase, days with one, and dollars, at the end of June 1998.
fn cdnow() -> Array2<f64> {
    let mut customers: BTreeMap<u32, (BTreeSet<Day>, f64)> = BTreeMap::new();
    for line in fs::read_to_string(data("cdnow_sample.txt")).unwrap().lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let date = format!("{}-{}-{}", &fields[2][..4], &fields[2][4..6], &fields[2][6..]);
        let (days, cents) = customers.entry(fields[1].parse().unwrap()).or_default();
        days.insert(date.parse().unwrap());
        *cents += (fields[4].parse::<f64>().unwrap() * 100.0).round();
    }
    let end = Day::ymd(1998, 6, 30).unwrap();
    let row = |(days, cents): &(BTreeSet<Day>, f64)| {
        [f64::from(end.since(*days.last().unwrap()) as u32), days.len() as f64, cents / 100.0]
    };
    let all: Vec<f64> = customers.values().flat_map(row).collect();
    Array2::from_shape_vec((customers.len(), 3), all).unwrap()
}

/// The six columns of spend.
fn wholesale() -> Array2<f64> {
    let text = fs::read_to_string(data("wholesale_customers.csv")).unwrap();
    let numbers =
        |line: &str| line.split(',').skip(2).map(|x| x.trim().parse().unwrap()).collect::<Vec<f64>>();
    let all: Vec<f64> = text.lines().skip(1).flat_map(numbers).collect();
    Array2::from_shape_vec((all.len() / 6, 6), all).unwrap()
}

#[track_caller]
fn agrees(rows: &Array2<f64>, how: Hdbscan, sizes: &[u64], noise: u64, strengths: f64) {
    let found = how.fit(&Points::new(rows.view()).unwrap()).unwrap();
    assert_eq!((found.labels().sizes(), found.labels().noise()), (sizes.to_vec(), noise));
    let sum: f64 = found.strengths().iter().sum();
    assert!((sum / strengths - 1.0).abs() < 1e-9, "{sum} is not {strengths}");
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn wholesale_customers() {
    let rows = scaled(wholesale());
    assert_eq!(rows.nrows(), 440);
    agrees(&rows, Hdbscan::new(10).min_samples(3), &[237, 11], 192, 238.413_002_143_818);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn customers_of_cdnow() {
    let rows = scaled(cdnow());
    assert_eq!(rows.nrows(), 2357);
    agrees(&rows, Hdbscan::new(15), &[1207, 485, 369], 296, 1797.690_511_220_759);
    agrees(&rows, Hdbscan::new(25).min_samples(10), &[1208, 377, 267, 160], 345, 1788.398_360_614_555);
    agrees(&rows, Hdbscan::new(50), &[1204, 293, 153], 707, 1411.399_344_241_382);
}
