//! The reader as a host meets it: what it refuses, what it counts, what it keeps.
#![cfg(test)]

use super::{BadRows, DateFormat, NumberFormat, Reader, Separator};
use crate::{
    Error,
    domain::{Currency, Finding, Intake, Ledger, Policies},
};

fn three() -> Reader {
    Reader::new(Currency::USD).columns("id", "day", "paid")
}

fn read(reader: &Reader, text: &str) -> Result<Ledger, Error> {
    reader.read(text.as_bytes())
}

fn refusal(reader: &Reader, text: &str) -> String {
    read(reader, text).unwrap_err().to_string()
}

#[test]
fn a_file_may_have_no_amounts() {
    let dates = Reader::new(Currency::USD).customer("id").date("day");
    let text = "id,day,paid\n1,2011-02-01,5\n1,2011-02-02,7\n";
    assert!(refusal(&dates, text).contains("is not stated, nor are a quantity and a unit price"));
    let ledger = read(&dates.clone().without_amounts(), text).unwrap();
    assert_eq!((ledger.len(), ledger.revenue().minor()), (2, 0));
    assert_eq!(ledger.findings().count(Finding::ZeroAmount), 2);
    let strict = dates.without_amounts().policies(Policies::strict());
    assert!(refusal(&strict, text).contains("an amount must not be zero"));
    assert_eq!(read(&three().without_amounts(), text).unwrap().revenue().minor(), 1200);
}

#[test]
fn the_first_bad_row_is_an_error_with_its_place() {
    let cases = [
        ("id,day,paid\n1,2011-02-01,\n", "line 2, column `paid`: is blank: ``"),
        ("id,day,paid\n\n1,2011-02-01,x\n", "line 3, column `paid`: is not a decimal number: `x`"),
        (
            "id,day,paid\n1,2011-02-01\n",
            "line 2, column `paid`: the record ends before this column: `2 fields, not 3`",
        ),
        (
            "id,day,paid\n1,2011-02-01,1,2\n",
            "line 2, column `4`: the record goes on where there is no column: `4 fields, not 3`",
        ),
        (
            "id,day,paid\n\"a\nb\",2011-02-30,1\n",
            "line 2, column `day`: is no day of the calendar: `2011-02-30`",
        ),
        (
            "id,day,paid\n1,2011-02-01T00:00Z,1\n",
            "line 2, column `day`: is an instant with an offset, and no zone is stated in which it \
             becomes a day: `2011-02-01T00:00Z`",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(&three(), text), message);
    }
}

#[test]
fn columns_must_be_there_once() {
    let missing = refusal(&three(), "id, date ,paid\n");
    assert_eq!(missing, "no column `day`; there are: id, date, paid");
    let twice = refusal(&three(), "id,day,paid,day\n");
    assert!(twice.contains("more than one column"), "{twice}");
    let by_place = Reader::new(Currency::USD).columns(0, 1, 7);
    assert!(refusal(&by_place, "a,b,c\n").starts_with("no column `number 8 (index 7)`"));
    assert!(refusal(&by_place.header(false), "1,2,3\n").ends_with("numbers 1 to 3"));
    let nameless = three().header(false);
    assert!(refusal(&nameless, "1,2011-02-01,3\n").contains("without a header"));
    let no_amount = Reader::new(Currency::USD).customer("id").date("day");
    assert!(refusal(&no_amount, "id,day\n").contains("is not stated"));
    assert!(read(&three(), "").unwrap_err().is_empty());
}

#[test]
fn settings_may_not_contradict() {
    let file = "id,day,paid\n";
    assert!(refusal(&three().days_in("Europe/Atlantis"), file).contains("time zone"));
    assert!(refusal(&three().separator(Separator::Byte(b'"')), file).contains("separator"));
    assert!(refusal(&three().cancelled_orders_start_with(""), file).contains("cancelled"));
    let mut euros = Intake::new(Currency::EUR);
    assert!(three().read_into(file.as_bytes(), &mut euros).is_err());
    let nowhere = three().open("no/such/file.csv").unwrap_err();
    assert!(nowhere.to_string().starts_with("no/such/file.csv: "), "{nowhere}");
}

