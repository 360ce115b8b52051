//! Models compared: by those who have not seen the customers, on the same folds, and the simple one where it does.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use patronage::{
    Error, ErrorKind,
    churn::{
        Calibrated, Calibration, ChurnEstimator, ChurnModel, Comparison, Contributions, Difference, Examples,
        Fold, Folds, ModelCard, Monitor, PredictorColumn, Predictors, Scale, Verdict,
    },
    domain::{CustomerId, Customers, Day},
    feature::Features,
};

use crate::agrees::judge::{near, wobble};

/// Says log odds `slope * (x - 0.5) + noise`, of the column `x` and of one that knows nothing.
#[derive(Clone)]
struct Host {
    name: &'static str,
    complexity: u32,
    slope: f64,
    noise: f64,
    seen: Arc<Mutex<Vec<BTreeSet<CustomerId>>>>,
}

#[derive(Debug)]
struct Line {
    slope: f64,
    noise: f64,
}

fn host(name: &'static str, complexity: u32, slope: f64, noise: f64) -> Host {
    Host { name, complexity, slope, noise, seen: Arc::default() }
}

impl ChurnEstimator for Host {
    fn name(&self) -> &str {
        self.name
    }

    fn complexity(&self) -> u32 {
        self.complexity
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        if self.slope == 0.0 {
            return Err(ErrorKind::Empty { what: "slope" }.into());
        }
        self.seen.lock().unwrap().push(examples.predictors().customers().iter().cloned().collect());
        Ok(Box::new(Line { slope: self.slope, noise: self.noise }))
    }
}

impl ChurnModel for Line {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        let contributions = self.contributions(of)?;
        Ok((0..of.len()).map(|row| contributions.probability(row).unwrap()).collect())
    }

    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let column = |name| match of.column(name) {
            Ok(PredictorColumn::Numbers(numbers)) => numbers,
            _ => panic!("no column of numbers `{name}`"),
        };
        let rows = column("x").iter().zip(column("noise"));
        let values =
            rows.flat_map(|(x, noise)| [self.slope * (x - 0.5), self.noise * (noise - 0.5)]).collect();
        Contributions::new(vec!["x".into(), "noise".into()], Scale::LogOdds, 0.0, values)
    }
}

/// Customers whose log odds to churn are `4 (x - 0.5)`.
fn examples(rows: usize) -> Examples {
    let people: Customers = (0..rows as u64).map(CustomerId::from).collect();
    let column =
        |name: &str, at: usize| (name.to_owned(), (0..rows).map(|row| Some(wobble(row, at))).collect());
    let columns = [column("x", 1), column("noise", 5)];
    let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14).unwrap(), columns).unwrap());
    let odds = |row: usize| (4.0 * (wobble(row, 1) - 0.5)).exp();
    let churned = (0..rows).map(|row| wobble(row, 2) < odds(row) / (1.0 + odds(row))).collect();
    Examples::new(known, churned).unwrap()
}

#[test]
fn nobody_is_judged_by_a_model_that_saw_them() {
    let examples = examples(500);
    let spy = host("spy", 1, 4.0, 0.0);
    let folds = Folds::stratified(&examples, 5, 3).unwrap();
    let comparison = Comparison::of(&[&spy], &examples, &folds).unwrap();
    assert_eq!(comparison.rows(), (0..500).collect::<Vec<u32>>());
    let seen = spy.seen.lock().unwrap();
    assert_eq!(seen.len(), 5);
    for (fold, seen) in folds.iter().zip(&*seen) {
        assert_eq!(seen.len(), fold.learn.len());
        let customers = examples.predictors().customers();
        assert!(fold.judge.iter().all(|&row| !seen.contains(&customers[row as usize])));
    }
    // Whatever the fold, what is said stands in the customer's row.
    let said = Line { slope: 4.0, noise: 0.0 }.probabilities(examples.predictors()).unwrap();
    assert_eq!(comparison.candidates()[0].probabilities(), said);
    assert_eq!(comparison.verdict("spy").unwrap(), Verdict::NoRule);
}

