//! Who is a customer on a day, and who leaves after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use super::definition::{ChurnDefinition, Kind};
use crate::{
    domain::{
        Activity, CustomerId, Customers, Day, Event, EventHistory, EventKind, Label, Ledger, SubscriptionStep,
    },
    summary::{Grain, Scratch, Seen, Summaries, reckon},
};

/// The event with which customers say that they leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// A subscription ended.
    Ended,
    /// One that the host names.
    Event(Label),
}

/// How a customer stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    /// The first day on which there is something of them.
    pub(super) first: Day,
    pub(super) purchases: u32,
    pub(super) left: bool,
}

/// What became of a customer. No feature is made of it: it is known only after them, and to the study alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Churned,
    Stayed,
    /// Left before the days that count: too late to be kept, too early to be foretold.
    InGap,
}

/// The days after a snapshot.
pub(super) struct Ahead {
    /// The days of the gap, and of those that count: where there is no gap the first are none.
    pub(super) gap_end: Day,
    pub(super) day: Day,
    pub(super) end: Day,
}

impl Ahead {
    fn after_gap(&self) -> RangeInclusive<Day> {
        self.gap_end.plus(1)..=self.end
    }

    /// What became of a customer who left on a day, if at all.
    fn outcome(&self, left: Option<Day>) -> Outcome {
        match left {
            Some(day) if day <= self.gap_end => Outcome::InGap,
            Some(_) => Outcome::Churned,
            None => Outcome::Stayed,
        }
    }
}

impl ChurnDefinition {
    /// Everybody known on a day, ascending, and how they stand. All that is given ends with the day.
    pub(super) fn standings(
        &self,
        buyers: &Summaries,
        activity: &Activity,
        day: Day,
    ) -> Vec<(CustomerId, Standing)> {
        let bought = buyers.customers().iter().zip(buyers.iter());
        match &self.kind {
            Kind::Inactive => {
                let standing = |one: crate::summary::Summary| Standing {
                    first: one.first(),
                    purchases: one.purchases(),
                    left: i64::from(one.idle().days()) >= i64::from(self.horizon),
                };
                bought.map(|(id, one)| (id, standing(one))).collect()
            }
            Kind::ContractEnd { grace } => {
                let subscriber = |(id, history): (CustomerId, EventHistory<'_>)| {
                    let first = history.into_iter().find(|event| step(event).is_some())?.day();
                    let purchases = buyers.of(&id).map_or(0, |one| one.purchases());
                    let left = first_uncovered(history, *grace, day..=day).is_some();
                    Some((id, Standing { first, purchases, left }))
                };
                activity.customers().iter().zip(activity.histories()).filter_map(subscriber).collect()
            }
            Kind::Said(word) => {
                let everybody: Customers =
                    buyers.customers().iter().chain(activity.customers().iter()).collect();
                let standing = |id: CustomerId| {
                    let one = buyers.of(&id).ok();
                    let standing = word.standing(one, activity.of(&id))?;
                    Some((id, standing))
                };
                everybody.iter().filter_map(standing).collect()
            }
        }
    }

    /// What became of a customer who was one on the day.
    pub(super) fn outcome(
        &self,
        id: &CustomerId,
        ledger: &Ledger,
        activity: &Activity,
        ahead: &Ahead,
    ) -> Outcome {
        match &self.kind {
            Kind::Inactive => {
                let days = ahead.after_gap();
                let bought = ledger.customers().position(id).and_then(|row| {
                    let (_, seen) = Seen::of(ledger.history_at(row)).between(*days.start(), *days.end());
                    reckon(seen, Grain::Day, &mut Scratch::default())
                });
                if bought.is_some() { Outcome::Stayed } else { Outcome::Churned }
            }
            Kind::ContractEnd { grace } => {
                let days = ahead.day.plus(1)..=ahead.end;
                ahead.outcome(first_uncovered(activity.of(id), *grace, days))
            }
            Kind::Said(word) => {
                let later = activity.of(id).since(ahead.day.plus(1)).until(ahead.end);
                ahead.outcome(later.into_iter().find(|event| word.is(event)).map(Event::day))
            }
        }
    }
}

