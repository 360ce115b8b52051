//! Trees and forests on the telco customers: 19 columns, 7,043 rows, 1,869 churned.

use std::fs;

use patronage::{
    churn::{ChurnEstimator, Examples, Folds, Forest, Predictors, Tree},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};

use super::data;

/// Columns whose cells are numbers, blanks aside.
const NUMBERS: [&str; 4] = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"];

/// The table as it is: blanks are missing.
pub(crate) fn telco() -> Examples {
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

/// Probabilities of each row by a model that has not seen it.
fn out_of_fold(way: &dyn ChurnEstimator, examples: &Examples, seed: u64) -> Vec<f64> {
    let mut all = vec![0.0; examples.len()];
    for fold in Folds::stratified(examples, 5, seed).unwrap().iter() {
        let model = way.learn(&examples.take(&fold.learn).unwrap()).unwrap();
        let judged = examples.predictors().take(&fold.judge).unwrap();
        for (&row, risk) in fold.judge.iter().zip(model.probabilities(&judged).unwrap()) {
            all[row as usize] = risk;
        }
    }
    all
}

/// The share of pairs of one who churned and one who stayed in which the former has the higher risk; ties count half.
fn auc(risks: &[f64], churned: &[bool]) -> f64 {
    let of = |outcome| {
        let mut risks: Vec<f64> = risks
            .iter()
            .zip(churned)
            .filter(|(_, churned)| **churned == outcome)
            .map(|(risk, _)| *risk)
            .collect();
        risks.sort_by(f64::total_cmp);
        risks
    };
    let (left, stayed) = (of(true), of(false));
    let below = |risk: &f64| {
        let (less, upto) = (stayed.partition_point(|x| x < risk), stayed.partition_point(|x| x <= risk));
        (less + upto) as f64 / 2.0
    };
    left.iter().map(below).sum::<f64>() / (left.len() * stayed.len()) as f64
}

fn log_loss(risks: &[f64], churned: &[bool]) -> f64 {
    let loss = |(risk, churned): (&f64, &bool)| -if *churned { *risk } else { 1.0 - risk }.max(1e-15).ln();
    risks.iter().zip(churned).map(loss).sum::<f64>() / risks.len() as f64
}

/// The mean distance between risk and share of tenths of the rows by risk.
fn calibration_error(risks: &[f64], churned: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..risks.len()).collect();
    order.sort_by(|&a, &b| risks[a].total_cmp(&risks[b]));
    let off = |rows: &[usize]| {
        rows.iter().map(|&row| risks[row] - f64::from(u8::from(churned[row]))).sum::<f64>().abs()
    };
    order.chunks(risks.len().div_ceil(10)).map(off).sum::<f64>() / risks.len() as f64
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn out_of_fold_on_telco() {
    let examples = telco();
    assert_eq!((examples.len(), examples.balance().churned), (7043, 1869));
    let blank = examples.predictors().missing().filter(|column| column.1 > 0).collect::<Vec<_>>();
    assert_eq!(blank, [("TotalCharges", 11)]);
    let ways: [(&dyn ChurnEstimator, f64); 2] = [(&Tree::default(), 0.826), (&Forest::new(300, 7), 0.842)];
    for (way, least) in ways {
        let risks = out_of_fold(way, &examples, 1);
        let found = [auc, log_loss, calibration_error].map(|judge| judge(&risks, examples.churned()));
        println!("{} {found:?}", way.name());
        assert!(found[0] >= least && found[2] <= 0.03, "{}: {found:?}", way.name());
    }
}
