//! A model as it is saved.

use super::{Baseline, Coefficient, CoxModel, Ties};
use crate::{
    churn::survival::saved::{cells, exact, plain},
    domain::saved::{Exact, SchemaVersion},
    error::{Error, ErrorKind},
    math::symmetric::Symmetric,
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    covariates: Vec<String>,
    coefficients: Vec<Exact>,
    means: Vec<Exact>,
    /// The lower triangle, row by row.
    covariance: Vec<Exact>,
    ties: Ties,
    ridge: Exact,
    log_likelihood: Exact,
    null_log_likelihood: Exact,
    wald: Exact,
    score: Exact,
    concordance: Option<Exact>,
    rows: u64,
    events: Exact,
    steps: u32,
    baselines: Vec<SavedBaseline>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedBaseline {
    stratum: u32,
    times: Vec<Exact>,
    hazard: Vec<Exact>,
}

impl From<CoxModel> for Saved {
    fn from(model: CoxModel) -> Self {
        let triangle = cells(model.coefficients.len()).map(|(row, column)| model.covariance.get(row, column));
        let baseline = |one: Baseline| SavedBaseline {
            stratum: one.stratum,
            times: exact(one.times),
            hazard: exact(one.hazard),
        };
        Self {
            schema: SchemaVersion,
            covariance: exact(triangle),
            coefficients: exact(model.coefficients.iter().map(|one| one.value)),
            covariates: model.coefficients.into_iter().map(|one| one.name).collect(),
            means: exact(model.means),
            ties: model.ties,
            ridge: Exact(model.ridge),
            log_likelihood: Exact(model.log_likelihood),
            null_log_likelihood: Exact(model.null_log_likelihood),
            wald: Exact(model.wald),
            score: Exact(model.score),
            concordance: model.concordance.map(Exact),
            rows: model.rows,
            events: Exact(model.events),
            steps: model.steps,
            baselines: model.baselines.into_iter().map(baseline).collect(),
        }
    }
}

impl TryFrom<Saved> for CoxModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let width = saved.covariates.len();
        if width == 0 {
            return Err(ErrorKind::Empty { what: "covariates" }.into());
        }
        let triangle = width * (width + 1) / 2;
        for (what, expected, found) in [
            ("coefficients", width, saved.coefficients.len()),
            ("means", width, saved.means.len()),
            ("covariance", triangle, saved.covariance.len()),
        ] {
            super::check_length(what, expected, found)?;
        }
        let mut covariance = Symmetric::zeros(width);
        for ((row, column), cell) in cells(width).zip(&saved.covariance) {
            covariance.set(row, column, cell.0);
        }
        let variance = |at: usize| covariance.get(at, at);
        if let Some(bad) = (0..width).map(variance).find(|variance| !(*variance > 0.0)) {
            return Err(Error::parameter("variance", bad, "must be above 0"));
        }
        let coefficients = saved.covariates.into_iter().zip(saved.coefficients).enumerate();
        let coefficients = coefficients.map(|(at, (name, value))| Coefficient {
            name,
            value: value.0,
            std_error: variance(at).sqrt(),
        });
        let strata: Vec<u32> = saved.baselines.iter().map(|one| one.stratum).collect();
        if strata.is_empty() || !strata.is_sorted_by(|a, b| a < b) {
            return Err(Error::parameter("strata", strata.len(), "must be some, ascending"));
        }
        Ok(Self {
            coefficients: coefficients.collect(),
            means: plain(saved.means),
            covariance,
            ties: saved.ties,
            ridge: saved.ridge.0,
            log_likelihood: saved.log_likelihood.0,
            null_log_likelihood: saved.null_log_likelihood.0,
            wald: saved.wald.0,
            score: saved.score.0,
            concordance: saved.concordance.map(|concordance| concordance.0),
            rows: saved.rows,
            events: saved.events.0,
            steps: saved.steps,
            baselines: saved.baselines.into_iter().map(baseline).collect::<Result<_, _>>()?,
        })
    }
}

fn baseline(saved: SavedBaseline) -> Result<Baseline, Error> {
    let (times, hazard) = (plain(saved.times), plain(saved.hazard));
    super::check_length("hazard", times.len(), hazard.len())?;
    for (name, column) in [("times", &times), ("hazard", &hazard)] {
        let falls = !column.is_sorted() || column.first().is_some_and(|first| *first < 0.0);
        if falls {
            return Err(Error::parameter(name, column.len(), "must not fall, or be below 0"));
        }
    }
    Ok(Baseline { stratum: saved.stratum, times, hazard })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::churn::survival::{Covariates, Cox, Lifetimes};

    #[test]
    fn what_is_saved_is_checked_when_read() {
        let (durations, events) = ([4.0, 3.0, 1.0, 2.0], [true, true, true, false]);
        let seen = Lifetimes::new(&durations, &events).unwrap();
        let covariates = Covariates::new([("x", vec![0.0, 2.0, 1.0, 1.0])]).unwrap();
        let model = Cox::default().ridge(0.1).unwrap().fit(&seen, &covariates).unwrap();
        let saved = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<CoxModel>(&saved).unwrap(), model);
        for (good, bad, fault) in [
            (r#"["x"]"#, "[]", "covariates: there are none"),
            (r#"["x"]"#, r#"["x","y"]"#, "coefficients: expected 2 rows, found 1"),
            (r#""covariance":[""#, r#""covariance":["-"#, "variance: `-"),
            (r#""times":["1.0","#, r#""times":["9.0","#, "times: `3` must not fall"),
            (r#""times":["1.0","#, r#""times":["#, "hazard: expected 2 rows, found 3"),
            (r#""schema":1"#, r#""schema":2"#, "saved with schema 2, this version reads up to 1"),
            (r#""ridge":"0.1""#, r#""ridge":"nan""#, "is not a finite number"),
        ] {
            assert!(saved.contains(good), "{good} {saved}");
            let error = serde_json::from_str::<CoxModel>(&saved.replacen(good, bad, 1)).unwrap_err();
            assert!(error.to_string().contains(fault), "{error}");
        }
    }
}
