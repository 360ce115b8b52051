//! Two-part (Cragg 1971; Duan et al. 1983): margins, some of which are losses.

mod chance;
mod model;
mod sizes;

use self::{chance::Chance, sizes::Sizes};
pub use model::TwoPartModel;

use super::{GammaGamma, distinct::Distinct, search::Evidence};
use crate::{
    error::{Error, ErrorKind},
    math::symmetric::Symmetric,
    model::{Fit, Readiness, Record, SpendEstimator, Stop},
    summary::{Spend, SpendTable, Spends},
};

/// Two-part (Cragg 1971, "Some statistical models for limited dependent variables"; Duan, Manning, Morris &
/// Newhouse 1983, "A comparison of alternative models for the demand for medical care"): whether a purchase
/// is a loss, and apart from that how large gains and losses are. Beside
/// [`GammaGamma`] it is for margins that may be losses; the rows are those of
/// [`SpendTable::of_purchase_margins`](crate::summary::SpendTable::of_purchase_margins).
///
/// A customer makes losses with a probability of their own, beta distributed over the customers (the
/// beta-binomial distribution, Skellam 1948). The gains of a customer are Gamma-Gamma distributed (Fader &
/// Hardie 2013), and so are the losses, by parameters of their own. The three have nothing to do with one
/// another, nor with how often one buys, and each is fitted by maximum likelihood alone.
///
/// [`NormalNormal`](super::NormalNormal) needs only the mean margin of each customer. This model needs the
/// [split](Spend::signed), and tells a customer with rare large losses from one with many small ones.
///
/// # Formula
/// For k losses among n purchases, of mean z as a size, and gains of mean y:
/// ```text
/// L = B(loss_a + k, loss_b + n - k) / B(loss_a, loss_b) f(y | n - k) f(z | k)
/// E[margin] = (1 - π) E[gain | y, n - k] - π E[loss | z, k],   π = (loss_a + k) / (loss_a + loss_b + n)
/// ```
/// L is of the purchases in their order: without the binomial coefficient, which has no parameter.
///
/// # Few losses
/// * Nobody made a loss: the chance of one is 0, and the model is Gamma-Gamma alone.
/// * Fewer than [10](Self::LEAST) customers made two losses or more: how the sizes differ from customer to
///   customer is not learned. All are exponentially distributed about one mean, `loss_mean`: Gamma-Gamma
///   where p is 1 and q endless.
///
/// The [readiness](Fit::readiness) says so. Standard errors are known if they are for all parts. The same holds for gains. A gain of 0 counts as one, and has
/// no size: customers whose gains are all 0 do not bear on how large gains are.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::TwoPart,
///     domain::Currency,
///     model::{SpendEstimator, SpendForecast},
///     summary::{Spend, SpendTable},
/// };
///
/// let rows = vec![
///     Spend::signed(4, 12.0, 0, 0.0)?,
///     Spend::signed(1, 8.0, 2, 5.0)?,
///     Spend::signed(3, 20.0, 1, 2.0)?,
/// ];
/// let people = SpendTable::new(Currency::EUR, rows);
/// let fit = TwoPart::default().fit(&people)?;
/// let risk: Vec<f64> = people.rows().iter().map(|row| fit.model.loss_probability(row)).collect();
/// assert!(risk[0] < risk[2] && risk[2] < risk[1]);
/// assert!(fit.model.expected_spend(&people)[1] < fit.model.expected_spend(&people)[2]);
/// // Three customers are too few to tell anything.
/// assert!(fit.readiness().is_refused());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct TwoPart {
    gains: GammaGamma,
    losses: GammaGamma,
}

impl TwoPart {
    /// Fewer customers with two losses or more do not show how the sizes of losses differ.
    pub const LEAST: u64 = 10;

    /// How the sizes of gains are learned: by which needs and priors.
    #[must_use]
    pub fn gains(self, gains: GammaGamma) -> Self {
        Self { gains, ..self }
    }

    /// How the sizes of losses are learned: by which needs and priors.
    #[must_use]
    pub fn losses(self, losses: GammaGamma) -> Self {
        Self { losses, ..self }
    }

    /// By the gains; then by the losses, the lack of which spoils less.
    fn grade(&self, kinds: &Kinds) -> Readiness {
        let gains = sizes::readiness(&self.gains, "gains", &kinds.gains);
        let losses = sizes::readiness(&self.losses, "losses", &kinds.losses);
        match (gains, losses) {
            (Readiness::Ready, Readiness::Refused { why, needed, found }) => {
                Readiness::Degraded { why, needed, found }
            }
            (Readiness::Ready, losses) => losses,
            (gains, _) => gains,
        }
    }
}

/// Gains and losses apart, each as amounts above 0.
struct Kinds {
    all: Distinct<Spend>,
    gains: SpendTable,
    losses: SpendTable,
}

