//! Pareto/NBD fitted to CDNOW. The maxima were found by two other programs, in up to 60 digits.

use std::fs;

use patronage::{
    cltv::{ParetoNbd, ParetoNbdModel},
    domain::{Horizon, Tick},
    model::{Fit, Parametric, PurchaseEstimator, PurchaseForecast, Readiness},
    summary::{Histories, HistoryTable, Observation},
};

use super::{cdnow, data};

fn fit(people: &dyn Histories, known: [f64; 4], log_likelihood: f64) -> Fit<ParetoNbdModel> {
    let fit = ParetoNbd::default().fit(people).unwrap();
    assert!(fit.stop().is_converged());
    assert!((fit.log_likelihood() - log_likelihood).abs() < 1e-6, "{}", fit.log_likelihood());
    for (parameter, known) in fit.model.parameters().iter().zip(known) {
        assert!((parameter.value / known - 1.0).abs() < 1e-6, "{parameter:?} is not {known}");
    }
    fit
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn exact_days() {
    let ledger = cdnow::read("cdnow_sample.txt", false, 1);
    let people = Observation::until(cdnow::end()).every(Tick::Week).summarise(&ledger).unwrap();
    let known = [0.553_277_10, 10.577_684_17, 0.606_239_87, 11.668_730_58];
    let fit = fit(&people, known, -9_594.976_178_940);
    let errors = [0.047_627, 0.842_711, 0.187_268, 6.210_657];
    for (estimate, known) in fit.estimates().iter().zip(errors) {
        assert!((estimate.std_error.unwrap() / known - 1.0).abs() < 1e-3, "{estimate:?}: not {known}");
        assert!(!estimate.at_boundary);
    }
    assert_eq!(
        (fit.customers(), fit.as_of(), fit.readiness()),
        (2357.0, Some(cdnow::end()), &Readiness::Ready)
    );

    let holdout: f64 = fit.model.expected_purchases(&people, Horizon::weeks(39)).iter().sum();
    assert!((holdout - 1665.51).abs() < 0.005, "{holdout}");
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn the_summary_file() {
    let text = fs::read_to_string(data("cdnow_customers_summary.csv")).unwrap();
    let (mut repeats, mut recency, mut age) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.trim().split(',').collect();
        repeats.push(fields[1].parse().unwrap());
        recency.push(fields[2].parse().unwrap());
        age.push(fields[3].parse().unwrap());
    }
    let people = HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age).unwrap();
    let known = [0.553_275_54, 10.577_612_31, 0.606_213_53, 11.667_908_42];
    fit(&people, known, -9_594.973_929_827);
}
