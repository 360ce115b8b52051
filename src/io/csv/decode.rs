//! From the fields of a record to a row for intake, or to the fault in it.

use csv::ByteRecord;

use super::{
    columns::{Amount, Layout},
    date::DateFormat,
    fingerprint::fingerprint,
    number::NumberFormat,
    reader::Ids,
    zones::Zones,
};
use crate::domain::{
    Currency, Day, Entry, Quantity, Who,
    decimal::{Decimal, TOO_MANY_DECIMALS},
};

/// All that is needed to read a record of one file.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    pub(super) layout: Layout,
    pub(super) currency: Currency,
    pub(super) dates: &'a DateFormat,
    pub(super) zones: Zones,
    pub(super) numbers: NumberFormat,
    pub(super) nulls: &'a [String],
    pub(super) cancel_mark: Option<&'a str>,
    pub(super) ids: Ids,
    pub(super) round: bool,
}

/// A column and what is wrong with its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) column: usize,
    pub(super) why: &'static str,
}

/// A row, with what was met while reading it.
#[derive(Debug)]
pub(super) struct Row<'r> {
    pub(super) entry: Entry<'r>,
    /// The column of a unit price at or below zero.
    pub(super) low_price: Option<usize>,
    pub(super) rounded: Rounded,
}

/// The columns whose amounts were rounded.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Rounded {
    columns: [usize; 4],
    count: usize,
}

