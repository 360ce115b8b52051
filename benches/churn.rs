//! Learning who leaves.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::{
    churn::{Examples, Forest, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::Features,
};

const WIDTH: u64 = 20;

/// Columns of numbers from 0 to 1, in no order that the eye can see; the risk rises with the first two.
fn examples(rows: u32) -> Examples {
    let number = |row: u32, column: u64| {
        let mixed = (u64::from(row) * WIDTH + column + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let people: Customers = (0..rows).map(CustomerId::from).collect();
    let column = |at: u64| (format!("x{at}"), (0..rows).map(|row| Some(number(row, at))).collect());
    let known = Predictors::of(&Features::new(people, Day::default(), (0..WIDTH).map(column)).unwrap());
    let left = |row: u32| number(row, 0) + number(row, 1) + number(row, WIDTH + 7) > 1.8;
    Examples::new(known, (0..rows).map(left).collect()).unwrap()
}

fn forest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forest of 20 trees, by rows");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for rows in [1_000, 10_000, 100_000] {
        let examples = examples(rows);
        group.throughput(Throughput::Elements(u64::from(rows)));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &examples, |bencher, examples| {
            bencher.iter(|| {
                let model = Forest::new(20, 1).fit(black_box(examples)).unwrap();
                // The two columns that matter, and not the others.
                let parts: Vec<f64> = model.importance().map(|column| column.1).collect();
                assert!(parts[..2].iter().all(|part| *part > 3.0 * parts[2]), "{parts:?}");
                model
            });
        });
    }
    group.finish();
}

criterion_group!(benches, forest);
criterion_main!(benches);
