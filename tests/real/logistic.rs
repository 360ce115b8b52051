//! The subscribers of a telephone company (fictional, by IBM): who left.

use patronage::churn::{Comparison, Examples, Folds, Logistic, Penalty};

use super::data;
use crate::refuses::command_line::command::labelled::{self, Meaning};

/// 7043 subscribers with 19 columns.
pub(crate) fn telco() -> Examples {
    let meaning = Meaning { label: "Churn", positive: None, id: Some("customerID") };
    labelled::read(data("telco_churn.csv").to_str().unwrap(), meaning).unwrap()
}

#[test]
#[ignore = "needs the data beside the project"]
fn telco_is_told_as_well_as_by_scikit_learn() {
    let examples = telco();
    let blank: Vec<_> = examples.predictors().missing().filter(|(_, missing)| *missing > 0).collect();
    assert_eq!(blank, [("TotalCharges", 11)]);
    assert_eq!((examples.len(), examples.balance().churned, examples.predictors().width()), (7043, 1869, 19));
    let folds = Folds::stratified(&examples, 5, 1).unwrap();
    let ridge = Logistic::new(Penalty::ridge(1.0));
    let comparison = Comparison::of(&[&ridge], &examples, &folds).unwrap();
    let judgement = comparison.candidates()[0].judgement();
    // scikit-learn's, on other folds: 0.8453.
    assert!(judgement.auc.value() > 0.843, "{judgement}");
    assert!(judgement.calibration_error < 0.03, "{judgement}");
}

#[test]
#[ignore = "needs the data beside the project"]
fn telco_without_a_penalty() {
    let examples = telco();
    let plain = Logistic::new(Penalty::none());
    // Nobody whose charges are blank has left: they came that month.
    let said = plain.fit(&examples).unwrap_err().to_string();
    assert!(said.starts_with("columns: `TotalCharges is missing` tell some of who churned"), "{said}");

    let all: Vec<&str> = examples.predictors().names().filter(|name| *name != "TotalCharges").collect();
    let model = plain.fit(&examples.select(&all).unwrap()).unwrap();
    // Levels that say once more that there is no phone, or no internet: numpy.linalg.matrix_rank, column by column.
    let left_out: Vec<_> = model.left_out().iter().map(|one| one.term.as_str()).collect();
    let no_internet = ["OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV"]
        .map(|column| format!("{column}=No internet service"));
    assert_eq!(left_out[0], "MultipleLines=No phone service");
    assert_eq!(left_out[1..6], no_internet);
    assert_eq!(left_out[6..], ["StreamingMovies=No internet service"]);
    // statsmodels 0.15.0: Logit(y, X).fit(method="newton", tol=1e-14) on the columns that are left: llf, params, bse.
    assert!((model.log_likelihood() + 2_925.480_442_254_4).abs() < 1e-7);
    for (name, value, std_error) in [
        ("tenure", -3.417_218_398_296e-2, 2.366_060_226_380e-3),
        ("MonthlyCharges", -3.271_614_561_022e-2, 3.194_036_428_964e-2),
        ("InternetService=No", -3.342_393_953_377, 1.604_438_960_480),
        ("Contract=Two year", -1.356_835_501_665, 1.739_576_696_842e-1),
    ] {
        let found = model.coefficients().iter().find(|coefficient| coefficient.name == name).unwrap();
        assert!((found.value / value - 1.0).abs() < 1e-6, "{found:?}");
        assert!((found.std_error.unwrap() / std_error - 1.0).abs() < 1e-6, "{found:?}");
    }
}
