//! A table of numbers: a row for each customer, a column for each feature.

use ndarray::{ArrayView2, ShapeBuilder};

use super::names;
use crate::{
    domain::{CustomerId, Customers, Day, People},
    error::{Error, ErrorKind},
};

/// Named columns of numbers with a row for each customer, as of a day. A value may be missing, and then says so.
///
/// Tables of the same customers and day are [joined](Self::join); columns are [selected](Self::select) by name.
/// What learns from a table (a [`Scaling`](super::Scaling), a filling of what is missing) is applied to later
/// tables with columns of the same names.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let people: Customers = ["anna", "ben"].map(CustomerId::from).into_iter().collect();
/// let table = Features::new(people, Day::ymd(2026, 3, 14)?, [
///     ("orders".to_owned(), vec![Some(3.0), Some(1.0)]),
///     ("gap".to_owned(), vec![Some(20.5), None]),
/// ])?;
/// assert_eq!(table.get(1, 1), None);
/// assert_eq!(table.missing().collect::<Vec<_>>(), [("orders", 0), ("gap", 1)]);
/// assert_eq!(table.matrix().unwrap_err().to_string(), "row 1: value is missing: `gap`");
/// assert_eq!(table.select(&["orders"])?.matrix()?[(0, 0)], 3.0);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Table", into = "super::saved::Table"))]
pub struct Features {
    pub(super) as_of: Day,
    pub(super) customers: Customers,
    pub(super) names: Vec<String>,
    /// Column after column; NaN stands for a missing value, and for nothing else.
    pub(super) values: Vec<f64>,
}

