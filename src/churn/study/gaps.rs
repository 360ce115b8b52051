//! How long customers pause, and after how long a pause they hardly ever return.

use std::collections::BTreeMap;

use crate::{
    domain::{Day, Ledger},
    error::{Error, ErrorKind},
    math::parallel,
    summary::{Grain, Scratch, Seen, repeat_days},
};

/// The days from each purchase to the next, and of the last purchase of each customer how many have passed without
/// another: those pauses are not over, and count as that.
///
/// # Formula
/// The share of pauses longer than `t` days is the product-limit estimate, `S(t) = Π (1 - d / n)` over the days up to
/// `t` on which pauses ended: `d` ended of the `n` that were at least so long (Kaplan and Meier, 1958). Of those that
/// lasted `t` days the share that ended later is `1 - S(τ) / S(t)`, where `τ` is the longest pause that at least
/// [`LEAST_WATCHED`](Self::LEAST_WATCHED) were seen to reach. A return after `τ` is not known of.
///
/// # Example
/// ```
/// use patronage::{churn::PurchaseGaps, domain::Policies, simulate::Bakery};
///
/// let bakery = Bakery::new(1);
/// let ledger = bakery.books()?.ledger(Policies::default())?;
/// let gaps = PurchaseGaps::of(&ledger, bakery.last_day());
/// let window = gaps.suggest(PurchaseGaps::FEW_RETURN)?;
/// assert!(window.returning < 0.10 && 2 * window.days <= gaps.watched());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct PurchaseGaps {
    ended: u64,
    open: u64,
    steps: Vec<Step>,
    watched: u32,
}

/// A number of days that pauses lasted, or have lasted so far.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Step {
    days: u32,
    /// Pauses at least so long.
    at_risk: u64,
    ended: u64,
    /// The share that is longer.
    longer: f64,
}

/// After how many days without a purchase a customer may be said to have left, and what that rests on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SuggestedWindow {
    /// The smallest number of days after which few enough return.
    pub days: u32,
    /// The share that returned of those who had made no purchase for so many days.
    pub returning: f64,
    /// The standard error of that share, by Greenwood's formula.
    pub std_error: f64,
    /// How many pauses were so long.
    pub lapsed: u64,
}

impl PurchaseGaps {
    /// Of so many pauses an end is estimated; of fewer it would be chance.
    pub const LEAST_WATCHED: u64 = 50;
    /// The share that may still return where a customer is said to have left.
    pub const FEW_RETURN: f64 = 0.10;

    /// The pauses of all customers, as of a day. Purchases of one day are one.
    pub fn of(ledger: &Ledger, as_of: Day) -> Self {
        let blocks = parallel::ranges(ledger.customers().len(), parallel::BLOCK);
        let parts = parallel::map_with(blocks, Scratch::default, |scratch, rows| {
            let mut counts: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
            for row in rows {
                count(ledger, row, as_of, scratch, &mut counts);
            }
            counts
        });
        let mut counts: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (days, (ended, open)) in parts.into_iter().flatten() {
            let all = counts.entry(days).or_default();
            *all = (all.0 + ended, all.1 + open);
        }
        Self::of_counts(&counts)
    }

    /// For each number of days the pauses that ended then, and those that are open.
    fn of_counts(counts: &BTreeMap<u32, (u64, u64)>) -> Self {
        let (ended, open) = counts.values().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        let (mut at_risk, mut longer, mut steps, mut watched) = (ended + open, 1.0, Vec::new(), 0);
        for (&days, &(ended, open)) in counts {
            if at_risk >= Self::LEAST_WATCHED {
                watched = days;
            }
            if ended > 0 {
                longer *= (at_risk - ended) as f64 / at_risk as f64;
            }
            steps.push(Step { days, at_risk, ended, longer });
            at_risk -= ended + open;
        }
        Self { ended, open, steps, watched }
    }

    /// Pauses that ended with another purchase.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// Pauses that are not over: one a customer.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// `τ`, the days up to which ends are known; 0 with fewer than [`LEAST_WATCHED`](Self::LEAST_WATCHED) pauses.
    pub fn watched(&self) -> u32 {
        self.watched
    }

    /// The share of pauses longer than so many days, from 0 to 1.
    pub fn longer_than(&self, days: u32) -> f64 {
        self.step_at(days).map_or(1.0, |step| step.longer)
    }

    /// Of those who made no purchase for so many days, the share that was seen to return within
    /// [`watched`](Self::watched) days of their last purchase. `None` beyond those days.
    pub fn returning_after(&self, days: u32) -> Option<f64> {
        let longer = self.longer_than(days);
        (days <= self.watched && longer > 0.0)
            .then(|| (1.0 - self.longer_than(self.watched) / longer).clamp(0.0, 1.0))
    }

    /// How many pauses have lasted so many days, whether they ended later or not.
    pub fn lapsed_after(&self, days: u32) -> u64 {
        let next = self.steps.iter().find(|step| step.days >= days);
        next.map_or(0, |step| step.at_risk - if step.days == days { step.ended } else { 0 })
    }

