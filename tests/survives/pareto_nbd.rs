//! Pareto/NBD on any parameters and any history: finite, within bounds, monotone.

use patronage::{
    cltv::{ParetoNbd, ParetoNbdModel},
    domain::{Horizon, Rate, Tick},
    model::{
        AliveProbability, DiscountedPurchases, Parametric, PurchaseDistribution, PurchaseEstimator,
        PurchaseForecast, Readiness,
    },
    summary::{History, HistoryTable},
};
use proptest::prelude::*;

/// Any parameters: logarithms evenly in a reach.
fn any_model(reach: f64) -> impl Strategy<Value = ParetoNbdModel> {
    prop::array::uniform4(-reach..reach).prop_map(|logs| {
        let [r, alpha, s, beta] = logs.map(f64::exp);
        ParetoNbdModel::new(Tick::Week, r, alpha, s, beta).unwrap()
    })
}

fn any_history() -> impl Strategy<Value = History> {
    let share = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0, (-30.0..0.0).prop_map(f64::exp)];
    let age = prop_oneof![Just(0.0), Just(1e9), (-40.0..20.0).prop_map(f64::exp)];
    let repeats = prop_oneof![Just(0), 0..10_u32, 0..1000_u32, any::<u32>()];
    (repeats, share, age).prop_map(|(x, share, age)| {
        let recency = if x == 0 { 0.0 } else { (share * age).min(age) };
        History::new(x, recency, age).unwrap()
    })
}

fn check(model: &ParetoNbdModel, history: History) -> Result<(), TestCaseError> {
    let people = HistoryTable::new(Tick::Week, vec![history]);
    let alive = model.p_alive(&people)[0];
    prop_assert!((0.0..=1.0).contains(&alive), "{}", alive);
    prop_assert!(model.log_likelihood(&history).is_finite());
    let mut least = 0.0;
    let mut least_new = 0.0;
    for weeks in [0, 1, 50, 5000, u32::MAX] {
        let expected = model.expected_purchases(&people, Horizon::weeks(weeks))[0];
        prop_assert!(expected.is_finite() && expected >= least * (1.0 - 1e-12), "{} {}", weeks, expected);
        let new = model.expected_purchases_new(Horizon::weeks(weeks));
        prop_assert!(new.is_finite() && new >= least_new * (1.0 - 1e-12), "{} {}", weeks, new);
        (least, least_new) = (expected, new);
    }
    prop_assert!(model.expected_purchases(&people, Horizon::endless())[0] >= least * (1.0 - 1e-12));
    for rate in [1e-6, 0.1, 1e300] {
        let discounted = model.discounted_purchases(&people, Rate::yearly(rate).unwrap()).unwrap()[0];
        prop_assert!(discounted.is_finite() && discounted >= 0.0, "{} {}", rate, discounted);
    }
    Ok(())
}

fn check_distribution(model: &ParetoNbdModel, history: History) -> Result<(), TestCaseError> {
    for horizon in [Horizon::weeks(0), Horizon::weeks(20), Horizon::weeks(u32::MAX), Horizon::endless()] {
        for seen in [true, false] {
            let mut room = [f64::NAN; 40];
            if seen {
                model.distribution_into(&history, horizon, &mut room);
            } else {
                model.distribution_new_into(horizon, &mut room);
            }
            prop_assert!(room.iter().all(|p| (0.0..1.0 + 1e-9).contains(p)), "{:?} {:?}", horizon, room);
            prop_assert!(room.iter().sum::<f64>() < 1.0 + 1e-9, "{:?} {:?}", horizon, room);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_parameters_on_any_history(model in any_model(69.0), history in any_history()) {
        check(&model, history)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_distribution(model in any_model(69.0), history in any_history()) {
        check_distribution(&model, history)?;
    }

    #[test]
    fn sensible_distributions(model in any_model(7.0), history in any_history()) {
        check_distribution(&model, history)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    #[ignore = "takes a minute without optimisation"]
    fn a_hundred_thousand(model in any_model(69.0), history in any_history()) {
        check(&model, history)?;
    }
}

/// Every fit is given, and is made of numbers.
fn fits(rows: &[(u32, f64, f64)]) -> patronage::model::Fit<ParetoNbdModel> {
    let rows = rows.iter().map(|&(x, recency, age)| History::new(x, recency, age).unwrap());
    let people = HistoryTable::new(Tick::Week, rows.collect());
    let fit = ParetoNbd::default().fit(&people).unwrap();
    assert!(fit.log_likelihood().is_finite());
    assert!(fit.model.parameters().iter().all(|parameter| parameter.value.is_finite()));
    assert!(fit.model.p_alive(&people).iter().all(|p| (0.0..=1.0).contains(p)));
    let expected = fit.model.expected_purchases(&people, Horizon::years(1));
    assert!(expected.iter().all(|expected| expected.is_finite() && *expected >= 0.0));
    fit
}

#[test]
fn awkward_customers_are_fitted() {
    let spread = |x: u32| (1..=12_u32).map(move |k| (x, 2.5 * f64::from(k), 20.0 + 5.0 * f64::from(k)));
    // Nobody came back.
    let nobody = fits(&(1..=50).map(|k| (0, 0.0, f64::from(k))).collect::<Vec<_>>());
    assert!(matches!(nobody.readiness(), Readiness::Refused { .. }));
    // One customer; one who bought on the last day seen; one seen for the shortest of times.
    fits(&[(3, 10.0, 20.0)]);
    fits(&[(1, 20.0, 20.0)]);
    fits(&[(2, 1e-300, 2e-300)]);
    fits(&[(0, 0.0, 1e9)]);
    // All there to the end.
    fits(&(1..=60_u32).map(|k| (k % 7 + 1, f64::from(k), f64::from(k))).collect::<Vec<_>>());
    // All alike; hundreds of purchases; some of them in no time.
    fits(&[(5, 30.0, 40.0); 200]);
    fits(&spread(400).collect::<Vec<_>>());
    fits(&spread(1).chain(spread(300)).chain([(4_000_000_000, 1.0, 50.0)]).collect::<Vec<_>>());
    fits(&spread(2).chain([(7, 0.0, 0.0), (7, 0.0, 50.0)]).collect::<Vec<_>>());
}

#[test]
fn nothing_to_learn_from_is_refused() {
    let fit = |rows| ParetoNbd::default().fit(&HistoryTable::new(Tick::Week, rows)).unwrap_err().to_string();
    assert_eq!(fit(vec![]), "customers with a weight above 0: there are none");
    assert_eq!(fit(vec![History::default()]), "mean age: `0` nobody was observed after the first purchase");
}
