//! Whom to save first: the value at risk.

use super::judge::{Campaign, check_probabilities};
use crate::{
    domain::{Currency, CustomerId, Customers, Day, Money, People},
    error::{Error, ErrorKind},
    model::Values,
};

/// Customers ranked by what would be lost with them: their risk times their value to come.
///
/// # Formula
/// ```text
/// at risk = probability of churn × value to come
/// ```
/// rounded to the minor unit, half away from zero. The value to come is what it would be if the customer stayed: of a
/// model that reckons with churn itself it counts the risk twice.
///
/// Ties go to the greater probability, and then to the customer whose id comes first.
///
/// # Example
/// ```
/// use patronage::{
///     churn::SaveList,
///     domain::{Columns, Currency, Day, Horizon, Ledger, Money, Policies, Rate},
///     model::{Margin, Terms, Values},
///     summary::Observation,
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day; 3];
/// let columns = Columns::new(&["ann", "bea", "cleo"][..], &days, &[6000, 1500, 2500]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// let people = Observation::until(day).summarise(&ledger)?;
/// let terms = Terms { horizon: Horizon::days(365), discount: Rate::yearly(0.10)?, margin: Margin::ALL };
/// let values = Values::new(&people, terms, vec![10_000, 40_000, 30_000])?;
///
/// let list = SaveList::of(&values, &[0.9, 0.2, 0.5])?;
/// let first = list.get(0).unwrap();
/// assert_eq!(first.customer, "cleo".into());
/// assert_eq!(first.at_risk, Money::of_minor(15_000, Currency::EUR));
/// assert_eq!(list.total()?, Money::of_minor(32_000, Currency::EUR));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct SaveList {
    as_of: Day,
    currency: Currency,
    customers: Customers,
    /// Rows of the customers, from the most at risk down; the other columns are in this order.
    order: Vec<u32>,
    probabilities: Vec<f64>,
    values: Vec<i64>,
    at_risk: Vec<i64>,
}

/// A customer of a [`SaveList`].
#[derive(Clone, PartialEq, Debug)]
pub struct AtRisk {
    /// Who it is.
    pub customer: CustomerId,
    /// The probability of churn.
    pub probability: f64,
    /// The value to come.
    pub value: Money,
    /// The part of it that is at risk.
    pub at_risk: Money,
}

impl SaveList {
    /// Ranks customers: a probability of churn for each row of `values`.
    ///
    /// # Errors
    /// If there is not a probability a customer, or one is not between 0 and 1.
    pub fn of(values: &Values, probabilities: &[f64]) -> Result<Self, Error> {
        if probabilities.len() != values.len() {
            let (expected, found) = (values.len(), probabilities.len());
            return Err(ErrorKind::Length { what: "probabilities", expected, found }.into());
        }
        check_probabilities(probabilities)?;
        let to_come = values.to_come();
        // Of at most the value's size: a float beyond an `i64` becomes its end.
        let at_risk: Vec<i64> = probabilities
            .iter()
            .zip(to_come)
            .map(|(risk, &value)| (risk * value as f64).round() as i64)
            .collect();
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_unstable_by(|&one, &other| {
            let (a, b) = (one as usize, other as usize);
            let by_value = at_risk[b].cmp(&at_risk[a]);
            by_value.then_with(|| probabilities[b].total_cmp(&probabilities[a])).then(one.cmp(&other))
        });
        let rows = || order.iter().map(|&row| row as usize);
        Ok(Self {
            as_of: values.as_of(),
            currency: values.currency(),
            customers: values.customers().clone(),
            probabilities: rows().map(|row| probabilities[row]).collect(),
            values: rows().map(|row| to_come[row]).collect(),
            at_risk: rows().map(|row| at_risk[row]).collect(),
            order,
        })
    }

    /// The day as of which the values hold.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are no customers.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// A customer by the place in the ranking, from 0 for the most at risk, or `None` past the end.
    pub fn get(&self, place: usize) -> Option<AtRisk> {
        let money = |minor| Money::of_minor(minor, self.currency);
        Some(AtRisk {
            customer: self.customers.get(*self.order.get(place)? as usize)?,
            probability: *self.probabilities.get(place)?,
            value: money(*self.values.get(place)?),
            at_risk: money(*self.at_risk.get(place)?),
        })
    }

