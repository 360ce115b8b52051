//! Who a customer is: one opaque id, and a sorted column of them.

use std::{cmp::Ordering, fmt, sync::Arc};

use crate::{Error, error::ErrorKind};

/// The id by which a host knows a customer: a whole number or a text.
///
/// Ids are ordered: what is all digits by its value first, then other texts by their bytes. Every result of
/// the crate lists customers in this order.
///
/// Text that is a whole number in its shortest form is that number, so `"42"` from a file and `42`
/// from a database are one customer, and the id prints as it was written; `"0042"` and `"42.0"` stay texts.
///
/// # Example
/// ```
/// use patronage::domain::CustomerId;
///
/// assert_eq!(CustomerId::from("42"), CustomerId::from(42_u64));
/// assert_ne!(CustomerId::from("0042"), CustomerId::from(42_u64));
/// assert!(CustomerId::from(9_u64) < CustomerId::from(10_u64));
/// assert!(CustomerId::from("0999") < CustomerId::from("1000"));
/// assert!(CustomerId::from(10_u64) < CustomerId::from("anna"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CustomerId(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Integer(u64),
    /// Digits, but not the shortest form of a `u64`: padded with zeros, or too long.
    Digits(Arc<str>),
    Text(Arc<str>),
}

impl Ord for CustomerId {
    fn cmp(&self, other: &Self) -> Ordering {
        use Repr::{Digits, Integer, Text};
        match (&self.0, &other.0) {
            (Integer(a), Integer(b)) => a.cmp(b),
            (Text(a), Text(b)) => a.cmp(b),
            (Text(_), _) => Ordering::Greater,
            (_, Text(_)) => Ordering::Less,
            (Digits(a), Digits(b)) => by_value(a, b),
            (Integer(a), Digits(b)) => by_value(&a.to_string(), b),
            (Digits(a), Integer(b)) => by_value(a, &b.to_string()),
        }
    }
}

impl PartialOrd for CustomerId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Digits by their value; of equal values the shorter first.
fn by_value(a: &str, b: &str) -> Ordering {
    let (value_of_a, value_of_b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    let by_size = value_of_a.len().cmp(&value_of_b.len()).then_with(|| value_of_a.cmp(value_of_b));
    by_size.then_with(|| a.len().cmp(&b.len()))
}

impl CustomerId {
    /// The number, if the id is one.
    pub fn as_integer(&self) -> Option<u64> {
        match self.0 {
            Repr::Integer(number) => Some(number),
            Repr::Digits(_) | Repr::Text(_) => None,
        }
    }

    /// The text, if the id is no number.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Repr::Integer(_) => None,
            Repr::Digits(text) | Repr::Text(text) => Some(text),
        }
    }

    /// A whole number without sign, space or leading zero.
    pub(super) fn canonical_integer(text: &str) -> Option<u64> {
        let shortest = text == "0" || !text.starts_with(['0', '+']);
        if shortest { text.parse().ok() } else { None }
    }

    /// An id of a text that is no number in its shortest form: the caller has looked.
    pub(super) fn from_text(text: Arc<str>) -> Self {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        Self(if digits { Repr::Digits(text) } else { Repr::Text(text) })
    }
}

impl From<u64> for CustomerId {
    fn from(id: u64) -> Self {
        Self(Repr::Integer(id))
    }
}

impl From<u32> for CustomerId {
    fn from(id: u32) -> Self {
        u64::from(id).into()
    }
}

impl TryFrom<i64> for CustomerId {
    type Error = Error;

    /// # Errors
    /// If the number is negative: in most systems that marks a missing customer. A host that really
    /// has negative ids passes them as text.
    fn try_from(id: i64) -> Result<Self, Error> {
        match u64::try_from(id) {
            Ok(id) => Ok(id.into()),
            Err(_) => Err(Error::parameter("customer id", id, "must not be negative")),
        }
    }
}

impl From<&str> for CustomerId {
    fn from(id: &str) -> Self {
        match Self::canonical_integer(id) {
            Some(number) => number.into(),
            None => Self::from_text(id.into()),
        }
    }
}

