//! Saved models of the first schema: they stay readable, and forecast what another program does.

use patronage::{
    cltv::{
        BgBbModel, BgNbdModel, CovariateModel, GammaGammaModel, MbgNbdModel, NaiveRateModel, NbdModel,
        NormalNormalModel, ParetoNbdModel, ShiftedBetaGeometricModel, TwoPartModel,
    },
    domain::{Horizon, Tick},
    model::{Fit, Parametric, PurchaseForecast, SpendForecast, Stop},
    summary::{History, Spend},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("../golden/", $name, "-1.json")).trim_end()
    };
}

/// What a saved fit is made of: numbers and words of the model, and no customer.
const FIELDS: [&str; 10] = [
    "as_of",
    "condition",
    "covariance",
    "customers",
    "log_likelihood",
    "model",
    "readiness",
    "schema",
    "steps",
    "stop",
];

/// Reads a fit of the first schema, and holds it to what is promised of every saved model.
#[track_caller]
fn read<M: Parametric + Serialize + DeserializeOwned>(saved: &str, fields: &[&str]) -> Fit<M> {
    let fit: Fit<M> = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&fit).unwrap(), saved);
    assert!(saved.len() < 1024, "{} bytes", saved.len());

    let tree: Value = serde_json::from_str(saved).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&tree), FIELDS);
    assert_eq!(names(&tree["model"]), fields);
    // The number of customers, not who they are.
    assert_eq!(tree["customers"], format!("{:?}", fit.customers()));

    // Of a newer schema, the fit's own or the model's, nothing is read.
    for (at, _) in saved.match_indices(r#""schema":1"#) {
        let newer = format!("{}{}{}", &saved[..at], r#""schema":2"#, &saved[at + 10..]);
        let error = serde_json::from_str::<Fit<M>>(&newer).err().unwrap().to_string();
        assert!(error.contains("saved with schema 2, this version reads up to 1"), "{error}");
    }
    fit
}

#[track_caller]
fn close(found: f64, known: f64, tolerance: f64) {
    assert!((found / known - 1.0).abs() < tolerance, "{found} {known}");
}

fn weeks<M: PurchaseForecast>(fit: &Fit<M>, count: u32) -> f64 {
    fit.model.expected_purchases_new(Horizon::weeks(count))
}

#[test]
fn models_of_cdnow() {
    // Python, mpmath, at the estimates recomputed for exact days: (a + b - 1) / (a - 1) (1 - (alpha / (alpha
    // + t))^r 2F1(r, b; a + b - 1; t / (alpha + t))).
    let bg_nbd = read::<BgNbdModel>(golden!("bg_nbd"), &["a", "alpha", "b", "model", "r", "schema", "tick"]);
    close(weeks(&bg_nbd, 1), 0.053_184_292_566, 1e-6);
    close(weeks(&bg_nbd, 78), 1.857_958_441_276, 1e-6);
    // b / (a - 1) (1 - (alpha / (alpha + t))^r 2F1(r, b + 1; a + b; t / (alpha + t))).
    let mbg_nbd =
        read::<MbgNbdModel>(golden!("mbg_nbd"), &["a", "alpha", "b", "model", "r", "schema", "tick"]);
    close(weeks(&mbg_nbd, 39), 1.182_279_711_667, 1e-6);
    let pareto_nbd =
        read::<ParetoNbdModel>(golden!("pareto_nbd"), &["alpha", "beta", "r", "s", "schema", "tick"]);
    close(weeks(&pareto_nbd, 1), 0.051_006_377_0, 1e-6);
    close(weeks(&pareto_nbd, 52), 1.473_434_293_2, 1e-6);
    // 39 r / alpha at the maximum that scipy's Nelder-Mead finds.
    let nbd = read::<NbdModel>(golden!("nbd"), &["alpha", "model", "r", "schema", "tick"]);
    close(weeks(&nbd, 39), 1.243_029_431, 1e-6);
    // x / T times 39, of whoever came back twice in 272 days.
    let naive = read::<NaiveRateModel>(golden!("naive_rate"), &["rate", "schema", "tick"]);
    let mut out = [0.0];
    let twice = History::new(2, 213.0 / 7.0, 272.0 / 7.0).unwrap();
    naive.model.expected_purchases_into(&[twice], Horizon::weeks(39), &mut out);
    close(out[0], 2.0 * 39.0 * 7.0 / 272.0, 1e-12);
    for (stop, customers) in [
        (bg_nbd.stop(), bg_nbd.customers()),
        (mbg_nbd.stop(), mbg_nbd.customers()),
        (pareto_nbd.stop(), pareto_nbd.customers()),
        (nbd.stop(), nbd.customers()),
    ] {
        assert_eq!((stop, customers), (Stop::Converged, 2357.0));
    }
    // p v / (q - 1).
    let gamma_gamma = read::<GammaGammaModel>(golden!("gamma_gamma"), &["currency", "p", "q", "schema", "v"]);
    close(gamma_gamma.model.population_mean(), 35.170_370_449, 1e-6);
}

