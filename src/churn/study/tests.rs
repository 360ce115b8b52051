//! Is everybody in the right list, and does nothing know the future?
#![cfg(test)]

use proptest::prelude::*;

use super::{ChurnDefinition, Past, Snapshots, Studied, Study};
use crate::{
    churn::{PredictorColumn, Predictors},
    domain::{
        Activity, Columns, Currency, CustomerId, Customers, Day, Event, EventKind, Ledger, People, Policies,
        SubscriptionStep, SupportTicket, Tick,
    },
    error::Error,
    feature::{Engagement, EngagementFeature, Features, PurchaseFeature, Windows},
    summary::{Histories, HistoryTable},
};

fn day(day: i32) -> Day {
    Day::ymd(2026, 1, 1).unwrap().plus(day)
}

fn ledger(rows: &[(u64, i32)]) -> Ledger {
    let (ids, days): (Vec<u64>, Vec<Day>) = rows.iter().map(|&(who, on)| (who, day(on))).unzip();
    let amounts = vec![100; rows.len()];
    Ledger::from_columns(Currency::EUR, &Columns::new(&ids, &days, &amounts), Policies::default()).unwrap()
}

fn plan(name: &str, step: SubscriptionStep) -> EventKind {
    EventKind::Subscription { step, plan: (!name.is_empty()).then(|| name.parse().unwrap()) }
}

fn log(events: &[(u64, i32, EventKind)]) -> Activity {
    events.iter().map(|(who, on, kind)| Event::new(*who, day(*on), kind.clone()).unwrap()).collect()
}

fn started(until: impl Into<Option<i32>>) -> SubscriptionStep {
    SubscriptionStep::Started { until: until.into().map(day) }
}

fn renewed(until: i32) -> SubscriptionStep {
    SubscriptionStep::Renewed { until: Some(day(until)) }
}

/// Numbers of all kinds of log.
fn recipe(past: &Past) -> Result<Predictors, Error> {
    let people = past.customers();
    let bought = Features::of_purchases(&past.summaries()?, &[PurchaseFeature::Idle, PurchaseFeature::Total]);
    let wanted = [EngagementFeature::Visits, EngagementFeature::TicketsOpen];
    let did = Engagement::of(&wanted).fit(past.activity(), past.day())?;
    let recent = Windows::last(&[10, 30])?.features(past.ledger(), past.day(), people);
    let all =
        bought.rows_of(people).join(&did.features(past.activity(), past.day(), people))?.join(&recent)?;
    Ok(Predictors::of(&all))
}

fn ids(customers: &Customers) -> Vec<u64> {
    customers.iter().filter_map(|id| id.as_integer()).collect()
}

/// A customer, a day, and whether they churned.
type Row = (u64, i32, bool);

/// Who each row is, on which day, and whether they churned.
fn rows(studied: &Studied) -> Vec<Row> {
    let table = studied.examples().predictors();
    let who = table.customers().iter().filter_map(CustomerId::as_integer);
    let days = table.days().iter().map(|on| on.since(day(0)));
    who.zip(days).zip(studied.examples().churned()).map(|((who, on), &churned)| (who, on, churned)).collect()
}

fn run(study: &Study, on: &[i32], ledger: &Ledger, activity: &Activity) -> Studied {
    let days: Vec<Day> = on.iter().map(|&on| day(on)).collect();
    study.run(&Snapshots::on(&days).unwrap(), ledger, activity, recipe).unwrap()
}

