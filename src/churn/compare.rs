//! Which model is to be taken: all of them judged on the same rows, none of which they had learned from.

use std::fmt;

use super::{
    Balance, ChurnEstimator, Difference, Examples, Folds, Judgement, Outcomes,
    judge::{Influence, Judged, numbers},
};
use crate::error::{Error, ErrorKind};

/// Models compared on identical folds.
///
/// Each learns from every fold's rows to learn from and says the probabilities of its rows to judge by; these are
/// judged together. Differences are paired: what is hard to foretell is so for every model, and does not count. All
/// rows of a customer count as one observation of the customer, whatever their number and weight.
///
/// # Example
/// ```
/// # use patronage::{Error, churn::*, domain::{CustomerId, Customers, Day}, feature::Features};
/// /// A host's own rule: whoever did not come for `days` leaves.
/// struct Idle { days: f64, risks: [f64; 2], name: &'static str, complexity: u32 }
///
/// #[derive(Debug)]
/// struct Fixed { days: f64, risks: [f64; 2] }
///
/// impl ChurnEstimator for Idle {
///     fn name(&self) -> &str { self.name }
///     fn complexity(&self) -> u32 { self.complexity }
///     fn learn(&self, _: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
///         Ok(Box::new(Fixed { days: self.days, risks: self.risks }))
///     }
/// }
/// # impl ChurnModel for Fixed {
/// #     fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
/// #         let PredictorColumn::Numbers(idle) = of.column("idle")? else { return Ok(Vec::new()) };
/// #         Ok(idle.iter().map(|idle| self.risks[usize::from(*idle > self.days)]).collect())
/// #     }
/// #     fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
/// #         Contributions::new(vec!["idle".into()], Scale::Probability, 0.0, self.probabilities(of)?)
/// #     }
/// # }
/// # let people: Customers = (0..200_u32).map(CustomerId::from).collect();
/// # let idle = ("idle".to_owned(), (0..200).map(|row| Some(f64::from(row * 37 % 100))).collect::<Vec<_>>());
/// # let churned = (0..200).map(|row| row * 37 % 100 + row % 30 > 60).collect();
/// # let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [idle])?);
/// # let examples = Examples::new(known, churned)?;
/// let rule = Idle { days: 45.0, risks: [0.1, 0.9], name: "45 days", complexity: 0 };
/// let other = Idle { days: 80.0, risks: [0.4, 0.9], name: "80 days", complexity: 2 };
/// let folds = Folds::stratified(&examples, 5, 7)?;
/// let comparison = Comparison::of(&[&rule, &other], &examples, &folds)?;
///
/// assert_eq!(comparison.recommend().unwrap().name(), "45 days");
/// assert!(matches!(comparison.verdict("80 days")?, Verdict::NotBetterThanRule(_)));
/// println!("{comparison}");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    rows: Vec<u32>,
    /// For each of those rows the number of its customer.
    customers: Vec<u32>,
    candidates: Vec<Candidate>,
    refused: Vec<(String, String)>,
    /// Of all the examples.
    balance: Balance,
}

/// A model of a [`Comparison`].
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    name: String,
    complexity: u32,
    probabilities: Vec<f64>,
    judgement: Judgement,
    auc: Influence,
    log_loss: Influence,
}

/// Whether a model is worth its trouble: whether it beats the best simple rule, of complexity 0, by the area under the
/// ROC curve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Verdict {
    /// The 95 % interval of the difference to the rule is above 0.
    BetterThanRule(Difference),
    /// It is not: take the rule.
    NotBetterThanRule(Difference),
    /// It is the rule.
    IsTheRule,
    /// There is no rule among the models: nothing is known.
    NoRule,
}

/// The probability with which a difference must be known to be above 0.
const COVERAGE: f64 = 0.95;

impl Candidate {
    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// [How complicated](ChurnEstimator::complexity) it is.
    pub fn complexity(&self) -> u32 {
        self.complexity
    }

    /// For each of the [rows judged](Comparison::rows) the probability said by a model that had not seen it.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// How good they were. Where customers have several rows the standard error of the AUC is that of
    /// [customers](super::Auc::of_customers).
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }
}

