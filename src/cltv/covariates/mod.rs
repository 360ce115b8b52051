//! Models of purchases whose customers differ by what is known of them: region, channel, age.

mod cases;
mod kernel;
mod model;
mod table;

use self::{
    cases::{Cases, Joint},
    model::Unstandardised,
    table::Standardised,
};
pub use self::{kernel::CovariateBase, model::CovariateModel, table::Covariates};
use super::search;
use crate::{
    error::Error,
    model::{Fit, PurchaseEstimator, Readiness},
    summary::Histories,
};

/// Learns a model of purchases together with the effects of covariates that do not change in time.
///
/// The effects are those of [`CovariateModel`]. All parameters are found together by maximum likelihood, in
/// covariates of mean 0 and deviation 1, so that their units do not matter; equal customers are one row with a
/// weight. Without any covariate it is the plain model: compare log-likelihoods to see what covariates tell
/// (twice the difference is about chi squared with as many degrees of freedom as there are effects).
///
/// # Example
/// ```
/// use patronage::{
///     cltv::{Covariates, ParetoNbd, WithCovariates},
///     domain::Tick,
///     model::PurchaseEstimator,
///     summary::HistoryTable,
/// };
///
/// let repeats = [0, 3, 1, 2, 0, 7, 1, 0];
/// let recency = [0.0, 20.5, 1.7, 30.4, 0.0, 29.4, 5.0, 0.0];
/// let age = [38.9, 38.0, 38.9, 38.9, 30.1, 37.3, 32.0, 28.7];
/// let people = HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age)?;
///
/// let online = Covariates::none(8).column("online", &[0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0])?;
/// let nothing = Covariates::none(8);
/// let fit = WithCovariates::new(ParetoNbd::default(), &online, &nothing).fit(&people)?;
/// let (there, elsewhere) = (fit.model.at(&[1.0], &[])?, fit.model.at(&[0.0], &[])?);
/// assert!(there.r() / there.alpha() > elsewhere.r() / elsewhere.alpha());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct WithCovariates<'a, B> {
    base: B,
    purchase: &'a Covariates,
    dropout: &'a Covariates,
}

impl<'a, B: CovariateBase> WithCovariates<'a, B> {
    /// The plain estimator, with its priors and needs; and a row a customer of what bears on how often they
    /// buy, and of what bears on when they leave. Either may be [none](Covariates::none).
    pub fn new(base: B, purchase: &'a Covariates, dropout: &'a Covariates) -> Self {
        Self { base, purchase, dropout }
    }
}

impl<B: CovariateBase> PurchaseEstimator for WithCovariates<'_, B> {
    type Model = CovariateModel<B::Model>;

    fn name(&self) -> &'static str {
        B::NAME
    }

    fn readiness(&self, people: &dyn Histories) -> Readiness {
        self.base.readiness(people)
    }

    /// # Errors
    /// If there is nothing to learn from, the covariates have not a row a customer, one is the same for
    /// everybody or a linear combination of others, or a parameter is out of the model's range at covariates
    /// of 0: centre those that lie far from it.
    fn fit(&self, people: &dyn Histories) -> Result<Fit<Self::Model>, Error> {
        let processes = [
            Standardised::of(self.purchase, "purchase covariate", people)?,
            Standardised::of(self.dropout, "dropout covariate", people)?,
        ];
        let cases = Cases::of(people, &processes)?;
        let effects = processes.iter().map(|process| process.columns.len()).sum::<usize>();
        let mut priors = self.base.priors().to_vec();
        for (prior, is_time) in priors.iter_mut().zip(B::TIMES) {
            if is_time {
                *prior = prior.map(|prior| prior.lowered(cases.histories.scale.ln()));
            }
        }
        priors.resize(4 + effects, None);
        let mut starts = B::starts(&cases.histories);
        for start in &mut starts {
            start.resize(4 + effects, 0.0);
        }

        let joint = |cases| Joint::<B>::new(cases, processes[0].columns.len());
        let found = search::maximise(&cases, joint, &starts, &priors);
        let map = Unstandardised::of::<B::Model>(&processes);
        let at = map.coordinates(&found.at);
        let mut record = found.record(&cases, self.readiness(people));
        record.covariance = record.covariance.map(|covariance| map.covariance(&covariance));

        let (base, gammas) = at.split_at(4);
        let scale = cases.histories.scale;
        let mut values = [0.0; 4];
        for ((value, at), is_time) in values.iter_mut().zip(base).zip(B::TIMES) {
            *value = at.exp() * if is_time { scale } else { 1.0 };
        }
        let base = B::model(people.tick(), values)?;
        let [purchase, dropout] = [self.purchase, self.dropout].map(Covariates::names);
        let model = CovariateModel::found(base, [purchase, dropout], gammas);
        Ok(Fit::of(model, record))
    }
}
