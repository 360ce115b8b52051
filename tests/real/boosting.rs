//! Boosting on the telco customers.

use patronage::churn::{Boosting, Comparison, Folds};

use super::logistic::telco;

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn out_of_fold_on_telco() {
    let examples = telco();
    let folds = Folds::stratified(&examples, 5, 1).unwrap();
    let comparison = Comparison::of(&[&Boosting::new(7)], &examples, &folds).unwrap();
    let judgement = comparison.get("gradient boosting").unwrap().judgement();
    println!("{judgement}");
    // On other folds LightGBM's is 0.8470.
    assert!(judgement.auc.value() >= 0.842 && judgement.calibration_error <= 0.03, "{judgement}");
}
