//! Logistic regression: weights are repeats, order and threads are nothing, and reasons add up.

use patronage::{
    churn::{
        ChurnEstimator, ChurnModel, Examples, Logistic, LogisticModel, Penalty, Predictors, Scale, Unused,
    },
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features, Fill},
};

use crate::agrees::logistic::made;

const PENALTIES: [Penalty; 4] =
    [Penalty::none(), Penalty::ridge(2.0), Penalty::lasso(3.0), Penalty::elastic_net(4.0, 0.5).raw()];

fn fit(penalty: Penalty, examples: &Examples) -> LogisticModel {
    Logistic::new(penalty).fit(examples).unwrap()
}

#[track_caller]
fn alike(one: &LogisticModel, other: &LogisticModel) {
    let all = |model: &LogisticModel| {
        let slopes = model.coefficients().iter().map(|coefficient| coefficient.value);
        slopes.chain([model.intercept().value, model.log_likelihood()]).collect::<Vec<_>>()
    };
    for (a, b) in all(one).into_iter().zip(all(other)) {
        assert!((a - b).abs() <= 1e-8 * a.abs().max(1e-3), "{a} {b}");
    }
}

/// A table of named columns of numbers.
fn numbers(columns: &[(&str, &[Option<f64>])]) -> Predictors {
    let rows = columns.first().map_or(0, |(_, values)| values.len());
    let people: Customers = (0..rows as u32).map(CustomerId::from).collect();
    let columns = columns.iter().map(|(name, values)| ((*name).to_owned(), values.to_vec()));
    Predictors::of(&Features::new(people, Day::default(), columns).unwrap())
}

#[test]
fn weights_are_repeats_and_the_order_of_rows_is_nothing() {
    let (examples, weights) = made();
    let weighted = examples.clone().weighted(weights.clone()).unwrap();
    let mut repeated = Vec::new();
    for time in 1..=3_u8 {
        repeated.extend((0..400).filter(|&row: &u32| f64::from(time) <= weights[row as usize]));
    }
    let repeated = examples.take(&repeated).unwrap();
    let turned = weighted.take(&(0..400).rev().collect::<Vec<_>>()).unwrap();
    // Rows of no weight are not there.
    let some = weights.iter().map(|weight| if *weight > 2.0 { 0.0 } else { 1.0 }).collect();
    let (some, fewer) = (examples.clone().weighted(some).unwrap(), examples.clone());
    let fewer =
        fewer.take(&(0..400).filter(|&row| weights[row as usize] <= 2.0).collect::<Vec<_>>()).unwrap();
    for penalty in PENALTIES {
        let model = fit(penalty, &weighted);
        alike(&model, &fit(penalty, &repeated));
        alike(&model, &fit(penalty, &turned));
        alike(&fit(penalty, &some), &fit(penalty, &fewer));
    }
    let median = Logistic::new(Penalty::none()).fill(Fill::Median);
    alike(&median.fit(&weighted).unwrap(), &median.fit(&repeated).unwrap());
}

