//! Trees and forests on any table.

use patronage::{
    ErrorKind,
    churn::{ChurnEstimator, ChurnModel, Examples, Forest, Impurity, Predictors, Tree},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};
use proptest::prelude::*;

/// Numbers of all sizes, often equal, often missing.
fn number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (-3_i32..4).prop_map(|number| Some(f64::from(number))),
        2 => (-1e3..1e3).prop_map(Some),
        1 => prop::num::f64::ANY.prop_map(|number| number.is_finite().then_some(number)),
        2 => Just(None),
        1 => prop::sample::select(vec![-0.0, 1e300, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324]).prop_map(Some),
    ]
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) numbers: Vec<Vec<Option<f64>>>,
    pub(super) texts: Vec<Vec<Option<&'static str>>>,
    churned: Vec<bool>,
    weights: Option<Vec<f64>>,
}

impl Table {
    pub(super) fn predictors(&self) -> Predictors {
        let people: Customers = (0..self.churned.len() as u32).map(CustomerId::from).collect();
        let numbers = Features::new(people.clone(), Day::default(), named('n', &self.numbers)).unwrap();
        let texts = Categories::new(people, Day::default(), named('t', &self.texts)).unwrap();
        Predictors::of(&numbers).with_categories(&texts).unwrap()
    }

    pub(super) fn examples(&self) -> Examples {
        let examples = Examples::new(self.predictors(), self.churned.clone()).unwrap();
        match &self.weights {
            Some(weights) => examples.weighted(weights.clone()).unwrap(),
            None => examples,
        }
    }

    /// Whether both outcomes count.
    pub(super) fn both(&self) -> bool {
        let counts = |row: usize| self.weights.as_ref().is_none_or(|weights| weights[row] > 0.0);
        [true, false]
            .iter()
            .all(|&outcome| (0..self.churned.len()).any(|row| self.churned[row] == outcome && counts(row)))
    }
}

fn named<T: Clone>(letter: char, columns: &[Vec<T>]) -> Vec<(String, Vec<T>)> {
    columns.iter().enumerate().map(|(at, column)| (format!("{letter}{at}"), column.clone())).collect()
}

pub(super) fn table() -> impl Strategy<Value = Table> {
    let weight =
        prop_oneof![3 => 0.5..3.0, 1 => Just(0.0), 1 => 1e-300..1e-290, 1 => 1e290..1e300, 1 => Just(5e-324)];
    let text = prop::sample::select(vec![Some("a"), Some("b"), Some("c"), Some("d"), None]);
    (1_usize..40, 0_usize..4, 0_usize..3).prop_flat_map(move |(rows, numbers, texts)| {
        let numbers = prop::collection::vec(prop::collection::vec(number(), rows), numbers);
        let texts = prop::collection::vec(prop::collection::vec(text.clone(), rows), texts);
        let weights = prop::option::of(prop::collection::vec(weight.clone(), rows));
        (numbers, texts, prop::collection::vec(any::<bool>(), rows), weights)
            .prop_map(|(numbers, texts, churned, weights)| Table { numbers, texts, churned, weights })
    })
}

pub(super) fn check(model: &dyn ChurnModel, table: &Predictors) {
    let risks = model.probabilities(table).unwrap();
    let whys = model.contributions(table).unwrap();
    assert_eq!(risks.len(), table.len());
    for (row, risk) in risks.iter().enumerate() {
        assert!((0.0..=1.0).contains(risk), "{risk}");
        assert!((whys.probability(row).unwrap() - risk).abs() < 1e-12, "{risk}");
    }
}

proptest! {
    #[test]
    fn every_table_has_an_answer(table in table(), other in table(), deep: bool, rows in 1_u32..6, seed: u64) {
        let examples = table.examples();
        let impurity = if deep { Impurity::Entropy } else { Impurity::Gini };
        let ways: [&dyn ChurnEstimator; 3] = [
            &Tree::unlimited().impurity(impurity).leaf_rows(rows),
            &Tree::default(),
            &Forest::new(3, seed).impurity(impurity).leaf_rows(rows),
        ];
        for way in ways {
            let found = way.learn(&examples);
            if !table.both() {
                let refused = found.unwrap_err();
                prop_assert!(matches!(refused.kind(), ErrorKind::TooFew { .. }), "{}", refused);
                continue;
            }
            let model = found.unwrap();
            check(model.as_ref(), examples.predictors());
            // Of a later table the columns that are there.
            if (other.numbers.len(), other.texts.len()) == (table.numbers.len(), table.texts.len()) {
                check(model.as_ref(), &other.predictors());
            }
        }
    }

    #[test]
    fn rules_hold_for_every_row_once(table in table()) {
        let Ok(model) = Tree::unlimited().fit(&table.examples()) else { return Ok(()) };
        let rules = model.rules();
        let count = |row: &usize| table.weights.as_ref().is_none_or(|weights| weights[*row] > 0.0);
        let rows = (0..table.churned.len()).filter(count).count();
        prop_assert_eq!(rules.iter().map(|rule| rule.rows as usize).sum::<usize>(), rows);
        prop_assert_eq!((rules.len(), model.to_string().lines().count()), (model.leaves(), model.leaves()));
        let parts: f64 = model.importance().map(|(_, part)| part).sum();
        prop_assert!((parts - 1.0).abs() < 1e-12 || parts == 0.0, "{}", parts);
    }

    #[test]
    fn a_weight_is_as_many_rows(table in table(), times in prop::collection::vec(0_u32..4, 40)) {
        let rows: Vec<u32> =
            (0..table.churned.len() as u32).flat_map(|row| vec![row; times[row as usize] as usize]).collect();
        let plain = Table { weights: None, ..table.clone() }.examples();
        let weights: Vec<f64> = times[..table.churned.len()].iter().map(|&times| f64::from(times)).collect();
        let weighted = plain.clone().weighted(weights);
        let repeated = plain.take(&rows).unwrap();
        match (Tree::unlimited().fit(&weighted.unwrap()), Tree::unlimited().fit(&repeated)) {
            (Ok(a), Ok(b)) => {
                let answers = [&a, &b].map(|model| model.probabilities(plain.predictors()).unwrap());
                prop_assert_eq!(&answers[0], &answers[1]);
            }
            (a, b) => prop_assert!(a.is_err() && b.is_err()),
        }
    }

    #[test]
    fn an_unlimited_tree_knows_what_can_be_told_apart(values in prop::collection::vec(number(), 2..40), seed: u32) {
        // The outcome follows from the value: no leaf is left with both.
        let churned = |value: &Option<f64>| {
            value.is_some_and(|value| (value + 0.0).to_bits().count_ones().wrapping_add(seed) % 2 == 0)
        };
        let outcomes: Vec<bool> = values.iter().map(churned).collect();
        let known = outcomes.iter().map(|&churned| f64::from(u8::from(churned))).collect::<Vec<_>>();
        let table = Table { numbers: vec![values], texts: vec![], churned: outcomes, weights: None };
        if let Ok(model) = Tree::unlimited().fit(&table.examples()) {
            prop_assert_eq!(model.probabilities(&table.predictors()).unwrap(), known);
        }
    }

    #[test]
    fn threads_change_no_bit(table in table(), seed: u64) {
        let examples = table.examples();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let grown = Forest::new(20, seed).leaf_rows(1).grow(&examples).ok()?;
                Some((grown.out_of_bag(), grown.permutation_importance(seed), grown.model))
            })
        };
        let (one, three) = (on(1), on(3));
        prop_assert_eq!(format!("{one:?}"), format!("{three:?}"));
    }
}
