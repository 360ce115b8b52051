//! Random forests against scikit-learn 1.9.1, `RandomForestClassifier(100, min_samples_leaf=leaf)`, on the same examples
//! and other random numbers: its means over 10 random states, and a margin of four of their deviations;
//! importances to 0.02.

use patronage::churn::{ChurnModel, Examples, Forest, Outcomes};

use super::tree::examples;

#[track_caller]
fn close(what: &str, found: f64, (known, margin): (f64, f64)) {
    assert!((found - known).abs() <= margin, "{what}: {found} {known}");
}

/// AUC, log loss and Brier score of later examples; Brier score and log loss out of bag.
#[track_caller]
fn agrees(leaf: u32, known: [(f64, f64); 5], importances: [f64; 4]) {
    let (learn, later): (Examples, Examples) = (examples(1500, 11), examples(1000, 12));
    let grown = Forest::new(100, 5).leaf_rows(leaf).grow(&learn).unwrap();
    let said = grown.model.probabilities(later.predictors()).unwrap();
    let judged = Outcomes::new(&said, later.churned()).unwrap();
    close("AUC", judged.auc().unwrap().value(), known[0]);
    close("log loss", judged.log_loss(), known[1]);
    close("Brier score", judged.brier(), known[2]);
    let out_of_bag = grown.out_of_bag();
    assert!(out_of_bag.probabilities().iter().all(Option::is_some));
    close("Brier score out of bag", out_of_bag.brier(), known[3]);
    close("log loss out of bag", out_of_bag.log_loss(), known[4]);
    for ((name, found), known) in grown.model.importance().zip(importances) {
        close(name, found, (known, 0.02));
    }
}

#[test]
fn leaves_of_ten() {
    agrees(
        10,
        [(0.7901, 0.0050), (0.5415, 0.0050), (0.1780, 0.0022), (0.1782, 0.0042), (0.5460, 0.0113)],
        [0.5155, 0.1985, 0.2022, 0.0839],
    );
}

#[test]
fn leaves_of_three() {
    agrees(
        3,
        [(0.7842, 0.0067), (0.5569, 0.0059), (0.1825, 0.0021), (0.1819, 0.0046), (0.5662, 0.0538)],
        [0.4271, 0.2201, 0.2209, 0.1319],
    );
}

#[test]
fn a_column_of_no_use_has_no_importance() {
    let (learn, later) = (examples(1500, 11), examples(1000, 12));
    let grown = Forest::new(100, 5).grow(&learn).unwrap();
    let out_of_bag = grown.permutation_importance(3);
    let of_later = grown.model.permutation_importance(&later, 3).unwrap();
    for found in [out_of_bag, of_later] {
        // a makes the most of the risk, d none.
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| found[at].1);
        assert!(a > 0.05 && b > 0.002 && c > 0.002 && d.abs() < 0.002, "{found:?}");
        assert_eq!(found[3].0, "d");
    }
}

/// Customers with a tenure that some lack and a plan that some lack; the shorter the tenure, the likelier they left.
#[cfg(feature = "serde")]
pub(crate) fn subscribers() -> Examples {
    use patronage::{
        churn::Predictors,
        domain::{CustomerId, Customers, Day},
        feature::{Categories, Features},
    };
    let rows = 0..60_u32;
    let people: Customers = rows.clone().map(CustomerId::from).collect();
    let tenure = |row: u32| (row % 11 != 3).then(|| f64::from(row * 37 % 60));
    let plan = |row: u32| (row % 13 != 5).then(|| ["monthly", "yearly", "prepaid"][row as usize % 3]);
    let tenures = [("tenure".to_owned(), rows.clone().map(tenure).collect())];
    let plans = [("plan".to_owned(), rows.clone().map(plan).collect::<Vec<_>>())];
    let known = Predictors::of(&Features::new(people.clone(), Day::default(), tenures).unwrap())
        .with_categories(&Categories::new(people, Day::default(), plans).unwrap())
        .unwrap();
    let left = |row: u32| row * 37 % 60 + 10 * (row % 3) + row * 7 % 20 < 40;
    Examples::new(known, rows.map(left).collect()).unwrap()
}

#[cfg(feature = "serde")]
#[test]
fn a_forest_of_the_first_schema_is_read() {
    use patronage::churn::ForestModel;

    let saved = include_str!("../golden/forest-1.json").trim_end();
    let model: ForestModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    assert_eq!(Forest::new(3, 5).leaf_rows(5).depth(3).fit(&subscribers()).unwrap(), model);
    let found = model.probabilities(subscribers().predictors()).unwrap();
    // Python, which walked the trees of the file for each of the customers.
    let known = [
        (0, 0.689_814_814_814_814_8),
        (3, 0.361_111_111_111_111_1),
        (5, 0.689_814_814_814_814_8),
        (14, 0.027_777_777_777_777_776),
        (16, 0.0),
        (17, 0.027_777_777_777_777_776),
        (25, 0.0),
        (44, 0.689_814_814_814_814_8),
    ];
    for (row, known) in known {
        assert!((found[row] - known).abs() < 1e-15, "{row}: {} {known}", found[row]);
    }
}
