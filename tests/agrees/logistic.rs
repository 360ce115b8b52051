//! Logistic regression: what statsmodels 0.15.0 and scikit-learn 1.9.1 find.

use patronage::{
    churn::{ChurnModel, Examples, Logistic, LogisticModel, Penalty, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
    model::Stop,
};

use super::Chance;

/// 400 customers: 36 have no gap, 198 a monthly, 111 a yearly and 91 a trial plan; 147 churned. And a weight each,
/// of 1, 2 or 3.
pub(crate) fn made() -> (Examples, Vec<f64>) {
    let mut chance = Chance(17);
    let (mut tenure, mut spend, mut gap, mut plan) = (vec![], vec![], vec![], vec![]);
    let (mut weights, mut churned) = (vec![], vec![]);
    for _ in 0..400 {
        let months = 72.0 * chance.next();
        let paid = 20_000.0 + 5_000.0 * (chance.next() + chance.next() + chance.next() - 1.5);
        let blank = chance.next() < 0.1;
        let days = 30.0 * chance.next();
        let kind = chance.next();
        let (kind, pull) = match kind {
            ..0.5 => ("monthly", 0.0),
            ..0.8 => ("yearly", -1.0),
            _ => ("trial", 0.7),
        };
        weights.push(1.0 + (3.0 * chance.next()).floor());
        let score =
            0.8 - 0.05 * months + 0.0002 * (paid - 20_000.0) + if blank { 0.3 } else { 0.02 * days } + pull;
        churned.push(chance.next() < 1.0 / (1.0 + (-score).exp()));
        tenure.push(Some(months));
        spend.push(Some(paid));
        gap.push((!blank).then_some(days));
        plan.push(Some(kind));
    }
    let people: Customers = (0..400_u32).map(CustomerId::from).collect();
    let named = [("tenure", tenure), ("spend", spend), ("gap", gap)];
    let numbers = named.map(|(name, column)| (name.to_owned(), column));
    let numbers = Features::new(people.clone(), Day::default(), numbers).unwrap();
    let plans = Categories::new(people, Day::default(), [("plan".to_owned(), plan)]).unwrap();
    let known = Predictors::of(&numbers).with_categories(&plans).unwrap();
    (Examples::new(known, churned).unwrap(), weights)
}

#[track_caller]
fn close(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-6 * known.abs(), "{found} {known}");
}

#[track_caller]
fn fit(penalty: Penalty, examples: &Examples) -> LogisticModel {
    let model = Logistic::new(penalty).fit(examples).unwrap();
    assert_eq!(model.stop(), Stop::Converged);
    model
}

/// The intercept, tenure, spend, gap, whether it is missing, and the plans that are a trial or yearly: the columns
/// `X` of the reckonings below, gaps filled by their mean.
#[track_caller]
fn coefficients(model: &LogisticModel, known: &[f64]) {
    let found = [model.intercept()].into_iter().chain(model.coefficients());
    assert_eq!(model.coefficients().len() + 1, known.len());
    found.zip(known).for_each(|(found, known)| close(found.value, *known));
}

#[track_caller]
fn std_errors(model: &LogisticModel, known: &[f64]) {
    let found = [model.intercept()].into_iter().chain(model.coefficients());
    found.zip(known).for_each(|(found, known)| close(found.std_error.unwrap(), *known));
}

/// What is minimised: the loss and, of standardised coefficients, the penalty. `spreads` are those of `X`.
fn objective(model: &LogisticModel, spreads: &[f64]) -> f64 {
    let penalty = model.penalty();
    let cost = |(b, spread): (f64, &f64)| {
        let b = b * spread;
        penalty.strength() * ((1.0 - penalty.l1_ratio()) / 2.0 * b * b + penalty.l1_ratio() * b.abs())
    };
    let slopes = model.coefficients().iter().map(|coefficient| coefficient.value);
    slopes.zip(spreads).map(cost).sum::<f64>() - model.log_likelihood()
}

/// `X.std(axis=0)`, and with the weights `sqrt(average((X - average(X, weights=w)) ** 2, weights=w))`.
const SPREADS: [f64; 6] = [
    21.296_304_586_34,
    2_510.961_883_720,
    8.024_879_620_484,
    0.286_181_760_425_1,
    0.419_218_022_036_3,
    0.447_765_284_496_2,
];
const WEIGHTED_SPREADS: [f64; 6] = [
    21.486_355_929_07,
    2_544.227_531_307,
    7.986_269_749_768,
    0.293_950_419_925_0,
    0.421_325_044_234_7,
    0.452_173_254_197_1,
];

