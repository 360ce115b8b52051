//! Are shares those of what was bought up to the day, drawn to the base as other programs draw them?
#![cfg(test)]
#![allow(
    clippy::float_cmp,
    clippy::unreadable_literal,
    reason = "exact answers are compared, as they were printed"
)]

use proptest::prelude::*;

use super::{CategoryShares, Primary, ShareModel, ShareOf};
use crate::{
    domain::{Columns, Currency, Customers, Day, Ledger, Policies},
    feature::{Categories, Shrinkage},
};

fn day(day: i32) -> Day {
    Day::ymd(2026, 1, 1).unwrap().plus(day)
}

/// Customer, day, amount and category; an empty category is none.
fn ledger(rows: &[(u64, i32, i64, &str)]) -> Ledger {
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<Day> = rows.iter().map(|row| day(row.1)).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let categories: Vec<&str> = rows.iter().map(|row| row.3).collect();
    let columns = Columns::new(&ids[..], &days, &amounts).categories(&categories);
    Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap()
}

/// Eight customers' purchases of `a`, `b` and `c`, one on a day.
fn baskets() -> Ledger {
    let counts = [[3, 0, 1], [0, 4, 0], [1, 1, 0], [0, 0, 2], [5, 1, 0], [2, 2, 3], [0, 1, 0], [7, 0, 0]];
    let mut rows = Vec::new();
    for (id, counts) in (0..).zip(counts) {
        let bought = counts.into_iter().zip(["a", "b", "c"]);
        let names = bought.flat_map(|(count, name)| (0..count).map(move |_| name));
        rows.extend((0..).zip(names).map(|(at, name)| (id, at, 100, name)));
    }
    ledger(&rows)
}

#[test]
fn shares_and_entropy_agree_with_numpy() {
    // numpy 2.4 and scipy 1.17: (X + s pi) / (n + s) and -sum(p log p), s the maximum of the Dirichlet-multinomial
    // likelihood at pi = X.sum(0) / X.sum().
    let ledger = baskets();
    let model = CategoryShares::of(ShareOf::Purchases).fit(&ledger, day(10)).unwrap();
    assert!((model.strength() / 1.667622270998857 - 1.0).abs() < 1e-6);
    assert_eq!(model.base().nth(1), Some(("b", 9.0 / 33.0)));
    let table = model.features(&ledger, day(10), ledger.customers()).unwrap();
    assert_eq!(table.names().collect::<Vec<_>>(), ["share=a", "share=b", "share=c", "category_entropy"]);
    for (row, known) in [
        (0, [0.689815227776027, 0.080246362965298, 0.229938409258676, 0.79658045817975]),
        (5, [0.3356874650102, 0.28321562674949, 0.38109690824031, 1.09136249061291]),
        (7, [0.91254693623215, 0.05247183826071, 0.03498122550714, 0.355462130707254]),
    ] {
        for (column, known) in known.into_iter().enumerate() {
            let found = table.get(row, column).unwrap();
            assert!((found - known).abs() < 1e-6, "{row} {column}: {found} is not {known}");
        }
    }
}

#[test]
fn only_purchases_with_a_category_in_the_window_count() {
    let rows = [
        (1, 0, 100, "a"),
        (1, 5, 300, "b"),
        (1, 5, 50, ""),
        (1, 5, -100, "b"),
        (1, 9, 900, "a"),
        (2, 1, 700, "a"),
        (3, 5, 0, "b"),
    ];
    let ledger = ledger(&rows);
    let table = |shares: &CategoryShares| {
        let model = shares.clone().shrinkage(Shrinkage::None).fit(&ledger, day(6)).unwrap();
        let table = model.features(&ledger, day(6), ledger.customers()).unwrap();
        table.column("share=b").unwrap().collect::<Vec<_>>()
    };
    let purchases = CategoryShares::of(ShareOf::Purchases);
    assert_eq!(table(&purchases), [Some(0.5), Some(0.0), Some(1.0)]);
    assert_eq!(table(&purchases.clone().least_orders(2)), [Some(0.5), None, None]);
    assert_eq!(table(&purchases.clone().days(2)), [Some(1.0), None, Some(1.0)]);
    // Who paid nothing has no share of money.
    assert_eq!(table(&CategoryShares::of(ShareOf::Money)), [Some(0.75), Some(0.0), None]);
    let base = CategoryShares::of(ShareOf::Money).fit(&ledger, day(6)).unwrap();
    assert_eq!(base.base().collect::<Vec<_>>(), [("a", 800.0 / 1100.0), ("b", 300.0 / 1100.0)]);
}

