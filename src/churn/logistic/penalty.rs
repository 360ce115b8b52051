//! What large coefficients cost.

use crate::error::Error;

/// What is taken off the log-likelihood for large coefficients, the intercept never among them.
///
/// # Formula
/// ```text
/// strength * sum over coefficients b of ((1 - l1_ratio) b^2 / 2 + l1_ratio |b|)
/// ```
/// With `l1_ratio` 0 it is ridge, with 1 the lasso, between them the elastic net (Zou & Hastie 2005). That of
/// scikit-learn's `LogisticRegression` is the same with `strength = 1 / C`, on the [raw scale](Self::raw).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Penalty {
    pub(super) strength: f64,
    pub(super) l1_ratio: f64,
    pub(super) scale: PenaltyScale,
}

/// In which units the coefficients are that a [`Penalty`] weighs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PenaltyScale {
    /// A change by one standard deviation of the rows learned from (with n, not n - 1), whatever the unit of a column;
    /// the columns that stand for a level or for what is missing are taken alike.
    Standardised,
    /// A change by one unit of the column.
    Raw,
}

impl Penalty {
    /// None: the maximum of the likelihood.
    pub const fn none() -> Self {
        Self::elastic_net(0.0, 0.0)
    }

    /// On squares: coefficients shrink, and columns that say the same share what they say.
    pub const fn ridge(strength: f64) -> Self {
        Self::elastic_net(strength, 0.0)
    }

    /// On sizes: coefficients shrink, many of them to 0.
    pub const fn lasso(strength: f64) -> Self {
        Self::elastic_net(strength, 1.0)
    }

    /// On both: `l1_ratio` from 0, ridge, to 1, the lasso.
    pub const fn elastic_net(strength: f64, l1_ratio: f64) -> Self {
        Self { strength, l1_ratio, scale: PenaltyScale::Standardised }
    }

    /// Weighs coefficients in the columns' own units, as scikit-learn does; otherwise they are weighed in
    /// [standard deviations](PenaltyScale::Standardised).
    #[must_use]
    pub const fn raw(self) -> Self {
        Self { scale: PenaltyScale::Raw, ..self }
    }

    /// How much it weighs against the log-likelihood.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// The part of it that is on sizes, not squares.
    pub fn l1_ratio(&self) -> f64 {
        self.l1_ratio
    }

    /// In which units coefficients are weighed.
    pub fn scale(&self) -> PenaltyScale {
        self.scale
    }

    /// # Errors
    /// If the strength is no finite number from 0, or the ratio not from 0 to 1.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !(0.0..=f64::MAX).contains(&self.strength) {
            return Err(Error::parameter("strength", self.strength, "must be a finite number from 0"));
        }
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            return Err(Error::parameter("l1_ratio", self.l1_ratio, "must be from 0 to 1"));
        }
        Ok(())
    }

    /// What it takes off, coordinate by coordinate of the search: the intercept, then terms with these spreads, and
    /// rows that weigh `unit` each.
    pub(super) fn pulls(&self, spreads: impl Iterator<Item = f64>, unit: f64) -> Pulls {
        let strength = (self.strength / unit).min(MOST);
        let size = |spread: f64| match self.scale {
            PenaltyScale::Standardised => 1.0,
            PenaltyScale::Raw => spread.recip(),
        };
        let sizes: Vec<f64> = spreads.map(size).collect();
        let each = |pull: &dyn Fn(&f64) -> f64| [0.0].into_iter().chain(sizes.iter().map(pull)).collect();
        Pulls {
            ridge: each(&|size| (strength * (1.0 - self.l1_ratio) * size * size).min(MOST)),
            lasso: each(&|size| (strength * self.l1_ratio * size).min(MOST)),
        }
    }
}

/// Beyond this a coefficient is held at 0 in any case.
const MOST: f64 = 1e300;

/// A penalty in the coordinates of the search.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pulls {
    pub(super) ridge: Vec<f64>,
    pub(super) lasso: Vec<f64>,
}

impl Pulls {
    /// What is taken off at a point.
    pub(super) fn cost(&self, at: &[f64]) -> f64 {
        let costs = at.iter().zip(&self.ridge).zip(&self.lasso);
        costs.map(|((b, ridge), lasso)| ridge * b * b / 2.0 + lasso * b.abs()).sum()
    }

    pub(super) fn has_lasso(&self) -> bool {
        self.lasso.iter().any(|pull| *pull > 0.0)
    }

    /// Whether no coefficient costs anything.
    pub(super) fn is_none(&self) -> bool {
        !self.has_lasso() && self.ridge.iter().all(|pull| *pull <= 0.0)
    }
}
