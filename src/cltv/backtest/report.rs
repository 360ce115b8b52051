//! What a backtest found, as plain data.

use crate::{
    domain::{Day, Money},
    model::{Readiness, Stop},
};

/// What a [`Backtest`](super::Backtest) found.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BacktestReport {
    /// The last day of the calibration.
    pub as_of: Day,
    /// The last day of the holdout.
    pub until: Day,
    /// Customers of the calibration.
    pub customers: u64,
    /// Their purchases in the holdout.
    pub actual: u64,
    /// Their repeat purchases by tick, over both stretches, if the ledger was given.
    pub weeks: Option<Weeks>,
    /// The models in the order given, the naive rate last.
    pub candidates: Vec<Candidate>,
}

/// Repeat purchases by tick (by week, where the observation's tick is a week).
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Weeks {
    /// The last day of each tick; the last tick may be cut short.
    pub ends: Vec<Day>,
    /// Repeat purchases up to the end of each.
    pub cumulative: Vec<u64>,
    /// Repeat purchases in each.
    pub incremental: Vec<u64>,
    /// How many of the ticks end in the calibration.
    pub calibration: usize,
}

/// A model in a backtest.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a model in a backtest.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Outcome {
    /// There was no fit, or no finite forecast.
    Refused {
        /// Why.
        why: String,
    },
    /// How good the forecast was.
    Tested(Box<Tested>),
}

/// How good a model's forecast was, and what was fitted.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tested {
    /// How the search for the parameters ended.
    pub stop: Stop,
    /// What the fit is worth, by the data of the calibration.
    pub readiness: Readiness,
    /// Of the calibration.
    pub log_likelihood: f64,
    /// How many parameters there are: fewer is simpler.
    pub parameters: usize,
    /// Errors over all customers.
    pub accuracy: Accuracy,
    /// By purchases in the calibration, ascending; without those that no customer made.
    pub by_frequency: Vec<FrequencyRow>,
    /// Tenths of the customers from the lowest forecast to the highest; fewer groups if there are fewer than
    /// ten customers.
    pub deciles: Vec<DecileRow>,
    /// Of the tenth of customers (rounded up) who bought most, the share that is in the tenth with the
    /// highest forecasts, 0 to 1; equals at an edge share the places that are left. `None` if nobody bought.
    pub top_decile_found: Option<f64>,
    /// Repeat purchases by tick, if the ledger was given.
    pub tracked: Option<Tracked>,
    /// Money, if a model of spend was given.
    pub money: Option<MoneyTest>,
    /// How much worse than the best.
    pub excess: Excess,
}

/// Errors of a forecast of purchases in the holdout, over all customers.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Accuracy {
    /// The sum of the forecasts.
    pub predicted: f64,
    /// Mean absolute error, in purchases.
    pub mae: f64,
    /// Root of the mean squared error, in purchases.
    pub rmse: f64,
    /// Correlation (Pearson) of forecast and truth; `None` if either is the same for all.
    pub correlation: Option<f64>,
}

/// Customers with the same number of repeat purchases in the calibration.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FrequencyRow {
    /// Repeat purchases in the calibration; 7 stands for 7 or more.
    pub repeats: u32,
    /// How many customers.
    pub customers: u64,
    /// Mean purchases in the holdout.
    pub actual: f64,
    /// Mean forecast.
    pub predicted: f64,
}

/// A tenth of the customers, by forecast.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DecileRow {
    /// How many customers.
    pub customers: u64,
    /// Mean forecast.
    pub predicted: f64,
    /// Mean purchases in the holdout.
    pub actual: f64,
}

/// What a model expects of all customers from the days of their first purchases on, knowing nothing else of
/// them: against [`Weeks`], tick by tick.
///
/// # Formula
/// ```text
/// expected up to the end of a tick = sum over days d of (customers first seen on d) * E[X(end - d)]
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tracked {
    /// Repeat purchases expected up to the end of each tick.
    pub cumulative: Vec<f64>,
    /// Repeat purchases expected in each tick.
    pub incremental: Vec<f64>,
    /// Mean absolute error of the cumulative numbers as a share of the truth, over the ticks that end in the
    /// holdout: 0.02 is 2 %. `None` if nobody came back until then.
    pub cumulative_mape: Option<f64>,
}

