//! The way through a file: header, then record after record into the intake.

use std::io::Read;

use csv::ByteRecord;

use super::{
    columns::Names,
    decode::{Decoder, Fault, Row},
    reader::{BadRows, Reader},
    records::{Records, whole_record},
    zones::Zones,
};
use crate::{
    Error, ErrorKind,
    domain::{Finding, Intake},
};

const NOT_ABOVE_ZERO: &str = "is not above zero";
const SHORT: &str = "the record ends before this column";
const LONG: &str = "the record goes on where there is no column";
const LONGEST_TEXT: usize = 60;

pub(super) fn read(reader: &Reader, source: impl Read, intake: &mut Intake) -> Result<(), Error> {
    let mut records = Records::new(source, reader.separator.byte()?, reader.quotes)?;
    if reader.header {
        let what = "lines in the file, not even a header,";
        let header = records.next()?.ok_or(ErrorKind::Empty { what })?.1;
        let names = Names::of_header(header);
        let file = OpenFile::new(reader, names, intake)?;
        return file.rest(&mut records, intake);
    }
    // The first record says how many columns there are, and is a row itself.
    let Some((line, record)) = records.next()? else {
        return Ok(());
    };
    let file = OpenFile::new(reader, Names::numbered(record.len()), intake)?;
    file.take(record, line, intake)?;
    file.rest(&mut records, intake)
}

/// A file whose columns are known.
struct OpenFile<'a> {
    decoder: Decoder<'a>,
    names: Names,
    refuse: bool,
    strict: bool,
}

impl<'a> OpenFile<'a> {
    fn new(reader: &'a Reader, names: Names, intake: &Intake) -> Result<Self, Error> {
        if reader.cancel_mark.as_deref() == Some("") {
            let rule = "would make every order a cancelling one";
            return Err(Error::parameter("mark of cancelled orders", "", rule));
        }
        let strict = intake.is_strict();
        let (naive, days) = (reader.naive_zone.as_deref(), reader.day_zone.as_deref());
        Ok(Self {
            decoder: Decoder {
                layout: reader.mapping.resolve(&names)?,
                currency: reader.currency,
                dates: &reader.dates,
                zones: Zones::named(naive, days)?,
                numbers: reader.numbers,
                nulls: &reader.nulls,
                cancel_mark: reader.cancel_mark.as_deref(),
                ids: reader.ids,
                round: reader.round && !strict,
            },
            names,
            refuse: strict || reader.bad_rows == BadRows::Refuse,
            strict,
        })
    }

    fn rest(&self, records: &mut Records<impl Read>, intake: &mut Intake) -> Result<(), Error> {
        while let Some((line, record)) = records.next()? {
            self.take(record, line, intake)?;
        }
        Ok(())
    }

    fn take(&self, record: &ByteRecord, line: u64, intake: &mut Intake) -> Result<(), Error> {
        if record.len() != self.names.width() {
            return self.ragged(record, line, intake);
        }
        match self.decoder.row(record, line) {
            Ok(row) => {
                self.note(&row, record, intake)?;
                intake.entry(row.entry).map_err(|error| self.place(error, &row, record))
            }
            Err(fault) => self.bad(fault, record, line, intake),
        }
    }

    /// Counts what the row itself does not show to the intake.
    fn note(&self, row: &Row<'_>, record: &ByteRecord, intake: &mut Intake) -> Result<(), Error> {
        let line = row.entry.row;
        if let Some(column) = row.low_price {
            if self.strict {
                let fault = Fault { column, why: NOT_ABOVE_ZERO };
                return Err(self.refusal(fault, text_of(record, column), line));
            }
            let treatment = "counted; the amount decides what becomes of the row";
            let text = || text_of(record, column);
            intake.findings_mut().note(Finding::NonPositivePrice, treatment, line, text);
        }
        for column in row.rounded.iter() {
            let text = || text_of(record, column);
            intake.findings_mut().note(Finding::Rounded, "rounded, halves to even", line, text);
        }
        Ok(())
    }

    /// A record of another length: no field is sure to be in its column, so none is shown.
    fn ragged(&self, record: &ByteRecord, line: u64, intake: &mut Intake) -> Result<(), Error> {
        let width = self.names.width();
        let why = if record.len() < width { SHORT } else { LONG };
        let fault = Fault { column: record.len().min(width), why };
        let text = format!("{} fields, not {width}", record.len());
        if self.refuse {
            return Err(self.refusal(fault, text, line));
        }
        self.count(fault, &format!(": {text}"), line, intake);
        Ok(())
    }

    fn bad(&self, fault: Fault, record: &ByteRecord, line: u64, intake: &mut Intake) -> Result<(), Error> {
        if self.refuse {
            return Err(self.refusal(fault, text_of(record, fault.column), line));
        }
        // Samples outlive the file. Where fields have changed places, any of them may be an id: the line
        // tells where to look.
        self.count(fault, "", line, intake);
        Ok(())
    }

    /// A row that a policy refuses, by its line and column.
    fn place(&self, error: Error, row: &Row<'_>, record: &ByteRecord) -> Error {
        let ErrorKind::Row { rule, text, .. } = error.kind() else {
            return error;
        };
        let line = row.entry.row;
        match self.decoder.layout.concerned(rule, row) {
            Some(column) => self.refusal(Fault { column, why: rule }, text_of(record, column), line),
            None => whole_record(line, rule, text),
        }
    }

    fn count(&self, fault: Fault, text: &str, line: u64, intake: &mut Intake) {
        let findings = intake.findings_mut();
        findings.add_rows(1);
        findings.leave_out(1);
        findings.note(Finding::Unreadable, "left out", line, || {
            format!("{}: {}{text}", self.names.name(fault.column), fault.why)
        });
    }

    fn refusal(&self, fault: Fault, text: String, line: u64) -> Error {
        ErrorKind::Record { line, column: self.names.name(fault.column), fault: fault.why, text }.into()
    }
}

/// What a finished intake refuses is a row that equals an earlier one in every column.
pub(super) fn place_duplicate(error: Error) -> Error {
    match error.kind() {
        // Rows of a file bear the numbers of their lines.
        ErrorKind::Row { row, rule, .. } => whole_record(*row, rule, "as an earlier row"),
        _ => error,
    }
}

/// The beginning of a field, to be shown.
fn text_of(record: &ByteRecord, column: usize) -> String {
    let field = record.get(column).unwrap_or_default().trim_ascii();
    let shown = String::from_utf8_lossy(&field[..field.len().min(4 * LONGEST_TEXT)]);
    match shown.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}...", &shown[..end]),
        None => shown.into_owned(),
    }
}
