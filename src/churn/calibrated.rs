//! A model and its calibration as one.

use super::{
    Calibration, Calibrator, ChurnEstimator, ChurnModel, Contributions, Examples, Folds, Predictors, Scale,
    compare::{Table, out_of_fold},
    judge::log_odds,
};
use crate::error::{Error, ErrorKind};

/// An estimator whose probabilities are calibrated on customers that it had not seen.
///
/// The examples are split into folds, each said by a model that learned from the others; the calibration is learned
/// from all of these probabilities together, and put behind a model that learned from all examples (cross-fitting with
/// one calibration, as scikit-learn's `CalibratedClassifierCV(ensemble=False)`).
#[derive(Clone, PartialEq, Debug)]
pub struct Calibrated<E> {
    estimator: E,
    calibration: Calibration,
    folds: usize,
    seed: u64,
    name: Option<String>,
}

impl<E: ChurnEstimator> Calibrated<E> {
    /// Calibrates an estimator, over 5 folds that `seed` deals. It keeps the estimator's name unless it is given
    /// [one of its own](Self::named).
    pub fn new(estimator: E, calibration: Calibration, seed: u64) -> Self {
        Self { estimator, calibration, folds: 5, seed, name: None }
    }

    /// The number of folds, at least 2.
    #[must_use]
    pub fn folds(self, folds: usize) -> Self {
        Self { folds, ..self }
    }

    /// A name of its own, as to stand beside the estimator in a table.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }
}

impl<E: ChurnEstimator> ChurnEstimator for Calibrated<E> {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.estimator.name())
    }

    /// That of the estimator.
    fn complexity(&self) -> u32 {
        self.estimator.complexity()
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        let folds = Folds::stratified(examples, self.folds, self.seed)?;
        let probabilities = out_of_fold(&self.estimator, examples, &folds)?;
        let rows: Vec<u32> = (0..examples.len() as u32).collect();
        let held_out = Table::of(examples, &rows).outcomes(&probabilities)?;
        let calibrator = self.calibration.fit(&held_out)?;
        Ok(Box::new(CalibratedModel::new(self.estimator.learn(examples)?, calibrator)))
    }
}

/// A model whose probabilities a [`Calibrator`] makes right. Both are saved apart, and put together again.
#[derive(Debug)]
pub struct CalibratedModel {
    model: Box<dyn ChurnModel>,
    calibrator: Calibrator,
}

impl CalibratedModel {
    /// Puts a calibration behind a model.
    pub fn new(model: Box<dyn ChurnModel>, calibrator: Calibrator) -> Self {
        Self { model, calibrator }
    }

    /// The model.
    pub fn model(&self) -> &dyn ChurnModel {
        &*self.model
    }

    /// The calibration.
    pub fn calibrator(&self) -> &Calibrator {
        &self.calibrator
    }
}

impl ChurnModel for CalibratedModel {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        self.calibrator.calibrate(&self.model.probabilities(of)?)
    }

    /// What adds to the calibrated score, where that is a line of the model's: by [`Platt`](super::Platt), of a model
    /// whose scores are log odds. Otherwise what adds to the model's own score, before it is calibrated, whose order is
    /// the same. The parts of a score that is too far out for a probability to tell it are brought in alike.
    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        let own = self.model.contributions(of)?;
        let Calibrator::Platt(line) = &self.calibrator else { return Ok(own) };
        if own.scale() != Scale::LogOdds {
            return Ok(own);
        }
        let added = |row: usize| {
            let past = || ErrorKind::Length { what: "contributions", expected: of.len(), found: row };
            let told = own.score(row).zip(own.probability(row));
            let (parts, (score, probability)) = own.row(row).zip(told).ok_or_else(past)?;
            let share = (log_odds(probability) - own.base()) / (score - own.base());
            let slope = line.slope() * if share.is_finite() { share } else { 1.0 };
            Ok(parts.iter().map(|added| slope * added).collect::<Vec<_>>())
        };
        let values = (0..of.len()).map(added).collect::<Result<Vec<_>, Error>>()?.concat();
        let base = line.intercept() + line.slope() * own.base();
        Contributions::new(own.names().to_vec(), Scale::LogOdds, base, values)
    }
}
