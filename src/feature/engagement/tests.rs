//! Are numbers those that were known on the day?
#![cfg(test)]
#![allow(
    clippy::float_cmp,
    clippy::unreadable_literal,
    reason = "exact answers are compared, as they were printed"
)]

use proptest::prelude::*;

use super::{Engagement, EngagementFeature, EngagementModel};
use crate::{
    domain::{
        Activity, CartStep, Customers, Day, Event, EventKind, Feedback, PointsMovement, Sentiment, Severity,
        SupportTicket,
    },
    feature::{Features, Shrinkage},
};

fn day(day: i32) -> Day {
    Day::ymd(2026, 1, 1).unwrap().plus(day)
}

fn log(events: &[(u64, i32, EventKind)]) -> Activity {
    events.iter().map(|(who, on, kind)| Event::new(*who, day(*on), kind.clone()).unwrap()).collect()
}

fn resolved(on: i32) -> SupportTicket {
    SupportTicket::new().resolved_on(day(on))
}

/// A customer of everything, one who only gets emails.
fn everything() -> Activity {
    let mood = Sentiment::new(0.5).unwrap();
    let points = |movement, points| EventKind::Points { movement, points };
    log(&[
        (1, 0, EventKind::Visit),
        (1, 3, EventKind::Visit),
        (1, 3, EventKind::EmailSent),
        (1, 4, EventKind::EmailSent),
        (1, 4, EventKind::EmailOpened),
        (1, 4, EventKind::EmailOpened),
        (1, 4, EventKind::EmailOpened),
        (1, 5, EventKind::EmailClicked),
        (1, 5, EventKind::Cart(CartStep::Added)),
        (1, 6, EventKind::Cart(CartStep::Abandoned)),
        (1, 6, EventKind::Ticket(resolved(8).severity(Severity::Critical))),
        (1, 6, EventKind::Ticket(resolved(12).severity(Severity::Low))),
        (1, 7, EventKind::Ticket(SupportTicket::new())),
        (1, 7, EventKind::Feedback(Feedback::nps(10).unwrap().sentiment(mood))),
        (1, 8, EventKind::Feedback(Feedback::nps(5).unwrap())),
        (1, 8, EventKind::Feedback(Feedback::csat(4).unwrap())),
        (1, 8, EventKind::Feedback(Feedback::review(2).unwrap())),
        (1, 8, EventKind::Referral { to: 9_u64.into() }),
        (1, 8, points(PointsMovement::Earned, 120)),
        (1, 8, points(PointsMovement::Redeemed, 50)),
        (1, 8, points(PointsMovement::Expired, 7)),
        (1, 11, EventKind::Visit),
        (2, 2, EventKind::EmailSent),
        (2, 2, EventKind::EmailSent),
    ])
}

fn people(ids: &[u64]) -> Customers {
    ids.iter().map(|&id| id.into()).collect()
}

fn row(table: &Features, row: usize) -> Vec<Option<f64>> {
    (0..table.width()).map(|column| table.get(row, column)).collect()
}

#[test]
fn every_number_is_that_of_the_window() {
    let all = Engagement::of(&EngagementFeature::ALL).days(9).shrinkage(Shrinkage::None);
    let model = all.fit(&everything(), day(10)).unwrap();
    // Three openings of two emails are two; a second customer opened none of two.
    assert_eq!((model.open_rate(), model.click_rate()), ((0.5, 0.0), (0.25, 0.0)));
    let table = model.features(&everything(), day(10), &people(&[1, 2, 3]));
    let known = [
        1.0, 4.0, 2.0, 3.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0, 1.0, 2.0, 2.0, 7.5, 4.0, 2.0, 0.5, 1.0, 120.0, 50.0,
    ];
    assert_eq!(row(&table, 0), known.map(Some));
    let mails = row(&table, 1);
    assert_eq!(mails[..7], [Some(0.0), None, Some(2.0), Some(0.0), Some(0.0), Some(0.0), Some(0.0)]);
    // Who is not in the log did nothing.
    let stranger = row(&table, 2);
    let missing: Vec<&str> =
        table.names().zip(&stranger).filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    let means = ["resolution_days_mean", "nps_mean", "csat_mean", "review_mean", "sentiment_mean"];
    assert_eq!(missing, [&["days_since_seen", "email_open_rate", "email_click_rate"][..], &means].concat());
    assert!(stranger.iter().flatten().all(|value| *value == 0.0));
}

