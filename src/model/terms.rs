//! What a value means: horizon, discount and margin.

use crate::{
    domain::{Horizon, Rate},
    error::{Error, ErrorKind},
    summary::Summaries,
};

/// The share of revenue that is left after the cost of what is sold: from 0 to 1.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::Exact", try_from = "super::Exact"))]
pub struct Margin(f64);

impl Margin {
    /// All of the revenue: value is revenue.
    pub const ALL: Self = Self(1.0);

    /// A share that the business states.
    ///
    /// # Errors
    /// If it is not from 0 to 1.
    pub fn share(share: f64) -> Result<Self, Error> {
        if (0.0..=1.0).contains(&share) {
            return Ok(Self(share));
        }
        Err(Error::parameter("margin", share, "must be a share from 0 to 1"))
    }

    /// The share that the known costs leave: the sum of net money less cost, over the sum of net money, of
    /// the customers whose costs are all known.
    ///
    /// # Errors
    /// If no customer's costs are known, or the share is not from 0 to 1.
    pub fn known(people: &Summaries) -> Result<Self, Error> {
        let known = people.margins().unwrap_or(&[]).iter().zip(people.totals());
        let known = known.filter_map(|(&margin, &total)| Some((margin?, total)));
        let (mut margins, mut totals) = (0_i128, 0_i128);
        for (margin, total) in known {
            margins += i128::from(margin);
            totals += i128::from(total);
        }
        if totals <= 0 {
            return Err(ErrorKind::Empty { what: "revenue with known costs" }.into());
        }
        Self::share(margins as f64 / totals as f64)
    }

    /// The share of an amount in minor units, rounded half away from zero; exact where all is kept.
    pub fn of(self, minor: i64) -> i64 {
        if self == Self::ALL { minor } else { (minor as f64 * self.0).round() as i64 }
    }

    /// The share.
    pub fn get(self) -> f64 {
        self.0
    }
}

#[cfg(feature = "serde")]
impl From<Margin> for super::Exact {
    fn from(margin: Margin) -> Self {
        Self(margin.0)
    }
}

#[cfg(feature = "serde")]
impl TryFrom<super::Exact> for Margin {
    type Error = Error;

    fn try_from(saved: super::Exact) -> Result<Self, Error> {
        Self::share(saved.0)
    }
}

/// What a value means: how far it looks, what later money is worth now, and what of it is kept.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Terms {
    /// How far ahead.
    pub horizon: Horizon,
    /// How much less money is worth the later it comes.
    pub discount: Rate,
    /// The share of revenue that counts.
    pub margin: Margin,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Columns, Currency, Day, Ledger, Policies},
        summary::Observation,
    };

    fn people(columns: &Columns<'_>) -> Summaries {
        let ledger = Ledger::from_columns(Currency::USD, columns, Policies::default()).unwrap();
        Observation::until(Day::MIN).summarise(&ledger).unwrap()
    }

    #[test]
    fn a_margin_is_a_share_or_what_known_costs_leave() {
        let columns = Columns::new(&[1_u64, 2, 2][..], &[Day::MIN; 3], &[105, 4000, 6000]);
        let known = Margin::known(&people(&columns.costs(&[5, 2500, 4000]))).unwrap();
        assert_eq!(known, Margin::share(3600.0 / 10_105.0).unwrap());
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(Margin::share(bad).is_err());
        }
        let unknown = people(&Columns::new(&[1_u64][..], &[Day::MIN], &[100]));
        assert!(Margin::known(&unknown).unwrap_err().is_empty());
        let dear = people(&Columns::new(&[1_u64][..], &[Day::MIN], &[100]).costs(&[101]));
        assert!(Margin::known(&dear).unwrap_err().is_parameter());
    }

    #[test]
    fn a_share_is_rounded_half_away_from_zero() {
        let half = Margin::share(0.5).unwrap();
        assert_eq!([105, -105, 104].map(|minor| half.of(minor)), [53, -53, 52]);
        assert_eq!(Margin::ALL.of(i64::MAX), i64::MAX);
    }
}
