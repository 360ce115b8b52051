//! The log of events: what a ledger is for purchases.

use super::{ConsentRegister, CustomerId, Customers, Day, Event, EventKind, People, Purpose};
use crate::{Error, error::ErrorKind};

/// Events sorted by customer and day: each customer's are one slice. The order in which they came in
/// makes no difference. Equal events are all kept.
///
/// # Example
/// ```
/// use patronage::domain::{Activity, Day, EventKind};
///
/// let june = |day| Day::ymd(2025, 6, day);
/// let mut intake = Activity::intake();
/// intake.push("ben", june(9)?, EventKind::Visit)?;
/// intake.push("anna", june(8)?, EventKind::EmailOpened)?;
/// intake.push("anna", june(2)?, EventKind::Visit)?;
/// let activity = intake.finish();
///
/// let anna = activity.of(&"anna".into());
/// assert_eq!(anna.len(), 2);
/// assert_eq!(anna.until(june(7)?).count(|kind| *kind == EventKind::Visit), 1);
/// assert!(activity.of(&"carl".into()).is_empty());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "Vec<Event>", into = "Vec<Event>"))]
pub struct Activity {
    customers: Customers,
    /// Where each customer's events begin; one more than there are customers.
    starts: Vec<usize>,
    events: Vec<Event>,
}

impl Activity {
    /// Takes events row by row.
    pub fn intake() -> ActivityIntake {
        ActivityIntake::default()
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The customers with an event, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// All events, by customer and day.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What one customer did; empty for an unknown id.
    pub fn of(&self, id: &CustomerId) -> EventHistory<'_> {
        match self.customers.position(id) {
            Some(row) => self.history(row),
            None => EventHistory(&[]),
        }
    }

    /// Each customer's history, in the order of [`Activity::customers`].
    pub fn histories(&self) -> impl ExactSizeIterator<Item = EventHistory<'_>> {
        (0..self.customers.len()).map(|row| self.history(row))
    }

    /// The log as it was known on a day, that day included: nothing later is in it, and a ticket that was resolved later
    /// is open.
    #[must_use]
    pub fn until(&self, day: Day) -> Self {
        let known = |event: &Event| (event.day() <= day).then(|| event.as_known(day));
        self.events.iter().filter_map(known).collect()
    }

    /// Leaves out the customers who have not granted the purpose on the day, and says how many events went.
    /// A referral of such a customer by another one goes as well.
    pub fn retain_consenting(&mut self, consents: &ConsentRegister, purpose: &Purpose, on: Day) -> usize {
        let before = self.len();
        let granted = |id: &CustomerId| consents.granted(id, purpose, on);
        self.retain(|event| {
            granted(event.customer())
                && match event.kind() {
                    EventKind::Referral { to } => granted(to),
                    _ => true,
                }
        });
        before - self.len()
    }

    fn history(&self, row: usize) -> EventHistory<'_> {
        EventHistory(&self.events[self.starts[row]..self.starts[row + 1]])
    }

    fn retain(&mut self, keep: impl FnMut(&Event) -> bool) {
        let mut events = std::mem::take(&mut self.events);
        events.retain(keep);
        *self = Self::from_sorted(events);
    }

    fn from_sorted(events: Vec<Event>) -> Self {
        let groups = || events.chunk_by(|a, b| a.customer() == b.customer());
        let customers: Customers = groups().map(|group| group[0].customer().clone()).collect();
        let ends = groups().scan(0, |end, group| {
            *end += group.len();
            Some(*end)
        });
        let starts = std::iter::once(0).chain(ends).collect();
        Self { customers, starts, events }
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::from_sorted(Vec::new())
    }
}

impl FromIterator<Event> for Activity {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        Self::from(events.into_iter().collect::<Vec<_>>())
    }
}

impl From<Vec<Event>> for Activity {
    fn from(mut events: Vec<Event>) -> Self {
        events.sort_unstable();
        Self::from_sorted(events)
    }
}

impl From<Activity> for Vec<Event> {
    fn from(activity: Activity) -> Self {
        activity.events
    }
}

impl Extend<Event> for Activity {
    fn extend<I: IntoIterator<Item = Event>>(&mut self, events: I) {
        let mut all = std::mem::take(&mut self.events);
        all.extend(events);
        *self = Self::from(all);
    }
}

/// A customer is also held where another one referred them; forgetting takes that referral out.
impl People for Activity {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some() || self.events.iter().any(|event| event.tells_of(id))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let held = self.holds(id);
        if held {
            self.retain(|event| !event.tells_of(id));
        }
        held
    }
}

/// An [`Activity`] in the making, row by row.
#[derive(Clone, Debug, Default)]
pub struct ActivityIntake {
    events: Vec<Event>,
    rows: u64,
}

impl People for ActivityIntake {
    fn holds(&self, id: &CustomerId) -> bool {
        self.events.iter().any(|event| event.tells_of(id))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let held = self.events.len();
        self.events.retain(|event| !event.tells_of(id));
        self.events.len() < held
    }
}

impl ActivityIntake {
    /// Takes the next row. A row that is refused counts, so that numbers of rows are those of the source.
    ///
    /// # Errors
    /// As [`Event::new`]; the error names the row.
    pub fn push(&mut self, customer: impl Into<CustomerId>, day: Day, kind: EventKind) -> Result<(), Error> {
        let row = self.rows;
        self.rows += 1;
        let event = Event::new(customer, day, kind).map_err(|error| at_row(error, row))?;
        self.events.push(event);
        Ok(())
    }