#[test]
fn bad_rows_set_aside_are_counted_and_hold_no_id() {
    let text = "id,day,paid\nsecret,x,1\n\
                secret,2011-02-01,1\n\
                secret,2011-02-01,1,secret\n\
                5.5,2011-02-01,1\n";
    let reader = three().integer_ids().bad_rows(BadRows::SetAside);
    let ledger = read(&reader, &text.replacen("secret", "7", 2)).unwrap();
    let findings = ledger.findings();
    assert_eq!((findings.rows(), findings.left_out()), (4, 3));
    let samples = &findings.of(Finding::Unreadable).unwrap().samples;
    let shown: Vec<_> = samples.iter().map(|sample| (sample.row, sample.text.as_str())).collect();
    assert_eq!(shown[0], (2, "day: is not a date written YYYY-MM-DD"));
    assert_eq!(shown[1].0, 4);
    assert_eq!(shown[1].1, "4: the record goes on where there is no column: 4 fields, not 3");
    assert!(shown.iter().all(|(_, text)| !text.contains("secret") && !text.contains("5.5")));
}

#[test]
fn an_id_in_any_column_stays_out_of_the_samples() {
    let text = "id,day,paid\n\
                2020-01-01,anna@example.org,5\n\
                5,2020-01-01,anna@example.org\n\
                1,2020-01-01,5,anna@example.org\n\
                anna@example.org,2020-01-01\n";
    let ledger = read(&three().bad_rows(BadRows::SetAside), text).unwrap();
    let findings = ledger.findings();
    assert_eq!(findings.count(Finding::Unreadable), 4);
    assert!(!findings.to_string().contains("anna"), "{findings}");
    let samples = &findings.of(Finding::Unreadable).unwrap().samples;
    assert!(samples.iter().all(|sample| !sample.text.contains("anna")), "{samples:?}");
}

#[test]
fn what_is_kept_is_the_rest() {
    let german = Reader::new(Currency::EUR)
        .columns(0, 1, 2)
        .header(false)
        .separator(Separator::Semicolon)
        .dates(DateFormat::day_first())
        .numbers(NumberFormat::comma().thousands('.').unwrap())
        .bad_rows(BadRows::SetAside);
    let text = "\u{feff}anna;1.2.2011;1.234,50 €\r\nben;2.2.2011;1.23,50\r\ncleo;3.2.2011;-34,50";
    let ledger = read(&german, text).unwrap();
    assert_eq!(ledger.revenue().to_string(), "1200.00 EUR");
    assert_eq!(ledger.findings().count(Finding::Unreadable), 1);
}

#[test]
fn long_texts_are_cut_in_messages() {
    let text = format!("id,day,paid\n1,{},1\n", "é".repeat(5000));
    let message = refusal(&three(), &text);
    assert!(message.len() < 300 && message.contains("é..."), "{message}");
}

#[test]
fn strict_policies_refuse_what_would_be_counted() {
    let priced = Reader::new(Currency::USD)
        .customer("id")
        .date("day")
        .quantity("n")
        .unit_price("price")
        .bad_rows(BadRows::SetAside)
        .round_amounts();
    let strict = priced.clone().policies(Policies::strict());
    for (row, finding) in [
        ("1,2011-02-01,1,0", Finding::NonPositivePrice),
        ("1,2011-02-01,0.5,0.01", Finding::Rounded),
        ("1,2011-02-01,x,1", Finding::Unreadable),
    ] {
        let text = format!("id,day,n,price\n{row}\n");
        assert_eq!(read(&priced, &text).unwrap().findings().count(finding), 1, "{row}");
        assert_eq!(read(&strict, &text).unwrap_err().line(), Some(2), "{row}");
    }
}

#[test]
fn an_exotic_header_and_quotes_as_characters_are_read() {
    let reader = three().quotes(false);
    let text = "id,day,paid\n\"a,2011-02-01,1\nb,2011-02-01,2\n";
    assert_eq!(read(&reader, text).unwrap().revenue().minor(), 300);
    assert_eq!(read(&three(), text).unwrap_err().line(), Some(2));
}

#[test]
fn the_files_of_the_literature_are_read_as_they_are() {
    let text = " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n";
    let reader = Reader::new(Currency::USD)
        .columns(0, 2, 4)
        .header(false)
        .separator(Separator::Spaces)
        .dates(DateFormat::compact())
        .integer_ids();
    assert_eq!(read(&reader, text).unwrap().revenue().minor(), 5906);
}
