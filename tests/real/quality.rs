//! The indices of quality on real data, as scikit-learn 1.9.1 reckons them.

use std::fs;

use ndarray::{Array2, ArrayView2, Axis};
use patronage::cluster::{Agreement, Labels, Points, Silhouette, Spread};

use super::data;

fn table(file: &str) -> Array2<f64> {
    let text = fs::read_to_string(data(file)).unwrap();
    let lines = text.lines().skip(1);
    let numbers: Vec<f64> =
        lines.flat_map(|line| line.split(',').map(|x| x.trim().parse().unwrap())).collect();
    let rows = text.lines().skip(1).count();
    Array2::from_shape_vec((rows, numbers.len() / rows), numbers).unwrap()
}

/// The columns from one on.
fn from(table: &Array2<f64>, column: usize) -> ArrayView2<'_, f64> {
    table.view().split_at(Axis(1), column).1
}

#[allow(clippy::cast_sign_loss, reason = "they are counts")]
fn labels(clusters: usize, numbers: impl Iterator<Item = f64>) -> Labels {
    Labels::new(clusters, &numbers.map(|number| Some(number as usize)).collect::<Vec<_>>()).unwrap()
}

fn near(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-9 * known.abs().max(1.0), "{found} is not {known}");
}

/// Silhouette, Davies-Bouldin, Calinski-Harabasz and the sum of squares.
fn indices_are(points: &Points<'_>, labels: &Labels, known: [f64; 4]) {
    let spread = Spread::of(points, labels).unwrap();
    near(Silhouette::of(points, labels).unwrap().mean(), known[0]);
    near(spread.davies_bouldin().unwrap(), known[1]);
    near(spread.calinski_harabasz().unwrap(), known[2]);
    near(spread.within(), known[3]);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn channels_and_regions_of_a_wholesaler() {
    let table = table("wholesale_customers.csv");
    let points = Points::new(from(&table, 2)).unwrap();
    let channels = labels(3, table.column(0).iter().copied());
    let regions = labels(4, table.column(1).iter().copied());
    indices_are(
        &points,
        &channels,
        [0.237_712_328_114_492_9, 1.625_282_493_974_919, 87.534_670_785_290_49, 131_346_206_588.790_53],
    );
    indices_are(
        &points,
        &regions,
        [-0.043_002_221_190_316_46, 15.168_831_605_780_023, 0.835_031_637_824_269, 156_995_873_087.641_02],
    );
    let agreement = Agreement::of(&channels, &regions).unwrap();
    near(agreement.rand_index(), 0.503_158_003_727_479_8);
    near(agreement.adjusted_rand_index(), -0.007_851_131_559_153_212);
    near(agreement.mutual_information(), 0.005_069_216_087_457_057);
    near(agreement.adjusted_mutual_information(), 0.003_942_956_482_628_587);
    near(agreement.normalised_mutual_information(), 0.007_187_412_050_767_062);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn purchases_of_cdnow() {
    let table = table("cdnow_customers_summary.csv");
    let points = Points::new(from(&table, 1)).unwrap();
    let counts = labels(5, table.column(1).iter().map(|count| count.min(4.0)));
    indices_are(
        &points,
        &counts,
        [0.351_461_659_074_331_3, 4.563_194_124_606_011, 1_073.448_322_331_608_6, 109_251.629_334_404_5],
    );
}
