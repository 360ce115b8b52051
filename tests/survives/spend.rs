//! Models of spend on any parameters and any customers.

use patronage::{
    cltv::{GammaGamma, GammaGammaModel, NormalNormal, NormalNormalModel, SpendCheck, TwoPart, TwoPartModel},
    domain::Currency,
    model::{Parametric, SpendEstimator, SpendForecast},
    summary::{Spend, SpendTable},
};
use proptest::{prelude::*, test_runner::TestRunner};

/// Numbers of any size, as their natural logarithms.
fn sizes() -> impl Strategy<Value = f64> {
    (-30.0..30.0_f64).prop_map(f64::exp)
}

fn spends() -> impl Strategy<Value = Spend> {
    let purchases = prop_oneof![0..3_u32, 3..500_u32, Just(u32::MAX)];
    let mean = prop_oneof![Just(0.0), sizes(), sizes().prop_map(|size| -size), Just(1e15), Just(-1e15)];
    (purchases, mean).prop_map(|(x, mean)| Spend::new(x, if x == 0 { 0.0 } else { mean }).unwrap())
}

/// Gains and losses of any number and size.
fn signed() -> impl Strategy<Value = Spend> {
    let count = || prop_oneof![3 => 0..3_u32, 2 => 0..500_u32, 1 => Just(u32::MAX / 2)];
    let size = || prop_oneof![8 => sizes(), 1 => Just(1e15), 1 => Just(f64::from_bits(1))];
    (count(), size(), count(), size(), any::<bool>()).prop_map(|(gains, gain, losses, loss, nothing)| {
        let gain = if gains == 0 || nothing { 0.0 } else { gain };
        Spend::signed(gains, gain, losses, if losses == 0 { 0.0 } else { loss }).unwrap()
    })
}

fn forecasts_survive(cases: u32) {
    let points = (sizes(), sizes(), sizes(), prop_oneof![spends(), signed()]);
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let survive = |(a, b, c, spend): (f64, f64, f64, Spend)| {
        let table = SpendTable::new(Currency::USD, vec![spend]);
        let gamma = GammaGammaModel::new(Currency::USD, a, 1.0 + b.max(1e-13), c).unwrap();
        let expected = gamma.expected_spend(&table)[0];
        let (own, all) = (spend.mean().max(0.0), gamma.population_mean());
        prop_assert!(expected.is_finite() && expected >= own.min(all) * (1.0 - 1e-9), "{expected}");
        // Between the mean seen and that of all.
        prop_assert!(expected <= own.max(all) * (1.0 + 1e-9), "{expected} {own} {all}");

        let normal = NormalNormalModel::new(Currency::USD, c - a, a, b).unwrap();
        let expected = normal.expected_spend(&table)[0];
        prop_assert!(expected.is_finite());
        prop_assert!((0.0..=1.0).contains(&normal.gain_probability(&spend)));

        let two_part = TwoPartModel::new(a, b, gamma, gamma).unwrap();
        let expected = two_part.expected_spend(&table)[0];
        let (gain, loss) = (two_part.expected_gain(&spend), two_part.expected_loss(&spend));
        prop_assert!(
            expected.is_finite() && -loss <= expected && expected <= gain,
            "{expected} {gain} {loss}"
        );
        prop_assert!((0.0..=1.0).contains(&two_part.loss_probability(&spend)));
        Ok(())
    };
    runner.run(&points, survive).unwrap();
}

#[test]
fn forecasts_are_finite_and_between_the_means() {
    forecasts_survive(2_000);
}

#[test]
#[ignore = "takes a while: 100,000 points"]
fn forecasts_are_finite_at_100_000_points() {
    forecasts_survive(100_000);
}

fn fits_survive(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let tables = prop_oneof![
        prop::collection::vec(signed(), 0..12),
        // Of one size, as in a shop.
        prop::collection::vec(
            (0..9_u32, 1.0..100.0_f64, 1..4_u32, 1.0..30.0_f64).prop_map(|(gains, gain, losses, loss)| {
                Spend::signed(gains, if gains == 0 { 0.0 } else { gain }, losses, loss).unwrap()
            }),
            1..100
        ),
        prop::collection::vec(spends(), 0..12),
        // Of one size, as in a shop.
        prop::collection::vec(
            (1..9_u32, 1.0..100.0_f64).prop_map(|(x, z)| Spend::new(x, z).unwrap()),
            1..200
        ),
        (spends(), 1..9_usize).prop_map(|(spend, count)| vec![spend; count]),
    ];
    let survive = |rows: Vec<Spend>| {
        let table = SpendTable::new(Currency::USD, rows);
        let used = SpendCheck::of(&table).used();
        prop_assert_eq!(GammaGamma::default().fit(&table).is_ok(), used > 0.0);
        if let Ok(fit) = GammaGamma::default().fit(&table) {
            prop_assert!(fit.model.q() > 1.0 && fit.log_likelihood().is_finite(), "{fit:?}");
            prop_assert!(fit.model.expected_spend(&table).iter().all(|mean| mean.is_finite() && *mean > 0.0));
            prop_assert!((fit.customers() - used).abs() < 1e-9);
        }
        if let Ok(fit) = NormalNormal::default().fit(&table) {
            prop_assert!(fit.log_likelihood().is_finite(), "{fit:?}");
            prop_assert!(fit.model.expected_spend(&table).iter().all(|mean| mean.is_finite()));
        }
        let any = table.rows().iter().any(|spend| spend.gain_mean() > 0.0 || spend.losses() > 0);
        prop_assert_eq!(TwoPart::default().fit(&table).is_ok(), any);
        if let Ok(fit) = TwoPart::default().fit(&table) {
            prop_assert!(fit.log_likelihood().is_finite(), "{fit:?}");
            prop_assert!(fit.model.expected_spend(&table).iter().all(|mean| mean.is_finite()));
            let values: Vec<f64> = fit.estimates().iter().map(|found| found.value).collect();
            prop_assert_eq!(fit.model.with_values(&values).unwrap(), fit.model);
        }
        Ok(())
    };
    runner.run(&tables, survive).unwrap();
}

#[test]
fn any_customers_give_a_fit_or_a_refusal() {
    fits_survive(40);
}

#[test]
#[ignore = "takes a while: 2,000 fits"]
fn any_customers_give_a_fit_or_a_refusal_2_000_times() {
    fits_survive(2_000);
}
