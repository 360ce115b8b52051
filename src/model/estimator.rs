//! How a model is learned.

use super::{Fit, PurchaseForecast, Readiness};
use crate::{
    error::Error,
    summary::{Histories, Spends},
};

/// Learns a model of purchases.
pub trait PurchaseEstimator: Send + Sync {
    /// What is learned.
    type Model;

    /// The model's name, as in a table of models: `BG/NBD`.
    fn name(&self) -> &'static str;

    /// How far the data carries a fit.
    fn readiness(&self, people: &dyn Histories) -> Readiness;

    /// Learns from histories, in their tick. A fit is given whenever there is one, however little the data:
    /// look at its [readiness](Fit::readiness) and at how the search [ended](Fit::stop).
    ///
    /// # Errors
    /// If there is nothing to learn from, or the data is not what the model is for.
    fn fit(&self, people: &dyn Histories) -> Result<Fit<Self::Model>, Error>;
}

/// Learns a model of spend.
pub trait SpendEstimator: Send + Sync {
    /// What is learned.
    type Model;

    /// The model's name, as in a table of models: `Gamma-Gamma`.
    fn name(&self) -> &'static str;

    /// How far the data carries a fit.
    fn readiness(&self, people: &dyn Spends) -> Readiness;

    /// Learns from spend, in its currency. A fit is given whenever there is one, however little the data.
    ///
    /// # Errors
    /// If there is nothing to learn from, or the data is not what the model is for.
    fn fit(&self, people: &dyn Spends) -> Result<Fit<Self::Model>, Error>;
}

/// A [`PurchaseEstimator`] whatever its model, so that several stand in one list: what is compared in a
/// backtest. Every purchase estimator whose model is a [`PurchaseForecast`] is one.
pub trait ForecastEstimator: Send + Sync {
    /// The model's name.
    fn label(&self) -> &'static str;

    /// Learns a model of some kind.
    ///
    /// # Errors
    /// As [`PurchaseEstimator::fit`].
    fn fit_forecast(&self, people: &dyn Histories) -> Result<Fit<Box<dyn PurchaseForecast>>, Error>;
}

impl<E> ForecastEstimator for E
where
    E: PurchaseEstimator,
    E::Model: PurchaseForecast + 'static,
{
    fn label(&self) -> &'static str {
        self.name()
    }

    fn fit_forecast(&self, people: &dyn Histories) -> Result<Fit<Box<dyn PurchaseForecast>>, Error> {
        Ok(self.fit(people)?.map(|model| Box::new(model) as Box<dyn PurchaseForecast>))
    }
}
