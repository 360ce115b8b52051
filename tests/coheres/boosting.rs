//! Boosting against itself.

use patronage::{
    churn::{Boosting, ChurnModel, Examples, Monotone, Predictors, Scale},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Three columns of numbers in steps, with gaps, and a plan; the risk follows the first and the plan.
fn examples(rows: u32, seed: u64) -> Examples {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
    let people: Customers = (0..rows).map(CustomerId::from).collect();
    let mut number = || (chance.gen_range(0..10) > 0).then(|| f64::from(chance.gen_range(0..20)));
    let columns: Vec<Vec<Option<f64>>> = (0..3).map(|_| (0..rows).map(|_| number()).collect()).collect();
    let plans: Vec<Option<&str>> =
        (0..rows).map(|_| [Some("day"), Some("month"), Some("year"), None][chance.gen_range(0..4)]).collect();
    let churned = columns[0].iter().zip(&plans).map(|(first, plan)| {
        let risk = 0.1 + first.unwrap_or(5.0) / 40.0 + if *plan == Some("day") { 0.3 } else { 0.0 };
        chance.r#gen::<f64>() < risk
    });
    let churned = churned.collect();
    let named = ["a", "b", "c"].map(str::to_owned).into_iter().zip(columns);
    let known = Predictors::of(&Features::new(people.clone(), Day::default(), named).unwrap());
    let plans = Categories::new(people, Day::default(), [("plan".to_owned(), plans)]).unwrap();
    Examples::new(known.with_categories(&plans).unwrap(), churned).unwrap()
}

/// A table of one customer for each value of `a`, the rest as given.
fn along_a(b: Option<f64>, plan: Option<&'static str>) -> Predictors {
    let people: Customers = (0..25_u32).map(CustomerId::from).collect();
    let a = (0..25_u32).map(|row| Some(f64::from(row) - 2.5)).collect();
    let columns = [("a".to_owned(), a), ("b".to_owned(), vec![b; 25]), ("c".to_owned(), vec![Some(3.0); 25])];
    let plans = Categories::new(people.clone(), Day::default(), [("plan".to_owned(), vec![plan; 25])]);
    let known = Predictors::of(&Features::new(people, Day::default(), columns).unwrap());
    known.with_categories(&plans.unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_bound_column_bends_no_risk(seed: u64, falls: bool, depth in 1_u32..6) {
        let examples = examples(300, seed);
        let bound = if falls { Monotone::Decreasing } else { Monotone::Increasing };
        let way = Boosting::new(seed).rounds(30).learning_rate(0.3).depth(depth).leaf_rows(3);
        let model = way.monotone("a", bound).fit(&examples).unwrap();
        for b in [None, Some(-1.0), Some(7.0), Some(30.0)] {
            for plan in [None, Some("day"), Some("year"), Some("never seen")] {
                let risks = model.probabilities(&along_a(b, plan)).unwrap();
                let holds = |pair: &[f64]| if falls { pair[0] >= pair[1] } else { pair[0] <= pair[1] };
                prop_assert!(risks.windows(2).all(holds), "{:?}", risks);
            }
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_tree(seed: u64) {
        let examples = examples(200, seed);
        let mut order: Vec<u32> = (0..200).collect();
        order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        for way in [Boosting::new(seed).rounds(20).leaf_rows(5), Boosting::new(seed).leaf_rows(5)] {
            let one = way.fit(&examples).unwrap();
            let other = way.fit(&examples.take(&order).unwrap()).unwrap();
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn contributions_sum_to_the_log_odds(seed: u64, depth in 1_u32..9, share in prop_oneof![Just(1.0), 0.3..1.0]) {
        let examples = examples(150, seed);
        let way = Boosting::new(seed).rounds(12).learning_rate(0.5).depth(depth).leaf_rows(2).rows(share);
        let model = way.fit(&examples).unwrap();
        let (risks, whys) = (
            model.probabilities(examples.predictors()).unwrap(),
            model.contributions(examples.predictors()).unwrap(),
        );
        prop_assert_eq!(whys.scale(), Scale::LogOdds);
        let mut sum = 0.0;
        for (row, risk) in risks.iter().enumerate() {
            let score = whys.score(row).unwrap();
            prop_assert!((score - (risk / (1.0 - risk)).ln()).abs() < 1e-9, "{} {}", score, risk);
            sum += score / 150.0;
        }
        // The base is the mean over the rows learned from.
        prop_assert!((sum - whys.base()).abs() < 1e-9 || share < 1.0, "{} {}", sum, whys.base());
    }

    #[test]
    fn threads_change_no_bit(seed: u64) {
        let examples = examples(400, seed);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let way = Boosting::new(seed).learning_rate(0.2).rows(0.7);
                let model = way.fit(&examples).unwrap();
                (way.held_out_losses(&examples).unwrap(), model.contributions(examples.predictors()).unwrap(), model)
            })
        };
        prop_assert_eq!(on(1), on(3));
    }
}

#[test]
fn a_weight_is_as_many_rows() {
    let plain = examples(300, 5);
    let times = |row: u32| row % 4;
    let rows: Vec<u32> = (0..300).flat_map(|row| vec![row; times(row) as usize]).collect();
    let weighted = plain.clone().weighted((0..300).map(|row| f64::from(times(row))).collect()).unwrap();
    let repeated = plain.take(&rows).unwrap();
    let way = Boosting::new(3).rounds(30).leaf_rows(1);
    let [one, other] = [weighted, repeated]
        .map(|examples| way.fit(&examples).unwrap().probabilities(plain.predictors()).unwrap());
    for (one, other) in one.iter().zip(&other) {
        assert!((one - other).abs() < 1e-9, "{one} {other}");
    }
}

#[test]
fn the_number_of_trees_is_the_best_for_customers_left_out() {
    let examples = examples(2000, 9);
    let way = Boosting::new(4).learning_rate(0.2).depth(3);
    let losses = way.held_out_losses(&examples).unwrap();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let model = way.fit(&examples).unwrap();
    assert_eq!(losses[model.trees()], least);
    // Of no tree the log loss is that of the share of all, but for what each fold lacks.
    let share = examples.balance().share();
    let entropy = -share * share.ln() - (1.0 - share) * (1.0 - share).ln();
    assert!((losses[0] - entropy).abs() < 1e-3 && least < entropy - 0.02, "{losses:?}");
    assert!(losses.len() > model.trees() + 50, "{}", losses.len());
}

#[test]
fn columns_that_matter_are_important() {
    let examples = examples(3000, 2);
    let model = Boosting::new(1).fit(&examples).unwrap();
    let parts: Vec<(&str, f64)> = model.importance().collect();
    assert!((parts.iter().map(|part| part.1).sum::<f64>() - 1.0).abs() < 1e-12);
    let of = |name: &str| parts.iter().find(|part| part.0 == name).unwrap().1;
    assert!(of("a") > 3.0 * of("b") && of("plan") > 3.0 * of("c"), "{parts:?}");
}
