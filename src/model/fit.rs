//! A fitted model, with how it was made and how far to trust it.

use std::fmt;

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{ParameterDomain, Parametric, Readiness};
use crate::{
    domain::Day,
    error::Error,
    math::{special::normal_quantile, symmetric::Symmetric},
};

/// How a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Stop {
    /// At the maximum.
    Converged,
    /// On a ridge: the likelihood is all but the same along a direction, so that some parameters are not
    /// known apart. The forecasts may be good all the same.
    Flat,
    /// After the most steps allowed.
    StepLimit,
    /// Where no step gained anything, short of the tolerance.
    NoProgress,
    /// Where the likelihood is not finite.
    NotFinite,
    /// There was nothing to search: the estimates have a closed form, or were given.
    Closed,
}

impl Stop {
    /// Whether the estimates are at the maximum.
    pub fn is_converged(self) -> bool {
        matches!(self, Self::Converged | Self::Closed)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::Flat => "flat: the likelihood hardly changes along a direction",
            Self::StepLimit => "step limit reached",
            Self::NoProgress => "no step gained anything",
            Self::NotFinite => "the likelihood is not finite",
            Self::Closed => "closed form",
        })
    }
}

/// A parameter as it was estimated.
#[derive(Clone, PartialEq, Debug)]
pub struct Estimate {
    /// The parameter's name.
    pub name: String,
    /// The estimate.
    pub value: f64,
    /// Its standard error, from the exact Hessian by the delta method; `None` where it is not known, as where
    /// that of the logarithm is above 7, a factor of a thousand.
    pub std_error: Option<f64>,
    /// Whether it ran to the end of its domain: there is no estimate of it, only that it is small or large.
    pub at_boundary: bool,
}

/// A fitted model, with how it was made.
///
/// It holds no customer. With the feature `serde` it is saved with a schema version, in less than a
/// kilobyte, and a file of a newer version is refused.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit<M> {
    /// What was learned.
    pub model: M,
    pub(super) record: Record,
    estimates: Vec<Estimate>,
}

/// How a model was made.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Record {
    pub(crate) stop: Stop,
    pub(crate) steps: u32,
    pub(crate) log_likelihood: f64,
    /// Of the coordinates of the search, where it is known.
    pub(crate) covariance: Option<Symmetric>,
    /// Of the Hessian in the coordinates of the search.
    pub(crate) condition: f64,
    /// The sum of the weights, if there are any.
    pub(crate) customers: f64,
    pub(crate) as_of: Option<Day>,
    pub(crate) readiness: Readiness,
}

impl Record {
    /// Of what needed no search, before more is said of it.
    pub(crate) const CLOSED: Self = Self {
        stop: Stop::Closed,
        steps: 0,
        log_likelihood: 0.0,
        covariance: None,
        condition: 1.0,
        customers: 0.0,
        as_of: None,
        readiness: Readiness::Ready,
    };

    /// The standard error of a coordinate of the search, where it is known.
    fn deviation(&self, row: usize, domain: ParameterDomain) -> Option<f64> {
        let deviation = self.covariance.as_ref()?.get(row, row).sqrt();
        let most = if domain == ParameterDomain::Real { f64::MAX } else { UNKNOWN };
        // NaN is no less than the most.
        (deviation <= most).then_some(deviation)
    }
}

/// Of a parameter whose logarithm has a larger standard error all but nothing is known: e to the 7 is a
/// thousand. The normal distribution says nothing of it either.
const UNKNOWN: f64 = 7.0;

/// A coordinate of the search beyond which a parameter counts as having run to its bound: e to the 14 is a
/// million.
const FAR: f64 = 14.0;

/// Unless its logarithm has a standard error up to this: in a small unit an estimate may be large.
const KNOWN: f64 = 3.0;

impl<M: Parametric> Fit<M> {
    pub(crate) fn of(model: M, record: Record) -> Self {
        let estimates = model.parameters().into_iter().enumerate().map(|(row, parameter)| {
            let coordinate = parameter.domain.coordinate(parameter.value);
            let slope = parameter.domain.slope(parameter.value);
            let deviation = record.deviation(row, parameter.domain);
            let far = parameter.domain != ParameterDomain::Real && !(coordinate.abs() < FAR);
            Estimate {
                std_error: deviation.map(|deviation| deviation * slope),
                at_boundary: far && deviation.is_none_or(|deviation| deviation > KNOWN),
                name: parameter.name,
                value: parameter.value,
            }
        });
        let estimates = estimates.collect();
        Self { model, record, estimates }
    }

