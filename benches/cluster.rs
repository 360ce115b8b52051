//! Finding groups that are known, and judging them.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "workload/points.rs"]
mod workload;

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, Axis};
use patronage::cluster::{Cut, Dbscan, Hdbscan, Hierarchical, KMeans, Labels, Linkage, Points, Silhouette};
use workload::{GROUPS, finds, points};

const WIDTH: usize = 3;

fn k_means(criterion: &mut Criterion) {
    let start = |rows: &Array2<f64>| rows.slice_axis(Axis(0), (..GROUPS).into()).to_owned();
    find(criterion, "k-means", [10_000, 100_000, 1_000_000], |rows| {
        KMeans::starting_at(start(rows)).fit(&Points::new(rows.view()).unwrap()).unwrap().labels
    });
}

fn dbscan(criterion: &mut Criterion) {
    find(criterion, "DBSCAN", [10_000, 100_000, 1_000_000], |rows| {
        Dbscan::new(1.5, 10).fit(&Points::new(rows.view()).unwrap()).unwrap().clustered.labels
    });
}

fn hdbscan(criterion: &mut Criterion) {
    find(criterion, "HDBSCAN", [1_000, 10_000, 100_000], |rows| {
        let found = Hdbscan::new(rows.nrows() / 10).min_samples(5).epsilon(1.5);
        found.fit(&Points::new(rows.view()).unwrap()).unwrap().labels().clone()
    });
}

fn ward(criterion: &mut Criterion) {
    find(criterion, "Ward", [1_000, 10_000, 100_000], |rows| {
        let cut = Hierarchical::new(Linkage::Ward).cut(Cut::Clusters(GROUPS));
        cut.fit(&Points::new(rows.view()).unwrap()).unwrap().labels
    });
}

/// Each size is clustered, and the groups must be those known.
fn find(criterion: &mut Criterion, name: &str, sizes: [usize; 3], way: impl Fn(&Array2<f64>) -> Labels) {
    let mut group = criterion.benchmark_group(format!("{name}, by points"));
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for size in sizes {
        let rows = points(size, WIDTH);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &rows, |bencher, rows| {
            bencher.iter(|| {
                let labels = way(black_box(rows));
                assert!(finds(&labels), "{} clusters", labels.clusters());
                labels
            });
        });
    }
    group.finish();
}

fn silhouette(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("silhouette, by points");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for size in [1_000, 5_000, 20_000] {
        let rows = points(size, WIDTH);
        let numbers: Vec<_> = (0..size).map(|row| Some(row % GROUPS)).collect();
        let labels = Labels::new(GROUPS, &numbers).unwrap();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &rows, |bencher, rows| {
            bencher.iter(|| {
                let found = Silhouette::of(&Points::new(black_box(rows).view()).unwrap(), &labels).unwrap();
                // Groups of radius 1, ten apart.
                assert!(found.mean() > 0.8 && found.mean() < 1.0, "{}", found.mean());
                found
            });
        });
    }
    group.finish();
}

criterion_group!(benches, k_means, dbscan, hdbscan, ward, silhouette);
criterion_main!(benches);