#[test]
fn days_without_a_purchase_are_counted_from_the_last() {
    // As of day 100, no purchase for 30 days: who last bought on day 70 has left, on day 71 not.
    let log = ledger(&[(1, 70), (2, 71), (2, 130), (3, 71), (3, 131), (4, 100), (5, 101), (6, 95), (6, 96)]);
    let study = Study::new(ChurnDefinition::inactive(30).unwrap(), day(130)).newcomers(5);
    let studied = run(&study, &[100], &log, &Activity::default());
    assert_eq!(rows(&studied), [(2, 100, false), (3, 100, true), (6, 100, true)]);
    let [snapshot] = studied.snapshots() else { panic!("one day") };
    assert_eq!((ids(&snapshot.already_churned), ids(&snapshot.too_new)), (vec![1], vec![4]));
    let census = studied.census();
    assert_eq!((census.eligible, census.already_churned, census.too_new), (3, 1, 1));
    assert_eq!((census.churned_in_gap, census.outcome_unknown), (0, 0));
    // A purchase in the gap decides nothing; the day after it does.
    let gap = study.clone().gap(1);
    assert_eq!(gap.known_after(), 31);
    let studied = run(&Study { as_of: day(131), ..gap }, &[100], &log, &Activity::default());
    assert_eq!(rows(&studied), [(2, 100, false), (3, 100, false), (6, 100, true)]);
    let histories = studied.examples().predictors().histories().unwrap();
    assert_eq!((histories.len(), Histories::as_of(&histories)), (3, Some(day(100))));
    assert_eq!(histories.rows()[2].repeats(), 1);
}

#[test]
fn an_outcome_that_is_not_known_yet_is_none() {
    let log = ledger(&[(1, 0), (1, 20), (2, 15), (2, 45)]);
    let study = Study::new(ChurnDefinition::inactive(30).unwrap(), day(60));
    let studied = run(&study, &[40, 25, 31, 25], &log, &Activity::default());
    assert_eq!(rows(&studied), [(1, 25, true), (2, 25, false)]);
    let unknown: Vec<_> = studied.snapshots().iter().map(|one| ids(&one.outcome_unknown)).collect();
    assert_eq!(unknown, [vec![], vec![1, 2], vec![1, 2]]);
    assert_eq!(studied.examples_on(day(25)).unwrap().len(), 2);
    assert!(studied.examples_on(day(40)).unwrap().is_empty());
    let none = study.run(&Snapshots::on(&[day(31)]).unwrap(), &log, &Activity::default(), recipe);
    assert!(none.unwrap_err().is_empty());
    // All that can be scored.
    let present = study.present(day(46), &log, &Activity::default(), recipe).unwrap();
    assert_eq!((present.predictors.len(), ids(&present.already_churned)), (2, vec![]));
    let rolling = Snapshots::rolling(day(-1000), 7).unwrap();
    let studied = study.run(&rolling, &log, &Activity::default(), recipe).unwrap();
    let days: Vec<i32> = studied.snapshots().iter().map(|one| one.day.since(day(0))).collect();
    assert_eq!(days, [1, 8, 15, 22, 29]);
}

#[test]
fn a_contract_ends_with_its_grace() {
    let activity = log(&[
        // Runs out on day 100, with 5 days of grace.
        (1, 0, plan("gold", started(100))),
        // Renewed in time, and late.
        (2, 0, plan("gold", started(100))),
        (2, 104, plan("gold", renewed(200))),
        (3, 0, plan("gold", started(100))),
        (3, 107, plan("gold", renewed(200))),
        // Without end, and ended.
        (4, 0, plan("", started(None))),
        (5, 0, plan("", started(None))),
        (5, 90, plan("", SubscriptionStep::Ended)),
        // Changes the plan; ends one of two; ends all.
        (6, 0, plan("gold", started(400))),
        (6, 99, plan("gold", SubscriptionStep::Ended)),
        (6, 99, plan("silver", started(400))),
        (7, 0, plan("gold", started(400))),
        (7, 0, plan("silver", started(400))),
        (7, 99, plan("", SubscriptionStep::Ended)),
        // Ended before the snapshot; an end does not prolong.
        (8, 0, plan("gold", started(80))),
        (8, 94, plan("gold", SubscriptionStep::Ended)),
        // No subscriber, and one who comes later.
        (9, 0, EventKind::Visit),
        (10, 99, plan("gold", started(300))),
    ]);
    let study = Study::new(ChurnDefinition::contract_end(5, 20).unwrap(), day(200));
    let studied = run(&study, &[98], &ledger(&[]), &activity);
    let known = [(1, true), (2, false), (3, true), (4, false), (6, false), (7, true)];
    assert_eq!(rows(&studied), known.map(|(who, churned)| (who, 98, churned)));
    assert_eq!(ids(&studied.snapshots()[0].already_churned), [5, 8]);
    assert!(studied.examples().predictors().histories().is_none());
    // The first and third leave on day 106, the seventh on day 105.
    let late = run(&study.gap(7), &[98], &ledger(&[]), &activity);
    assert_eq!(ids(&late.snapshots()[0].churned_in_gap), [7]);
    let known = [(1, true), (2, false), (3, true), (4, false), (6, false)];
    assert_eq!(rows(&late), known.map(|(who, churned)| (who, 98, churned)));
}