impl Features {
    /// A table of a host's own columns, each as long as `customers`.
    ///
    /// # Errors
    /// If a column is not as long as `customers`, a name is empty or given twice, or a value is not finite.
    pub fn new(
        customers: Customers,
        as_of: Day,
        columns: impl IntoIterator<Item = (String, Vec<Option<f64>>)>,
    ) -> Result<Self, Error> {
        let (mut all_names, mut values) = (Vec::new(), Vec::new());
        for (name, column) in columns {
            if column.len() != customers.len() {
                let (expected, found) = (customers.len(), column.len());
                return Err(ErrorKind::Length { what: "feature", expected, found }.into());
            }
            if let Some(row) = column.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
                let text = format!("{:?} in column {name}", column[row]);
                return Err(ErrorKind::Row { row: row as u64, rule: "must be finite", text }.into());
            }
            all_names.push(name);
            values.extend(column.into_iter().map(|value| value.unwrap_or(f64::NAN)));
        }
        names::check(&all_names)?;
        Ok(Self { as_of, customers, names: all_names, values })
    }

    /// The day as of which the values hold.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A value; `None` where it is missing, and out of range.
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        let inside = row < self.len() && column < self.width();
        inside.then(|| self.column_at(column)[row]).filter(|value| !value.is_nan())
    }

    /// The values of a column by its name, `None` where one is missing.
    ///
    /// # Errors
    /// If there is no column of that name.
    pub fn column(&self, name: &str) -> Result<impl ExactSizeIterator<Item = Option<f64>>, Error> {
        let column = self.column_at(names::place(&self.names, name)?);
        Ok(column.iter().map(|&value| (!value.is_nan()).then_some(value)))
    }

    /// For each column its name and how many of its values are missing.
    pub fn missing(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        let missing = |column: usize| self.column_at(column).iter().filter(|value| value.is_nan()).count();
        self.names().enumerate().map(move |(column, name)| (name, missing(column)))
    }

    /// All values, of shape `(customers, columns)`, each column contiguous.
    ///
    /// # Errors
    /// If a value is missing: it names the first by column.
    pub fn matrix(&self) -> Result<ArrayView2<'_, f64>, Error> {
        for (column, name) in self.names.iter().enumerate() {
            if let Some(row) = self.column_at(column).iter().position(|value| value.is_nan()) {
                let (rule, text) = ("value is missing", name.clone());
                return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
            }
        }
        ArrayView2::from_shape((self.len(), self.width()).f(), &self.values)
            .map_err(|_| ErrorKind::Overflow { what: "number of values" }.into())
    }

    /// The columns of both tables, those of `other` last.
    ///
    /// # Errors
    /// If the tables are not of the same customers and the same day, or a name is in both.
    pub fn join(mut self, other: &Self) -> Result<Self, Error> {
        if self.customers != other.customers {
            return Err(ErrorKind::Misaligned { what: "features to join", other: "the table" }.into());
        }
        if self.as_of != other.as_of {
            return Err(Error::parameter("day of features to join", other.as_of, "is not that of the table"));
        }
        self.names.extend_from_slice(&other.names);
        names::check(&self.names)?;
        self.values.extend_from_slice(&other.values);
        Ok(self)
    }

    /// Some of the columns, in the order given.
    ///
    /// # Errors
    /// If there is no column of a name, or a name is given twice.
    pub fn select(&self, wanted: &[&str]) -> Result<Self, Error> {
        let places: Vec<usize> =
            wanted.iter().map(|name| names::place(&self.names, name)).collect::<Result<_, _>>()?;
        let selected = self.at(&places);
        names::check(&selected.names)?;
        Ok(selected)
    }

    /// All columns but some.
    ///
    /// # Errors
    /// If there is no column of a name.
    pub fn without(&self, unwanted: &[&str]) -> Result<Self, Error> {
        for name in unwanted {
            names::place(&self.names, name)?;
        }
        let left = |&place: &usize| !unwanted.contains(&self.names[place].as_str());
        Ok(self.at(&(0..self.width()).filter(left).collect::<Vec<_>>()))
    }

    /// The rows of other customers: in their order, all values missing for who is not here.
    #[must_use]
    pub fn rows_of(&self, customers: &Customers) -> Self {
        if self.customers == *customers {
            return self.clone();
        }
        let rows = super::blocks::rows_of(&self.customers, customers);
        let value = |column: &[f64], row: &Option<u32>| row.map_or(f64::NAN, |row| column[row as usize]);
        let gather = |column: usize| {
            let column = self.column_at(column);
            rows.iter().map(move |row| value(column, row))
        };
        Self {
            as_of: self.as_of,
            customers: customers.clone(),
            names: self.names.clone(),
            values: (0..self.width()).flat_map(gather).collect(),
        }
    }

    /// A column; NaN is a missing value.
    pub(crate) fn column_at(&self, column: usize) -> &[f64] {
        let len = self.len();
        &self.values[column * len..][..len]
    }

    /// The columns in some places, which are in range.
    fn at(&self, places: &[usize]) -> Self {
        Self {
            as_of: self.as_of,
            customers: self.customers.clone(),
            names: places.iter().map(|&place| self.names[place].clone()).collect(),
            values: places.iter().flat_map(|&place| self.column_at(place)).copied().collect(),
        }
    }
}

/// Tables are equal if customers, day, names and values are; a missing value equals a missing value.
impl PartialEq for Features {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        (self.as_of, &self.customers, &self.names) == (other.as_of, &other.customers, &other.names)
            && self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(same)
    }
}

impl People for Features {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let len = self.len();
        let Some(gone) = self.customers.take_out(id) else {
            return false;
        };
        let mut at = 0..self.values.len();
        self.values.retain(|_| at.next().is_none_or(|at| at % len != gone));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(ids: &[u32]) -> Customers {
        ids.iter().map(|&id| CustomerId::from(id)).collect()
    }