#[test]
fn threads_change_no_bit() {
    // Rows enough for a sample and for several blocks.
    let (examples, _) = made();
    let many = examples.take(&(0..40_000).map(|row| row % 400).collect::<Vec<_>>()).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = fit(Penalty::ridge(1.0), &many);
            let probabilities = model.probabilities(many.predictors()).unwrap();
            (model, probabilities)
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_sample_to_start_from_is_forgotten() {
    let (examples, _) = made();
    let many = examples.take(&(0..40_000).map(|row| row % 400).collect::<Vec<_>>()).unwrap();
    let (all, one) = (fit(Penalty::ridge(100.0), &many), fit(Penalty::ridge(1.0), &examples));
    for (a, b) in all.coefficients().iter().zip(one.coefficients()) {
        assert!((a.value - b.value).abs() < 1e-9 * b.value.abs(), "{a:?} {b:?}");
        assert!((10.0 * a.std_error.unwrap() / b.std_error.unwrap() - 1.0).abs() < 1e-6);
    }
}

#[test]
fn contributions_add_up_to_the_logarithm_of_the_odds() {
    let (examples, _) = made();
    let known = examples.predictors();
    for penalty in PENALTIES {
        let model = Logistic::new(penalty).learn(&examples).unwrap();
        let (reasons, probabilities) =
            (model.contributions(known).unwrap(), model.probabilities(known).unwrap());
        assert_eq!(
            (reasons.scale(), reasons.names()),
            (Scale::LogOdds, &["tenure", "spend", "gap", "plan"].map(str::to_owned)[..])
        );
        let mut sums = [0.0; 4];
        for (row, probability) in probabilities.iter().enumerate() {
            assert!((reasons.probability(row).unwrap() - probability).abs() < 1e-14);
            sums.iter_mut().zip(reasons.row(row).unwrap()).for_each(|(sum, added)| *sum += added);
        }
        // Held against the mean of those learned from.
        assert!(sums.iter().all(|sum| sum.abs() < 1e-9), "{sums:?}");
    }
}

#[test]
fn what_is_missing_or_never_seen_is_read_by_the_rule() {
    let (examples, _) = made();
    let model = fit(Penalty::none(), &examples);
    let people: Customers = (0..4_u32).map(CustomerId::from).collect();
    let columns = [
        ("tenure", [Some(10.0); 4]),
        ("spend", [None, Some(2e4), Some(2e4), Some(2e4)]),
        ("gap", [Some(9.0); 4]),
    ];
    let columns = columns.map(|(name, values)| (name.to_owned(), values.to_vec()));
    let plans = vec![Some("yearly"), Some("never seen"), None, Some("monthly")];
    let later = Predictors::of(&Features::new(people.clone(), Day::default(), columns).unwrap())
        .with_categories(&Categories::new(people, Day::default(), [("plan".to_owned(), plans)]).unwrap())
        .unwrap();
    let reasons = model.contributions(&later).unwrap();
    // A number that was never missing in learning: as its mean, which adds nothing.
    assert!(reasons.row(0).unwrap()[1].abs() < 1e-12);
    // A category that was never missing: as the level that others are held against.
    assert_eq!(reasons.row(1), reasons.row(2));
    assert_eq!(reasons.row(2), reasons.row(3));
    // The order of columns is nothing, and further ones are refused.
    let turned = later.select(&["plan", "gap", "tenure", "spend"]).unwrap();
    assert_eq!(model.probabilities(&turned).unwrap(), model.probabilities(&later).unwrap());
}

#[test]
fn what_says_nothing_is_left_out_and_named() {
    let x: Vec<Option<f64>> = (0..12).map(|row| Some(f64::from(row * 7 % 12))).collect();
    let twice: Vec<_> = x.iter().map(|x| x.map(|x| 3.0 - 2.0 * x)).collect();
    let (same, none) = (vec![Some(4.0); 12], vec![None; 12]);
    let table = numbers(&[("x", &x), ("same", &same), ("none", &none), ("twice", &twice)]);
    let churned: Vec<bool> = (0..12).map(|row| row % 3 == 0).collect();
    let examples = Examples::new(table, churned).unwrap();
    let alone = fit(Penalty::none(), &examples.select(&["x"]).unwrap());
    let model = fit(Penalty::none(), &examples);
    let left_out: Vec<_> = model.left_out().iter().map(|one| (one.term.as_str(), one.why)).collect();
    assert_eq!(
        left_out,
        [("same", Unused::Constant), ("none", Unused::AllMissing), ("twice", Unused::Redundant)]
    );
    assert_eq!(model.left_out()[2].to_string(), "twice: others determine it");
    alike(&alone, &model);
    // A ridge shares out what two columns say alike: half each of what one would with half the penalty.
    let shared = fit(Penalty::ridge(2.0), &examples.select(&["x", "twice"]).unwrap());
    assert!(shared.left_out().is_empty());
    let single = fit(Penalty::ridge(1.0), &examples.select(&["x"]).unwrap());
    let [x, twice] = shared.coefficients() else { unreachable!() };
    assert!((x.value + 2.0 * twice.value).abs() < 1e-9);
    assert!((x.value * 2.0 - single.coefficients()[0].value).abs() < 1e-9);
}
