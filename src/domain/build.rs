//! From rows to a ledger: sorting, duplicates, refunds of orders that are not here.

use std::{cmp::Ordering, collections::HashSet};

use super::{
    Currency, Day, Duplicates, Finding, Findings, Ledger, Policies,
    intake::refuse,
    packed::{LARGEST_SUM, Packed, Packing, Range},
    pending::Ranked,
    rows::{NONE, Rows},
};
use crate::{
    error::{Error, ErrorKind},
    math::{
        group::{Grouped, Order, Rule, group},
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
    release_orphans(&mut ranked, policies, &mut findings)?;

    let row = |row: usize| (ranked.rows.days[row], row as u32);
    let sorted = group(&ranked.keys, row, &ByContent(&ranked));
    let Grouped { keys, mut ends, values, repeats: duplicates, .. } = sorted;
    let mut places: Vec<u32> = values.into_iter().map(|row| row.1).collect();
    let mut numbers: Vec<u64> =
        duplicates.iter().map(|&at| ranked.numbers[places[at as usize] as usize]).collect();
    numbers.sort_unstable();
    judge_duplicates(policies.duplicates, duplicates.len(), &numbers, &mut findings)?;
    if policies.duplicates == Duplicates::Drop {
        take_out(&mut ends, &duplicates);
        places = without(&places, &duplicates);
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

/// Customers, days and amounts.
pub(super) type Plain<'a> = (&'a [u64], &'a [Day], &'a [i64]);

/// A ledger of plain columns, whose days and amounts are in `range`: no order, no detail, nobody unknown.
/// `number` is the number that a row was offered with.
pub(super) fn from_columns(
    currency: Currency,
    policies: Policies,
    mut findings: Findings,
    (customers, days, amounts): Plain<'_>,
    range: Range,
    number: impl Fn(usize) -> u64,
) -> Result<Ledger, Error> {
    // A bound on the sum is enough, if it fits.
    if !range.sums_fit(amounts.len()) {
        require_sum("the sum of all amounts", amounts)?;
    }
    let Sorted { keys, mut ends, days: mut days_sorted, amounts: mut amounts_sorted, duplicates } =
        sorted(customers, days, amounts, range);
    if policies.duplicates == Duplicates::Refuse && !duplicates.is_empty() {
        let row = number(first_repeat(customers, days, amounts));
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

/// Rows of one customer by day, then by all that is known of them.
struct ByContent<'a>(&'a Ranked);

impl Order<(Day, u32)> for ByContent<'_> {
    fn order(&self, a: &(Day, u32), b: &(Day, u32)) -> Ordering {
        // The row's number comes last, so that of equal rows the first offered stays.
        a.0.cmp(&b.0).then_with(|| self.0.compare(a.1, b.1)).then_with(|| a.1.cmp(&b.1))
    }
}

impl Rule<(Day, u32)> for ByContent<'_> {
    fn repeats(&self, before: &(Day, u32), row: &(Day, u32)) -> bool {
        before.0 == row.0 && self.0.compare(before.1, row.1).is_eq()
    }

    fn split(&self, row: (Day, u32)) -> (u64, (Day, u32)) {
        (0, row)
    }
}

/// Rows of one customer by day, then by amount, where the two do not fit one number.
struct ByDay;

impl Order<(Day, i64)> for ByDay {
    fn order(&self, a: &(Day, i64), b: &(Day, i64)) -> Ordering {
        a.cmp(b)
    }
}

impl Rule<(Day, i64)> for ByDay {
    fn repeats(&self, before: &(Day, i64), row: &(Day, i64)) -> bool {
        before == row
    }

    fn split(&self, row: (Day, i64)) -> (u64, (Day, i64)) {
        (row.1.cast_unsigned(), row)
    }
}

/// Plain columns, sorted by customer, day and amount.
struct Sorted {
    keys: Vec<u64>,
    ends: Vec<u32>,
    days: Vec<Day>,
    amounts: Vec<i64>,
    duplicates: Vec<u32>,
}

fn sorted(customers: &[u64], days: &[Day], amounts: &[i64], range: Range) -> Sorted {
    match Packing::of(range) {
        Some(packing) if packing.is_narrow() => sorted_by::<u32>(customers, days, amounts, packing),
        Some(packing) => sorted_by::<u64>(customers, days, amounts, packing),
        None => {
            let row = |row: usize| (days[row], amounts[row]);
            Sorted::of(group(customers, row, &ByDay), |row| row.0)
        }
    }
}

fn sorted_by<P: Packed>(customers: &[u64], days: &[Day], amounts: &[i64], packing: Packing) -> Sorted {
    let pack = |row: usize| P::of(packing.pack(days[row], amounts[row]));
    Sorted::of(group(customers, pack, &packing), |day| Day::of_valid(day.into() as i32))
}

impl Sorted {
    /// Of rows whose amounts stand in the place of the keys. Where the types allow it the columns are those
    /// that were sorted in: fresh memory is slow.
    fn of<P>(grouped: Grouped<P>, day: impl Fn(P) -> Day) -> Self {
        let Grouped { keys, ends, split, values, repeats } = grouped;
        Self {
            keys,
            ends,
            days: values.into_iter().map(day).collect(),
            amounts: split.into_iter().map(u64::cast_signed).collect(),
            duplicates: repeats,
        }
    }
}

/// Refuses amounts whose sizes together do not fit an `i64`, so that no later sum over them can overflow.
fn require_sum(what: &'static str, amounts: &[i64]) -> Result<(), Error> {
    let chunks = parallel::ranges(amounts.len(), 1 << 18);
    let size = |&amount: &i64| u128::from(amount.unsigned_abs());
    let sums = parallel::map(chunks, |chunk| amounts[chunk].iter().map(size).sum::<u128>());
    if sums.iter().sum::<u128>() > LARGEST_SUM {
        return Err(ErrorKind::Overflow { what }.into());
    }
    Ok(())
}

/// Refunds that name an order which is not here lose the name: they net against the customer.
fn release_orphans(ranked: &mut Ranked, policies: Policies, findings: &mut Findings) -> Result<(), Error> {
    if ranked.refunds_of_orders.is_empty() {
        return Ok(());
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
            let text = || ranked.rows.days[row].to_string();
            if policies.strict {
                return refuse("refunds an order that is not here", ranked.numbers[row], text);
            }
            ranked.rows.order.codes[row] = NONE;
            findings.note(Finding::OrphanRefund, "net against the customer", ranked.numbers[row], text);
        }
    }
    Ok(())
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
fn first_repeat(customers: &[u64], days: &[Day], amounts: &[i64]) -> usize {
    let mut seen = HashSet::new();
    let mut rows = customers.iter().zip(days).zip(amounts);
    rows.position(|row| !seen.insert(row)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_alike_however_wide_they_are() {
        let mix = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
        let ids: Vec<u64> = (0..9_000).map(|row| mix(mix(row) % 300)).collect();
        let days: Vec<Day> = (0..9_000).map(|row| Day::default().plus((mix(row + 1) % 40) as i32)).collect();
        for (scale, narrow) in [(1, Some(true)), (1 << 40, Some(false)), (1 << 60, None)] {
            let amounts: Vec<i64> =
                (0..9_000).map(|row| ((mix(row + 2) % 9).cast_signed() - 4) * scale).collect();
            let range = Range::of(&days, &amounts);
            assert_eq!(Packing::of(range).map(Packing::is_narrow), narrow);
            let found = sorted(&ids, &days, &amounts, range);
            let mut known: Vec<_> = (0..9_000).map(|row| (ids[row], days[row], amounts[row])).collect();
            known.sort_unstable();
            let starts = [0].into_iter().chain(found.ends.iter().copied());
            let keys = found.keys.iter().zip(starts.zip(&found.ends));
            let keys = keys.flat_map(|(&key, (start, &end))| (start..end).map(move |_| key));
            let rows = keys.zip(found.days).zip(found.amounts).map(|((key, day), amount)| (key, day, amount));
            assert!(rows.eq(known.iter().copied()));
            let repeats = (1..9_000).filter(|&row| known[row] == known[row - 1]).map(|row| row as u32);
            assert!(repeats.eq(found.duplicates));
        }
    }
}
