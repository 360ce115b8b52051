//! The answer: three scores for every customer.

use std::{borrow::Cow, ops::Range};

use super::{
    cell::Cell,
    composite::Weights,
    cut::tally,
    cuts::{Cuts, shares},
    dimension::{Amount, Amounts, Columns, Dimension},
};
use crate::{
    domain::{CustomerId, Customers, Day, People},
    error::Error,
    math::parallel::{BLOCK, column},
    summary::Summaries,
};

/// The scores of customers, with the values they were given for and the cuts they were given by.
///
/// Rows are in the order of [`customers`](Self::customers). The highest score is best on all three
/// dimensions, for recency too.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked"))]
pub struct Scores {
    cuts: Cuts,
    as_of: Day,
    customers: Customers,
    columns: [Vec<u8>; 3],
    idle_days: Vec<i32>,
    frequencies: Vec<u32>,
    amounts: Amounts<'static>,
}

impl Scores {
    pub(super) fn new(cuts: Cuts, people: &Summaries, columns: [Vec<u8>; 3], values: Columns<'_>) -> Self {
        Self {
            cuts,
            as_of: people.as_of(),
            customers: people.customers().clone(),
            columns,
            idle_days: column(values.len(), BLOCK, |rows, days| {
                days.iter_mut().zip(values.block(rows).idle_days()).for_each(|(to, days)| *to = days);
            }),
            frequencies: owned(values.frequency),
            amounts: match values.monetary {
                Amounts::Whole(column) => Amounts::Whole(Cow::Owned(owned(column))),
                Amounts::Mean(column) => Amounts::Mean(Cow::Owned(owned(column))),
            },
        }
    }

    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no customers.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// The day as of which the customers were scored.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The cuts they were scored by.
    pub fn cuts(&self) -> &Cuts {
        &self.cuts
    }

    /// The number of levels, and so the best score.
    pub fn levels(&self) -> u8 {
        self.cuts.levels()
    }

    /// The scores of one dimension, each from 1 to [`levels`](Self::levels).
    pub fn column(&self, dimension: Dimension) -> &[u8] {
        &self.columns[dimension as usize]
    }

    /// The three scores in a row, or `None` past the end.
    pub fn get(&self, row: usize) -> Option<Cell> {
        let [r, f, m] = &self.columns;
        Some(Cell::of(*r.get(row)?, *f.get(row)?, *m.get(row)?))
    }

    /// The three scores of a customer.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`](crate::ErrorKind::UnknownCustomer) if the customer is not here.
    pub fn of(&self, id: &CustomerId) -> Result<Cell, Error> {
        let row = self.customers.require(id)?;
        let [r, f, m] = &self.columns;
        Ok(Cell::of(r[row], f[row], m[row]))
    }

    /// The three scores of every customer.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell> + Clone {
        self.cells_of(0..self.len())
    }

    /// The same for some rows.
    pub(super) fn cells_of(&self, rows: Range<usize>) -> impl ExactSizeIterator<Item = Cell> + Clone {
        let [r, f, m] = self.columns.each_ref().map(|column| column[rows.clone()].iter());
        r.zip(f).zip(m).map(|((&r, &f), &m)| Cell::of(r, f, m))
    }

    /// Days since the last purchase: the value behind R.
    pub fn idle_days(&self) -> &[i32] {
        &self.idle_days
    }

    /// Counts of what [`Frequency`](super::Frequency) says: the value behind F.
    pub fn frequencies(&self) -> &[u32] {
        &self.frequencies
    }

    /// The value behind M in a row, or `None` past the end.
    pub fn amount(&self, row: usize) -> Option<Amount> {
        self.amounts.get(row, self.cuts.currency())
    }

    /// How many customers have score 1, 2, and so on in a dimension.
    pub fn counts(&self, dimension: Dimension) -> Vec<u64> {
        tally(self.column(dimension), self.levels())
    }

    /// The same as shares of 1; all 0 if there are no customers.
    pub fn shares(&self, dimension: Dimension) -> Vec<f64> {
        shares(&self.counts(dimension))
    }

    /// How many levels of a dimension hold a customer.
    pub fn effective_levels(&self, dimension: Dimension) -> usize {
        self.counts(dimension).iter().filter(|&&count| count > 0).count()
    }

    /// The weighted mean of each customer's three scores: from 1 to [`levels`](Self::levels), a row a
    /// customer. See [`Weights`] for the formula.
    pub fn composite(&self, weights: Weights) -> Vec<f64> {
        self.cells().map(|cell| weights.composite(cell)).collect()
    }
}

/// A copy, made by all threads, unless the column is nobody else's.
fn owned<T: Copy + Default + Send + Sync>(values: Cow<'_, [T]>) -> Vec<T> {
    match values {
        Cow::Owned(values) => values,
        Cow::Borrowed(values) => column(values.len(), BLOCK, |rows, to| to.copy_from_slice(&values[rows])),
    }
}