impl From<String> for CustomerId {
    fn from(id: String) -> Self {
        id.as_str().into()
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(number) => number.fmt(f),
            Repr::Digits(text) | Repr::Text(text) => text.fmt(f),
        }
    }
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(number) => number.fmt(f),
            Repr::Digits(text) | Repr::Text(text) => write!(f, "{text:?}"),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for CustomerId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Integer(number) => to.serialize_u64(*number),
            Repr::Digits(text) | Repr::Text(text) => to.serialize_str(text),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CustomerId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = CustomerId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a customer id: a whole number or a text")
            }
            fn visit_u64<E: serde::de::Error>(self, id: u64) -> Result<CustomerId, E> {
                Ok(id.into())
            }
            fn visit_i64<E: serde::de::Error>(self, id: i64) -> Result<CustomerId, E> {
                id.try_into().map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<CustomerId, E> {
                Ok(id.into())
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// Distinct customer ids in ascending order: the row names of every result.
///
/// Numbers alone cost eight bytes each; a copy shares them.
#[derive(Clone, PartialEq, Eq)]
pub struct Customers(Arc<Column>);

#[derive(Clone, PartialEq, Eq)]
enum Column {
    Integers(Vec<u64>),
    Any(Vec<CustomerId>),
}

impl Default for Customers {
    fn default() -> Self {
        Self(Arc::new(Column::Integers(Vec::new())))
    }
}

impl Customers {
    /// `ids` are distinct and ascend: the caller has sorted them.
    pub(crate) fn from_sorted_integers(ids: Vec<u64>) -> Self {
        debug_assert!(ids.is_sorted_by(|a, b| a < b));
        Self(Arc::new(Column::Integers(ids)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &*self.0 {
            Column::Integers(ids) => ids.len(),
            Column::Any(ids) => ids.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id in a row, or `None` past the end.
    pub fn get(&self, row: usize) -> Option<CustomerId> {
        match &*self.0 {
            Column::Integers(ids) => ids.get(row).map(|&id| id.into()),
            Column::Any(ids) => ids.get(row).cloned(),
        }
    }

    /// The row of an id, by bisection.
    pub fn position(&self, id: &CustomerId) -> Option<usize> {
        match &*self.0 {
            Column::Integers(ids) => ids.binary_search(&id.as_integer()?).ok(),
            Column::Any(ids) => ids.binary_search(id).ok(),
        }
    }

    /// All ids, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = CustomerId> + '_ {
        (0..self.len()).map(|row| self.at(row))
    }

    /// The ids in the rows given, which must ascend and be in range.
    pub(crate) fn select(&self, rows: &[u32]) -> Self {
        match &*self.0 {
            Column::Integers(ids) => {
                Self(Arc::new(Column::Integers(rows.iter().map(|&row| ids[row as usize]).collect())))
            }
            // It may be that numbers alone are left.
            Column::Any(ids) => rows.iter().map(|&row| ids[row as usize].clone()).collect(),
        }
    }

    /// Takes a customer out; says in which row, if there was one.
    pub(crate) fn take_out(&mut self, id: &CustomerId) -> Option<usize> {
        let row = self.position(id)?;
        self.remove(row);
        Some(row)
    }

    /// Takes one row out.
    pub(crate) fn remove(&mut self, row: usize) {
        match Arc::make_mut(&mut self.0) {
            Column::Integers(ids) => drop(ids.remove(row)),
            Column::Any(ids) => drop(ids.remove(row)),
        }
    }

    fn at(&self, row: usize) -> CustomerId {
        match &*self.0 {
            Column::Integers(ids) => ids[row].into(),
            Column::Any(ids) => ids[row].clone(),
        }
    }
}

/// Any ids, sorted and made distinct.
impl FromIterator<CustomerId> for Customers {
    fn from_iter<I: IntoIterator<Item = CustomerId>>(ids: I) -> Self {
        let mut ids: Vec<CustomerId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let numbers_only = ids.iter().all(|id| id.as_integer().is_some());
        Self(Arc::new(if numbers_only {
            Column::Integers(ids.iter().filter_map(CustomerId::as_integer).collect())
        } else {
            Column::Any(ids)
        }))
    }
}

impl fmt::Debug for Customers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Customers({} ids)", self.len())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Customers {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Customers {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let ids = Vec::<CustomerId>::deserialize(from)?;
        // Rows are aligned with other columns, so a list out of order cannot be mended here.
        if !ids.is_sorted_by(|a, b| a.cmp(b) == Ordering::Less) {
            return Err(serde::de::Error::custom("customer ids must ascend and be distinct"));
        }
        Ok(ids.into_iter().collect())
    }
}

/// What holds people: it can say whether it holds one, and can forget one.
///
/// Fitted models and cut points hold none and do not implement this.
pub trait People {
    /// Whether anything about the customer is kept here.
    fn holds(&self, id: &CustomerId) -> bool;

    /// Removes all that is kept about the customer. Says whether there was anything.
    ///
    /// Sums over all customers that were made before (totals in findings, fitted cut points) stay as
    /// they were: they are counts, not people.
    fn forget(&mut self, id: &CustomerId) -> bool;
}

impl People for Customers {
    fn holds(&self, id: &CustomerId) -> bool {
        self.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let row = self.position(id);
        if let Some(row) = row {
            self.remove(row);
        }
        row.is_some()
    }
}

impl Customers {
    /// The row of a customer who must be here.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`] if the customer is not here.
    pub fn require(&self, id: &CustomerId) -> Result<usize, Error> {
        self.position(id).ok_or_else(|| ErrorKind::UnknownCustomer { id: id.to_string() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_number_only_in_its_shortest_form() {
        for (text, number) in [("0", 0), ("7", 7), ("18446744073709551615", u64::MAX)] {
            assert_eq!(CustomerId::from(text).as_integer(), Some(number));
            assert_eq!(CustomerId::from(text).to_string(), text);
        }
        for text in ["", "00", "07", "+7", "-7", "7.0", " 7", "18446744073709551616", "a"] {
            assert_eq!(CustomerId::from(text).as_integer(), None, "{text:?}");
            assert_eq!(CustomerId::from(text).to_string(), text);
        }
    }

    #[test]
    fn digits_are_in_the_order_of_their_values() {
        let ordered =
            ["", "0", "00", "7", "07", "0999", "1000", "18446744073709551615", "18446744073709551616"];
        let mut ids: Vec<CustomerId> = ordered[1..].iter().rev().map(|&id| id.into()).collect();
        ids.push("".into());
        ids.push("7.0".into());
        ids.sort();
        let shown: Vec<String> = ids.iter().map(CustomerId::to_string).collect();
        assert_eq!(shown[..8], ordered[1..]);
        assert_eq!(shown[8..], ["", "7.0"]);
    }

    #[test]
    fn a_column_sorts_numbers_before_texts_and_finds_them() {
        let ids: Customers = ["b", "10", "9", "b", "a"].into_iter().map(CustomerId::from).collect();
        let shown: Vec<String> = ids.iter().map(|id| id.to_string()).collect();
        assert_eq!(shown, ["9", "10", "a", "b"]);
        assert_eq!(ids.position(&"a".into()), Some(2));
        assert_eq!(ids.position(&"c".into()), None);
        assert_eq!(ids.require(&"c".into()).unwrap_err().to_string(), "no customer `c` here");
    }
}