/// Money in the holdout: forecast purchases times forecast spend, against net money.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MoneyTest {
    /// The sum of the forecasts.
    pub predicted: Money,
    /// Net money in the holdout.
    pub actual: Money,
    /// Mean absolute error over the customers.
    pub mae: Money,
}

/// How much worse than the best a model is, in mean squared error over the customers. The best is one that had
/// enough to learn from ([`Readiness::is_refused`]), if there is any.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Excess {
    /// The mean of the differences of the two squared errors of each customer; 0 for the best, and below it only
    /// for a model that had too little to learn from and was better all the same.
    pub mean: f64,
    /// Its standard error: the deviation (with n - 1) of these differences, over the root of n.
    pub std_error: f64,
}

impl BacktestReport {
    /// How good a model was, by its name; `None` if there is none of that name or it was refused.
    pub fn of(&self, name: &str) -> Option<&Tested> {
        self.tested().find(|(known, _)| *known == name).map(|(_, tested)| tested)
    }

    /// The models that gave a forecast, with their names.
    pub fn tested(&self) -> impl Iterator<Item = (&str, &Tested)> {
        self.candidates.iter().filter_map(|candidate| match &candidate.outcome {
            Outcome::Tested(tested) => Some((candidate.name.as_str(), &**tested)),
            Outcome::Refused { .. } => None,
        })
    }

    /// The simplest model within one standard error of the best: of those whose [`Excess`] is no more than
    /// its standard error, the one with the fewest parameters, and of these the best. `None` if every model
    /// was refused.
    ///
    /// A model that had too little to learn from ([`Readiness::is_refused`]) is named only if all had: it may
    /// have met this holdout by luck.
    ///
    /// The loss is the squared error of the purchases in the holdout, which is least for the mean that is
    /// forecast. Errors of one customer go together from model to model, so they are compared in pairs.
    /// Models whose losses agree to nine digits are equally good: one may be a special case of the other.
    pub fn recommend(&self) -> Option<(&str, &Tested)> {
        let some = self.candidates.iter().any(Candidate::is_grounded);
        let close = self.tested().filter(|(_, tested)| {
            let rounding = EQUAL * tested.accuracy.rmse.powi(2);
            let is_close = tested.excess.mean <= tested.excess.std_error.max(rounding);
            is_close && (tested.is_grounded() || !some)
        });
        close.min_by(|(_, a), (_, b)| {
            let simpler = a.parameters.cmp(&b.parameters);
            simpler.then(a.excess.mean.total_cmp(&b.excess.mean))
        })
    }
}

impl Tested {
    /// Whether there was enough to learn from.
    fn is_grounded(&self) -> bool {
        !self.readiness.is_refused()
    }
}

impl Candidate {
    fn is_grounded(&self) -> bool {
        matches!(&self.outcome, Outcome::Tested(tested) if tested.is_grounded())
    }
}

/// Losses that differ by less of themselves are the same but for rounding.
const EQUAL: f64 = 1e-9;

/// Writes how much worse than the best each model is: `losses` of the customers, a list a model, empty for
/// those that were refused.
pub(super) fn compare(candidates: &mut [Candidate], losses: &[Vec<f64>]) {
    let sum = |losses: &[f64]| losses.iter().sum::<f64>();
    let some = candidates.iter().any(Candidate::is_grounded);
    let may_be_best = |(candidate, losses): &(&Candidate, &Vec<f64>)| {
        !losses.is_empty() && (candidate.is_grounded() || !some)
    };
    let tested = candidates.iter().zip(losses).filter(may_be_best).map(|(_, losses)| losses);
    let Some(best) = tested.min_by(|a, b| sum(a).total_cmp(&sum(b))) else {
        return;
    };
    for (candidate, losses) in candidates.iter_mut().zip(losses) {
        if let Outcome::Tested(tested) = &mut candidate.outcome {
            tested.excess = excess(losses, best);
        }
    }
}