    fn table(ids: &[u32], columns: &[(&str, &[Option<f64>])]) -> Features {
        let columns = columns.iter().map(|&(name, values)| (name.to_owned(), values.to_vec()));
        Features::new(people(ids), Day::MIN, columns).unwrap()
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let new = |columns: &[(&str, &[Option<f64>])]| {
            let columns = columns.iter().map(|&(name, values)| (name.to_owned(), values.to_vec()));
            Features::new(people(&[1, 2]), Day::MIN, columns).unwrap_err().to_string()
        };
        assert_eq!(new(&[("a", &[Some(1.0)])]), "feature: expected 2 rows, found 1");
        assert!(new(&[("a", &[None, Some(f64::NAN)])]).starts_with("row 1: must be finite"));
        let column = [None, Some(1.0)];
        assert!(new(&[("a", &column), ("a", &column)]).contains("given twice"));
        assert!(new(&[("", &column)]).contains("empty"));
    }

    #[test]
    fn only_tables_of_one_day_and_the_same_customers_are_joined() {
        let one = table(&[1, 2], &[("a", &[Some(1.0), None])]);
        let two = table(&[1, 2], &[("b", &[Some(3.0), Some(4.0)])]);
        let both = one.clone().join(&two).unwrap();
        assert_eq!(both.names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((both.get(0, 1), both.get(1, 1), both.get(1, 0)), (Some(3.0), Some(4.0), None));
        assert!(both.clone().join(&two).unwrap_err().to_string().contains("given twice"));
        let others = table(&[1, 3], &[("b", &[None, None])]);
        let refused = one.clone().join(&others).unwrap_err();
        assert!(matches!(refused.kind(), ErrorKind::Misaligned { .. }), "{refused}");
        let later = Features { as_of: Day::MAX, ..two };
        assert!(one.join(&later).unwrap_err().is_parameter());
        let back = both.select(&["b", "a"]).unwrap().without(&["b"]).unwrap();
        assert_eq!(back, both.select(&["a"]).unwrap());
        assert!(both.select(&["a", "a"]).is_err() && both.select(&["c"]).is_err());
        assert!(both.without(&["c"]).unwrap_err().column() == Some("c"));
    }

    #[test]
    fn rows_of_other_customers_are_missing() {
        let one = table(&[1, 3, 4], &[("a", &[Some(1.0), Some(3.0), None]), ("b", &[None, None, Some(4.0)])]);
        let other = one.rows_of(&people(&[0, 3, 4, 9]));
        let known = [None, Some(3.0), None, None];
        assert_eq!(other.column("a").unwrap().collect::<Vec<_>>(), known);
        assert_eq!(other.get(2, 1), Some(4.0));
        assert_eq!(one.rows_of(one.customers()), one);
        assert!(one.rows_of(&people(&[])).is_empty());
    }

    #[test]
    fn a_customer_can_be_forgotten() {
        let mut one = table(&[1, 2, 3], &[("a", &[Some(1.0), None, Some(3.0)]), ("b", &[None; 3])]);
        assert!(one.holds(&2_u32.into()) && one.forget(&2_u32.into()));
        assert!(!one.holds(&2_u32.into()) && !one.forget(&2_u32.into()));
        assert_eq!(one, table(&[1, 3], &[("a", &[Some(1.0), Some(3.0)]), ("b", &[None; 2])]));
        assert!(one.forget(&1_u32.into()) && one.forget(&3_u32.into()));
        assert_eq!((one.len(), one.width(), one.get(0, 0)), (0, 2, None));
        assert_eq!(one.matrix().unwrap().dim(), (0, 2));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_table_is_read_as_it_was_saved() {
        let one = table(&[1, 3], &[("a", &[Some(102.0 / 11.0), Some(3.0)]), ("b", &[None, Some(-1e-300)])]);
        let saved = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Features>(&saved).unwrap(), one);
        let known = r#"{"as_of":"0001-01-01","customers":[1,3],"columns":[["a",["9.272727272727273","3.0"]],["b",[null,"-1e-300"]]]}"#;
        assert_eq!(saved, known);
        for broken in
            [saved.replace("3.0", "nan"), saved.replace(r#""b""#, r#""a""#), saved.replace("[1,3]", "[1]")]
        {
            assert!(serde_json::from_str::<Features>(&broken).is_err(), "{broken}");
        }
    }
}
