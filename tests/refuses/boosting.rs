//! Examples and settings that boosting does not take, and tables that it does.

use patronage::{
    ErrorKind,
    churn::{Boosting, ChurnModel, Examples, Monotone, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};

fn table(columns: &[(&str, Vec<Option<f64>>)]) -> Predictors {
    let rows = columns[0].1.len() as u32;
    let people: Customers = (0..rows).map(CustomerId::from).collect();
    let columns = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone()));
    Predictors::of(&Features::new(people, Day::default(), columns).unwrap())
}

fn few() -> Examples {
    let values = (0..20_u32).map(|row| Some(f64::from(row))).collect();
    let plans = ["a", "b"].repeat(10).into_iter().map(Some).collect();
    let people: Customers = (0..20_u32).map(CustomerId::from).collect();
    let plans = Categories::new(people, Day::default(), [("plan".to_owned(), plans)]).unwrap();
    let known = table(&[("tenure", values)]).with_categories(&plans).unwrap();
    Examples::new(known, (0..20).map(|row| row < 8).collect()).unwrap()
}

#[test]
fn settings_out_of_range() {
    let way = Boosting::new(1).rounds(3);
    let rising = Monotone::Increasing;
    for (way, said) in [
        (way.clone().rounds(0), "rounds of boosting: there are none"),
        (way.clone().rounds_by_folds(1, 9), "folds: `1` must be from 2 to 100"),
        (way.clone().rounds_by_folds(101, 9), "folds: `101` must be from 2 to 100"),
        (way.clone().rounds(100_001), "rounds: `100001` must be at most 100000"),
        (way.clone().learning_rate(0.0), "learning_rate: `0` must be above 0 and at most 1"),
        (way.clone().learning_rate(f64::NAN), "learning_rate: `NaN` must be above 0 and at most 1"),
        (way.clone().rows(1.5), "rows: `1.5` must be above 0 and at most 1"),
        (way.clone().columns(-1.0), "columns: `-1` must be above 0 and at most 1"),
        (way.clone().depth(0), "depth: `0` must be from 1 to 8"),
        (way.clone().depth(9), "depth: `9` must be from 1 to 8"),
        (way.clone().leaf_rows(0), "leaf_rows: `0` must be at least 1"),
        (way.clone().ridge(f64::INFINITY), "ridge: `inf` must be a finite number from 0"),
        (way.clone().monotone("plan", rising), "monotone: `plan` holds categories, which have no order"),
        (
            way.clone().monotone("tenure", rising).monotone("tenure", rising),
            "monotone: `tenure` is bound twice",
        ),
    ] {
        assert_eq!(way.fit(&few()).unwrap_err().to_string(), said);
    }
    let unknown = way.monotone("visits", rising).fit(&few()).unwrap_err();
    assert!(matches!(unknown.kind(), ErrorKind::MissingColumn { name, .. } if name == "visits"), "{unknown}");
}

#[test]
fn columns_that_say_nothing_leave_the_share_of_all() {
    let constant = vec![Some(7.0); 60];
    let none = vec![None; 60];
    let churned: Vec<bool> = (0..60).map(|row| row % 3 == 0).collect();
    for columns in [vec![("constant", constant), ("none", none.clone())], vec![("none", none)]] {
        let examples = Examples::new(table(&columns), churned.clone()).unwrap();
        for way in [Boosting::new(1).leaf_rows(1), Boosting::new(1).rounds(20).leaf_rows(1)] {
            let model = way.fit(&examples).unwrap();
            assert_eq!(model.trees(), 0);
            let risks = model.probabilities(examples.predictors()).unwrap();
            assert!(risks.iter().all(|risk| (risk - 1.0 / 3.0).abs() < 1e-15), "{risks:?}");
        }
    }
}

#[test]
fn a_table_without_columns_or_with_two_rows_has_an_answer() {
    let two = table(&[("tenure", vec![Some(1.0), Some(2.0)])]);
    for known in [two.select(&[]).unwrap(), two] {
        let examples = Examples::new(known, vec![true, false]).unwrap();
        let model = Boosting::new(1).fit(&examples).unwrap();
        assert_eq!(model.probabilities(examples.predictors()).unwrap(), [0.5, 0.5]);
        assert_eq!(Boosting::new(1).held_out_losses(&examples).unwrap().len(), 1);
    }
}

#[test]
fn one_outcome_is_refused() {
    let known = table(&[("tenure", vec![Some(1.0), Some(2.0)])]);
    let refused = Boosting::new(1).fit(&Examples::new(known, vec![true, true]).unwrap()).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::TooFew { .. }), "{refused}");
}

#[test]
fn customers_of_whom_all_leave_in_the_end() {
    // Three rows of each customer: all leave at the third. There is nobody who never left.
    let people: Vec<CustomerId> = (0..90_u32).map(|row| CustomerId::from(row / 3)).collect();
    let known = table(&[("visit", (0..90).map(|row| Some(f64::from(row % 3))).collect())]);
    let stacked: Vec<Predictors> = (0..3_i32)
        .map(|day| {
            let customers: Customers = people.iter().step_by(3).cloned().collect();
            let visit = vec![Some(f64::from(day)); 30];
            let features = Features::new(customers, Day::default().plus(day), [("visit".to_owned(), visit)]);
            Predictors::of(&features.unwrap())
        })
        .collect();
    let stacked = Predictors::stack(&stacked).unwrap();
    assert_eq!(stacked.len(), known.len());
    let churned = (0..90).map(|row| row >= 60).collect();
    let model = Boosting::new(1).leaf_rows(5).fit(&Examples::new(stacked.clone(), churned).unwrap()).unwrap();
    let risks = model.probabilities(&stacked).unwrap();
    assert!(risks[0] < 0.05 && risks[89] > 0.95, "{risks:?}");
}
