//! From rows to a ledger: sorting, duplicates, refunds of orders that are not here.

use std::collections::HashSet;

use super::{
    Currency, Day, Duplicates, Finding, Findings, Ledger, Policies,
    intake::refuse,
    packed::Packing,
    pending::Ranked,
    rows::{NONE, Rows},
};
use crate::{
    error::{Error, ErrorKind},
    math::{
        group::{Grouped, group},
        parallel,
    },
};

/// A ledger of rows that came one by one.
pub(super) fn from_rows(
    currency: Currency,
    policies: Policies,
    mut findings: Findings,
    mut ranked: Ranked,
) -> Result<Ledger, Error> {
    require_sum("the sum of all amounts", &ranked.rows.amounts)?;
    let costs: Vec<i64> = ranked.rows.cost.iter().copied().flatten().collect();
    require_sum("the sum of all costs", &costs)?;
    release_orphans(&mut ranked, &mut findings);

    let days = &ranked.rows.days;
    let by_content = |a: &(Day, u32), b: &(Day, u32)| {
        // The row's number comes last, so that of equal rows the first offered stays.
        a.0.cmp(&b.0).then_with(|| ranked.compare(a.1, b.1)).then_with(|| a.1.cmp(&b.1))
    };
    let row = |row: usize| (days[row], row as u32);
    let Grouped { keys, mut ends, split: mut places, .. } =
        group(&ranked.keys, row, by_content, |row| (row.1, row));

    let equal = |at: usize| {
        let (a, b) = (places[at - 1], places[at]);
        days[a as usize] == days[b as usize] && ranked.compare(a, b).is_eq()
    };
    let duplicates = repeats(&ends, equal);
    let mut numbers: Vec<u64> =
        duplicates.iter().map(|&at| ranked.numbers[places[at as usize] as usize]).collect();
    numbers.sort_unstable();
    judge_duplicates(policies.duplicates, duplicates.len(), &numbers, &mut findings)?;
    if policies.duplicates == Duplicates::Drop {
        take_out(&mut ends, &duplicates);
        let mut dropped = duplicates.iter().peekable();
        let mut at = 0;
        places.retain(|_| {
            let keep = dropped.next_if(|&&drop| drop == at).is_none();
            at += 1;
            keep
        });
    }

    let nobody = ranked.customers.len();
    let known: Vec<u32> = keys.iter().map(|&key| key as u32).filter(|&key| (key as usize) < nobody).collect();
    // Nobody's rows are the last group, if there are any: they follow the last customer's.
    ends.truncate(known.len());
    Ok(Ledger {
        currency,
        customers: ranked.customers.select(&known),
        ends,
        rows: ranked.rows.select(&places),
        findings,
    })
}

/// A ledger of plain columns: no order, no detail, nobody unknown.
pub(super) fn from_columns(
    currency: Currency,
    policies: Policies,
    mut findings: Findings,
    (customers, days, amounts): (&[u64], &[Day], &[i64]),
) -> Result<Ledger, Error> {
    require_sum("the sum of all amounts", amounts)?;
    let (keys, mut ends, mut days_sorted, mut amounts_sorted) = sorted(customers, days, amounts);

    let duplicates = repeats(&ends, |at| {
        days_sorted[at - 1] == days_sorted[at] && amounts_sorted[at - 1] == amounts_sorted[at]
    });
    if policies.duplicates == Duplicates::Refuse && !duplicates.is_empty() {
        let row = first_repeat(customers, days, amounts);
        return refuse("is an exact duplicate", row, String::new);
    }
    judge_duplicates(policies.duplicates, duplicates.len(), &[], &mut findings)?;
    if policies.duplicates == Duplicates::Drop && !duplicates.is_empty() {
        take_out(&mut ends, &duplicates);
        days_sorted = without(&days_sorted, &duplicates);
        amounts_sorted = without(&amounts_sorted, &duplicates);
    }
    Ok(Ledger {
        currency,
        customers: super::Customers::from_sorted_integers(keys),
        ends,
        rows: Rows { days: days_sorted, amounts: amounts_sorted, ..Rows::default() },
        findings,
    })
}