    /// A model whose parameters a host gives, or found without a search; `customers` it was learned from.
    pub fn given(model: M, customers: u64) -> Self {
        Self::of(model, Record { customers: customers as f64, ..Record::CLOSED })
    }

    /// The interval that holds a parameter in `coverage` of cases, symmetric in the coordinate of the search
    /// and so within the parameter's domain. `None` where the standard error is not known.
    ///
    /// # Errors
    /// If the model has no such parameter, or `coverage` is not between 0 and 1.
    pub fn interval(&self, parameter: &str, coverage: f64) -> Result<Option<(f64, f64)>, Error> {
        if !(coverage > 0.0 && coverage < 1.0) {
            return Err(Error::parameter("coverage", coverage, "must be between 0 and 1"));
        }
        let parameters = self.model.parameters();
        let Some(row) = parameters.iter().position(|known| known.name == parameter) else {
            return Err(Error::parameter("parameter", parameter, "is not one of this model"));
        };
        let domain = parameters[row].domain;
        Ok(self.record.deviation(row, domain).map(|deviation| {
            let middle = domain.coordinate(parameters[row].value);
            let reach = normal_quantile(0.5 + coverage / 2.0) * deviation;
            (domain.value(middle - reach), domain.value(middle + reach))
        }))
    }

    /// Models that the data might as well have given: parameters drawn from the normal distribution of
    /// the estimates, in the coordinates of the search. The same `seed` gives the same models.
    ///
    /// # Errors
    /// If the covariance is not known, as on a flat ridge, or the standard error of a parameter is not, as
    /// where it ran to its bound.
    pub fn draws(&self, count: usize, seed: u64) -> Result<Vec<M>, Error> {
        let spread = self.record.covariance.as_ref().and_then(Symmetric::cholesky);
        let Some(spread) = spread else {
            return Err(Error::parameter("draws", self.record.stop, "the covariance is not known"));
        };
        if let Some(unknown) = self.estimates.iter().find(|estimate| estimate.std_error.is_none()) {
            return Err(Error::parameter(
                "draws",
                &unknown.name,
                "is a parameter of which all but nothing is known",
            ));
        }
        let parameters = self.model.parameters();
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let draw = |_| {
            let normal: Vec<f64> = parameters.iter().map(|_| StandardNormal.sample(&mut chance)).collect();
            let away = spread.times(&normal);
            let values = parameters.iter().zip(away).map(|(parameter, away)| {
                let coordinate = parameter.domain.coordinate(parameter.value) + away;
                let farthest = if parameter.domain == ParameterDomain::Real { f64::MAX } else { FARTHEST };
                parameter.domain.value(coordinate.clamp(-farthest, farthest))
            });
            self.model.with_values(&values.collect::<Vec<f64>>())
        };
        (0..count).map(draw).collect()
    }
}

/// Draws of a parameter that is all but unknown stay numbers: e to the 30.
const FARTHEST: f64 = 30.0;

impl<M> Fit<M> {
    /// How the search ended.
    pub fn stop(&self) -> Stop {
        self.record.stop
    }

    /// Steps that the search took.
    pub fn steps(&self) -> u32 {
        self.record.steps
    }

    /// The log-likelihood of the data, in natural logarithms, without a penalty.
    pub fn log_likelihood(&self) -> f64 {
        self.record.log_likelihood
    }

    /// Akaike's information criterion, `2 k - 2 ln L` with `k` parameters: lower is better.
    pub fn aic(&self) -> f64 {
        2.0 * self.estimates.len() as f64 - 2.0 * self.log_likelihood()
    }

    /// The Bayesian information criterion, `k ln n - 2 ln L`: lower is better.
    pub fn bic(&self) -> f64 {
        self.estimates.len() as f64 * self.customers().max(1.0).ln() - 2.0 * self.log_likelihood()
    }

    /// The parameters, in the order of the paper.
    pub fn estimates(&self) -> &[Estimate] {
        &self.estimates
    }

    /// The ratio of the largest to the smallest eigenvalue of the Hessian, in the coordinates of the
    /// search: above about 1e6, some parameters are hardly known apart.
    pub fn condition(&self) -> f64 {
        self.record.condition
    }

    /// The customers learned from: the sum of their weights, where there are any.
    pub fn customers(&self) -> f64 {
        self.record.customers
    }

    /// The end of the observation learned from, where it is known.
    pub fn as_of(&self) -> Option<Day> {
        self.record.as_of
    }

