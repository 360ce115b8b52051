//! Boosting against scikit-learn 1.9.1, `HistGradientBoostingClassifier`, which keeps slopes in half the precision:
//! where no two questions are about as good both grow the same trees.

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

/// Of 1,000 later customers the sum of the probabilities, and of each times the row's number.
#[track_caller]
fn agrees(way: &Boosting, known: [f64; 2]) {
    let model = way.fit(&examples(1500, 11)).unwrap();
    let found = model.probabilities(examples(1000, 12).predictors()).unwrap();
    let sums =
        [found.iter().sum::<f64>(), found.iter().enumerate().map(|(row, p)| row as f64 * p).sum::<f64>()];
    for (found, known) in sums.iter().zip(known) {
        assert!((found / known - 1.0).abs() < 1e-6, "{found} {known}");
    }
}

fn forty() -> Boosting {
    Boosting::new(1).rounds(40).learning_rate(0.1).depth(4).leaf_rows(20).ridge(1.0).columns(1.0)
}

#[test]
fn depth_and_ridge() {
    // max_iter=40, learning_rate=0.1, max_leaf_nodes=None, max_depth=4, min_samples_leaf=20, l2_regularization=1
    agrees(&forty(), [441.366_358_471_311_4, 218_480.800_746_239_08]);
}

#[test]
fn bound_columns() {
    // The same with monotonic_cst=[1, 1, 0, -1].
    let way = forty()
        .monotone("a", Monotone::Increasing)
        .monotone("b", Monotone::Increasing)
        .monotone("d", Monotone::Decreasing);
    agrees(&way, [442.496_556_600_345_8, 218_802.466_545_312_7]);
}

#[test]
fn no_ridge() {
    // max_iter=40, learning_rate=0.3, max_leaf_nodes=None, max_depth=2, min_samples_leaf=5, l2_regularization=0
    let way = forty().learning_rate(0.3).depth(2).leaf_rows(5).ridge(0.0);
    agrees(&way, [443.904_604_935_307_65, 220_523.000_167_172_75]);
}
