//! Scoring and naming, from summaries to segments, in time and memory.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(missing_docs, reason = "criterion's macros make items without docs")]

mod workload;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::{
    model::Assignment,
    rfm::{Dimension, Scheme, SegmentMap, SegmentTable},
    summary::{Observation, Summaries},
};
use std::hint::black_box;
use workload::{SIZES, Workload, peak_bytes_a_row};

fn people(rows: usize) -> Summaries {
    let work = Workload::new(rows);
    Observation::until(work.last_day()).summarise(&work.ledger()).unwrap()
}

fn name(people: &Summaries, map: &SegmentMap) -> Assignment {
    let cuts = Scheme::fifths().fit(people).unwrap();
    map.name(&cuts.score(people).unwrap()).unwrap()
}

/// The sizes of the segments, by a full sort and a look at every cell.
fn sizes(people: &Summaries, map: &SegmentMap) -> Vec<u64> {
    let column = |of: fn(&Summaries, usize) -> i64| {
        let values: Vec<i64> = (0..people.len()).map(|row| of(people, row)).collect();
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let last = sorted.len() - 1;
        // Five times the cut, so that nothing is rounded.
        let cuts = [1, 2, 3, 4].map(|k| {
            let (rank, step) = (last * k / 5, (last * k % 5) as u32);
            sorted[rank] * (5 - i64::from(step)) + sorted[(rank + 1).min(last)] * i64::from(step)
        });
        let below = move |value: i64| cuts.iter().filter(|&&cut| cut < value * 5).count();
        values.into_iter().map(below).collect::<Vec<usize>>()
    };
    let idle = column(|people, row| i64::from(people.as_of().since(people.last_days()[row])));
    let orders = column(|people, row| i64::from(people.orders()[row]));
    let totals = column(|people, row| people.totals()[row]);
    let mut counts = vec![0; map.segments().len()];
    for row in 0..people.len() {
        let code = format!("{}{}{}", 5 - idle[row], 1 + orders[row], 1 + totals[row]);
        let name = map.name_of(code.parse().unwrap()).unwrap();
        counts[map.segments().iter().position(|segment| segment.name == name).unwrap()] += 1;
    }
    counts
}

fn score_and_name(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("score in fifths and name");
    group.sample_size(20);
    let map = SegmentMap::standard();
    for rows in SIZES {
        let people = people(rows);
        let known = sizes(&people, &map);
        let peak = peak_bytes_a_row(people.len(), || name(&people, &map));
        println!(
            "score in fifths and name, {} customers: {peak:.1} bytes a customer at the peak",
            people.len()
        );
        group.throughput(Throughput::Elements(people.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(people.len()), &people, |bencher, people| {
            bencher.iter(|| {
                let named = name(black_box(people), &map);
                assert_eq!(named.sizes(), known);
                named
            });
        });
    }
    group.finish();
}

fn score_by_learned_cuts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("score by learned cuts");
    group.sample_size(20);
    for rows in SIZES {
        let people = people(rows);
        let cuts = Scheme::fifths().fit(&people).unwrap();
        group.throughput(Throughput::Elements(people.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(people.len()), &people, |bencher, people| {
            bencher.iter(|| {
                let scores = cuts.score(black_box(people)).unwrap();
                let learned = cuts.of(Dimension::Monetary).counts();
                assert_eq!(scores.counts(Dimension::Monetary), learned);
                scores
            });
        });
    }
    group.finish();
}

fn sum_up(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sum segments up");
    group.sample_size(20);
    for rows in SIZES {
        let people = people(rows);
        let named = name(&people, &SegmentMap::standard());
        let known: i64 = people.totals().iter().sum();
        group.throughput(Throughput::Elements(people.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(people.len()), &named, |bencher, named| {
            bencher.iter(|| {
                let table = SegmentTable::of(black_box(named), &people).unwrap();
                assert_eq!(table.all().revenue.minor(), known);
                table
            });
        });
    }
    group.finish();
}

criterion_group!(benches, score_and_name, score_by_learned_cuts, sum_up);
criterion_main!(benches);
