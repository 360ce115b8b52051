//! How much of a measure each customer is answerable for: what differences of models are judged by.

#![allow(clippy::doc_markdown, reason = "DeLong is a name")]

use std::collections::BTreeMap;

use super::{auc::Auc, difference::Difference, losses::surprise, outcomes::Outcomes};
use crate::{
    domain::CustomerId,
    error::{Error, ErrorKind},
};

/// A measure, and each row's part in how far it may be off: the variance is the sum of squares of the parts.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Influence {
    value: f64,
    parts: Vec<f64>,
}

/// Rows with what each counts.
#[derive(Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) churned: &'a [bool],
    pub(crate) weights: Option<&'a [f64]>,
}

impl Judged<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    fn rows(&self, wanted: impl Fn(bool) -> bool) -> f64 {
        (0..self.churned.len()).filter(|&row| wanted(self.churned[row]) && self.weight(row) > 0.0).count()
            as f64
    }
}

impl Judged<'_> {
    /// What a spread of customers is told from.
    ///
    /// # Errors
    /// Unless more than one customer has a row that churned, and more than one a row that stayed.
    pub(crate) fn require_customers(&self, customers: &[u32]) -> Result<(), Error> {
        for outcome in [true, false] {
            let counts = |row: &usize| self.churned[*row] == outcome && self.weight(*row) > 0.0;
            let mut who = (0..customers.len()).filter(counts).map(|row| customers[row]);
            let first = who.next();
            if who.all(|other| Some(other) == first) {
                let why = "customers with rows that churned, or that stayed".to_owned();
                return Err(ErrorKind::TooFew { why, needed: 2, found: u64::from(first.is_some()) }.into());
            }
        }
        Ok(())
    }
}

impl Influence {
    /// Of the area under the ROC curve: `w (V - AUC) / (sum of w) sqrt(n / (n - 1))` of the rows of its kind.
    ///
    /// # Errors
    /// As of [`Outcomes::of_scores`], and unless more than one row churned and more than one stayed.
    pub(crate) fn of_auc(scores: &[f64], judged: Judged<'_>) -> Result<Self, Error> {
        let outcomes = Outcomes::of_scores(scores, judged.churned, judged.weights)?;
        let value = outcomes.auc()?.value();
        let kinds = [judged.rows(|churned| !churned), judged.rows(|churned| churned)];
        if kinds.iter().any(|rows| *rows < 2.0) {
            let why = "a difference of AUCs: rows of customers who churned, or who stayed".to_owned();
            return Err(ErrorKind::TooFew { why, needed: 2, found: 1 }.into());
        }
        let scale = kinds.map(|rows| (rows / (rows - 1.0)).sqrt());
        let (below_churned, below_stayed) = (outcomes.churned.sums(), outcomes.stayed.sums());
        let part = |row: usize| {
            let churned = judged.churned[row];
            let (own, other, below) = if churned {
                (&outcomes.churned, &outcomes.stayed, &below_stayed)
            } else {
                (&outcomes.stayed, &outcomes.churned, &below_churned)
            };
            let (under, not_above) = other.place(scores[row]);
            let share = 0.5 * (below[under] + below[not_above]) / other.total;
            let share = if churned { share } else { 1.0 - share };
            judged.weight(row) / own.total * (share - value) * scale[usize::from(churned)]
        };
        Ok(Self { value, parts: (0..scores.len()).map(part).collect() })
    }

    /// Of the mean logarithmic loss: `w (loss - mean) / (sum of w) sqrt(n / (n - 1))`. A single row has none.
    pub(crate) fn of_log_loss(probabilities: &[f64], judged: Judged<'_>) -> Self {
        let loss = |row: usize| {
            surprise(if judged.churned[row] { probabilities[row] } else { 1.0 - probabilities[row] })
        };
        let rows = || 0..probabilities.len();
        let whole: f64 = rows().map(|row| judged.weight(row)).sum();
        let value = rows().map(|row| judged.weight(row) * loss(row)).sum::<f64>() / whole;
        let count = judged.rows(|_| true);
        let scale = if count > 1.0 { (count / (count - 1.0)).sqrt() } else { 0.0 };
        let part = |row: usize| judged.weight(row) / whole * (loss(row) - value) * scale;
        Self { value, parts: rows().map(part).collect() }
    }
}

