//! Is the rule the best there is, and does it answer for any table?
#![cfg(test)]
#![allow(clippy::float_cmp, reason = "exact answers are compared")]

use proptest::prelude::*;

use super::{Rule, RuleChoice, RuleModel, RuleSplit};
use crate::{
    churn::{ChurnEstimator, ChurnModel, Examples, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};

type Column<T> = Vec<Option<T>>;

fn examples(numbers: &[Column<f64>], plans: &Column<&str>, churned: &[bool]) -> Examples {
    let people: Customers = (0..churned.len() as u32).map(CustomerId::from).collect();
    let columns = numbers.iter().enumerate().map(|(at, column)| (format!("n{at}"), column.clone()));
    let known = Predictors::of(&Features::new(people.clone(), Day::MIN, columns).unwrap());
    let plans = Categories::new(people, Day::MIN, [("plan".to_owned(), plans.clone())]).unwrap();
    Examples::new(known.with_categories(&plans).unwrap(), churned.to_vec()).unwrap()
}

/// The log loss of smoothed shares of some groups of rows, by their definition.
fn log_loss(groups: &[Vec<bool>]) -> f64 {
    let all: Vec<bool> = groups.concat();
    let base = all.iter().filter(|&&churned| churned).count() as f64 / all.len() as f64;
    let of_group = |group: &Vec<bool>| {
        let churned = group.iter().filter(|&&churned| churned).count() as f64;
        let p = (churned + base) / (group.len() as f64 + 1.0);
        group.iter().map(|&churned| if churned { -p.ln() } else { -(1.0 - p).ln() }).sum::<f64>()
    };
    groups.iter().map(of_group).sum()
}

#[test]
fn the_best_level_and_the_best_number_are_found() {
    let plans = vec![Some("gold"), Some("gold"), Some("iron"), Some("iron"), Some("tin"), None];
    let churned = [false, false, true, true, false, true];
    let noise = vec![Some(1.0), Some(2.0), Some(1.0), Some(2.0), Some(1.0), Some(2.0)];
    let rule = Rule::best().fit(&examples(std::slice::from_ref(&noise), &plans, &churned)).unwrap();
    assert_eq!((rule.column(), rule.split()), ("plan", &RuleSplit::Is("iron".to_owned())));
    // (2 + 1/2) / 3, (0 + 1/2) / 4, (1 + 1/2) / 2.
    assert_eq!((rule.holds(), rule.otherwise(), rule.missing()), (2.5 / 3.0, 0.125, 0.75));
    let later = vec![Some("iron"), None, Some("new"), Some("gold"), None, None];
    let table = examples(&[noise], &later, &churned);
    let found = rule.probabilities(table.predictors()).unwrap();
    assert_eq!(found[..4], [2.5 / 3.0, 0.75, 0.125, 0.125]);
    let why = rule.contributions(table.predictors()).unwrap();
    assert_eq!((why.base(), why.reasons(0, 9)[0].column), (0.5, "plan"));
    for (row, found) in found.iter().enumerate() {
        assert!((why.probability(row).unwrap() - found).abs() < 1e-15);
    }
    assert!(rule.to_string().starts_with("plan is iron: 0.833"));
}

#[test]
fn youden_and_log_loss_may_differ() {
    // A few pure rows at the top are worth most to the log loss; the best line lies far lower.
    let values: Column<f64> = (0..40).map(|value| Some(f64::from(value))).collect();
    let churned: Vec<bool> = (0..40).map(|row| row >= 36 || (row >= 8 && row % 3 == 0)).collect();
    let none = vec![None; 40];
    let data = examples(&[values], &none, &churned);
    let youden = Rule::on("n0").by(RuleChoice::Youden).fit(&data).unwrap();
    // scikit-learn 1.9: roc_curve, thresholds[argmax(tpr - fpr)]; numpy: the smallest of all 39 losses.
    assert_eq!(youden.split(), &RuleSplit::AtLeast(9.0));
    assert_eq!(Rule::on("n0").fit(&data).unwrap().split(), &RuleSplit::AtLeast(36.0));
}

#[test]
fn weights_are_rows() {
    let values: Column<f64> = [1.0, 2.0, 3.0, 4.0].map(Some).to_vec();
    let data = examples(&[values], &vec![None; 4], &[false, true, false, true]);
    let weighted = data.clone().weighted(vec![1.0, 0.0, 2.0, 3.0]).unwrap();
    let repeated = data.take(&[0, 2, 2, 3, 3, 3]).unwrap();
    assert_eq!(Rule::best().fit(&weighted).unwrap(), Rule::best().fit(&repeated).unwrap());
}

#[test]
fn what_cannot_be_split_is_refused() {
    let flat =
        examples(&[vec![Some(1.0); 4], vec![None; 4]], &vec![Some("a"); 4], &[true, false, true, false]);
    assert!(Rule::best().fit(&flat).unwrap_err().is_empty());
    assert_eq!(Rule::on("age").learn(&flat).unwrap_err().column(), Some("age"));
    let one = examples(&[vec![Some(1.0), Some(2.0)]], &vec![None; 2], &[true, true]);
    assert!(Rule::best().fit(&one).unwrap_err().to_string().contains("everybody churned"));
    let good = examples(&[vec![Some(1.0), Some(2.0)]], &vec![Some("a"), Some("b")], &[true, false]);
    let rule = Rule::on("n0").fit(&good).unwrap();
    assert!(rule.probabilities(&good.predictors().select(&["plan"]).unwrap()).is_err());
    let swapped = RuleModel { column: "plan".to_owned(), ..rule };
    assert!(swapped.probabilities(good.predictors()).unwrap_err().is_parameter());
    let heavy = good.weighted(vec![f64::MAX; 2]).unwrap();
    assert_eq!(Rule::best().fit(&heavy).unwrap_err().to_string(), "sum of weights is too large");
}

#[cfg(feature = "serde")]
#[test]
fn a_rule_of_the_first_schema_is_read_and_still_written() {
    let first = include_str!("../../../tests/golden/rule-1.json").trim_end();
    let data = examples(&[vec![Some(1.5), Some(2.5), Some(4.5)]], &vec![None; 3], &[false, true, true]);
    let rule = Rule::best().fit(&data).unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), first);
    assert_eq!(serde_json::from_str::<RuleModel>(first).unwrap(), rule);
    for (whole, broken) in
        [(r#""schema":1"#, r#""schema":2"#), (r#""holds":"0."#, r#""holds":"7."#), (r#""2.5""#, r#""nan""#)]
    {
        let file = first.replacen(whole, broken, 1);
        assert!(file != first && serde_json::from_str::<RuleModel>(&file).is_err(), "{file}");
    }
    let level = RuleModel { split: RuleSplit::Is("gold".to_owned()), ..rule };
    let saved = serde_json::to_string(&level).unwrap();
    assert_eq!(serde_json::from_str::<RuleModel>(&saved).unwrap(), level);
}

proptest! {
    #[test]
    fn no_other_split_has_a_smaller_loss(
        rows in prop::collection::vec((prop::option::of(-5_i8..5), prop::option::of(0..3_u8), any::<bool>()), 2..40),
    ) {
        let names = ["a", "b", "c"];
        let values: Column<f64> = rows.iter().map(|row| row.0.map(f64::from)).collect();
        let plans = rows.iter().map(|row| row.1.map(|plan| names[plan as usize])).collect();
        let churned: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let data = examples(&[values], &plans, &churned);
        let groups = |side: &dyn Fn(usize) -> Option<bool>| {
            let of = |wanted| (0..rows.len()).filter(|&row| side(row) == wanted).map(|row| churned[row]).collect::<Vec<_>>();
            [of(Some(true)), of(Some(false)), of(None)]
        };
        let numbers = (-5..5).map(|cut| groups(&|row| rows[row].0.map(|value| value >= cut)));
        let levels = (0..3).map(|level| groups(&|row| rows[row].1.map(|plan| plan == level)));
        let splits = numbers.chain(levels).filter(|groups| !groups[0].is_empty() && !groups[1].is_empty());
        let least = splits.map(|groups| log_loss(&groups)).fold(f64::INFINITY, f64::min);
        let Ok(rule) = Rule::best().fit(&data) else {
            prop_assert!(least == f64::INFINITY || churned.iter().all(|one| *one == churned[0]));
            return Ok(());
        };
        let found = rule.probabilities(data.predictors()).unwrap();
        let loss: f64 = found.iter().zip(&churned).map(|(p, &churned)| if churned { -p.ln() } else { -(1.0 - p).ln() }).sum();
        prop_assert!((loss - least).abs() < 1e-9 * (1.0 + least), "{} is not {}: {}", loss, least, rule);
    }
}