#[test]
fn without_a_penalty_as_statsmodels() {
    // Logit(y, add_constant(X)).fit(method="newton", tol=1e-14): params, bse, tvalues, pvalues, llf, llnull.
    let (examples, _) = made();
    let model = fit(Penalty::none(), &examples);
    let names: Vec<_> = model.coefficients().iter().map(|coefficient| coefficient.name.as_str()).collect();
    assert_eq!(names, ["tenure", "spend", "gap", "gap is missing", "plan=trial", "plan=yearly"]);
    assert_eq!((model.base_level("plan"), model.base_level("gap")), (Some("monthly"), None));
    coefficients(
        &model,
        &[
            -3.211_401_214_162,
            -0.050_101_854_252_69,
            1.913_157_342_472e-4,
            0.022_599_187_932_01,
            0.343_214_621_342_3,
            1.010_051_000_751,
            -0.413_776_409_757_4,
        ],
    );
    std_errors(
        &model,
        &[
            1.050_464_607_583,
            6.381_561_535_870e-3,
            4.960_860_980_867e-5,
            0.015_294_997_838_87,
            0.419_909_349_649_0,
            0.297_228_975_462_3,
            0.302_538_785_870_9,
        ],
    );
    let [tenure, _, gap, ..] = model.coefficients() else { unreachable!() };
    close(model.intercept().z().unwrap(), -3.057_124_619_886);
    close(tenure.z().unwrap(), -7.851_033_633_550);
    close(tenure.p_value().unwrap(), 4.126_222_761_545e-15);
    close(gap.p_value().unwrap(), 1.395_271_472_828e-1);
    close(model.log_likelihood(), -207.128_248_502_532);
    close(model.null_log_likelihood(), -263.044_687_956_156);
}

#[test]
fn weights_are_as_many_rows() {
    // Logit(repeat(y, w), add_constant(repeat(X, w))), gaps filled by their weighted mean.
    let (examples, weights) = made();
    let model = fit(Penalty::none(), &examples.weighted(weights).unwrap());
    coefficients(
        &model,
        &[
            -2.880_509_833_057,
            -0.050_082_029_241_16,
            1.819_996_736_498e-4,
            0.020_052_140_403_47,
            0.553_439_963_537_3,
            0.814_760_986_424_4,
            -0.575_544_935_930_7,
        ],
    );
    std_errors(
        &model,
        &[
            0.725_516_813_436_2,
            4.442_485_217_261e-3,
            3.424_857_250_681e-5,
            0.010_823_097_464_48,
            0.284_408_272_946_2,
            0.208_346_750_726_3,
            0.213_080_210_814_5,
        ],
    );
    close(model.log_likelihood(), -418.967_856_084_960);
}

#[test]
fn a_ridge_as_scikit_learn() {
    // LogisticRegression(C=1 / strength, solver="newton-cholesky", tol=1e-13) on StandardScaler().fit_transform(X), and
    // for the raw scale on X less its mean; the coefficients turned to the units of X. Then what it minimises.
    let (examples, weights) = made();
    for (strength, known, least) in [
        (
            1.0,
            [
                -3.153_405_007_054,
                -0.049_069_276_890_22,
                1.874_196_041_330e-4,
                0.022_178_109_711_49,
                0.332_375_902_954_4,
                0.988_606_313_307_8,
                -0.409_016_150_955_3,
            ],
            207.924_236_411_420,
        ),
        (
            25.0,
            [
                -2.364_175_929_596,
                -0.034_556_038_766_80,
                1.329_629_212_083e-4,
                0.016_374_888_776_11,
                0.196_329_086_365_5,
                0.699_559_142_889_1,
                -0.332_463_710_377_5,
            ],
            220.971_240_508_394,
        ),
    ] {
        let model = fit(Penalty::ridge(strength), &examples);
        coefficients(&model, &known);
        let found = objective(&model, &SPREADS);
        assert!(found <= least * (1.0 + 1e-12), "{found} {least}");
    }
    let model = fit(Penalty::ridge(3.0).raw(), &examples);
    coefficients(
        &model,
        &[
            -3.220_859_905_803,
            -0.049_014_583_685_03,
            1.921_251_945_668e-4,
            0.023_285_923_774_19,
            0.202_830_462_433_5,
            0.820_989_040_144_8,
            -0.372_580_111_700_5,
        ],
    );
    let found = objective(&model, &[1.0; 6]);
    assert!(found <= 208.710_700_532_241 * (1.0 + 1e-12), "{found}");
    let model = fit(Penalty::ridge(5.0), &examples.weighted(weights).unwrap());
    coefficients(
        &model,
        &[
            -2.767_507_051_635,
            -0.047_675_981_442_82,
            1.734_555_074_133e-4,
            0.019_400_965_994_52,
            0.519_159_028_564_5,
            0.774_582_463_876_3,
            -0.549_218_832_890_4,
        ],
    );
    let found = objective(&model, &WEIGHTED_SPREADS);
    assert!(found <= 422.798_587_448_846 * (1.0 + 1e-12), "{found}");
}

