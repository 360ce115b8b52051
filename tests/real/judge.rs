//! Measures on the telco customers, whose scores have many ties, against scikit-learn 1.9.1: `roc_auc_score`,
//! `average_precision_score`, `log_loss` and `brier_score_loss`.

use patronage::churn::{Outcomes, PredictorColumn};

use super::logistic::telco;

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn measures_of_a_rule_of_thumb() {
    let examples = telco();
    let numbers = |name: &str| match examples.predictors().column(name).unwrap() {
        PredictorColumn::Numbers(values) => values.to_vec(),
        PredictorColumn::Categories { .. } => panic!("{name} holds numbers"),
    };
    // The longer a customer has been here, the likelier to stay; who pays more counts twice.
    let risks: Vec<f64> = numbers("tenure").iter().map(|months| (73.0 - months) / 74.0).collect();
    let weights: Vec<f64> =
        numbers("MonthlyCharges").iter().map(|charges| if *charges > 70.0 { 2.0 } else { 1.0 }).collect();
    for (outcomes, known) in [
        (
            Outcomes::new(&risks, examples.churned()),
            [
                0.739_867_175_528_628_8,
                0.483_736_887_012_171_2,
                0.853_899_574_138_172_5,
                0.282_326_726_763_603,
            ],
        ),
        (
            Outcomes::weighted(&risks, examples.churned(), &weights),
            [
                0.746_354_982_663_96,
                0.526_245_312_214_725_5,
                0.780_794_483_204_379_2,
                0.258_406_650_886_066_83,
            ],
        ),
    ] {
        let outcomes = outcomes.unwrap();
        let found = [
            outcomes.auc().unwrap().value(),
            outcomes.average_precision().unwrap(),
            outcomes.log_loss(),
            outcomes.brier(),
        ];
        for (found, known) in found.iter().zip(known) {
            assert!((found - known).abs() < 1e-9, "{found} {known}");
        }
    }
}
