//! Shifted beta-geometric with itself, and with contracts simulated by its story.

use patronage::{
    cltv::{ShiftedBetaGeometric, ShiftedBetaGeometricModel, Survivors},
    domain::{Rate, Tick},
    model::{Fit, Stop},
};
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How often each of many customers renewed, up to 60 times.
fn simulated(alpha: f64, beta: f64, customers: usize) -> Vec<u32> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(31);
    let leaving = Beta::new(alpha, beta).unwrap();
    let mut one = || {
        let theta = leaving.sample(&mut chance);
        (0..60).take_while(|_| !chance.gen_bool(theta)).count() as u32
    };
    (0..customers).map(|_| one()).collect()
}

fn counts(renewals: &[u32], periods: u32) -> Vec<u64> {
    (0..=periods).map(|t| renewals.iter().filter(|&&times| times >= t).count() as u64).collect()
}

#[test]
fn simulated_contracts_last_as_expected() {
    let (alpha, beta) = (2.5, 4.0);
    let model = ShiftedBetaGeometricModel::new(Tick::Month, alpha, beta).unwrap();
    let renewals = simulated(alpha, beta, 100_000);
    let all = renewals.len() as f64;
    for t in 1..20 {
        let share = renewals.iter().filter(|&&times| times >= t).count() as f64 / all;
        let known = model.survival(t);
        assert!((share - known).abs() < 4.0 * (known * (1.0 - known) / all).sqrt(), "{t}: {share} {known}");
    }
    // What one who renewed three times goes on to pay, each month at 5 % less.
    let rate = Rate::monthly(0.05).unwrap();
    let paid: Vec<f64> = renewals
        .iter()
        .filter(|&&times| times >= 3)
        .map(|&times| (3..times).map(|at| 1.05_f64.powf(3.0 - f64::from(at))).sum())
        .collect();
    let (count, known) = (paid.len() as f64, model.discounted_residual_lifetime(3, rate));
    let mean = paid.iter().sum::<f64>() / count;
    let variance = paid.iter().map(|each| (each - mean).powi(2)).sum::<f64>() / count;
    assert!((mean - known).abs() < 4.0 * (variance / count).sqrt(), "{mean} {known}");

    let contracts = Survivors::new(Tick::Month).cohort(&counts(&renewals[..40_000], 9)).unwrap();
    let contracts = contracts.cohort(&counts(&renewals[40_000..], 4)).unwrap();
    let fit: Fit<_> = ShiftedBetaGeometric::default().fit(&contracts).unwrap();
    assert_eq!(fit.stop(), Stop::Converged);
    for (found, truth) in fit.estimates().iter().zip([alpha, beta]) {
        assert!((found.value - truth).abs() < 4.0 * found.std_error.unwrap(), "{found:?} {truth}");
    }
}

#[test]
fn what_is_asked_of_a_lifetime_agrees() {
    for (alpha, beta) in [(0.7, 1.2), (1.0, 1.0), (4.0, 9.0), (1e-6, 3.0), (1e9, 3e9)] {
        let model = ShiftedBetaGeometricModel::new(Tick::Year, alpha, beta).unwrap();
        let mut left = 0.0;
        for t in 1..200 {
            left += model.lifetime_probability(t);
            let survival = model.survival(t);
            assert!((left + survival - 1.0).abs() < 1e-12, "{alpha} {beta} {t}");
            let product = model.survival(t - 1) * model.retention_rate(t);
            assert!((survival - product).abs() < 1e-11 * product, "{alpha} {beta} {t}");
        }
        for tenure in [0, 1, 30] {
            // Tomorrow's value is what is left of today's once the first renewal has been paid.
            let rate = Rate::yearly(0.08).unwrap();
            let here = model.discounted_residual_lifetime(tenure, rate);
            let next = 1.0 + model.discounted_residual_lifetime(tenure + 1, rate) / 1.08;
            let known = model.retention_rate(tenure + 1) * next;
            assert!((here / known - 1.0).abs() < 1e-9, "{alpha} {beta} {tenure}: {here} {known}");
        }
    }
}

#[test]
fn lifetimes_without_a_discount_are_the_limit_of_those_with_one() {
    let model = ShiftedBetaGeometricModel::new(Tick::Year, 3.5, 6.0).unwrap();
    let none = model.discounted_residual_lifetime(4, Rate::yearly(0.0).unwrap());
    let hardly = model.discounted_residual_lifetime(4, Rate::yearly(1e-9).unwrap());
    assert!((none - model.expected_residual_lifetime(4)).abs() < 1e-12 && (none - 4.0).abs() < 1e-12);
    assert!((hardly / none - 1.0).abs() < 1e-7, "{hardly} {none}");
}
