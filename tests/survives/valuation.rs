//! Whatever the models say, a valuation, a forecast of the next purchase and a backtest come to an end.

use patronage::{
    cltv::{Backtest, NextPurchaseForecast, Outcome, Valuation},
    domain::{Columns, Currency, Day, Horizon, Ledger, Money, Policies, Rate, Tick},
    model::{Fit, LifetimeValue, Parameter, Parametric, PurchaseEstimator, Readiness},
    summary::{Histories, Observation},
};
use proptest::prelude::*;

use crate::host::{Again, Always, Steady};

/// Learns nothing, and forecasts the same for all.
struct Stubborn(f64);

impl Parametric for Always {
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn with_values(&self, _: &[f64]) -> Result<Self, patronage::Error> {
        Ok(*self)
    }
}

impl PurchaseEstimator for Stubborn {
    type Model = Always;

    fn name(&self) -> &'static str {
        "stubborn"
    }

    fn readiness(&self, _: &dyn Histories) -> Readiness {
        Readiness::Ready
    }

    fn fit(&self, people: &dyn Histories) -> Result<Fit<Always>, patronage::Error> {
        Ok(Fit::given(Always(self.0), people.len() as u64))
    }
}

fn ledger(rows: &[(u64, i32, i64)]) -> Ledger {
    let start = Day::ymd(2025, 1, 1).unwrap();
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<Day> = rows.iter().map(|row| start.plus(row.1)).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    Ledger::from_columns(Currency::USD, &Columns::new(&ids, &days, &amounts), Policies::default()).unwrap()
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(0.0), 0.0..50.0_f64, Just(1e300)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_customers_and_any_terms(
        rows in prop::collection::vec((0..9_u64, 0..400_i32, -5_000..9_000_i64), 1..60),
        (r, alpha) in (1e-9..50.0_f64, 1e-9..500.0_f64),
        (months, yearly, cost) in (0..60_u32, -0.5..2.0_f64, -500..500_i64),
        said in any_number(),
    ) {
        let ledger = ledger(&rows);
        let middle = Day::ymd(2025, 1, 1).unwrap().plus(200);
        let seen = Observation::until(middle).every(Tick::Week);
        let people = seen.summarise(&ledger).unwrap();
        let (model, spend) = (Steady { r, alpha, tick: Tick::Week }, Again(Currency::USD));
        let cost = Money::of_minor(cost, Currency::USD);
        let valuation = Valuation::new(&model, &spend)
            .horizon(Horizon::months(months))
            .discount(Rate::yearly(yearly).unwrap())
            .cost_to_serve(cost, Tick::Week);
        let values = valuation.value(&people).unwrap();
        prop_assert_eq!(values.len(), people.len());
        prop_assert!(values.iter().all(|value| value.share_realised().is_none_or(|share| (0.0..=1.0).contains(&share))));

        let stubborn = Always(said);
        if let Ok(values) = Valuation::new(&stubborn, &spend).value(&people) {
            prop_assert_eq!(values.len(), people.len());
        }
        for one in NextPurchaseForecast::new(&stubborn).of(&people).unwrap().rows() {
            prop_assert!((0.0..=1.0).contains(&one.probability));
            prop_assert!(one.due.is_none_or(|due| people.as_of() < due.earliest));
        }
        for one in NextPurchaseForecast::new(&model).of(&people).unwrap().rows() {
            prop_assert!(one.due.is_none_or(|due| due.earliest <= due.day && due.day <= due.latest));
        }
        if people.is_empty() {
            return Ok(());
        }
        let split = seen.split(&ledger, middle.plus(200)).unwrap();
        let stubborn = Stubborn(said);
        let report = Backtest::new(&split).tracking(&ledger).spend(&spend).run(&[&stubborn]).unwrap();
        for (_, tested) in report.tested() {
            let accuracy = tested.accuracy;
            prop_assert!(accuracy.predicted.is_finite() && accuracy.mae.is_finite() && accuracy.rmse.is_finite());
            prop_assert!(tested.top_decile_found.is_none_or(|share| (0.0..=1.0).contains(&share)));
            prop_assert_eq!(tested.by_frequency.iter().map(|row| row.customers).sum::<u64>(), report.customers);
            prop_assert_eq!(tested.deciles.iter().map(|row| row.customers).sum::<u64>(), report.customers);
        }
        let refused = matches!(report.candidates[0].outcome, Outcome::Refused { .. });
        prop_assert!(refused || said.is_finite());
    }
}
