//! How large gains are, or losses.

use super::{TwoPart, closed};
use crate::{
    cltv::{GammaGamma, GammaGammaModel, SpendCheck, gamma_gamma::AMOUNTS},
    domain::Currency,
    error::Error,
    math::special::ln_gamma,
    model::{Parameter, ParameterDomain, Parametric, Readiness, Record, SpendEstimator},
    summary::{Spend, SpendTable, Spends},
};

/// How large the amounts of one kind are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Sizes {
    /// There were none above 0.
    None,
    /// Exponentially distributed about a mean that all customers have in common.
    Alike(f64),
    /// With a mean of the customer's own.
    Differ(GammaGammaModel),
}

impl Sizes {
    /// From the amounts of one kind.
    pub(super) fn fit(how: &GammaGamma, amounts: &SpendTable) -> Result<(Self, Record), Error> {
        match Seen::of(amounts) {
            Seen::Nothing => Ok((Self::None, closed(0.0, &[]))),
            Seen::Little(_) => Self::alike(amounts),
            Seen::Enough => {
                let (model, record) = how.fit(amounts)?.into_parts();
                Ok((Self::Differ(model), record))
            }
        }
    }

    /// The mean of x amounts z about a common mean m has the density (x / m)^x z^(x - 1) e^(-x z / m) / Γ(x).
    fn alike(amounts: &SpendTable) -> Result<(Self, Record), Error> {
        let (_, used) = SpendCheck::used_of(amounts);
        let x = |spend: &Spend| f64::from(spend.purchases());
        let count = used.sum(x);
        let mean = used.sum(|spend| x(spend) * spend.mean()) / count;
        if !(mean.is_finite() && count > 0.0) {
            return Err(Error::parameter("mean margin", mean, "of all customers is no number"));
        }
        let mean = mean.clamp(*AMOUNTS.start(), *AMOUNTS.end());
        let of_rows = used.sum(|spend| {
            let (x, z) = (x(spend), spend.mean());
            x * x.ln() - ln_gamma(x) + (x - 1.0) * z.ln()
        });
        Ok((Self::Alike(mean), closed(of_rows - count * (mean.ln() + 1.0), &[count.recip()])))
    }

    /// From the values of its parameters.
    ///
    /// # Errors
    /// If there are not as many as one of the three kinds has, or one is out of its range.
    pub(super) fn of(currency: Currency, values: &[f64]) -> Result<Self, Error> {
        match *values {
            [] => Ok(Self::None),
            [mean] if AMOUNTS.contains(&mean) => Ok(Self::Alike(mean)),
            [mean] => Err(Error::parameter("mean", mean, "must be from 1e-100 to 1e100")),
            [p, q, v] => Ok(Self::Differ(GammaGammaModel::new(currency, p, q, v)?)),
            _ => Err(Error::parameter("values", values.len(), "must be one for each parameter")),
        }
    }

    /// The parameters, named after the kind: `gain_p`.
    pub(super) fn parameters(&self, kind: &str) -> Vec<Parameter> {
        let mean = |value| Parameter { name: "mean".to_owned(), value, domain: ParameterDomain::Positive };
        let mut parameters = match self {
            Self::None => Vec::new(),
            Self::Alike(value) => vec![mean(*value)],
            Self::Differ(model) => model.parameters(),
        };
        for parameter in &mut parameters {
            parameter.name = format!("{kind}_{}", parameter.name);
        }
        parameters
    }

    /// The expected size of an amount of a customer.
    pub(super) fn expected(&self, spend: &Spend) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Alike(mean) => *mean,
            Self::Differ(model) => model.expected(spend),
        }
    }
}

/// What is learned of amounts depends on how many there are.
enum Seen {
    Nothing,
    /// So many customers have two or more.
    Little(u64),
    Enough,
}

impl Seen {
    #[allow(clippy::cast_sign_loss, reason = "weights are not negative")]
    fn of(amounts: &dyn Spends) -> Self {
        let (_, used) = SpendCheck::used_of(amounts);
        let several = used.sum(|spend| f64::from(u8::from(spend.purchases() > 1))) as u64;
        match several {
            _ if used.rows.is_empty() => Self::Nothing,
            several if several < TwoPart::LEAST => Self::Little(several),
            _ => Self::Enough,
        }
    }
}

/// How far the amounts of a kind carry their part.
pub(super) fn readiness(how: &GammaGamma, kind: &str, amounts: &SpendTable) -> Readiness {
    let few = |why, found| Readiness::Refused { why, needed: TwoPart::LEAST, found };
    match Seen::of(amounts) {
        Seen::Nothing => few(format!("no {kind} were seen: the chance of one counts as 0"), 0),
        Seen::Little(found) => few(format!("few made several {kind}: all count as of one mean"), found),
        Seen::Enough => match how.readiness(amounts) {
            Readiness::Ready => Readiness::Ready,
            Readiness::Degraded { why, needed, found } => {
                Readiness::Degraded { why: format!("{kind}: {why}"), needed, found }
            }
            Readiness::Refused { why, needed, found } => {
                Readiness::Refused { why: format!("{kind}: {why}"), needed, found }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_about_one_mean_are_the_limit_of_gamma_gamma() {
        // Python, scipy 1.17: gamma.logpdf(z, x, scale=m / x), summed over the rows, m = 62 / 13.
        let amounts = SpendTable::from_columns(Currency::EUR, &[1, 3, 9, 0], &[20.0, 5.0, 3.0, 0.0]).unwrap();
        let (sizes, record) = Sizes::alike(&amounts).unwrap();
        assert_eq!(sizes, Sizes::Alike(62.0 / 13.0));
        let known = -9.527_523_245_648_027;
        assert!((record.log_likelihood - known).abs() < 1e-12, "{}", record.log_likelihood);
        let all = Spend::default();
        let near = GammaGammaModel::new(Currency::EUR, 1.0, 1.0 + 1e12, 62.0 / 13.0 * 1e12).unwrap();
        assert!((near.expected(&all) - sizes.expected(&all)).abs() < 1e-9);
    }
}
