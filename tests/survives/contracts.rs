//! Shifted beta-geometric on any parameters and any cohorts.

use patronage::{
    cltv::{ShiftedBetaGeometric, ShiftedBetaGeometricModel, Survivors},
    domain::{Rate, Tick},
    model::Stop,
};
use proptest::{prelude::*, test_runner::TestRunner};

fn sizes() -> impl Strategy<Value = f64> {
    prop_oneof![(-30.0..30.0_f64).prop_map(f64::exp), (-3.0..3.0_f64).prop_map(f64::exp)]
}

fn forecasts_survive(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let points = (sizes(), sizes(), prop_oneof![0..50_u32, any::<u32>()], 1e-12..3.0_f64);
    let survive = |(alpha, beta, t, rate): (f64, f64, u32, f64)| {
        let model = ShiftedBetaGeometricModel::new(Tick::Month, alpha, beta).unwrap();
        for share in [model.survival(t), model.lifetime_probability(t), model.retention_rate(t)] {
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }
        prop_assert!(model.survival(t.saturating_add(1)) <= model.survival(t) * (1.0 + 1e-9));
        let rate = Rate::yearly(rate).unwrap();
        let (left, discounted) =
            (model.expected_residual_lifetime(t), model.discounted_residual_lifetime(t, rate));
        prop_assert!(discounted.is_finite() && discounted >= 0.0, "{discounted}");
        // The first renewal is not discounted, the others are.
        prop_assert!(discounted <= left * (1.0 + 1e-9), "{discounted} {left}");
        Ok(())
    };
    runner.run(&points, survive).unwrap();
}

#[test]
fn lifetimes_are_finite() {
    forecasts_survive(300);
}

#[test]
#[ignore = "takes a while: 100,000 points"]
fn lifetimes_are_finite_at_100_000_points() {
    forecasts_survive(100_000);
}

fn fits_survive(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let count = prop_oneof![0..5_u64, 0..10_000_u64, any::<u64>()];
    let cohort = prop::collection::vec(count, 2..20).prop_map(|mut counts| {
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts
    });
    let survive = |cohorts: Vec<Vec<u64>>| {
        let empty = Survivors::new(Tick::Month);
        let all = cohorts.iter().try_fold(empty, |all, counts| all.cohort(counts)).unwrap();
        match ShiftedBetaGeometric::default().fit(&all) {
            Ok(fit) => {
                prop_assert!(fit.log_likelihood().is_finite() && fit.stop() != Stop::NotFinite, "{fit:?}");
                prop_assert!((0..30).all(|t| (0.0..=1.0).contains(&fit.model.survival(t))));
            }
            Err(error) => prop_assert!(error.is_empty() && all.customers() == 0, "{error}"),
        }
        Ok(())
    };
    runner.run(&prop::collection::vec(cohort, 0..4), survive).unwrap();
}

#[test]
fn any_cohorts_give_a_fit_or_a_refusal() {
    fits_survive(100);
}

#[test]
#[ignore = "takes a while: 2,000 fits"]
fn any_cohorts_give_a_fit_or_a_refusal_2_000_times() {
    fits_survive(2_000);
}
