//! Text files of any bytes, and files that say a known thing in any dialect.

use std::io::{self, Read};

use patronage::{
    domain::{Currency, Day, Finding, Money},
    io::csv::{BadRows, DateFormat, NumberFormat, Reader, Separator},
};
use proptest::prelude::*;

fn separators() -> impl Strategy<Value = Separator> {
    prop_oneof![
        Just(Separator::Comma),
        Just(Separator::Semicolon),
        Just(Separator::Tab),
        Just(Separator::Spaces),
        any::<u8>().prop_map(Separator::Byte),
    ]
}

/// Bytes that look like a file often enough to come far into the reader.
fn nearly_files() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "a", "7", "17850.0", "NA", "2011-02-01", "20110201", "1/2/2011", "2011-02-01T08:26Z", "1.50",
            "-1,5", "($3)", "1 234,5 €", "C1", "", " ", "é", "\u{feff}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        8 => prop::sample::select(vec![",", ";", "\t", "  "]).prop_map(|text| text.as_bytes().to_vec()),
        4 => prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]).prop_map(|text| text.as_bytes().to_vec()),
        1 => Just(b"\"".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Gives a few bytes at a time.
struct Dripping<'a>(&'a [u8], usize);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

/// What a reading came to, as text.
fn outcome(reader: &Reader, source: impl Read) -> String {
    match reader.read(source) {
        Ok(ledger) => format!("{}\n{}", ledger.revenue(), ledger.findings()),
        Err(error) => error.to_string(),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop_oneof![nearly_files(), prop::collection::vec(any::<u8>(), 0..400)],
        separator in separators(),
        (header, quotes, integers, round) in any::<(bool, bool, bool, bool)>(),
        drip in 1_usize..9,
    ) {
        let mut reader = Reader::new(Currency::EUR)
            .columns(0, 1, 2)
            .separator(separator)
            .header(header)
            .quotes(quotes)
            .nulls(["NA"])
            .days_in("Europe/Paris")
            .bad_rows(BadRows::SetAside);
        if integers {
            reader = reader.integer_ids();
        }
        if round {
            reader = reader.round_amounts();
        }
        let whole = outcome(&reader, bytes.as_slice());
        prop_assert_eq!(outcome(&reader, Dripping(&bytes, drip)), whole);
        if let (Ok(ledger), Ok(strict)) =
            (reader.read(bytes.as_slice()), reader.bad_rows(BadRows::Refuse).read(bytes.as_slice()))
        {
            // What is read with bad rows refused has none.
            prop_assert_eq!(strict.findings(), ledger.findings());
            prop_assert_eq!(strict.findings().count(Finding::Unreadable), 0);
        }
        let _ = Separator::detect(&bytes);
        let _ = DateFormat::detect([String::from_utf8_lossy(&bytes)]);
    }

    #[test]
    fn every_dialect_says_the_same(
        rows in prop::collection::vec(("[a-z ,;\"\n]{0,9}", 0_i32..20_000, -99_999_999_i64..99_999_999), 1..20),
        (semicolons, german, header, bom, crlf, ended) in any::<(bool, bool, bool, bool, bool, bool)>(),
    ) {
        let numbers = if german {
            NumberFormat::comma().thousands('.').unwrap()
        } else {
            NumberFormat::point().thousands(',').unwrap()
        };
        let mut reader = Reader::new(Currency::EUR)
            .columns(0, 1, 2)
            .product(3)
            .header(header)
            .dates(if german { DateFormat::day_first() } else { DateFormat::iso() })
            .numbers(numbers);
        if semicolons {
            reader = reader.separator(Separator::Semicolon);
        }
        let mut file = if bom { "\u{feff}".to_owned() } else { String::new() };
        let separator = if semicolons { ";" } else { "," };
        let mut lines: Vec<String> = rows.iter().map(|(product, day, minor)| {
            let day = Day::from_epoch_days(*day).unwrap();
            let fields = [quoted("anna"), written_day(day, german), written(*minor, german), quoted(product)];
            fields.join(separator)
        }).collect();
        if header {
            lines.insert(0, ["who", "day", "paid", "what"].join(separator));
        }
        let end = if crlf { "\r\n" } else { "\n" };
        file.push_str(&lines.join(end));
        if ended {
            file.push_str(end);
        }
        let ledger = reader.read(file.as_bytes()).unwrap();
        let sum = rows.iter().map(|row| row.2).sum();
        prop_assert_eq!(ledger.revenue(), Money::of_minor(sum, Currency::EUR));
        prop_assert_eq!(ledger.findings().rows(), rows.len() as u64);
        prop_assert_eq!(ledger.findings().left_out(), 0);
    }

    #[test]
    fn a_fault_is_found_on_its_line(lines_before in prop::collection::vec("[a-c]{0,2}\n?", 0..12)) {
        let mut file = "id,day,paid,note\n".to_owned();
        for note in &lines_before {
            file.push_str("1,2011-02-01,1,");
            file.push_str(&quoted(note));
            file.push_str("\n\n");
        }
        let line = file.matches('\n').count() as u64 + 1;
        file.push_str("1,2011-02-01,oops,x\n");
        let error = Reader::new(Currency::EUR).columns("id", "day", "paid").read(file.as_bytes()).unwrap_err();
        prop_assert_eq!((error.line(), error.column()), (Some(line), Some("paid")));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn written_day(day: Day, german: bool) -> String {
    let (year, month, of_month) = day.to_ymd();
    if german { format!("{of_month}.{month}.{year}") } else { day.to_string() }
}

/// With thousands marks, quoted, as a spreadsheet would have it.
fn written(minor: i64, german: bool) -> String {
    let plain = Money::of_minor(minor.abs(), Currency::EUR).digits().to_string();
    let (whole, cents) = plain.split_once('.').unwrap();
    let mut marked = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            marked.push(if german { '.' } else { ',' });
        }
        marked.push(digit);
    }
    let decimal = if german { ',' } else { '.' };
    let sign = if minor < 0 { "-" } else { "" };
    quoted(&format!("{sign}{marked}{decimal}{cents}"))
}
