//! Do the hazards stay in proportion? (Grambsch & Therneau 1994)

use super::{CoxModel, partial_likelihood::Point, risk_sets::RiskSets};
use crate::{
    churn::survival::{Covariates, KaplanMeier, Lifetimes, lifetimes::check_length, rows::Scale},
    error::{Error, ErrorKind},
    math::chi_square::chi_square_tail,
};

/// On what scale of time a coefficient might change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum TimeScale {
    /// The rank of the event among all, equal times in the middle of their ranks.
    #[default]
    Rank,
    /// The time itself.
    Identity,
    /// Its logarithm: no event may be at 0.
    Log,
    /// The share of all that has left by then, by the Kaplan-Meier estimate.
    KaplanMeier,
}

/// Whether a covariate's coefficient changes with time.
#[derive(Clone, PartialEq, Debug)]
pub struct Proportionality {
    /// The covariate.
    pub name: String,
    /// Chi-squared distributed of one degree of freedom if the coefficient is the same at all times.
    pub statistic: f64,
}

impl Proportionality {
    /// The probability of such a statistic, or a larger one, if the coefficient is the same at all times.
    pub fn p_value(&self) -> f64 {
        chi_square_tail(self.statistic, 1)
    }
}

impl CoxModel {
    /// Tests for each covariate whether its coefficient changes with time, by the scaled Schoenfeld residuals of the rows
    /// learned from: those at each event, times the covariance and the number of events. With g the events' times on the
    /// scale, V the covariance and D the events, the statistic is (Σ (g - ḡ) r)² / (D V Σ (g - ḡ)²), which is that of
    /// lifelines (but for equal times, which here share a middle rank); each term counts by its weight.
    ///
    /// # Errors
    /// If the rows are not as many as the covariates, one that was learned from is missing or constant, there is no event,
    /// all events are at one time, or the scale is logarithmic and one is at 0.
    pub fn proportionality(
        &self,
        lifetimes: &Lifetimes<'_>,
        covariates: &Covariates<'_>,
        scale: TimeScale,
    ) -> Result<Vec<Proportionality>, Error> {
        check_length("covariates", lifetimes.len(), covariates.len())?;
        let columns = covariates.in_order_of(self.names())?;
        let sets = RiskSets::new(lifetimes, &columns);
        sets.check_rows()?;
        sets.of.check_columns(&self.names().collect::<Vec<_>>())?;
        let scaled = self.coefficients.iter().zip(&sets.of.scales);
        let scaled: Vec<f64> = scaled.map(|(one, scale)| one.value * scale.deviation).collect();
        let point = sets.point(&scaled, self.ties);
        if !point.log_likelihood.is_finite() {
            return Err(ErrorKind::Overflow { what: "a hazard" }.into());
        }
        let times = centred(&sets, &times(&sets, lifetimes, scale)?)?;
        let sums = weighed(&sets, &point, &times);
        let spread: f64 = times.iter().map(|(time, weight)| weight * time * time).sum();
        let one = |(at, name): (usize, &str)| {
            // D V s, over D V_jj Σ g²: of D one remains.
            let along: f64 =
                sums.iter().enumerate().map(|(other, sum)| self.covariance.get(at, other) * sum).sum();
            let events = sets.of.weight_scale * point.sums.iter().map(|sums| sums.events).sum::<f64>();
            let statistic =
                events * along * along / self.covariance.get(at, at) / (spread * sets.of.weight_scale);
            Proportionality { name: name.to_owned(), statistic }
        };
        let tests: Vec<Proportionality> = self.names().enumerate().map(one).collect();
        if tests.iter().any(|test| !test.statistic.is_finite()) {
            return Err(ErrorKind::Overflow { what: "a test statistic" }.into());
        }
        Ok(tests)
    }
}

/// Σ (g - ḡ) w (x - x̄) over events, of each covariate, with x̄ the mean of those at risk by their hazards.
fn weighed(sets: &RiskSets, point: &Point, times: &[(f64, f64)]) -> Vec<f64> {
    let tied = sets.blocks.iter().any(|block| block.deaths > 1);
    let of = |(column, scale): (&Vec<f64>, &Scale)| {
        let (risk, deaths) = sets.running_sums(point, column, tied);
        let mut sum = 0.0;
        for (at, (block, sums)) in sets.blocks.iter().zip(&point.sums).enumerate() {
            let of_deaths = deaths.get(at).copied().unwrap_or(0.0);
            let mean = (risk[at] * sums.first[0] - of_deaths * sums.first[1]) / sums.events;
            let away: f64 = block.rows().map(|row| sets.of.weights[row] * (column[row] - mean)).sum();
            sum += times[at].0 * away;
        }
        sum * scale.deviation * sets.of.weight_scale
    };
    sets.of.columns.iter().zip(&sets.of.scales).map(of).collect()
}

/// The time of each block on the scale.
fn times(sets: &RiskSets, lifetimes: &Lifetimes<'_>, scale: TimeScale) -> Result<Vec<f64>, Error> {
    let times = sets.blocks.iter().map(|block| block.time);
    Ok(match scale {
        TimeScale::Identity => times.collect(),
        TimeScale::Rank => ranks(sets),
        TimeScale::KaplanMeier => {
            let curve = KaplanMeier::of(lifetimes);
            times.map(|time| 1.0 - curve.survival_at(time)).collect()
        }
        TimeScale::Log => {
            if times.clone().any(|time| time == 0.0) {
                return Err(Error::parameter("duration", 0.0, "of an event has no logarithm"));
            }
            times.map(f64::ln).collect()
        }
    })
}

/// The middle of the ranks of a block's events among those of all strata, by weight.
fn ranks(sets: &RiskSets) -> Vec<f64> {
    let weight = |at: usize| sets.of.weights[sets.blocks[at].rows()].iter().sum::<f64>();
    let mut order: Vec<usize> = (0..sets.blocks.len()).collect();
    order.sort_by(|&a, &b| sets.blocks[a].time.total_cmp(&sets.blocks[b].time));
    let (mut ranks, mut before) = (vec![0.0; order.len()], 0.0);
    for run in order.chunk_by(|&a, &b| sets.blocks[a].time.total_cmp(&sets.blocks[b].time).is_eq()) {
        let here: f64 = run.iter().map(|&at| weight(at)).sum();
        for &at in run {
            ranks[at] = before + here / 2.0;
        }
        before += here;
    }
    ranks
}

/// Less their mean over events, each with the weight of its events.
fn centred(sets: &RiskSets, times: &[f64]) -> Result<Vec<(f64, f64)>, Error> {
    let weights: Vec<f64> =
        sets.blocks.iter().map(|block| sets.of.weights[block.rows()].iter().sum::<f64>()).collect();
    let whole: f64 = weights.iter().sum();
    let mean = times.iter().zip(&weights).map(|(time, weight)| time * (weight / whole)).sum::<f64>();
    let centred: Vec<(f64, f64)> =
        times.iter().zip(weights).map(|(time, weight)| (time - mean, weight)).collect();
    let most = times.iter().fold(0.0, |most: f64, time| most.max(time.abs()));
    if centred.iter().all(|(time, _)| time.abs() <= 1e-12 * most) {
        return Err(Error::parameter("events", times.len(), "are all at one time"));
    }
    Ok(centred)
}
