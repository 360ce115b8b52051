//! NBD, BG/NBD and MBG/NBD under any parameters and histories.

use patronage::{
    cltv::{BgNbd, BgNbdModel, MbgNbd, MbgNbdModel, Nbd, NbdModel},
    domain::{Horizon, Rate, Tick},
    model::{ForecastEstimator, PurchaseModel, Stop},
    summary::{History, HistoryTable},
};
use proptest::prelude::*;

/// From `e^-reach` to `e^reach`.
fn positive(reach: f64) -> impl Strategy<Value = f64> {
    (-reach..reach).prop_map(f64::exp)
}

fn histories() -> impl Strategy<Value = History> {
    let repeats = prop_oneof![Just(0), 0..10_u32, 0..1000_u32, any::<u32>()];
    let age = prop_oneof![Just(0.0), positive(20.0), 0.0..200.0, Just(1e9)];
    let share = prop_oneof![Just(1.0), Just(0.0), 0.0..1.0];
    (repeats, age, share).prop_map(|(repeats, age, share)| {
        let recency = if repeats == 0 { 0.0 } else { age * share };
        History::new(repeats, recency, age).unwrap()
    })
}

fn parameters() -> impl Strategy<Value = [f64; 4]> {
    let near_one = prop_oneof![Just(1.0), (-30.0..-1.0).prop_map(|log: f64| 1.0 + log.exp())];
    let a = prop_oneof![3 => positive(4.0), 1 => positive(34.0), 1 => near_one];
    let any = prop_oneof![3 => positive(4.0), 1 => positive(34.0)];
    (any.clone(), any.clone(), a, any).prop_map(|(r, alpha, a, b)| [r, alpha, a, b])
}

fn models([r, alpha, a, b]: [f64; 4]) -> [Box<dyn PurchaseModel>; 3] {
    [
        Box::new(BgNbdModel::new(Tick::Day, r, alpha, a, b).unwrap()),
        Box::new(MbgNbdModel::new(Tick::Day, r, alpha, a, b).unwrap()),
        Box::new(NbdModel::new(Tick::Day, r, alpha).unwrap()),
    ]
}

/// Whether all answers are possible.
fn answers(
    model: &dyn PurchaseModel,
    row: History,
    days: u32,
    discounted: bool,
) -> Result<(), TestCaseError> {
    let mut out = [f64::NAN];
    model.p_alive_into(&[row], &mut out);
    let alive = out[0];
    prop_assert!((0.0..=1.0).contains(&alive), "P(alive) {}", alive);
    let mut before = 0.0;
    for days in [0, 1, days / 3, days, days.saturating_mul(2)].into_iter().scan(0, |most, days| {
        *most = days.max(*most);
        Some(*most)
    }) {
        model.expected_purchases_into(&[row], Horizon::days(days), &mut out);
        prop_assert!(out[0].is_finite() && out[0] >= before * (1.0 - 1e-12), "{} {}", before, out[0]);
        before = out[0];
    }
    model.expected_purchases_into(&[row], Horizon::endless(), &mut out);
    prop_assert!(out[0] >= before * (1.0 - 1e-12), "endless {} {}", before, out[0]);
    let endless = out[0];
    let mut probabilities = [f64::NAN; 12];
    model.distribution_into(&row, Horizon::days(days), &mut probabilities);
    prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", probabilities);
    prop_assert!(probabilities.iter().sum::<f64>() <= 1.0 + 1e-6, "{:?}", probabilities);
    if discounted {
        model.discounted_purchases_into(&[row], Rate::yearly(0.1).unwrap(), &mut out);
        prop_assert!(
            out[0].is_finite() && (0.0..=endless * (1.0 + 1e-9)).contains(&out[0]),
            "DERT {}",
            out[0]
        );
    }
    Ok(())
}