    /// The log of all rows taken.
    pub fn finish(self) -> Activity {
        self.events.into()
    }
}

fn at_row(error: Error, row: u64) -> Error {
    match error.kind() {
        ErrorKind::Parameter { name, value, rule } => {
            ErrorKind::Row { row, rule, text: format!("{name} {value}") }.into()
        }
        _ => error,
    }
}

/// One customer's events, by day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventHistory<'a>(&'a [Event]);

impl<'a> EventHistory<'a> {
    /// The events.
    pub fn events(self) -> &'a [Event] {
        self.0
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The events up to a day, that day included: what was known then. A ticket's resolution after the day
    /// must be asked for with the same day ([`SupportTicket::resolution_by`](super::SupportTicket::resolution_by)).
    #[must_use]
    pub fn until(self, day: Day) -> Self {
        Self(&self.0[..self.0.partition_point(|event| event.day() <= day)])
    }

    /// The events from a day on, that day included.
    #[must_use]
    pub fn since(self, day: Day) -> Self {
        Self(&self.0[self.0.partition_point(|event| event.day() < day)..])
    }

    /// How many events are of a kind.
    pub fn count(self, mut of_kind: impl FnMut(&EventKind) -> bool) -> usize {
        self.0.iter().filter(|event| of_kind(event.kind())).count()
    }
}

impl<'a> IntoIterator for EventHistory<'a> {
    type Item = &'a Event;
    type IntoIter = std::slice::Iter<'a, Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::event::tests::one_of_each, *};
    use crate::domain::{Consent, SupportTicket};

    fn day(day: i8) -> Day {
        Day::ymd(2025, 6, day).unwrap()
    }

    fn some_events() -> Vec<Event> {
        let customers = ["7", "anna", "7", "ben", "12"];
        let kinds = one_of_each().into_iter().cycle();
        let days = (1..=5).cycle();
        let rows = kinds.zip(customers.into_iter().cycle()).zip(days).take(200);
        rows.map(|((kind, customer), on)| Event::new(customer, day(on), kind).unwrap()).collect()
    }

    #[test]
    fn any_order_of_intake_gives_the_same_log() {
        let events = some_events();
        let forwards: Activity = events.iter().cloned().collect();
        let backwards: Activity = events.iter().rev().cloned().collect();
        let mut halves: Activity = events.iter().step_by(2).cloned().collect();
        halves.extend(events.iter().skip(1).step_by(2).cloned());
        assert_eq!(forwards, backwards);
        assert_eq!(forwards, halves);
        assert!(forwards.events().is_sorted());
    }

    #[test]
    fn slices_cover_every_event_once() {
        let activity: Activity = some_events().into_iter().collect();
        let lengths: usize = activity.histories().map(EventHistory::len).sum();
        assert_eq!((lengths, activity.len()), (200, 200));
        for (id, history) in activity.customers().iter().zip(activity.histories()) {
            assert!(!history.is_empty() && history.into_iter().all(|event| *event.customer() == id));
            let (before, after) = (history.until(day(3)), history.since(day(4)));
            assert_eq!(before.len() + after.len(), history.len());
        }
    }

    #[test]
    fn the_forgotten_are_gone_from_the_referrals_of_others() {
        let refer = EventKind::Referral { to: "ben".into() };
        let mut activity: Activity = [
            Event::new("anna", day(1), refer).unwrap(),
            Event::new("anna", day(2), EventKind::Visit).unwrap(),
        ]
        .into_iter()
        .collect();
        assert!(activity.holds(&"ben".into()) && activity.forget(&"ben".into()));
        assert!(!activity.holds(&"ben".into()));
        assert_eq!(activity.len(), 1);
        assert!(activity.forget(&"anna".into()) && activity.is_empty());
        assert_eq!(activity, Activity::default());
        assert!(!Activity::default().holds(&"anna".into()));
    }

    #[test]
    fn who_has_not_consented_is_left_out_and_counted() {
        let mut activity: Activity = ["anna", "anna", "ben"]
            .map(|id| Event::new(id, day(1), EventKind::Visit).unwrap())
            .into_iter()
            .collect();
        let consents: ConsentRegister =
            [Consent::granted("ben", Purpose::ANALYTICS, day(1))].into_iter().collect();
        assert_eq!(activity.retain_consenting(&consents, &Purpose::ANALYTICS, day(2)), 2);
        assert_eq!(activity.customers().len(), 1);
        assert_eq!(activity.retain_consenting(&consents, &Purpose::MARKETING, day(2)), 1);
    }

    #[test]
    fn a_refused_row_is_named() {
        let mut intake = Activity::intake();
        intake.push(1_u64, day(5), EventKind::Visit).unwrap();
        let backwards = EventKind::Ticket(SupportTicket::new().resolved_on(day(4)));
        let error = intake.push(1_u64, day(5), backwards).unwrap_err();
        assert_eq!(error.row(), Some(1));
        assert_eq!(intake.finish().len(), 1);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_log_reads_as_it_was_written_in_any_order() {
        let mut events = some_events();
        let activity: Activity = events.iter().cloned().collect();
        let json = serde_json::to_string(&activity).unwrap();
        assert_eq!(serde_json::from_str::<Activity>(&json).unwrap(), activity);
        events.reverse();
        let shuffled = serde_json::to_string(&events).unwrap();
        assert_eq!(serde_json::from_str::<Activity>(&shuffled).unwrap(), activity);
    }
}