impl Auc {
    /// As [`of`](Self::of), where rows of one customer, as of several snapshots, are not independent: the standard
    /// error is that of customers (Obuchowski 1997).
    ///
    /// # Errors
    /// As [`of`](Self::of), if there is not a customer a row, and unless more than one customer has a row that churned,
    /// and more than one a row that stayed.
    ///
    /// # Example
    /// ```
    /// use patronage::{churn::Auc, domain::CustomerId};
    ///
    /// // Everybody twice is known no better than everybody once.
    /// let people = ["anna", "ben", "cleo", "dora"].map(CustomerId::from);
    /// let (scores, churned) = ([0.2, 0.6, 0.5, 0.9], [false, false, true, true]);
    /// let (twice, both) = ([scores, scores].concat(), [churned, churned].concat());
    /// let rows = Auc::of(&twice, &both)?;
    /// let customers = Auc::of_customers(&twice, &both, &[people.clone(), people].concat())?;
    /// assert_eq!(customers.value(), 0.75);
    /// assert!(customers.std_error() > rows.std_error());
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn of_customers(scores: &[f64], churned: &[bool], customers: &[CustomerId]) -> Result<Self, Error> {
        if customers.len() != scores.len() {
            let (expected, found) = (scores.len(), customers.len());
            return Err(ErrorKind::Length { what: "customers", expected, found }.into());
        }
        let (judged, customers) = (Judged { churned, weights: None }, numbers(customers.iter()));
        let influence = Influence::of_auc(scores, judged)?;
        judged.require_customers(&customers)?;
        Ok(influence.area(&customers))
    }
}

impl Influence {
    /// The measure as an area, with the standard error of customers: rows with the same number, below that of the rows,
    /// are of one.
    pub(crate) fn area(&self, customers: &[u32]) -> Auc {
        let Difference { value, std_error } =
            Difference::of(self.value, self.parts.iter().copied(), customers);
        Auc { value, std_error: Some(std_error) }
    }
}

/// For each customer a number, those of one customer the same.
pub(crate) fn numbers<'a>(customers: impl Iterator<Item = &'a CustomerId>) -> Vec<u32> {
    let mut known: BTreeMap<&CustomerId, u32> = BTreeMap::new();
    customers
        .map(|customer| {
            let next = known.len() as u32;
            *known.entry(customer).or_insert(next)
        })
        .collect()
}

impl Difference {
    /// How much greater the area under the ROC curve is by the first scores than by the second, of the same
    /// customers.
    ///
    /// # Formula
    /// As of [`Auc`](super::Auc), with the difference of both scores' `V` in place of `V`: this is the paired test of
    /// DeLong, DeLong & Clarke-Pearson (1988).
    ///
    /// # Errors
    /// As [`Auc::of`](super::Auc::of) for either, and unless more than one churned and more than one stayed.
    pub fn of_auc(first: &[f64], second: &[f64], churned: &[bool]) -> Result<Self, Error> {
        let judged = Judged { churned, weights: None };
        let (first, second) = (Influence::of_auc(first, judged)?, Influence::of_auc(second, judged)?);
        let own: Vec<u32> = (0..churned.len() as u32).collect();
        Ok(Self::between(&first, &second, &own))
    }

    /// How much greater the first is, where rows with the same number, below that of the rows, are of one customer and
    /// not independent (as Obuchowski 1997).
    pub(crate) fn between(first: &Influence, second: &Influence, customers: &[u32]) -> Self {
        let parts = first.parts.iter().zip(&second.parts).map(|(one, other)| one - other);
        Self::of(first.value - second.value, parts, customers)
    }

