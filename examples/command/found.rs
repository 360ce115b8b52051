//! What the first lines of a file show of how it is written.

use std::{fs::File, io::Read};

use csv::{ByteRecord, ReaderBuilder};
use patronage::io::csv::{Column, DateFormat, Separator};

use super::{Fault, say};

const LONGEST_HEAD: u64 = 1 << 18;

/// The first whole lines of a file: enough to see how it is written.
pub(super) fn head_of(file: &str) -> Result<Vec<u8>, Fault> {
    let mut head = Vec::new();
    let opened = File::open(file).map_err(|error| format!("{file}: {error}"))?;
    let read =
        opened.take(LONGEST_HEAD).read_to_end(&mut head).map_err(|error| format!("{file}: {error}"))?;
    if head.trim_ascii().is_empty() {
        return Err(format!("{file}: the file is empty").into());
    }
    if read as u64 == LONGEST_HEAD {
        let whole = head.iter().rposition(|&byte| byte == b'\n').map_or(read, |end| end + 1);
        head.truncate(whole);
    }
    while head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    Ok(head)
}

/// The separator that fits every line; failing that, the one that fits most, so that the reader can say
/// which lines are bad.
pub(super) fn separator(head: &[u8]) -> Result<Separator, Fault> {
    match Separator::detect(head) {
        Ok(found) => {
            say(format!("fields are parted by {}", name_of(found)));
            Ok(found)
        }
        Err(error) => {
            let found = of_most_lines(head).ok_or_else(|| format!("{error}; say --separator"))?;
            say(format!("fields are parted by {} in most of the first lines", name_of(found)));
            Ok(found)
        }
    }
}

/// The one separator that cuts more than half of the lines as it cuts the first, and more of them than any
/// other.
fn of_most_lines(head: &[u8]) -> Option<Separator> {
    let candidates = [Separator::Comma, Separator::Semicolon, Separator::Tab, Separator::Byte(b'|')];
    let mut fitting: Vec<_> =
        candidates.into_iter().filter_map(|separator| Some((fit(head, separator)?, separator))).collect();
    if fitting.is_empty() {
        return fit(head, Separator::Spaces).map(|_| Separator::Spaces);
    }
    fitting.sort_unstable_by_key(|&(lines, _)| std::cmp::Reverse(lines));
    match fitting.as_slice() {
        [first, second, ..] if first.0 == second.0 => None,
        [first, ..] => Some(first.1),
        [] => None,
    }
}

/// How many lines have as many fields as the first, if these are most of them and the fields two or more.
fn fit(head: &[u8], separator: Separator) -> Option<usize> {
    let widths: Vec<usize> = records(head, separator).iter().map(ByteRecord::len).collect();
    let first = *widths.first().filter(|&&width| width > 1)?;
    let alike = widths.iter().filter(|&&width| width == first).count();
    (alike * 2 > widths.len()).then_some(alike)
}

fn records(head: &[u8], separator: Separator) -> Vec<ByteRecord> {
    let byte = match separator {
        Separator::Comma => b',',
        Separator::Semicolon => b';',
        Separator::Tab => b'\t',
        Separator::Byte(byte) => byte,
        Separator::Spaces => return between_spaces(head),
    };
    let mut reader = ReaderBuilder::new().delimiter(byte).has_headers(false).flexible(true).from_reader(head);
    reader.byte_records().map_while(Result::ok).collect()
}

fn between_spaces(head: &[u8]) -> Vec<ByteRecord> {
    let fields = |line: &[u8]| -> ByteRecord {
        line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).collect()
    };
    head.split(|&byte| byte == b'\n').map(fields).filter(|record| !record.is_empty()).collect()
}

/// The texts of a column, or `None` if there is no such column.
pub(super) fn texts(head: &[u8], separator: Separator, header: bool, column: &Column) -> Option<Vec<String>> {
    let text = |field: &[u8]| String::from_utf8_lossy(field.trim_ascii()).into_owned();
    let records = records(head, separator);
    let first = records.first()?;
    let place = match column {
        Column::Index(place) => *place,
        Column::Name(name) => first.iter().position(|field| text(field) == *name)?,
    };
    first.get(place)?;
    let rows = records.iter().skip(usize::from(header));
    Some(rows.filter_map(|record| record.get(place)).map(text).collect())
}

/// The one format in which the texts can be read. Those that are no date in any format are left to the
/// reader, which refuses them by their line or sets them aside.
pub(super) fn dates(texts: &[String]) -> Result<DateFormat, Fault> {
    let Some(first) = texts.first() else {
        say("there are no dates to find their format in; they are read as iso");
        return Ok(DateFormat::iso());
    };
    let formats = [
        ("iso", DateFormat::iso()),
        ("compact", DateFormat::compact()),
        ("day-first", DateFormat::day_first()),
        ("month-first", DateFormat::month_first()),
    ];
    let reads = |text: &str| formats.iter().any(|(_, format)| format.day(text).is_ok());
    let days: Vec<&str> = texts.iter().map(|text| without_time(text)).filter(|text| reads(text)).collect();
    if days.is_empty() {
        return Err(format!("`{first}` is a date in none of the known formats: say --date-format").into());
    }
    let fits = |format: &DateFormat| days.iter().all(|text| format.day(text).is_ok());
    let fitting: Vec<&str> =
        formats.iter().filter(|(_, format)| fits(format)).map(|(name, _)| *name).collect();
    if fitting.len() > 1 {
        let names = fitting.join(" or ");
        return Err(format!("the dates fit several formats: say --date-format {names}").into());
    }
    let found = DateFormat::detect(&days).map_err(|error| format!("{error}; say --date-format"))?;
    say(format!("dates are read as {}", fitting.join("")));
    Ok(found)
}

/// An instant with an offset is a day only in a zone, but its date shows how dates are written.
fn without_time(text: &str) -> &str {
    text.split(|mark: char| mark.is_whitespace() || mark == 'T').next().unwrap_or(text)
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
