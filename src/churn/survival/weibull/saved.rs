//! A model as it is saved.

use super::{
    WeibullModel, check_length,
    model::{INTERCEPT, LOG_SHAPE},
};
use crate::{
    churn::survival::{
        Coefficient,
        saved::{cells, exact},
    },
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
    intercept: Exact,
    coefficients: Vec<Exact>,
    log_shape: Exact,
    /// Of the intercept, the coefficients and the logarithm of the shape: the lower triangle, row by row.
    covariance: Vec<Exact>,
    log_likelihood: Exact,
    rows: u64,
    steps: u32,
}

impl From<WeibullModel> for Saved {
    fn from(model: WeibullModel) -> Self {
        let triangle = cells(model.covariance.size()).map(|(row, column)| model.covariance.get(row, column));
        Self {
            schema: SchemaVersion,
            covariance: exact(triangle),
            intercept: Exact(model.intercept.value),
            coefficients: exact(model.coefficients.iter().map(|one| one.value)),
            covariates: model.coefficients.into_iter().map(|one| one.name).collect(),
            log_shape: Exact(model.log_shape.value),
            log_likelihood: Exact(model.log_likelihood),
            rows: model.rows,
            steps: model.steps,
        }
    }
}

impl TryFrom<Saved> for WeibullModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let width = saved.covariates.len();
        let size = width + 2;
        check_length("coefficients", width, saved.coefficients.len())?;
        check_length("covariance", size * (size + 1) / 2, saved.covariance.len())?;
        let mut covariance = Symmetric::zeros(size);
        for ((row, column), cell) in cells(size).zip(&saved.covariance) {
            covariance.set(row, column, cell.0);
        }
        let variance = |at: usize| covariance.get(at, at);
        if let Some(bad) = (0..size).map(variance).find(|variance| !(*variance > 0.0)) {
            return Err(Error::parameter("variance", bad, "must be above 0"));
        }
        let one = |name: String, value: Exact, at: usize| Coefficient {
            name,
            value: value.0,
            std_error: variance(at).sqrt(),
        };
        let coefficients = saved.covariates.into_iter().zip(saved.coefficients).enumerate();
        let model = Self {
            intercept: one(INTERCEPT.to_owned(), saved.intercept, 0),
            coefficients: coefficients.map(|(at, (name, value))| one(name, value, at + 1)).collect(),
            log_shape: one(LOG_SHAPE.to_owned(), saved.log_shape, width + 1),
            covariance,
            log_likelihood: saved.log_likelihood.0,
            rows: saved.rows,
            steps: saved.steps,
        };
        if !model.is_finite() {
            return Err(ErrorKind::Overflow { what: "the saved shape" }.into());
        }
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::churn::survival::{Covariates, Lifetimes, WeibullAft};

    type Break = (&'static str, fn(&mut Value));

    #[test]
    fn what_makes_no_sense_is_refused() {
        let (durations, events) = ([4.0, 3.0, 1.0, 2.0, 5.0], [true, true, true, false, true]);
        let seen = Lifetimes::new(&durations, &events).unwrap();
        let covariates = Covariates::new([("x", vec![0.0, 2.0, 1.0, 1.0, 1.0])]).unwrap();
        let plain = WeibullAft.fit(&seen).unwrap();
        let saved = serde_json::to_string(&plain).unwrap();
        assert_eq!(serde_json::from_str::<WeibullModel>(&saved).unwrap(), plain);
        let model = WeibullAft.fit_with(&seen, &covariates).unwrap();
        let saved = serde_json::to_value(&model).unwrap();
        assert_eq!(serde_json::from_value::<WeibullModel>(saved.clone()).unwrap(), model);
        let breaks: [Break; 7] = [
            ("saved with schema 2", |saved| saved["schema"] = 2.into()),
            ("coefficients: expected 0 rows, found 1", |saved| saved["covariates"] = json!([])),
            ("covariance: expected 6 rows, found 5", |saved| {
                drop(saved["covariance"].as_array_mut().unwrap().pop());
            }),
            ("variance: `-1` must be above 0", |saved| saved["covariance"][2] = "-1.0".into()),
            ("the saved shape", |saved| saved["log_shape"] = "1000.0".into()),
            ("is not a finite number", |saved| saved["intercept"] = "nan".into()),
            ("unknown field", |saved| saved["more"] = 1.into()),
        ];
        for (rule, spoil) in breaks {
            let mut spoilt = saved.clone();
            spoil(&mut spoilt);
            let error = serde_json::from_value::<WeibullModel>(spoilt).unwrap_err().to_string();
            assert!(error.contains(rule), "{rule}: {error}");
        }
    }
}