impl Comparison {
    /// Compares estimators. One that fails is [left out](Self::refused), and said why.
    ///
    /// # Errors
    /// If there are no estimators, two have one name, a fold's row is not among the examples or is to be judged twice,
    /// of the rows to be judged fewer than two churned or stayed, or every estimator fails: with the reason of the
    /// first.
    pub fn of(estimators: &[&dyn ChurnEstimator], examples: &Examples, folds: &Folds) -> Result<Self, Error> {
        let mut names: Vec<&str> = estimators.iter().map(|estimator| estimator.name()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::parameter("estimators", pair[0], "is a name given twice"));
        }
        let rows = rows_judged(folds, examples.len())?;
        let table = Table::of(examples, &rows);
        let (mut candidates, mut refused, mut first) = (Vec::new(), Vec::new(), None);
        for estimator in estimators {
            match table.judge(*estimator, examples, folds) {
                Ok(candidate) => candidates.push(candidate),
                Err(error) => {
                    refused.push((estimator.name().to_owned(), error.to_string()));
                    first.get_or_insert(error);
                }
            }
        }
        if candidates.is_empty() {
            return Err(first.unwrap_or_else(|| ErrorKind::Empty { what: "estimators to compare" }.into()));
        }
        Ok(Self { rows, customers: table.customers, candidates, refused, balance: examples.balance() })
    }

    /// How many churned among the examples that were compared on.
    pub fn balance(&self) -> Balance {
        self.balance
    }

    /// The rows of the examples that were judged, ascending.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The models, in the order they were given.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// A model by its name.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn get(&self, name: &str) -> Result<&Candidate, Error> {
        let found = self.candidates.iter().find(|candidate| candidate.name == name);
        found.ok_or_else(|| Error::parameter("model", name, "is not in this comparison"))
    }

    /// The estimators that failed, and why.
    pub fn refused(&self) -> &[(String, String)] {
        &self.refused
    }

    /// How much greater the area under the ROC curve of one model is than that of another: above 0 the first is better.
    ///
    /// # Errors
    /// If there is none of a name.
    pub fn auc_difference(&self, first: &str, second: &str) -> Result<Difference, Error> {
        let (first, second) = (self.get(first)?, self.get(second)?);
        Ok(Difference::between(&first.auc, &second.auc, &self.customers))
    }

    /// How much greater the log loss of one model is than that of another: above 0 the first is worse.
    ///
    /// # Errors
    /// If there is none of a name.
    pub fn log_loss_difference(&self, first: &str, second: &str) -> Result<Difference, Error> {
        let (first, second) = (self.get(first)?, self.get(second)?);
        Ok(Difference::between(&first.log_loss, &second.log_loss, &self.customers))
    }

    /// The best rule: of the models of complexity 0 that with the greatest AUC, the first of several.
    pub fn rule(&self) -> Option<&Candidate> {
        let rules = self.candidates.iter().filter(|candidate| candidate.complexity == 0);
        rules.reduce(
            |best, rule| {
                if rule.judgement.auc.value() > best.judgement.auc.value() { rule } else { best }
            },
        )
    }

    /// Whether a model beats the best rule.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn verdict(&self, name: &str) -> Result<Verdict, Error> {
        self.get(name)?;
        let Some(rule) = self.rule() else {
            return Ok(Verdict::NoRule);
        };
        if rule.name == name {
            return Ok(Verdict::IsTheRule);
        }
        let difference = self.auc_difference(name, &rule.name)?;
        let (low, _) = difference.interval(COVERAGE)?;
        let better = low > 0.0;
        Ok(if better { Verdict::BetterThanRule(difference) } else { Verdict::NotBetterThanRule(difference) })
    }

    /// The simplest model as good as the best: of those whose log loss is at most one standard error of the difference
    /// above the least, that of least complexity; of equally simple ones that of least loss (the rule of Breiman et al.
    /// 1984, with the standard error of the paired difference).
    ///
    /// There always is one, but look at its [verdict](Self::verdict).
    pub fn recommend(&self) -> Option<&Candidate> {
        let loss = |candidate: &Candidate| candidate.judgement.log_loss;
        let best = self.candidates.iter().min_by(|a, b| loss(a).total_cmp(&loss(b)))?;
        let as_good = |candidate: &&Candidate| {
            let worse = Difference::between(&candidate.log_loss, &best.log_loss, &self.customers);
            candidate.name == best.name || worse.value <= worse.std_error
        };
        let simplest = |a: &&Candidate, b: &&Candidate| {
            a.complexity.cmp(&b.complexity).then(loss(a).total_cmp(&loss(b)))
        };
        self.candidates.iter().filter(as_good).min_by(simplest)
    }
}