#[test]
fn the_simplest_that_is_as_good_is_taken() {
    let examples = examples(3000);
    let rule = host("rule", 0, 3.8, 1.0);
    let weak = host("weak rule", 0, 1.0, 9.0);
    let right = host("right", 2, 4.0, 0.0);
    let close = host("close", 3, 4.0, 0.05);
    let broken = host("broken", 5, 0.0, 0.0);
    let folds = Folds::stratified(&examples, 4, 3).unwrap();
    let all: [&dyn ChurnEstimator; 5] = [&close, &weak, &right, &broken, &rule];
    let comparison = Comparison::of(&all, &examples, &folds).unwrap();

    assert_eq!(comparison.refused(), [("broken".to_owned(), "slope: there are none".to_owned())]);
    assert_eq!(comparison.rule().unwrap().name(), "rule");
    assert_eq!(comparison.recommend().unwrap().name(), "right");
    assert_eq!(comparison.verdict("rule").unwrap(), Verdict::IsTheRule);
    assert!(matches!(comparison.verdict("weak rule").unwrap(), Verdict::NotBetterThanRule(_)));
    assert!(matches!(comparison.verdict("right").unwrap(), Verdict::BetterThanRule(by) if by.value > 0.0));
    assert!(comparison.verdict("broken").is_err());

    // Every customer has one row: DeLong's test, and the standard error of a mean.
    let [one, other] = ["right", "rule"].map(|name| comparison.get(name).unwrap());
    let known = Difference::of_auc(one.probabilities(), other.probabilities(), examples.churned()).unwrap();
    let found = comparison.auc_difference("right", "rule").unwrap();
    near(found.value, known.value);
    near(found.std_error, known.std_error);
    let losses = comparison.log_loss_difference("right", "rule").unwrap();
    near(losses.value, one.judgement().log_loss - other.judgement().log_loss);

    let shown = comparison.to_string();
    for line in ["weak rule", "NOT better than the rule", "broken", "failed: slope", "recommended: right"] {
        assert!(shown.contains(line), "{shown}");
    }
    // A model no better than the rule does not take its place.
    let pair: [&dyn ChurnEstimator; 2] = [&host("more", 4, 3.8, 1.0), &rule];
    let comparison = Comparison::of(&pair, &examples, &folds).unwrap();
    assert_eq!(comparison.recommend().unwrap().name(), "rule");
    let Verdict::NotBetterThanRule(by) = comparison.verdict("more").unwrap() else { panic!() };
    assert_eq!((by.value, by.std_error), (0.0, 0.0));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let examples = examples(100);
    let folds = Folds::stratified(&examples, 2, 3).unwrap();
    let one = host("one", 1, 4.0, 0.0);
    assert!(Comparison::of(&[], &examples, &folds).unwrap_err().is_empty());
    assert!(
        Comparison::of(&[&one, &one], &examples, &folds).unwrap_err().to_string().contains("given twice")
    );
    let broken = host("broken", 1, 0.0, 0.0);
    assert!(Comparison::of(&[&broken], &examples, &folds).unwrap_err().is_empty());
    let fold = |learn: &[u32], judge: &[u32]| Fold { learn: learn.to_vec(), judge: judge.to_vec() };
    let twice = Folds::new(vec![fold(&[0, 1], &[2, 3]), fold(&[0, 1], &[3, 4])]).unwrap();
    assert!(
        Comparison::of(&[&one], &examples, &twice).unwrap_err().to_string().contains("judged in two folds")
    );
    let beyond = Folds::new(vec![fold(&[0, 1], &[100])]).unwrap();
    assert!(Comparison::of(&[&one], &examples, &beyond).unwrap_err().to_string().contains("not an example"));
}

