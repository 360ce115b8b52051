//! Small tables of customers for the tests of this room.
#![cfg(test)]

use crate::{
    domain::{Columns, Currency, CustomerColumn, Day, Ledger, Policies},
    summary::{Observation, Summaries},
};

/// Days since the last purchase, orders, and net total in cents.
pub(super) type Row = (i32, u32, i64);

/// Customers 0, 1, 2 ... as of 2025-12-31, each order on a day of its own.
pub(super) fn numbered(rows: &[Row]) -> Summaries {
    let (ids, days, amounts) = purchases(rows.iter().copied().enumerate());
    let ids: Vec<u64> = ids.into_iter().map(|id| id as u64).collect();
    summarise(&ids[..], &days, &amounts)
}

/// The same with names.
pub(super) fn named(rows: &[(&str, Row)]) -> Summaries {
    let (ids, days, amounts) = purchases(rows.iter().copied());
    summarise(&ids[..], &days, &amounts)
}

fn purchases<I: Copy>(rows: impl Iterator<Item = (I, Row)>) -> (Vec<I>, Vec<Day>, Vec<i64>) {
    let (mut ids, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for (id, (idle, orders, total)) in rows {
        for order in 0..orders {
            ids.push(id);
            days.push(until().plus(-idle - order.cast_signed()));
            amounts.push(if order == 0 { total.max(0) } else { 0 });
        }
        if total < 0 {
            ids.push(id);
            days.push(until().plus(-idle));
            amounts.push(total);
        }
    }
    (ids, days, amounts)
}

fn summarise<'a>(ids: impl Into<CustomerColumn<'a>>, days: &'a [Day], amounts: &'a [i64]) -> Summaries {
    let columns = Columns::new(ids, days, amounts);
    let ledger = Ledger::from_columns(Currency::USD, &columns, Policies::default()).unwrap();
    Observation::until(until()).summarise(&ledger).unwrap()
}

fn until() -> Day {
    Day::ymd(2025, 12, 31).unwrap()
}
