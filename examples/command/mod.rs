//! The command line that the examples share: a file of purchases, what its columns mean, and how to take
//! them in.

#![allow(dead_code, reason = "each example uses its part")]

mod found;
pub(crate) mod labelled;
pub(crate) mod purchase_log;
mod said;
pub(crate) mod subscribers;
pub(crate) mod table;

use std::io::{Write, stdout};

use lexopt::{Arg, Parser, ValueExt};
use patronage::{
    domain::{Currency, Day, Duplicates, Ledger, MissingCustomer, Policies, Refunds, ZeroAmounts},
    io::csv::{BadRows, Column, DateFormat, NumberFormat, Reader, Separator},
};

pub(crate) use said::{finish, say};

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
                        '%d.%m.%Y %H:%M' (default: the one format that fits the first lines, and
                        said; if two fit, an error)
  --zone ZONE           the zone in which instants with an offset become days, e.g. Europe/London
  --decimal-comma       1234,56
  --thousands MARK      a comma, point, apostrophe or space between thousands
  --null TEXT           a text that stands for nothing, as NULL (may be given again)
  --integer-ids         read the ids 17850.0 and 00017 as the numbers 17850 and 17

What to do with the rows that need a decision (defaults first):
  --refunds net|customer|ignore|refuse     --duplicates keep|drop|refuse
  --zero keep|aside|refuse                 --missing anonymous|drop|refuse
  --lenient             set rows that cannot be read aside and count them, instead of stopping
  --strict              stop at the first finding of any kind that no other option allows
  --round               round amounts with too many decimals, half to even, and count them

  --as-of DAY           the last day that is seen, YYYY-MM-DD (default: the last day in the file,
                        and said)
  --help                this text";

