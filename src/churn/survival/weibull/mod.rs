//! Lifetimes that covariates stretch: the Weibull model of accelerated failure time.

mod likelihood;
mod model;
#[cfg(feature = "serde")]
mod saved;

use self::likelihood::{Likelihood, Peak};
use super::{Covariates, Lifetimes, collinear, lifetimes::check_length, rows::Rows, squares::sum_of_squares};
use crate::error::{Error, ErrorKind};

pub use self::model::WeibullModel;

/// Learns how covariates stretch lifetimes: S(t | x) = e^-((t / λ)^ρ), ln λ = β0 + x β. The shape ρ says whether people
/// leave faster (above 1) or slower (below 1) the longer they stay.
///
/// # Example
/// ```
/// use patronage::churn::survival::{Covariates, Lifetimes, WeibullAft};
///
/// let durations = [4.0, 3.0, 1.0, 1.5, 2.0, 2.5, 6.0, 7.0];
/// let events = [true, true, true, false, true, true, false, true];
/// let seen = Lifetimes::new(&durations, &events)?;
/// let plain = WeibullAft.fit(&seen)?;
/// let yearly = vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0];
/// let model = WeibullAft.fit_with(&seen, &Covariates::new([("yearly", yearly)])?)?;
/// assert!(model.log_likelihood() > plain.log_likelihood());
/// let medians = model.median(&Covariates::new([("yearly", vec![0.0, 1.0])])?)?;
/// assert!(medians[1] > medians[0]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WeibullAft;

impl WeibullAft {
    /// Learns scale and shape alone, by maximum likelihood.
    ///
    /// # Errors
    /// If a duration is 0, there are strata (the shape is one for all), there is no event, or the events leave the shape
    /// without bound.
    pub fn fit(&self, lifetimes: &Lifetimes<'_>) -> Result<WeibullModel, Error> {
        learn(lifetimes, &[], &[])
    }

    /// Learns the coefficients of covariates besides, with standard errors from the exact curvature.
    ///
    /// # Errors
    /// As [`fit`](Self::fit); and if there are not as many covariates as lifetimes, one is constant or follows from
    /// others, or the likelihood grows without end with one.
    pub fn fit_with(
        &self,
        lifetimes: &Lifetimes<'_>,
        covariates: &Covariates<'_>,
    ) -> Result<WeibullModel, Error> {
        check_length("covariates", lifetimes.len(), covariates.len())?;
        let names: Vec<&str> = covariates.names().collect();
        let columns: Vec<&[f64]> = covariates.columns().iter().map(|column| &**column).collect();
        learn(lifetimes, &names, &columns)
    }
}

fn learn(lifetimes: &Lifetimes<'_>, names: &[&str], columns: &[&[f64]]) -> Result<WeibullModel, Error> {
    if let Some(strata) = lifetimes.strata() {
        return Err(Error::parameter("strata", strata.len(), "are given, but the shape is one for all"));
    }
    if let Some(row) = lifetimes.durations().iter().position(|duration| *duration == 0.0) {
        let (rule, text) = ("duration must be above 0", "0".to_owned());
        return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
    }
    if !lifetimes.events().contains(&true) {
        return Err(ErrorKind::Empty { what: "events" }.into());
    }
    let rows = Rows::new(lifetimes, columns);
    rows.check_columns(names)?;
    let products = sum_of_squares(rows.given.len(), names.len(), |range, tiles| {
        for (column, tile) in rows.columns.iter().zip(tiles) {
            tile.left = &column[range.clone()];
            tile.times(&rows.weights[range.clone()]);
        }
    });
    collinear::check(&products, names)?;
    let likelihood = Likelihood::new(lifetimes, &rows);
    let peak: Peak = likelihood.climb(names)?;
    let model = WeibullModel::of(names, &likelihood, &peak);
    if !model.is_finite() {
        return Err(ErrorKind::Overflow { what: "a coefficient or its variance" }.into());
    }
    Ok(model)
}