    /// What the fit is worth, by the data learned from.
    pub fn readiness(&self) -> &Readiness {
        &self.record.readiness
    }

    /// What was learned, and how.
    pub(crate) fn into_parts(self) -> (M, Record) {
        (self.model, self.record)
    }

    /// The same fit of another view of the model.
    pub fn map<N>(self, view: impl FnOnce(M) -> N) -> Fit<N> {
        Fit { model: view(self.model), record: self.record, estimates: self.estimates }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::{Fit, Parametric, Readiness, Record, Stop};
    use crate::{
        domain::Day,
        error::Error,
        math::symmetric::Symmetric,
        model::{Exact, SchemaVersion},
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    #[derive(Serialize, Deserialize)]
    struct Saved<M> {
        schema: SchemaVersion<1>,
        model: M,
        stop: Stop,
        steps: u32,
        log_likelihood: Exact,
        /// The lower triangle, row by row.
        covariance: Option<Vec<Exact>>,
        condition: Option<Exact>,
        customers: Exact,
        as_of: Option<Day>,
        readiness: Readiness,
    }

    impl<M: Serialize> Serialize for Fit<M> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let record = &self.record;
            let triangle = |covariance: &Symmetric| {
                let cells = (0..covariance.size()).flat_map(|row| (0..=row).map(move |column| (row, column)));
                cells.map(|(row, column)| Exact(covariance.get(row, column))).collect()
            };
            Saved {
                schema: SchemaVersion,
                model: &self.model,
                stop: record.stop,
                steps: record.steps,
                log_likelihood: Exact(record.log_likelihood),
                covariance: record.covariance.as_ref().map(triangle),
                condition: Some(record.condition).filter(|condition| condition.is_finite()).map(Exact),
                customers: Exact(record.customers),
                as_of: record.as_of,
                readiness: record.readiness.clone(),
            }
            .serialize(to)
        }
    }

