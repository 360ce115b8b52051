//! Companies that customers belong to, and companies that those belong to.

use std::{collections::BTreeMap, fmt};

use super::{Currency, CustomerId, Label, Money};
use crate::{Error, error::ErrorKind};

/// The id by which a host knows an account: a whole number or a text, ordered as a [`CustomerId`] is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AccountId(CustomerId);

impl From<u64> for AccountId {
    fn from(id: u64) -> Self {
        Self(id.into())
    }
}

impl From<&str> for AccountId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<String> for AccountId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A company, perhaps a part of another one.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: Option<Label>,
    /// The account that it is a part of.
    pub parent: Option<AccountId>,
}

impl Account {
    /// An account without a name or a parent.
    pub fn new(id: impl Into<AccountId>) -> Self {
        Self { id: id.into(), name: None, parent: None }
    }

    /// Names it.
    #[must_use]
    pub fn named(self, name: Label) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Makes it a part of another account.
    #[must_use]
    pub fn part_of(self, parent: impl Into<AccountId>) -> Self {
        Self { parent: Some(parent.into()), ..self }
    }
}

/// Distinct accounts in the order of their ids. Every parent is among them, and nothing is a part of itself.
///
/// # Example
/// ```
/// use patronage::domain::{Account, Accounts, Currency, Money};
///
/// let accounts = Accounts::new([
///     Account::new("cafe north").part_of("cafes"),
///     Account::new("cafe south").part_of("cafes"),
///     Account::new("cafes"),
/// ])?;
/// let euros = |cents| Money::of_minor(cents, Currency::EUR);
/// let totals = accounts.roll_up([("cafe north".into(), euros(300)), ("cafe south".into(), euros(50))])?;
/// assert_eq!(totals[&"cafes".into()], euros(350));
///
/// assert!(Accounts::new([Account::new(1).part_of(2), Account::new(2).part_of(1)]).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<Account>", into = "Vec<Account>"))]
pub struct Accounts {
    rows: Vec<Account>,
    parents: Vec<Option<usize>>,
    /// Every row's number, each before its parent's.
    upwards: Vec<usize>,
}

impl Accounts {
    /// Takes accounts in any order.
    ///
    /// # Errors
    /// If two have one id, a parent is not among them, or parents form a cycle.
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Result<Self, Error> {
        let mut accounts: Vec<Account> = accounts.into_iter().collect();
        accounts.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        if let Some(twice) = accounts.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(Error::parameter("account", &twice[0].id, "is there twice"));
        }
        let parents = parents(&accounts)?;
        let upwards = upwards(&accounts, &parents)?;
        Ok(Self { rows: accounts, parents, upwards })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All accounts, in the order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Account> {
        self.rows.iter()
    }

    /// One account.
    pub fn get(&self, id: &AccountId) -> Option<&Account> {
        self.row(id).map(|row| &self.rows[row])
    }

    /// The account, its parent, its parent's parent, and so on to the top. Empty for an unknown id.
    pub fn lineage(&self, id: &AccountId) -> impl Iterator<Item = &Account> {
        std::iter::successors(self.row(id), |&row| self.parents[row]).map(|row| &self.rows[row])
    }

    /// Whether the first account is the second, or a part of it at any depth.
    pub fn within(&self, id: &AccountId, whole: &AccountId) -> bool {
        self.lineage(id).any(|account| account.id == *whole)
    }

    /// Adds up amounts from each account into all that it is a part of. Accounts without an amount of their
    /// own or below are left out. Takes time in proportion to accounts and amounts, however deep the tree.
    ///
    /// # Errors
    /// If an account is unknown, two currencies meet in one account, or a sum does not fit.
    pub fn roll_up(
        &self,
        amounts: impl IntoIterator<Item = (AccountId, Money)>,
    ) -> Result<BTreeMap<AccountId, Money>, Error> {
        let mut totals: Vec<Option<Wide>> = vec![None; self.len()];
        for (id, amount) in amounts {
            let row = self.require(&id)?;
            add(&mut totals[row], (amount.currency(), amount.minor().into()))?;
        }
        for &row in &self.upwards {
            if let (Some(parent), Some(total)) = (self.parents[row], totals[row]) {
                add(&mut totals[parent], total)?;
            }
        }
        let named = self.rows.iter().zip(totals);
        named
            .filter_map(|(account, total)| Some((account, total?)))
            .map(|(account, total)| Ok((account.id.clone(), narrow(total)?)))
            .collect()
    }

    pub(crate) fn require(&self, id: &AccountId) -> Result<usize, Error> {
        self.row(id).ok_or_else(|| Error::parameter("account", id, "is not among the accounts"))
    }

    fn row(&self, id: &AccountId) -> Option<usize> {
        row_of(&self.rows, id)
    }
}

/// Minor units in more room than any sum needs, so that no order of adding can overflow.
type Wide = (Currency, i128);

fn add(total: &mut Option<Wide>, (currency, minor): Wide) -> Result<(), Error> {
    let (before, sum) = total.get_or_insert((currency, 0));
    before.require(currency)?;
    *sum += minor;
    Ok(())
}

