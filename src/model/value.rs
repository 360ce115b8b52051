//! What customers are worth: what is still to come, and what they brought already.

use super::{Assignment, Readiness, Terms};
use crate::{
    domain::{Currency, CustomerId, Customers, Day, Money, People},
    error::{Error, ErrorKind},
    summary::Summaries,
};

/// What each customer will be worth: a model of purchases and one of spend under stated terms, or a rule.
pub trait LifetimeValue: Send + Sync {
    /// Values customers as of the end of the observation, a row each.
    ///
    /// # Errors
    /// If the terms cannot be met, currencies differ, or a value does not fit.
    fn value(&self, people: &Summaries) -> Result<Values, Error>;
}

/// What each customer is worth as of a day, under stated [`Terms`]: a row a customer.
///
/// The value to come is an expectation; its interval, where there is one, says how well the models know
/// that expectation, not how far a single customer may be from it. What was realised already is the net
/// total so far at the same margin.
///
/// # Example
/// A host's own rule: whoever bought in the last year does so once more, for 20 euros.
/// ```
/// use patronage::{
///     domain::{Columns, Currency, Day, Horizon, Ledger, Money, Policies, Rate},
///     model::{Margin, Terms, Values},
///     summary::Observation,
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day.plus(-500), day.plus(-30), day.plus(-3)];
/// let columns = Columns::new(&["ann", "bea", "bea"][..], &days, &[6000, 1500, 2500]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// let people = Observation::until(day).summarise(&ledger)?;
///
/// let terms =
///     Terms { horizon: Horizon::days(365), discount: Rate::yearly(0.10)?, margin: Margin::ALL };
/// let to_come = people.iter().map(|one| if one.idle().days() < 365 { 2000 } else { 0 });
/// let values = Values::new(&people, terms, to_come.collect())?;
///
/// let bea = values.of(&"bea".into())?;
/// assert_eq!(bea.to_come, Money::of_minor(2000, Currency::EUR));
/// assert_eq!(bea.share_realised(), Some(4000.0 / 6000.0));
/// assert!(values.of(&"ann".into())?.bought_once);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked"))]
pub struct Values {
    as_of: Day,
    currency: Currency,
    terms: Terms,
    readiness: Readiness,
    customers: Customers,
    to_come: Vec<i64>,
    realised: Vec<i64>,
    bought_once: Vec<bool>,
    interval: Option<Interval>,
    naive: Option<Vec<i64>>,
}

/// A low and a high value for each customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Interval {
    coverage: f64,
    low: Vec<i64>,
    high: Vec<i64>,
}

/// One customer's row of [`Values`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    /// What is expected within the horizon, discounted, at the margin.
    pub to_come: Money,
    /// The lower and the upper end of the interval of what is to come, where there is one.
    pub interval: Option<(Money, Money)>,
    /// The net total so far, at the margin; below zero for who got more back than was bought.
    pub realised: Money,
    /// What the naive rule would say, where it was reckoned.
    pub naive: Option<Money>,
    /// The customer bought once: nothing is known of how they buy, and what is expected of them is what is
    /// expected of such customers on the whole.
    pub bought_once: bool,
}

impl Value {
    /// The share of the lifetime's value that came already, from 0 to 1; an amount below zero counts as
    /// zero. `None` if there is nothing on either side.
    pub fn share_realised(&self) -> Option<f64> {
        let [realised, to_come] = [self.realised, self.to_come].map(|money| money.minor().max(0) as f64);
        let whole = realised + to_come;
        (whole > 0.0).then(|| realised / whole)
    }
}