#[test]
fn the_rest_is_pooled_and_what_is_new_later_has_a_rule() {
    let rows =
        [(1, 0, 1, "a"), (1, 1, 1, "b"), (2, 0, 1, "b"), (2, 1, 1, "c"), (3, 8, 1, "d"), (3, 9, 1, "b")];
    let ledger = ledger(&rows);
    let all = CategoryShares::of(ShareOf::Purchases).fit(&ledger, day(5)).unwrap();
    let people = |ids: &[u64]| ids.iter().map(|&id| id.into()).collect::<Customers>();
    assert!(all.features(&ledger, day(9), &people(&[1, 2])).is_ok());
    assert!(all.features(&ledger, day(5), &people(&[1, 2, 3])).is_ok());
    let error = all.features(&ledger, day(9), &people(&[1, 3])).unwrap_err().to_string();
    assert_eq!(error, "category: `d` was not learned from, and none are pooled");
    let top = CategoryShares::of(ShareOf::Purchases)
        .top(1)
        .shrinkage(Shrinkage::None)
        .fit(&ledger, day(5))
        .unwrap();
    assert_eq!(top.base().collect::<Vec<_>>(), [("b", 0.5), ("(other)", 0.5)]);
    let table = top.features(&ledger, day(9), &people(&[1, 3, 4])).unwrap();
    assert_eq!(table.column("share=(other)").unwrap().collect::<Vec<_>>(), [Some(0.5), Some(0.5), None]);
}

#[test]
fn a_customer_buys_mostly_one_category_or_is_mixed() {
    let ledger = baskets();
    let model = CategoryShares::of(ShareOf::Purchases).fit(&ledger, day(10)).unwrap();
    let mostly = |least_share, least_orders| -> Vec<Option<String>> {
        let rule = Primary { least_share, least_orders };
        let table = model.primary(&ledger, day(10), ledger.customers(), rule).unwrap();
        let column = table.column("category").unwrap();
        column.map(|value| value.map(str::to_owned)).collect()
    };
    let known = |names: [&str; 8]| names.map(|name| (!name.is_empty()).then(|| name.to_owned()));
    assert_eq!(mostly(0.5, 1), known(["a", "b", "Mixed", "c", "a", "Mixed", "b", "a"]));
    assert_eq!(mostly(0.8, 3), known(["Mixed", "b", "", "", "a", "Mixed", "", "a"]));
    for bad in [0.0, 1.1, f64::NAN] {
        let rule = Primary { least_share: bad, least_orders: 1 };
        assert!(model.primary(&ledger, day(10), ledger.customers(), rule).is_err());
    }
    let top = CategoryShares::of(ShareOf::Purchases).top(1).fit(&ledger, day(10)).unwrap();
    let rule = Primary { least_share: 0.5, least_orders: 1 };
    let table = top.primary(&ledger, day(10), ledger.customers(), rule).unwrap();
    assert_eq!(table.levels("category").unwrap(), ["Mixed", "a"]);
    assert_eq!(table.codes(0).unwrap(), [1, 0, 0, 0, 1, 0, 0, 1]);
    assert!(!table.codes(0).unwrap().contains(&Categories::MISSING));
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let shares = CategoryShares::of(ShareOf::Purchases);
    let none = ledger(&[(1, 0, 100, "")]);
    assert!(shares.fit(&none, day(9)).unwrap_err().is_empty());
    assert!(shares.fit(&baskets(), day(-1)).unwrap_err().is_empty());
    assert!(shares.clone().days(0).fit(&baskets(), day(9)).unwrap_err().is_parameter());
    assert!(shares.clone().shrinkage(Shrinkage::Strength(-1.0)).fit(&baskets(), day(9)).is_err());
    let free = ledger(&[(1, 0, 0, "a")]);
    assert!(CategoryShares::of(ShareOf::Money).fit(&free, day(9)).unwrap_err().is_empty());
    let names: Vec<String> = (0..=super::MOST_CATEGORIES).map(|at| at.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| (1, 0, 1, name.as_str())).collect();
    assert!(shares.fit(&ledger(&many), day(9)).unwrap_err().to_string().contains("too many"));
    assert!(shares.top(3).fit(&ledger(&many), day(9)).is_ok());
}

