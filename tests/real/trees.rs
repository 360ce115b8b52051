//! Trees and forests on the telco customers: 19 columns, 7,043 rows, 1,869 churned.

use std::fs;

use patronage::{
    churn::{Comparison, Examples, Folds, Forest, Predictors, Tree},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};

use super::data;

/// Columns whose cells are numbers, blanks aside.
const NUMBERS: [&str; 4] = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"];

/// The table as it is: blanks are missing.
fn telco() -> Examples {
    let text = fs::read_to_string(data("telco_churn.csv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').map(str::trim).collect()).collect();
    let column = |at: usize| rows.iter().map(move |row| row[at]);
    // In the order of the ids, as tables of features are.
    let people: Customers = column(0).map(CustomerId::from).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&row| people.position(&CustomerId::from(rows[row][0])));
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate().skip(1).filter(|(_, name)| **name != "Churn") {
        let cells = order.iter().map(|&row| Some(rows[row][at]).filter(|cell| !cell.is_empty()));
        if NUMBERS.contains(name) {
            numbers.push(((*name).to_owned(), cells.map(|cell| cell?.parse().ok()).collect()));
        } else {
            texts.push(((*name).to_owned(), cells.collect::<Vec<_>>()));
        }
    }
    let day = Day::default();
    let known = Predictors::of(&Features::new(people.clone(), day, numbers).unwrap())
        .with_categories(&Categories::new(people, day, texts).unwrap())
        .unwrap();
    let churn = names.len() - 1;
    Examples::new(known, order.iter().map(|&row| rows[row][churn] == "Yes").collect()).unwrap()
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn out_of_fold_on_telco() {
    let examples = telco();
    assert_eq!((examples.len(), examples.balance().churned), (7043, 1869));
    let blank: Vec<_> = examples.predictors().missing().filter(|column| column.1 > 0).collect();
    assert_eq!(blank, [("TotalCharges", 11)]);
    let folds = Folds::stratified(&examples, 5, 1).unwrap();
    let comparison = Comparison::of(&[&Tree::default(), &Forest::new(300, 7)], &examples, &folds).unwrap();
    // scikit-learn's, on other folds: 0.8289 and 0.8446.
    for (name, least) in [("decision tree", 0.826), ("random forest", 0.842)] {
        let judgement = comparison.get(name).unwrap().judgement();
        println!("{name}: {judgement}");
        assert!(judgement.auc.value() >= least && judgement.calibration_error <= 0.03, "{name}: {judgement}");
    }
}
