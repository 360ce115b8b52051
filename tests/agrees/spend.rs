//! Models of spend at given parameters, as published and as reckoned by another program.

use patronage::{
    cltv::{GammaGammaModel, NormalNormalModel, TwoPart},
    domain::Currency,
    model::{SpendEstimator, SpendForecast, Stop},
    summary::{Spend, SpendTable},
};

#[test]
fn gamma_gamma_expects_what_is_published() {
    let spend = GammaGammaModel::new(Currency::USD, 6.25, 3.74, 15.44).unwrap();
    let close = |found: f64, known: f64| assert!((found / known - 1.0).abs() < 1e-9, "{found} {known}");
    close(spend.population_mean(), 35.218_978_10);
    let people = SpendTable::from_columns(Currency::USD, &[2, 1, 7, 0], &[22.35, 11.77, 73.74, 0.0]).unwrap();
    let known = [24.663_713_910_761, 18.916_852_057_842, 71.469_670_896_967, 35.218_978_10];
    for (found, known) in spend.expected_spend(&people).into_iter().zip(known) {
        close(found, known);
    }
}

#[test]
fn normal_normal_expects_the_posterior_mean() {
    // Python: from statistics import NormalDist; w = x / (x + 8**2 / 5**2); mean = w * m + (1 - w) * 3
    // 1 - NormalDist(mean, 5 * (1 - w) ** 0.5).cdf(0)
    let margins = NormalNormalModel::new(Currency::EUR, 3.0, 8.0, 5.0).unwrap();
    let people = SpendTable::from_columns(Currency::EUR, &[0, 1, 6], &[0.0, -10.0, -2.5]).unwrap();
    let expected = margins.expected_spend(&people);
    let known = [
        (3.0, 0.725_746_882_249_926_5),
        (-0.651_685_393_258_427_2, 0.438_923_263_585_472_1),
        (-0.855_140_186_915_887_7, 0.377_238_888_246_282_7),
    ];
    for ((row, found), (mean, gain)) in people.rows().iter().zip(expected).zip(known) {
        assert!((found - mean).abs() < 1e-12, "{found} {mean}");
        let found = margins.gain_probability(row);
        assert!((found - gain).abs() < 1e-12, "{found} {gain}");
    }
}

/// Customers who gain and lose about means of their own.
pub(super) fn signed(row: u32) -> Spend {
    let at = |columns: &[u32], row: u32| columns[row as usize % columns.len()];
    let (gains, losses) = (1 + row % 5, at(&[0, 0, 1, 4, 2, 0, 3], row));
    let own = [at(&[4, 6, 7, 9, 11, 15, 40], row * 5), at(&[2, 3, 4, 6, 20], row * 3)].map(f64::from);
    let away = [row * row % 41, row * row % 37].map(f64::from);
    let gain = own[0] * (1.0 + (away[0] - 20.0) / 32.0 / f64::from(gains));
    let loss = own[1] * (1.0 + (away[1] - 18.0) / 32.0 / f64::from(losses.max(1)));
    Spend::signed(gains, gain, losses, if losses > 0 { loss } else { 0.0 }).unwrap()
}

#[test]
fn two_part_finds_what_another_program_finds() {
    // Python, scipy 1.17, Nelder-Mead on each part apart, for g gains of mean y and l losses of mean z:
    // betaln(a + l, b + g) - betaln(a, b), and of x amounts of mean z
    // -log(z) - betaln(p x, q) + q log(v / (v + x z)) + p x log(x z / (v + x z)).
    let people = SpendTable::new(Currency::EUR, (0..90).map(signed).collect());
    let fit = TwoPart::default().fit(&people).unwrap();
    assert_eq!(fit.stop(), Stop::Converged);
    assert!((fit.log_likelihood() - -692.147_963_261_859_9).abs() < 1e-6, "{}", fit.log_likelihood());
    let known = [
        ("loss_a", 2.710_999_447),
        ("loss_b", 6.228_198_656),
        ("gain_p", 7.054_251_283),
        ("gain_q", 2.518_240_915),
        ("gain_v", 2.904_023_773),
        ("loss_p", 11.536_095_476),
        ("loss_q", 1.961_435_546),
        ("loss_v", 0.649_825_516),
    ];
    for (found, (name, known)) in fit.estimates().iter().zip(known) {
        assert_eq!(found.name, name);
        assert!((found.value / known - 1.0).abs() < 1e-6, "{found:?} {known}");
    }
    // (1 - pi) p (v + g y) / (p g + q - 1) - pi p' (v' + l z) / (p' l + q' - 1), pi = (a + l) / (a + b + g + l).
    let expected = fit.model.expected_spend(&people);
    let known = [0.508_820_15, 6.216_084_93, 5.016_309_17, -3.720_724_84, 25.539_951_23];
    for (found, known) in expected.iter().zip(known) {
        assert!((found - known).abs() < 1e-5, "{found} {known}");
    }
    assert!((expected.iter().sum::<f64>() - 634.970_191_735).abs() < 1e-4);
}
