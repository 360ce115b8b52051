//! Which column means what.

use csv::ByteRecord;

use crate::{Error, ErrorKind};

/// A column of a file: by its name in the header, or by its place, counting from 0.
///
/// Names are compared as they are written, without the spaces around them. Messages number the columns of a
/// file without a header from 1, as people do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Column {
    /// By its name in the header.
    Name(String),
    /// By its place, counting from 0.
    Index(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// The columns as the host stated them.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapping {
    pub(super) customer: Option<Column>,
    pub(super) date: Option<Column>,
    pub(super) amount: Option<Column>,
    pub(super) without_amounts: bool,
    pub(super) quantity: Option<Column>,
    pub(super) unit_price: Option<Column>,
    pub(super) discount: Option<Column>,
    pub(super) cost: Option<Column>,
    pub(super) order: Option<Column>,
    pub(super) product: Option<Column>,
    pub(super) category: Option<Column>,
    pub(super) channel: Option<Column>,
}

/// The places of the columns in one file.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) customer: usize,
    pub(super) date: usize,
    pub(super) amount: Amount,
    pub(super) quantity: Option<usize>,
    pub(super) unit_price: Option<usize>,
    pub(super) discount: Option<usize>,
    pub(super) cost: Option<usize>,
    pub(super) order: Option<usize>,
    pub(super) product: Option<usize>,
    pub(super) category: Option<usize>,
    pub(super) channel: Option<usize>,
}

/// Where a row's amount comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Amount {
    Stated(usize),
    Computed {
        quantity: usize,
        unit_price: usize,
    },
    /// Every row is a purchase of nothing known.
    Unknown,
}

impl Mapping {
    pub(super) fn resolve(&self, names: &Names) -> Result<Layout, Error> {
        let place = |column: &Option<Column>| column.as_ref().map(|c| names.place(c)).transpose();
        let required = |column: &Option<Column>, what: &'static str| {
            place(column)?.ok_or_else(|| Error::parameter("columns", what, "is not stated"))
        };
        let (quantity, unit_price) = (place(&self.quantity)?, place(&self.unit_price)?);
        let amount = match (place(&self.amount)?, quantity, unit_price) {
            (Some(amount), ..) => Amount::Stated(amount),
            (None, Some(quantity), Some(unit_price)) => Amount::Computed { quantity, unit_price },
            _ if self.without_amounts => Amount::Unknown,
            _ => {
                let rule = "is not stated, nor are a quantity and a unit price";
                return Err(Error::parameter("columns", "amount", rule));
            }
        };
        Ok(Layout {
            customer: required(&self.customer, "customer")?,
            date: required(&self.date, "date")?,
            amount,
            quantity,
            unit_price,
            discount: place(&self.discount)?,
            cost: place(&self.cost)?,
            order: place(&self.order)?,
            product: place(&self.product)?,
            category: place(&self.category)?,
            channel: place(&self.channel)?,
        })
    }
}

/// What the columns of one file are called.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// `None` without a header.
    header: Option<Vec<String>>,
    width: usize,
}

impl Names {
    pub(super) fn of_header(header: &ByteRecord) -> Self {
        let name = |field: &[u8]| String::from_utf8_lossy(field.trim_ascii()).into_owned();
        Self { header: Some(header.iter().map(name).collect()), width: header.len() }
    }

    pub(super) fn numbered(width: usize) -> Self {
        Self { header: None, width }
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// What messages call a column.
    pub(super) fn name(&self, place: usize) -> String {
        let named = self.header.as_ref().and_then(|names| names.get(place));
        named.cloned().unwrap_or_else(|| (place + 1).to_string())
    }

    fn place(&self, column: &Column) -> Result<usize, Error> {
        match (column, &self.header) {
            (Column::Index(place), _) if *place < self.width => Ok(*place),
            (Column::Index(place), _) => {
                Err(self.missing(&format!("number {} (index {place})", place.saturating_add(1))))
            }
            (Column::Name(name), Some(header)) => self.named(name, header),
            (Column::Name(name), None) => {
                let rule = "is a name, and the file is read without a header";
                Err(Error::parameter("column", name, rule))
            }
        }
    }

    fn named(&self, name: &str, header: &[String]) -> Result<usize, Error> {
        let mut places = (0..header.len()).filter(|&place| header[place] == name.trim());
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => {
                let rule = "is the name of more than one column; state its number";
                Err(Error::parameter("column", name, rule))
            }
            (None, _) => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &str) -> Error {
        let present = match &self.header {
            Some(names) => names.join(", "),
            None => format!("numbers 1 to {}", self.width),
        };
        ErrorKind::MissingColumn { name: name.to_owned(), present }.into()
    }
}
