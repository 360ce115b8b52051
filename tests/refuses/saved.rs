//! What is read back is checked as if it were made anew.

use patronage::{
    domain::{Columns, Currency, Day, Ledger, Policies},
    simulate::Bakery,
    summary::{Grain, Observation, Summaries},
};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn summaries_come_back_as_they_were_or_not_at_all() {
    let bakery = Bakery::new(3).customers(20);
    let ledger = bakery.books().unwrap().ledger(Policies::default()).unwrap();
    let people = Observation::until(bakery.last_day()).summarise(&ledger).unwrap();
    let saved = serde_json::to_value(&people).unwrap();
    assert_eq!(serde_json::from_value::<Summaries>(saved.clone()).unwrap(), people);

    let spoilt = |spoil: fn(&mut Value)| {
        let mut saved = saved.clone();
        spoil(&mut saved);
        serde_json::from_value::<Summaries>(saved).unwrap_err().to_string()
    };
    let short = spoilt(|saved| drop(saved["columns"]["orders"].as_array_mut().unwrap().pop()));
    assert!(short.contains("the columns differ in length"), "{short}");
    let zero = spoilt(|saved| saved["columns"]["orders"][1] = json!(0));
    assert!(zero.contains("row: `1` cannot have been observed"), "{zero}");
    let late = spoilt(|saved| saved["columns"]["last"][0] = json!("9999-12-31"));
    assert!(late.contains("row: `0` cannot have been observed"), "{late}");
    let twice = spoilt(|saved| saved["customers"][1] = saved["customers"][0].clone());
    assert!(twice.contains("must ascend"), "{twice}");
}

/// Customer 1 on days 0, 3 and 10, twice on the last; customer 2 once; as of day 20.
fn few(grain: Grain) -> Summaries {
    let start = Day::ymd(2026, 3, 1).unwrap();
    let days = [0, 3, 10, 10, 5].map(|day| start.plus(day));
    let columns = Columns::new(&[1_u64, 1, 1, 1, 2][..], &days, &[100, 200, 300, 400, 500]);
    let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
    Observation::until(start.plus(20)).grain(grain).summarise(&ledger).unwrap()
}

#[test]
fn rows_that_nobody_can_have_are_refused() {
    for (column, row, value) in [
        ("purchases", 0, json!(u32::MAX)),
        ("purchases", 1, json!(0)),
        ("purchases", 1, json!(2)),
        ("days", 0, json!(1)),
        ("days", 0, json!(5)),
        ("days", 0, json!(12)),
        ("days", 1, json!(2)),
        ("orders", 0, json!(2)),
        ("gap_squares", 0, json!(49)),
        ("gap_squares", 0, json!(83)),
        ("gap_squares", 0, json!(u64::MAX)),
        ("gap_squares", 1, json!(1)),
        ("repeat_total", 0, json!(-1)),
        ("repeat_total", 1, json!(1)),
        ("first", 1, json!("2026-03-05")),
        ("first", 1, json!("2026-03-07")),
    ] {
        for grain in [Grain::Day, Grain::Order] {
            let mut saved = serde_json::to_value(few(grain)).unwrap();
            saved["columns"][column][row] = value.clone();
            let error = serde_json::from_value::<Summaries>(saved).unwrap_err().to_string();
            let says = format!("saved summaries, row: `{row}` cannot have been observed");
            assert_eq!(error, says, "{column} {value} {grain:?}");
        }
    }
    let mut saved = serde_json::to_value(few(Grain::Day)).unwrap();
    saved["observation"]["from"] = json!("2026-03-22");
    let error = serde_json::from_value::<Summaries>(saved).unwrap_err().to_string();
    assert!(error.contains("ends before it starts"), "{error}");
}

proptest! {
    #[test]
    fn whatever_was_observed_is_read_back(
        rows in prop::collection::vec((0..4_u64, 0..30_i32, -500..900_i64, 0..6_usize), 1..60),
        from in prop::option::of(0..20_i32),
        by_order: bool,
    ) {
        let start = Day::ymd(2026, 3, 1).unwrap();
        let customers: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<Day> = rows.iter().map(|row| start.plus(row.1)).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let orders: Vec<&str> = rows.iter().map(|row| ["", "", "a", "b", "c", "d"][row.3]).collect();
        let columns = Columns::new(&customers, &days, &amounts).orders(&orders);
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        let until = Observation::until(start.plus(25));
        let seen = from.map_or(until, |from| until.from(start.plus(from)));
        let people = seen.grain(if by_order { Grain::Order } else { Grain::Day }).summarise(&ledger).unwrap();
        let saved = serde_json::to_string(&people).unwrap();
        prop_assert_eq!(serde_json::from_str::<Summaries>(&saved).unwrap(), people);
    }
}
