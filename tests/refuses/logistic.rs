//! Logistic regression: what has no answer, and which columns are at fault.

use patronage::{
    churn::{ChurnModel, Examples, Logistic, Penalty, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features, Fill},
};

/// A table of a column of numbers and one of categories.
fn table(numbers: &[Option<f64>], words: &[Option<String>]) -> Predictors {
    let people: Customers = (0..numbers.len() as u32).map(CustomerId::from).collect();
    let (x, plan) = (("x".to_owned(), numbers.to_vec()), ("plan".to_owned(), words.to_vec()));
    Predictors::of(&Features::new(people.clone(), Day::default(), [x]).unwrap())
        .with_categories(&Categories::new(people, Day::default(), [plan]).unwrap())
        .unwrap()
}

fn examples(numbers: &[f64], words: &str, churned: &str) -> Examples {
    let numbers: Vec<_> = numbers.iter().map(|x| Some(*x)).collect();
    let words: Vec<_> = words.chars().map(|letter| Some(letter.to_string())).collect();
    Examples::new(table(&numbers, &words), churned.chars().map(|letter| letter == '1').collect()).unwrap()
}

fn refusal(logistic: &Logistic, examples: &Examples) -> String {
    logistic.fit(examples).unwrap_err().to_string()
}

#[test]
fn separation_is_named_by_its_columns() {
    let plain = Logistic::new(Penalty::none());
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    // Complete: all above 4.5 churned, whatever the plan.
    let complete = examples(&x, "abababab", "00001111");
    let said = refusal(&plain, &complete);
    assert!(said.starts_with("columns: `x` tell who churned and who stayed apart, all of them"), "{said}");
    // Quasi-complete: with plan c nobody stays.
    let quasi = examples(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0], "aaaabbbbcc", "0101010111");
    let said = refusal(&plain, &quasi);
    assert!(said.starts_with("columns: `plan=c` tell some of who churned or stayed apart"), "{said}");
    // At a bound that one row of each outcome lies on.
    let touching = examples(&[1.0, 2.0, 3.0, 3.0, 4.0, 5.0], "aaaaaa", "000111");
    assert!(refusal(&plain, &touching).starts_with("columns: `x` tell some of"));
    // A penalty holds the coefficients.
    for separated in [complete, quasi, touching] {
        for penalty in [Penalty::ridge(1e-3), Penalty::lasso(1e-3), Penalty::elastic_net(1.0, 0.5).raw()] {
            let model = Logistic::new(penalty).fit(&separated).unwrap();
            assert!(model.stop().is_converged(), "{}", model.stop());
        }
    }
}

#[test]
fn settings_and_tables_that_do_not_fit() {
    let good = examples(&[1.0, 2.0, 3.0, 4.0], "aabb", "0101");
    let plain = || Logistic::new(Penalty::none());
    for (logistic, examples, known) in [
        (Logistic::new(Penalty::ridge(-1.0)), &good, "strength: `-1` must be a finite number from 0"),
        (Logistic::new(Penalty::ridge(f64::NAN)), &good, "strength: `NaN` must be a finite number from 0"),
        (Logistic::new(Penalty::elastic_net(1.0, 1.5)), &good, "l1_ratio: `1.5` must be from 0 to 1"),
        (plain().fill(Fill::Value(f64::NAN)), &good, "fill: `NaN` must be a number up to 1e150"),
        (plain(), &examples(&[], "", ""), "examples: there are none"),
        (plain(), &examples(&[1.0], "a", "1"), "everybody churned: needed 1, found 0"),
        (plain(), &examples(&[1.0, 2.0], "ab", "00"), "nobody churned: needed 1, found 0"),
        (plain(), &examples(&[1.0, 1e200], "ab", "01"), "column: `x` holds numbers beyond 1e150"),
        (
            plain(),
            &good.clone().weighted(vec![0.0, 1.0, 0.0, 1.0]).unwrap(),
            "everybody churned: needed 1, found 0",
        ),
        (plain(), &good.clone().weighted(vec![f64::MAX; 4]).unwrap(), "sum of weights is too large"),
    ] {
        let said = refusal(&logistic, examples);
        assert!(said.starts_with(known), "{said}");
    }
    let ids: Vec<_> = (0..600).map(|row| Some(format!("customer {row}"))).collect();
    let many = table(&vec![Some(1.0); 600], &ids);
    let many = Examples::new(many, (0..600).map(|row| row % 2 == 0).collect()).unwrap();
    let said = refusal(&Logistic::new(Penalty::ridge(1.0)), &many);
    assert_eq!(said, "column: `plan` has more levels than a logistic regression takes");
}

#[test]
fn later_tables_have_the_same_columns() {
    let good = examples(&[1.0, 2.0, 3.0, 4.0, 2.0], "aabba", "01011");
    let model = Logistic::new(Penalty::ridge(1.0)).fit(&good).unwrap();
    let said = |known: &Predictors| model.probabilities(known).unwrap_err().to_string();
    assert!(said(&good.predictors().select(&["x"]).unwrap()).starts_with("no column `plan`"));
    let people: Customers = [CustomerId::from(1_u32)].into_iter().collect();
    let swapped = |name: &str| (name.to_owned(), vec![Some(1.0)]);
    let swapped = Features::new(people, Day::default(), [swapped("x"), swapped("plan")]).unwrap();
    assert!(said(&Predictors::of(&swapped)).contains("holds numbers, and held categories before"));
}
