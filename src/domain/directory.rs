//! All customers that a host describes, and the accounts to which they belong.

use super::{AccountId, Accounts, Customer, CustomerId, People};
use crate::Error;

/// Customers in the order of their ids, with the accounts to which they belong.
///
/// # Example
/// ```
/// use patronage::domain::{Account, Accounts, Customer, CustomerDirectory};
///
/// let accounts = Accounts::new([Account::new("group"), Account::new("cafe").part_of("group")])?;
/// let people = [Customer::new("anna").with_account("cafe"), Customer::new("ben")];
/// let directory = CustomerDirectory::new(people, accounts)?;
/// let members: Vec<_> = directory.members(&"group".into()).map(Customer::id).collect();
/// assert_eq!(members, [&"anna".into()]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved", into = "Saved"))]
pub struct CustomerDirectory {
    customers: Vec<Customer>,
    accounts: Accounts,
}

impl CustomerDirectory {
    /// Takes customers in any order.
    ///
    /// # Errors
    /// If two have one id, or one belongs to an account that is not among the accounts.
    pub fn new(customers: impl IntoIterator<Item = Customer>, accounts: Accounts) -> Result<Self, Error> {
        let mut customers: Vec<Customer> = customers.into_iter().collect();
        customers.sort_unstable_by(|a, b| a.id().cmp(b.id()));
        if let Some(twice) = customers.windows(2).find(|pair| pair[0].id() == pair[1].id()) {
            return Err(Error::parameter("customer", twice[0].id(), "is there twice"));
        }
        for account in customers.iter().filter_map(Customer::account) {
            accounts.require(account)?;
        }
        Ok(Self { customers, accounts })
    }

    /// Adds a customer, and gives back the one of the same id whose place it takes, if there is one.
    ///
    /// # Errors
    /// If the customer belongs to an account that is not among the accounts.
    pub fn insert(&mut self, customer: Customer) -> Result<Option<Customer>, Error> {
        if let Some(account) = customer.account() {
            self.accounts.require(account)?;
        }
        Ok(match self.place(customer.id()) {
            Ok(place) => Some(std::mem::replace(&mut self.customers[place], customer)),
            Err(place) => {
                self.customers.insert(place, customer);
                None
            }
        })
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// One customer.
    pub fn get(&self, id: &CustomerId) -> Option<&Customer> {
        self.place(id).ok().map(|place| &self.customers[place])
    }

    /// All customers, in the order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Customer> {
        self.customers.iter()
    }

    /// The accounts.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The customers who belong to an account or to a part of it at any depth, in the order of their ids.
    pub fn members(&self, account: &AccountId) -> impl Iterator<Item = &Customer> {
        self.customers.iter().filter(move |customer| {
            let own = customer.account();
            own.is_some_and(|own| self.accounts.within(own, account))
        })
    }

    /// The directory without what third parties said.
    #[must_use]
    pub fn without_third_party(self) -> Self {
        self.map(Customer::without_third_party)
    }

    /// The directory without attributes that can reveal a protected trait.
    #[must_use]
    pub fn without_special(self) -> Self {
        self.map(Customer::without_special)
    }

    fn map(self, each: impl Fn(Customer) -> Customer) -> Self {
        Self { customers: self.customers.into_iter().map(each).collect(), ..self }
    }

    fn place(&self, id: &CustomerId) -> Result<usize, usize> {
        self.customers.binary_search_by(|customer| customer.id().cmp(id))
    }
}

/// A customer is also held where another one names them as the referrer.
impl People for CustomerDirectory {
    fn holds(&self, id: &CustomerId) -> bool {
        self.place(id).is_ok() || self.customers.iter().any(|customer| customer.is_referred_by(id))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let own = self.place(id).ok().map(|place| self.customers.remove(place));
        let mut held = own.is_some();
        for customer in &mut self.customers {
            if customer.is_referred_by(id) {
                customer.forget_referrer();
                held = true;
            }
        }
        held
    }
}

/// The form in which a directory is saved, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    customers: Vec<Customer>,
    accounts: Accounts,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for CustomerDirectory {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        Self::new(saved.customers, saved.accounts)
    }
}

#[cfg(feature = "serde")]
impl From<CustomerDirectory> for Saved {
    fn from(directory: CustomerDirectory) -> Self {
        Self { customers: directory.customers, accounts: directory.accounts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, AcquisitionChannel, AcquisitionSource};

    fn by_anna(id: &str) -> Customer {
        let source = AcquisitionSource::new(AcquisitionChannel::Referral).referrer("anna".into());
        Customer::new(id).with_source(source)
    }

    #[test]
    fn the_forgotten_are_forgotten_as_referrers_too() {
        let people = [by_anna("ben"), Customer::new("anna"), Customer::new(7_u64)];
        let mut directory = CustomerDirectory::new(people, Accounts::default()).unwrap();
        assert!(directory.holds(&"anna".into()));
        assert!(directory.forget(&"anna".into()));
        assert!(!directory.holds(&"anna".into()) && !directory.forget(&"anna".into()));
        assert_eq!(directory.get(&"ben".into()).unwrap().source().unwrap().referred_by(), None);
        assert_eq!(directory.len(), 2);
    }

    #[test]
    fn twins_and_unknown_accounts_are_refused() {
        let twins = [Customer::new("42"), Customer::new(42_u64)];
        let error = CustomerDirectory::new(twins, Accounts::default()).unwrap_err();
        assert_eq!(error.to_string(), "customer: `42` is there twice");
        let stray = Customer::new("anna").with_account("nowhere");
        assert!(CustomerDirectory::new([stray.clone()], Accounts::default()).is_err());
        assert!(CustomerDirectory::default().insert(stray).is_err());
    }

    #[test]
    fn one_by_one_equals_all_at_once() {
        let accounts = || Accounts::new([Account::new(1)]).unwrap();
        let people = || ["b", "10", "9"].map(|id| Customer::new(id).with_account(1));
        let mut grown = CustomerDirectory::new([], accounts()).unwrap();
        for customer in people() {
            assert_eq!(grown.insert(customer).unwrap(), None);
        }
        assert_eq!(grown, CustomerDirectory::new(people(), accounts()).unwrap());
        assert_eq!(grown.insert(Customer::new("b")).unwrap(), Some(people()[0].clone()));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_saved_directory_is_checked_again() {
        let accounts = Accounts::new([Account::new("cafe")]).unwrap();
        let directory = CustomerDirectory::new([by_anna("ben").with_account("cafe")], accounts).unwrap();
        let json = serde_json::to_string(&directory).unwrap();
        assert_eq!(serde_json::from_str::<CustomerDirectory>(&json).unwrap(), directory);
        let stray = json.replacen("\"cafe\"", "\"bar\"", 1);
        assert!(serde_json::from_str::<CustomerDirectory>(&stray).is_err());
    }
}
