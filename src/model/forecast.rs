//! What a model of purchases can be asked. Hosts bring their own behind the same traits.
//!
//! A model implements the `_into` methods, which answer a block of rows into a slice of the same length. The
//! others answer whole tables with them: in blocks, over the threads, a result a row in the order of the rows.

use crate::{
    domain::{Horizon, Rate, Tick},
    error::Error,
    math::parallel,
    summary::{Histories, History},
};

/// Whether a customer is still one: P(alive).
pub trait AliveProbability: Send + Sync {
    /// The unit of time in which the model thinks; the histories that it is handed are in it.
    fn tick(&self) -> Tick;

    /// For each row the probability that the customer has not left yet, from 0 to 1. Whether one who has not
    /// will come back is another question.
    fn p_alive_into(&self, rows: &[History], out: &mut [f64]);

    /// P(alive) of each customer, from 0 to 1.
    fn p_alive(&self, people: &dyn Histories) -> Vec<f64> {
        in_blocks(people, self.tick(), |rows, out| self.p_alive_into(rows, out))
    }
}

/// How many purchases to expect.
pub trait PurchaseForecast: AliveProbability {
    /// For each row the expected number of purchases within the horizon from now, E[Y(t) | x, `t_x`, T]. At
    /// least 0; infinite where an endless horizon holds endless purchases.
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]);

    /// The expected number of repeat purchases of a new customer within the horizon from the first
    /// purchase, E[X(t)]. At least 0.
    fn expected_purchases_new(&self, horizon: Horizon) -> f64;

    /// Expected purchases of each customer within the horizon from now.
    fn expected_purchases(&self, people: &dyn Histories, horizon: Horizon) -> Vec<f64> {
        in_blocks(people, self.tick(), |rows, out| self.expected_purchases_into(rows, horizon, out))
    }
}

/// How likely each number of purchases is.
pub trait PurchaseDistribution: PurchaseForecast {
    /// Writes the probabilities that a customer of this history makes 0, 1, 2 ... purchases within the
    /// horizon from now, as many as there is room for.
    fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]);

    /// Writes the probabilities that a new customer makes 0, 1, 2 ... repeat purchases within the horizon
    /// from the first purchase, P(X(t) = k), as many as there is room for.
    fn distribution_new_into(&self, horizon: Horizon, out: &mut [f64]);

    /// The numbers of purchases at which the distribution reaches `(1 - coverage) / 2` and
    /// `(1 + coverage) / 2`: the interval that holds the true number in at least `coverage` of cases.
    ///
    /// # Errors
    /// If the horizon has no end, `coverage` is not from above 0 to 0.999999, or the upper end is above
    /// 1,000,000 purchases.
    fn interval(&self, history: &History, horizon: Horizon, coverage: f64) -> Result<(u32, u32), Error> {
        // Closer to 1 the last digits of a sum decide.
        if !(coverage > 0.0 && coverage <= 0.999_999) {
            return Err(Error::parameter("coverage", coverage, "must be from above 0 to 0.999999"));
        }
        if horizon.in_ticks(self.tick()).is_infinite() {
            return Err(Error::parameter("horizon", "endless", "has no interval: say how far ahead"));
        }
        let tail = (1.0 - coverage) / 2.0;
        let mut room = vec![0.0; 64];
        loop {
            self.distribution_into(history, horizon, &mut room);
            if let (Some(low), Some(high)) = (reached(&room, tail), reached(&room, 1.0 - tail)) {
                return Ok((low, high));
            }
            if room.len() > MOST_PURCHASES {
                return Err(Error::parameter("interval", coverage, "reaches beyond 1,000,000 purchases"));
            }
            room.resize(4 * room.len(), 0.0);
        }
    }
}

const MOST_PURCHASES: usize = 1_000_000;

/// The first number at which the sum of the probabilities is at least `share`.
fn reached(probabilities: &[f64], share: f64) -> Option<u32> {
    let mut sum = 0.0;
    let at = probabilities.iter().position(|probability| {
        sum += probability;
        sum >= share
    })?;
    u32::try_from(at).ok()
}

/// Purchases to come, without end, each worth less the later it comes.
pub trait DiscountedPurchases: PurchaseForecast {
    /// For each row the discounted expected residual transactions (DERT): the integral of the expected rate
    /// of purchases, from now without end, each discounted continuously by `rate`. At least 0; infinite if
    /// the rate is not above 0 and the purchases have no end.
    fn discounted_purchases_into(&self, rows: &[History], rate: Rate, out: &mut [f64]);