/// Rows sorted by customer, day and amount: the customers, where the rows of each end, and the columns.
fn sorted(customers: &[u64], days: &[Day], amounts: &[i64]) -> (Vec<u64>, Vec<u32>, Vec<Day>, Vec<i64>) {
    if let Some(packing) = Packing::of(days, amounts) {
        let pack = |row: usize| packing.pack(days[row], amounts[row]);
        let sorted = group(customers, pack, Ord::cmp, |packed| packing.unpack(packed));
        let days = sorted.split.into_iter().map(Day::from_valid).collect();
        return (sorted.keys, sorted.ends, days, sorted.values);
    }
    let row = |row: usize| (days[row], amounts[row]);
    let sorted = group(customers, row, Ord::cmp, |row| (row.0, row));
    let amounts = sorted.values.into_iter().map(|row| row.1).collect();
    (sorted.keys, sorted.ends, sorted.split, amounts)
}

/// Refuses amounts whose sizes together do not fit an `i64`, so that no later sum over them can overflow.
fn require_sum(what: &'static str, amounts: &[i64]) -> Result<(), Error> {
    let chunks = parallel::ranges(amounts.len(), 1 << 18);
    let size = |&amount: &i64| u128::from(amount.unsigned_abs());
    let sums = parallel::map(chunks, |chunk| amounts[chunk].iter().map(size).sum::<u128>());
    if sums.iter().sum::<u128>() > i64::MAX as u128 / 2 {
        return Err(ErrorKind::Overflow { what }.into());
    }
    Ok(())
}

/// Refunds that name an order which is not here lose the name: they net against the customer.
fn release_orphans(ranked: &mut Ranked, findings: &mut Findings) {
    if ranked.refunds_of_orders.is_empty() {
        return;
    }
    let order_of = |row: usize| (ranked.keys[row], ranked.rows.order.codes[row]);
    let named: HashSet<_> = ranked.refunds_of_orders.iter().map(|&row| order_of(row as usize)).collect();
    let bought: HashSet<_> = (0..ranked.keys.len())
        .filter(|&row| ranked.rows.amounts[row] >= 0)
        .map(order_of)
        .filter(|order| named.contains(order))
        .collect();
    for &row in &ranked.refunds_of_orders {
        let row = row as usize;
        if !bought.contains(&(ranked.keys[row], ranked.rows.order.codes[row])) {
            ranked.rows.order.codes[row] = NONE;
            let text = || ranked.rows.days[row].to_string();
            findings.note(Finding::OrphanRefund, "net against the customer", ranked.numbers[row], text);
        }
    }
}

/// The places whose row is `equal` to the one before it of the same customer.
fn repeats(ends: &[u32], equal: impl Fn(usize) -> bool + Sync + Send) -> Vec<u32> {
    let chunks = parallel::ranges(ends.len(), 1 << 14);
    let found = parallel::map(chunks, |chunk| {
        let mut found = Vec::new();
        let mut start = if chunk.start == 0 { 0 } else { ends[chunk.start - 1] };
        for &end in &ends[chunk] {
            found.extend((start + 1..end).filter(|&at| equal(at as usize)));
            start = end;
        }
        found
    });
    found.concat()
}

fn judge_duplicates(
    policy: Duplicates,
    count: usize,
    numbers: &[u64],
    findings: &mut Findings,
) -> Result<(), Error> {
    let treatment = match (policy, numbers.first()) {
        (Duplicates::Refuse, Some(&row)) => refuse("is an exact duplicate", row, String::new)?,
        (Duplicates::Drop, _) => {
            findings.leave_out(count as u64);
            "left out"
        }
        _ => "kept",
    };
    for &row in numbers {
        findings.note(Finding::ExactDuplicate, treatment, row, || "as an earlier row".to_owned());
    }
    findings.add(Finding::ExactDuplicate, (count - numbers.len()) as u64, treatment);
    Ok(())
}

/// Moves the ends of the groups as the rows at `places`, which ascend, are taken out.
fn take_out(ends: &mut [u32], places: &[u32]) {
    for end in ends {
        *end -= places.partition_point(|place| place < end) as u32;
    }
}

fn without<T: Copy>(column: &[T], places: &[u32]) -> Vec<T> {
    let mut dropped = places.iter().peekable();
    let kept = |at: u32| dropped.next_if(|&&drop| drop == at).is_none();
    let mut kept = kept;
    (0_u32..).zip(column).filter(|&(at, _)| kept(at)).map(|(_, &value)| value).collect()
}

/// The first row equal to an earlier one.
fn first_repeat(customers: &[u64], days: &[Day], amounts: &[i64]) -> u64 {
    let mut seen = HashSet::new();
    let mut rows = customers.iter().zip(days).zip(amounts);
    rows.position(|row| !seen.insert(row)).unwrap_or_default() as u64
}
