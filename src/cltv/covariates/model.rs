//! The fitted model: a plain one, and the effects of covariates on it.

use super::{Covariates, kernel::Shifted, table::Standardised};
use crate::{
    domain::Horizon,
    error::Error,
    math::{
        parallel,
        symmetric::{Symmetric, dot},
    },
    model::{Parameter, ParameterDomain, Parametric},
    summary::{Histories, History},
};

/// A plain model, whose parameters differ with covariates that do not change in time.
///
/// # Formula
/// For covariates z of purchase and w of dropout, with effects γ and δ (as in CLVTools):
/// ```text
/// Pareto/NBD: alpha exp(-γ'z), beta exp(-δ'w)
/// BG/NBD:     alpha exp(-γ'z), a exp(δ'w), b exp(δ'w)
/// ```
/// So for who is there, purchases are exp(γ z) times as frequent. In Pareto/NBD leaving is exp(δ w) times as
/// likely at any time; in BG/NBD the mean probability of leaving stays, and a large δ w makes customers alike.
///
/// Its parameters are those of the plain model, where all covariates are 0, and then an effect a covariate,
/// named `purchase.` or `dropout.` and its name. With the feature `serde` it is saved with a schema version,
/// and a file of a newer version is refused.
#[derive(Clone, PartialEq, Debug)]
pub struct CovariateModel<M> {
    base: M,
    /// On purchase and on dropout.
    effects: [Vec<Effect>; 2],
}

#[derive(Clone, PartialEq, Debug)]
struct Effect {
    covariate: String,
    size: f64,
}

#[allow(private_bounds, reason = "hosts use it with the models there are")]
impl<M: Shifted> CovariateModel<M> {
    pub(super) fn found(base: M, names: [Vec<&str>; 2], sizes: &[f64]) -> Self {
        let mut sizes = sizes.iter().copied();
        let mut effects = |names: Vec<&str>| {
            let pairs = names.into_iter().zip(&mut sizes);
            pairs.map(|(name, size)| Effect { covariate: name.to_owned(), size }).collect()
        };
        let [purchase, dropout] = names;
        Self { base, effects: [effects(purchase), effects(dropout)] }
    }

    /// The plain model of customers whose covariates are all 0.
    pub fn base(&self) -> &M {
        &self.base
    }

    /// The plain model of customers with these covariates of purchase and of dropout, in the order in which
    /// the columns were added.
    ///
    /// # Errors
    /// If there are not as many values as covariates, or a parameter leaves the model's range.
    pub fn at(&self, purchase: &[f64], dropout: &[f64]) -> Result<M, Error> {
        let mut values: Vec<f64> = self.base.parameters().iter().map(|parameter| parameter.value).collect();
        for ((effects, covariates), shifts) in self.effects.iter().zip([purchase, dropout]).zip(M::SHIFTS) {
            if effects.len() != covariates.len() {
                return Err(Error::parameter(
                    "covariates",
                    covariates.len(),
                    "are not as many as the model's",
                ));
            }
            let sum: f64 = effects.iter().zip(covariates).map(|(effect, value)| effect.size * value).sum();
            for (value, shift) in values.iter_mut().zip(shifts).filter(|(_, shift)| *shift != 0.0) {
                *value *= (shift * sum).exp();
            }
        }
        self.base.with_values(&values)
    }

    /// P(alive) of each customer.
    ///
    /// # Errors
    /// If the covariates are not the model's, with a row a customer, or a customer's parameters leave the model's
    /// range ([`ErrorKind::Row`](crate::ErrorKind::Row)).
    pub fn p_alive(
        &self,
        people: &dyn Histories,
        purchase: &Covariates,
        dropout: &Covariates,
    ) -> Result<Vec<f64>, Error> {
        self.score(people, [purchase, dropout], M::p_alive_into)
    }

    /// Expected purchases of each customer within the horizon from now.
    ///
    /// # Errors
    /// As [`p_alive`](Self::p_alive).
    pub fn expected_purchases(
        &self,
        people: &dyn Histories,
        purchase: &Covariates,
        dropout: &Covariates,
        horizon: Horizon,
    ) -> Result<Vec<f64>, Error> {
        let answer =
            |model: &M, rows: &[History], out: &mut [f64]| model.expected_purchases_into(rows, horizon, out);
        self.score(people, [purchase, dropout], answer)
    }

