//! Which customer is in which segment.

use crate::{
    domain::{CustomerId, Customers, Day, People},
    error::{Error, ErrorKind},
};

/// A segment, tier, cluster or band: a name, and the rule that put customers into it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Segment {
    /// What it is called. Not empty, and no other segment of the assignment has it.
    pub name: String,
    /// How customers come into it, in words.
    pub rule: String,
}

/// Every customer in exactly one segment: what one room hands to the next.
///
/// Rows are in the order of [`customers`](Self::customers). Segments keep the order they were given in,
/// and one may be empty.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{CustomerId, Customers},
///     model::{Assignment, Segment},
/// };
///
/// let people: Customers = ["anna", "ben", "cleo"].map(CustomerId::from).into_iter().collect();
/// let tea = Segment { name: "Tea".into(), rule: "mostly tea".into() };
/// let coffee = Segment { name: "Coffee".into(), rule: "mostly coffee".into() };
/// let tastes = Assignment::new(people, vec![tea, coffee], vec![1, 0, 1])?;
///
/// assert_eq!(tastes.of(&"cleo".into())?, "Coffee");
/// assert_eq!(tastes.sizes(), [1, 2]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked"))]
pub struct Assignment {
    as_of: Option<Day>,
    segments: Vec<Segment>,
    customers: Customers,
    index: Vec<u16>,
}

impl Assignment {
    /// Puts each customer into the segment whose number, counting from 0, stands in the customer's row of
    /// `index`.
    ///
    /// # Errors
    /// If `index` is not as long as `customers`, a number has no segment, a name is empty or two segments
    /// share one.
    pub fn new(customers: Customers, segments: Vec<Segment>, index: Vec<u16>) -> Result<Self, Error> {
        let assignment = Self { as_of: None, segments, customers, index };
        assignment.check()?;
        Ok(assignment)
    }

    /// States the day as of which the assignment holds.
    #[must_use]
    pub fn as_of(self, day: Day) -> Self {
        Self { as_of: Some(day), ..self }
    }

    /// Of the caller's making: as long as `customers`, each number with a segment, names distinct.
    pub(crate) fn of_valid(
        as_of: Day,
        customers: Customers,
        segments: Vec<Segment>,
        index: Vec<u16>,
    ) -> Self {
        let assignment = Self { as_of: Some(as_of), segments, customers, index };
        debug_assert!(assignment.check().is_ok());
        assignment
    }

    fn check(&self) -> Result<(), Error> {
        if self.index.len() != self.customers.len() {
            return Err(ErrorKind::Length {
                what: "segment numbers",
                expected: self.customers.len(),
                found: self.index.len(),
            }
            .into());
        }
        let highest = self.index.iter().copied().max();
        if let Some(highest) = highest.filter(|&number| usize::from(number) >= self.segments.len()) {
            return Err(Error::parameter("segment number", highest, "has no segment"));
        }
        let mut names: Vec<&str> = self.names().collect();
        names.sort_unstable();
        if names.first().is_some_and(|name| name.is_empty()) {
            return Err(Error::parameter("segment name", "", "must not be empty"));
        }
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Error::parameter("segment name", pair[0], "is given twice")),
            None => Ok(()),
        }
    }

    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are no customers.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The day as of which the assignment holds, if it was stated.
    pub fn day(&self) -> Option<Day> {
        self.as_of
    }

    /// The segments, in their order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The names of the segments, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.segments.iter().map(|segment| segment.name.as_str())
    }

    /// For each customer the number of the segment, counting from 0.
    pub fn index(&self) -> &[u16] {
        &self.index
    }

    /// The segment in a row, or `None` past the end.
    pub fn get(&self, row: usize) -> Option<&Segment> {
        let number = *self.index.get(row)?;
        self.segments.get(usize::from(number))
    }

    /// The name of a customer's segment.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`] if the customer is not here.
    pub fn of(&self, id: &CustomerId) -> Result<&str, Error> {
        let row = self.customers.require(id)?;
        Ok(self.get(row).map_or("", |segment| &segment.name))
    }

    /// All customers with the names of their segments, in the order of [`customers`](Self::customers).
    pub fn iter(&self) -> impl Iterator<Item = (CustomerId, &str)> {
        let names = (0..self.len()).map(|row| self.get(row).map_or("", |segment| &segment.name));
        self.customers.iter().zip(names)
    }

    /// The customers of one segment, ascending.
    ///
    /// # Errors
    /// If there is no segment of that name.
    pub fn members(&self, name: &str) -> Result<impl Iterator<Item = CustomerId>, Error> {
        let Some(wanted) = self.names().position(|known| known == name) else {
            return Err(Error::parameter("segment", name, "is not in this assignment"));
        };
        let rows = self.index.iter().enumerate();
        Ok(rows
            .filter(move |&(_, &number)| usize::from(number) == wanted)
            .filter_map(|(row, _)| self.customers.get(row)))
    }

    /// The number of customers in each segment.
    pub fn sizes(&self) -> Vec<u64> {
        let mut sizes = vec![0; self.segments.len()];
        for &number in &self.index {
            sizes[usize::from(number)] += 1;
        }
        sizes
    }
}