impl Kinds {
    fn of(people: &dyn Spends) -> Result<Self, Error> {
        let all = Distinct::of_spends(people).only(|spend| spend.purchases() > 0);
        let alone = |part: fn(&Spend) -> Spend| {
            let rows = all.rows.iter().map(|(spend, _)| part(spend)).collect();
            let weights = all.rows.iter().map(|&(_, weight)| weight).collect();
            SpendTable::new(people.currency(), rows).weights(weights)
        };
        let (gains, losses) = (alone(Spend::gains_alone)?, alone(Spend::losses_alone)?);
        Ok(Self { all, gains, losses })
    }
}

impl SpendEstimator for TwoPart {
    type Model = TwoPartModel;

    fn name(&self) -> &'static str {
        "two-part"
    }

    fn readiness(&self, people: &dyn Spends) -> Readiness {
        let nobody = |_| Readiness::Refused { why: "weights are no numbers".to_owned(), needed: 1, found: 0 };
        Kinds::of(people).map_or_else(nobody, |kinds| self.grade(&kinds))
    }

    /// # Errors
    /// If there are no customers with purchases, or no margin is other than 0.
    fn fit(&self, people: &dyn Spends) -> Result<Fit<TwoPartModel>, Error> {
        let kinds = Kinds::of(people)?;
        let (gains, of_gains) = Sizes::fit(&self.gains, &kinds.gains)?;
        let (losses, of_losses) = Sizes::fit(&self.losses, &kinds.losses)?;
        if gains == Sizes::None && losses == Sizes::None {
            return Err(ErrorKind::Empty { what: "purchases with a margin other than 0" }.into());
        }
        let (chance, of_chance) = Chance::fit(&kinds.all)?;
        let model = TwoPartModel::of(people.currency(), chance, gains, losses)?;
        let readiness = self.grade(&kinds);
        Ok(Fit::of(model, joined(&[of_chance, of_gains, of_losses], kinds.all.customers(), readiness)))
    }
}

/// One record of parts that have no parameter and no term of the likelihood in common.
fn joined(parts: &[Record; 3], customers: f64, readiness: Readiness) -> Record {
    let blocks: Option<Vec<&Symmetric>> = parts.iter().map(|part| part.covariance.as_ref()).collect();
    let covariance = blocks.map(|blocks| diagonal(&blocks));
    Record {
        stop: parts.iter().map(|part| part.stop).max_by_key(|&stop| trouble(stop)).unwrap_or(Stop::Closed),
        steps: parts.iter().map(|part| part.steps).sum(),
        log_likelihood: parts.iter().map(|part| part.log_likelihood).sum(),
        // That of the inverse.
        condition: covariance.as_ref().map_or(f64::INFINITY, Symmetric::condition),
        covariance,
        customers,
        as_of: None,
        readiness,
    }
}

/// A search that ended worse says more of the whole.
fn trouble(stop: Stop) -> u8 {
    match stop {
        Stop::Closed => 0,
        Stop::Converged => 1,
        Stop::Flat => 2,
        Stop::NoProgress => 3,
        Stop::StepLimit => 4,
        Stop::NotFinite => 5,
    }
}

/// The blocks along the diagonal.
fn diagonal(blocks: &[&Symmetric]) -> Symmetric {
    let mut whole = Symmetric::zeros(blocks.iter().map(|block| block.size()).sum());
    let mut start = 0;
    for block in blocks {
        for row in 0..block.size() {
            for column in 0..=row {
                whole.set(start + row, start + column, block.get(row, column));
            }
        }
        start += block.size();
    }
    whole
}

