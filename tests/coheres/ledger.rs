//! The same rows in any order, by any road, split in any way and on any number of threads: the same bits.

use patronage::{
    domain::{Columns, Currency, Day, Intake, Ledger, Line, Money, Policies, Transaction},
    summary::{Accumulator, Entry, Grain, Observation, Shard, Totals, TotalsTable},
};
use proptest::prelude::*;

type Row = (u64, i32, i64, Option<u64>, Option<i64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    // In another order as numbers than as texts.
    let order = prop::option::of(prop::sample::select(vec![3_u64, 10, 9, 100, 20]));
    let cost = prop::option::weighted(0.9, 0..50_i64);
    prop::collection::vec((0..6_u64, 0..20_i32, -20..90_i64, order, cost), 0..60)
}

fn start() -> Day {
    Day::ymd(2026, 1, 1).unwrap()
}

fn ledger(rows: &[Row]) -> Ledger {
    let mut intake = Intake::new(Currency::EUR);
    for &(customer, day, minor, order, cost) in rows {
        let amount = Money::of_minor(minor, Currency::EUR);
        let mut line = Line::new(amount);
        if let Some(cost) = cost {
            line = line.cost(Money::of_minor(cost, Currency::EUR));
        }
        let mut row = Transaction::new(customer, start().plus(day), amount).lines([line]);
        if let Some(order) = order {
            row = row.order(order.to_string());
        }
        intake.push(row).unwrap();
    }
    intake.finish().unwrap()
}

fn shard(rows: &[Row]) -> Shard {
    let mut shard = Shard::default();
    for &(customer, day, minor, order, cost) in rows {
        let mut entry = Entry::new(start().plus(day), minor);
        if let Some(order) = order {
            entry = entry.order(order);
        }
        if let Some(cost) = cost {
            entry = entry.cost(cost);
        }
        shard.push(customer, entry);
    }
    shard
}

fn observations() -> [Observation; 4] {
    let whole = Observation::until(start().plus(30));
    let part = Observation::until(start().plus(12)).from(start().plus(3));
    [whole, whole.grain(Grain::Order), part, part.grain(Grain::Order)]
}

