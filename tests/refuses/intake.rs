//! Every policy that refuses says which row and which rule; every policy that leaves out counts.

use patronage::domain::{
    Columns, Consent, ConsentRegister, Currency, Day, Duplicates, Finding, Intake, LaterDates, Ledger, Line,
    MissingCustomer, Money, People, Policies, Purpose, Refunds, Transaction, ZeroAmounts,
};

fn day() -> Day {
    Day::ymd(2026, 3, 2).unwrap()
}

fn euros(amount: i64) -> Money {
    Money::of_minor(amount * 100, Currency::EUR)
}

/// A clean row, the row in question, and the intake's answer to it.
fn offer(policies: Policies, row: Transaction) -> Result<Ledger, patronage::Error> {
    let mut intake = Intake::new(Currency::EUR).policies(policies);
    intake.push(Transaction::new("anna", day(), euros(10)))?;
    intake.push(row)?;
    intake.finish()
}

#[test]
fn each_policy_refuses_by_row_and_rule() {
    let cases = [
        (
            Policies::default().missing_customer(MissingCustomer::Refuse),
            Transaction::new("x", day(), euros(1)).anonymous(),
            "row 1: a customer is required: ``",
        ),
        (
            Policies::default().refunds(Refunds::Refuse),
            Transaction::new("anna", day(), euros(-3)),
            "row 1: an amount must not be negative: `-3.00 EUR`",
        ),
        (
            Policies::default().zero_amounts(ZeroAmounts::Refuse),
            Transaction::new("anna", day(), euros(0)),
            "row 1: an amount must not be zero: `0`",
        ),
        (
            Policies::default().duplicates(Duplicates::Refuse),
            Transaction::new("anna", day(), euros(10)),
            "row 1: is an exact duplicate: ``",
        ),
        (
            Policies::default().as_of(day(), LaterDates::Refuse),
            Transaction::new("anna", day().plus(1), euros(10)),
            "row 1: is after as_of: `2026-03-03`",
        ),
        (
            Policies::strict(),
            Transaction::new("anna", day().plus(1), euros(10)).lines([Line::new(euros(9))]),
            "row 1: the lines do not add up to the amount: `1.00 EUR`",
        ),
    ];
    for (policies, row, message) in cases {
        let error = offer(policies, row.clone()).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.row(), Some(1));
        assert!(offer(Policies::default(), row).is_ok(), "the default takes what {message:?} refuses");
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let cases = [
        (
            Policies::default().missing_customer(MissingCustomer::Drop),
            Transaction::new("x", day(), euros(1)).anonymous(),
            Finding::MissingCustomer,
        ),
        (
            Policies::default().refunds(Refunds::Ignore),
            Transaction::new("anna", day(), euros(-3)),
            Finding::Refund,
        ),
        (
            Policies::default().zero_amounts(ZeroAmounts::SetAside),
            Transaction::new("ben", day(), euros(0)),
            Finding::ZeroAmount,
        ),
        (
            Policies::default().duplicates(Duplicates::Drop),
            Transaction::new("anna", day(), euros(10)),
            Finding::ExactDuplicate,
        ),
        (
            Policies::default().as_of(day(), LaterDates::SetAside),
            Transaction::new("anna", day().plus(1), euros(10)),
            Finding::AfterAsOf,
        ),
    ];
    for (policies, row, finding) in cases {
        let ledger = offer(policies, row.clone()).unwrap();
        assert_eq!((ledger.len(), ledger.findings().left_out()), (1, 1), "{finding:?}");
        assert_eq!(ledger.findings().count(finding), 1);
        assert_eq!(ledger.customers().len(), 1, "who is left out whole is not here");
        // Kept, the finding is counted all the same.
        let kept = offer(Policies::default().as_of(day(), LaterDates::Keep), row).unwrap();
        assert_eq!((kept.len(), kept.findings().count(finding)), (2, 1), "{finding:?}");
    }
}

#[test]
fn the_bulk_road_refuses_the_same_rows() {
    let (ids, days) = ([1_u64, 1, 1], [day(), day().plus(1), day()]);
    for (amounts, policies, row) in [
        ([100, -5, 100], Policies::default().refunds(Refunds::Refuse), 1),
        ([100, 0, 100], Policies::default().zero_amounts(ZeroAmounts::Refuse), 1),
        ([100, 5, 100], Policies::default().duplicates(Duplicates::Refuse), 2),
        ([100, 5, 7], Policies::default().as_of(day(), LaterDates::Refuse), 1),
    ] {
        let columns = Columns::new(&ids[..], &days, &amounts);
        let error = Ledger::from_columns(Currency::EUR, &columns, policies).unwrap_err();
        assert_eq!(error.row(), Some(row), "{error}");
    }
    let short = Columns::new(&ids[..], &days[..2], &[1, 2, 3]);
    let error = Ledger::from_columns(Currency::EUR, &short, Policies::default()).unwrap_err();
    assert_eq!(error.to_string(), "days: expected 3 rows, found 2");
}

#[test]
fn a_second_currency_is_refused() {
    let dollars = Money::of_minor(100, Currency::USD);
    let error = offer(Policies::default(), Transaction::new("anna", day(), dollars)).unwrap_err();
    assert_eq!(error.to_string(), "currencies differ: expected EUR, found USD");
}

#[test]
fn without_consent_nothing_is_taken_in() {
    let mut register = ConsentRegister::default();
    register.insert(Consent::granted("anna", Purpose::PROFILING, day()));
    register.insert(Consent::granted("ben", Purpose::MARKETING, day()));
    register.insert(Consent::granted("carla", Purpose::PROFILING, day().plus(2)));
    let intake = |on: Day, policies: Policies| -> Result<Ledger, patronage::Error> {
        let mut intake =
            Intake::new(Currency::EUR).policies(policies).consent(&register, Purpose::PROFILING, on)?;
        for who in ["anna", "ben", "carla", "dora", "ben"] {
            intake.push(Transaction::new(who, day(), euros(10)))?;
        }
        intake.finish()
    };
    let ledger = intake(day().plus(1), Policies::default()).unwrap();
    assert!(ledger.holds(&"anna".into()) && ledger.customers().len() == 1);
    assert_eq!(ledger.findings().count(Finding::WithoutConsent), 4);
    assert_eq!(ledger.findings().left_out(), 4);
    let later = intake(day().plus(2), Policies::default()).unwrap();
    assert_eq!(later.customers().len(), 2);
    let error = intake(day().plus(2), Policies::strict()).unwrap_err();
    assert_eq!(error.to_string(), "row 1: consent is required: `2026-03-02`");
}

#[test]
fn lines_without_an_order_id_are_one_order_in_any_order_of_rows() {
    use patronage::summary::{Grain, Observation};
    let receipt = |amount: i64| {
        Transaction::of_lines("anna", day(), [Line::new(euros(amount)), Line::new(euros(2))]).unwrap()
    };
    let orders = |receipts: &[i64]| {
        let mut intake = Intake::new(Currency::EUR);
        for &amount in receipts {
            intake.push(receipt(amount)).unwrap();
        }
        let ledger = intake.finish().unwrap();
        assert!(ledger.histories().all(|history| history.iter().all(|row| row.order.is_none())));
        Observation::until(day()).grain(Grain::Order).summarise(&ledger).unwrap()
    };
    // Two equal receipts are two orders.
    assert_eq!(orders(&[5, 5, 7]).orders(), [3]);
    assert_eq!(orders(&[5, 7, 5]), orders(&[7, 5, 5]));
}
