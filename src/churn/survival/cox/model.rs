//! What was learned of hazards, and what follows for others.

use ndarray::Array2;

use super::{Cox, Ties, concordance::concordance, risk_sets::RiskSets, search::Peak};
use crate::{
    churn::survival::{Covariates, Steps, reach},
    error::Error,
    math::{chi_square::chi_square_tail, special::normal_cdf, symmetric::Symmetric},
};

/// Hazards in proportion: h(t | x) = h0(t) e^((x - m) β), with m the means of the covariates learned from.
///
/// It holds the coefficients and, of each stratum, the baseline at the times at which somebody left; no row.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct CoxModel {
    pub(super) ties: Ties,
    pub(super) ridge: f64,
    pub(super) coefficients: Vec<Coefficient>,
    pub(super) means: Vec<f64>,
    pub(super) covariance: Symmetric,
    pub(super) log_likelihood: f64,
    pub(super) null_log_likelihood: f64,
    pub(super) wald: f64,
    pub(super) score: f64,
    pub(super) concordance: Option<f64>,
    pub(super) rows: u64,
    pub(super) events: f64,
    pub(super) steps: u32,
    pub(super) baselines: Vec<Baseline>,
}

/// What a covariate does to the hazard, or to the lifetime.
#[derive(Clone, PartialEq, Debug)]
pub struct Coefficient {
    /// The covariate.
    pub name: String,
    /// β: the logarithm of the hazard, or of the lifetime, rises by so much for each unit of the covariate.
    pub value: f64,
    /// Its standard error.
    pub std_error: f64,
}

impl Coefficient {
    /// e^β: what multiplies the hazard (of a [`CoxModel`]) or the lifetime (of a Weibull model) for each unit of the
    /// covariate.
    pub fn ratio(&self) -> f64 {
        self.value.exp().min(f64::MAX)
    }

    /// The coefficient over its standard error.
    pub fn z(&self) -> f64 {
        self.value / self.std_error
    }

    /// The probability of a coefficient so far from 0, or farther, if it were 0.
    pub fn p_value(&self) -> f64 {
        2.0 * normal_cdf(-self.z().abs())
    }

    /// An interval of this coverage for the coefficient.
    ///
    /// # Errors
    /// If the coverage is not above 0 and below 1.
    pub fn interval(&self, coverage: f64) -> Result<(f64, f64), Error> {
        let reach = reach(coverage)? * self.std_error;
        Ok((self.value - reach, self.value + reach))
    }
}

/// The hazard that has piled up in a stratum for somebody whose covariates are the means learned from.
#[derive(Clone, PartialEq, Debug)]
pub struct Baseline {
    pub(super) stratum: u32,
    pub(super) times: Vec<f64>,
    pub(super) hazard: Vec<f64>,
}

impl Baseline {
    /// The stratum; 0 if there were none.
    pub fn stratum(&self) -> u32 {
        self.stratum
    }

    /// The times at which somebody left, ascending.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The cumulative hazard up to each time.
    pub fn hazard(&self) -> &[f64] {
        &self.hazard
    }

    /// The cumulative hazard up to `time`; 0 before anybody left, and where the time is NaN.
    pub fn hazard_at(&self, time: f64) -> f64 {
        Steps { times: &self.times, values: &self.hazard, before: 0.0 }.at(time)
    }

    /// The share still there after `time`: e to the negative cumulative hazard. 1 before anybody left, and where the time
    /// is NaN.
    pub fn survival_at(&self, time: f64) -> f64 {
        (-self.hazard_at(time)).exp()
    }
}

/// A test of the hypothesis that all coefficients are 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LikelihoodTest {
    /// Chi-squared distributed if they are.
    pub statistic: f64,
    /// The number of coefficients.
    pub degrees_of_freedom: usize,
}

impl LikelihoodTest {
    /// The probability of such a statistic, or a larger one, if all coefficients are 0.
    pub fn p_value(&self) -> f64 {
        chi_square_tail(self.statistic, self.degrees_of_freedom)
    }
}

