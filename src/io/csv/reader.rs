//! What a host says about a file before it is read.

use std::{fs::File, io, path::Path};

use super::{
    columns::{Column, Mapping},
    date::DateFormat,
    number::NumberFormat,
    reading,
    separator::Separator,
};
use crate::{
    Error, ErrorKind,
    domain::{Currency, Intake, Ledger, Policies},
};

/// What to do with a record that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum BadRows {
    /// It is an error with the line, the column and the offending text. The default.
    #[default]
    Refuse,
    /// It is left out and counted as [`Finding::Unreadable`](crate::domain::Finding::Unreadable), with the
    /// line, the column and the fault of a few as samples; the rest is kept. Samples have none of the text,
    /// since where fields have changed places any of them may be a customer's id. Strict [`Policies`] refuse
    /// it all the same.
    SetAside,
}

/// How ids are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ids {
    AsWritten,
    Integers,
}

/// Reads purchases from a text file: states what the columns mean and how they are written.
///
/// Nothing is guessed. Unless stated otherwise a file has a header and commas, dates are ISO
/// ([`DateFormat::iso`]), numbers are plain ([`NumberFormat::point`]) and a bad row is an error. A reader can
/// be used for any number of files.
///
/// # Example
/// Invoice lines with a quantity and a price, where invoices that begin with `C` cancel:
/// ```
/// use patronage::{
///     domain::{Currency, Finding},
///     io::csv::{DateFormat, Reader},
/// };
///
/// let file = "\
/// InvoiceNo,Quantity,InvoiceDate,UnitPrice,CustomerID
/// 536365,6,1/12/2010 8:26,2.55,17850.0
/// 536366,1,1/12/2010 8:28,1.85,
/// C536379,-1,1/12/2010 9:41,27.50,14527.0
/// ";
/// let ledger = Reader::new(Currency::GBP)
///     .customer("CustomerID")
///     .integer_ids()
///     .date("InvoiceDate")
///     .dates(DateFormat::day_first())
///     .quantity("Quantity")
///     .unit_price("UnitPrice")
///     .order("InvoiceNo")
///     .cancelled_orders_start_with("C")
///     .read(file.as_bytes())?;
/// assert_eq!(ledger.findings().rows(), 3);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    pub(super) currency: Currency,
    pub(super) mapping: Mapping,
    pub(super) separator: Separator,
    pub(super) header: bool,
    pub(super) quotes: bool,
    pub(super) dates: DateFormat,
    pub(super) naive_zone: Option<String>,
    pub(super) day_zone: Option<String>,
    pub(super) numbers: NumberFormat,
    pub(super) round: bool,
    pub(super) ids: Ids,
    pub(super) nulls: Vec<String>,
    pub(super) cancel_mark: Option<String>,
    pub(super) bad_rows: BadRows,
    policies: Policies,
}

