//! Purchases from text files: CSV and its relatives.
//!
//! The primary type is [`Reader`]. It is told what the columns mean ([`Column`]) and how they are written
//! ([`Separator`], [`DateFormat`], [`NumberFormat`]), and reads a [`Ledger`](crate::domain::Ledger) with its
//! [`Findings`](crate::domain::Findings) from a file or any other source of bytes:
//!
//! ```
//! use patronage::{domain::Currency, io::csv::Reader};
//!
//! let file = "customer,date,amount\nanna,2026-03-14,12.00\nben,2026-03-15,5.00\n";
//! let ledger = Reader::new(Currency::EUR)
//!     .columns("customer", "date", "amount")
//!     .read(file.as_bytes())?;
//! assert_eq!(ledger.revenue().to_string(), "17.00 EUR");
//! # Ok::<(), patronage::Error>(())
//! ```
//!
//! # What a file may be
//! * UTF-8, with a byte order mark or without. Bytes that are not UTF-8 are a fault only in a column that is
//!   read.
//! * Lines that end with `\n`, `\r\n` or `\r`; the last one may lack its end. Blank lines are passed over.
//! * Fields in quotes, with separators, line ends and doubled quotes in them. The line of an error is the one
//!   on which its record begins.
//! * Spaces around a field mean nothing, within quotes either.
//! * A record with more or fewer fields than the header (without one, than the first record) is a bad row.
//!
//! Reading streams: one record is held at a time, and a record costs no allocation.
//!
//! # Bad rows
//! By default the first is an error that names its place:
//!
//! ```
//! use patronage::{
//!     domain::{Currency, Finding},
//!     io::csv::{BadRows, Reader},
//! };
//!
//! let file = "customer,date,amount\nanna,2026-03-14,12.00\nben,15/03/2026,5.00\n";
//! let reader = Reader::new(Currency::EUR).columns("customer", "date", "amount");
//! let error = reader.read(file.as_bytes()).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "line 3, column `date`: is not a date written YYYY-MM-DD: `15/03/2026`"
//! );
//!
//! let ledger = reader.bad_rows(BadRows::SetAside).read(file.as_bytes())?;
//! assert_eq!(ledger.findings().count(Finding::Unreadable), 1);
//! assert_eq!(ledger.revenue().to_string(), "12.00 EUR");
//! # Ok::<(), patronage::Error>(())
//! ```

mod columns;
mod currency_sign;
mod date;
mod decode;
mod fingerprint;
mod lines;
mod number;
mod reader;
mod reading;
mod records;
mod separator;
mod tests;
mod time_of_day;
mod zones;

pub use self::{
    columns::Column,
    date::DateFormat,
    number::NumberFormat,
    reader::{BadRows, Reader},
    separator::Separator,
};