#[cfg(feature = "serde")]
#[test]
fn a_model_of_the_first_schema_is_read_and_still_written() {
    let first = include_str!("../../../tests/golden/shares-1.json").trim_end();
    let model = CategoryShares::of(ShareOf::Money).top(2).days(90).shrinkage(Shrinkage::Strength(0.1));
    let model = model.fit(&baskets(), day(10)).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), first);
    assert_eq!(serde_json::from_str::<ShareModel>(first).unwrap(), model);
    for (whole, broken) in [
        (r#""schema":1"#, r#""schema":2"#),
        (r#""days":90"#, r#""days":0"#),
        (r#""a","b""#, r#""b","a""#),
        (r#""strength":"0.1""#, r#""strength":"-0.1""#),
        (r#""base":["0.5"#, r#""base":["0.7"#),
    ] {
        let file = first.replacen(whole, broken, 1);
        assert!(file != first && serde_json::from_str::<ShareModel>(&file).is_err(), "{file}");
    }
}

fn any_rows() -> impl Strategy<Value = Vec<(u64, i32, i64, &'static str)>> {
    let category = prop::sample::select(vec!["", "a", "b", "c"]);
    prop::collection::vec((0..6_u64, 0..30_i32, -50..200_i64, category), 0..60)
}

proptest! {
    #[test]
    fn nothing_after_the_day_is_read_and_shares_sum_to_one(rows in any_rows(), last in 0..30_i32, money: bool) {
        let shares = CategoryShares::of(if money { ShareOf::Money } else { ShareOf::Purchases }).days(20);
        let known: Vec<_> = rows.iter().copied().filter(|row| row.1 <= last).collect();
        let (whole, then) = (ledger(&rows), ledger(&known));
        let (Ok(model), known) = (shares.fit(&whole, day(last)), shares.fit(&then, day(last))) else { return Ok(()) };
        prop_assert_eq!(&model, &known.unwrap());
        let table = model.features(&whole, day(last), whole.customers()).unwrap();
        prop_assert_eq!(&table, &model.features(&then, day(last), whole.customers()).unwrap());
        let width = table.width() - 1;
        for row in 0..table.len() {
            let shares: Vec<f64> = (0..width).filter_map(|column| table.get(row, column)).collect();
            let entropy = table.get(row, width);
            let known = if entropy.is_some() { width } else { 0 };
            prop_assert_eq!(shares.len(), known);
            if let Some(entropy) = entropy {
                prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                prop_assert!(entropy >= 0.0 && entropy <= (width as f64).ln() + 1e-12);
            }
        }
        let rule = Primary { least_share: 0.5, least_orders: 2 };
        prop_assert_eq!(
            model.primary(&whole, day(last), whole.customers(), rule).unwrap(),
            model.primary(&then, day(last), whole.customers(), rule).unwrap()
        );
    }
}
