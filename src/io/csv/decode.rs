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
    Currency, Day, Quantity,
    decimal::{Decimal, TOO_MANY_DECIMALS},
    pending::{Entry, Who},
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

impl Layout {
    /// The column that a rule of intake speaks of.
    pub(super) fn concerned(&self, rule: &str, row: &Row<'_>) -> Option<usize> {
        match rule {
            "a customer is required" | "consent is required" => Some(self.customer),
            "is after as_of" => Some(self.date),
            "is on a cancelling order" => self.order,
            "an amount must not be negative" | "an amount must not be zero" => self.blamed(row),
            _ => None,
        }
    }

    /// Where an amount at or below zero comes from.
    fn blamed(&self, row: &Row<'_>) -> Option<usize> {
        match self.amount {
            Amount::Unknown => None,
            Amount::Stated(column) => Some(column),
            Amount::Computed { quantity, unit_price } => {
                let little = row.entry.quantity.is_some_and(|quantity| quantity.thousandths() <= 0);
                Some(if little && row.low_price.is_none() { quantity } else { unit_price })
            }
        }
    }
}

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
            Amount::Unknown => 0,
            Amount::Stated(column) => {
                let stated = self.decimal(record, Some(column))?;
                self.minor(column, require(column, stated)?, &mut rounded)?
            }
            Amount::Computed { quantity: quantity_column, unit_price } => {
                let quantity = require(quantity_column, quantity)?;
                let price = require(unit_price, price)?;
                let gross = price.times(quantity).map_err(at(unit_price))?;
                let net = self.less(gross, discount)?;
                self.minor(unit_price, net, &mut rounded)?
            }
        };
        let mut minor = |column: Option<usize>, value: Option<Decimal>| {
            let stated = column.zip(value);
            stated.map(|(column, value)| self.minor(column, value, &mut rounded)).transpose()
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
            // A price may be finer than the currency: the amount is exact all the same.
            unit_price: price.and_then(|price| price.to_units(self.currency.decimals()).ok()),
            discount,
            cost,
            fingerprint: Some(fingerprint(record)),
            ..Entry::new(line, day, amount)
        };
        let low_price = layout.unit_price.filter(|_| price.is_some_and(|price| price.signum() <= 0));
        Ok(Row { entry, low_price, rounded })
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
        id.map(|id| Some(Who::Integer(id))).ok_or(Fault { column, why: NOT_AN_ID })
    }

    fn day(&self, record: &ByteRecord) -> Found<Day> {
        let column = self.layout.date;
        let text = require(column, self.text(record, Some(column))?)?;
        self.dates.moment(text).and_then(|moment| self.zones.day(moment)).map_err(at(column))
    }

    fn cancels(&self, order: Option<&str>) -> bool {
        self.cancel_mark.zip(order).is_some_and(|(mark, order)| order.starts_with(mark))
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
            return Err(Fault { column, why: OTHER_DISCOUNT });
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

    fn units(&self, column: usize, value: Decimal, decimals: u32, rounded: &mut Rounded) -> Found<i64> {
        match value.to_units(decimals) {
            Err(TOO_MANY_DECIMALS) if self.round => {
                rounded.push(column);
                value.to_units_rounded(decimals).map(|(units, _)| units).map_err(at(column))
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
            Err(_) => Err(Fault { column, why: NOT_UTF8 }),
        }
    }
}

fn at(column: usize) -> impl Fn(&'static str) -> Fault {
    move |why| Fault { column, why }
}

fn require<T>(column: usize, value: Option<T>) -> Found<T> {
    value.ok_or(Fault { column, why: BLANK })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::csv::columns::{Column, Mapping, Names};

    const FIELDS: [&str; 6] = ["customer", "date", "amount", "quantity", "price", "discount"];

    fn decoder(mapping: &Mapping) -> Decoder<'static> {
        static ISO: std::sync::LazyLock<DateFormat> = std::sync::LazyLock::new(DateFormat::iso);
        static NULLS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| vec!["NA".to_owned()]);
        Decoder {
            layout: mapping.resolve(&Names::of_header(&record(&FIELDS))).unwrap(),
            currency: Currency::USD,
            dates: &ISO,
            zones: Zones::default(),
            numbers: NumberFormat::point(),
            nulls: &NULLS,
            cancel_mark: Some("C"),
            ids: Ids::AsWritten,
            round: false,
        }
    }

    fn column(name: &str) -> Column {
        name.into()
    }

    fn stated() -> Mapping {
        Mapping {
            customer: Some(column("customer")),
            date: Some(column("date")),
            amount: Some(column("amount")),
            ..Mapping::default()
        }
    }

    fn computed() -> Mapping {
        Mapping {
            amount: None,
            quantity: Some(column("quantity")),
            unit_price: Some(column("price")),
            discount: Some(column("discount")),
            ..stated()
        }
    }

    fn record(fields: &[&str]) -> ByteRecord {
        fields.iter().map(|field| field.as_bytes()).collect()
    }

    fn line(fields: [&str; 3]) -> ByteRecord {
        let [quantity, price, discount] = fields;
        record(&["7", "2011-02-01", "", quantity, price, discount])
    }

    #[test]
    fn an_amount_is_reckoned_exactly() {
        let decoder = decoder(&computed());
        for (fields, cents) in [
            (["6", "2.55", ""], 1530),
            (["0.5", "3.00", "NA"], 150),
            (["1000", "0.00125", "0"], 125),
            (["3", "10.00", "4.99"], 2501),
            (["-3", "10.00", "-4.99"], -2501),
            (["0", "10.00", ""], 0),
        ] {
            assert_eq!(decoder.row(&line(fields), 1).unwrap().entry.amount, cents, "{fields:?}");
        }
    }

    #[test]
    fn rounding_is_asked_for_and_counted() {
        let decoder = Decoder { round: true, ..decoder(&computed()) };
        let record = line(["0.333", "3.00", ""]);
        let row = decoder.row(&record, 1).unwrap();
        assert_eq!(row.entry.amount, 100);
        assert_eq!(row.rounded.iter().collect::<Vec<_>>(), [4]);
        let record = line(["0.3335", "3.00", "0.001"]);
        let row = decoder.row(&record, 1).unwrap();
        assert_eq!(row.entry.quantity, Some(Quantity::of_thousandths(334)));
        assert_eq!(row.rounded.iter().collect::<Vec<_>>(), [4, 5, 3]);
    }

    #[test]
    fn a_fault_is_in_its_column() {
        let faults = [
            (["", "2.55", ""], 3, BLANK),
            (["6", "NA", ""], 4, BLANK),
            (["6", "2.55", "-1"], 5, OTHER_DISCOUNT),
            (["-6", "2.55", "1"], 5, OTHER_DISCOUNT),
            (["0.333", "3.00", ""], 4, TOO_MANY_DECIMALS),
            (["$6", "2.55", ""], 3, crate::domain::decimal::NOT_A_NUMBER),
            (["9999999999999", "9999999999", ""], 4, crate::domain::decimal::TOO_LARGE),
        ];
        let decoder = decoder(&computed());
        for (fields, column, why) in faults {
            let fault = decoder.row(&line(fields), 1).unwrap_err();
            assert_eq!(fault, Fault { column, why }, "{fields:?}");
        }
    }

    #[test]
    fn low_prices_are_marked_and_kept() {
        let decoder = decoder(&computed());
        for (price, marked) in [("0.01", None), ("0", Some(4)), ("-11062.06", Some(4))] {
            let record = line(["1", price, ""]);
            assert_eq!(decoder.row(&record, 1).unwrap().low_price, marked, "{price}");
        }
    }

    #[test]
    fn ids_are_texts_unless_said_to_be_numbers() {
        let as_written = decoder(&stated());
        let integers = Decoder { ids: Ids::Integers, ..decoder(&stated()) };
        let fault = Err(Fault { column: 0, why: NOT_AN_ID });
        for (id, written, integer) in [
            (" 42 ", Some(Who::Integer(42)), Ok(Some(Who::Integer(42)))),
            ("17850.0", Some(Who::Text("17850.0")), Ok(Some(Who::Integer(17850)))),
            ("00004", Some(Who::Text("00004")), Ok(Some(Who::Integer(4)))),
            ("anna", Some(Who::Text("anna")), fault),
            ("-1", Some(Who::Text("-1")), fault),
            ("1.5", Some(Who::Text("1.5")), fault),
            ("", None, Ok(None)),
            ("NA", None, Ok(None)),
        ] {
            let record = record(&[id, "2011-02-01", "1", "", "", ""]);
            assert_eq!(as_written.customer(&record), Ok(written), "{id:?}");
            assert_eq!(integers.customer(&record), integer, "{id:?}");
        }
    }

    #[test]
    fn other_bytes_matter_only_where_they_are_read() {
        let decoder = decoder(&stated());
        let mut bytes = record(&["7", "2011-02-01", "1"]);
        bytes.push_field(b"\xff");
        assert!(decoder.row(&bytes, 1).is_ok());
        let mut bytes = ByteRecord::from(vec![&b"\xff"[..]]);
        bytes.push_field(b"2011-02-01");
        bytes.push_field(b"1");
        let fault = Fault { column: 0, why: NOT_UTF8 };
        assert_eq!(decoder.row(&bytes, 1).unwrap_err(), fault);
    }
}
