//! Whether the intervals of the parameters hold the truth as often as they say.

use patronage::{
    cltv::{
        BgBb, BgNbd, CovariateBase, CovariateModel, Covariates, GammaGamma, MbgNbd, Nbd, NormalNormal,
        ParetoNbd, ShiftedBetaGeometric, WithCovariates,
    },
    domain::Tick,
    model::{Fit, Parametric, PurchaseEstimator, SpendEstimator},
    summary::HistoryTable,
};

use crate::host::story::{self, Chance, Leaving};

/// Fits data set after data set, and asks that of the 95 % intervals of all parameters 90 to 98 % hold the truth.
fn intervals_hold<M: Parametric>(truth: &[f64], fit: impl Fn(&mut Chance) -> Fit<M>) {
    let (mut held, mut of) = (0.0, 0.0);
    for seed in 0..SETS {
        let fit = fit(&mut story::chance(seed));
        if !fit.stop().is_converged() {
            continue;
        }
        for (estimate, truth) in fit.estimates().iter().zip(truth) {
            let (low, high) = fit.interval(&estimate.name, 0.95).unwrap().unwrap();
            held += f64::from(u8::from((low..=high).contains(truth)));
            of += 1.0;
        }
    }
    // These truths are well identified: hardly a search ends elsewhere than at a maximum.
    let well = of / (SETS as f64 * truth.len() as f64);
    assert!(well > 0.95, "{well}");
    assert!((0.90..=0.98).contains(&(held / of)), "{held} of {of}");
}

/// Sets of data a model: as many as take a few seconds without optimisation.
const SETS: u64 = 100;

const LEAVE: [f64; 2] = [1.0, 3.0];

fn shop(leaving: Leaving, customers: u32, chance: &mut Chance) -> HistoryTable {
    let row = |_| story::history(1.2, 6.0, leaving, 60.0, chance);
    HistoryTable::new(Tick::Week, (0..customers).map(row).collect())
}

/// Of purchase and of dropout.
const EFFECTS: [f64; 2] = [0.6, -0.5];

/// Fits so many customers of each of four kinds: whether they have what bears on purchase, and what bears on
/// dropout. A kind is alpha and how they leave, at the sums of the effects.
fn with_covariates<B: CovariateBase>(
    base: B,
    customers: usize,
    kind: impl Fn([f64; 2]) -> (f64, Leaving),
    chance: &mut Chance,
) -> Fit<CovariateModel<B::Model>>
where
    CovariateModel<B::Model>: Parametric,
{
    let (mut rows, mut columns) = (Vec::new(), [Vec::new(), Vec::new()]);
    for has in [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] {
        let (alpha, leaving) = kind([has[0] * EFFECTS[0], has[1] * EFFECTS[1]]);
        rows.extend((0..customers).map(|_| story::history(1.2, alpha, leaving, 60.0, chance)));
        columns.iter_mut().zip(has).for_each(|(column, has)| column.resize(rows.len(), has));
    }
    let covariate = |values: &[f64]| Covariates::none(values.len()).column("has", values).unwrap();
    let [purchase, dropout] = columns.each_ref().map(|column| covariate(column));
    WithCovariates::new(base, &purchase, &dropout).fit(&HistoryTable::new(Tick::Week, rows)).unwrap()
}

macro_rules! coverage {
    ($name:ident, $truth:expr, $fit:expr) => {
        #[test]
        #[ignore = "takes a while without optimisation: many fits"]
        fn $name() {
            intervals_hold(&$truth, $fit);
        }
    };
}

coverage!(of_nbd, [1.2, 6.0], |chance| Nbd::default().fit(&shop(Leaving::Never, 300, chance)).unwrap());
coverage!(of_pareto_nbd, [1.2, 6.0, 0.8, 15.0], |chance| {
    let leaving = Leaving::AtAnyTime { s: 0.8, beta: 15.0 };
    ParetoNbd::default().fit(&shop(leaving, 600, chance)).unwrap()
});
coverage!(of_bg_nbd, [1.2, 6.0, LEAVE[0], LEAVE[1]], |chance| {
    let leaving = Leaving::AfterPurchases { a: LEAVE[0], b: LEAVE[1], first: false };
    BgNbd::default().fit(&shop(leaving, 400, chance)).unwrap()
});
coverage!(of_pareto_nbd_with_covariates, [1.2, 6.0, 0.8, 15.0, EFFECTS[0], EFFECTS[1]], |chance| {
    let kind = |[purchase, dropout]: [f64; 2]| {
        (6.0 / purchase.exp(), Leaving::AtAnyTime { s: 0.8, beta: 15.0 / dropout.exp() })
    };
    with_covariates(ParetoNbd::default(), 150, kind, chance)
});
coverage!(of_bg_nbd_with_covariates, [1.2, 6.0, LEAVE[0], LEAVE[1], EFFECTS[0], EFFECTS[1]], |chance| {
    let kind = |[purchase, dropout]: [f64; 2]| {
        let [a, b] = LEAVE.map(|of| of * dropout.exp());
        (6.0 / purchase.exp(), Leaving::AfterPurchases { a, b, first: false })
    };
    with_covariates(BgNbd::default(), 150, kind, chance)
});
coverage!(of_mbg_nbd, [1.2, 6.0, LEAVE[0], LEAVE[1]], |chance| {
    let leaving = Leaving::AfterPurchases { a: LEAVE[0], b: LEAVE[1], first: true };
    MbgNbd::default().fit(&shop(leaving, 600, chance)).unwrap()
});
coverage!(of_bg_bb, [1.2, 0.8, 0.7, 2.8], |chance| {
    let rows = (0..1500).map(|_| story::opportunities([1.2, 0.8, 0.7, 2.8], 8, chance));
    BgBb::default().fit(&HistoryTable::new(Tick::Year, rows.collect())).unwrap()
});
coverage!(of_shifted_beta_geometric, [0.7, 1.2], |chance| {
    ShiftedBetaGeometric::default().fit(&story::contracts([0.7, 1.2], 1000, 8, chance)).unwrap()
});
coverage!(of_gamma_gamma, [6.0, 4.0, 15.0], |chance| {
    GammaGamma::default().fit(&story::amounts([6.0, 4.0, 15.0], 500, chance)).unwrap()
});
coverage!(of_normal_normal, [2.0, 9.0, 4.0], |chance| {
    NormalNormal::default().fit(&story::margins([2.0, 9.0, 4.0], 500, chance)).unwrap()
});