#[test]
fn a_calibrated_model_means_what_it_says_and_keeps_the_order() {
    let examples = examples(4000);
    let loud = host("loud", 2, 16.0, 1.0);
    let platt = Calibrated::new(loud.clone(), Calibration::Platt, 5).named("by Platt");
    let isotonic = Calibrated::new(loud.clone(), Calibration::Isotonic, 5).folds(3).named("isotonic");
    let folds = Folds::stratified(&examples, 4, 3).unwrap();
    let comparison = Comparison::of(&[&loud, &platt, &isotonic], &examples, &folds).unwrap();
    let judged = |name| comparison.get(name).unwrap().judgement();
    assert!(judged("loud").calibration_error > 0.1);
    for name in ["by Platt", "isotonic"] {
        assert!(judged(name).calibration_error < 0.03, "{comparison}");
        assert!((judged(name).auc.value() - judged("loud").auc.value()).abs() < 0.01);
    }

    let known = examples.predictors();
    for (estimator, parts) in [(&platt, true), (&isotonic, false)] {
        let model = estimator.learn(&examples).unwrap();
        let (said, own) = (model.probabilities(known).unwrap(), loud.learn(&examples).unwrap());
        let mut order: Vec<usize> = (0..said.len()).collect();
        let own_said = own.probabilities(known).unwrap();
        order.sort_by(|&a, &b| own_said[a].total_cmp(&own_said[b]));
        assert!(order.is_sorted_by_key(|&row| said[row]));
        let added = model.contributions(known).unwrap();
        if parts {
            (0..said.len()).for_each(|row| near(added.probability(row).unwrap(), said[row]));
        } else {
            assert_eq!(added, own.contributions(known).unwrap());
        }
    }
    assert_eq!(Calibrated::new(loud, Calibration::Platt, 5).name(), "loud");
}

#[test]
fn a_card_says_what_is_to_be_known() {
    let examples = examples(400);
    let folds = Folds::stratified(&examples, 4, 3).unwrap();
    let (rule, right) = (host("rule", 0, 1.0, 9.0), host("right", 2, 4.0, 0.0));
    let comparison = Comparison::of(&[&rule, &right], &examples, &folds).unwrap();
    let card = ModelCard::new("right", &comparison, &examples).unwrap();
    let card = card.purpose("Whom to call.").definition("No order for 90 days.").not_for("Prices.");
    let shown = card.to_string();
    let churned = examples.balance().churned;
    for line in [
        "# right\n",
        "Whom to call.\n\nChurn: No order for 90 days.",
        &format!("400 rows of 400 customers, 2026-03-14 to 2026-03-14; {churned} churned"),
        "| noise | 0 |",
        &card.judgement().to_string(),
        "Its AUC is better than the rule: +",
        "* Prices.\n",
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    assert!(ModelCard::new("wrong", &comparison, &examples).is_err());
    let rules = ModelCard::new("rule", &comparison, &examples).unwrap().to_string();
    assert!(rules.contains("the best simple rule itself") && rules.contains("Not said."));
}

/// Of the first schema.
#[cfg(feature = "serde")]
#[test]
fn cards_and_monitors_stay_readable() {
    let saved = include_str!("../golden/model_card-1.json").trim_end();
    let card: ModelCard = serde_json::from_str(saved).unwrap();
    assert_eq!((card.name(), card.judgement().auc.value()), ("right", 0.75));
    assert_eq!(serde_json::to_string(&card).unwrap(), saved);
    let monitor = include_str!("../golden/monitor-1.json").trim_end();
    let read: Monitor = serde_json::from_str(monitor).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), monitor);
    for saved in [saved, monitor] {
        let newer = saved.replacen(r#""schema":1"#, r#""schema":2"#, 1);
        let error = serde_json::from_str::<ModelCard>(&newer).map(drop).unwrap_err().to_string();
        assert!(error.contains("schema 2"), "{error}");
    }
}
