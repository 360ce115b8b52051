//! The command line that the examples share: a file of purchases, what its columns mean, and how to take
//! them in.

#![allow(dead_code, reason = "each example uses its part")]

use std::{fs::File, io::Read, path::Path};

use lexopt::{Arg, Parser, ValueExt};
use patronage::{
    domain::{Currency, Day, Duplicates, Ledger, MissingCustomer, Policies, Refunds, ZeroAmounts},
    io::csv::{BadRows, Column, DateFormat, NumberFormat, Reader, Separator},
};

pub(crate) type Fault = Box<dyn std::error::Error>;

/// The options of a file, for `--help`.
pub(crate) const HELP: &str = "\
A COLUMN is a name in the header, or a position counting from 1. Where every column is a position
the file is taken to have no header; --header says that it has one.

What the columns mean:
  --customer COLUMN     the customer's id; blank is a row without a customer (required)
  --date COLUMN         the day or moment of the purchase (required)
  --amount COLUMN       what was paid; negative where money goes back
  --quantity COLUMN     with --price, instead of --amount: quantity times price, exactly
  --price COLUMN        the price of one
  --order COLUMN        the order, receipt or invoice: rows of one order are one purchase
  --cancel-prefix TEXT  what the ids of cancelling orders start with; their rows are counted apart
  --discount, --cost, --product, --category, --channel COLUMN

How they are written:
  --currency CODE       ISO 4217 (default: USD)
  --separator WHAT      comma, semicolon, tab, spaces or one character (default: found in the first
                        lines, and said)
  --header, --no-header whether the first line names the columns
  --date-format WHAT    iso, compact (YYYYMMDD), day-first, month-first, or a pattern such as
                        '%d.%m.%Y %H:%M' (default: the one format that fits, and said; if two fit,
                        an error)
  --zone ZONE           the zone in which instants with an offset become days, e.g. Europe/London
  --decimal-comma       1234,56
  --thousands MARK      a comma, point, apostrophe or space between thousands
  --null TEXT           a text that stands for nothing, as NULL (may be given again)
  --integer-ids         read the ids 17850.0 and 00017 as the numbers 17850 and 17

What to do with the rows that need a decision (defaults first):
  --refunds net|customer|ignore|refuse     --duplicates keep|drop|refuse
  --zero keep|aside|refuse                 --missing anonymous|drop|refuse
  --lenient             set rows that cannot be read aside and count them, instead of stopping
  --strict              stop at the first finding of any kind
  --round               round amounts with too many decimals, half to even, and count them

  --as-of DAY           the last day that is seen, YYYY-MM-DD (default: the last day in the file,
                        and said)
  --help                this text";

/// What the command line says of the file.
#[derive(Default)]
pub(crate) struct Command {
    pub(crate) file: Option<String>,
    pub(crate) as_of: Option<Day>,
    currency: Option<Currency>,
    columns: Vec<(&'static str, Column)>,
    cancel_prefix: Option<String>,
    separator: Option<Separator>,
    header: Option<bool>,
    /// The options without a value that were given.
    flags: Vec<String>,
    date_format: Option<DateFormat>,
    zone: Option<String>,
    thousands: Option<char>,
    nulls: Vec<String>,
    policies: Policies,
}

const COLUMNS: [&str; 11] = [
    "customer", "date", "amount", "quantity", "price", "order", "discount", "cost", "product", "category",
    "channel",
];

impl Command {
    /// Reads the command line. `own` takes the options that the example adds, and says whether one was its.
    pub(crate) fn read_from(
        mut parser: Parser,
        usage: &str,
        mut own: impl FnMut(&str, &mut Parser) -> Result<bool, Fault>,
    ) -> Result<Self, Fault> {
        let mut command = Self::default();
        while let Some(argument) = parser.next()? {
            let name = match argument {
                Arg::Value(file) => {
                    command.file = Some(file.string()?);
                    continue;
                }
                Arg::Long(name) => name.to_owned(),
                Arg::Short(letter) => return Err(format!("no option -{letter}; --help lists them").into()),
            };
            if name == "help" {
                println!("{usage}\n{HELP}");
                std::process::exit(0);
            }
            if !(own(&name, &mut parser)? || command.take(&name, &mut parser)?) {
                return Err(format!("no option --{name}; --help lists them").into());
            }
        }
        Ok(command)
    }

