//! Small data sets, simulated by the stories of the models: every fit ends well or says why not.

use patronage::{
    cltv::{BgBb, BgNbd, GammaGamma, MbgNbd, Nbd, NormalNormal, ParetoNbd, ShiftedBetaGeometric},
    domain::Tick,
    model::{Estimate, Fit, Parametric, PurchaseEstimator, SpendEstimator, Stop},
    summary::{History, HistoryTable},
};
use rand::Rng;

use crate::host::story::{self, Leaving, size};

/// Nothing but numbers, converged or with the reason why not, and no lower than at the truth.
fn is_sound<M: Parametric>(what: &str, fit: &Fit<M>, at_truth: f64) -> Stop {
    let is_number = |estimate: &Estimate| {
        estimate.value.is_finite() && estimate.std_error.is_none_or(|error| error.is_finite() && error >= 0.0)
    };
    assert!(fit.estimates().iter().all(is_number), "{what}: {:?}", fit.estimates());
    assert!(fit.log_likelihood().is_finite() && fit.aic().is_finite() && fit.bic().is_finite());
    assert!(fit.condition() >= 1.0, "{what}: {}", fit.condition());
    let at_boundary = fit.estimates().iter().any(|estimate| estimate.at_boundary);
    let is_reason = matches!(fit.stop(), Stop::Converged | Stop::Flat) || at_boundary;
    assert!(is_reason && fit.stop() != Stop::NotFinite, "{what}: {} {:?}", fit.stop(), fit.estimates());
    let below = at_truth - fit.log_likelihood();
    assert!(below < 1e-7 * at_truth.abs().max(1.0), "{what}: {below} below the truth, {}", fit.stop());
    if fit.stop() == Stop::Converged {
        let is_known = fit.estimates().iter().all(|estimate| estimate.std_error.is_some());
        assert_eq!(fit.draws(3, 1).is_ok(), is_known, "{what}");
    }
    fit.stop()
}

fn purchases(sets: u64) -> u32 {
    let mut converged = 0;
    for seed in 0..sets {
        let mut chance = story::chance(seed);
        let most = chance.gen_range(20..=500);
        let customers = chance.gen_range(20..=most);
        let (r, alpha) = (size(0.1, 5.0, &mut chance), size(1.0, 50.0, &mut chance));
        let [a, b, s, beta] =
            [(0.1, 5.0), (0.3, 20.0), (0.1, 5.0), (1.0, 100.0)].map(|(from, to)| size(from, to, &mut chance));
        let weeks = size(5.0, 150.0, &mut chance).round();
        let truth = match seed % 4 {
            0 => Leaving::Never,
            1 => Leaving::AtAnyTime { s, beta },
            which => Leaving::AfterPurchases { a, b, first: which == 3 },
        };
        // Four cohorts, in whole weeks: many customers are equal, which makes a fit cheap.
        let row = |_| {
            let age = (weeks * f64::from(chance.gen_range(1..=4)) / 4.0).ceil();
            let seen = story::history(r, alpha, truth, age, &mut chance);
            History::new(seen.repeats(), seen.recency().ceil(), age).unwrap()
        };
        let people = HistoryTable::new(Tick::Week, (0..customers).map(row).collect());
        let what = |name: &str| format!("{name} to set {seed} of {customers}");
        let low = f64::NEG_INFINITY;
        macro_rules! fit {
            ($estimator:expr, $truth:expr) => {{
                let estimator = $estimator;
                let fit = estimator.fit(&people).unwrap();
                let at_truth = $truth.map_or(low, |values: Vec<f64>| {
                    let model = fit.model.with_values(&values).unwrap();
                    people.rows().iter().map(|row| model.log_likelihood(row)).sum()
                });
                converged += u32::from(is_sound(&what(estimator.name()), &fit, at_truth).is_converged());
            }};
        }
        // Each is fitted by the model of its own story and by another (seldom by Pareto/NBD, which takes long).
        let (own, other) = (seed % 4, (seed / 8) % 4);
        let is_one = |story: u64| own == story || (other == story && (story != 1 || seed < 100));
        if is_one(0) {
            fit!(Nbd::default(), (own == 0).then(|| vec![r, alpha]));
        }
        if is_one(1) {
            fit!(ParetoNbd::default(), (own == 1).then(|| vec![r, alpha, s, beta]));
        }
        if is_one(2) {
            fit!(BgNbd::default(), (own == 2).then(|| vec![r, alpha, a, b]));
        }
        if is_one(3) {
            fit!(MbgNbd::default(), (own == 3).then(|| vec![r, alpha, a, b]));
        }
    }
    converged
}

/// The models that are not of purchases at any time.
fn others(sets: u64) -> u32 {
    let mut converged = 0;
    for seed in 0..sets {
        let mut chance = story::chance(seed);
        let customers = chance.gen_range(20..=500);
        let what = |name: &str| format!("{name} to set {seed} of {customers}");
        let beta = [(); 4].map(|()| size(0.1, 10.0, &mut chance));
        let amount = [(); 3].map(|()| size(0.5, 20.0, &mut chance));

        let seen = chance.gen_range(1..30);
        let rows = (0..customers).map(|_| story::opportunities(beta, seen, &mut chance)).collect();
        let people = HistoryTable::new(Tick::Month, rows);
        let contracts = story::contracts([beta[0], beta[1]], customers, 1 + seen % 12, &mut chance);
        let amounts = [amount[0], 1.0 + amount[1], amount[2]];
        let amounts = story::amounts(amounts, customers as usize, &mut chance);
        let margins = story::margins(amount, customers as usize, &mut chance);
        let low = f64::NEG_INFINITY;
        let ends = [
            is_sound(&what("BG/BB"), &BgBb::default().fit(&people).unwrap(), low),
            is_sound(&what("sBG"), &ShiftedBetaGeometric::default().fit(&contracts).unwrap(), low),
            is_sound(&what("Gamma-Gamma"), &GammaGamma::default().fit(&amounts).unwrap(), low),
            is_sound(&what("normal-normal"), &NormalNormal::default().fit(&margins).unwrap(), low),
        ];
        converged += ends.iter().map(|stop| u32::from(stop.is_converged())).sum::<u32>();
    }
    converged
}

#[test]
fn a_few_simulated_shops_are_fitted() {
    purchases(8);
    others(20);
}

#[test]
#[ignore = "takes a minute without optimisation: a thousand shops, most by two models"]
fn a_thousand_simulated_shops_are_fitted() {
    let converged = purchases(1000);
    assert!(converged > 750, "{converged}");
}

#[test]
#[ignore = "takes a minute without optimisation: 250 data sets for each of four models"]
fn a_thousand_other_simulated_data_sets_are_fitted() {
    let converged = others(250);
    assert!(converged > 600, "{converged}");
}