impl People for Assignment {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        self.index.remove(row);
        true
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    as_of: Option<Day>,
    segments: Vec<Segment>,
    customers: Customers,
    index: Vec<u16>,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Assignment {
    type Error = Error;

    fn try_from(read: Unchecked) -> Result<Self, Error> {
        let assignment = Self::new(read.customers, read.segments, read.index)?;
        Ok(Self { as_of: read.as_of, ..assignment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(name: &str) -> Segment {
        Segment { name: name.into(), rule: String::new() }
    }

    fn people() -> Customers {
        [1_u32, 2, 3].map(CustomerId::from).into_iter().collect()
    }

    fn assignment() -> Assignment {
        let segments = ["a", "empty", "b"].map(segment).to_vec();
        Assignment::new(people(), segments, vec![2, 0, 2]).unwrap()
    }

    #[test]
    fn customers_are_found_by_id_and_by_segment() {
        let assignment = assignment();
        assert_eq!(assignment.of(&2_u32.into()).unwrap(), "a");
        assert!(assignment.of(&4_u32.into()).is_err());
        assert_eq!(assignment.sizes(), [1, 0, 2]);
        let members: Vec<CustomerId> = assignment.members("b").unwrap().collect();
        assert_eq!(members, [1_u32, 3].map(CustomerId::from));
        assert!(assignment.members("c").is_err());
        assert_eq!(assignment.iter().nth(2), Some((3_u32.into(), "b")));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let two = || vec![segment("a"), segment("b")];
        for (segments, index) in [
            (two(), vec![0, 1]),
            (two(), vec![0, 1, 2]),
            (vec![segment("a"), segment("a")], vec![0, 0, 0]),
            (vec![segment("")], vec![0, 0, 0]),
        ] {
            assert!(Assignment::new(people(), segments, index).is_err());
        }
    }

    #[test]
    fn a_customer_can_be_forgotten() {
        let mut assignment = assignment();
        assert!(assignment.forget(&1_u32.into()));
        assert!(!assignment.forget(&1_u32.into()));
        assert!(!assignment.holds(&1_u32.into()));
        assert_eq!(assignment.index(), [0, 2]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn what_is_saved_is_checked_when_read() {
        let saved = serde_json::to_string(&assignment().as_of(Day::MIN)).unwrap();
        let read: Assignment = serde_json::from_str(&saved).unwrap();
        assert_eq!(read, assignment().as_of(Day::MIN));
        let broken = saved.replace("[2,0,2]", "[2,0,3]");
        let error = serde_json::from_str::<Assignment>(&broken).unwrap_err();
        assert!(error.to_string().contains("has no segment"), "{error}");
    }
}
