//! The holdout of the CDNOW sample: 39 weeks, 1,882 purchases.

use patronage::{
    cltv::{Backtest, BacktestReport, BgNbd, MbgNbd, Nbd, ParetoNbd},
    domain::{Day, Tick},
    summary::Observation,
};

use super::cdnow::{end, read};

fn report() -> BacktestReport {
    let ledger = read("cdnow_sample.txt", false, 1);
    let until = Day::ymd(1998, 6, 30).unwrap();
    let split = Observation::until(end()).every(Tick::Week).split(&ledger, until).unwrap();
    let models = (Nbd::default(), BgNbd::default(), MbgNbd::default(), ParetoNbd::default());
    Backtest::new(&split).tracking(&ledger).run(&[&models.0, &models.1, &models.2, &models.3]).unwrap()
}

/// Model, sum of the forecasts, MAE, RMSE, correlation, and MAPE of the cumulative weeks 40 to 78 in %.
const KNOWN: [(&str, f64, f64, f64, f64, f64); 3] = [
    ("BG/NBD", 1653.41, 0.785_45, 1.607_98, 0.6256, 2.52),
    ("MBG/NBD", 1576.73, 0.764_78, 1.607_18, 0.6273, 4.00),
    ("Pareto/NBD", 1665.51, 0.754_52, 1.602_85, 0.6302, 1.33),
];

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn the_holdout_table() {
    let report = report();
    // x / T times 39 weeks.
    assert!((report.of("naive").unwrap().accuracy.mae - 1.023_67).abs() < 0.000_005);
    assert_eq!((report.customers, report.actual), (2357, 1882));
    for (name, predicted, mae, rmse, correlation, mape) in KNOWN {
        let tested = report.of(name).unwrap();
        let found = tested.accuracy;
        // Half a unit of the last digit.
        assert!((found.predicted - predicted).abs() < 0.005, "{name} {found:?}");
        assert!((found.mae - mae).abs() < 0.000_005, "{name} {found:?}");
        assert!((found.rmse - rmse).abs() < 0.000_005, "{name} {found:?}");
        assert!((found.correlation.unwrap() - correlation).abs() < 0.000_05, "{name} {found:?}");
        let tracked = tested.tracked.as_ref().unwrap();
        let found = 100.0 * tracked.cumulative_mape.unwrap();
        assert!((found - mape).abs() < 0.005, "{name} {found}");
    }
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn a_model_in_which_customers_leave_is_recommended() {
    let report = report();
    assert_eq!(report.recommend().unwrap().0, "Pareto/NBD");
    for simple in ["NBD", "naive"] {
        let excess = report.of(simple).unwrap().excess;
        assert!(excess.mean > excess.std_error, "{simple} {excess:?}");
    }
    let best = report.of("Pareto/NBD").unwrap();
    assert_eq!(best.by_frequency.iter().map(|row| row.customers).collect::<Vec<_>>()[0], 1411);
    // The table by tenths is calibrated: the tenth expected to buy most does, by a long way.
    let tenths: Vec<f64> = best.deciles.iter().map(|tenth| tenth.actual).collect();
    assert!(tenths[9] > 2.0 * tenths[8] && best.top_decile_found.unwrap() > 0.45);
}