impl Word {
    fn is(&self, event: &Event) -> bool {
        match (self, event.kind()) {
            (Self::Ended, EventKind::Subscription { step: SubscriptionStep::Ended, .. }) => true,
            (Self::Event(wanted), EventKind::Other { name, .. }) => wanted == name,
            _ => false,
        }
    }

    /// `None` of whom there is nothing.
    fn standing(
        &self,
        buyer: Option<crate::summary::Summary>,
        history: EventHistory<'_>,
    ) -> Option<Standing> {
        let bought = buyer.map(|one| (one.first(), one.last()));
        let events = history.events();
        let first = bought.map(|(first, _)| first).into_iter().chain(events.first().map(Event::day)).min()?;
        let said = events.iter().rfind(|event| self.is(event)).map(Event::day);
        let begun = |event: &&Event| step(event).is_some_and(|(step, _)| step != SubscriptionStep::Ended);
        let begun = events.iter().rfind(begun).map(Event::day);
        let back = bought.map(|(_, last)| last).max(begun);
        let left = said.is_some_and(|said| back.is_none_or(|back| back <= said));
        Some(Standing { first, purchases: buyer.map_or(0, |one| one.purchases()), left })
    }
}

fn step(event: &Event) -> Option<(SubscriptionStep, Option<&Label>)> {
    match event.kind() {
        EventKind::Subscription { step, plan } => Some((*step, plan.as_ref())),
        _ => None,
    }
}

/// The plans of a customer, and the last day that each runs: [`Day::MAX`] for those without end.
#[derive(Default)]
struct Plans<'a> {
    ends: BTreeMap<Option<&'a Label>, Day>,
    by_end: BTreeSet<(Day, Option<&'a Label>)>,
}

impl<'a> Plans<'a> {
    /// The last day that any plan runs; `None` if none has begun.
    fn end(&self) -> Option<Day> {
        self.by_end.last().map(|&(day, _)| day)
    }

    fn apply(&mut self, day: Day, step: SubscriptionStep, plan: Option<&'a Label>) {
        match (step, plan) {
            (SubscriptionStep::Started { until } | SubscriptionStep::Renewed { until }, plan) => {
                self.set(plan, until.unwrap_or(Day::MAX));
            }
            (SubscriptionStep::Ended, None) if !self.ends.is_empty() => self.end_all(day),
            (SubscriptionStep::Ended, plan) => {
                // What has ended by itself is not prolonged; what nobody saw begin ran until now.
                let end = self.ends.get(&plan).map_or(day, |&end| end.min(day));
                self.set(plan, end);
            }
        }
    }

    fn end_all(&mut self, day: Day) {
        while let Some(&(_, plan)) = self.by_end.last().filter(|(end, _)| *end > day) {
            self.set(plan, day);
        }
    }

    fn set(&mut self, plan: Option<&'a Label>, end: Day) {
        if let Some(before) = self.ends.insert(plan, end) {
            self.by_end.remove(&(before, plan));
        }
        self.by_end.insert((end, plan));
    }
}

/// The first of the days on which no plan runs, nor did so within the days of grace before. What happens later is not
/// looked at.
fn first_uncovered(history: EventHistory<'_>, grace: u32, days: RangeInclusive<Day>) -> Option<Day> {
    let grace = i32::try_from(grace).unwrap_or(i32::MAX);
    let mut plans = Plans::default();
    let mut from = *days.start();
    let uncovered = |plans: &Plans<'_>, from: Day, until: Day| {
        // A plan without end has no day after it.
        let end = plans.end().filter(|&end| end < Day::MAX)?;
        let day = from.max(end.plus(grace).plus(1));
        (end.plus(grace) < Day::MAX && day <= until).then_some(day)
    };
    for today in history.until(*days.end()).events().chunk_by(|a, b| a.day() == b.day()) {
        let Some(day) = today.first().map(Event::day) else { continue };
        if day > from {
            if let Some(left) = uncovered(&plans, from, day.plus(-1)) {
                return Some(left);
            }
            from = day;
        }
        for (step, plan) in today.iter().filter_map(step) {
            plans.apply(day, step, plan);
        }
    }
    uncovered(&plans, from, *days.end())
}