impl Reader {
    /// Reads amounts of one currency.
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            mapping: Mapping::default(),
            separator: Separator::default(),
            header: true,
            quotes: true,
            dates: DateFormat::default(),
            naive_zone: None,
            day_zone: None,
            numbers: NumberFormat::default(),
            round: false,
            ids: Ids::AsWritten,
            nulls: Vec::new(),
            cancel_mark: None,
            bad_rows: BadRows::default(),
            policies: Policies::default(),
        }
    }

    /// The columns of the customer's id, the date and the amount.
    #[must_use]
    pub fn columns(
        self,
        customer: impl Into<Column>,
        date: impl Into<Column>,
        amount: impl Into<Column>,
    ) -> Self {
        self.customer(customer).date(date).amount(amount)
    }

    /// The column of the customer's id. Where it is blank, the row has no customer.
    #[must_use]
    pub fn customer(mut self, column: impl Into<Column>) -> Self {
        self.mapping.customer = Some(column.into());
        self
    }

    /// The column of the date.
    #[must_use]
    pub fn date(mut self, column: impl Into<Column>) -> Self {
        self.mapping.date = Some(column.into());
        self
    }

    /// The column of what was paid, in major units. A blank amount is a bad row. Without this column the
    /// amount is the [`quantity`](Self::quantity) times the [`unit_price`](Self::unit_price), less the
    /// [`discount`](Self::discount), reckoned exactly.
    #[must_use]
    pub fn amount(mut self, column: impl Into<Column>) -> Self {
        self.mapping.amount = Some(column.into());
        self
    }

    /// The file has no amounts: every row is a purchase of zero, counted as such. Where there are amounts
    /// all the same, they are read.
    #[must_use]
    pub fn without_amounts(mut self) -> Self {
        self.mapping.without_amounts = true;
        self
    }

    /// The column of how much was sold, with at most three decimals. Negative where it came back.
    #[must_use]
    pub fn quantity(mut self, column: impl Into<Column>) -> Self {
        self.mapping.quantity = Some(column.into());
        self
    }

    /// The column of the price of one, which may have more decimals than the currency. A price at or below
    /// zero is counted as [`Finding::NonPositivePrice`](crate::domain::Finding::NonPositivePrice).
    #[must_use]
    pub fn unit_price(mut self, column: impl Into<Column>) -> Self {
        self.mapping.unit_price = Some(column.into());
        self
    }

    /// The column of what was taken off the whole line, as money, of the sign of the price it is taken from.
    /// It is taken off an amount that is computed; an [`amount`](Self::amount) that is stated is what was
    /// paid, already without it.
    #[must_use]
    pub fn discount(mut self, column: impl Into<Column>) -> Self {
        self.mapping.discount = Some(column.into());
        self
    }

    /// The column of what the whole line cost the business.
    #[must_use]
    pub fn cost(mut self, column: impl Into<Column>) -> Self {
        self.mapping.cost = Some(column.into());
        self
    }

    /// The column of the order, invoice or receipt: the lines that share it are one purchase.
    #[must_use]
    pub fn order(mut self, column: impl Into<Column>) -> Self {
        self.mapping.order = Some(column.into());
        self
    }

    /// The column of what was sold.
    #[must_use]
    pub fn product(mut self, column: impl Into<Column>) -> Self {
        self.mapping.product = Some(column.into());
        self
    }

    /// The column of the category of what was sold.
    #[must_use]
    pub fn category(mut self, column: impl Into<Column>) -> Self {
        self.mapping.category = Some(column.into());
        self
    }

    /// The column of the channel it was sold through.
    #[must_use]
    pub fn channel(mut self, column: impl Into<Column>) -> Self {
        self.mapping.channel = Some(column.into());
        self
    }

    /// The mark by which orders that cancel are known: the beginning of their id.
    #[must_use]
    pub fn cancelled_orders_start_with(self, mark: impl Into<String>) -> Self {
        Self { cancel_mark: Some(mark.into()), ..self }
    }

    /// Reads ids as whole numbers however they are padded: `17850.0` is 17850, and `00004` is 4. Any other
    /// id is then a bad row. Without this, ids are texts as they are written.
    #[must_use]
    pub fn integer_ids(self) -> Self {
        Self { ids: Ids::Integers, ..self }
    }

    /// Texts that mean a blank field, in any column, such as `NA` or `NULL`.
    #[must_use]
    pub fn nulls<T: Into<String>>(self, marks: impl IntoIterator<Item = T>) -> Self {
        let trimmed = |mark: T| mark.into().trim().to_owned();
        Self { nulls: marks.into_iter().map(trimmed).collect(), ..self }
    }

    /// How dates are written.
    #[must_use]
    pub fn dates(self, format: DateFormat) -> Self {
        Self { dates: format, ..self }
    }

    /// The zone whose calendar turns instants into days, by its name in the IANA database:
    /// `Europe/London`.
    ///
    /// A date without a time is that day, in any zone. A date and time with an offset is an instant, which is
    /// a bad row unless this zone is stated. A date and time without an offset is the day that is written,
    /// unless [`naive_instants_in`](Self::naive_instants_in) states another zone for it.
    #[must_use]
    pub fn days_in(self, zone: impl Into<String>) -> Self {
        Self { day_zone: Some(zone.into()), ..self }
    }

    /// The zone in which dates and times without an offset are stated, such as `UTC` in the logs of a
    /// server. They are then days of the zone of [`days_in`](Self::days_in), or, if that is not stated, the
    /// days that are written. A time that the clock shows twice is taken as the first, one that it skips as
    /// later by the skip.
    #[must_use]
    pub fn naive_instants_in(self, zone: impl Into<String>) -> Self {
        Self { naive_zone: Some(zone.into()), ..self }
    }

    /// How numbers are written.
    #[must_use]
    pub fn numbers(self, format: NumberFormat) -> Self {
        Self { numbers: format, ..self }
    }

    /// Rounds amounts with more decimals than the currency (and quantities with more than three), halves to
    /// even, and counts each as [`Finding::Rounded`](crate::domain::Finding::Rounded). Without this they are
    /// bad rows, and under strict [`Policies`] they always are. A number of more than 36 digits is one too.
    #[must_use]
    pub fn round_amounts(self) -> Self {
        Self { round: true, ..self }
    }

    /// What stands between the fields.
    #[must_use]
    pub fn separator(self, separator: Separator) -> Self {
        Self { separator, ..self }
    }

    /// Whether the first line names the columns.
    #[must_use]
    pub fn header(self, header: bool) -> Self {
        Self { header, ..self }
    }

    /// Whether a field that begins with `"` ends with the next single `"`, and may hold separators and line
    /// ends in between. Turn it off for files in which a quote is a character like any other.
    #[must_use]
    pub fn quotes(self, quotes: bool) -> Self {
        Self { quotes, ..self }
    }

    /// What to do with records that cannot be read.
    #[must_use]
    pub fn bad_rows(self, bad_rows: BadRows) -> Self {
        Self { bad_rows, ..self }
    }

    /// What to do with the rows that need a decision.
    #[must_use]
    pub fn policies(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// Reads a ledger from any source of bytes. It is buffered here; only a record at a time is held.
    ///
    /// # Errors
    /// * [`ErrorKind::Parameter`] if the settings contradict one another or the file;
    /// * [`ErrorKind::MissingColumn`] if a column is not there, with those that are;
    /// * [`ErrorKind::Record`] if a record cannot be read, with its line, unless
    ///   [`bad_rows`](Self::bad_rows) are set aside; in any case if a quote is never closed (or a record is
    ///   longer than 16 MiB) or the file is UTF-16;
    /// * [`ErrorKind::Empty`] if there is no header where there should be one;
    /// * [`ErrorKind::Record`] too if the [`policies`](Self::policies) refuse a row, with the column they
    ///   speak of; `(all)` for an exact duplicate, by the line of the later row;
    /// * [`ErrorKind::Io`] if the source fails;
    /// * [`ErrorKind::Overflow`] if the amounts together do not fit.
    pub fn read(&self, source: impl io::Read) -> Result<Ledger, Error> {
        let mut intake = Intake::new(self.currency).policies(self.policies);
        self.read_into(source, &mut intake)?;
        intake.finish().map_err(reading::place_duplicate)
    }

    /// Reads a ledger from a file.
    ///
    /// # Errors
    /// As for [`read`](Self::read); [`ErrorKind::Io`] names the path if the file cannot be opened.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Ledger, Error> {
        let path = path.as_ref();
        let named = |error: io::Error| {
            let message = format!("{}: {error}", path.display());
            ErrorKind::Io(io::Error::new(error.kind(), message))
        };
        self.read(File::open(path).map_err(named)?)
    }

    /// Reads into an intake that is already under way: several files into one ledger, or rows under a
    /// register of consent. The policies are then those of the intake.
    ///
    /// # Errors
    /// As for [`read`](Self::read), and [`ErrorKind::Currency`] if the intake has another currency. The rows
    /// before the one at fault have been taken in. Exact duplicates come to light in [`Intake::finish`]: one
    /// that is refused is an [`ErrorKind::Row`] there, whose row is the line.
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     domain::{Currency, Intake},
    ///     io::csv::Reader,
    /// };
    ///
    /// let reader = Reader::new(Currency::EUR).header(false).columns(0, 1, 2);
    /// let mut intake = Intake::new(Currency::EUR);
    /// for file in ["anna,2011-01-31,5.00\n", "ben,2011-02-01,6.00\n"] {
    ///     reader.read_into(file.as_bytes(), &mut intake)?;
    /// }
    /// assert_eq!(intake.finish()?.revenue().to_string(), "11.00 EUR");
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn read_into(&self, source: impl io::Read, intake: &mut Intake) -> Result<(), Error> {
        self.currency.require(intake.currency())?;
        reading::read(self, source, intake)
    }
}
