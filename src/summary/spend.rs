//! Customers as the spend models see them: how many purchases, and what they came to on average.

use super::Summaries;
use crate::{
    domain::Currency,
    error::{Error, ErrorKind},
};

/// One customer's repeat purchases and their mean amount, in major units.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Spend {
    purchases: u32,
    mean: f64,
}

/// Beyond it, either way, numbers of the models lose their digits.
const LARGEST: f64 = 1e15;

impl Spend {
    /// So many purchases of a mean amount in major units (dollars, not cents); below 0 for a loss.
    ///
    /// # Errors
    /// If the mean is not from -1e15 to 1e15, or not 0 where there are no purchases.
    pub fn new(purchases: u32, mean: f64) -> Result<Self, Error> {
        if !(-LARGEST..=LARGEST).contains(&mean) {
            return Err(Error::parameter("mean spend", mean, "must be from -1e15 to 1e15"));
        }
        if purchases == 0 && mean != 0.0 {
            return Err(Error::parameter("mean spend", mean, "must be 0 without purchases"));
        }
        Ok(Self { purchases, mean: mean + 0.0 })
    }

    /// Purchases that the mean is over.
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// Mean amount of a purchase in major units; 0 without purchases.
    pub fn mean(&self) -> f64 {
        self.mean
    }
}

/// Rows of spend, to fit and to score: [`Summaries`] (purchases after the first), a [`SpendTable`], or a
/// host's own.
pub trait Spends: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The currency of the amounts.
    fn currency(&self) -> Currency;

    /// Writes the rows from `first` on to `into`. The rows exist.
    fn read(&self, first: usize, into: &mut [Spend]);

    /// How many customers each row stands for, if not one; as long as the rows.
    fn weights(&self) -> Option<&[f64]> {
        None
    }
}

impl Spends for Summaries {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn currency(&self) -> Currency {
        Self::currency(self)
    }

    fn read(&self, first: usize, into: &mut [Spend]) {
        let per_major = Self::currency(self).minor_per_major() as f64;
        let columns = self.purchases().iter().zip(self.repeat_totals()).skip(first);
        for (spend, (&purchases, &total)) in into.iter_mut().zip(columns) {
            let repeats = purchases - 1;
            let mean = total as f64 / (f64::from(repeats.max(1)) * per_major);
            *spend = Spend { purchases: repeats, mean };
        }
    }
}

/// Spend that a host has already, without the purchases behind it.
#[derive(Clone, PartialEq, Debug)]
pub struct SpendTable {
    currency: Currency,
    rows: Vec<Spend>,
    weights: Option<Vec<f64>>,
}

impl SpendTable {
    /// Rows with means in major units of a currency.
    pub fn new(currency: Currency, rows: Vec<Spend>) -> Self {
        Self { currency, rows, weights: None }
    }

    /// Columns of purchases and of their means in major units.
    ///
    /// # Errors
    /// If the columns differ in length. [`ErrorKind::Row`] for a row that is no [`Spend`].
    pub fn from_columns(currency: Currency, purchases: &[u32], means: &[f64]) -> Result<Self, Error> {
        let (expected, found) = (purchases.len(), means.len());
        if expected != found {
            return Err(ErrorKind::Length { what: "means", expected, found }.into());
        }
        let rows = (0..)
            .zip(purchases.iter().zip(means))
            .map(|(row, (&purchases, &mean))| Spend::new(purchases, mean).map_err(|error| error.at_row(row)));
        Ok(Self::new(currency, rows.collect::<Result<_, _>>()?))
    }

    /// How many customers each row stands for.
    ///
    /// # Errors
    /// If there are not as many weights as rows, or one is not a finite number from 0.
    pub fn weights(self, weights: Vec<f64>) -> Result<Self, Error> {
        super::history::check_weights(&weights, self.rows.len())?;
        Ok(Self { weights: Some(weights), ..self })
    }

    /// The rows.
    pub fn rows(&self) -> &[Spend] {
        &self.rows
    }
}

impl Spends for SpendTable {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn currency(&self) -> Currency {
        self.currency
    }

    fn read(&self, first: usize, into: &mut [Spend]) {
        for (spend, &row) in into.iter_mut().zip(self.rows.iter().skip(first)) {
            *spend = row;
        }
    }

    fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_spend_is_refused() {
        for (purchases, mean) in [(0, 1.0), (1, f64::NAN), (1, f64::INFINITY), (1, 2e15)] {
            assert!(Spend::new(purchases, mean).is_err(), "{purchases} {mean}");
        }
        assert!(Spend::new(2, -3.5).is_ok(), "a margin may be a loss");
        let error = SpendTable::from_columns(Currency::EUR, &[1, 0], &[1.0, 2.0]).unwrap_err();
        assert_eq!(error.row(), Some(1));
        assert!(SpendTable::from_columns(Currency::EUR, &[1], &[]).is_err());
        assert!(SpendTable::new(Currency::EUR, vec![]).weights(vec![1.0]).is_err());
    }
}