#[test]
fn customers_leave_by_their_own_word() {
    let letter = || EventKind::Other { name: "letter".parse().unwrap(), quantity: 1, value: None };
    let activity = log(&[
        (1, 10, EventKind::Visit),
        (1, 60, letter()),
        (2, 10, letter()),
        (3, 10, letter()),
        (4, 10, letter()),
        (5, 10, EventKind::Visit),
        (5, 45, letter()),
        (6, 55, EventKind::Visit),
    ]);
    let log = ledger(&[(3, 11), (4, 10), (7, 0)]);
    let letters = ChurnDefinition::said("letter".parse().unwrap(), 30).unwrap();
    let study = Study::new(letters, day(100)).gap(5);
    let studied = run(&study, &[40], &log, &activity);
    assert_eq!(rows(&studied), [(1, 40, true), (3, 40, false), (7, 40, false)]);
    let [snapshot] = studied.snapshots() else { panic!("one day") };
    assert_eq!((ids(&snapshot.already_churned), ids(&snapshot.churned_in_gap)), (vec![2, 4], vec![5]));
    let ends = Study::new(ChurnDefinition::cancelled(30).unwrap(), day(100));
    assert_eq!(run(&ends, &[40], &log, &activity).examples().balance().churned, 0);
}

#[test]
fn a_recipe_of_others_is_refused() {
    let log = ledger(&[(1, 0), (2, 5)]);
    let study = Study::new(ChurnDefinition::inactive(30).unwrap(), day(60));
    let on = Snapshots::on(&[day(10)]).unwrap();
    let of = |people: &Customers, on: Day| {
        Features::new(people.clone(), on, []).map(|table| Predictors::of(&table))
    };
    let nobody =
        study.run(&on, &log, &Activity::default(), move |past| of(&Customers::default(), past.day()));
    assert!(nobody.unwrap_err().to_string().contains("rows of the recipe"));
    let later =
        study.run(&on, &log, &Activity::default(), move |past| of(past.customers(), past.day().plus(1)));
    assert!(later.unwrap_err().is_parameter());
    for days in [0, 1_000_001] {
        assert!(ChurnDefinition::inactive(days).is_err() && ChurnDefinition::cancelled(days).is_err());
    }
    assert!(Snapshots::on(&[]).is_err() && Snapshots::rolling(day(0), 0).is_err());
}

#[test]
fn a_model_of_purchases_learns_from_all_but_those_it_is_judged_by() {
    // On day 100 customers 1 to 4 are examples; 5 has left, and 6 comes later.
    let log = ledger(&[(1, 90), (2, 91), (3, 92), (4, 93), (5, 9), (6, 101)]);
    let study = Study::new(ChurnDefinition::inactive(30).unwrap(), day(130));
    let studied = run(&study, &[100], &log, &Activity::default());
    let learned = studied.buyers().to_learn(&studied.examples().take(&[0, 2]).unwrap(), Tick::Week).unwrap();
    let ages: Vec<f64> = learned.rows().iter().map(|row| (7.0 * row.age()).round()).collect();
    assert_eq!((ages, learned.tick()), (vec![10.0, 8.0, 91.0], Tick::Week));
    assert_eq!(Histories::weights(&learned).unwrap(), [2.0, 2.0, 1.0]);
    let nobody = studied.examples().take(&[]).unwrap();
    assert!(studied.buyers().to_learn(&nobody, Tick::Week).unwrap_err().is_empty());
}

fn any_plan() -> impl Strategy<Value = EventKind> {
    let until = prop_oneof![3 => (60..90_i32).prop_map(Some), 1 => Just(None)];
    let step = prop_oneof![
        until.clone().prop_map(started),
        (60..90_i32).prop_map(renewed),
        Just(SubscriptionStep::Ended)
    ];
    (step, prop::sample::select(vec!["", "gold", "silver"])).prop_map(|(step, name)| plan(name, step))
}