fn excess(losses: &[f64], best: &[f64]) -> Excess {
    let count = losses.len() as f64;
    let differences = || losses.iter().zip(best).map(|(loss, best)| loss - best);
    let mean = differences().sum::<f64>() / count;
    let squares: f64 = differences().map(|difference| (difference - mean).powi(2)).sum();
    let variance = if losses.len() > 1 { squares / (count - 1.0) } else { 0.0 };
    Excess { mean, std_error: (variance / count).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, parameters: usize) -> Candidate {
        let accuracy = Accuracy { predicted: 0.0, mae: 0.0, rmse: 0.0, correlation: None };
        let tested = Tested {
            stop: Stop::Closed,
            readiness: Readiness::Ready,
            log_likelihood: 0.0,
            parameters,
            accuracy,
            by_frequency: Vec::new(),
            deciles: Vec::new(),
            top_decile_found: None,
            tracked: None,
            money: None,
            excess: Excess::default(),
        };
        Candidate { name: name.to_owned(), outcome: Outcome::Tested(Box::new(tested)) }
    }

    fn report(models: &[(&str, usize)], losses: &[Vec<f64>]) -> BacktestReport {
        let mut candidates: Vec<_> = models.iter().map(|&(name, count)| candidate(name, count)).collect();
        for (candidate, losses) in candidates.iter_mut().zip(losses) {
            match &mut candidate.outcome {
                Outcome::Tested(tested) if !losses.is_empty() => {
                    tested.accuracy.rmse = (losses.iter().sum::<f64>() / losses.len() as f64).sqrt();
                }
                outcome => *outcome = Outcome::Refused { why: String::new() },
            }
        }
        compare(&mut candidates, losses);
        BacktestReport { as_of: Day::MIN, until: Day::MIN, customers: 4, actual: 0, weeks: None, candidates }
    }

    #[test]
    fn the_simplest_within_one_standard_error_is_recommended() {
        // Differences to the best: 0 2 0 2 (mean 1, deviation 1.1547, standard error 0.5774) and
        // 2 0 0 0 (mean 0.5, standard error 0.5).
        let losses = [vec![1.0, 3.0, 1.0, 3.0], vec![1.0; 4], vec![3.0, 1.0, 1.0, 1.0], vec![]];
        let found = report(&[("one", 1), ("four", 4), ("three", 3), ("none", 0)], &losses);
        let excess = found.of("one").unwrap().excess;
        assert!(
            (excess.mean - 1.0).abs() < 1e-15 && (excess.std_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-15
        );
        assert_eq!(found.of("three").unwrap().excess, Excess { mean: 0.5, std_error: 0.5 });
        assert_eq!(found.recommend().unwrap().0, "three");
        assert!(found.of("none").is_none());
    }

    #[test]
    fn of_equally_simple_ones_the_best_is_recommended() {
        let losses = [vec![2.0, 1.0], vec![1.0, 1.0]];
        assert_eq!(report(&[("near", 2), ("best", 2)], &losses).recommend().unwrap().0, "best");
        assert!(report(&[("none", 2)], &[vec![]]).recommend().is_none());
    }

    #[test]
    fn a_model_that_had_too_little_to_learn_from_is_recommended_only_if_all_had() {
        let losses = [vec![0.5, 0.5], vec![3.0, 1.0], vec![1.0, 2.0]];
        let mut found = report(&[("lucky", 1), ("near", 2), ("best", 4)], &losses);
        assert_eq!(found.recommend().unwrap().0, "lucky");
        let mut refuse = |which: usize| {
            if let Outcome::Tested(tested) = &mut found.candidates[which].outcome {
                tested.readiness = Readiness::Refused { why: String::new(), needed: 100, found: 2 };
            }
            compare(&mut found.candidates, &losses);
            found.clone()
        };
        let without = refuse(0);
        assert_eq!(without.recommend().unwrap().0, "near");
        assert_eq!(without.of("best").unwrap().excess, Excess::default());
        assert_eq!(without.of("lucky").unwrap().excess, Excess { mean: -1.0, std_error: 0.5 });
        refuse(1);
        assert_eq!(refuse(2).recommend().unwrap().0, "lucky");
    }

    #[test]
    fn a_special_case_is_as_good_but_for_rounding() {
        let losses = [vec![1.0, 2.0 + 1e-12], vec![1.0 - 1e-12, 2.0]];
        assert_eq!(report(&[("special", 2), ("general", 4)], &losses).recommend().unwrap().0, "special");
    }
}
