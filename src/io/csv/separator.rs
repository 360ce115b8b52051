//! What stands between the fields of a line.

use crate::{Error, ErrorKind};

/// What stands between the fields of a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Separator {
    /// A comma. The default.
    #[default]
    Comma,
    /// A semicolon, as in countries where the comma marks the decimals.
    Semicolon,
    /// A tab.
    Tab,
    /// One or more spaces or tabs; those at either end of the line mean nothing. There are no quoted fields
    /// then, and no field is blank.
    Spaces,
    /// Any other byte of ASCII but a quote or the end of a line.
    Byte(u8),
}

impl Separator {
    const CANDIDATES: [(Self, u8); 4] =
        [(Self::Comma, b','), (Self::Semicolon, b';'), (Self::Tab, b'\t'), (Self::Byte(b'|'), b'|')];

    /// The separator that alone cuts every line given into the same number of fields, two or more: a comma,
    /// semicolon, tab or `|`, or, where none of these does, runs of spaces.
    ///
    /// `lines` is the beginning of the file, ten lines for example; where it holds more than one line,
    /// whatever follows the last line's end is left out, since it may be cut short.
    ///
    /// For programs that show a person what they found; the [`Reader`](super::Reader) itself never guesses.
    ///
    /// # Errors
    /// If no separator fits, or more than one does.
    ///
    /// # Example
    /// ```
    /// use patronage::io::csv::Separator;
    ///
    /// assert_eq!(Separator::detect("id;day;amount\n1;2011-02-01;4,50\n")?, Separator::Semicolon);
    /// assert_eq!(Separator::detect(" 00004 19970101  2   29.33\r\n")?, Separator::Spaces);
    /// assert!(Separator::detect("4,50;1,20").is_err());
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn detect(lines: impl AsRef<[u8]>) -> Result<Self, Error> {
        let lines = whole_lines(lines.as_ref());
        let shown = || String::from_utf8_lossy(&lines[..lines.len().min(60)]).into_owned();
        let refused = |rule| Err(Error::parameter("separator", shown(), rule));
        if lines.trim_ascii().is_empty() {
            let what = "lines to find the separator in";
            return Err(ErrorKind::Empty { what }.into());
        }
        let mut fitting = Self::CANDIDATES.into_iter().filter(|&(_, byte)| fits(lines, byte));
        match (fitting.next(), fitting.next()) {
            (Some((separator, _)), None) => Ok(separator),
            (Some(_), Some(_)) => refused("more than one separator fits; state which it is"),
            (None, _) if spaces_fit(lines) => Ok(Self::Spaces),
            (None, _) => refused("no separator cuts every line into the same number of fields"),
        }
    }

    /// The byte between fields; `None` for runs of spaces.
    pub(super) fn byte(self) -> Result<Option<u8>, Error> {
        match self {
            Self::Spaces => Ok(None),
            Self::Byte(byte) if !byte.is_ascii() || b"\"\r\n".contains(&byte) => {
                let rule = "must be ASCII, and not a quote or the end of a line";
                Err(Error::parameter("separator", byte.escape_ascii(), rule))
            }
            Self::Byte(byte) => Ok(Some(byte)),
            Self::Comma => Ok(Some(b',')),
            Self::Semicolon => Ok(Some(b';')),
            Self::Tab => Ok(Some(b'\t')),
        }
    }
}

fn whole_lines(text: &[u8]) -> &[u8] {
    match text.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => &text[..=end],
        None => text,
    }
}

fn fits(lines: &[u8], separator: u8) -> bool {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(lines);
    // Without `flexible`, a record of another length than the first is an error.
    let mut widths = reader.byte_records().map(|record| record.map_or(0, |record| record.len()));
    widths.all(|width| width > 1)
}

fn spaces_fit(lines: &[u8]) -> bool {
    let mut widths = lines
        .split(|&byte| byte == b'\n')
        .map(|line| fields_between_spaces(line).count())
        .filter(|&width| width > 0);
    let first = widths.next().unwrap_or(0);
    first > 1 && widths.all(|width| width == first)
}

/// The fields of a line cut at runs of spaces and tabs.
pub(super) fn fields_between_spaces(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_one_that_fits_every_line() {
        let cases = [
            ("a,b\n1,2\n", Separator::Comma),
            ("a\tb\n1,5\t2,5\n3\t4\n", Separator::Tab),
            ("a|b|c\n1|2|3", Separator::Byte(b'|')),
            ("a;b\n\"x,y;\nz\";1\n", Separator::Semicolon),
            ("day,amount\n2010-12-01 08:26,1\n", Separator::Comma),
            (" a  b\n\n 1\t 2\n", Separator::Spaces),
        ];
        for (lines, separator) in cases {
            assert_eq!(Separator::detect(lines).unwrap(), separator, "{lines:?}");
        }
    }

    #[test]
    fn does_not_guess() {
        for lines in ["", " \n", "alone\n", "a,b\n1,2,3\n", "1,5;2,5\n", "a b\n1 2 3\n"] {
            assert!(Separator::detect(lines).is_err(), "{lines:?}");
        }
        assert!(Separator::Byte(b'"').byte().is_err());
        assert!(Separator::Byte(0xa7).byte().is_err());
    }
}
