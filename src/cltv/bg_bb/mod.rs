//! BG/BB (Fader, Hardie & Shang 2010): buying at discrete opportunities.

mod likelihood;
mod model;

use self::likelihood::{BgBbLikelihood, Seen};
pub use self::model::BgBbModel;
use super::{Needs, Prior, bounds, distinct::Distinct, search::maximise};
use crate::{
    error::{Error, ErrorKind},
    model::{Fit, PurchaseEstimator, Readiness},
    summary::Histories,
};

/// BG/BB, beta-geometric/beta-Bernoulli (Fader, Hardie & Shang 2010, "Customer-base analysis in a discrete-time
/// noncontractual setting"): customers buy or do not at each of a row of opportunities, once a tick: a
/// yearly appeal, a weekly market.
///
/// At each opportunity a customer who is still there buys with a probability p of their own, beta
/// distributed with `alpha` and `beta`; and before each, leaves for good with a probability θ of
/// their own, beta distributed with `gamma` and `delta`.
///
/// In its histories x counts the purchases after the first, which is how the customer was won; `t_x` is the
/// number of the opportunity of the last of them, and T how many opportunities there were. They must be
/// whole numbers of ticks, so that days of purchases rarely serve; x is at most `t_x`.
///
/// # Formula
/// ```text
/// L = B(alpha + x, beta + T - x) / B(alpha, beta)  B(gamma, delta + T) / B(gamma, delta)
///   + sum over i = 0 ... T - t_x - 1 of
///     B(alpha + x, beta + t_x - x + i) / B(alpha, beta)  B(gamma + 1, delta + t_x + i) / B(gamma, delta)
/// ```
/// After 1,024 terms the rest of a sum is taken by quadrature.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::BgBb,
///     domain::Tick,
///     model::{AliveProbability, PurchaseEstimator},
///     summary::HistoryTable,
/// };
///
/// // Donors after six yearly appeals, and how many gave like that.
/// let gifts = HistoryTable::from_columns(Tick::Year, &[0, 1, 6], &[0.0, 3.0, 6.0], &[6.0; 3])?
///     .weights(vec![3464.0, 129.0, 1203.0])?;
/// let fit = BgBb::default().fit(&gifts)?;
/// let alive = fit.model.p_alive(&gifts);
/// assert!(alive[0] < alive[1] && alive[1] < alive[2]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct BgBb {
    needs: Needs,
    priors: [Option<Prior>; 4],
}

/// The parameters in the order of the paper.
const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

impl BgBb {
    /// How much data a fit should rest on.
    #[must_use]
    pub fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// What is believed of a parameter: `alpha`, `beta`, `gamma` or `delta`.
    ///
    /// # Errors
    /// If the model has no such parameter.
    pub fn prior(mut self, parameter: &str, prior: Prior) -> Result<Self, Error> {
        bounds::set_prior(&mut self.priors, NAMES, parameter, prior, "is none of alpha, beta, gamma, delta")?;
        Ok(self)
    }
}

impl PurchaseEstimator for BgBb {
    type Model = BgBbModel;

    fn name(&self) -> &'static str {
        "BG/BB"
    }

    fn readiness(&self, people: &dyn Histories) -> Readiness {
        self.needs.grade(people)
    }

    /// # Errors
    /// [`ErrorKind::Row`] for a history that is no whole number of opportunities, or with more purchases than
    /// opportunities. If nobody had an opportunity.
    fn fit(&self, people: &dyn Histories) -> Result<Fit<BgBbModel>, Error> {
        let mut rows = Distinct::of(read(people)?, Seen::cmp);
        rows.as_of = people.as_of();
        if rows.rows.iter().all(|(seen, _)| seen.opportunities == 0) {
            return Err(ErrorKind::Empty { what: "customers with an opportunity after the first" }.into());
        }
        let found = maximise(&rows, BgBbLikelihood::of, &starts(&rows), &self.priors);
        let [alpha, beta, gamma, delta] = bounds::values(&found.at)?.map(f64::exp);
        let model = BgBbModel::new(people.tick(), alpha, beta, gamma, delta)?;
        Ok(Fit::of(model, found.record(&rows, self.readiness(people))))
    }
}

/// Few who leave and many who do, each with the share of opportunities that were taken as it must be then.
fn starts(rows: &Distinct<Seen>) -> Vec<Vec<f64>> {
    let taken = rows.sum(|seen| seen.repeats.into());
    let share = (taken / rows.sum(|seen| seen.opportunities.into())).clamp(0.02, 0.9);
    let start = |leaving: f64| {
        let buying = (share / (1.0 - leaving)).min(0.95);
        [buying, 1.0 - buying, leaving, 1.0 - leaving].map(|mean| (2.0 * mean).ln()).to_vec()
    };
    vec![start(0.05), start(0.4)]
}

/// The histories in whole opportunities, each with its weight.
fn read(people: &dyn Histories) -> Result<Vec<(Seen, f64)>, Error> {
    let mut rows = Vec::with_capacity(people.len());
    let mut refused = None;
    let mut row = 0_u64;
    people.for_each(|history, weight| {
        match Seen::of(history) {
            Ok(seen) => rows.push((seen, weight)),
            Err(error) => {
                refused.get_or_insert(error.at_row(row));
            }
        }
        row += 1;
    });
    refused.map_or(Ok(rows), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Tick, model::Stop, summary::HistoryTable};

    fn table(rows: &[(u32, f64, f64)]) -> HistoryTable {
        let column = |of: fn(&(u32, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let repeats: Vec<u32> = rows.iter().map(|row| row.0).collect();
        HistoryTable::from_columns(Tick::Year, &repeats, &column(|row| row.1), &column(|row| row.2)).unwrap()
    }

    #[test]
    fn only_whole_opportunities_are_taken() {
        for (row, says) in [
            ((1, 1.0, 5.5), "row 1: must be a whole number of opportunities: `age 5.5`"),
            ((1, 0.5, 5.0), "row 1: must be a whole number of opportunities: `recency 0.5`"),
            ((3, 2.0, 5.0), "row 1: must be at most the recency, one at an opportunity: `purchases 3`"),
        ] {
            let error = BgBb::default().fit(&table(&[(0, 0.0, 6.0), row])).unwrap_err();
            assert_eq!((error.row(), error.to_string()), (Some(1), says.to_owned()));
        }
        assert!(BgBb::default().fit(&table(&[(0, 0.0, 0.0)])).unwrap_err().is_empty());
        assert!(BgBb::default().fit(&table(&[])).unwrap_err().is_empty());
    }

    #[test]
    fn awkward_data_give_a_fit_that_says_how_it_ended() {
        for rows in [
            vec![(0, 0.0, 6.0); 30],
            vec![(6, 6.0, 6.0); 30],
            vec![(1, 1.0, 1.0), (0, 0.0, 1.0)],
            vec![(1, 3.0, 6.0)],
            vec![(0, 0.0, 1e9), (1, 1.0, 1e9), (1_000, 3e5, 1e6)],
        ] {
            let fit = BgBb::default().fit(&table(&rows)).unwrap();
            assert!(fit.log_likelihood().is_finite() && fit.stop() != Stop::NotFinite, "{fit:?}");
            assert!(fit.readiness().is_refused());
        }
    }
}
