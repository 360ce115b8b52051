//! Every policy that refuses says which row and which rule; every policy that leaves out counts.

use patronage::domain::{
    Columns, Consent, ConsentRegister, Currency, Day, Duplicates, Finding, Intake, LaterDates, Ledger, Line,
    MissingCustomer, Money, People, Policies, Purpose, Refund, Refunds, Transaction, ZeroAmounts,
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

#[test]
fn consent_comes_before_the_first_row() {
    let mut intake = Intake::new(Currency::EUR);
    intake.push(Transaction::new("ben", day(), euros(1))).unwrap();
    let late = intake.consent(&ConsentRegister::default(), Purpose::PROFILING, day());
    assert_eq!(late.unwrap_err().to_string(), "consent: `1` rows were offered before it was stated");
}

#[test]
fn a_refused_row_is_counted_as_left_out() {
    let policies = Policies::default().zero_amounts(ZeroAmounts::Refuse);
    let mut intake = Intake::new(Currency::EUR).policies(policies);
    assert!(intake.push(Transaction::new("anna", day(), euros(0))).is_err());
    intake.push(Transaction::new("anna", day(), euros(1))).unwrap();
    let ledger = intake.finish().unwrap();
    let findings = ledger.findings();
    assert_eq!((findings.rows(), findings.left_out(), ledger.len()), (2, 1, 1));
}

#[test]
fn strict_policies_refuse_refunds_of_orders_that_are_not_here() {
    let offer = |policies: Policies| {
        let mut intake = Intake::new(Currency::EUR).policies(policies.refunds(Refunds::Net));
        intake.push(Transaction::new("anna", day(), euros(5)).order("A1")).unwrap();
        intake.refund(Refund::new("anna", day(), euros(2)).unwrap().of_order("B7")).unwrap();
        intake.finish()
    };
    assert_eq!(offer(Policies::default()).unwrap().findings().count(Finding::OrphanRefund), 1);
    let error = offer(Policies::strict()).unwrap_err();
    assert_eq!(error.to_string(), "row 1: refunds an order that is not here: `2026-03-02`");
}

#[test]
fn a_bulk_row_keeps_its_number_when_others_are_left_out() {
    let (ids, days, amounts) = ([1_u64; 3], [day(); 3], [0, 500, 500]);
    let policies = Policies::default().zero_amounts(ZeroAmounts::SetAside).duplicates(Duplicates::Refuse);
    let columns = Columns::new(&ids[..], &days, &amounts);
    assert_eq!(Ledger::from_columns(Currency::EUR, &columns, policies).unwrap_err().row(), Some(2));
}

#[test]
fn a_blank_id_is_a_missing_customer_by_every_road() {
    let blank = offer(Policies::default(), Transaction::new(" ", day(), euros(1))).unwrap();
    assert_eq!((blank.customers().len(), blank.anonymous().len()), (1, 1));
    let days = [day(); 2];
    let columns = Columns::new(&["anna", " "][..], &days, &[100, 200]);
    let bulk = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
    assert_eq!((bulk.customers().len(), bulk.anonymous().len()), (1, 1));
}

#[test]
fn whoever_is_forgotten_during_intake_is_not_in_the_ledger() {
    let mut intake = Intake::new(Currency::EUR);
    for (who, order) in [("anna", "A1"), ("ben", "B1"), ("anna", "A2"), ("carla", "C1")] {
        intake.push(Transaction::new(who, day(), euros(3)).order(order)).unwrap();
    }
    intake.refund(Refund::new("carla", day(), euros(1)).unwrap().of_order("C1")).unwrap();
    assert!(intake.forget(&"anna".into()) && !intake.holds(&"anna".into()) && !intake.forget(&"anna".into()));
    intake.push(Transaction::new("dora", day(), euros(4))).unwrap();
    let ledger = intake.finish().unwrap();
    let known: Vec<String> = ledger.customers().iter().map(|id| id.to_string()).collect();
    assert_eq!(known, ["ben", "carla", "dora"]);
    assert_eq!(ledger.findings().count(Finding::OrphanRefund), 0);
    assert_eq!(ledger.revenue(), euros(9));
}

#[test]
fn a_receipt_that_comes_twice_is_a_duplicate_and_another_moment_is_not() {
    let receipt =
        || Transaction::of_lines("anna", day(), [Line::new(euros(5)), Line::new(euros(2))]).unwrap();
    let take = |duplicates: Duplicates, rows: Vec<Transaction>| {
        let mut intake = Intake::new(Currency::EUR).policies(Policies::default().duplicates(duplicates));
        for row in rows {
            intake.push(row)?;
        }
        intake.finish()
    };
    let kept = take(Duplicates::Keep, vec![receipt(), receipt()]).unwrap();
    assert_eq!((kept.len(), kept.findings().count(Finding::ExactDuplicate)), (4, 2));
    let dropped = take(Duplicates::Drop, vec![receipt(), receipt()]).unwrap();
    assert_eq!((dropped.len(), dropped.findings().left_out()), (2, 2));
    assert!(take(Duplicates::Refuse, vec![receipt(), receipt()]).is_err());

    let coffee = |time: &str| {
        let moment = format!("2026-03-02T{time}:00Z").parse().unwrap();
        Transaction::at("anna", moment, "UTC", euros(2)).unwrap()
    };
    let day = take(Duplicates::Drop, vec![coffee("08:00"), coffee("18:00"), coffee("08:00")]).unwrap();
    assert_eq!(day.len(), 2);
}
