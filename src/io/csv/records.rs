//! The records of a file, one at a time, each with the line on which it begins.

use std::io::{self, BufRead, BufReader, Read};

use csv::ByteRecord;

use super::{
    lines::{Broken, Lines},
    separator::fields_between_spaces,
};
use crate::{Error, ErrorKind};

/// Reads records into one buffer that is used again and again.
pub(super) struct Records<R> {
    source: Source<R>,
    record: ByteRecord,
    line: u64,
}

enum Source<R> {
    Separated(csv::Reader<Lines<R>>),
    Spaced(Spaced<R>),
}

/// Lines cut at runs of spaces.
struct Spaced<R> {
    lines: BufReader<Lines<R>>,
    text: Vec<u8>,
    read: u64,
    number: u64,
}

const BUFFER: usize = 1 << 16;

impl<R: Read> Records<R> {
    /// `separator` is `None` for runs of spaces.
    pub(super) fn new(input: R, separator: Option<u8>, quotes: bool) -> Result<Self, Error> {
        let lines = Lines::new(input).map_err(ErrorKind::Io)?;
        let source = match separator {
            Some(byte) => Source::Separated(
                csv::ReaderBuilder::new()
                    .delimiter(byte)
                    .quoting(quotes)
                    .has_headers(false)
                    .flexible(true)
                    .buffer_capacity(BUFFER)
                    .from_reader(lines),
            ),
            None => Source::Spaced(Spaced {
                lines: BufReader::with_capacity(BUFFER, lines),
                text: Vec::new(),
                read: 0,
                number: 0,
            }),
        };
        Ok(Self { source, record: ByteRecord::new(), line: 1 })
    }

    /// The next record and its line, or `None` at the end. Blank lines are passed over.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &ByteRecord)>, Error> {
        loop {
            let found = match &mut self.source {
                Source::Separated(reader) => next_separated(reader, &mut self.record, &mut self.line)?,
                Source::Spaced(spaced) => spaced.next(&mut self.record, &mut self.line)?,
            };
            if !found {
                return Ok(None);
            }
            if !is_blank(&self.record) {
                return Ok(Some((self.line, &self.record)));
            }
        }
    }
}

/// A line of spaces is as blank as an empty one; a line of separators is not.
fn is_blank(record: &ByteRecord) -> bool {
    record.len() <= 1 && record.as_slice().trim_ascii().is_empty()
}

fn next_separated<R: Read>(
    reader: &mut csv::Reader<Lines<R>>,
    record: &mut ByteRecord,
    line: &mut u64,
) -> Result<bool, Error> {
    let before = reader.position().clone();
    reader.get_mut().record_begins(before.byte());
    let found = reader.read_byte_record(record);
    let after = reader.position();
    // Every record ends with one newline; the others on its lines are within its fields. Blank lines
    // before it were passed over, so its first line follows from its last.
    let newlines = after.line() - before.line();
    let within =
        if newlines > 1 { record.as_slice().split(|&byte| byte == b'\n').count() as u64 - 1 } else { 0 };
    *line = after.line().saturating_sub(1 + within).max(1);
    match found {
        Ok(true) if reader.get_ref().ended_at(after.byte()) => {
            // No newline ended this one.
            Err(whole_record(*line + 1, OPEN_QUOTE, ""))
        }
        Ok(found) => Ok(found),
        Err(error) => {
            let broken = reader.get_ref().broken();
            Err(failure(broken, before.line(), OPEN_QUOTE, error.into()))
        }
    }
}

impl<R: Read> Spaced<R> {
    fn next(&mut self, record: &mut ByteRecord, line: &mut u64) -> Result<bool, Error> {
        self.text.clear();
        self.lines.get_mut().record_begins(self.read);
        let read = self.lines.read_until(b'\n', &mut self.text);
        self.number += 1;
        *line = self.number;
        match read {
            Ok(read) => self.read += read as u64,
            Err(error) => {
                let broken = self.lines.get_ref().broken();
                return Err(failure(broken, self.number, LONG_LINE, error));
            }
        }
        record.clear();
        for field in fields_between_spaces(&self.text) {
            record.push_field(field);
        }
        Ok(!self.text.is_empty())
    }
}

const OPEN_QUOTE: &str = "a quote opens in this record and is not closed";
const LONG_LINE: &str = "the line is longer than 16 MiB";

fn failure(broken: Option<Broken>, line: u64, too_long: &'static str, error: io::Error) -> Error {
    match broken {
        Some(Broken::TooLong) => whole_record(line, too_long, ""),
        Some(Broken::Utf16) => whole_record(line, "the file is UTF-16, not UTF-8", ""),
        None => ErrorKind::Io(error).into(),
    }
}

/// An error that no single column is to blame for.
pub(super) fn whole_record(line: u64, fault: &'static str, text: impl Into<String>) -> Error {
    ErrorKind::Record { line, column: "(all)".to_owned(), fault, text: text.into() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each record as its line and its fields between bars.
    fn shown(text: &[u8], separator: Option<u8>) -> Result<Vec<String>, Error> {
        let mut records = Records::new(text, separator, true)?;
        let mut all = Vec::new();
        while let Some((line, record)) = records.next()? {
            let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
            all.push(format!("{line} {}", fields.join("|")));
        }
        Ok(all)
    }

    fn commas(text: &str) -> Vec<String> {
        shown(text.as_bytes(), Some(b',')).unwrap()
    }

    #[test]
    fn a_record_knows_the_line_on_which_it_begins() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", "a,b", "", "  ", "\"1", "", "2\",3", "\"\"", "c,d"].join(end);
            let expected = ["2 a|b", "5 1\n\n2|3", "9 c|d"];
            assert_eq!(commas(&text), expected, "{end:?}");
            assert_eq!(commas(&format!("{text}{end}")), expected, "{end:?}");
        }
    }

    #[test]
    fn runs_of_spaces_are_one_separator() {
        let text = b"\xef\xbb\xbf a  b\t c \r\n\r\n 1 2\n   \n3";
        let expected = ["1 a|b|c", "3 1|2", "5 3"];
        assert_eq!(shown(text, None).unwrap(), expected);
    }

    #[test]
    fn quotes_may_hold_anything_and_must_close() {
        assert_eq!(commas("\"a,\"\"b\"\"\",c"), ["1 a,\"b\"|c"]);
        assert_eq!(commas("a,\"b\n\n\""), ["1 a|b\n\n"]);
        assert_eq!(commas("a,\"b\""), ["1 a|b"]);
        for open in ["a,b\n\nc,\"d\ne,f\n", "a,b\n\nc,\"d", "a\n\n\""] {
            let error = shown(open.as_bytes(), Some(b',')).unwrap_err();
            assert_eq!(error.line(), Some(3), "{open:?}");
            assert!(error.to_string().contains(OPEN_QUOTE), "{error}");
        }
    }

    #[test]
    fn a_record_without_end_does_not_fill_the_memory() {
        let endless = io::repeat(b'x').take(1 << 40);
        let mut records = Records::new(b"a,b\n\"".chain(endless), Some(b','), true).unwrap();
        assert!(records.next().is_ok());
        assert_eq!(records.next().unwrap_err().line(), Some(2));

        let endless = io::repeat(b'x').take(1 << 40);
        let mut records = Records::new(endless, None, true).unwrap();
        assert!(records.next().unwrap_err().to_string().contains(LONG_LINE));
    }

    #[test]
    fn utf16_is_named() {
        let error = shown(b"\xff\xfea\0", Some(b',')).unwrap_err();
        assert!(error.to_string().contains("UTF-16"), "{error}");
    }
}
