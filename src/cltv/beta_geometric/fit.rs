//! How the parameters are found: by maximum likelihood, from starts around the mean rate of purchase.

use super::{BetaGeometric, Leaving, Question, likelihood::Likelihood};
use crate::{
    cltv::{Collapsed, bounds, search},
    error::Error,
    model::Record,
    summary::Histories,
};

impl Question {
    pub(in crate::cltv) fn fit(
        &self,
        leaving: Leaving,
        people: &dyn Histories,
    ) -> Result<(BetaGeometric, Record), Error> {
        let readiness = self.needs.grade(people);
        let rows = Collapsed::of(people)?;
        let mut priors = self.priors;
        priors[1] = priors[1].map(|alpha| alpha.lowered(rows.scale.ln()));
        let found = search::maximise(&rows, |rows| Likelihood { rows, leaving }, &starts(&rows), &priors);
        let scales = [1.0, rows.scale, 1.0, 1.0];
        let mut values = [1.0; 4];
        for ((value, at), scale) in values.iter_mut().zip(&found.at).zip(scales) {
            *value = bounds::clamp(at.exp() * scale);
        }
        let model = BetaGeometric::new(leaving, rows.tick, values)?;
        Ok((model, found.record(&rows, readiness)))
    }
}

/// Rates as even as all, or as uneven as in shops; few who leave, or many.
pub(in crate::cltv) fn starts(rows: &Collapsed) -> Vec<Vec<f64>> {
    let rate = rows.repeats().max(0.5) / rows.customers;
    let start = |r: f64, a: f64, b: f64| [r, r / (1.5 * rate), a, b].map(f64::ln).to_vec();
    vec![start(0.4, 0.8, 2.5), start(1.5, 0.5, 5.0)]
}
