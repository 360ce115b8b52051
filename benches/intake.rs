//! Raw columns to a ledger, in time and memory.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(missing_docs, reason = "criterion's macros make items without docs")]

mod workload;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use workload::{SIZES, Workload, peak_bytes_a_row};

fn columns_to_ledger(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("columns to ledger");
    group.sample_size(10);
    for rows in SIZES {
        let work = Workload::new(rows);
        let customers = work.customers();
        let peak = peak_bytes_a_row(rows, || work.ledger());
        println!("columns to ledger, {rows} rows: {peak:.1} bytes a row at the peak");
        // In a small ledger the room to sort in outweighs the rest.
        assert!(peak < 40.0 || rows < 1_000_000);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &work, |bencher, work| {
            bencher.iter(|| {
                let ledger = black_box(work).ledger();
                assert_eq!(ledger.customers().len(), customers);
                ledger
            });
        });
    }
    group.finish();
}

criterion_group!(benches, columns_to_ledger);
criterion_main!(benches);
