//! Summaries against a reckoning written another way: maps of days and orders, no sorting, no columns.

use std::collections::BTreeMap;

use patronage::{
    domain::{Currency, Day, Intake, Money, Policies, Refund, Transaction},
    summary::{Grain, Observation, Summary},
};
use proptest::prelude::*;

/// One row as both sides see it.
#[derive(Clone, Debug)]
struct Row {
    customer: u64,
    day: i32,
    minor: i64,
    order: Option<u8>,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..4_u64, 0..12_i32, -300..900_i64, prop::option::of(0..4_u8));
    let row = row.prop_map(|(customer, day, minor, order)| Row { customer, day, minor, order });
    prop::collection::vec(row, 0..40)
}

/// Purchases of a customer: the day and net amount of every order that came to more than nothing, and of
/// every row without an order that did not go back.
fn purchases(rows: &[Row], customer: u64, from: i32, until: i32) -> Vec<(i32, i64, Option<u8>)> {
    let seen = rows.iter().filter(|row| row.customer == customer && (from..=until).contains(&row.day));
    let mut orders: BTreeMap<u8, Vec<&Row>> = BTreeMap::new();
    let mut found = Vec::new();
    for row in seen {
        match row.order {
            Some(order) => orders.entry(order).or_default().push(row),
            None if row.minor >= 0 => found.push((row.day, row.minor, None)),
            None => {}
        }
    }
    for (order, rows) in orders {
        let net: i64 = rows.iter().map(|row| row.minor).sum();
        let free = rows.iter().all(|row| row.minor == 0);
        let bought = rows.iter().filter(|row| row.minor >= 0).map(|row| row.day).min();
        if let Some(day) = bought.filter(|_| net > 0 || free) {
            found.push((day, net, Some(order)));
        }
    }
    found.sort_unstable();
    found
}

fn check(summary: &Summary, rows: &[Row], customer: u64, from: i32, until: i32) {
    let found = purchases(rows, customer, from, until);
    let mut days: BTreeMap<i32, i64> = BTreeMap::new();
    for (day, amount, _) in &found {
        *days.entry(*day).or_default() += amount;
    }
    let (first, last) = (*days.keys().next().unwrap(), *days.keys().last().unwrap());
    assert_eq!(summary.repeats() as usize, days.len() - 1);
    assert_eq!(summary.purchase_days() as usize, days.len());
    assert_eq!(summary.recency().days(), last - first);
    assert_eq!(summary.idle().days(), until - last);
    assert_eq!(summary.age().days(), until - first);
    let named = found.iter().filter(|purchase| purchase.2.is_some()).count();
    let unnamed: std::collections::BTreeSet<i32> =
        found.iter().filter(|purchase| purchase.2.is_none()).map(|purchase| purchase.0).collect();
    assert_eq!(summary.orders() as usize, named + unnamed.len());
    let total: i64 = rows
        .iter()
        .filter(|row| row.customer == customer && (from..=until).contains(&row.day))
        .map(|row| row.minor)
        .sum();
    assert_eq!(summary.total().minor(), total);
    let repeats: Vec<f64> = days.values().skip(1).map(|&amount| amount as f64).collect();
    let mean = (!repeats.is_empty()).then(|| repeats.iter().sum::<f64>() / repeats.len() as f64);
    assert_eq!(summary.mean_repeat_spend(), mean);
    check_gaps(summary, &days.keys().copied().collect::<Vec<_>>());
}

fn check_gaps(summary: &Summary, days: &[i32]) {
    let gaps: Vec<f64> = days.windows(2).map(|pair| f64::from(pair[1] - pair[0])).collect();
    if gaps.is_empty() {
        assert_eq!((summary.gap_mean(), summary.gap_variation()), (None, None));
        return;
    }
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    assert!((summary.gap_mean().unwrap() - mean).abs() < 1e-12);
    if gaps.len() >= 2 {
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / (count - 1.0);
        assert!((summary.gap_variation().unwrap() - variance.sqrt() / mean).abs() < 1e-9);
    }
}

proptest! {
    #[test]
    fn every_number_of_every_customer(rows in rows(), from in 0..4_i32, length in 0..12_i32) {
        let start = Day::ymd(2026, 1, 1).unwrap();
        let until = from + length;
        let mut intake = Intake::new(Currency::EUR).policies(Policies::default());
        for row in &rows {
            let (day, amount) = (start.plus(row.day), Money::of_minor(row.minor, Currency::EUR));
            let mut purchase = Transaction::new(row.customer, day, amount);
            if let Some(order) = row.order {
                purchase = purchase.order(order.to_string());
            }
            intake.push(purchase).unwrap();
        }
        let ledger = intake.finish().unwrap();
        let seen = Observation::until(start.plus(until)).from(start.plus(from)).grain(Grain::Day);
        let people = seen.summarise(&ledger).unwrap();
        for customer in 0..4 {
            match people.of(&customer.into()) {
                Ok(summary) => check(&summary, &rows, customer, from, until),
                Err(_) => prop_assert!(purchases(&rows, customer, from, until).is_empty()),
            }
        }
    }
}

#[test]
fn a_refund_is_taken_from_the_order_it_names_or_else_from_the_customer() {
    let day = Day::ymd(2026, 3, 2).unwrap();
    let euros = |amount: i64| Money::of_minor(amount * 100, Currency::EUR);
    let mut intake = Intake::new(Currency::EUR);
    intake.push(Transaction::new("anna", day, euros(20)).order("A1")).unwrap();
    intake.push(Transaction::new("anna", day.plus(7), euros(30)).order("A2")).unwrap();
    intake.push(Transaction::new("anna", day.plus(9), euros(40)).order("A3")).unwrap();
    // A2 goes back whole and is no purchase any more; half of A3 does; the third names nothing that is here.
    intake.refund(Refund::new("anna", day.plus(10), euros(30)).unwrap().of_order("A2")).unwrap();
    intake.refund(Refund::new("anna", day.plus(11), euros(20)).unwrap().of_order("A3")).unwrap();
    intake.refund(Refund::new("anna", day.plus(12), euros(5)).unwrap().of_order("B7")).unwrap();
    let ledger = intake.finish().unwrap();
    assert_eq!(ledger.findings().count(patronage::domain::Finding::OrphanRefund), 1);

    let anna = |until: Day| Observation::until(until).summarise(&ledger).unwrap().of(&"anna".into()).unwrap();
    let before = anna(day.plus(9));
    assert_eq!((before.orders(), before.total()), (3, euros(90)));
    let after = anna(day.plus(30));
    assert_eq!((after.orders(), after.total()), (2, euros(35)));
    assert_eq!(after.mean_repeat_spend(), Some(2000.0));
    assert_eq!(after.recency().days(), 9);
    let people = Observation::until(day.plus(30)).summarise(&ledger).unwrap();
    assert_eq!(people.findings().count(patronage::domain::Finding::CancelledOrder), 1);
}