impl People for Scores {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        for column in &mut self.columns {
            column.remove(row);
        }
        self.idle_days.remove(row);
        self.frequencies.remove(row);
        self.amounts.remove(row);
        true
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    cuts: Cuts,
    as_of: Day,
    customers: Customers,
    columns: [Vec<u8>; 3],
    idle_days: Vec<i32>,
    frequencies: Vec<u32>,
    amounts: Amounts<'static>,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Scores {
    type Error = Error;

    fn try_from(read: Unchecked) -> Result<Self, Error> {
        use crate::error::ErrorKind;

        let expected = read.customers.len();
        let [r, f, m] = read.columns.each_ref().map(Vec::len);
        for found in [r, f, m, read.idle_days.len(), read.frequencies.len(), read.amounts.len()] {
            if found != expected {
                return Err(ErrorKind::Length { what: "saved scores", expected, found }.into());
            }
        }
        let range = 1..=read.cuts.levels();
        if let Some(score) = read.columns.iter().flatten().find(|&score| !range.contains(score)) {
            return Err(Error::parameter("saved score", score, "is none of the levels"));
        }
        let longest = read.as_of.since(Day::MIN);
        if let Some(days) = read.idle_days.iter().find(|&days| !(0..=longest).contains(days)) {
            return Err(Error::parameter("saved idle days", days, "cannot have passed"));
        }
        if read.frequencies.contains(&0) {
            return Err(Error::parameter("saved frequency", 0, "must be at least 1"));
        }
        let measure = read.cuts.scheme().monetary_measure();
        if !read.amounts.is_of(measure) {
            return Err(Error::parameter("saved amounts", format!("{measure:?}"), "is not what they are"));
        }
        Ok(Self {
            cuts: read.cuts,
            as_of: read.as_of,
            customers: read.customers,
            columns: read.columns,
            idle_days: read.idle_days,
            frequencies: read.frequencies,
            amounts: read.amounts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::{Scheme, fixture::named};

    fn scores() -> Scores {
        let people = named(&[("anna", (3, 4, 9000)), ("ben", (40, 1, 500)), ("cleo", (10, 1, 700))]);
        Scheme::quantiles(3).fit(&people).unwrap().score(&people).unwrap()
    }

    #[test]
    fn a_customer_is_found_with_scores_and_values() {
        let scores = scores();
        assert_eq!(scores.of(&"anna".into()).unwrap().to_string(), "333");
        assert_eq!(scores.get(1).unwrap().to_string(), "111");
        assert_eq!(scores.get(3), None);
        assert_eq!((scores.idle_days()[2], scores.frequencies()[2]), (10, 1));
        assert_eq!(scores.amount(2).unwrap().to_string(), "7.00 USD");
        assert_eq!(scores.counts(Dimension::Frequency), [2, 0, 1]);
        assert_eq!(scores.effective_levels(Dimension::Frequency), 2);
        assert_eq!(scores.composite(Weights::new(1.0, 1.0, 2.0).unwrap()), [3.0, 1.0, 1.75]);
    }

    #[test]
    fn a_customer_can_be_forgotten() {
        let mut scores = scores();
        assert!(scores.forget(&"ben".into()) && !scores.forget(&"ben".into()));
        assert!(!scores.holds(&"ben".into()));
        assert_eq!((scores.len(), scores.cells().len()), (2, 2));
        assert_eq!(scores.amount(1).unwrap().to_string(), "7.00 USD");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn what_is_saved_is_checked_when_read() {
        let saved = serde_json::to_string(&scores()).unwrap();
        assert_eq!(serde_json::from_str::<Scores>(&saved).unwrap(), scores());
        for (whole, broken) in [("[3,1,2]", "[3,1,4]"), ("[3,1,2]", "[3,1]"), ("[3,40,10]", "[3,40]")] {
            let file = saved.replacen(whole, broken, 1);
            assert!(file != saved && serde_json::from_str::<Scores>(&file).is_err(), "{broken}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn values_that_nobody_can_have_are_refused() {
        use serde_json::json;

        let saved = serde_json::to_value(scores()).unwrap();
        for (column, values, says) in [
            ("idle_days", json!([3, i32::MIN, 10]), "saved idle days: `-2147483648` cannot have passed"),
            ("idle_days", json!([3, i32::MAX, 10]), "saved idle days: `2147483647` cannot have passed"),
            ("frequencies", json!([4, 1, 0]), "saved frequency: `0` must be at least 1"),
            (
                "amounts",
                json!({"Mean": ["1.5", "2.0", "3.0"]}),
                "saved amounts: `Total` is not what they are",
            ),
        ] {
            let mut file = saved.clone();
            file[column] = values;
            assert_eq!(serde_json::from_value::<Scores>(file).unwrap_err().to_string(), says);
        }
    }
}
