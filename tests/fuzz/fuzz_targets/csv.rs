//! A file of any bytes in any dialect is read or refused, however its bytes arrive.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use patronage::{
    domain::{Currency, Finding},
    io::csv::{BadRows, DateFormat, NumberFormat, Reader, Separator},
};

/// Gives three bytes at a time.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(3);
        self.0.read(&mut buffer[..most])
    }
}

fn reader(settings: u8, style: u8) -> Reader {
    let separators = [Separator::Comma, Separator::Semicolon, Separator::Spaces, Separator::Byte(style)];
    let dates =
        [DateFormat::iso(), DateFormat::compact(), DateFormat::day_first(), DateFormat::month_first()];
    let mut reader = Reader::new(Currency::EUR)
        .customer(0)
        .date(1)
        .separator(separators[usize::from(settings & 3)])
        .dates(dates[usize::from(style & 3)].clone())
        .header(settings & 4 == 0)
        .quotes(settings & 8 == 0)
        .nulls(["NA"])
        .cancelled_orders_start_with("C")
        .days_in("Europe/Paris")
        .naive_instants_in("America/New_York")
        .bad_rows(BadRows::SetAside);
    if settings & 16 == 0 {
        reader = reader.amount(2);
    } else {
        reader = reader.quantity(2).unit_price(3).discount(4).cost(5).order(6).product(7);
    }
    if settings & 32 != 0 {
        reader = reader.integer_ids();
    }
    if settings & 64 != 0 {
        reader = reader.round_amounts();
    }
    if settings & 128 != 0 {
        let marked = NumberFormat::comma().thousands(' ');
        reader = reader.numbers(marked.unwrap_or_default());
    }
    reader
}

fuzz_target!(|bytes: &[u8]| {
    let [settings, style, file @ ..] = bytes else {
        return;
    };
    let reader = reader(*settings, *style);
    let whole = reader.read(file);
    let dripped = reader.read(Dripping(file));
    match (&whole, &dripped) {
        (Ok(whole), Ok(dripped)) => {
            assert_eq!(whole.findings(), dripped.findings());
            assert_eq!(whole.revenue(), dripped.revenue());
            let lines = file.iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count() as u64 + 1;
            let findings = whole.findings();
            assert!(findings.rows() <= lines);
            assert!(findings.left_out() <= findings.rows());
            for sample in findings.iter().flat_map(|found| &found.samples) {
                assert!((1..=lines).contains(&sample.row));
            }
            let unreadable = findings.count(Finding::Unreadable);
            let strict = reader.bad_rows(BadRows::Refuse).read(file);
            assert_eq!(strict.is_ok(), unreadable == 0);
        }
        (Err(whole), Err(dripped)) => assert_eq!(whole.to_string(), dripped.to_string()),
        _ => panic!("the outcome depends on how the bytes arrive"),
    }
});
