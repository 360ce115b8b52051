//! How long customers stay.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::churn::survival::{Covariates, Cox, KaplanMeier, Lifetimes};

const SIZES: [u32; 3] = [1_000, 10_000, 100_000];

/// What the covariates do to the logarithm of the hazard.
const TRUTH: [f64; 5] = [2.0, -1.0, 0.0, 0.5, -2.0];

/// From 0 to 1, in no order that the eye can see.
fn number(row: u32, column: u64) -> f64 {
    let mixed = (u64::from(row) * 8 + column + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ mixed >> 31) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Exponential lifetimes with a mean of 300 days where the score is 0, watched for up to 900 days.
fn lifetimes(rows: u32, whole: bool, score: impl Fn(u32) -> f64) -> (Vec<f64>, Vec<bool>) {
    let one = |row: u32| {
        let leaves = -300.0 * (1.0 - number(row, 5)).ln() * (-score(row)).exp();
        let end = 900.0 * number(row, 6);
        let until = leaves.min(end);
        (if whole { until.ceil() } else { until }, leaves <= end)
    };
    (0..rows).map(one).unzip()
}

fn kaplan_meier(criterion: &mut Criterion) {
    for (name, whole) in [("days", true), ("instants", false)] {
        let mut group = criterion.benchmark_group(format!("Kaplan-Meier of {name}, by rows"));
        group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
        for rows in SIZES {
            let (durations, events) = lifetimes(rows, whole, |_| 0.0);
            group.throughput(Throughput::Elements(u64::from(rows)));
            group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
                bencher.iter(|| {
                    let seen = Lifetimes::new(black_box(&durations), &events).unwrap();
                    let curve = KaplanMeier::of(&seen);
                    // 300 ln 2, with an error of some 15 days among a thousand.
                    let median = curve.median().unwrap();
                    assert!((median - 208.0).abs() < 60.0, "{median}");
                    curve
                });
            });
        }
        group.finish();
    }
}

fn cox(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Cox with 5 covariates, by rows");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    for rows in SIZES {
        let score = |row: u32| (0..5).zip(TRUTH).map(|(column, truth)| truth * number(row, column)).sum();
        let (durations, events) = lifetimes(rows, true, score);
        let column = |at: u64| (format!("x{at}"), (0..rows).map(|row| number(row, at)).collect::<Vec<_>>());
        let covariates = Covariates::new((0..5).map(column)).unwrap();
        group.throughput(Throughput::Elements(u64::from(rows)));
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter(|| {
                let seen = Lifetimes::new(black_box(&durations), &events).unwrap();
                let model = Cox::default().fit(&seen, &covariates).unwrap();
                for (one, truth) in model.coefficients().iter().zip(TRUTH) {
                    assert!((one.value - truth).abs() < 5.0 * one.std_error, "{one:?} {truth}");
                }
                model
            });
        });
    }
    group.finish();
}

criterion_group!(benches, kaplan_meier, cox);
criterion_main!(benches);
