//! Trees and forests on the telco customers: 19 columns, 7,043 rows, 1,869 churned.

use patronage::churn::{Comparison, Folds, Forest, Tree};

use super::logistic::telco;

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