#[test]
fn rates_agree_with_numpy() {
    // scipy 1.17 and numpy 2.4: (k + s p) / (m + s), s the maximum of the beta-binomial likelihood at p = 26 / 77.
    let opened = [(0, 10), (3, 4), (5, 10), (1, 10), (9, 12), (2, 20), (0, 3), (6, 8)];
    let mut events = Vec::new();
    for (id, (opened, sent)) in (0..).zip(opened) {
        events.extend((0..sent).map(|_| (id, 0, EventKind::EmailSent)));
        events.extend((0..opened).map(|_| (id, 1, EventKind::EmailOpened)));
    }
    let activity = log(&events);
    let model = Engagement::of(&[EngagementFeature::OpenRate]).fit(&activity, day(2)).unwrap();
    assert_eq!(model.open_rate().0, 26.0 / 77.0);
    let table = model.features(&activity, day(2), activity.customers());
    let known = [
        0.05659258288612,
        0.611938312619362,
        0.472792027458596,
        0.139832471800615,
        0.690754866420584,
        0.121737882530153,
        0.135609310448862,
        0.667088693930947,
    ];
    for (found, known) in table.column("email_open_rate").unwrap().zip(known) {
        assert!((found.unwrap() - known).abs() < 1e-6, "{found:?} is not {known}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let all = Engagement::of(&EngagementFeature::ALL);
    assert!(all.clone().days(0).fit(&everything(), day(1)).is_err());
    assert!(all.clone().shrinkage(Shrinkage::Strength(f64::NAN)).fit(&everything(), day(1)).is_err());
    // Of nothing nothing is learned, and nobody does nothing.
    let model = all.fit(&Activity::default(), day(1)).unwrap();
    let table = model.features(&Activity::default(), day(1), &people(&[4]));
    assert_eq!(table.get(0, 0), Some(0.0));
}

#[cfg(feature = "serde")]
#[test]
fn a_model_of_the_first_schema_is_read_and_still_written() {
    let first = include_str!("../../../tests/golden/engagement-1.json").trim_end();
    let wanted = [EngagementFeature::Visits, EngagementFeature::OpenRate];
    let model = Engagement::of(&wanted).days(30).shrinkage(Shrinkage::Strength(0.1));
    let model = model.fit(&everything(), day(10)).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), first);
    assert_eq!(serde_json::from_str::<EngagementModel>(first).unwrap(), model);
    for (whole, broken) in [
        (r#""schema":1"#, r#""schema":2"#),
        (r#""days":30"#, r#""days":0"#),
        (r#""OpenRate""#, r#""Visits""#),
        (r#""base":"0.5""#, r#""base":"1.5""#),
        (r#""strength":"0.1""#, r#""strength":"-0.1""#),
    ] {
        let file = first.replacen(whole, broken, 1);
        assert!(file != first && serde_json::from_str::<EngagementModel>(&file).is_err(), "{file}");
    }
}

fn any_event() -> impl Strategy<Value = (u64, i32, EventKind)> {
    let kind = |day: i32| {
        prop_oneof![
            Just(EventKind::Visit),
            Just(EventKind::EmailSent),
            Just(EventKind::EmailOpened),
            (0..30_i32).prop_map(move |later| EventKind::Ticket(resolved(day + later))),
            (0..=10_u8).prop_map(|score| EventKind::Feedback(Feedback::nps(score).unwrap())),
        ]
    };
    (0..4_u64, 0..30_i32).prop_flat_map(move |(who, day)| (Just(who), Just(day), kind(day)))
}

proptest! {
    #[test]
    fn nothing_after_the_day_is_read(
        events in prop::collection::vec(any_event(), 0..80),
        last in 0..30_i32,
        days in prop::option::of(1..20_u32),
    ) {
        // What a stream would have seen: events up to the day, resolutions up to the day.
        let then = events.iter().filter(|(_, day, _)| *day <= last).map(|(who, on, kind)| {
            let kind = match kind {
                EventKind::Ticket(ticket) if ticket.resolution_by(day(last)).is_none() => {
                    EventKind::Ticket(SupportTicket::new())
                }
                kind => kind.clone(),
            };
            (*who, *on, kind)
        });
        let (whole, then) = (log(&events), log(&then.collect::<Vec<_>>()));
        let engagement = Engagement::of(&EngagementFeature::ALL);
        let engagement = days.map_or(engagement.clone(), |days| engagement.days(days));
        let model = engagement.fit(&whole, day(last)).unwrap();
        prop_assert_eq!(&model, &engagement.fit(&then, day(last)).unwrap());
        let people = people(&[0, 1, 2, 3]);
        prop_assert_eq!(model.features(&whole, day(last), &people), model.features(&then, day(last), &people));
    }
}
