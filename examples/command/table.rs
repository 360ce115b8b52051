//! A plain table: a CSV with a header.

use std::fs::File;

use csv::{ReaderBuilder, StringRecord};

use super::{Fault, say};

/// Columns of numbers by name; a blank cell is missing.
pub(crate) struct Table {
    pub(crate) rows: usize,
    pub(crate) columns: Vec<(String, Vec<Option<f64>>)>,
    /// Columns that hold something other than numbers.
    pub(crate) left_out: Vec<String>,
}

/// All cells of a file, as they are written.
pub(crate) struct Sheet {
    header: Vec<String>,
    records: Vec<StringRecord>,
}

impl Sheet {
    pub(crate) fn open(path: &str) -> Result<Self, Fault> {
        let file = File::open(path).map_err(|error| format!("{path}: {error}"))?;
        let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let header: Vec<String> = reader.headers()?.iter().map(|name| unmarked(name).to_owned()).collect();
        let records: Vec<StringRecord> = reader.records().collect::<Result<_, _>>()?;
        if records.is_empty() {
            return Err("the file has no rows".into());
        }
        warn_of_blank_lines(&records);
        Ok(Self { header, records })
    }

    pub(crate) fn rows(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// The place of a column.
    pub(crate) fn place(&self, name: &str) -> Result<usize, Fault> {
        let place = self.header.iter().position(|known| known == name);
        place.ok_or_else(|| format!("no column `{name}`; there are: {}", self.header.join(", ")).into())
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.records.get(row).map_or(0, line_of)
    }

    /// A cell; a blank one is none.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.records.get(row)?.get(column).filter(|text| !text.is_empty())
    }

    /// A column that holds numbers or nothing; otherwise the first row that holds something else.
    pub(crate) fn known_numbers(&self, column: usize) -> Result<Vec<Option<f64>>, (usize, String)> {
        let number = |row: usize| match self.cell(row, column) {
            None => Ok(None),
            Some(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some(number)),
                _ => Err((row, text.to_owned())),
            },
        };
        (0..self.rows()).map(number).collect()
    }

    /// The cells of a column by its name, none of them blank.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, Fault> {
        let at = self.place(name)?;
        let cell = |(row, record): (usize, &'_ StringRecord)| match record.get(at) {
            None | Some("") => Err(self.fault(row, name, "is blank: fill it, or leave the row out", "")),
            Some(_) => Ok(()),
        };
        self.records.iter().enumerate().try_for_each(cell)?;
        Ok(self.records.iter().map(|record| record.get(at).unwrap_or_default()).collect())
    }

    /// The numbers of a column by its name, or the first cell that holds something else.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, Fault> {
        let number = |(row, text): (usize, &str)| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.fault(row, name, "is not a number", text)),
        };
        self.texts(name)?.into_iter().enumerate().map(number).collect()
    }

    pub(crate) fn fault(&self, row: usize, name: &str, fault: &str, text: &str) -> Fault {
        format!("line {}, column `{name}`: {fault}: `{text}`", self.line(row)).into()
    }
}

impl Table {
    /// Reads the columns asked for, or all that are numbers.
    pub(crate) fn read(path: &str, wanted: &[String]) -> Result<Self, Fault> {
        let sheet = Sheet::open(path)?;
        wanted.iter().try_for_each(|name| sheet.place(name).map(|_| ()))?;
        let mut table = Self { rows: sheet.rows(), columns: Vec::new(), left_out: Vec::new() };
        for (at, name) in sheet.header().iter().enumerate() {
            if !wanted.is_empty() && !wanted.contains(name) {
                continue;
            }
            if name.is_empty() {
                table.left_out.push(format!("column {} without a name", at + 1));
                continue;
            }
            match sheet.known_numbers(at) {
                Ok(values) => table.columns.push((name.clone(), values)),
                Err(_) if wanted.is_empty() => table.left_out.push(name.clone()),
                Err((row, text)) => {
                    let line = sheet.line(row);
                    return Err(format!("line {line}, column `{name}`: not a number: `{text}`").into());
                }
            }
        }
        if table.columns.is_empty() {
            return Err("no column holds numbers alone; is it a comma that parts the columns?".into());
        }
        // In the order asked for.
        table.columns.sort_by_key(|(name, _)| wanted.iter().position(|other| other == name));
        Ok(table)
    }
}

fn line_of(record: &StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

/// Lines without anything are no rows: said, for the numbers of rows count without them.
fn warn_of_blank_lines(records: &[StringRecord]) {
    let breaks =
        |record: &StringRecord| record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
    let skipped = |pair: &[StringRecord]| line_of(&pair[1]) - line_of(&pair[0]) > 1 + breaks(&pair[0]);
    let gaps = records.windows(2).filter(|pair| skipped(pair)).count();
    if gaps > 0 {
        say(format!("{gaps} times blank lines lie between rows; they count as no rows"));
    }
}

/// A name without the byte order mark that some programs begin a file with.
fn unmarked(name: &str) -> &str {
    name.trim_start_matches('\u{feff}').trim()
}