proptest! {
    #[test]
    fn the_order_of_rows_changes_no_bit((rows, shuffled) in rows().prop_flat_map(|rows| {
        (Just(rows.clone()), Just(rows).prop_shuffle())
    })) {
        let (one, other) = (ledger(&rows), ledger(&shuffled));
        prop_assert_eq!(one.customers(), other.customers());
        let of = |ledger: &Ledger| format!("{:?}{:?}", ledger.histories().collect::<Vec<_>>(), ledger.anonymous());
        prop_assert_eq!(of(&one), of(&other));
        for seen in observations() {
            prop_assert_eq!(seen.summarise(&one).unwrap(), seen.summarise(&other).unwrap());
        }
    }

    #[test]
    fn any_split_and_any_merge_order_give_the_bits_of_the_ledger(
        rows in rows(),
        cuts in prop::collection::vec(0..4_usize, 60),
        backwards: bool,
    ) {
        let mut shards: Vec<Vec<Row>> = vec![Vec::new(); 4];
        for (row, &cut) in rows.iter().zip(&cuts) {
            shards[cut].push(*row);
        }
        if backwards {
            shards.reverse();
        }
        let mut merged = Shard::default();
        for part in &shards {
            merged.merge(shard(part));
        }
        for seen in observations() {
            let whole = seen.summarise(&ledger(&rows)).unwrap();
            prop_assert_eq!(&merged.finish(&seen, Currency::EUR).unwrap(), &whole);
            prop_assert_eq!(&shard(&rows).finish(&seen, Currency::EUR).unwrap(), &whole);
        }
    }

    #[test]
    fn merging_is_commutative_and_associative(rows in rows(), a in 0..60_usize, b in 0..60_usize) {
        let (a, b) = (a.min(b).min(rows.len()), a.max(b).min(rows.len()));
        let share = |rows: &[Row]| {
            let mut share = Accumulator::default();
            for &(_, day, minor, ..) in rows {
                share.push(Entry::new(start().plus(day), minor));
            }
            share
        };
        let [x, y, z] = [share(&rows[..a]), share(&rows[a..b]), share(&rows[b..])];
        let merge = |mut one: Accumulator, other: &Accumulator| {
            one.merge(other.clone());
            one
        };
        let finish = |share: &Accumulator| share.finish(&observations()[0], Currency::EUR).unwrap();
        let left = merge(merge(x.clone(), &y), &z);
        let right = merge(x.clone(), &merge(y.clone(), &z));
        let swapped = merge(z, &merge(y, &x));
        prop_assert_eq!(finish(&left), finish(&right));
        prop_assert_eq!(finish(&left), finish(&swapped));
        prop_assert_eq!(finish(&merge(left.clone(), &Accumulator::default())), finish(&left));
    }

    #[test]
    fn the_bulk_road_and_the_row_road_are_one(rows in rows()) {
        let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<Day> = rows.iter().map(|row| start().plus(row.1)).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let texts: Vec<String> = ids.iter().map(u64::to_string).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for policies in [Policies::default(), Policies::default().duplicates(patronage::domain::Duplicates::Drop)] {
            let bulk = Columns::new(&ids, &days, &amounts);
            let rows = Columns::new(&texts[..], &days, &amounts);
            let bulk = Ledger::from_columns(Currency::EUR, &bulk, policies).unwrap();
            let rows = Ledger::from_columns(Currency::EUR, &rows, policies).unwrap();
            for found in rows.findings().iter() {
                prop_assert_eq!(bulk.findings().count(found.finding), found.count);
            }
            prop_assert_eq!(bulk.findings().left_out(), rows.findings().left_out());
            for seen in observations() {
                prop_assert_eq!(seen.summarise(&bulk).unwrap(), seen.summarise(&rows).unwrap());
            }
        }
    }

    #[test]
    fn totals_are_the_folded_rows(rows in rows()) {
        let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<Day> = rows.iter().map(|row| start().plus(row.1)).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let table = TotalsTable::of(&Columns::new(&ids, &days, &amounts)).unwrap();
        for id in 0..6 {
            let mut known = Totals::default();
            for row in rows.iter().filter(|row| row.0 == id) {
                known.push(start().plus(row.1), row.2);
            }
            let got = table.get(&id.into()).unwrap_or_default();
            prop_assert_eq!(got, known);
        }
    }
}

/// 200,000 rows of 20,000 customers with ids all over the range.
fn many() -> (Vec<u64>, Vec<Day>, Vec<i64>) {
    let mix = |n: u64| (n ^ (n >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let rows = 0..200_000_u64;
    let ids = rows.clone().map(|row| mix(mix(row) % 20_000)).collect();
    let days = rows.clone().map(|row| start().plus(i32::from((mix(row + 1) % 700) as u16))).collect();
    let amounts = rows.map(|row| i64::from((mix(row + 2) % 9_000) as u16)).collect();
    (ids, days, amounts)
}

#[cfg(feature = "parallel")]
#[test]
fn the_number_of_threads_changes_no_bit() {
    let (ids, days, amounts) = many();
    let work = || {
        let columns = Columns::new(&ids, &days, &amounts);
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        let people = Observation::until(start().plus(600)).summarise(&ledger).unwrap();
        (ledger, people, TotalsTable::of(&columns).unwrap())
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work);
    let one = on(1);
    for threads in [2, 3, 8] {
        assert!(on(threads) == one, "{threads} threads");
    }
}

#[test]
fn a_split_counts_every_purchase_once() {
    let (ids, days, amounts) = many();
    let ledger =
        Ledger::from_columns(Currency::EUR, &Columns::new(&ids, &days, &amounts), Policies::default())
            .unwrap();
    let seen = Observation::until(start().plus(400));
    let split = seen.split(&ledger, start().plus(699)).unwrap();
    let whole = Observation::until(start().plus(699)).summarise(&ledger).unwrap();
    for (row, id) in split.calibration.customers().iter().enumerate() {
        let before = split.calibration.get(row).unwrap();
        let total = whole.of(&id).unwrap();
        assert_eq!(before.purchases() + split.holdout.purchases()[row], total.purchases());
        assert_eq!(before.total().minor() + split.holdout.totals()[row], total.total().minor());
    }
}