impl Values {
    /// Values that a host has reckoned: `to_come` in minor units, a row for each customer of `people`.
    ///
    /// # Errors
    /// If there are not as many values as customers.
    pub fn new(people: &Summaries, terms: Terms, to_come: Vec<i64>) -> Result<Self, Error> {
        let Terms { margin, .. } = terms;
        let values = Self {
            as_of: people.as_of(),
            currency: people.currency(),
            terms,
            readiness: Readiness::Ready,
            customers: people.customers().clone(),
            to_come,
            realised: people.totals().iter().map(|&total| margin.of(total)).collect(),
            bought_once: people.purchases().iter().map(|&purchases| purchases == 1).collect(),
            interval: None,
            naive: None,
        };
        values.check()?;
        Ok(values)
    }

    /// Sets the value that a naive rule gives beside each, in minor units, at the same horizon and margin.
    ///
    /// # Errors
    /// If there are not as many as customers.
    pub fn beside(self, naive: Vec<i64>) -> Result<Self, Error> {
        let values = Self { naive: Some(naive), ..self };
        values.check()?;
        Ok(values)
    }

    /// States an interval: the ends in minor units, a row for each customer, and in which share of cases it
    /// holds what is expected of the customer.
    ///
    /// # Errors
    /// If there are not as many ends as customers, an upper end is below its lower one, or `coverage` is not
    /// between 0 and 1.
    pub fn interval(self, coverage: f64, low: Vec<i64>, high: Vec<i64>) -> Result<Self, Error> {
        let values = Self { interval: Some(Interval { coverage, low, high }), ..self };
        values.check()?;
        Ok(values)
    }

    /// States how far the values are to be trusted.
    #[must_use]
    pub fn graded(self, readiness: Readiness) -> Self {
        Self { readiness, ..self }
    }

