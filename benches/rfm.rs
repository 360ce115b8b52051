//! Scoring and naming, from summaries to segments.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::{
    domain::{Columns, Currency, Day, Ledger, Policies},
    model::Assignment,
    rfm::{Scheme, SegmentMap},
    summary::{Observation, Summaries},
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::hint::black_box;

/// Ten purchases a customer on average, over two years, in cents.
fn people(customers: u64) -> Summaries {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let start = Day::ymd(2024, 1, 1).unwrap();
    let rows = customers * 10;
    let ids: Vec<u64> = (0..rows).map(|_| random.gen_range(0..customers).wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    let days: Vec<Day> = (0..rows).map(|_| start.plus(random.gen_range(0..730))).collect();
    let amounts: Vec<i64> = (0..rows).map(|_| random.gen_range(100..20_000)).collect();
    let columns = Columns::new(&ids[..], &days, &amounts);
    let ledger = Ledger::from_columns(Currency::USD, &columns, Policies::default()).unwrap();
    Observation::until(start.plus(729)).summarise(&ledger).unwrap()
}

fn name(people: &Summaries, map: &SegmentMap) -> Assignment {
    let cuts = Scheme::fifths().fit(people).unwrap();
    map.name(&cuts.score(people).unwrap()).unwrap()
}

fn score_and_name(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rfm/fifths_and_standard_map");
    let map = SegmentMap::standard();
    for customers in [1_000, 100_000, 1_000_000] {
        let people = people(customers);
        let known = name(&people, &map).sizes();
        assert_eq!(known.iter().sum::<u64>(), people.len() as u64);
        group.throughput(Throughput::Elements(customers));
        group.sample_size(20);
        group.bench_with_input(BenchmarkId::from_parameter(customers), &people, |bench, people| {
            bench.iter(|| assert_eq!(name(black_box(people), &map).sizes(), known));
        });
    }
    group.finish();
}

criterion_group!(benches, score_and_name);
criterion_main!(benches);