fn any_point(cases: u32, discounted: bool) {
    let points = (parameters(), histories(), 0..100_000_u32);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(cases));
    runner
        .run(&points, |(law, row, days)| {
            models(law).iter().try_for_each(|model| answers(&**model, row, days, discounted))?;
            let [r, alpha, a, b] = law;
            let bg = BgNbdModel::new(Tick::Day, r, alpha, a, b).unwrap().log_likelihood(&row);
            let mbg = MbgNbdModel::new(Tick::Day, r, alpha, a, b).unwrap().log_likelihood(&row);
            let nbd = NbdModel::new(Tick::Day, r, alpha).unwrap().log_likelihood(&row);
            prop_assert!([bg, mbg, nbd].iter().all(|log| log.is_finite()), "{} {} {}", bg, mbg, nbd);
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_parameters_and_history_give_answers() {
    any_point(2000, false);
}

#[test]
fn any_parameters_and_history_give_discounted_answers() {
    any_point(60, true);
}

#[test]
#[ignore = "takes minutes in debug"]
fn a_hundred_thousand_parameters_and_histories_give_answers() {
    any_point(100_000, false);
    any_point(2000, true);
}

fn estimators() -> [Box<dyn ForecastEstimator>; 3] {
    [Box::new(BgNbd::default()), Box::new(MbgNbd::default()), Box::new(Nbd::default())]
}

fn table(rows: &[(u32, f64, f64)]) -> HistoryTable {
    let rows = rows.iter().map(|&(x, recency, age)| History::new(x, recency, age).unwrap());
    HistoryTable::new(Tick::Week, rows.collect())
}

#[test]
fn hard_data_give_a_fit_that_says_how_it_ended() {
    let spread: Vec<_> = (0..40).map(|i| (0, 0.0, 20.0 + f64::from(i))).collect();
    let loyal: Vec<_> = (1..40).map(|i| (i, 30.0, 30.0)).collect();
    let busy: Vec<_> = (1..40).map(|i| (100 * i, 30.0 - 0.5 * f64::from(i), 30.0)).collect();
    let brief: Vec<_> = (0..40).map(|i| (i % 3, 1e-6 * f64::from((i % 3).min(1)), 2e-6)).collect();
    let gone: Vec<_> = (1..40).map(|i| (i, 1e-3, 1e6)).collect();
    let mixed = vec![(0, 0.0, 0.0), (u32::MAX, 1e9, 1e9), (1, 0.0, 1.0), (3, 1e-9, 1e-9)];
    let cases = [
        spread,
        loyal,
        busy,
        brief,
        gone,
        mixed,
        vec![(0, 0.0, 5.0)],
        vec![(3, 4.0, 5.0)],
        vec![(7, 5.0, 5.0)],
    ];
    for rows in cases {
        let people = table(&rows);
        for estimator in estimators() {
            let fit = estimator.fit_forecast(&people).unwrap();
            assert!(fit.stop() != Stop::NotFinite, "{} {rows:?}", estimator.label());
            assert!(fit.log_likelihood().is_finite());
            assert!(
                fit.estimates().iter().all(|estimate| estimate.value.is_finite() && estimate.value > 0.0)
            );
            let ahead = fit.model.expected_purchases(&people, Horizon::weeks(52));
            assert!(ahead.iter().all(|purchases| purchases.is_finite() && *purchases >= 0.0), "{ahead:?}");
        }
    }
}

#[test]
fn nothing_to_learn_from_is_refused() {
    for estimator in estimators() {
        let refused = |people: &HistoryTable| estimator.fit_forecast(people).err().unwrap().to_string();
        assert!(refused(&table(&[])).contains("customers"));
        assert!(refused(&table(&[(0, 0.0, 0.0), (2, 0.0, 0.0)])).contains("nobody was observed"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_small_data_are_fitted(rows in prop::collection::vec((0..6_u32, 0.0..1.0_f64, 0.1..50.0_f64), 1..40)) {
        let rows: Vec<_> =
            rows.into_iter().map(|(x, share, age)| (x, if x == 0 { 0.0 } else { share * age }, age)).collect();
        for estimator in estimators() {
            let fit = estimator.fit_forecast(&table(&rows)).unwrap();
            prop_assert!(fit.stop() != Stop::NotFinite && fit.log_likelihood().is_finite());
        }
    }
}
