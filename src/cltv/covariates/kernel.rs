//! The plain models that covariates can be added to.

use crate::{
    cltv::{
        BgNbd, BgNbdModel, Collapsed, ParetoNbd, ParetoNbdModel, Prior,
        beta_geometric::{self, Leaving},
        pareto_nbd, search,
    },
    domain::Tick,
    error::Error,
    model::{Parametric, PurchaseEstimator, PurchaseForecast},
};

/// A plain estimator that [`WithCovariates`](super::WithCovariates) extends: Pareto/NBD and BG/NBD.
///
/// Only this crate implements it.
#[allow(private_bounds, reason = "it is sealed")]
pub trait CovariateBase: Kernel {}

impl CovariateBase for ParetoNbd {}

impl CovariateBase for BgNbd {}

/// By how much the logarithm of each of the four parameters rises with an effect times a covariate: of the
/// covariates of purchase, and of those of dropout.
pub(in crate::cltv) type Shifts = [[f64; 4]; 2];

/// A plain model of four parameters above 0.
pub(in crate::cltv) trait Shifted: Parametric + PurchaseForecast + Clone {
    const SHIFTS: Shifts;
}

impl Shifted for ParetoNbdModel {
    const SHIFTS: Shifts = [[0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, -1.0]];
}

impl Shifted for BgNbdModel {
    const SHIFTS: Shifts = [[0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]];
}

/// What the search needs to know of a plain estimator.
pub(in crate::cltv) trait Kernel: PurchaseEstimator<Model: Shifted> {
    const NAME: &'static str;
    /// Which parameters are times.
    const TIMES: [bool; 4];

    type Rows: search::Likelihood;

    /// The likelihood of rows, in whatever order.
    fn rows(histories: Collapsed) -> Self::Rows;

    fn starts(histories: &Collapsed) -> Vec<Vec<f64>>;

    fn priors(&self) -> [Option<Prior>; 4];

    fn model(tick: Tick, values: [f64; 4]) -> Result<Self::Model, Error>;
}

impl Kernel for ParetoNbd {
    const NAME: &'static str = "Pareto/NBD with covariates";
    const TIMES: [bool; 4] = [false, true, false, true];

    type Rows = pareto_nbd::Rows;

    fn rows(histories: Collapsed) -> Self::Rows {
        pareto_nbd::Rows(histories)
    }

    fn starts(histories: &Collapsed) -> Vec<Vec<f64>> {
        pareto_nbd::starts(histories)
    }

    fn priors(&self) -> [Option<Prior>; 4] {
        self.priors
    }

    fn model(tick: Tick, [r, alpha, s, beta]: [f64; 4]) -> Result<ParetoNbdModel, Error> {
        ParetoNbdModel::new(tick, r, alpha, s, beta)
    }
}

impl Kernel for BgNbd {
    const NAME: &'static str = "BG/NBD with covariates";
    const TIMES: [bool; 4] = [false, true, false, false];

    type Rows = beta_geometric::Likelihood;

    fn rows(rows: Collapsed) -> Self::Rows {
        beta_geometric::Likelihood { rows, leaving: Leaving::AfterRepeats }
    }

    fn starts(histories: &Collapsed) -> Vec<Vec<f64>> {
        beta_geometric::starts(histories)
    }

    fn priors(&self) -> [Option<Prior>; 4] {
        self.question().priors
    }

    fn model(tick: Tick, [r, alpha, a, b]: [f64; 4]) -> Result<BgNbdModel, Error> {
        BgNbdModel::new(tick, r, alpha, a, b)
    }
}