#[test]
fn lasso_and_elastic_net_as_scikit_learn() {
    // As the ridge, with solver="saga", l1_ratio=l1_ratio, tol=1e-13.
    let (examples, weights) = made();
    for (penalty, known, least) in [
        (
            Penalty::lasso(4.0),
            [
                -2.693_648_656_104,
                -0.045_405_612_061_55,
                1.648_327_711_477e-4,
                0.015_766_593_563_59,
                0.110_395_762_428_9,
                0.879_015_717_714_0,
                -0.297_877_264_434_0,
            ],
            216.062_661_879_285,
        ),
        (
            Penalty::elastic_net(8.0, 0.5),
            [
                -2.540_195_475_260,
                -0.042_352_942_727_21,
                1.538_293_009_827e-4,
                0.014_880_879_074_00,
                0.093_950_465_786_98,
                0.817_421_967_084_4,
                -0.290_794_269_672_7,
            ],
            218.444_245_507_394,
        ),
    ] {
        let model = fit(penalty, &examples);
        coefficients(&model, &known);
        assert!(model.coefficients().iter().all(|coefficient| coefficient.std_error.is_none()));
        let found = objective(&model, &SPREADS);
        assert!(found <= least * (1.0 + 1e-12), "{found} {least}");
    }
    let model = fit(Penalty::elastic_net(6.0, 0.3), &examples.clone().weighted(weights).unwrap());
    coefficients(
        &model,
        &[
            -2.674_663_876_013,
            -0.047_045_317_699_39,
            1.690_514_234_275e-4,
            0.018_085_467_609_25,
            0.475_086_136_660_6,
            0.752_821_077_567_0,
            -0.525_242_135_465_3,
        ],
    );
    let found = objective(&model, &WEIGHTED_SPREADS);
    assert!(found <= 426.390_690_994_398 * (1.0 + 1e-12), "{found}");
    // Without spend, on the raw scale.
    let model =
        fit(Penalty::elastic_net(3.0, 0.5).raw(), &examples.select(&["tenure", "gap", "plan"]).unwrap());
    coefficients(
        &model,
        &[
            0.627_371_452_187_3,
            -0.047_182_708_767_93,
            0.020_653_053_845_94,
            0.152_360_578_198_0,
            0.842_775_095_659_5,
            -0.318_695_271_186_2,
        ],
    );
    let found = objective(&model, &[1.0; 5]);
    assert!(found <= 218.362_122_809_468 * (1.0 + 1e-12), "{found}");
}

#[test]
fn a_strong_lasso_leaves_nothing_but_the_share() {
    let (examples, _) = made();
    let model = fit(Penalty::lasso(400.0), &examples);
    // Zero has no sign.
    assert!(model.coefficients().iter().all(|coefficient| coefficient.value.to_bits() == 0));
    close(model.intercept().value, (147.0_f64 / 253.0).ln());
    close(model.log_likelihood(), model.null_log_likelihood());
    let probabilities = model.probabilities(examples.predictors()).unwrap();
    assert!(probabilities.iter().all(|p| (p - 0.3675).abs() < 1e-12));
}

#[cfg(feature = "serde")]
#[test]
fn a_saved_model_of_the_first_schema_answers_as_it_did() {
    let saved = include_str!("../golden/logistic-1.json").trim_end();
    let (examples, _) = made();
    let model: LogisticModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    // Logit(...).fit(...).predict(add_constant(X))[:3], and of the first row that has no gap.
    let probabilities = model.probabilities(examples.predictors()).unwrap();
    for (row, known) in
        [(0, 0.427_348_806_776), (1, 0.162_925_659_010), (2, 0.213_540_734_168), (3, 0.391_869_472_490)]
    {
        close(probabilities[row], known);
    }
    let newer = saved.replacen(r#""schema":1"#, r#""schema":2"#, 1);
    let error = serde_json::from_str::<LogisticModel>(&newer).unwrap_err().to_string();
    assert!(error.contains("saved with schema 2, this version reads up to 1"), "{error}");
}