    fn check(&self) -> Result<(), Error> {
        let length = |what, found| {
            let expected = self.customers.len();
            if found == expected { Ok(()) } else { Err(ErrorKind::Length { what, expected, found }) }
        };
        length("values to come", self.to_come.len())?;
        length("values realised", self.realised.len())?;
        length("flags of one-time buyers", self.bought_once.len())?;
        self.naive.as_ref().map_or(Ok(()), |naive| length("naive values", naive.len()))?;
        let Some(Interval { coverage, low, high }) = &self.interval else {
            return Ok(());
        };
        length("lower ends", low.len())?;
        length("upper ends", high.len())?;
        check_coverage(*coverage)?;
        match (0..).zip(low.iter().zip(high)).find(|(_, (low, high))| low > high) {
            Some((row, (_, high))) => {
                Err(Error::parameter("upper end", high, "is below its lower end").at_row(row))
            }
            None => Ok(()),
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

    /// The day as of which all this holds: what comes later is to come.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of all values.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Horizon, discount and margin.
    pub fn terms(&self) -> Terms {
        self.terms
    }

    /// How far the values are to be trusted; not ready where the horizon is longer than the history and
    /// nobody asked for it.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// What is expected within the horizon, in minor units.
    pub fn to_come(&self) -> &[i64] {
        &self.to_come
    }

    /// The net totals so far at the margin, in minor units.
    pub fn realised(&self) -> &[i64] {
        &self.realised
    }

    /// Who bought once: nothing is known of how they buy.
    pub fn bought_once(&self) -> &[bool] {
        &self.bought_once
    }

    /// In which share of cases the intervals hold what is expected of a customer, where there are intervals.
    pub fn coverage(&self) -> Option<f64> {
        self.interval.as_ref().map(|interval| interval.coverage)
    }

    /// The lower ends of the intervals, in minor units.
    pub fn low(&self) -> Option<&[i64]> {
        self.interval.as_ref().map(|interval| &*interval.low)
    }

    /// The upper ends of the intervals, in minor units.
    pub fn high(&self) -> Option<&[i64]> {
        self.interval.as_ref().map(|interval| &*interval.high)
    }

    /// What a naive rule gives for the same customers, in minor units, where it was reckoned.
    pub fn naive(&self) -> Option<&[i64]> {
        self.naive.as_deref()
    }

    /// A row by its number, or `None` past the end.
    pub fn get(&self, row: usize) -> Option<Value> {
        let money = |minor| Money::of_minor(minor, self.currency);
        let interval = self.interval.as_ref();
        Some(Value {
            to_come: money(*self.to_come.get(row)?),
            interval: interval.map(|interval| (money(interval.low[row]), money(interval.high[row]))),
            realised: money(self.realised[row]),
            naive: self.naive.as_ref().map(|naive| money(naive[row])),
            bought_once: self.bought_once[row],
        })
    }

    /// The row of a customer.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`] if the customer is not here.
    pub fn of(&self, id: &CustomerId) -> Result<Value, Error> {
        let unknown = || ErrorKind::UnknownCustomer { id: id.to_string() }.into();
        self.get(self.customers.require(id)?).ok_or_else(unknown)
    }

    /// All rows, in the order of [`customers`](Self::customers).
    pub fn iter(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// What is expected of all customers together.
    ///
    /// # Errors
    /// [`ErrorKind::Overflow`] if the sum does not fit.
    pub fn total(&self) -> Result<Money, Error> {
        self.sum(self.to_come.iter().copied())
    }

    /// What is expected of the customers of each segment, in the order of the segments.
    ///
    /// # Errors
    /// [`ErrorKind::Misaligned`] if the assignment is of other customers, [`ErrorKind::Overflow`] if a sum
    /// does not fit.
    pub fn totals_by(&self, groups: &Assignment) -> Result<Vec<Money>, Error> {
        if groups.customers() != &self.customers {
            return Err(ErrorKind::Misaligned { what: "the assignment", other: "the values" }.into());
        }
        let of = |segment| {
            let rows = self.to_come.iter().zip(groups.index());
            self.sum(
                rows.filter(move |&(_, &number)| usize::from(number) == segment).map(|(&minor, _)| minor),
            )
        };
        (0..groups.segments().len()).map(of).collect()
    }

    fn sum(&self, minor: impl Iterator<Item = i64>) -> Result<Money, Error> {
        let sum: i128 = minor.map(i128::from).sum();
        let sum = i64::try_from(sum).map_err(|_| ErrorKind::Overflow { what: "sum of values" })?;
        Ok(Money::of_minor(sum, self.currency))
    }
}

/// # Errors
/// Unless the share is between 0 and 1.
pub(crate) fn check_coverage(coverage: f64) -> Result<(), Error> {
    if coverage > 0.0 && coverage < 1.0 {
        return Ok(());
    }
    Err(Error::parameter("coverage", coverage, "must be between 0 and 1"))
}

impl People for Values {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        self.to_come.remove(row);
        self.realised.remove(row);
        self.bought_once.remove(row);
        if let Some(interval) = &mut self.interval {
            interval.low.remove(row);
            interval.high.remove(row);
        }
        if let Some(naive) = &mut self.naive {
            naive.remove(row);
        }
        true
    }
}

/// Values before they are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    as_of: Day,
    currency: Currency,
    terms: Terms,
    readiness: Readiness,
    customers: Customers,
    to_come: Vec<i64>,
    realised: Vec<i64>,
    bought_once: Vec<bool>,
    interval: Option<Interval>,
    naive: Option<Vec<i64>>,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Values {
    type Error = Error;

    fn try_from(read: Unchecked) -> Result<Self, Error> {
        let values = Self {
            as_of: read.as_of,
            currency: read.currency,
            terms: read.terms,
            readiness: read.readiness,
            customers: read.customers,
            to_come: read.to_come,
            realised: read.realised,
            bought_once: read.bought_once,
            interval: read.interval,
            naive: read.naive,
        };
        values.check()?;
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Columns, Horizon, Ledger, Policies, Rate},
        model::{Margin, Segment, ValueTiers},
        summary::Observation,
    };

    /// Three customers; the second bought twice.
    fn people() -> Summaries {
        let days = [0, 0, 9, 3].map(|day| Day::MIN.plus(day));
        let columns = Columns::new(&[1_u64, 2, 2, 3][..], &days, &[105, 4000, 6000, 0]);
        let ledger = Ledger::from_columns(Currency::USD, &columns, Policies::default()).unwrap();
        Observation::until(Day::MIN.plus(30)).summarise(&ledger).unwrap()
    }

    fn terms(margin: Margin) -> Terms {
        Terms { horizon: Horizon::days(365), discount: Rate::yearly(0.1).unwrap(), margin }
    }

    fn values() -> Values {
        let half = Margin::share(0.5).unwrap();
        let values = Values::new(&people(), terms(half), vec![100, 5000, -7]).unwrap();
        let values = values.interval(0.9, vec![50, 4000, -7], vec![150, 6000, -7]).unwrap();
        values.beside(vec![80, 7000, 0]).unwrap()
    }

    #[test]
    fn what_was_realised_is_at_the_same_margin() {
        let one = values().of(&1_u64.into()).unwrap();
        // Half of 1.05 is 0.525: half a cent goes away from zero.
        assert_eq!((one.realised.minor(), one.bought_once), (53, true));
        assert_eq!(one.share_realised(), Some(53.0 / 153.0));
        assert_eq!(values().of(&2_u64.into()).unwrap().interval.unwrap().1.minor(), 6000);
        assert_eq!(values().get(2).unwrap().share_realised(), None);
        assert_eq!(values().get(3), None);
    }

    #[test]
    fn sums_are_exact_and_by_segment() {
        assert_eq!(values().total().unwrap().minor(), 5093);
        let tiers = ValueTiers::cumulative(&[0.8]).assign_values(&values()).unwrap();
        assert_eq!(tiers.index(), [1, 0, 1]);
        assert_eq!(tiers.segments()[1].rule, "value to come below 50.00 USD: the rest of the value to come");
        let sums = values().totals_by(&tiers).unwrap();
        assert_eq!(sums.iter().map(|sum| sum.minor()).collect::<Vec<_>>(), [5000, 93]);
        let all = Segment { name: "all".to_owned(), rule: String::new() };
        let others = [7_u64, 8, 9].map(CustomerId::from).into_iter().collect();
        let others = Assignment::new(others, vec![all], vec![0; 3]).unwrap();
        assert!(values().totals_by(&others).is_err());
        let huge = Values::new(&people(), terms(Margin::ALL), vec![i64::MAX; 3]).unwrap();
        assert!(huge.total().is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = [
            Values::new(&people(), terms(Margin::ALL), vec![1, 2]),
            values().interval(0.9, vec![0; 2], vec![0; 3]),
            values().interval(1.0, vec![0; 3], vec![0; 3]),
            values().interval(0.9, vec![0, 1, 0], vec![0; 3]),
            values().beside(vec![0; 4]),
        ];
        assert!(refused.iter().all(Result::is_err));
        assert_eq!(refused[3].as_ref().unwrap_err().row(), Some(1));
    }

    #[test]
    fn a_customer_can_be_forgotten() {
        let mut values = values();
        assert!(values.forget(&2_u64.into()) && !values.forget(&2_u64.into()));
        assert!(!values.holds(&2_u64.into()));
        assert_eq!((values.to_come(), values.low()), (&[100, -7][..], Some(&[50, -7][..])));
        assert_eq!(values.naive(), Some(&[80, 0][..]));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn what_is_saved_is_checked_when_read() {
        let saved = serde_json::to_string(&values()).unwrap();
        assert_eq!(serde_json::from_str::<Values>(&saved).unwrap(), values());
        for (whole, broken) in [
            (r#""to_come":[100,"#, r#""to_come":[0,100,"#),
            (r#""coverage":0.9"#, r#""coverage":9"#),
            (r#""margin":"0.5""#, r#""margin":"1.5""#),
        ] {
            let file = saved.replacen(whole, broken, 1);
            assert!(file != saved && serde_json::from_str::<Values>(&file).is_err(), "{broken}");
        }
    }
}
