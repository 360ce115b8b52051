//! Customers as the spend models see them: how many purchases, and what they came to on average.

use super::Summaries;
use crate::{
    domain::Currency,
    error::{Error, ErrorKind},
};

/// One customer's repeat purchases and their mean amount, in major units; of margins also how many
/// purchases were losses, and what gains and losses were on average.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spend {
    gains: u32,
    losses: u32,
    gain_mean: f64,
    loss_mean: f64,
}

/// Beyond it, either way, numbers of the models lose their digits.
const LARGEST: f64 = 1e15;

impl Spend {
    /// So many purchases of a mean amount in major units (dollars, not cents); below 0 for a loss.
    ///
    /// How they split into gains and losses is not known: all count as gains, or, where the mean is below 0,
    /// all as losses. Models that look at the mean alone are not concerned.
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
        Ok(Self::of(purchases, mean))
    }

    /// So many purchases that were gains and so many that were losses, each with their mean in major units.
    /// A loss is given as its size: 2 for a margin of -2. A purchase that brought nothing is a gain of 0.
    ///
    /// # Example
    /// ```
    /// let spend = patronage::summary::Spend::signed(3, 10.0, 1, 2.0)?;
    /// assert_eq!((spend.purchases(), spend.mean()), (4, 7.0));
    /// # Ok::<(), patronage::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the mean gain is not from 0 to 1e15, or the mean loss not above 0 up to 1e15; if either is not 0
    /// where there are none; if the purchases are more than a `u32` holds.
    pub fn signed(gains: u32, gain_mean: f64, losses: u32, loss_mean: f64) -> Result<Self, Error> {
        if !(0.0..=LARGEST).contains(&gain_mean) {
            return Err(Error::parameter("mean gain", gain_mean, "must be from 0 to 1e15"));
        }
        if gains == 0 && gain_mean != 0.0 {
            return Err(Error::parameter("mean gain", gain_mean, "must be 0 without gains"));
        }
        if !(0.0..=LARGEST).contains(&loss_mean) || (losses > 0 && loss_mean == 0.0) {
            return Err(Error::parameter("mean loss", loss_mean, "must be above 0, up to 1e15"));
        }
        if losses == 0 && loss_mean != 0.0 {
            return Err(Error::parameter("mean loss", loss_mean, "must be 0 without losses"));
        }
        if gains.checked_add(losses).is_none() {
            return Err(Error::parameter("losses", losses, "are with the gains more than can be counted"));
        }
        Ok(Self { gains, losses, gain_mean: gain_mean + 0.0, loss_mean: loss_mean + 0.0 })
    }

    /// As [`new`](Self::new), of numbers that are known to be valid.
    fn of(purchases: u32, mean: f64) -> Self {
        if mean < 0.0 {
            return Self { losses: purchases, loss_mean: -mean, ..Self::default() };
        }
        Self { gains: purchases, gain_mean: mean + 0.0, ..Self::default() }
    }

    /// Purchases that the mean is over, gains and losses.
    pub fn purchases(&self) -> u32 {
        self.gains + self.losses
    }

    /// Mean amount of a purchase in major units; 0 without purchases.
    pub fn mean(&self) -> f64 {
        let whole = |count: u32, mean: f64| f64::from(count) * mean;
        match (self.gains, self.losses) {
            (_, 0) => self.gain_mean,
            (0, _) => -self.loss_mean,
            (gains, losses) => {
                let net = whole(gains, self.gain_mean) - whole(losses, self.loss_mean);
                net / f64::from(self.purchases())
            }
        }
    }

    /// Purchases with a margin of 0 or more.
    pub fn gains(&self) -> u32 {
        self.gains
    }

    /// Mean margin of the gains in major units; 0 without gains.
    pub fn gain_mean(&self) -> f64 {
        self.gain_mean
    }

    /// Purchases with a margin below 0.
    pub fn losses(&self) -> u32 {
        self.losses
    }

    /// Mean size of the losses in major units, above 0; 0 without losses.
    pub fn loss_mean(&self) -> f64 {
        self.loss_mean
    }

    /// The gains alone.
    #[must_use]
    pub fn gains_alone(&self) -> Self {
        Self::of(self.gains, self.gain_mean)
    }

    /// The losses alone, as amounts above 0.
    #[must_use]
    pub fn losses_alone(&self) -> Self {
        Self::of(self.losses, self.loss_mean)
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
            *spend = Spend::of(repeats, mean);
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

    #[test]
    fn gains_and_losses_come_to_the_purchases_and_their_mean() {
        let spend = Spend::signed(3, 10.0, 1, 6.0).unwrap();
        assert_eq!((spend.purchases(), spend.mean()), (4, 6.0));
        assert_eq!(
            (spend.gains_alone(), spend.losses_alone()),
            (Spend::new(3, 10.0).unwrap(), Spend::new(1, 6.0).unwrap())
        );
        assert_eq!(Spend::signed(0, 0.0, 2, 6.0).unwrap(), Spend::new(2, -6.0).unwrap());
        assert_eq!(Spend::signed(2, 0.0, 0, 0.0).unwrap(), Spend::new(2, -0.0).unwrap());
        assert_eq!(Spend::signed(0, -0.0, 0, 0.0).unwrap(), Spend::default());
        // A mean that is given is given back to the bit.
        for mean in [0.1_f64, -0.3, 1e15, -1e15] {
            assert_eq!(Spend::new(7, mean).unwrap().mean().to_bits(), mean.to_bits());
        }
    }

    #[test]
    fn parts_that_cannot_be_are_refused() {
        for (gains, gain_mean, losses, loss_mean, says) in [
            (1, -1.0, 0, 0.0, "mean gain: `-1` must be from 0 to 1e15"),
            (1, f64::NAN, 0, 0.0, "mean gain: `NaN` must be from 0 to 1e15"),
            (0, 1.0, 0, 0.0, "mean gain: `1` must be 0 without gains"),
            (1, 1.0, 2, -2.0, "mean loss: `-2` must be above 0, up to 1e15"),
            (1, 1.0, 2, 0.0, "mean loss: `0` must be above 0, up to 1e15"),
            (1, 1.0, 2, f64::INFINITY, "mean loss: `inf` must be above 0, up to 1e15"),
            (1, 1.0, 0, 2.0, "mean loss: `2` must be 0 without losses"),
            (u32::MAX, 1.0, 1, 2.0, "losses: `1` are with the gains more than can be counted"),
        ] {
            let error = Spend::signed(gains, gain_mean, losses, loss_mean).unwrap_err();
            assert_eq!(error.to_string(), says);
        }
    }
}