impl Rounded {
    fn push(&mut self, column: usize) {
        if let Some(free) = self.columns.get_mut(self.count) {
            *free = column;
            self.count += 1;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns[..self.count].iter().copied()
    }
}

const BLANK: &str = "is blank";
const NOT_UTF8: &str = "is not UTF-8";
const NOT_AN_ID: &str = "is not a whole number of at most 19 digits";
const OTHER_DISCOUNT: &str = "has not the sign of the price it is taken from";
const THOUSANDTHS: u32 = 3;

type Found<T> = Result<T, Fault>;

impl Decoder<'_> {
    /// The record has as many fields as the layout expects.
    pub(super) fn row<'r>(&self, record: &'r ByteRecord, line: u64) -> Found<Row<'r>> {
        let layout = &self.layout;
        let mut rounded = Rounded::default();
        let who = self.customer(record)?;
        let day = self.day(record)?;
        let price = self.decimal(record, layout.unit_price)?;
        let quantity = self.decimal(record, layout.quantity)?;
        let discount = self.decimal(record, layout.discount)?;
        let amount = match layout.amount {
            Amount::Stated(column) => {
                let stated = self.decimal(record, Some(column))?;
                self.minor(column, require(column, stated)?, &mut rounded)?
            }
            Amount::Computed {
                quantity: quantity_column,
                unit_price,
            } => {
                let quantity = require(quantity_column, quantity)?;
                let price = require(unit_price, price)?;
                let gross = price.times(quantity).map_err(at(unit_price))?;
                let net = self.less(gross, discount)?;
                self.minor(unit_price, net, &mut rounded)?
            }
        };
        let mut minor = |column: Option<usize>, value: Option<Decimal>| {
            let stated = column.zip(value);
            stated
                .map(|(column, value)| self.minor(column, value, &mut rounded))
                .transpose()
        };
        let discount = minor(layout.discount, discount)?;
        let cost = minor(layout.cost, self.decimal(record, layout.cost)?)?;
        let order = self.text(record, layout.order)?;
        let entry = Entry {
            who,
            order,
            cancelling: self.cancels(order),
            product: self.text(record, layout.product)?,
            category: self.text(record, layout.category)?,
            channel: self.text(record, layout.channel)?,
            quantity: self.quantity(quantity, &mut rounded)?,
            discount,
            cost,
            fingerprint: Some(fingerprint(record)),
            ..Entry::new(line, day, amount)
        };
        let low_price = layout
            .unit_price
            .filter(|_| price.is_some_and(|price| price.signum() <= 0));
        Ok(Row {
            entry,
            low_price,
            rounded,
        })
    }

    fn customer<'r>(&self, record: &'r ByteRecord) -> Found<Option<Who<'r>>> {
        let column = self.layout.customer;
        let Some(text) = self.text(record, Some(column))? else {
            return Ok(None);
        };
        if self.ids == Ids::AsWritten {
            return Ok(Some(Who::parse(text)));
        }
        // `17850.0` and `00004` as spreadsheets and data frames write them.
        let whole = Decimal::parse(text).and_then(|number| number.to_units(0));
        let id = whole.ok().and_then(|number| u64::try_from(number).ok());
        id.map(|id| Some(Who::Integer(id))).ok_or(Fault {
            column,
            why: NOT_AN_ID,
        })
    }

    fn day(&self, record: &ByteRecord) -> Found<Day> {
        let column = self.layout.date;
        let text = require(column, self.text(record, Some(column))?)?;
        self.dates
            .moment(text)
            .and_then(|moment| self.zones.day(moment))
            .map_err(at(column))
    }

    fn cancels(&self, order: Option<&str>) -> bool {
        self.cancel_mark
            .zip(order)
            .is_some_and(|(mark, order)| order.starts_with(mark))
    }

    /// Quantities bear no currency; every other number may.
    fn decimal(&self, record: &ByteRecord, column: Option<usize>) -> Found<Option<Decimal>> {
        let Some((column, text)) = column.zip(self.text(record, column)?) else {
            return Ok(None);
        };
        let number = if Some(column) == self.layout.quantity {
            self.numbers.number(text)
        } else {
            self.numbers.amount(text, self.currency)
        };
        number.map(Some).map_err(at(column))
    }

    /// A discount of a returned line is negative, as its price is; any other of the wrong sign is a
    /// discount written as a negative number, which would raise the price.
    fn less(&self, gross: Decimal, discount: Option<Decimal>) -> Found<Decimal> {
        let (Some(discount), Some(column)) = (discount, self.layout.discount) else {
            return Ok(gross);
        };
        if discount.signum() == 0 {
            return Ok(gross);
        }
        if discount.signum() != gross.signum() {
            return Err(Fault {
                column,
                why: OTHER_DISCOUNT,
            });
        }
        gross.minus(discount).map_err(at(column))
    }

    fn minor(&self, column: usize, value: Decimal, rounded: &mut Rounded) -> Found<i64> {
        self.units(column, value, self.currency.decimals(), rounded)
    }

    fn quantity(&self, value: Option<Decimal>, rounded: &mut Rounded) -> Found<Option<Quantity>> {
        let Some((column, value)) = self.layout.quantity.zip(value) else {
            return Ok(None);
        };
        let thousandths = self.units(column, value, THOUSANDTHS, rounded)?;
        Ok(Some(Quantity::of_thousandths(thousandths)))
    }

    fn units(
        &self,
        column: usize,
        value: Decimal,
        decimals: u32,
        rounded: &mut Rounded,
    ) -> Found<i64> {
        match value.to_units(decimals) {
            Err(TOO_MANY_DECIMALS) if self.round => {
                rounded.push(column);
                value
                    .to_units_rounded(decimals)
                    .map(|(units, _)| units)
                    .map_err(at(column))
            }
            units => units.map_err(at(column)),
        }
    }

    /// A field without the spaces around it; `None` where it is blank or marked as such.
    fn text<'r>(&self, record: &'r ByteRecord, column: Option<usize>) -> Found<Option<&'r str>> {
        let Some(column) = column else {
            return Ok(None);
        };
        let bytes = record.get(column).unwrap_or_default().trim_ascii();
        if bytes.is_empty() || self.nulls.iter().any(|null| null.as_bytes() == bytes) {
            return Ok(None);
        }
        match str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Fault {
                column,
                why: NOT_UTF8,
            }),
        }
    }
}

fn at(column: usize) -> impl Fn(&'static str) -> Fault {
    move |why| Fault { column, why }
}

fn require<T>(column: usize, value: Option<T>) -> Found<T> {
    value.ok_or(Fault { column, why: BLANK })
}
