//! The facts known of CDNOW, read from the columns by hand: no room above `summary` takes part.

use std::fs;

use patronage::{
    domain::{Currency, Day, Finding, Intake, Ledger, Money, Tick, Transaction},
    summary::Observation,
};

use super::data;

/// Reads rows of id, date and dollars from their places in a line of runs of spaces.
pub(super) fn read(file: &str, header: bool, id: usize) -> Ledger {
    let text = fs::read_to_string(data(file)).unwrap();
    let mut intake = Intake::new(Currency::USD);
    for line in text.lines().skip(usize::from(header)) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let date = fields[id + 1];
        let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
        let amount = Money::parse(fields[id + 3], Currency::USD).unwrap();
        intake.push(Transaction::new(fields[id], date.parse().unwrap(), amount)).unwrap();
    }
    intake.finish().unwrap()
}

pub(super) fn end() -> Day {
    Day::ymd(1997, 9, 30).unwrap()
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn the_sample() {
    let ledger = read("cdnow_sample.txt", false, 1);
    assert_eq!(ledger.findings().count(Finding::ZeroAmount), 8);
    let people = Observation::until(end()).every(Tick::Week).summarise(&ledger).unwrap();
    assert_eq!(people.len(), 2357);
    assert_eq!(people.iter().map(|one| one.repeats()).sum::<u32>(), 2457);
    assert_eq!(people.iter().filter(|one| one.repeats() == 0).count(), 1411);
    assert_eq!(people.iter().filter(|one| one.repeats() > 0).count(), 946);
    let mut rows: Vec<_> =
        people.iter().map(|one| (one.repeats(), one.recency().days(), one.age().days())).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 1016);
    let ages = || people.iter().map(|one| one.age().in_ticks(Tick::Week));
    assert!((ages().fold(f64::MAX, f64::min) - 27.0).abs() < 1e-9);
    assert!((ages().fold(0.0, f64::max) - 38.857_142_857).abs() < 1e-9);

    let whole = Observation::until(Day::ymd(1998, 6, 30).unwrap()).summarise(&ledger).unwrap();
    assert_eq!(whole.iter().map(|one| one.purchase_days()).sum::<u32>(), 6696);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn the_sample_after_the_calibration() {
    let ledger = read("cdnow_sample.txt", false, 1);
    let until = Day::ymd(1998, 6, 30).unwrap();
    let split = Observation::until(end()).every(Tick::Week).split(&ledger, until).unwrap();
    assert_eq!(until.since(end()), 39 * 7);
    assert_eq!(split.holdout.purchases().iter().sum::<u32>(), 1882);

    let weeks = Observation::until(until).every(Tick::Week).cumulative_repeats(&ledger).unwrap();
    assert_eq!(weeks, WEEKS);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn the_whole_cohort() {
    let ledger = read("cdnow_master.txt", true, 0);
    assert_eq!(ledger.len(), 69_659);
    assert_eq!(ledger.findings().count(Finding::ZeroAmount), 80);
    let people = Observation::until(Day::ymd(1998, 6, 30).unwrap()).summarise(&ledger).unwrap();
    assert_eq!(people.len(), 23_570);
    assert_eq!(people.iter().map(|one| one.purchase_days()).sum::<u32>(), 67_591);
    assert_eq!(ledger.histories().filter(|history| history.len() == 1).count(), 11_908);
}

/// Cumulative repeat purchases at the end of weeks 1 to 78, as published.
const WEEKS: [u64; 78] = [
    0, 19, 42, 81, 119, 192, 261, 351, 428, 504, 610, 733, 828, 914, 1005, 1078, 1149, 1222, 1286, 1359,
    1414, 1484, 1517, 1573, 1672, 1746, 1800, 1840, 1885, 1973, 2032, 2069, 2132, 2192, 2239, 2290, 2342,
    2395, 2457, 2507, 2563, 2612, 2671, 2718, 2803, 2864, 2923, 2968, 3038, 3104, 3153, 3183, 3234, 3276,
    3329, 3357, 3404, 3444, 3490, 3533, 3598, 3677, 3727, 3786, 3844, 3879, 3915, 3962, 3991, 4035, 4077,
    4112, 4141, 4183, 4231, 4279, 4311, 4339,
];
