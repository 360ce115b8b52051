//! A ledger to summaries, and raw columns to summaries and to totals, in time and memory.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(missing_docs, reason = "criterion's macros make items without docs")]

mod workload;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patronage::summary::{Observation, Summaries, Totals, TotalsTable};
use std::hint::black_box;
use workload::{SIZES, Workload, peak_bytes_a_row};

fn summaries(work: &Workload) -> Summaries {
    Observation::until(work.last_day()).summarise(&work.ledger()).unwrap()
}

fn columns_to_summaries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("columns to summaries");
    group.sample_size(10);
    for rows in SIZES {
        let work = Workload::new(rows);
        let known = work.customer_days() as u64;
        let peak = peak_bytes_a_row(rows, || summaries(&work));
        println!("columns to summaries, {rows} rows: {peak:.1} bytes a row at the peak");
        // In a small ledger the room to sort in outweighs the rest.
        assert!(peak < 40.0 || rows < 1_000_000);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &work, |bencher, work| {
            bencher.iter(|| {
                let people = summaries(black_box(work));
                assert_eq!(people.purchases().iter().map(|&count| u64::from(count)).sum::<u64>(), known);
                people
            });
        });
    }
    group.finish();
}

fn ledger_to_summaries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger to summaries");
    group.sample_size(10);
    for rows in SIZES {
        let work = Workload::new(rows);
        let known = work.customer_days() as u64;
        let (ledger, seen) = (work.ledger(), Observation::until(work.last_day()));
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &ledger, |bencher, ledger| {
            bencher.iter(|| {
                let people = seen.summarise(black_box(ledger)).unwrap();
                assert_eq!(people.purchases().iter().map(|&count| u64::from(count)).sum::<u64>(), known);
                people
            });
        });
    }
    group.finish();
}

fn columns_to_totals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("columns to totals");
    group.sample_size(10);
    for rows in SIZES {
        let work = Workload::new(rows);
        let customers = work.customers();
        let peak = peak_bytes_a_row(rows, || TotalsTable::of(&work.columns()).unwrap());
        println!("columns to totals, {rows} rows: {peak:.1} bytes a row at the peak");
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &work, |bencher, work| {
            bencher.iter(|| {
                let table = TotalsTable::of(&black_box(work).columns()).unwrap();
                assert_eq!(table.customers().len(), customers);
                assert_eq!(table.totals().iter().map(Totals::rows).sum::<u64>(), rows as u64);
                table
            });
        });
    }
    group.finish();
}

criterion_group!(benches, columns_to_summaries, ledger_to_summaries, columns_to_totals);
criterion_main!(benches);
