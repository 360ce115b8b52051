//! What acting on a model brings: the profit of an offer to those likeliest to leave.

use super::{curves::Called, outcomes::Outcomes};
use crate::{
    domain::Money,
    error::{Error, ErrorKind},
};

/// An offer that is to keep customers: what it costs, what a customer kept is worth, and how often it works.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Campaign {
    cost: Money,
    value: Money,
    success: f64,
}

/// What an offer to everybody from a threshold on brings.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ProfitPoint {
    /// The least probability that gets the offer; infinite where nobody does.
    pub threshold: f64,
    /// The share of customers who get it.
    pub share: f64,
    /// What it is expected to bring, less what it costs.
    pub profit: Money,
}

impl Campaign {
    /// An offer that costs `cost` for everybody who gets it, whether they would have left or not, and keeps the
    /// share `success` of those who would have left, each worth `value`.
    ///
    /// # Errors
    /// If the currencies differ, the cost is below 0, the value is not above 0, or `success` is not above 0 and
    /// at most 1.
    pub fn new(cost: Money, value: Money, success: f64) -> Result<Self, Error> {
        cost.currency().require(value.currency())?;
        if cost.minor() < 0 {
            return Err(Error::parameter("cost", cost, "must not be below 0"));
        }
        if value.minor() <= 0 {
            return Err(Error::parameter("value", value, "must be above 0"));
        }
        if !(success > 0.0 && success <= 1.0) {
            return Err(Error::parameter("success", success, "must be above 0 and at most 1"));
        }
        Ok(Self { cost, value, success })
    }

    /// What the offer costs for each who gets it.
    pub fn cost(&self) -> Money {
        self.cost
    }

    /// What a customer kept is worth.
    pub fn value(&self) -> Money {
        self.value
    }

    /// The share of those who would have left whom the offer keeps.
    pub fn success(&self) -> f64 {
        self.success
    }

    /// The probability of churn from which the offer pays, if probabilities mean what they say: `cost / (success
    /// value)`. Above 1 it never does.
    pub fn break_even(&self) -> f64 {
        self.cost.minor() as f64 / (self.success * self.value.minor() as f64)
    }

    /// # Errors
    /// [`ErrorKind::Overflow`] if the profit does not fit.
    fn profit(&self, churned: f64, all: f64) -> Result<Money, Error> {
        let kept = churned * self.success * self.value.minor() as f64;
        let minor = (kept - all * self.cost.minor() as f64).round();
        if !(minor.abs() < MOST_MINOR) {
            return Err(ErrorKind::Overflow { what: "profit" }.into());
        }
        Ok(Money::of_minor(minor as i64, self.cost.currency()))
    }
}

/// 2^63: a float below it is an `i64`.
const MOST_MINOR: f64 = 9_223_372_036_854_775_808.0;