/// The rows to be judged, of all folds, ascending.
fn rows_judged(folds: &Folds, examples: usize) -> Result<Vec<u32>, Error> {
    let mut rows: Vec<u32> = folds.iter().flat_map(|fold| fold.judge.iter().copied()).collect();
    rows.sort_unstable();
    if let Some(pair) = rows.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::parameter("row", pair[0], "is to be judged in two folds"));
    }
    match rows.last() {
        Some(&last) if last as usize >= examples => Err(Error::parameter("row", last, "is not an example")),
        _ => Ok(rows),
    }
}

/// For each row that folds judge, ascending, the probability of a model that learned from the fold's other rows.
pub(super) fn out_of_fold(
    estimator: &dyn ChurnEstimator,
    examples: &Examples,
    folds: &Folds,
) -> Result<Vec<f64>, Error> {
    let mut said: Vec<(u32, f64)> = Vec::new();
    for fold in folds.iter() {
        let model = estimator.learn(&examples.take(&fold.learn)?)?;
        let probabilities = model.probabilities(&examples.predictors().take(&fold.judge)?)?;
        if probabilities.len() != fold.judge.len() {
            let (expected, found) = (fold.judge.len(), probabilities.len());
            return Err(ErrorKind::Length { what: "probabilities", expected, found }.into());
        }
        said.extend(fold.judge.iter().copied().zip(probabilities));
    }
    said.sort_unstable_by_key(|row| row.0);
    Ok(said.into_iter().map(|row| row.1).collect())
}

/// What became of the rows to be judged.
pub(super) struct Table {
    churned: Vec<bool>,
    weights: Option<Vec<f64>>,
    /// For each row the number of its customer.
    customers: Vec<u32>,
}

impl Table {
    pub(super) fn of(examples: &Examples, rows: &[u32]) -> Self {
        let rows = || rows.iter().map(|&row| row as usize);
        let weights = examples.weights();
        Self {
            churned: rows().map(|row| examples.churned()[row]).collect(),
            weights: weights.map(|all| rows().map(|row| all[row]).collect()),
            customers: numbers(rows().map(|row| &examples.predictors().customers()[row])),
        }
    }

    pub(super) fn outcomes(&self, probabilities: &[f64]) -> Result<Outcomes, Error> {
        match &self.weights {
            Some(weights) => Outcomes::weighted(probabilities, &self.churned, weights),
            None => Outcomes::new(probabilities, &self.churned),
        }
    }

    /// Whether a customer has several rows: numbers are given in turn.
    fn is_repeated(&self) -> bool {
        self.customers.iter().max().is_some_and(|last| (*last as usize) + 1 < self.customers.len())
    }

    fn judge(
        &self,
        estimator: &dyn ChurnEstimator,
        examples: &Examples,
        folds: &Folds,
    ) -> Result<Candidate, Error> {
        let probabilities = out_of_fold(estimator, examples, folds)?;
        let mut judgement = self.outcomes(&probabilities)?.judge()?;
        let judged = Judged { churned: &self.churned, weights: self.weights.as_deref() };
        let auc = Influence::of_auc(&probabilities, judged)?;
        if self.is_repeated() {
            judged.require_customers(&self.customers)?;
            judgement.auc = auc.area(&self.customers);
        }
        Ok(Candidate {
            name: estimator.name().to_owned(),
            complexity: estimator.complexity(),
            judgement,
            auc,
            log_loss: Influence::of_log_loss(&probabilities, judged),
            probabilities,
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BetterThanRule(by) => write!(f, "better than the rule: {by}"),
            Self::NotBetterThanRule(by) => write!(f, "NOT better than the rule: {by}"),
            Self::IsTheRule => f.write_str("the rule"),
            Self::NoRule => f.write_str("no rule to compare with"),
        }
    }
}

/// A table of the models, and the one to take.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.candidates.iter().map(|one| one.name.chars().count()).max().unwrap_or(0).max(5);
        writeln!(f, "{:width$}  AUC     log loss  Brier   AP      ECE     AUC against the rule", "model")?;
        for Candidate { name, judgement, .. } in &self.candidates {
            let Judgement { auc, log_loss, brier, average_precision, calibration_error, .. } = judgement;
            write!(f, "{name:width$}  {:.4}  {log_loss:<8.4}  {brier:.4}  ", auc.value())?;
            write!(f, "{average_precision:.4}  {calibration_error:.4}  ")?;
            writeln!(f, "{}", self.verdict(name).unwrap_or(Verdict::NoRule))?;
        }
        for (name, why) in &self.refused {
            writeln!(f, "{name:width$}  failed: {why}")?;
        }
        let recommended = self.recommend().map_or("none", Candidate::name);
        write!(f, "recommended: {recommended}, the simplest within one standard error of the least log loss")
    }
}