    /// Discounted expected residual transactions (DERT) of each customer.
    ///
    /// # Errors
    /// If the rate is not above 0: without a discount the sum over endless time may have no bound.
    fn discounted_purchases(&self, people: &dyn Histories, rate: Rate) -> Result<Vec<f64>, Error> {
        check_discount(rate)?;
        let answer = |rows: &[History], out: &mut [f64]| self.discounted_purchases_into(rows, rate, out);
        Ok(in_blocks(people, self.tick(), answer))
    }
}

/// # Errors
/// If the rate is not above 0.
pub(crate) fn check_discount(rate: Rate) -> Result<(), Error> {
    let yearly = rate.per(Tick::Year);
    if yearly > 0.0 { Ok(()) } else { Err(Error::parameter("discount", yearly, "a year must be above 0")) }
}

/// All that a purchase model of this crate can be asked; implemented by whatever answers it all.
pub trait PurchaseModel: PurchaseDistribution + DiscountedPurchases {}

impl<M: PurchaseDistribution + DiscountedPurchases + ?Sized> PurchaseModel for M {}

/// Rows answered at a time: their histories stay in a core's cache, and what they share is worth its making.
const BLOCK: usize = 4096;

/// Answers a table of histories block by block.
pub(crate) fn in_blocks(
    people: &dyn Histories,
    tick: Tick,
    answer: impl Fn(&[History], &mut [f64]) + Sync + Send,
) -> Vec<f64> {
    rows_in_blocks(people.len(), |first, rows| people.read(first, tick, rows), answer)
}

/// Answers rows block by block, in memory of a block a thread beside the answers: `read` writes those from a
/// first one on.
pub(super) fn rows_in_blocks<R: Copy + Default + Send>(
    rows: usize,
    read: impl Fn(usize, &mut [R]) + Sync + Send,
    answer: impl Fn(&[R], &mut [f64]) + Sync + Send,
) -> Vec<f64> {
    let mut answers = vec![0.0; rows];
    let work: Vec<(usize, &mut [f64])> = answers.chunks_mut(BLOCK).enumerate().collect();
    let room = || vec![R::default(); BLOCK];
    parallel::map_with(work, room, |room, (block, out)| {
        let rows = &mut room[..out.len()];
        read(block * BLOCK, rows);
        answer(rows, out);
    });
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everybody is alive, and makes so many purchases, for sure.
    struct Sure(usize);

    impl AliveProbability for Sure {
        fn tick(&self) -> Tick {
            Tick::Week
        }

        fn p_alive_into(&self, _: &[History], out: &mut [f64]) {
            out.fill(1.0);
        }
    }

    impl PurchaseForecast for Sure {
        fn expected_purchases_into(&self, rows: &[History], _: Horizon, out: &mut [f64]) {
            out.iter_mut().zip(rows).for_each(|(out, row)| *out = row.age());
        }

        fn expected_purchases_new(&self, _: Horizon) -> f64 {
            self.0 as f64
        }
    }

    impl PurchaseDistribution for Sure {
        fn distribution_into(&self, _: &History, _: Horizon, out: &mut [f64]) {
            out.fill(0.0);
            if let Some(certain) = out.get_mut(self.0) {
                *certain = 1.0;
            }
        }

        fn distribution_new_into(&self, _: Horizon, out: &mut [f64]) {
            out.fill(0.0);
        }
    }

    #[test]
    fn a_table_is_answered_in_order_and_in_the_tick_of_the_model() {
        let rows = (0..5000_u32).map(|day| History::new(0, 0.0, f64::from(7 * day)).unwrap()).collect();
        let people = crate::summary::HistoryTable::new(Tick::Day, rows);
        let found = Sure(0).expected_purchases(&people, Horizon::days(1));
        assert_eq!(found, (0..5000).map(f64::from).collect::<Vec<_>>());
        assert_eq!(Sure(0).p_alive(&people), vec![1.0; 5000]);
    }

    #[test]
    fn an_interval_finds_its_ends_however_far() {
        let interval = |certain| Sure(certain).interval(&History::default(), Horizon::weeks(1), 0.8);
        assert_eq!(interval(0).unwrap(), (0, 0));
        assert_eq!(interval(5000).unwrap(), (5000, 5000));
        assert!(interval(50_000_000).is_err());
        assert!(Sure(0).interval(&History::default(), Horizon::endless(), 0.8).is_err());
        for coverage in [0.0, 1.0, f64::NAN] {
            assert!(Sure(0).interval(&History::default(), Horizon::weeks(1), coverage).is_err());
        }
    }
}
