//! A policy that refuses a row of a file says on which line and in which column.

use patronage::{
    Error,
    domain::{
        Consent, ConsentRegister, Currency, Day, Duplicates, Intake, LaterDates, MissingCustomer, Policies,
        Purpose, Refunds, ZeroAmounts,
    },
    io::csv::Reader,
};

fn stated() -> Reader {
    Reader::new(Currency::EUR).columns("who", "when", "paid").order("bill").cancelled_orders_start_with("C")
}

fn computed() -> Reader {
    Reader::new(Currency::EUR).customer("who").date("when").quantity("n").unit_price("each")
}

/// The refusal of the second row, which is on line 4, after a blank one.
fn refusal(reader: &Reader, header: &str, first: &str, second: &str) -> Error {
    let file = format!("{header}\n{first}\n\n{second}\n");
    reader.read(file.as_bytes()).unwrap_err()
}

#[test]
fn each_policy_refuses_by_line_and_column() {
    let policies = Policies::default();
    let day = Day::ymd(2020, 1, 1).unwrap();
    let cases = [
        (
            policies.missing_customer(MissingCustomer::Refuse),
            ",2020-01-01,5,B2",
            "column `who`: a customer is required: ``",
        ),
        (
            policies.refunds(Refunds::Refuse),
            "anna,2020-01-01,-5,B2",
            "column `paid`: an amount must not be negative: `-5`",
        ),
        (
            policies.zero_amounts(ZeroAmounts::Refuse),
            "anna,2020-01-01,0.00,B2",
            "column `paid`: an amount must not be zero: `0.00`",
        ),
        (
            policies.as_of(day, LaterDates::Refuse),
            "anna,2020-01-02,5,B2",
            "column `when`: is after as_of: `2020-01-02`",
        ),
        (Policies::strict(), "anna,2020-01-01,5,C2", "column `bill`: is on a cancelling order: `C2`"),
        (
            policies.duplicates(Duplicates::Refuse),
            "anna,2020-01-01,5,B1",
            "column `(all)`: is an exact duplicate: `as an earlier row`",
        ),
    ];
    for (policies, second, message) in cases {
        let reader = stated().policies(policies);
        let error = refusal(&reader, "who,when,paid,bill", "anna,2020-01-01,5,B1", second);
        assert_eq!(error.to_string(), format!("line 4, {message}"));
        assert_eq!((error.line(), error.row()), (Some(4), None));
    }
}

#[test]
fn an_amount_that_is_computed_blames_the_factor() {
    let strict = Policies::default().refunds(Refunds::Refuse).zero_amounts(ZeroAmounts::Refuse);
    let reader = computed().policies(strict);
    for (second, column) in [
        ("anna,2020-01-01,-2,5", "n"),
        ("anna,2020-01-01,2,-5", "each"),
        ("anna,2020-01-01,0,5", "n"),
        ("anna,2020-01-01,2,0", "each"),
    ] {
        let error = refusal(&reader, "who,when,n,each", "anna,2020-01-01,1,5", second);
        assert_eq!((error.line(), error.column()), (Some(4), Some(column)), "{error}");
    }
}

#[test]
fn missing_consent_is_refused_by_line_and_column() {
    let day = Day::ymd(2020, 1, 1).unwrap();
    let mut register = ConsentRegister::default();
    register.insert(Consent::granted("anna", Purpose::PROFILING, day));
    let mut intake = Intake::new(Currency::EUR)
        .policies(Policies::strict())
        .consent(&register, Purpose::PROFILING, day)
        .unwrap();
    let reader = Reader::new(Currency::EUR).header(false).columns(0, 1, 2);
    let file = "anna,2020-01-01,5\nben,2020-01-01,5\n";
    let error = reader.read_into(file.as_bytes(), &mut intake).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column `1`: consent is required: `ben`");
}