fn any_events() -> impl Strategy<Value = Vec<(u64, i32, EventKind)>> {
    let kind = prop_oneof![
        4 => any_plan(),
        1 => Just(EventKind::Visit),
        1 => (60..90_i32).prop_map(|on| EventKind::Ticket(SupportTicket::new().resolved_on(day(on)))),
    ];
    prop::collection::vec((0..5_u64, 0..60_i32, kind), 0..40)
}

/// Whether a plan runs or its grace does, by the events up to a day: one after the other.
fn is_covered(history: &[Event], grace: i32, on: Day) -> bool {
    let mut plans: Vec<(Option<String>, Day)> = Vec::new();
    for event in history.iter().filter(|event| event.day() <= on) {
        let EventKind::Subscription { step, plan } = event.kind() else { continue };
        let name = plan.as_ref().map(ToString::to_string);
        if *step == SubscriptionStep::Ended {
            for (_, end) in plans.iter_mut().filter(|one| name.is_none() || one.0 == name) {
                *end = event.day().min(*end);
            }
            // What nobody saw begin ran until now.
            let known =
                if name.is_none() { !plans.is_empty() } else { plans.iter().any(|one| one.0 == name) };
            if !known {
                plans.push((name, event.day()));
            }
        } else {
            plans.retain(|one| one.0 != name);
            plans.push((name, step.until().unwrap_or(Day::MAX)));
        }
    }
    plans.iter().any(|one| one.1.plus(grace) >= on)
}

