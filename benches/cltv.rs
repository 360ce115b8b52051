//! Fitting the purchase models, and scoring customers with them.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "workload/histories.rs"]
mod histories;

use std::{hint::black_box, ops::RangeInclusive, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use histories::{AHEAD, Simulated};
use patronage::{
    cltv::{BgNbd, BgNbdModel, ParetoNbd, ParetoNbdModel},
    domain::{Horizon, Tick},
    model::{Estimate, Fit, Parametric, PurchaseEstimator, PurchaseForecast},
    summary::HistoryTable,
};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Those of the CDNOW sample, in weeks (Fader, Hardie & Lee 2005).
const BG_NBD: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
const PARETO_NBD: [f64; 4] = [0.553, 10.578, 0.606, 11.669];

/// An estimate of a sum is asked to lie within so many standard errors of the truth.
const FAR: f64 = 5.0;

fn fitting(criterion: &mut Criterion) {
    fit(criterion, &BgNbd::default(), BG_NBD, Simulated::bg_nbd);
    fit(criterion, &ParetoNbd::default(), PARETO_NBD, Simulated::pareto_nbd);
}

fn fit<E: PurchaseEstimator>(
    criterion: &mut Criterion,
    estimator: &E,
    truth: [f64; 4],
    simulate: impl Fn(usize, [f64; 4]) -> Simulated,
) where
    E::Model: Parametric,
{
    let mut group = criterion.benchmark_group(format!("fit {}, by customers", estimator.name()));
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for customers in SIZES {
        let Simulated { people, .. } = simulate(customers, truth);
        group.throughput(Throughput::Elements(customers as u64));
        group.bench_with_input(BenchmarkId::from_parameter(customers), &people, |bencher, people| {
            bencher.iter(|| {
                let fit = estimator.fit(black_box(people)).unwrap();
                assert!(finds(&fit, truth), "{:?} of {truth:?}", fit.estimates());
                fit
            });
        });
    }
    group.finish();
}

fn finds<M: Parametric>(fit: &Fit<M>, truth: [f64; 4]) -> bool {
    let near = |(estimate, truth): (&Estimate, f64)| {
        (estimate.value - truth).abs() < FAR * estimate.std_error.unwrap()
    };
    fit.stop().is_converged() && fit.estimates().iter().zip(truth).all(near)
}

fn scoring(criterion: &mut Criterion) {
    let [r, alpha, a, b] = BG_NBD;
    score(criterion, "BG/NBD", &BgNbdModel::new(Tick::Week, r, alpha, a, b).unwrap(), |customers| {
        Simulated::bg_nbd(customers, BG_NBD)
    });
    let [r, alpha, s, beta] = PARETO_NBD;
    score(
        criterion,
        "Pareto/NBD",
        &ParetoNbdModel::new(Tick::Week, r, alpha, s, beta).unwrap(),
        |customers| Simulated::pareto_nbd(customers, PARETO_NBD),
    );
}

/// P(alive) and expected purchases of everybody.
fn scores(model: &impl PurchaseForecast, people: &HistoryTable) -> [Vec<f64>; 2] {
    [model.p_alive(people), model.expected_purchases(people, Horizon::weeks(AHEAD))]
}

fn score(
    criterion: &mut Criterion,
    name: &str,
    model: &impl PurchaseForecast,
    simulate: impl Fn(usize) -> Simulated,
) {
    let mut group = criterion.benchmark_group(format!("score by {name}, by customers"));
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for customers in SIZES {
        let simulated = simulate(customers);
        let known = known_sums(&simulated, &model.p_alive(&simulated.people));
        let people = &simulated.people;
        group.throughput(Throughput::Elements(customers as u64));
        group.bench_with_input(BenchmarkId::from_parameter(customers), people, |bencher, people| {
            bencher.iter(|| {
                let answer = scores(model, black_box(people));
                for (column, known) in answer.iter().zip(&known) {
                    assert!(known.contains(&column.iter().sum()), "not in {known:?}");
                }
                answer
            });
        });
    }
    group.finish();
}

/// Between what the sums of both scores must lie: those who are customers still vary about the sum of the
/// probabilities by their own variance, and the purchases that they make by that of the sample.
fn known_sums(simulated: &Simulated, p_alive: &[f64]) -> [RangeInclusive<f64>; 2] {
    let alive = simulated.alive.iter().filter(|&&alive| alive).count() as f64;
    let variance: f64 = p_alive.iter().map(|p| p * (1.0 - p)).sum();
    let (count, bought) = (p_alive.len() as f64, simulated.ahead.iter().sum::<f64>());
    let squares: f64 = simulated.ahead.iter().map(|ahead| (ahead - bought / count).powi(2)).sum();
    [(alive, variance), (bought, squares)].map(|(sum, variance)| {
        let away = FAR * variance.sqrt();
        sum - away..=sum + away
    })
}

criterion_group!(benches, fitting, scoring);
criterion_main!(benches);
