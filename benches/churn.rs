//! Learning who leaves, scoring, and judging the scores.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::{
    churn::{Boosting, ChurnModel, Examples, Forest, Logistic, Outcomes, Penalty, Predictors},
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

/// `work` on so many examples, at three sizes.
fn by_rows<R>(criterion: &mut Criterion, name: &str, work: impl Fn(&Examples) -> R) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for rows in [1_000, 10_000, 100_000] {
        let examples = examples(rows);
        group.throughput(Throughput::Elements(u64::from(rows)));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &examples, |bencher, examples| {
            bencher.iter(|| work(black_box(examples)));
        });
    }
    group.finish();
}

/// The two columns that matter matter, and the others do not.
fn assert_parts<'a>(importance: impl Iterator<Item = (&'a str, f64)>) {
    let parts: Vec<f64> = importance.map(|column| column.1).collect();
    assert!(parts[..2].iter().all(|part| *part > 3.0 * parts[2]), "{parts:?}");
}

fn forest(criterion: &mut Criterion) {
    by_rows(criterion, "forest of 20 trees, by rows", |examples| {
        let model = Forest::new(20, 1).fit(examples).unwrap();
        assert_parts(model.importance());
        model
    });
}

fn boosting(criterion: &mut Criterion) {
    by_rows(criterion, "boosting of 50 trees, by rows", |examples| {
        let model = Boosting::new(1).rounds(50).fit(examples).unwrap();
        assert_parts(model.importance());
        model
    });
}

fn logistic(criterion: &mut Criterion) {
    by_rows(criterion, "logistic regression, by rows", |examples| {
        let model = Logistic::new(Penalty::ridge(1.0)).fit(examples).unwrap();
        let slopes: Vec<f64> = model.coefficients().iter().map(|one| one.value).collect();
        assert!(slopes[..2].iter().all(|slope| *slope > 1.0 && *slope > 3.0 * slopes[2].abs()), "{slopes:?}");
        model
    });
}

/// Scoring by the sum of the two columns that matter, and the area under the curve of it.
fn measures(criterion: &mut Criterion) {
    let model = Logistic::new(Penalty::ridge(1.0)).fit(&examples(10_000)).unwrap();
    by_rows(criterion, "logistic scores, by rows", |examples| {
        let risks = model.probabilities(examples.predictors()).unwrap();
        assert!(risks.len() == examples.len() && risks.iter().all(|risk| *risk > 0.0 && *risk < 1.0));
        risks
    });
    let name = "area under the curve of logistic scores, by rows";
    by_rows(criterion, name, |examples| {
        let risks = model.probabilities(examples.predictors()).unwrap();
        let area = Outcomes::new(&risks, examples.churned()).unwrap().auc().unwrap();
        assert!((0.65..0.95).contains(&area.value()), "{area}");
        area
    });
}

criterion_group!(benches, forest, boosting, logistic, measures);
criterion_main!(benches);
