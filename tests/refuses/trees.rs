//! Examples and settings that trees and forests do not take, and tables that they do.

use patronage::{
    ErrorKind,
    churn::{ChurnModel, ColumnsTried, Examples, Forest, Predictors, Tree},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};

fn numbers(columns: &[(&str, Vec<Option<f64>>)]) -> Predictors {
    let people: Customers = (0..columns[0].1.len() as u32).map(CustomerId::from).collect();
    let columns = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone()));
    Predictors::of(&Features::new(people, Day::default(), columns).unwrap())
}

fn few() -> Examples {
    let values = (0..20_u32).map(|row| Some(f64::from(row))).collect();
    Examples::new(numbers(&[("tenure", values)]), (0..20).map(|row| row < 8).collect()).unwrap()
}

#[test]
fn settings_out_of_range() {
    for (way, said) in [
        (Tree::default().leaf_rows(0), "leaf_rows: `0` must be at least 1"),
        (Tree::default().leaf_weight(f64::NAN), "leaf_weight: `NaN` must be a finite number from 0"),
        (Tree::default().least_gain(-1.0), "least_gain: `-1` must be a finite number from 0"),
        (Tree::default().smoothing(f64::INFINITY), "smoothing: `inf` must be a finite number from 0"),
    ] {
        assert_eq!(way.fit(&few()).unwrap_err().to_string(), said);
    }
    for (way, said) in [
        (Forest::new(0, 1), "trees of a forest: there are none"),
        (Forest::new(9, 1).leaf_rows(0), "leaf_rows: `0` must be at least 1"),
        (Forest::new(9, 1).columns(ColumnsTried::Count(0)), "columns: `0` must be at least 1"),
    ] {
        assert_eq!(way.fit(&few()).unwrap_err().to_string(), said);
    }
}

#[test]
fn one_outcome_and_one_row() {
    let one = few().take(&[3]).unwrap();
    let stayed = few().take(&[15, 16, 17]).unwrap();
    let unweighted = few().weighted((0..20_u32).map(|row| f64::from(u8::from(row > 8))).collect()).unwrap();
    for examples in [one, stayed, unweighted] {
        for refused in
            [Tree::default().fit(&examples).unwrap_err(), Forest::new(3, 1).fit(&examples).unwrap_err()]
        {
            assert!(matches!(refused.kind(), ErrorKind::TooFew { .. }), "{refused}");
        }
    }
    let heavy = few().weighted(vec![f64::MAX; 20]).unwrap();
    assert_eq!(Tree::default().fit(&heavy).unwrap_err().to_string(), "sum of weights is too large");
}

#[test]
fn columns_of_another_table() {
    let model = Tree::unlimited().fit(&few()).unwrap();
    let other = numbers(&[("visits", vec![Some(1.0)])]);
    assert_eq!(
        model.probabilities(&other).unwrap_err().to_string(),
        "column: `visits` is none of those learned from"
    );
    let people: Customers = [CustomerId::from(1_u32)].into_iter().collect();
    let none = Features::new(people.clone(), Day::default(), []).unwrap();
    let texts = Categories::new(people, Day::default(), [("tenure".to_owned(), vec![Some("long")])]).unwrap();
    let texts = Predictors::of(&none).with_categories(&texts).unwrap();
    let refused = model.probabilities(&texts).unwrap_err().to_string();
    assert_eq!(refused, "column: `tenure` holds categories, and held numbers before");
}

#[test]
fn a_column_of_too_many_levels_is_named() {
    let people: Customers = (0..65_536_u32).map(CustomerId::from).collect();
    let none = Features::new(people.clone(), Day::default(), []).unwrap();
    let ids = (0..65_536).map(|row| Some(format!("{row}"))).collect();
    let texts = Categories::new(people, Day::default(), [("id".to_owned(), ids)]).unwrap();
    let known = Predictors::of(&none).with_categories(&texts).unwrap();
    let examples = Examples::new(known, (0..65_536).map(|row| row < 99).collect()).unwrap();
    for refused in
        [Tree::default().fit(&examples).unwrap_err(), Forest::new(3, 1).fit(&examples).unwrap_err()]
    {
        assert_eq!(refused.to_string(), "column: `id` has more levels than a tree tells apart (65535)");
    }
}

#[test]
fn columns_that_tell_nothing_are_not_asked() {
    let rows = 0..40_u32;
    let known = numbers(&[
        ("constant", vec![Some(7.0); 40]),
        ("nothing", vec![None; 40]),
        ("tenure", rows.clone().map(|row| Some(f64::from(row))).collect()),
        ("twin", rows.clone().map(|row| Some(f64::from(row))).collect()),
    ]);
    let examples = Examples::new(known.clone(), rows.map(|row| row < 20).collect()).unwrap();
    let model = Tree::unlimited().fit(&examples).unwrap();
    // Of two columns that tell the same the first has it.
    assert_eq!(model.importance().map(|column| column.1).collect::<Vec<_>>(), [0.0, 0.0, 1.0, 0.0]);
    let forest = Forest::new(20, 1).columns(ColumnsTried::Count(1)).fit(&examples).unwrap();
    let parts: Vec<f64> = forest.importance().map(|column| column.1).collect();
    assert!(parts[0] == 0.0 && parts[1] == 0.0 && parts[2] > 0.1 && parts[3] > 0.1, "{parts:?}");
    // Nothing to ask at all: everyone has the share.
    let dumb = examples.select(&["constant", "nothing"]).unwrap();
    let said = Tree::default().fit(&dumb).unwrap();
    assert_eq!(said.to_string(), "everyone: 50.0 % of 40 churned\n");
    assert_eq!(said.probabilities(dumb.predictors()).unwrap(), [0.5; 40]);
}
