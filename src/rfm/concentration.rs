//! How much of the revenue hangs on how few customers.

use std::fmt;

use crate::{
    domain::Day,
    error::{Error, ErrorKind},
    summary::Summaries,
};

/// How unevenly revenue is spread over customers.
///
/// A customer whose net total is below zero (more came back than was bought) counts as a customer who
/// brought nothing, and [`below_zero`](Self::below_zero) says how many there are; so every share is from 0
/// to 1. Where nobody brought anything there are no shares: they are `None`, never NaN.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Columns, Currency, Day, Ledger, Policies},
///     rfm::Concentration,
///     summary::Observation,
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day; 4];
/// let columns = Columns::new(&[1_u64, 2, 3, 4][..], &days, &[100, 100, 100, 700]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// let spread = Concentration::of(&Observation::until(day).summarise(&ledger)?)?;
///
/// assert_eq!(spread.as_of(), day);
/// assert_eq!(spread.gini(), Some(0.45));
/// assert_eq!(spread.customers_for_80_percent(), Some(2));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Concentration {
    as_of: Day,
    customers: u64,
    below_zero: u64,
    shares: Option<Shares>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Shares {
    gini: f64,
    top_decile: f64,
    for_80_percent: u64,
}

impl Concentration {
    /// Measures net totals. Sums are exact; the only roundings are the last divisions.
    ///
    /// # Errors
    /// [`ErrorKind::Overflow`] if the sums do not fit 128 bits.
    pub fn of(people: &Summaries) -> Result<Self, Error> {
        let mut totals: Vec<u64> = people.totals().iter().map(|&total| total.max(0).unsigned_abs()).collect();
        totals.sort_unstable_by(|a, b| b.cmp(a));
        let below_zero = people.totals().iter().filter(|&&total| total < 0).count() as u64;
        let shares = Shares::of(&totals)?;
        Ok(Self { as_of: people.as_of(), customers: people.len() as u64, below_zero, shares })
    }

    /// The end of the observation: the day as of which all this holds.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Number of customers.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Customers whose net total is below zero, counted as zero.
    pub fn below_zero(&self) -> u64 {
        self.below_zero
    }

    /// The Gini coefficient: 0 if all brought the same, and `1 - 1/n` if one of n brought everything.
    ///
    /// # Formula
    /// ```text
    /// G = (2 * sum(i * x_i) - (n + 1) * sum(x_i)) / (n * sum(x_i)),   x ascending, i from 1 to n
    /// ```
    pub fn gini(&self) -> Option<f64> {
        self.shares.map(|shares| shares.gini)
    }

    /// The share of revenue, 0 to 1, that the tenth of customers with the largest totals brought; the
    /// tenth is rounded up to whole customers.
    pub fn top_decile_share(&self) -> Option<f64> {
        self.shares.map(|shares| shares.top_decile)
    }

    /// The fewest customers who together made at least 80 % of revenue.
    pub fn customers_for_80_percent(&self) -> Option<u64> {
        self.shares.map(|shares| shares.for_80_percent)
    }

    /// The same as a share of all customers, 0 to 1.
    pub fn share_for_80_percent(&self) -> Option<f64> {
        self.customers_for_80_percent().map(|count| count as f64 / self.customers.max(1) as f64)
    }
}

impl Shares {
    /// `None` if nobody brought anything. `totals` descend.
    fn of(totals: &[u64]) -> Result<Option<Self>, Error> {
        let sum: u128 = totals.iter().map(|&total| u128::from(total)).sum();
        if sum == 0 {
            return Ok(None);
        }
        let tenth = totals.len().div_ceil(10);
        let top: u128 = totals[..tenth].iter().map(|&total| u128::from(total)).sum();
        let shares = Self {
            gini: gini(totals, sum).ok_or(ErrorKind::Overflow { what: "sum of ranked totals" })?,
            top_decile: top as f64 / sum as f64,
            for_80_percent: fewest_for_80_percent(totals, sum),
        };
        Ok(Some(shares))
    }
}

fn gini(descending: &[u64], sum: u128) -> Option<f64> {
    let mut ranked: u128 = 0;
    for (rank, &total) in (1_u128..).zip(descending.iter().rev()) {
        ranked = ranked.checked_add(rank * u128::from(total))?;
    }
    let n = descending.len() as u128;
    let even = sum.checked_mul(n + 1)?;
    // Never below zero: ranks grow with totals.
    let above = ranked.checked_mul(2)?.saturating_sub(even);
    Some(above as f64 / sum.checked_mul(n)? as f64)
}

fn fewest_for_80_percent(descending: &[u64], sum: u128) -> u64 {
    let mut brought: u128 = 0;
    let mut customers = 0;
    for &total in descending {
        // In fifths, which keeps it exact. The sum is of `u64`s, so five times it fits.
        if brought * 5 >= sum * 4 {
            break;
        }
        brought += u128::from(total);
        customers += 1;
    }
    customers
}

impl fmt::Display for Concentration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Shares { gini, top_decile, for_80_percent }) = self.shares else {
            return write!(f, "{} customers, no revenue", self.customers);
        };
        let share = 100.0 * for_80_percent as f64 / self.customers as f64;
        write!(
            f,
            "Gini {gini:.3}; the top tenth of customers brought {:.1} % of revenue; \
             {for_80_percent} of {} customers ({share:.1} %) made 80 % of it",
            100.0 * top_decile,
            self.customers,
        )?;
        if self.below_zero > 0 {
            write!(f, "; {} below zero counted as zero", self.below_zero)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::fixture::{Row, numbered};

    fn spread(totals: &[i64]) -> Concentration {
        let rows: Vec<Row> = totals.iter().map(|&total| (1, 1, total)).collect();
        Concentration::of(&numbered(&rows)).unwrap()
    }

    #[test]
    fn agrees_with_a_reckoning_by_pairs() {
        // Half the mean absolute difference of all pairs over the mean, by hand:
        // pairs of [1, 2, 3, 4]: 2 * (1+2+3+1+2+1) = 20; 20 / (2 * 4 * 10) = 0.25
        assert_eq!(spread(&[400, 100, 300, 200]).gini(), Some(0.25));
        assert_eq!(spread(&[7; 9]).gini(), Some(0.0));
        assert_eq!(spread(&[0, 0, 0, 500]).gini(), Some(0.75));
    }

    #[test]
    fn shares_are_of_whole_customers() {
        let spread = spread(&[50, 30, 10, 5, 1, 1, 1, 1, 1, 0, 0]);
        // The tenth of 11 customers is 2.
        assert_eq!(spread.top_decile_share(), Some(0.8));
        assert_eq!(spread.customers_for_80_percent(), Some(2));
        assert_eq!(spread.share_for_80_percent(), Some(2.0 / 11.0));
    }

    #[test]
    fn below_zero_counts_as_zero_and_no_revenue_has_no_shares() {
        let with_loss = spread(&[100, 300, -50]);
        assert_eq!(with_loss.below_zero(), 1);
        assert_eq!(with_loss.gini(), spread(&[100, 300, 0]).gini());
        for nothing in [spread(&[]), spread(&[0, 0]), spread(&[-5])] {
            assert_eq!((nothing.gini(), nothing.top_decile_share()), (None, None));
            assert_eq!((nothing.customers_for_80_percent(), nothing.share_for_80_percent()), (None, None));
            assert!(nothing.to_string().ends_with("no revenue"));
        }
    }
}
