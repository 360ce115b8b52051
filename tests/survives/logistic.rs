//! Logistic regression: of any table there is a model or a refusal.

use patronage::{
    churn::{ChurnModel, Examples, Logistic, Penalty, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features, Fill},
};
use proptest::prelude::*;

fn any_number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (-3.0..3.0_f64).prop_map(Some),
        2 => prop_oneof![Just(0.0), Just(1.0), Just(2.0)].prop_map(Some),
        1 => prop_oneof![Just(1e150), Just(-1e150), Just(1e-150), Just(5e-324), Just(1e9), Just(f64::MAX)].prop_map(Some),
        1 => Just(None),
    ]
}

fn any_penalty() -> impl Strategy<Value = Penalty> {
    let strength = prop_oneof![Just(0.0), Just(1e-12), Just(1.0), Just(1e6), Just(f64::MAX), 0.0..10.0_f64];
    (strength, prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64], any::<bool>()).prop_map(
        |(strength, ratio, raw)| {
            let penalty = Penalty::elastic_net(strength, ratio);
            if raw { penalty.raw() } else { penalty }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_table(
        rows in prop::collection::vec(
            (prop::collection::vec(any_number(), 4), prop::option::of(0..4_u8), any::<bool>()),
            1..30,
        ),
        weights in prop::option::of(prop_oneof![Just([0.0, 1.0, 2.0]), Just([5e-324, 1e-300, 1.0]), Just([1e300, 1.0, 0.0])]),
        penalty in any_penalty(),
        fill in prop_oneof![Just(Fill::Mean), Just(Fill::Median), any::<f64>().prop_map(Fill::Value)],
        kept in 0..5_usize,
    ) {
        let people: Customers = (0..rows.len() as u32).map(CustomerId::from).collect();
        // The last column is the first once more, where it fits.
        let column = |at: usize| {
            let values = rows.iter().map(|row| row.0[at % 4]).collect::<Vec<_>>();
            (format!("x{at}"), values)
        };
        let numbers = (0..kept).map(column).collect::<Vec<_>>();
        let words = rows.iter().map(|row| row.1.map(|level| level.to_string())).collect::<Vec<_>>();
        let known = Predictors::of(&Features::new(people.clone(), Day::default(), numbers).unwrap())
            .with_categories(&Categories::new(people, Day::default(), [("plan".to_owned(), words)]).unwrap())
            .unwrap();
        let mut examples = Examples::new(known, rows.iter().map(|row| row.2).collect()).unwrap();
        if let Some(weights) = weights {
            examples = examples.weighted((0..rows.len()).map(|row| weights[row % 3]).collect()).unwrap();
        }
        let Ok(model) = Logistic::new(penalty).fill(fill).fit(&examples) else { return Ok(()) };
        let estimates = || model.coefficients().iter().chain([model.intercept()]);
        prop_assert!(estimates().all(|one| one.value.is_finite() && one.p_value().is_none_or(|p| (0.0..=1.0).contains(&p))));
        prop_assert!(estimates().all(|one| one.std_error.is_none_or(|error| error >= 0.0 && error.is_finite())));
        prop_assert!(model.log_likelihood().is_finite() && model.null_log_likelihood().is_finite());
        let probabilities = model.probabilities(examples.predictors()).unwrap();
        prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        let reasons = model.contributions(examples.predictors()).unwrap();
        for (row, probability) in probabilities.iter().enumerate() {
            prop_assert!((reasons.probability(row).unwrap() - probability).abs() < 1e-9);
        }
        if model.stop().is_converged() && penalty.scale() == patronage::churn::PenaltyScale::Standardised {
            let least = model.null_log_likelihood();
            prop_assert!(model.log_likelihood() >= least - 1e-9 * least.abs().max(1.0), "{model:?}");
        }
    }
}