    impl<'de, M: Deserialize<'de> + Parametric> Deserialize<'de> for Fit<M> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let saved = Saved::<M>::deserialize(from)?;
            let parameters = saved.model.parameters().len();
            let covariance = saved.covariance.map(|cells| square(&cells, parameters)).transpose();
            let record = Record {
                stop: saved.stop,
                steps: saved.steps,
                log_likelihood: saved.log_likelihood.0,
                covariance: covariance.map_err(D::Error::custom)?,
                condition: saved.condition.map_or(f64::INFINITY, |condition| condition.0),
                customers: saved.customers.0,
                as_of: saved.as_of,
                readiness: saved.readiness,
            };
            Ok(Self::of(saved.model, record))
        }
    }

    fn square(cells: &[Exact], size: usize) -> Result<Symmetric, Error> {
        if cells.len() != size * (size + 1) / 2 {
            return Err(Error::parameter("saved covariance", cells.len(), "has not a cell a pair"));
        }
        let mut covariance = Symmetric::zeros(size);
        let places = (0..size).flat_map(|row| (0..=row).map(move |column| (row, column)));
        for ((row, column), cell) in places.zip(cells) {
            covariance.set(row, column, cell.0);
        }
        Ok(covariance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameter;

    /// A model of two parameters, one above 0 and one any number.
    #[derive(Clone, PartialEq, Debug)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    struct Line(f64, f64);

    impl Parametric for Line {
        fn parameters(&self) -> Vec<Parameter> {
            let one = |name: &str, value, domain| Parameter { name: name.to_owned(), value, domain };
            vec![one("scale", self.0, ParameterDomain::Positive), one("slope", self.1, ParameterDomain::Real)]
        }

        fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
            match values {
                [scale, slope] if *scale > 0.0 => Ok(Self(*scale, *slope)),
                _ => Err(Error::parameter("line", values.len(), "takes two numbers, the first above 0")),
            }
        }
    }

    fn fit(model: Line) -> Fit<Line> {
        fit_with(model, 0.04)
    }

    /// With this variance of the logarithm of the scale.
    fn fit_with(model: Line, variance: f64) -> Fit<Line> {
        let mut covariance = Symmetric::zeros(2);
        for (row, column, value) in [(0, 0, variance), (1, 1, 9.0), (1, 0, 0.3)] {
            covariance.set(row, column, value);
        }
        let record = Record {
            stop: Stop::Converged,
            steps: 7,
            log_likelihood: -100.5,
            covariance: Some(covariance),
            condition: 250.0,
            customers: 148.0,
            as_of: Some(Day::default()),
            readiness: Readiness::Ready,
        };
        Fit::of(model, record)
    }

    #[test]
    fn errors_follow_the_coordinate_of_the_search() {
        let fit = fit(Line(3.0, -1.0));
        let errors: Vec<f64> = fit.estimates().iter().filter_map(|estimate| estimate.std_error).collect();
        // 3 * sqrt(0.04) by the delta method, sqrt(9)
        assert!((errors[0] - 0.6).abs() < 1e-12 && (errors[1] - 3.0).abs() < 1e-12, "{errors:?}");
        // qnorm(0.975) = 1.959963984540054
        let (low, high) = fit.interval("scale", 0.95).unwrap().unwrap();
        assert!((low - 3.0 * (-0.391_992_796_908_010_8_f64).exp()).abs() < 1e-12);
        assert!((low * high - 9.0).abs() < 1e-12);
        assert!(fit.interval("scala", 0.95).is_err() && fit.interval("scale", 1.0).is_err());
        assert!((fit.aic() - 205.0).abs() < 1e-12);
        assert!((fit.bic() - (2.0 * 148.0_f64.ln() + 201.0)).abs() < 1e-12);
    }

    #[test]
    fn a_parameter_at_its_bound_is_flagged() {
        let flags = |scale, variance| {
            let fit = fit_with(Line(scale, 1e9), variance);
            fit.estimates().iter().map(|one| one.at_boundary).collect::<Vec<_>>()
        };
        assert_eq!(flags(1e5, 50.0), [false, false]);
        assert_eq!(flags(1e7, 50.0), [true, false]);
        assert_eq!(flags(1e-7, 12.0), [true, false]);
        // Ten million rupiah, give or take a fifth, are no bound.
        assert_eq!(flags(1e7, 0.04), [false, false]);
    }

    #[test]
    fn a_parameter_of_which_nothing_is_known_has_no_error_and_no_draws() {
        let unknown = fit_with(Line(3.0, -1.0), 50.0);
        let errors: Vec<_> = unknown.estimates().iter().map(|estimate| estimate.std_error).collect();
        assert_eq!(errors, [None, Some(3.0)]);
        assert_eq!(unknown.interval("scale", 0.9).unwrap(), None);
        assert!(unknown.draws(1, 1).unwrap_err().to_string().contains("`scale`"));
        assert!(fit_with(Line(3.0, -1.0), 48.0).draws(1, 1).is_ok());
    }

    #[test]
    fn draws_have_the_spread_of_the_estimates_and_repeat() {
        let fit = fit(Line(3.0, -1.0));
        let draws = fit.draws(20_000, 5).unwrap();
        assert_eq!(draws[..10], fit.draws(10, 5).unwrap());
        assert_ne!(draws[..10], fit.draws(10, 6).unwrap());
        let logs: Vec<f64> = draws.iter().map(|line| (line.0 / 3.0).ln()).collect();
        let slopes: Vec<f64> = draws.iter().map(|line| line.1 + 1.0).collect();
        let mean = |products: &mut dyn Iterator<Item = f64>| products.sum::<f64>() / 20_000.0;
        // Within five standard errors: 0.04, 9 and 0.3, each with n = 20,000.
        assert!((mean(&mut logs.iter().map(|x| x * x)) - 0.04).abs() < 0.002);
        assert!((mean(&mut slopes.iter().map(|x| x * x)) - 9.0).abs() < 0.45);
        assert!((mean(&mut logs.iter().zip(&slopes).map(|(x, y)| x * y)) - 0.3).abs() < 0.025);
        assert!(Fit::given(Line(1.0, 0.0), 3).draws(1, 1).is_err(), "nothing is known of its spread");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_fit_is_read_as_it_was_saved() {
        let fit = fit(Line(3.0, -0.1));
        let json = serde_json::to_string(&fit).unwrap();
        assert!(json.len() < 1000 && json.starts_with(r#"{"schema":1,"#), "{json}");
        assert_eq!(serde_json::from_str::<Fit<Line>>(&json).unwrap(), fit);
        let newer = serde_json::from_str::<Fit<Line>>(&json.replace(r#""schema":1"#, r#""schema":2"#));
        assert!(newer.unwrap_err().to_string().contains("saved with schema 2"));
        let cut = json.replace(r#""0.3","#, "");
        assert!(serde_json::from_str::<Fit<Line>>(&cut).unwrap_err().to_string().contains("cell a pair"));
    }
}