/// What the command line says of the file.
#[derive(Default)]
pub(crate) struct Command {
    pub(crate) file: Option<String>,
    pub(crate) as_of: Option<Day>,
    /// A file without amounts is a list of purchases all the same.
    pub(crate) amounts_optional: bool,
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
    refunds: Option<Refunds>,
    duplicates: Option<Duplicates>,
    zero: Option<ZeroAmounts>,
    missing: Option<MissingCustomer>,
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
                    command.take_file(file.string()?)?;
                    continue;
                }
                Arg::Long(name) => name.to_owned(),
                Arg::Short(letter) => return Err(format!("no option -{letter}; --help lists them").into()),
            };
            if name == "help" {
                // Whoever reads the beginning alone has closed the pipe.
                let _ = writeln!(stdout(), "{usage}\n{HELP}");
                std::process::exit(0);
            }
            if !(own(&name, &mut parser)? || command.take(&name, &mut parser)?) {
                return Err(format!("no option --{name}; --help lists them").into());
            }
        }
        command.check()?;
        Ok(command)
    }

    fn take_file(&mut self, file: String) -> Result<(), Fault> {
        match self.file.replace(file) {
            Some(first) => Err(format!("one file at a time: `{first}` is one already").into()),
            None => Ok(()),
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if let (None, Some((meaning, _))) = (&self.file, self.columns.first()) {
            return Err(format!("--{meaning} is a column of a file, and no file is given").into());
        }
        let loose = ["lenient", "round"].into_iter().find(|flag| self.has(flag));
        match loose.filter(|_| self.has("strict")) {
            Some(flag) => Err(format!("--strict and --{flag} contradict one another").into()),
            None => Ok(()),
        }
    }

    /// Strict or not, then what the options say of single findings, whatever their order.
    fn policies(&self) -> Policies {
        let mut policies = if self.has("strict") { Policies::strict() } else { Policies::default() };
        if let Some(refunds) = self.refunds {
            policies = policies.refunds(refunds);
        }
        if let Some(duplicates) = self.duplicates {
            policies = policies.duplicates(duplicates);
        }
        if let Some(zero) = self.zero {
            policies = policies.zero_amounts(zero);
        }
        if let Some(missing) = self.missing {
            policies = policies.missing_customer(missing);
        }
        policies
    }

    /// Takes an option that belongs to the file; `Ok(false)` if it does not.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        if let Some(&column) = COLUMNS.iter().find(|&&column| column == name) {
            self.columns.push((column, column_of(&text(parser)?)?));
            return Ok(true);
        }
        Ok(self.take_flag(name) || self.take_value(name, parser)?)
    }

    /// Whether columns of a purchase log were named.
    pub(crate) fn names_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|given| given == flag)
    }

    fn take_flag(&mut self, name: &str) -> bool {
        match name {
            "header" => self.header = Some(true),
            "no-header" => self.header = Some(false),
            "decimal-comma" | "integer-ids" | "lenient" | "round" | "strict" => {
                self.flags.push(name.to_owned());
            }
            _ => return false,
        }
        true
    }

    fn take_value(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "as-of" => self.as_of = Some(text(parser)?.parse()?),
            "currency" => self.currency = Some(text(parser)?.parse()?),
            "cancel-prefix" => self.cancel_prefix = Some(text(parser)?),
            "separator" => self.separator = Some(separator(&text(parser)?)?),
            "date-format" => self.date_format = Some(date_format(&text(parser)?)?),
            "zone" => self.zone = Some(text(parser)?),
            "thousands" => self.thousands = Some(mark(&text(parser)?)?),
            "null" => self.nulls.push(text(parser)?),
            _ => return self.take_policy(name, parser),
        }
        Ok(true)
    }

    fn take_policy(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "refunds" => {
                let of = [
                    ("net", Refunds::Net),
                    ("customer", Refunds::NetCustomer),
                    ("ignore", Refunds::Ignore),
                    ("refuse", Refunds::Refuse),
                ];
                self.refunds = Some(choice(parser, &of)?);
            }
            "duplicates" => {
                let of =
                    [("keep", Duplicates::Keep), ("drop", Duplicates::Drop), ("refuse", Duplicates::Refuse)];
                self.duplicates = Some(choice(parser, &of)?);
            }
            "zero" => {
                let of = [
                    ("keep", ZeroAmounts::Keep),
                    ("aside", ZeroAmounts::SetAside),
                    ("refuse", ZeroAmounts::Refuse),
                ];
                self.zero = Some(choice(parser, &of)?);
            }
            "missing" => {
                let of = [
                    ("anonymous", MissingCustomer::Anonymous),
                    ("drop", MissingCustomer::Drop),
                    ("refuse", MissingCustomer::Refuse),
                ];
                self.missing = Some(choice(parser, &of)?);
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
        let Some(last) = ledger.last_day() else {
            let rows = ledger.findings().rows();
            let why = format!("every row of the file was left out: {rows} in all");
            return Err(if rows > 0 { why.into() } else { "the file has no rows".into() });
        };
        let as_of = self.as_of.unwrap_or_else(|| {
            say(format!("as of {last}, the last day in the file (--as-of says another)"));
            last
        });
        Ok((ledger, as_of))
    }

    fn reader(&self, file: &str) -> Result<Reader, Fault> {
        let currency = self.currency.unwrap_or_else(|| {
            say("amounts are in USD (--currency says another)");
            Currency::USD
        });
        let head = found::head_of(file)?;
        let separator = self.separator.map_or_else(|| found::separator(&head), Ok)?;
        let numbers = if self.has("decimal-comma") { NumberFormat::comma() } else { NumberFormat::point() };
        let numbers = match self.thousands {
            Some(mark) => numbers.thousands(mark)?,
            None => numbers,
        };
        let mut reader = Reader::new(currency)
            .separator(separator)
            .header(self.has_header())
            .numbers(numbers)
            .policies(self.policies())
            .bad_rows(if self.has("lenient") { BadRows::SetAside } else { BadRows::Refuse });
        if !self.nulls.is_empty() {
            reader = reader.nulls(self.nulls.iter().map(String::as_str));
        }
        for (meaning, column) in &self.columns {
            reader = with_column(reader, meaning, column.clone());
        }
        if self.amounts_optional {
            reader = reader.without_amounts();
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
        Ok(match &self.date_format {
            Some(format) => reader.dates(format.clone()),
            None => reader.dates(self.found_dates(&head, separator)?),
        })
    }

    fn has_header(&self) -> bool {
        let by_name = self.columns.iter().any(|(_, column)| matches!(column, Column::Name(_)));
        self.header.unwrap_or(by_name)
    }

    /// The one format of the dates in the first lines.
    fn found_dates(&self, head: &[u8], separator: Separator) -> Result<DateFormat, Fault> {
        let date = self.columns.iter().rfind(|(meaning, _)| *meaning == "date");
        let texts = date.and_then(|(_, column)| found::texts(head, separator, self.has_header(), column));
        // Where there is no such column, the reader says so.
        let Some(mut texts) = texts else {
            return Ok(DateFormat::iso());
        };
        texts.retain(|text| !text.is_empty() && !self.nulls.contains(text));
        found::dates(&texts)
    }
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

/// The value of an option.
pub(crate) fn text(parser: &mut Parser) -> Result<String, Fault> {
    Ok(parser.value()?.string()?)
}

/// The number that an option says.
pub(crate) fn number<T: std::str::FromStr>(name: &str, parser: &mut Parser) -> Result<T, Fault> {
    let text = text(parser)?;
    text.parse().map_err(|_| format!("--{name}: `{text}` is not a number that it takes").into())
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

fn mark(text: &str) -> Result<char, Fault> {
    let mut marks = text.chars();
    match (marks.next(), marks.next()) {
        (Some(mark), None) => Ok(mark),
        _ => Err(format!("--thousands takes one character, not `{text}`").into()),
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
