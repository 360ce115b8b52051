//! Scoring and naming customers, from summaries to segments.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod workload;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::{
    model::Assignment,
    rfm::{Dimension, Scheme, Scores, SegmentMap},
    summary::{Observation, Summaries},
};
use std::hint::black_box;
use workload::{SIZES, Workload, peak_bytes_a_row};

fn score_and_name(people: &Summaries, map: &SegmentMap) -> (Scores, Assignment) {
    let scores = Scheme::fifths().fit(people).unwrap().score(people).unwrap();
    let segments = map.name(&scores).unwrap();
    (scores, segments)
}

/// How many customers have the best score for money, by sorting them all.
fn top_fifth(people: &Summaries) -> usize {
    let mut totals: Vec<i64> = people.totals().to_vec();
    totals.sort_unstable();
    let (place, fifths) = ((totals.len() - 1) * 4 / 5, (totals.len() - 1) * 4 % 5);
    let (below, above) = (totals[place] as f64, totals[place + usize::from(fifths > 0)] as f64);
    let cut = below + (above - below) * fifths as f64 / 5.0;
    totals.iter().filter(|&&total| total as f64 > cut).count()
}

fn fifths_and_the_standard_map(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fifths and the standard map, by customers");
    group.sample_size(20);
    let map = SegmentMap::standard();
    for rows in SIZES {
        let work = Workload::new(rows);
        let people = Observation::until(work.last_day()).summarise(&work.ledger()).unwrap();
        let (customers, known) = (people.len(), top_fifth(&people));
        let peak = peak_bytes_a_row(customers, || score_and_name(&people, &map));
        println!("fifths and the standard map: {peak:.1} bytes a customer at the peak");
        group.throughput(Throughput::Elements(customers as u64));
        group.bench_with_input(BenchmarkId::from_parameter(customers), &people, |bencher, people| {
            bencher.iter(|| {
                let (scores, segments) = score_and_name(black_box(people), &map);
                assert_eq!(scores.counts(Dimension::Monetary)[4] as usize, known);
                segments
            });
        });
    }
    group.finish();
}

criterion_group!(benches, fifths_and_the_standard_map);
criterion_main!(benches);
