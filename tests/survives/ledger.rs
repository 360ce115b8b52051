//! Empty, one, all equal, enormous: no panic, and a stated answer.

use patronage::{
    domain::{Columns, Currency, Day, Ledger, People, Policies},
    summary::Observation,
};
use proptest::prelude::*;

fn ledger(ids: &[u64], days: &[Day], amounts: &[i64]) -> Result<Ledger, patronage::Error> {
    Ledger::from_columns(Currency::EUR, &Columns::new(ids, days, amounts), Policies::default())
}

#[test]
fn an_empty_ledger_has_no_people() {
    let empty = ledger(&[], &[], &[]).unwrap();
    assert_eq!((empty.len(), empty.first_day(), empty.revenue().minor()), (0, None, 0));
    assert!(Observation::until(Day::MAX).summarise(&empty).unwrap().is_empty());
    assert_eq!(Observation::until(Day::MAX).cumulative_repeats(&empty).unwrap(), [0]);
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    let error = ledger(&[1, 2], &[Day::MIN, Day::MAX], &[i64::MAX, i64::MIN]).unwrap_err();
    assert_eq!(error.to_string(), "the sum of all amounts is too large");
}

#[test]
fn whoever_is_forgotten_is_gone_and_the_others_stay() {
    let day = Day::ymd(2026, 1, 1).unwrap();
    let days = [day, day.plus(1), day.plus(2), day.plus(3)];
    let mut all = ledger(&[1, 2, 2, 3], &days, &[100, 200, 300, 400]).unwrap();
    let others = ledger(&[1, 3], &[days[0], days[3]], &[100, 400]).unwrap();
    assert!(all.forget(&2_u64.into()) && !all.holds(&2_u64.into()) && !all.forget(&2_u64.into()));
    let see = |ledger: &Ledger| Observation::until(day.plus(9)).summarise(ledger).unwrap();
    assert_eq!(see(&all), see(&others));
    let mut people = see(&all);
    assert!(people.forget(&3_u64.into()) && !people.holds(&3_u64.into()));
    assert_eq!(people.len(), 1);
}

proptest! {
    #[test]
    fn any_days_and_amounts(rows in prop::collection::vec((any::<u64>(), any::<i32>(), any::<i64>()), 0..50),
                            until: i32, from: i32) {
        let day = |number: i32| Day::MIN.plus(number.rem_euclid(Day::MAX.since(Day::MIN)));
        let ids: Vec<u64> = rows.iter().map(|row| row.0 % 5).collect();
        let days: Vec<Day> = rows.iter().map(|row| day(row.1)).collect();
        // Large, but such that fifty of them fit.
        let amounts: Vec<i64> = rows.iter().map(|row| row.2 / 128).collect();
        let ledger = ledger(&ids, &days, &amounts).unwrap();
        let seen = Observation::until(day(until)).from(day(from));
        match seen.summarise(&ledger) {
            Err(error) => prop_assert!(error.is_parameter() && from != until),
            Ok(people) => for one in people.iter() {
                prop_assert!(one.mean_per_order().is_finite());
                prop_assert!(one.mean_repeat_spend().is_none_or(f64::is_finite));
                prop_assert!(one.gap_variation().is_none_or(|value| value.is_finite() && value >= 0.0));
                prop_assert!(one.idle().days() >= 0 && one.recency().days() >= 0);
            },
        }
    }
}