    /// All customers, from the most at risk down.
    pub fn iter(&self) -> impl Iterator<Item = AtRisk> + '_ {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// What is at risk of all customers together.
    ///
    /// # Errors
    /// [`ErrorKind::Overflow`] if the sum does not fit.
    pub fn total(&self) -> Result<Money, Error> {
        let sum: i128 = self.at_risk.iter().copied().map(i128::from).sum();
        let sum = i64::try_from(sum).map_err(|_| ErrorKind::Overflow { what: "sum of values at risk" })?;
        Ok(Money::of_minor(sum, self.currency))
    }

    /// The number of customers, from the top, of whom each is worth the offer: what it is expected to save of the
    /// value at risk is more than it costs. Each customer's own value counts, not that of the campaign.
    ///
    /// # Errors
    /// If the campaign is in another currency.
    pub fn worth_saving(&self, campaign: &Campaign) -> Result<usize, Error> {
        self.currency.require(campaign.cost().currency())?;
        let pays = |&at_risk: &i64| campaign.success() * at_risk as f64 > campaign.cost().minor() as f64;
        Ok(self.at_risk.partition_point(pays))
    }
}

impl People for SaveList {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        let row = row as u32;
        if let Some(place) = self.order.iter().position(|other| *other == row) {
            self.order.remove(place);
            self.probabilities.remove(place);
            self.values.remove(place);
            self.at_risk.remove(place);
        }
        for other in self.order.iter_mut().filter(|other| **other > row) {
            *other -= 1;
        }
        true
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::{
        domain::{Columns, Horizon, Ledger, Policies, Rate},
        model::{Margin, Terms},
        summary::Observation,
    };

    fn values(to_come: &[i64]) -> Values {
        let ids: Vec<u64> = (0..to_come.len() as u64).collect();
        let (days, amounts) = (vec![Day::MIN; ids.len()], vec![100; ids.len()]);
        let columns = Columns::new(&ids, &days, &amounts);
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        let people = Observation::until(Day::MIN).summarise(&ledger).unwrap();
        let discount = Rate::yearly(0.1).unwrap();
        let terms = Terms { horizon: Horizon::days(365), discount, margin: Margin::ALL };
        Values::new(&people, terms, to_come.to_vec()).unwrap()
    }

    fn ranked(list: &SaveList) -> Vec<u64> {
        list.iter().filter_map(|one| one.customer.as_integer()).collect()
    }

    #[test]
    fn ties_go_to_the_greater_risk_and_then_the_first() {
        let list = SaveList::of(&values(&[100, 50, 100, 9, 50]), &[0.5, 1.0, 0.5, 0.01, 1.0]).unwrap();
        assert_eq!(ranked(&list), [1, 4, 0, 2, 3]);
        let offer = |cost| {
            Campaign::new(Money::of_minor(cost, Currency::EUR), Money::of_minor(1, Currency::EUR), 0.5)
        };
        assert_eq!(list.worth_saving(&offer(24).unwrap()).unwrap(), 4);
        assert_eq!(list.worth_saving(&offer(25).unwrap()).unwrap(), 0);
        let dollars = |minor| Money::of_minor(minor, Currency::USD);
        assert!(list.worth_saving(&Campaign::new(dollars(1), dollars(1), 0.5).unwrap()).is_err());
    }

    #[test]
    fn a_customer_can_be_forgotten() {
        let mut list = SaveList::of(&values(&[100, 300, 200]), &[0.5; 3]).unwrap();
        assert!(list.forget(&1_u64.into()) && !list.forget(&1_u64.into()));
        assert!(!list.holds(&1_u64.into()));
        assert_eq!(ranked(&list), [2, 0]);
        assert_eq!(list.total().unwrap().minor(), 150);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(SaveList::of(&values(&[1, 2]), &[0.1]).is_err());
        assert_eq!(SaveList::of(&values(&[1, 2]), &[0.1, 1.5]).unwrap_err().row(), Some(1));
        let huge = SaveList::of(&values(&[i64::MAX, 1, i64::MIN]), &[1.0, 1.0, 0.0]).unwrap();
        assert!(huge.total().is_err());
    }
}