proptest! {
    #[test]
    fn contracts_end_on_the_first_day_without_one(
        events in any_events(), grace in 0..12_u32, on in 10..60_i32, within in 1..30_u32,
    ) {
        let activity = log(&events);
        let study = Study::new(ChurnDefinition::contract_end(grace, within).unwrap(), day(90));
        let Ok(studied) = study.run(&Snapshots::on(&[day(on)]).unwrap(), &ledger(&[]), &activity, recipe) else {
            return Ok(());
        };
        let grace = i32::try_from(grace).unwrap();
        let covered = |who: u64, on: i32| is_covered(activity.of(&who.into()).events(), grace, day(on));
        for who in ids(&studied.snapshots()[0].already_churned) {
            prop_assert!(!covered(who, on));
        }
        for (who, _, churned) in rows(&studied) {
            let ahead = on + 1..=on + i32::try_from(within).unwrap();
            prop_assert!(covered(who, on));
            prop_assert_eq!(churned, !ahead.into_iter().all(|on| covered(who, on)), "{}", who);
        }
    }

    #[test]
    fn nothing_after_the_last_day_changes_a_bit(
        purchases in prop::collection::vec((0..6_u64, 0..120_i32), 1..60),
        events in any_events(), days in 1..30_u32, gap in 0..5_u32, on in prop::collection::vec(0..60_i32, 1..4),
    ) {
        let as_of = 60;
        let study = Study::new(ChurnDefinition::inactive(days).unwrap(), day(as_of)).gap(gap).newcomers(3);
        let then: Vec<_> = purchases.iter().copied().filter(|row| row.1 <= as_of).collect();
        let days: Vec<Day> = on.iter().map(|&on| day(on)).collect();
        let run = |rows: &[(u64, i32)], activity: &Activity| {
            study.run(&Snapshots::on(&days).unwrap(), &ledger(rows), activity, recipe)
        };
        match (run(&purchases, &log(&events)), run(&then, &log(&events).until(day(as_of)))) {
            (Ok(whole), Ok(then)) => {
                prop_assert_eq!(bits(&whole), bits(&then));
                prop_assert_eq!(whole.snapshots(), then.snapshots());
            }
            (whole, then) => prop_assert_eq!(whole.is_err(), then.is_err()),
        }
    }

    #[test]
    fn everybody_is_counted_once_and_labelled_by_the_days_ahead(
        purchases in prop::collection::vec((0..8_u64, 0..100_i32), 1..80),
        days in 1..30_i32, gap in 0..5_i32, on in 0..70_i32, newcomers in 0..10_i32,
    ) {
        let definition = ChurnDefinition::inactive(days.unsigned_abs()).unwrap();
        let study = Study::new(definition, day(105)).gap(gap.unsigned_abs()).newcomers(newcomers.unsigned_abs());
        let found = study.run(&Snapshots::on(&[day(on)]).unwrap(), &ledger(&purchases), &Activity::default(), recipe);
        let bought = |who: u64, from: i32, until: i32| {
            purchases.iter().filter(|row| row.0 == who && (from..=until).contains(&row.1)).map(|row| row.1).collect::<Vec<_>>()
        };
        let (mut known, mut left, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for who in 0..8 {
            let past = bought(who, 0, on);
            let Some(first) = past.iter().min() else { continue };
            if bought(who, on - days + 1, on).is_empty() {
                left.push(who);
            } else if on - first < newcomers {
                new.push(who);
            } else {
                known.push((who, on, bought(who, on + gap + 1, on + gap + days).is_empty()));
            }
        }
        let Ok(studied) = found else {
            prop_assert!(known.is_empty());
            return Ok(());
        };
        prop_assert_eq!(rows(&studied), known);
        let snapshot = &studied.snapshots()[0];
        prop_assert_eq!((ids(&snapshot.already_churned), ids(&snapshot.too_new)), (left, new));
    }
}

/// All that models see of a study.
fn bits(studied: &Studied) -> (Vec<Row>, Vec<Vec<u64>>, Option<HistoryTable>) {
    let table = studied.examples().predictors();
    let column = |column| match column {
        PredictorColumn::Numbers(values) => values.iter().map(|value| value.to_bits()).collect(),
        PredictorColumn::Categories { codes, .. } => codes.iter().copied().map(u64::from).collect(),
    };
    (rows(studied), table.columns().map(|(_, one)| column(one)).collect(), table.histories())
}

/// A study of whom is left is the study of those who stayed in the logs.
#[test]
fn a_customer_is_forgotten_everywhere() {
    // The second has left before every day, and the fifth is too new on the first.
    let all =
        [(1, 0), (1, 50), (1, 90), (2, 1), (3, 60), (3, 71), (4, 61), (4, 95), (4, 130), (5, 69), (5, 99)];
    let study = Study::new(ChurnDefinition::inactive(30).unwrap(), day(135)).newcomers(5);
    let of = |rows: &[(u64, i32)]| run(&study, &[70, 100, 120], &ledger(rows), &Activity::default());
    for gone in 1..=5_u64 {
        let mut studied = of(&all);
        let kept: Vec<(u64, i32)> = all.iter().copied().filter(|row| row.0 != gone).collect();
        let known = of(&kept);
        assert!(studied.holds(&gone.into()) && studied.forget(&gone.into()));
        assert!(!studied.holds(&gone.into()) && !studied.forget(&gone.into()));
        assert_eq!((bits(&studied), studied.snapshots()), (bits(&known), known.snapshots()));
        for on in [70, 100] {
            let examples = studied.examples_on(day(on)).unwrap();
            let others = known.examples_on(day(on)).unwrap();
            assert_eq!(examples.predictors().customers(), others.predictors().customers());
            let learned = |by: &Studied| by.buyers().to_learn(&examples, Tick::Day).unwrap().rows().to_vec();
            assert_eq!(learned(&studied), learned(&known));
        }
    }
}

#[test]
fn who_is_to_be_scored_can_be_forgotten() {
    let log = ledger(&[(1, 0), (2, 90), (3, 99), (4, 80)]);
    let study = Study::new(ChurnDefinition::inactive(30).unwrap(), day(100)).newcomers(5);
    let mut present = study.present(day(100), &log, &Activity::default(), recipe).unwrap();
    for gone in [1_u64, 2, 3] {
        assert!(present.holds(&gone.into()) && present.forget(&gone.into()) && !present.holds(&gone.into()));
    }
    assert!(!present.forget(&2_u64.into()));
    assert_eq!(present.predictors.customers(), [CustomerId::from(4_u64)]);
    assert!(present.already_churned.is_empty() && present.too_new.is_empty());
}