#[test]
fn models_of_opportunities_and_contracts() {
    let donors = read::<BgBbModel>(golden!("bg_bb"), &["alpha", "beta", "delta", "gamma", "schema", "tick"]);
    for (years, published) in [(1, 0.4985), (2, 0.9233), (3, 1.2969), (4, 1.6323), (5, 1.9381)] {
        let found = donors.model.expected_purchases_new(Horizon::years(years));
        assert!((found - published).abs() < 2e-4, "{years}: {found} {published}");
    }
    let contracts = read::<ShiftedBetaGeometricModel>(
        golden!("shifted_beta_geometric"),
        &["alpha", "beta", "schema", "tick"],
    );
    for (year, percent) in [(8, 22.008), (9, 20.441), (10, 19.119), (11, 17.986), (12, 17.004)] {
        assert!((100.0 * contracts.model.survival(year) - percent).abs() < 6e-4, "{year}");
    }
    assert_eq!((contracts.model.tick(), contracts.customers()), (Tick::Year, 1000.0));
}

#[test]
fn models_of_margins() {
    let margin = |model: &dyn SpendForecast, spend: Spend| {
        let mut out = [0.0];
        model.expected_spend_into(&[spend], &mut out);
        out[0]
    };
    // Of 240 customers i from 1, with x = 1 + i % 7 purchases of mean i % 13 - 6 + (i² % 83) / (4 sqrt(x)). Python,
    // scipy's Nelder-Mead: w m + (1 - w) mean, w = x / (x + within² / between²), at its maximum.
    let normal = read::<NormalNormalModel>(
        golden!("normal_normal"),
        &["between", "currency", "mean", "schema", "within"],
    );
    close(margin(&normal.model, Spend::new(4, -5.0).unwrap()), 0.242_073_952, 2e-5);
    // The customers and the reckoning of `two_part_finds_what_another_program_finds`.
    let two_part =
        read::<TwoPartModel>(golden!("two_part"), &["chance", "currency", "gains", "losses", "schema"]);
    close(margin(&two_part.model, super::spend::signed(3)), -3.720_724_84, 2e-6);
    close(margin(&two_part.model, super::spend::signed(4)), 25.539_951_23, 2e-6);
}

#[test]
fn models_with_covariates() {
    // CDNOW, `late` for whoever came after the 14th of February; with many covariates, or long names of
    // them, such a file is larger. Python, mpmath, at the estimates of the file, alpha times e^-late:
    // r beta / (alpha (s - 1)) (1 - (beta / (beta + t))^(s - 1)).
    let fields = ["base", "dropout", "purchase", "schema"];
    let pareto_nbd = read::<CovariateModel<ParetoNbdModel>>(golden!("covariates_pareto_nbd"), &fields);
    let late = pareto_nbd.model.at(&[1.0], &[]).unwrap();
    close(late.expected_purchases_new(Horizon::weeks(52)), 1.457_547_936_076_889_8, 1e-9);
    let bg_nbd = read::<CovariateModel<BgNbdModel>>(golden!("covariates_bg_nbd"), &fields);
    let late = bg_nbd.model.at(&[1.0], &[]).unwrap();
    close(late.expected_purchases_new(Horizon::weeks(52)), 1.436_990_064_740_748_8, 1e-9);
}