impl CoxModel {
    pub(super) fn of(cox: &Cox, names: &[&str], sets: &RiskSets, peak: &Peak) -> Self {
        let deviations: Vec<f64> = sets.of.scales.iter().map(|scale| scale.deviation).collect();
        let mut covariance = Symmetric::zeros(names.len());
        for row in 0..names.len() {
            for column in 0..=row {
                let value = peak.covariance.get(row, column) / sets.of.weight_scale;
                covariance.set(row, column, value / deviations[row] / deviations[column]);
            }
        }
        let of_name = |(at, name): (usize, &&str)| Coefficient {
            name: (*name).to_owned(),
            value: peak.point.coefficients[at] / deviations[at],
            std_error: covariance.get(at, at).sqrt(),
        };
        let events: f64 = peak.point.sums.iter().map(|sums| sums.events).sum();
        // The weights of the search have a mean of 1; the others shift the logarithm of every risk set.
        let whole = |value: f64| sets.of.weight_scale * (value - events * sets.of.weight_scale.ln());
        Self {
            ties: cox.ties,
            ridge: cox.ridge,
            coefficients: names.iter().enumerate().map(of_name).collect(),
            means: sets.of.scales.iter().map(|scale| scale.mean).collect(),
            covariance,
            log_likelihood: whole(peak.point.log_likelihood),
            null_log_likelihood: whole(peak.null_log_likelihood),
            wald: sets.of.weight_scale * peak.wald,
            score: sets.of.weight_scale * peak.score,
            concordance: concordance(sets, &peak.point.scores),
            rows: sets.rows() as u64,
            events: sets.of.weight_scale * events,
            steps: peak.steps,
            baselines: baselines(sets, peak),
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        let numbers = self.coefficients.iter().flat_map(|one| [one.value, one.std_error]);
        let others = [self.log_likelihood, self.null_log_likelihood, self.wald, self.score];
        let hazards = self.baselines.iter().flat_map(|baseline| baseline.hazard.iter().copied());
        let finite = numbers.chain(others).chain(hazards).all(f64::is_finite);
        finite && self.covariance.is_finite() && self.coefficients.iter().all(|one| one.std_error > 0.0)
    }

    /// The coefficients, in the order of the covariates.
    pub fn coefficients(&self) -> &[Coefficient] {
        &self.coefficients
    }

    /// The covariance of two coefficients, by their places; `None` out of range.
    pub fn covariance(&self, one: usize, other: usize) -> Option<f64> {
        let width = self.coefficients.len();
        (one < width && other < width).then(|| self.covariance.get(one, other))
    }

    /// The means of the covariates learned from, by weight.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// How events at one time were taken.
    pub fn ties(&self) -> Ties {
        self.ties
    }

    /// The ridge that the coefficients were learned with.
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// The partial log-likelihood of the rows learned from, without the penalty of a ridge.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The same with all coefficients 0.
    pub fn null_log_likelihood(&self) -> f64 {
        self.null_log_likelihood
    }

    /// Twice what the log-likelihood gains. With a ridge this and the next two tests are no more than a hint.
    pub fn likelihood_ratio_test(&self) -> LikelihoodTest {
        self.test(2.0 * (self.log_likelihood - self.null_log_likelihood).max(0.0))
    }

    /// Wald's test: the coefficients by the inverse of their covariance.
    pub fn wald_test(&self) -> LikelihoodTest {
        self.test(self.wald)
    }

    /// The score test: the slope of the likelihood at 0 by the inverse of its curvature there. For one column of 0 and 1
    /// and no events together it is the log-rank test.
    pub fn score_test(&self) -> LikelihoodTest {
        self.test(self.score)
    }

    fn test(&self, statistic: f64) -> LikelihoodTest {
        LikelihoodTest { statistic, degrees_of_freedom: self.coefficients.len() }
    }

    /// Harrell's concordance on the rows learned from: of the pairs of a stratum of which one is seen to leave while the
    /// other is at risk, and stays longer, the share in which the one who leaves has the higher hazard; equal ones count
    /// a half. From 0 to 1, 0.5 by chance; `None` if there is no such pair.
    pub fn concordance(&self) -> Option<f64> {
        self.concordance
    }

    /// The number of rows learned from.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The events learned from, by weight.
    pub fn events(&self) -> f64 {
        self.events
    }

    /// Steps that the search took.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The baseline of each stratum, by their numbers.
    pub fn baselines(&self) -> &[Baseline] {
        &self.baselines
    }

    /// What each covariate adds to the logarithm of each row's hazard against that of the means: β (x - m), of shape
    /// `(rows, covariates)` in the order of the coefficients.
    ///
    /// # Errors
    /// If a covariate learned from is missing; others are left aside.
    pub fn contributions(&self, rows: &Covariates<'_>) -> Result<Array2<f64>, Error> {
        let columns = rows.in_order_of(self.names())?;
        Ok(Array2::from_shape_fn((rows.len(), columns.len()), |(row, at)| {
            self.contribution(at, columns[at][row])
        }))
    }

    /// e^((x - m) β) of each row: its hazard over that of the means. Finite.
    ///
    /// # Errors
    /// If a covariate learned from is missing; others are left aside.
    pub fn partial_hazards(&self, rows: &Covariates<'_>) -> Result<Vec<f64>, Error> {
        let columns = rows.in_order_of(self.names())?;
        let mut scores = vec![0.0; rows.len()];
        for (at, column) in columns.iter().enumerate() {
            for (score, number) in scores.iter_mut().zip(*column) {
                *score += self.contribution(at, *number);
            }
        }
        Ok(scores.into_iter().map(|score: f64| score.exp().min(f64::MAX)).collect())
    }

    /// The probability of each row to be still there after `time`, from its beginning on.
    ///
    /// # Errors
    /// If a covariate learned from is missing, there are several strata, or the time is no number.
    pub fn survival(&self, rows: &Covariates<'_>, time: f64) -> Result<Vec<f64>, Error> {
        match &self.baselines[..] {
            [one] => self.survival_in(one.stratum, rows, time),
            several => {
                Err(Error::parameter("strata", several.len(), "are several: say of which the rows are"))
            }
        }
    }

    /// The probability of each row to be still there after `time`, in a stratum.
    ///
    /// # Errors
    /// If a covariate learned from is missing, the stratum is none of those learned from, or the time is no number.
    pub fn survival_in(&self, stratum: u32, rows: &Covariates<'_>, time: f64) -> Result<Vec<f64>, Error> {
        if time.is_nan() {
            return Err(Error::parameter("time", time, "must be a number"));
        }
        let place = self.baselines.binary_search_by_key(&stratum, |baseline| baseline.stratum);
        let baseline = place.map(|at| &self.baselines[at]);
        let baseline =
            baseline.map_err(|_| Error::parameter("stratum", stratum, "is none of those learned from"))?;
        let hazard = baseline.hazard_at(time);
        let hazards = self.partial_hazards(rows)?;
        Ok(hazards.into_iter().map(|partial| (-hazard * partial).exp()).collect())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.coefficients.iter().map(|one| one.name.as_str())
    }

    /// So far from any bound that a sum of them is finite.
    fn contribution(&self, at: usize, number: f64) -> f64 {
        let away = (number - self.means[at]).clamp(-f64::MAX, f64::MAX);
        (self.coefficients[at].value * away).clamp(-FARTHEST, FARTHEST)
    }
}

const FARTHEST: f64 = 1e300;

/// Breslow's estimate: the events over the hazards at risk, whatever the ties were in the likelihood.
fn baselines(sets: &RiskSets, peak: &Peak) -> Vec<Baseline> {
    let strata = sets.strata.iter().zip(&peak.point.shifts);
    let of = |(stratum, shift): (&super::risk_sets::Stratum, &f64)| {
        let (mut times, mut hazard, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for (block, sums) in
            sets.blocks[stratum.blocks.clone()].iter().zip(&peak.point.sums[stratum.blocks.clone()])
        {
            sum += (sums.events / sums.at_risk) * (-shift).exp();
            times.push(block.time);
            hazard.push(sum);
        }
        Baseline { stratum: stratum.number, times, hazard }
    };
    strata.map(of).collect()
}