impl Outcomes {
    /// The profit of an offer to a share of the customers, from the likeliest to churn down: what would have been
    /// expected of these customers.
    ///
    /// # Formula
    /// ```text
    /// profit = success value churners among the share - cost customers among the share
    /// ```
    /// rounded to the minor unit, half away from zero (after Neslin et al. 2006, where whoever would have stayed
    /// costs the offer alone). A share that ends among equals takes its part of them, as
    /// [gains](Self::gains) do.
    ///
    /// # Errors
    /// Unless the share is between 0 and 1, or if the profit does not fit.
    pub fn profit(&self, campaign: &Campaign, share: f64) -> Result<Money, Error> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::parameter("share", share, "must be between 0 and 1"));
        }
        if share == 0.0 {
            return campaign.profit(0.0, 0.0);
        }
        let curve: Vec<Called> = self.called().collect();
        let (churned, all) = self.within(&curve, share);
        campaign.profit(churned, all)
    }

    /// The profit at each distinct probability as the threshold, from an offer to nobody to one to everybody.
    ///
    /// # Errors
    /// If a profit does not fit.
    pub fn profit_curve(&self, campaign: &Campaign) -> Result<Vec<ProfitPoint>, Error> {
        let nobody = Called { threshold: f64::INFINITY, churned: 0.0, stayed: 0.0 };
        let point = |called: Called| {
            let all = called.churned + called.stayed;
            let profit = campaign.profit(called.churned, all)?;
            Ok(ProfitPoint { threshold: called.threshold, share: all / self.customers(), profit })
        };
        [nobody].into_iter().chain(self.called()).map(point).collect()
    }

    /// The threshold of the greatest profit; of several, that of the fewest offers. Nobody gets one where it does
    /// not pay.
    ///
    /// It is the best of these customers, so it flatters a little; [`Campaign::break_even`] does not look at them.
    ///
    /// # Errors
    /// If a profit does not fit.
    pub fn best_threshold(&self, campaign: &Campaign) -> Result<ProfitPoint, Error> {
        let mut curve = self.profit_curve(campaign)?.into_iter();
        let none = || Error::from(ErrorKind::Empty { what: "customers to judge by" });
        let first = curve.next().ok_or_else(none)?;
        Ok(curve.fold(
            first,
            |best, point| {
                if point.profit.minor() > best.profit.minor() { point } else { best }
            },
        ))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::domain::Currency;

    fn money(minor: i64) -> Money {
        Money::of_minor(minor, Currency::EUR)
    }

    fn outcomes() -> Outcomes {
        let scores = [0.9, 0.8, 0.6, 0.6, 0.2];
        Outcomes::new(&scores, &[true, false, true, false, false]).unwrap()
    }

    #[test]
    fn profit_is_what_the_formula_says() {
        // Each churner reached brings 0.5 * 10.00 = 5.00, each offer costs 2.00.
        let campaign = Campaign::new(money(200), money(1000), 0.5).unwrap();
        assert_eq!(campaign.break_even(), 0.4);
        let curve = outcomes().profit_curve(&campaign).unwrap();
        let profits: Vec<i64> = curve.iter().map(|point| point.profit.minor()).collect();
        assert_eq!(profits, [0, 300, 100, 200, 0]);
        assert_eq!((curve[3].threshold, curve[3].share), (0.6, 0.8));
        let best = outcomes().best_threshold(&campaign).unwrap();
        assert_eq!((best.threshold, best.share, best.profit), (0.9, 0.2, money(300)));
        // Half of the two at 0.6: half a churner for one more offer.
        assert_eq!(outcomes().profit(&campaign, 0.6).unwrap(), money(150));
        assert_eq!(outcomes().profit(&campaign, 0.0).unwrap(), money(0));
        assert_eq!(outcomes().profit(&campaign, 1.0).unwrap(), money(0));
        assert!(outcomes().profit(&campaign, f64::NAN).is_err());
    }

    #[test]
    fn an_offer_that_never_pays_is_made_to_nobody() {
        let dear = Campaign::new(money(2000), money(1000), 1.0).unwrap();
        assert_eq!(dear.break_even(), 2.0);
        assert_eq!(outcomes().best_threshold(&dear).unwrap().threshold, f64::INFINITY);
        let free = Campaign::new(money(0), money(1000), 1.0).unwrap();
        // Fewest offers: the last one catches nobody more.
        assert_eq!(outcomes().best_threshold(&free).unwrap().threshold, 0.6);
    }

    #[test]
    fn terms_that_make_no_sense_are_refused() {
        for (cost, value, success) in
            [(-1, 10, 0.5), (1, 0, 0.5), (1, 10, 0.0), (1, 10, 1.1), (1, 10, f64::NAN)]
        {
            assert!(Campaign::new(money(cost), money(value), success).is_err());
        }
        assert!(Campaign::new(money(1), Money::of_minor(10, Currency::USD), 0.5).is_err());
        let huge = Campaign::new(money(0), money(i64::MAX), 1.0).unwrap();
        assert!(outcomes().profit_curve(&huge).is_err());
    }
}