    fn score(
        &self,
        people: &dyn Histories,
        covariates: [&Covariates; 2],
        answer: impl Fn(&M, &[History], &mut [f64]) + Sync + Send,
    ) -> Result<Vec<f64>, Error> {
        for (effects, covariates) in self.effects.iter().zip(covariates) {
            covariates.check(people.len())?;
            let names = covariates.names();
            if !effects.iter().map(|effect| &effect.covariate).eq(names.iter()) {
                return Err(Error::parameter("covariates", names.join(", "), "are not those of the model"));
            }
        }
        let mut answers = vec![0.0; people.len()];
        let work = answers.chunks_mut(BLOCK).enumerate().collect();
        let done = parallel::map(work, |(block, out): (usize, &mut [f64])| {
            let first = block * BLOCK;
            let mut rows = vec![History::default(); out.len()];
            people.read(first, self.base.tick(), &mut rows);
            let [mut purchase, mut dropout] = [Vec::new(), Vec::new()];
            for ((row, history), out) in (first..).zip(&rows).zip(out.chunks_mut(1)) {
                covariates[0].read(row, &mut purchase);
                covariates[1].read(row, &mut dropout);
                let model = self.at(&purchase, &dropout).map_err(|error| error.at_row(row as u64))?;
                answer(&model, std::slice::from_ref(history), out);
            }
            Ok(())
        });
        done.into_iter().collect::<Result<(), Error>>()?;
        Ok(answers)
    }
}

/// Rows answered at a time.
const BLOCK: usize = 1024;

/// The prefixes of the names of effects.
const PROCESSES: [&str; 2] = ["purchase", "dropout"];

#[allow(private_bounds, reason = "as above")]
impl<M: Shifted> Parametric for CovariateModel<M> {
    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = self.base.parameters();
        for (process, effects) in PROCESSES.iter().zip(&self.effects) {
            parameters.extend(effects.iter().map(|effect| Parameter {
                name: format!("{process}.{}", effect.covariate),
                value: effect.size,
                domain: ParameterDomain::Real,
            }));
        }
        parameters
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let names =
            self.effects.iter().map(|effects| effects.iter().map(|effect| &*effect.covariate).collect());
        let names: Vec<Vec<&str>> = names.collect();
        let [purchase, dropout] = <[Vec<&str>; 2]>::try_from(names).unwrap_or_default();
        let (base, sizes) = values.split_at(values.len().min(4));
        if sizes.len() != purchase.len() + dropout.len() {
            return Err(Error::parameter("parameters", values.len(), "are not as many as the model's"));
        }
        if let Some(size) = sizes.iter().find(|size| !size.is_finite()) {
            return Err(Error::parameter("effect", size, "must be a finite number"));
        }
        Ok(Self::found(self.base.with_values(base)?, [purchase, dropout], sizes))
    }
}

/// The way from parameters over standardised covariates to those over covariates as they are: linear in the
/// coordinates of the search.
pub(super) struct Unstandardised {
    rows: Vec<Vec<f64>>,
}

impl Unstandardised {
    pub(super) fn of<M: Shifted>(processes: &[Standardised; 2]) -> Self {
        let columns: Vec<_> = processes
            .iter()
            .zip(M::SHIFTS)
            .flat_map(|(process, shifts)| process.columns.iter().map(move |column| (column, shifts)))
            .collect();
        let size = 4 + columns.len();
        let mut rows = vec![vec![0.0; size]; size];
        for (at, row) in rows.iter_mut().enumerate().take(4) {
            row[at] = 1.0;
        }
        for (k, (column, shifts)) in columns.into_iter().enumerate() {
            rows[4 + k][4 + k] = column.deviation.recip();
            for (row, shift) in rows.iter_mut().zip(shifts) {
                row[4 + k] = -shift * (column.mean / column.deviation);
            }
        }
        Self { rows }
    }

    pub(super) fn coordinates(&self, at: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| dot(row, at)).collect()
    }

    pub(super) fn covariance(&self, of: &Symmetric) -> Symmetric {
        let mut covariance = Symmetric::zeros(of.size());
        for (i, row) in self.rows.iter().enumerate() {
            let along = of.times(row);
            for (j, other) in self.rows.iter().enumerate().take(i + 1) {
                covariance.set(i, j, dot(other, &along));
            }
        }
        covariance
    }
}

#[cfg(feature = "serde")]
mod saved {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::{CovariateModel, Effect, Shifted};
    use crate::model::{Exact, Parametric as _, SchemaVersion};

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    #[derive(Serialize, Deserialize)]
    struct Saved<M> {
        schema: SchemaVersion<1>,
        base: M,
        purchase: Vec<(String, Exact)>,
        dropout: Vec<(String, Exact)>,
    }

    impl<M: Serialize> Serialize for CovariateModel<M> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let pair = |effect: &Effect| (effect.covariate.clone(), Exact(effect.size));
            let [purchase, dropout] =
                self.effects.each_ref().map(|effects| effects.iter().map(pair).collect());
            Saved { schema: SchemaVersion, base: &self.base, purchase, dropout }.serialize(to)
        }
    }

    #[allow(private_bounds, reason = "as above")]
    impl<'de, M: Deserialize<'de> + Shifted> Deserialize<'de> for CovariateModel<M> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let saved = Saved::<M>::deserialize(from)?;
            let effects = [saved.purchase, saved.dropout].map(|effects| {
                effects.into_iter().map(|(covariate, size)| Effect { covariate, size: size.0 }).collect()
            });
            let model = Self { base: saved.base, effects };
            let values: Vec<f64> = model.parameters().iter().map(|parameter| parameter.value).collect();
            model.with_values(&values).map_err(D::Error::custom)
        }
    }
}