    /// Takes an option that belongs to the file; `Ok(false)` if it does not.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        if let Some(&column) = COLUMNS.iter().find(|&&column| column == name) {
            self.columns.push((column, column_of(&text(parser)?)?));
            return Ok(true);
        }
        Ok(self.take_flag(name) || self.take_value(name, parser)?)
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|given| given == flag)
    }

    fn take_flag(&mut self, name: &str) -> bool {
        match name {
            "header" => self.header = Some(true),
            "no-header" => self.header = Some(false),
            "decimal-comma" | "integer-ids" | "lenient" | "round" => self.flags.push(name.to_owned()),
            "strict" => self.policies = Policies::strict(),
            _ => return false,
        }
        true
    }

    fn take_value(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        let policies = self.policies;
        match name {
            "as-of" => self.as_of = Some(text(parser)?.parse()?),
            "currency" => self.currency = Some(text(parser)?.parse()?),
            "cancel-prefix" => self.cancel_prefix = Some(text(parser)?),
            "separator" => self.separator = Some(separator(&text(parser)?)?),
            "date-format" => self.date_format = Some(date_format(&text(parser)?)?),
            "zone" => self.zone = Some(text(parser)?),
            "thousands" => self.thousands = text(parser)?.chars().next(),
            "null" => self.nulls.push(text(parser)?),
            "refunds" => {
                let of = [
                    ("net", Refunds::Net),
                    ("customer", Refunds::NetCustomer),
                    ("ignore", Refunds::Ignore),
                    ("refuse", Refunds::Refuse),
                ];
                self.policies = policies.refunds(choice(parser, &of)?);
            }
            "duplicates" => {
                let of =
                    [("keep", Duplicates::Keep), ("drop", Duplicates::Drop), ("refuse", Duplicates::Refuse)];
                self.policies = policies.duplicates(choice(parser, &of)?);
            }
            "zero" => {
                let of = [
                    ("keep", ZeroAmounts::Keep),
                    ("aside", ZeroAmounts::SetAside),
                    ("refuse", ZeroAmounts::Refuse),
                ];
                self.policies = policies.zero_amounts(choice(parser, &of)?);
            }
            "missing" => {
                let of = [
                    ("anonymous", MissingCustomer::Anonymous),
                    ("drop", MissingCustomer::Drop),
                    ("refuse", MissingCustomer::Refuse),
                ];
                self.policies = policies.missing_customer(choice(parser, &of)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The ledger of the file, and the day as of which it is seen. What had to be found out is said on
    /// standard error.
    pub(crate) fn read(&self, file: &str) -> Result<(Ledger, Day), Fault> {
        let reader = self.reader(file)?;
        let ledger = reader.open(file).map_err(|error| format!("{file}: {error}"))?;
        let last = ledger.last_day().ok_or("the file has no rows")?;
        let as_of = self.as_of.unwrap_or_else(|| {
            eprintln!("as of {last}, the last day in the file (--as-of says another)");
            last
        });
        Ok((ledger, as_of))
    }

    fn reader(&self, file: &str) -> Result<Reader, Fault> {
        let currency = self.currency.unwrap_or_else(|| {
            eprintln!("amounts are in USD (--currency says another)");
            Currency::USD
        });
        let head = head_of(file)?;
        let separator = self.separator.map_or_else(|| found_separator(&head), Ok)?;
        let numbers = if self.has("decimal-comma") { NumberFormat::comma() } else { NumberFormat::point() };
        let numbers = match self.thousands {
            Some(mark) => numbers.thousands(mark)?,
            None => numbers,
        };
        let by_name = self.columns.iter().any(|(_, column)| matches!(column, Column::Name(_)));
        let mut reader = Reader::new(currency)
            .separator(separator)
            .header(self.header.unwrap_or(by_name))
            .numbers(numbers)
            .policies(self.policies)
            .bad_rows(if self.has("lenient") { BadRows::SetAside } else { BadRows::Refuse });
        if !self.nulls.is_empty() {
            reader = reader.nulls(self.nulls.iter().map(String::as_str));
        }
        for (meaning, column) in &self.columns {
            reader = with_column(reader, meaning, column.clone());
        }
        if let Some(prefix) = &self.cancel_prefix {
            reader = reader.cancelled_orders_start_with(prefix.as_str());
        }
        if self.has("integer-ids") {
            reader = reader.integer_ids();
        }
        if self.has("round") {
            reader = reader.round_amounts();
        }
        if let Some(zone) = &self.zone {
            reader = reader.days_in(zone.as_str());
        }
        match &self.date_format {
            Some(format) => Ok(reader.dates(format.clone())),
            None => self.with_found_dates(reader, &head),
        }
    }

    /// The one format in which the first rows' dates can be read.
    fn with_found_dates(&self, reader: Reader, head: &[u8]) -> Result<Reader, Fault> {
        let formats = [
            ("iso", DateFormat::iso()),
            ("compact", DateFormat::compact()),
            ("day-first", DateFormat::day_first()),
            ("month-first", DateFormat::month_first()),
        ];
        let date =
            self.columns.iter().find(|(meaning, _)| *meaning == "date").map(|(_, column)| match column {
                Column::Name(name) => name.clone(),
                Column::Index(index) => (index + 1).to_string(),
            });
        let fits = |format: &DateFormat| match reader.clone().dates(format.clone()).read(head) {
            // Whatever else is wrong, the date could be read.
            Err(error) => error.line().is_some() && error.column() != date.as_deref(),
            Ok(_) => true,
        };
        let fitting: Vec<_> = formats.into_iter().filter(|(_, format)| fits(format)).collect();
        match fitting.as_slice() {
            [(name, format)] => {
                eprintln!("dates are read as {name}");
                Ok(reader.dates(format.clone()))
            }
            // The reader's own words say best what is wrong with the date, or with the mapping.
            [] => Ok(reader),
            several => {
                let names: Vec<_> = several.iter().map(|(name, _)| *name).collect();
                Err(format!("the dates fit several formats: say --date-format {}", names.join(" or ")).into())
            }
        }
    }
}

fn found_separator(head: &[u8]) -> Result<Separator, Fault> {
    let found = Separator::detect(head).map_err(|error| format!("{error}; say --separator"))?;
    eprintln!("fields are parted by {}", name_of(found));
    Ok(found)
}

fn with_column(reader: Reader, meaning: &str, column: Column) -> Reader {
    match meaning {
        "customer" => reader.customer(column),
        "date" => reader.date(column),
        "amount" => reader.amount(column),
        "quantity" => reader.quantity(column),
        "price" => reader.unit_price(column),
        "order" => reader.order(column),
        "discount" => reader.discount(column),
        "cost" => reader.cost(column),
        "product" => reader.product(column),
        "category" => reader.category(column),
        _ => reader.channel(column),
    }
}

/// The first whole lines of a file: enough to see how it is written.
fn head_of(file: &str) -> Result<Vec<u8>, Fault> {
    let mut head = Vec::new();
    let opened = File::open(Path::new(file)).map_err(|error| format!("{file}: {error}"))?;
    let size = opened.take(1 << 18).read_to_end(&mut head)?;
    if size == 1 << 18 {
        let whole = head.iter().rposition(|&byte| byte == b'\n').map_or(size, |end| end + 1);
        head.truncate(whole);
    }
    Ok(head)
}

/// The value of an option.
pub(crate) fn text(parser: &mut Parser) -> Result<String, Fault> {
    Ok(parser.value()?.string()?)
}

/// A value by its name.
pub(crate) fn choice<T: Copy>(parser: &mut Parser, of: &[(&str, T)]) -> Result<T, Fault> {
    let name = text(parser)?;
    let found = of.iter().find(|(known, _)| *known == name).map(|&(_, value)| value);
    found.ok_or_else(|| {
        let known: Vec<_> = of.iter().map(|(known, _)| *known).collect();
        format!("`{name}` is none of {}", known.join(", ")).into()
    })
}

fn column_of(name: &str) -> Result<Column, Fault> {
    match name.parse::<usize>() {
        Ok(0) => Err("positions of columns count from 1".into()),
        Ok(position) => Ok((position - 1).into()),
        Err(_) => Ok(name.into()),
    }
}

fn separator(name: &str) -> Result<Separator, Fault> {
    Ok(match (name, name.as_bytes()) {
        ("comma", _) => Separator::Comma,
        ("semicolon", _) => Separator::Semicolon,
        ("tab", _) => Separator::Tab,
        ("spaces", _) => Separator::Spaces,
        (_, [byte]) => Separator::Byte(*byte),
        _ => return Err(format!("`{name}` is no separator").into()),
    })
}

fn name_of(separator: Separator) -> String {
    match separator {
        Separator::Comma => "commas".to_owned(),
        Separator::Semicolon => "semicolons".to_owned(),
        Separator::Tab => "tabs".to_owned(),
        Separator::Spaces => "runs of spaces".to_owned(),
        Separator::Byte(byte) => format!("`{}`", char::from(byte)),
    }
}

fn date_format(name: &str) -> Result<DateFormat, Fault> {
    Ok(match name {
        "iso" => DateFormat::iso(),
        "compact" => DateFormat::compact(),
        "day-first" => DateFormat::day_first(),
        "month-first" => DateFormat::month_first(),
        pattern => DateFormat::custom(pattern)?,
    })
}