    /// A value and each row's part in how far it may be off, those of a customer together.
    fn of(value: f64, parts: impl Iterator<Item = f64>, customers: &[u32]) -> Self {
        let mut sums = vec![0.0; customers.len()];
        for (customer, part) in customers.iter().zip(parts) {
            sums[*customer as usize] += part;
        }
        let variance: f64 = sums.iter().map(|sum| sum * sum).sum();
        Self { value, std_error: variance.sqrt() }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    const CHURNED: [bool; 6] = [true, false, true, false, false, true];

    #[test]
    fn a_mean_has_the_standard_error_of_a_mean() {
        let (one, other) = ([0.9, 0.2, 0.4, 0.3, 0.6, 0.7], [0.5; 6]);
        let judged = Judged { churned: &CHURNED, weights: None };
        let own = [0, 1, 2, 3, 4, 5];
        let of = |said: &[f64]| Influence::of_log_loss(said, judged);
        let found = Difference::between(&of(&one), &of(&other), &own);
        let losses: Vec<f64> = one
            .iter()
            .zip(CHURNED)
            .map(|(said, churned)| -(if churned { *said } else { 1.0 - said }).ln() + 0.5_f64.ln())
            .collect();
        let mean = losses.iter().sum::<f64>() / 6.0;
        let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / 5.0;
        assert!((found.value - mean).abs() < 1e-15);
        assert!((found.std_error - (variance / 6.0).sqrt()).abs() < 1e-15);
    }

    /// Everybody twice is known no better than everybody once.
    #[test]
    fn rows_of_one_customer_are_no_news() {
        let said = [0.9, 0.2, 0.4, 0.3, 0.6, 0.7];
        let other = [0.8, 0.4, 0.5, 0.1, 0.7, 0.2];
        let once = Judged { churned: &CHURNED, weights: None };
        let churned = [CHURNED, CHURNED].concat();
        let twice = Judged { churned: &churned, weights: None };
        let double = |said: [f64; 6]| [said, said].concat();
        let of_once = |said: &[f64]| Influence::of_auc(said, once).unwrap();
        let of_twice = |said: [f64; 6]| Influence::of_auc(&double(said), twice).unwrap();
        let known = Difference::between(&of_once(&said), &of_once(&other), &[0, 1, 2, 3, 4, 5]);
        let customers = [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5];
        let found = Difference::between(&of_twice(said), &of_twice(other), &customers);
        assert!((found.value - known.value).abs() < 1e-15);
        // Samples of 6 in place of 3 of each kind: n / (n - 1) is 6/5 in place of 3/2.
        assert!((found.std_error / known.std_error - (1.2_f64 / 1.5).sqrt()).abs() < 1e-14);
        assert!(Influence::of_auc(&said[..2], Judged { churned: &CHURNED[..2], weights: None }).is_err());
    }

    #[test]
    fn an_area_is_as_sure_as_its_customers() {
        let said = [0.9, 0.2, 0.4, 0.3, 0.6, 0.7];
        let people: Vec<CustomerId> = (0..6_u32).map(CustomerId::from).collect();
        let (by_rows, single) =
            (Auc::of(&said, &CHURNED).unwrap(), Auc::of_customers(&said, &CHURNED, &people).unwrap());
        assert_eq!(single.value(), by_rows.value());
        assert!((single.std_error().unwrap() - by_rows.std_error().unwrap()).abs() < 1e-15);
        // Samples of 6 in place of 3 of each kind, as above.
        let (twice, churned) = ([said, said].concat(), [CHURNED, CHURNED].concat());
        let double = Auc::of_customers(&twice, &churned, &[people.clone(), people].concat()).unwrap();
        let ratio = double.std_error().unwrap() / by_rows.std_error().unwrap();
        assert!((ratio - (1.2_f64 / 1.5).sqrt()).abs() < 1e-14);
        assert!(Auc::of_customers(&said, &CHURNED, &[]).is_err());
    }
}
