//! Scores and segments: the same bits in any order of the purchases and on any number of threads, and for a
//! customer alone as within the whole.

use patronage::{
    domain::{Columns, Currency, Day, Ledger, Policies},
    model::Assignment,
    rfm::{Dimension, Scheme, Scores, SegmentMap},
    summary::{Observation, Summaries},
};
use proptest::prelude::*;

type Row = (u64, i32, i64);

fn people(rows: &[Row]) -> Summaries {
    let start = Day::ymd(2025, 1, 1).unwrap();
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<Day> = rows.iter().map(|row| start.plus(row.1)).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let columns = Columns::new(&ids, &days, &amounts);
    let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
    Observation::until(start.plus(400)).summarise(&ledger).unwrap()
}

fn score(people: &Summaries) -> (Scores, Assignment) {
    let scores = Scheme::fifths().fit(people).unwrap().score(people).unwrap();
    let segments = SegmentMap::standard().name(&scores).unwrap();
    (scores, segments)
}

fn rows(customers: u64) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..customers, 0..400_i32, 0..5_000_i64), 1..200)
}

proptest! {
    #[test]
    fn the_order_of_purchases_changes_no_bit((rows, shuffled) in rows(30).prop_flat_map(|rows| {
        (Just(rows.clone()), Just(rows).prop_shuffle())
    })) {
        prop_assert_eq!(score(&people(&rows)), score(&people(&shuffled)));
    }

    #[test]
    fn a_customer_alone_scores_as_within_the_whole(rows in rows(20), who in 0..20_u64) {
        let whole = people(&rows);
        let cuts = Scheme::fifths().fit(&whole).unwrap();
        let alone: Vec<Row> = rows.iter().copied().filter(|row| row.0 == who).collect();
        let within = cuts.score(&whole).unwrap();
        if !alone.is_empty() {
            let alone = cuts.score(&people(&alone)).unwrap();
            prop_assert_eq!(alone.of(&who.into()).unwrap(), within.of(&who.into()).unwrap());
        }
    }

    #[test]
    fn more_is_never_worse(rows in rows(25)) {
        let people = people(&rows);
        let (scores, _) = score(&people);
        let columns = Dimension::ALL.map(|dimension| scores.column(dimension));
        for (a, one) in people.iter().enumerate() {
            for (b, other) in people.iter().enumerate() {
                prop_assert!(one.idle() < other.idle() || columns[0][a] <= columns[0][b]);
                prop_assert!(one.orders() > other.orders() || columns[1][a] <= columns[1][b]);
                prop_assert!(one.total().minor() > other.total().minor() || columns[2][a] <= columns[2][b]);
            }
        }
    }
}

#[cfg(feature = "parallel")]
#[test]
fn the_number_of_threads_changes_no_bit() {
    let rows: Vec<Row> = (0..60_000_u64)
        .map(|row| {
            let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
            (mixed % 9_000, i32::from((mixed >> 20) as u16 % 400), i64::from((mixed >> 40) as u16))
        })
        .collect();
    let people = people(&rows);
    let on = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| score(&people))
    };
    let one = on(1);
    for threads in [2, 5] {
        assert!(on(threads) == one, "{threads} threads");
    }
}