    /// The smallest number of days after which less than the share `few` returns. The lapsed must have been watched as
    /// long again: after half of [`watched`](Self::watched) nothing is suggested, for there few are seen to return
    /// because few are looked at for long.
    ///
    /// # Errors
    /// If the share is not above 0 and below 1, or the log is too short to tell.
    pub fn suggest(&self, few: f64) -> Result<SuggestedWindow, Error> {
        if !(few > 0.0 && few < 1.0) {
            return Err(Error::parameter("share that returns", few, "must be above 0 and below 1"));
        }
        let candidates = std::iter::once(1).chain(self.steps.iter().map(|step| step.days));
        let enough = |&days: &u32| self.returning_after(days).is_some_and(|share| share < few);
        let days = candidates.filter(|&days| days >= 1).find(enough);
        let needed = 2 * u64::from(days.unwrap_or(self.watched).max(1));
        if let Some(days) = days.filter(|_| needed <= u64::from(self.watched)) {
            return Ok(self.window(days));
        }
        let why = "too few days of purchases to see when customers no longer return".to_owned();
        Err(ErrorKind::TooFew { why, needed, found: self.watched.into() }.into())
    }

    fn window(&self, days: u32) -> SuggestedWindow {
        let returning = self.returning_after(days).unwrap_or_default();
        let later = self.steps.iter().filter(|step| step.days > days && step.days <= self.watched);
        let variance: f64 = later.map(Step::greenwood).sum();
        SuggestedWindow {
            days,
            returning,
            std_error: (1.0 - returning) * variance.sqrt(),
            lapsed: self.lapsed_after(days),
        }
    }

    /// What is known of the last number of days up to this one.
    fn step_at(&self, days: u32) -> Option<&Step> {
        self.steps[..self.steps.partition_point(|step| step.days <= days)].last()
    }
}

impl Step {
    /// `d / (n (n - d))`; where all ended the share itself is 0 and has no error.
    fn greenwood(&self) -> f64 {
        let (n, d) = (self.at_risk as f64, self.ended as f64);
        if self.ended < self.at_risk { d / (n * (n - d)) } else { 0.0 }
    }
}

/// Adds the pauses of a customer.
fn count(
    ledger: &Ledger,
    row: usize,
    as_of: Day,
    scratch: &mut Scratch,
    counts: &mut BTreeMap<u32, (u64, u64)>,
) {
    let (_, seen) = Seen::of(ledger.history_at(row)).between(Day::MIN, as_of);
    let Some(bought) = crate::summary::reckon(seen, Grain::Day, scratch) else { return };
    let mut last = bought.first;
    repeat_days(seen, Grain::Day, scratch, |day| {
        counts.entry(day.since(last).unsigned_abs()).or_default().0 += 1;
        last = day;
    });
    counts.entry(as_of.since(last).unsigned_abs()).or_default().1 += 1;
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn shares_agree_with_lifelines() {
        // lifelines 0.30: KaplanMeierFitter().fit(durations, ended, weights).
        let counts = [(1, (40, 0)), (3, (30, 10)), (7, (15, 5)), (20, (4, 60)), (45, (1, 60)), (90, (0, 40))];
        let gaps = PurchaseGaps::of_counts(&counts.into_iter().collect());
        assert_eq!((gaps.ended(), gaps.open(), gaps.watched()), (90, 175, 45));
        for (days, known) in KNOWN {
            assert!((gaps.longer_than(days) - known).abs() < 1e-12, "{days}: {}", gaps.longer_than(days));
        }
        let (at_7, at_45) = (gaps.longer_than(7), gaps.longer_than(45));
        assert_eq!(gaps.returning_after(7), Some(1.0 - at_45 / at_7));
        assert_eq!((gaps.returning_after(45), gaps.returning_after(46)), (Some(0.0), None));
        // By the same: of those who paused for 3 days 11.2 % return, and of those who did for 7 days 3.4 %.
        assert!((gaps.returning_after(3).unwrap() - 0.112_235_547_879_111).abs() < 1e-12);
        let window = gaps.suggest(0.10).unwrap();
        assert_eq!((window.days, window.lapsed), (7, 170));
        assert!((window.returning - 0.033_903_390_339_033).abs() < 1e-12);
        // sqrt(4 / (165 161) + 1 / (101 100)) of the share that does not return.
        assert!((window.std_error - 0.015_262_613_184_516_5).abs() < 1e-12);
        assert_eq!(gaps.suggest(0.02).unwrap().days, 20);
        assert!(
            gaps.suggest(0.005).is_err() && gaps.suggest(0.0).is_err() && gaps.suggest(f64::NAN).is_err()
        );
    }

    const KNOWN: [(u32, f64); 6] = [
        (0, 1.0),
        (1, 0.849_056_603_773_585),
        (3, 0.735_849_056_603_773_8),
        (7, 0.676_185_619_581_846_6),
        (20, 0.659_793_240_925_317_3),
        (50, 0.653_260_634_579_522_2),
    ];

    #[test]
    fn of_nothing_nothing_is_suggested() {
        let none = PurchaseGaps::of_counts(&BTreeMap::new());
        assert_eq!((none.longer_than(9), none.returning_after(1)), (1.0, None));
        assert!(matches!(none.suggest(0.1).unwrap_err().kind(), ErrorKind::TooFew { .. }));
        // All return: nobody lapses.
        let all = PurchaseGaps::of_counts(&[(7, (500, 0))].into_iter().collect());
        assert_eq!((all.returning_after(6), all.returning_after(7)), (Some(1.0), None));
        assert!(all.suggest(0.1).is_err());
    }
}
