//! Boosting against the formulas written out in Python, which tries every question of every node in turn. Without bounds
//! scikit-learn 1.9.1, `HistGradientBoostingClassifier`, which keeps slopes in half the precision, agrees to 1e-8; with them
//! it weighs questions otherwise.

use patronage::{
    churn::{Boosting, ChurnModel, Examples, Monotone, PredictorColumn, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::Features,
};

use super::tree;

/// The examples of the trees, in 33 steps; where `b` is at most a quarter it is missing.
fn examples(rows: usize, seed: u64) -> Examples {
    let exact = tree::examples(rows, seed);
    let coarse = |(name, column): (&str, PredictorColumn<'_>)| {
        let PredictorColumn::Numbers(values) = column else { unreachable!() };
        let coarse = |value: &f64| (value * 32.0).round() / 32.0;
        (name.to_owned(), values.iter().map(coarse).collect::<Vec<_>>())
    };
    let columns = exact.predictors().columns().map(coarse).collect();
    Examples::new(with_gaps(columns), exact.churned().to_vec()).unwrap()
}

/// Columns a, b, c and d, of which b has gaps.
fn with_gaps(columns: Vec<(String, Vec<f64>)>) -> Predictors {
    let people: Customers = (0..columns[0].1.len() as u32).map(CustomerId::from).collect();
    let known = |(name, values): (String, Vec<f64>)| {
        let known = |value: f64| (name != "b" || value > 0.25).then_some(value);
        let values = values.into_iter().map(known).collect();
        (name, values)
    };
    Predictors::of(&Features::new(people, Day::default(), columns.into_iter().map(known)).unwrap())
}

/// Of the customers learned from, the sum of the probabilities, and of each times the row's number.
#[track_caller]
fn agrees(way: &Boosting, known: [f64; 2]) {
    let examples = examples(1500, 11);
    let found = way.fit(&examples).unwrap().probabilities(examples.predictors()).unwrap();
    let sums =
        [found.iter().sum::<f64>(), found.iter().enumerate().map(|(row, p)| row as f64 * p).sum::<f64>()];
    for (found, known) in sums.iter().zip(known) {
        assert!((found / known - 1.0).abs() < 1e-12, "{found} {known}");
    }
}

fn forty() -> Boosting {
    Boosting::new(1).rounds(40).learning_rate(0.1).depth(4).leaf_rows(20).ridge(1.0).columns(1.0)
}

#[test]
fn depth_and_ridge() {
    // max_iter=40, learning_rate=0.1, max_leaf_nodes=None, max_depth=4, min_samples_leaf=20, l2_regularization=1
    agrees(&forty(), [672.936_784_708_594_4, 502_013.339_404_692_5]);
}

#[test]
fn bound_columns() {
    // The same with monotonic_cst=[1, 1, 0, -1], were its questions weighed by the whole of what they win.
    let way = forty()
        .monotone("a", Monotone::Increasing)
        .monotone("b", Monotone::Increasing)
        .monotone("d", Monotone::Decreasing);
    agrees(&way, [672.172_242_399_633_4, 500_170.693_641_896_8]);
}

#[test]
fn no_ridge() {
    // max_iter=40, learning_rate=0.3, max_leaf_nodes=None, max_depth=2, min_samples_leaf=5, l2_regularization=0
    let way = forty().learning_rate(0.3).depth(2).leaf_rows(5).ridge(0.0);
    agrees(&way, [673.039_451_135_788_6, 503_182.748_526_125_2]);
}

#[cfg(feature = "serde")]
#[test]
fn boosting_of_the_first_schema_is_read() {
    use patronage::churn::BoostingModel;

    let saved = include_str!("../golden/boosting-1.json").trim_end();
    let subscribers = super::forest::subscribers();
    let model: BoostingModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    let found = model.probabilities(subscribers.predictors()).unwrap();
    let again = Boosting::new(5).rounds(3).leaf_rows(5).depth(3).fit(&subscribers).unwrap();
    for (one, other) in found.iter().zip(again.probabilities(subscribers.predictors()).unwrap()) {
        assert!((one - other).abs() < 1e-14, "{one} {other}");
    }
    // Python, which walked the trees of the file for each of the customers.
    let known = [
        (0, 0.381_348_705_196_804),
        (3, 0.313_819_174_271_990_46),
        (5, 0.389_702_140_693_587_05),
        (14, 0.301_045_496_964_721),
        (16, 0.308_846_887_731_469_73),
        (17, 0.301_045_496_964_721),
        (25, 0.308_846_887_731_469_73),
        (44, 0.389_702_140_693_587_05),
    ];
    for (row, known) in known {
        assert!((found[row] - known).abs() < 1e-15, "{row}: {} {known}", found[row]);
    }
}
