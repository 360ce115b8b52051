//! BG/BB on any parameters and any histories.

use patronage::{
    cltv::{BgBb, BgBbModel},
    domain::{Horizon, Rate, Tick},
    model::{
        AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseEstimator, PurchaseForecast,
        Stop,
    },
    summary::{History, HistoryTable},
};
use proptest::{prelude::*, test_runner::TestRunner};

/// Numbers of any size.
fn sizes() -> impl Strategy<Value = f64> {
    prop_oneof![(-30.0..30.0_f64).prop_map(f64::exp), (-3.0..3.0_f64).prop_map(f64::exp), Just(1.0)]
}

/// Whole histories, short and long.
fn histories() -> impl Strategy<Value = History> {
    of_opportunities(prop_oneof![0..12_u32, 0..2_000_u32, Just(1_000_000_000)])
}

#[allow(clippy::cast_sign_loss, reason = "shares of counts")]
fn of_opportunities(opportunities: impl Strategy<Value = u32>) -> impl Strategy<Value = History> {
    let shares = (0.0..=1.0_f64, 0.0..=1.0_f64);
    (opportunities, shares).prop_map(|(n, (recency, buying))| {
        let whole = |share: f64, of: u32| (share * f64::from(of)).ceil() as u32;
        let last = whole(recency, n);
        let repeats = whole(buying, last);
        History::new(repeats, if repeats > 0 { last.into() } else { 0.0 }, n.into()).unwrap()
    })
}

/// Histories that no opportunities make: times that are not whole, more purchases than fit.
fn other_histories() -> impl Strategy<Value = History> {
    (0..40_u32, 0.0..30.0_f64, 0.0..30.0_f64)
        .prop_map(|(x, a, b)| History::new(x, if x > 0 { a.min(b) } else { 0.0 }, a.max(b)).unwrap())
}

fn forecasts_survive(cases: u32) {
    let points = (sizes(), sizes(), sizes(), sizes(), prop_oneof![histories(), other_histories()]);
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let survive = |(alpha, beta, gamma, delta, history): (f64, f64, f64, f64, History)| {
        let model = BgBbModel::new(Tick::Day, alpha, beta, gamma, delta).unwrap();
        let table = HistoryTable::new(Tick::Day, vec![history]);
        let alive = model.p_alive(&table)[0];
        prop_assert!((0.0..=1.0).contains(&alive), "{alive}");
        let (mut less, mut less_new) = (0.0, 0.0);
        for days in [0, 1, 2, 7, 100, 30_000, u32::MAX] {
            let horizon = Horizon::days(days);
            let expected = model.expected_purchases(&table, horizon)[0];
            let new = model.expected_purchases_new(horizon);
            let most = f64::from(days);
            prop_assert!(expected >= less * (1.0 - 1e-9) && expected <= most, "{days}: {expected} {less}");
            prop_assert!(new >= less_new * (1.0 - 1e-9) && new <= most, "{days}: {new} {less_new}");
            (less, less_new) = (expected, new);
        }
        prop_assert!(model.expected_purchases(&table, Horizon::endless())[0] >= less * (1.0 - 1e-9));
        let discounted = model.discounted_purchases(&table, Rate::yearly(0.1).unwrap()).unwrap()[0];
        prop_assert!(discounted.is_finite() && discounted >= 0.0, "{discounted}");
        let mut distribution = [0.0; 12];
        model.distribution_into(&history, Horizon::days(11), &mut distribution);
        prop_assert!(distribution.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)), "{distribution:?}");
        prop_assert!((distribution.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{distribution:?}");
        Ok(())
    };
    runner.run(&points, survive).unwrap();
}

#[test]
fn forecasts_are_finite_and_grow_with_the_horizon() {
    forecasts_survive(300);
}

#[test]
#[ignore = "takes a while: 100,000 points"]
fn forecasts_are_finite_at_100_000_points() {
    forecasts_survive(100_000);
}

fn fits_survive(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let survive = |rows: Vec<History>| {
        let table = HistoryTable::new(Tick::Week, rows);
        match BgBb::default().fit(&table) {
            Ok(fit) => {
                prop_assert!(fit.log_likelihood().is_finite() && fit.stop() != Stop::NotFinite, "{fit:?}");
                prop_assert!(model_is_sane(&fit.model, &table), "{fit:?}");
            }
            Err(error) => prop_assert!(table.rows().iter().all(|row| row.age() < 0.5), "{error}"),
        }
        Ok(())
    };
    // A long one among the short: it takes as long as a hundred of them.
    let (short, long) = (of_opportunities(0..12_u32), prop::collection::vec(histories(), 0..2));
    let tables = (prop::collection::vec(short, 0..20), long).prop_map(|parts| [parts.0, parts.1].concat());
    runner.run(&tables, survive).unwrap();
}

fn model_is_sane(model: &BgBbModel, table: &HistoryTable) -> bool {
    model.p_alive(table).iter().all(|alive| (0.0..=1.0).contains(alive))
        && model
            .expected_purchases(table, Horizon::weeks(52))
            .iter()
            .all(|expected| (0.0..=52.0).contains(expected))
}

#[test]
fn any_histories_give_a_fit_or_a_refusal() {
    fits_survive(4);
}

#[test]
#[ignore = "takes a while: 200 fits"]
fn any_histories_give_a_fit_or_a_refusal_200_times() {
    fits_survive(200);
}