fn narrow((currency, minor): Wide) -> Result<Money, Error> {
    let what = "total of an account";
    let minor = i64::try_from(minor).map_err(|_| ErrorKind::Overflow { what })?;
    Ok(Money::of_minor(minor, currency))
}

fn row_of(accounts: &[Account], id: &AccountId) -> Option<usize> {
    accounts.binary_search_by(|account| account.id.cmp(id)).ok()
}

fn parents(accounts: &[Account]) -> Result<Vec<Option<usize>>, Error> {
    let row_of_parent = |account: &Account| {
        let Some(parent) = &account.parent else {
            return Ok(None);
        };
        let fault = || Error::parameter("parent account", parent, "is not among the accounts");
        row_of(accounts, parent).map(Some).ok_or_else(fault)
    };
    accounts.iter().map(row_of_parent).collect()
}

/// Takes away accounts without parts, again and again. What cannot be taken away is a cycle.
fn upwards(accounts: &[Account], parents: &[Option<usize>]) -> Result<Vec<usize>, Error> {
    let mut parts = vec![0_usize; accounts.len()];
    for &parent in parents.iter().flatten() {
        parts[parent] += 1;
    }
    let mut order: Vec<usize> = (0..accounts.len()).filter(|&row| parts[row] == 0).collect();
    let mut next = 0;
    while let Some(&row) = order.get(next) {
        next += 1;
        if let Some(parent) = parents[row] {
            parts[parent] -= 1;
            if parts[parent] == 0 {
                order.push(parent);
            }
        }
    }
    match parts.iter().position(|&parts| parts > 0) {
        Some(start) => Err(cycle(accounts, parents, start)),
        None => Ok(order),
    }
}

fn cycle(accounts: &[Account], parents: &[Option<usize>], start: usize) -> Error {
    const MOST_SHOWN: usize = 10;
    let mut chain = accounts[start].id.to_string();
    let above = std::iter::successors(parents[start], |&row| parents[row].filter(|_| row != start));
    for (shown, row) in above.enumerate() {
        if shown == MOST_SHOWN {
            chain.push_str(" > ...");
            break;
        }
        chain.push_str(" > ");
        chain.push_str(&accounts[row].id.to_string());
    }
    Error::parameter("account", chain, "is a part of itself")
}

impl TryFrom<Vec<Account>> for Accounts {
    type Error = Error;

    /// # Errors
    /// As [`Accounts::new`].
    fn try_from(accounts: Vec<Account>) -> Result<Self, Error> {
        Self::new(accounts)
    }
}

impl From<Accounts> for Vec<Account> {
    fn from(accounts: Accounts) -> Self {
        accounts.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(accounts: impl IntoIterator<Item = Account>) -> String {
        Accounts::new(accounts).unwrap_err().to_string()
    }

    #[test]
    fn cycles_strangers_and_twins_are_refused_by_name() {
        let own = Account::new("own").part_of("own");
        assert_eq!(refused([own]), "account: `own > own` is a part of itself");
        let ring = [(1, 2), (2, 3), (3, 1), (9, 1)].map(|(id, parent)| Account::new(id).part_of(parent));
        assert_eq!(refused(ring), "account: `1 > 2 > 3 > 1` is a part of itself");
        let long = (0..1000).map(|id| Account::new(id).part_of((id + 1) % 1000));
        assert!(refused(long).contains("> ...`"));
        assert_eq!(refused([Account::new(1).part_of(7)]), "parent account: `7` is not among the accounts");
        assert_eq!(refused([Account::new(1), Account::new("1")]), "account: `1` is there twice");
    }

    #[test]
    fn a_deep_chain_adds_up_at_once() {
        let depth = 200_000;
        let chain = (0..depth).map(|id| match id {
            0 => Account::new(0),
            _ => Account::new(id).part_of(id - 1),
        });
        let accounts = Accounts::new(chain).unwrap();
        let cent = Money::of_minor(1, crate::domain::Currency::EUR);
        let totals = accounts.roll_up((0..depth).map(|id| (id.into(), cent))).unwrap();
        assert_eq!(totals[&0.into()].minor(), i64::try_from(depth).unwrap());
        assert_eq!(totals[&(depth - 1).into()].minor(), 1);
        assert!(accounts.within(&5.into(), &0.into()) && !accounts.within(&0.into(), &5.into()));
    }

    #[test]
    fn unknown_accounts_have_no_lineage() {
        let accounts = Accounts::new([Account::new(1)]).unwrap();
        assert_eq!(accounts.lineage(&2.into()).count(), 0);
        let cent = Money::of_minor(1, crate::domain::Currency::EUR);
        assert!(accounts.roll_up([(2.into(), cent)]).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_cycle_cannot_be_read() {
        let accounts = Accounts::new([Account::new(2).part_of("a"), Account::new("a")]).unwrap();
        let json = serde_json::to_string(&accounts).unwrap();
        assert_eq!(serde_json::from_str::<Accounts>(&json).unwrap(), accounts);
        assert!(serde_json::from_str::<Accounts>(&json.replace("null}]", "2}]")).is_err());
    }
}
