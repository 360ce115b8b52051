//! BG/BB on the donations of Fader, Hardie & Shang (2010), as recomputed by two other methods.

use std::fs;

use patronage::{
    cltv::BgBb,
    domain::Tick,
    model::{PurchaseEstimator, Stop},
    summary::HistoryTable,
};

use super::data;

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn bg_bb_of_six_years() {
    let text = fs::read_to_string(data("donations.csv")).unwrap();
    let rows: Vec<Vec<u32>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|field| field.trim().parse().unwrap()).collect())
        .collect();
    let column = |at: usize| rows.iter().map(|row| row[at].into()).collect::<Vec<f64>>();
    let repeats: Vec<u32> = rows.iter().map(|row| row[0]).collect();
    let donors = HistoryTable::from_columns(Tick::Year, &repeats, &column(1), &column(2))
        .unwrap()
        .weights(column(3))
        .unwrap();
    let fit = BgBb::default().fit(&donors).unwrap();
    assert_eq!((fit.stop(), fit.customers()), (Stop::Converged, 11_104.0));
    assert!((fit.log_likelihood() - -33_225.581_274_347).abs() < 1e-6, "{}", fit.log_likelihood());
    let known = [
        (1.203_522_31, 0.069_388),
        (0.749_716_34, 0.029_447),
        (0.656_718_17, 0.051_006),
        (2.783_442_08, 0.320_796),
    ];
    for (found, (value, error)) in fit.estimates().iter().zip(known) {
        assert!((found.value / value - 1.0).abs() < 1e-4, "{found:?} {value}");
        assert!((found.std_error.unwrap() / error - 1.0).abs() < 1e-3, "{found:?} {error}");
    }
}
