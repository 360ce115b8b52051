//! Gamma-Gamma on CDNOW, as recomputed by two other methods.

use std::fs;

use patronage::{
    cltv::{GammaGamma, GammaGammaModel, NaiveRate, SpendCheck},
    domain::{Currency, Day, Horizon, Tick},
    model::{Fit, PurchaseEstimator, PurchaseForecast, SpendEstimator, Stop},
    summary::{Observation, SpendTable, Summaries},
};

use super::{
    cdnow::{end, read},
    data,
};

fn sample() -> Summaries {
    let ledger = read("cdnow_sample.txt", false, 1);
    Observation::until(end()).every(Tick::Week).summarise(&ledger).unwrap()
}

fn agrees(fit: &Fit<GammaGammaModel>, parameters: [f64; 3], log_likelihood: f64) {
    assert_eq!((fit.stop(), fit.customers()), (Stop::Converged, 946.0));
    assert!((fit.log_likelihood() - log_likelihood).abs() < 1e-6, "{}", fit.log_likelihood());
    for (found, known) in fit.estimates().iter().zip(parameters) {
        assert!((found.value / known - 1.0).abs() < 1e-4, "{found:?} {known}");
    }
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn gamma_gamma_of_exact_days() {
    let people = sample();
    let fit = GammaGamma::default().fit(&people).unwrap();
    agrees(&fit, [6.249_571_89, 3.744_224_73, 15.443_521_90], -4_055.917_694_802);
    for (found, known) in fit.estimates().iter().zip([1.1897, 0.29008, 4.158]) {
        assert!((found.std_error.unwrap() / known - 1.0).abs() < 1e-3, "{found:?} {known}");
    }
    let check = SpendCheck::of(&people);
    assert_eq!((check.used(), check.without_repeats(), check.not_positive()), (946.0, 1411.0, 0.0));
    assert!((check.correlation().unwrap() - 0.11388).abs() < 1e-5, "{check:?}");
    assert!(fit.readiness().is_ready());
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn gamma_gamma_of_the_published_summary() {
    let text = fs::read_to_string(data("cdnow_customers_summary_with_transactions.csv")).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        (fields[1].parse::<u32>().unwrap(), fields[4].parse::<f64>().unwrap())
    });
    let (purchases, means): (Vec<u32>, Vec<f64>) = rows.unzip();
    let people = SpendTable::from_columns(Currency::USD, &purchases, &means).unwrap();
    let fit = GammaGamma::default().fit(&people).unwrap();
    agrees(&fit, [6.248_802_36, 3.744_588_49, 15.447_748_43], -4_055.923_243_503);
    let correlation = SpendCheck::of(&people).correlation().unwrap();
    assert!((correlation - 0.11388).abs() < 5e-6, "{correlation}");
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn the_naive_rate_misses_by_as_much_as_is_known() {
    let ledger = read("cdnow_sample.txt", false, 1);
    let until = Day::ymd(1998, 6, 30).unwrap();
    let split = Observation::until(end()).every(Tick::Week).split(&ledger, until).unwrap();
    let naive = NaiveRate.fit(&split.calibration).unwrap().model;
    let expected = naive.expected_purchases(&split.calibration, Horizon::weeks(39));
    let misses = expected.iter().zip(split.holdout.purchases()).map(|(e, &y)| (e - f64::from(y)).abs());
    let mean = misses.sum::<f64>() / 2357.0;
    assert!((mean - 1.02367).abs() < 5e-6, "{mean}");
}
