//! Are numbers those of the window, and those that were known on the day?
#![cfg(test)]
#![allow(clippy::float_cmp, reason = "exact answers are compared")]

use proptest::prelude::*;

use super::{WindowFeature, Windows};
use crate::{
    domain::{Currency, CustomerId, Customers, Day, Intake, Ledger, Line, Money, Refund, Transaction},
    feature::Features,
    summary::Observation,
};

fn day(day: i32) -> Day {
    Day::ymd(2026, 1, 1).unwrap().plus(day)
}

/// A purchase of an order with a discount, or a refund of an order.
type Row = (u8, i32, i64, Option<u8>, Option<i64>);

fn ledger(rows: &[Row]) -> Ledger {
    let mut intake = Intake::new(Currency::EUR);
    for &(who, on, cents, order, discount) in rows {
        let (who, money) = (u64::from(who), Money::of_minor(cents, Currency::EUR));
        let order = order.map(|order| format!("{who}-{order}"));
        if cents < 0 {
            let refund = Refund::new(who, day(on), money).unwrap();
            intake.refund(order.into_iter().fold(refund, Refund::of_order)).unwrap();
        } else {
            let line = Line::new(money);
            let line = discount
                .into_iter()
                .fold(line, |line, cents| line.discount(Money::of_minor(cents, Currency::EUR)));
            let sale = Transaction::of_lines(who, day(on), [line]).unwrap();
            intake.push(order.into_iter().fold(sale, Transaction::order)).unwrap();
        }
    }
    intake.finish().unwrap()
}

fn row(table: &Features, row: usize) -> Vec<Option<f64>> {
    (0..table.width()).map(|column| table.get(row, column)).collect()
}

#[test]
fn every_number_is_that_of_the_window() {
    let rows = [
        (1, 1, 9000, Some(1), None),
        (1, 12, 2000, Some(2), Some(500)),
        (1, 12, 1000, Some(2), Some(0)),
        (1, 14, 4000, Some(3), None),
        // The third order comes back, and half of one from before the window.
        (1, 15, -4000, Some(3), None),
        (1, 18, -4500, Some(1), None),
        (1, 19, 500, None, None),
        // After the day.
        (1, 21, 99_900, Some(4), Some(99)),
        (2, 21, 100, None, None),
    ];
    let people: Customers = [1_u64, 2, 3].map(CustomerId::from).into_iter().collect();
    let table = Windows::last(&[10]).unwrap().features(&ledger(&rows), day(20), &people);
    let names: Vec<&str> = table.names().collect();
    let known = [
        ("orders_10d", Some(2.0)),
        ("purchase_days_10d", Some(2.0)),
        ("spend_10d", Some(-10.0)),
        ("mean_order_10d", Some(-5.0)),
        ("refunds_10d", Some(2.0)),
        ("refunded_10d", Some(85.0)),
        ("days_since_purchase_10d", Some(1.0)),
        ("discount_share_10d", Some(500.0 / 3500.0)),
        ("orders_trend_10d", Some(1.0 / 3.0)),
        // -10 euros after 90.
        ("spend_trend_10d", Some(-1.0)),
    ];
    assert_eq!(names.into_iter().zip(row(&table, 0)).collect::<Vec<_>>(), known);
    let nothing = [Some(0.0), Some(0.0), Some(0.0), None, Some(0.0), Some(0.0), None, None, None, None];
    assert_eq!((row(&table, 1), row(&table, 2)), (nothing.to_vec(), nothing.to_vec()));
}

#[test]
fn what_is_no_window_is_refused() {
    for days in [&[][..], &[0], &[30, 0], &[30, 7, 30], &[1, 2, 3, 4, 5, 6, 7, 8, 9]] {
        assert!(Windows::last(days).is_err(), "{days:?}");
    }
    let windows = Windows::last(&[90, 30, u32::MAX]).unwrap();
    assert_eq!(windows.days().collect::<Vec<_>>(), [30, 90, u32::MAX]);
    let none = windows.only(&[]).features(&ledger(&[]), Day::MAX, &Customers::default());
    assert_eq!((none.len(), none.width()), (0, 0));
}

#[test]
fn the_first_and_the_last_of_all_days_have_windows() {
    let mut intake = Intake::new(Currency::EUR);
    for day in [Day::MIN, Day::MAX] {
        intake.push(Transaction::new(1_u64, day, Money::of_minor(100, Currency::EUR))).unwrap();
    }
    let ledger = intake.finish().unwrap();
    let windows = Windows::last(&[1, u32::MAX]).unwrap();
    let on = |day| row(&windows.features(&ledger, day, ledger.customers()), 0);
    let (first, last) = (on(Day::MIN), on(Day::MAX));
    assert_eq!((first[0], first[8]), (Some(1.0), Some(1.0)));
    assert_eq!((first[10], first[18]), (Some(1.0), Some(1.0)));
    assert_eq!((last[0], last[10], last[18]), (Some(1.0), Some(2.0), Some(1.0)));
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..4_u8, 0..40_i32, -300..500_i64, prop::option::of(0..6_u8), prop::option::of(0..200_i64));
    prop::collection::vec(row, 0..60)
}

proptest! {
    #[test]
    fn each_day_has_the_numbers_that_a_stream_had(rows in any_rows(), days in 1..20_u32, wide in 20..60_u32) {
        let whole = ledger(&rows);
        let windows = Windows::last(&[days, wide]).unwrap();
        let people: Customers = (0..4_u64).map(CustomerId::from).collect();
        let mut stream: Vec<Row> = Vec::new();
        for today in 0..40 {
            stream.extend(rows.iter().filter(|row| row.1 == today));
            let then = ledger(&stream);
            let known = windows.features(&then, day(today), &people);
            let bits = |table: &Features| table.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&windows.features(&whole, day(today), &people)), bits(&known));
            prop_assert_eq!(bits(&windows.features(&whole.until(day(today)), day(today), &people)), bits(&known));
        }
    }

    #[test]
    fn counts_are_those_of_an_observation(rows in any_rows(), days in 1..20_i32, last in 0..40_i32) {
        let ledger = ledger(&rows);
        let wanted = [WindowFeature::Orders, WindowFeature::PurchaseDays, WindowFeature::Spend, WindowFeature::DaysSincePurchase];
        let table = Windows::last(&[days.unsigned_abs()]).unwrap().only(&wanted).features(&ledger, day(last), ledger.customers());
        let people = Observation::until(day(last)).from(day(last - days + 1)).summarise(&ledger).unwrap();
        for (at, id) in ledger.customers().iter().enumerate() {
            let found = row(&table, at);
            if let Ok(one) = people.of(&id) {
                let total = one.total().minor() as f64 / 100.0;
                let known = [one.orders().into(), one.purchase_days().into(), total, one.idle().days().into()];
                prop_assert_eq!(found, known.map(Some));
            } else {
                prop_assert_eq!((found[0], found[3]), (Some(0.0), None));
            }
        }
    }
}