/// The record of estimates with a closed form, with the variance of each in its coordinate.
fn closed(log_likelihood: f64, variances: &[f64]) -> Record {
    let mut covariance = Symmetric::zeros(variances.len());
    for (row, &variance) in variances.iter().enumerate() {
        covariance.set(row, row, variance);
    }
    Record { log_likelihood, covariance: Some(covariance), ..Record::CLOSED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cltv::Needs,
        domain::Currency,
        model::{Parametric, SpendForecast},
    };

    fn table(rows: &[(u32, f64, u32, f64)]) -> SpendTable {
        let spend = |&(gains, gain, losses, loss): &(u32, f64, u32, f64)| {
            Spend::signed(gains, gain, losses, loss).unwrap()
        };
        SpendTable::new(Currency::EUR, rows.iter().map(spend).collect())
    }

    fn names(model: &TwoPartModel) -> String {
        model.parameters().into_iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(" ")
    }

    /// Many customers, each with gains and losses about means of their own.
    fn mixed() -> Vec<(u32, f64, u32, f64)> {
        let size = |i: u32, count: u32| {
            let chance = (f64::from(i * i % 41) - 20.0) / 30.0;
            10.0 * (200.0 / (1.0 + f64::from(i * 7 % 200))).powf(0.3)
                * (1.0 + chance / f64::from(count.max(1)).sqrt())
        };
        let row = |i: u32| {
            let (gains, losses) = (2 + i % 5, [0, 0, 1, 4, 2, 0, 3][i as usize % 7]);
            (gains, size(i, gains), losses, if losses > 0 { size(i + 9, losses) / 3.0 } else { 0.0 })
        };
        (0..200).map(row).collect()
    }

    #[test]
    fn the_parts_are_what_each_learns_alone() {
        let people = table(&mixed());
        let fit = TwoPart::default().fit(&people).unwrap();
        assert_eq!(names(&fit.model), "loss_a loss_b gain_p gain_q gain_v loss_p loss_q loss_v");
        assert!(fit.readiness().is_ready(), "{:?}", fit.readiness());
        let alone = |part: fn(&Spend) -> Spend| {
            let rows = people.rows().iter().map(part).collect();
            GammaGamma::default().fit(&SpendTable::new(Currency::EUR, rows)).unwrap()
        };
        let (gains, losses) = (alone(Spend::gains_alone), alone(Spend::losses_alone));
        assert_eq!(
            fit.estimates()[2..].iter().map(|found| (found.value, found.std_error)).collect::<Vec<_>>(),
            gains
                .estimates()
                .iter()
                .chain(losses.estimates())
                .map(|found| (found.value, found.std_error))
                .collect::<Vec<_>>()
        );
        let (chance, of_chance) = Chance::fit(&Kinds::of(&people).unwrap().all).unwrap();
        assert_eq!(fit.model.chance, chance);
        let sum = of_chance.log_likelihood + gains.log_likelihood() + losses.log_likelihood();
        assert!((fit.log_likelihood() / sum - 1.0).abs() < 1e-14);
        assert_eq!(fit.draws(3, 1).unwrap().len(), 3);
    }

    #[test]
    fn without_losses_it_is_gamma_gamma() {
        let rows: Vec<_> = mixed().into_iter().map(|(gains, mean, ..)| (gains, mean, 0, 0.0)).collect();
        let people = table(&rows);
        let fit = TwoPart::default().fit(&people).unwrap();
        let plain = GammaGamma::default().fit(&people).unwrap();
        assert_eq!(names(&fit.model), "gain_p gain_q gain_v");
        assert_eq!(fit.model.expected_spend(&people), plain.model.expected_spend(&people));
        assert!((fit.log_likelihood() / plain.log_likelihood() - 1.0).abs() < 1e-15);
        assert_eq!(
            fit.readiness().to_string(),
            "degraded: no losses were seen: the chance of one counts as 0 (needed 10, found 0)"
        );
        // And the other way round every purchase is a loss.
        let losses = table(&rows.iter().map(|&(x, mean, ..)| (0, 0.0, x, mean)).collect::<Vec<_>>());
        let fit = TwoPart::default().fit(&losses).unwrap();
        let mirrored: Vec<f64> = plain.model.expected_spend(&people).iter().map(|mean| -mean).collect();
        assert_eq!(fit.model.expected_spend(&losses), mirrored);
        assert!(fit.readiness().is_refused());
    }

    #[test]
    fn few_losses_are_of_one_mean() {
        let mut rows: Vec<_> = mixed().into_iter().map(|(gains, mean, ..)| (gains, mean, 0, 0.0)).collect();
        for (row, (losses, mean)) in rows.iter_mut().zip([(1, 4.0), (3, 2.0), (1, 10.0)]) {
            (row.2, row.3) = (losses, mean);
        }
        let fit = TwoPart::default().fit(&table(&rows)).unwrap();
        assert_eq!(names(&fit.model), "loss_a loss_b gain_p gain_q gain_v loss_mean");
        let mean = fit.estimates().last().unwrap();
        // Of five exponentially distributed amounts the mean has a deviation of itself over the root of 5.
        assert_eq!((mean.value, mean.std_error.unwrap()), (4.0, 4.0 * 0.2_f64.sqrt()));
        let loser = Spend::new(9, -70.0).unwrap();
        assert!((fit.model.expected_loss(&loser) - 4.0).abs() < 1e-15);
        assert!(fit.readiness().to_string().contains("few made several losses"), "{}", fit.readiness());
        // 3 gains a customer and 5 losses over all: the share is small.
        assert!(fit.model.loss_probability(&Spend::default()) < 0.02);
    }

    #[test]
    fn nothing_to_learn_is_refused() {
        for rows in [vec![], vec![(0, 0.0, 0, 0.0)], vec![(3, 0.0, 0, 0.0)]] {
            assert!(TwoPart::default().fit(&table(&rows)).unwrap_err().is_empty());
        }
        let zeros = table(&[(3, 0.0, 1, 2.0), (1, 0.0, 0, 0.0)]);
        let fit = TwoPart::default().fit(&zeros).unwrap();
        assert_eq!(names(&fit.model), "loss_a loss_b loss_mean");
        assert!(fit.model.expected_spend(&zeros)[1] < 0.0);
    }

    #[test]
    fn needs_are_those_of_the_sizes() {
        let needs = Needs { repeaters: 1000, ..Needs::default() };
        let strict = GammaGamma::default().needs(needs);
        let people = table(&mixed());
        assert!(TwoPart::default().gains(strict).readiness(&people).is_refused());
        let readiness = TwoPart::default().losses(strict).readiness(&people).to_string();
        assert!(readiness.starts_with("degraded: losses: "), "{readiness}");
    }
}
