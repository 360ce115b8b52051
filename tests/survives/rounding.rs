//! Quantity times price, rounded where it must be, against a reckoning digit by digit.

use std::cmp::Ordering;

use patronage::{
    domain::{Currency, Finding},
    io::csv::Reader,
};
use proptest::prelude::*;

/// What one line comes to, in yen, and how many numbers of it were rounded.
fn yen(quantity: &str, price: &str) -> Result<(i64, u64), patronage::Error> {
    let reader = Reader::new("JPY".parse::<Currency>()?)
        .customer("id")
        .date("day")
        .quantity("n")
        .unit_price("price")
        .round_amounts();
    let file = format!("id,day,n,price\na,2020-01-01,{quantity},{price}\n");
    let ledger = reader.read(file.as_bytes())?;
    Ok((ledger.revenue().minor(), ledger.findings().count(Finding::Rounded)))
}

/// The digits of a number, least first, and how many of them are decimals.
fn digits(text: &str) -> (Vec<u32>, usize) {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    (text.chars().rev().filter_map(|mark| mark.to_digit(10)).collect(), decimals)
}

/// Multiplies as at school and rounds by looking at the digits behind the point.
fn at_school(quantity: &str, price: &str) -> i64 {
    let ((a, a_decimals), (b, b_decimals)) = (digits(quantity), digits(price));
    let mut product = vec![0; a.len() + b.len() + 1];
    for (at, left) in a.iter().enumerate() {
        for (by, right) in b.iter().enumerate() {
            product[at + by] += left * right;
        }
    }
    for at in 1..product.len() {
        product[at] += product[at - 1] / 10;
        product[at - 1] %= 10;
    }
    let (rest, whole) = product.split_at(a_decimals + b_decimals);
    let units = whole.iter().rev().fold(0, |units, &digit| units * 10 + i64::from(digit));
    let half: Vec<u32> = (0..rest.len()).map(|at| if at == 0 { 5 } else { 0 }).collect();
    match rest.iter().rev().cmp(&half) {
        Ordering::Greater => units + 1,
        Ordering::Equal if !rest.is_empty() => units + units % 2,
        _ => units,
    }
}

#[test]
fn long_decimals_are_rounded_and_counted() {
    let nines = "0.9999999999999999999";
    assert_eq!(yen(nines, nines).unwrap(), (1, 2));
    assert_eq!(yen("1", "1.0000000000000000001").unwrap(), (1, 1));
    assert_eq!(yen("1", "0.5000000000000000000000000000000001").unwrap(), (1, 1));
    assert_eq!(yen("1", "2.5").unwrap(), (2, 1));
    let error = yen("1", &format!("1.{}1", "0".repeat(40))).unwrap_err();
    assert!(error.to_string().contains("more decimals than can be reckoned"), "{error}");
}

proptest! {
    #[test]
    fn products_are_rounded_as_at_school(
        quantity in "[0-9]{1,6}\\.[0-9]{1,13}|0\\.9{1,19}|0\\.50{0,15}",
        price in "[0-9]{1,6}(\\.[0-9]{1,13})?|0\\.9{1,19}|[0-9]{1,3}|[0-9]\\.0{1,16}1",
    ) {
        let expected = at_school(&quantity, &price);
        prop_assert_eq!(yen(&quantity, &price).unwrap().0, expected);
        // Rounding to even does the same on both sides of zero.
        prop_assert_eq!(yen(&quantity, &format!("-{price}")).unwrap().0, -expected);
    }

    #[test]
    fn numbers_of_any_length_are_read_or_refused(
        quantity in "-?[0-9]{0,40}\\.?[0-9]{0,40}",
        price in "-?[0-9]{0,40}\\.?[0-9]{0,40}",
    ) {
        let _ = yen(&quantity, &price);
    }
}
