//! What customers do besides buying, and what is done for them.

use std::cmp::Ordering;

use super::{Currency, CustomerId, Day, Feedback, Label, Money, SupportTicket};
use crate::Error;

/// Something that happened to a customer on a day and is not a purchase.
///
/// Events have a total order: by customer, by day, then by kind and its content. Two events that compare
/// as equal are equal.
///
/// # Example
/// ```
/// use patronage::domain::{Day, Event, EventKind, SupportTicket};
///
/// let june = |day| Day::ymd(2025, 6, day);
/// let visit = Event::new("anna", june(3)?, EventKind::Visit)?;
/// assert_eq!(visit.day(), june(3)?);
///
/// let backwards = EventKind::Ticket(SupportTicket::new().resolved_on(june(2)?));
/// assert!(Event::new("anna", june(3)?, backwards).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved", into = "Saved"))]
pub struct Event {
    customer: CustomerId,
    day: Day,
    kind: EventKind,
}

/// The kinds of [`Event`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum EventKind {
    /// A visit to a site or a shop.
    Visit,
    /// An email sent to the customer, without which there is no rate of opening.
    EmailSent,
    /// An email opened.
    EmailOpened,
    /// A link in an email followed.
    EmailClicked,
    /// A step with a cart.
    Cart(CartStep),
    /// A request for help, opened on the day of the event.
    Ticket(SupportTicket),
    /// A score given.
    Feedback(Feedback),
    /// The customer referred another one.
    Referral {
        /// The one referred.
        to: CustomerId,
    },
    /// Loyalty points moved.
    Points {
        /// Which way.
        movement: PointsMovement,
        /// How many.
        points: u64,
    },
    /// A step of a subscription.
    Subscription {
        /// Which step.
        step: SubscriptionStep,
        /// Of which plan.
        plan: Option<Label>,
    },
    /// What it cost to serve the customer beyond the goods: support, shipping, returns. Negative for a
    /// correction.
    CostToServe(Money),
    /// A kind that the host names.
    Other {
        /// Its name.
        name: Label,
        /// How many or how much, in a unit small enough for whole numbers, so that sums are exact.
        quantity: u64,
        /// What it was worth.
        value: Option<Money>,
    },
}

/// What a customer does with a cart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum CartStep {
    /// Something was put in.
    Added,
    /// Something was taken out.
    Removed,
    /// The way to the till began.
    CheckoutBegun,
    /// The cart was left, as the host judges.
    Abandoned,
}

/// Which way loyalty points move.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PointsMovement {
    /// To the customer.
    Earned,
    /// Back, for something in return.
    Redeemed,
    /// Back, for nothing.
    Expired,
}

/// A step in the life of a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SubscriptionStep {
    /// It began.
    Started {
        /// The last day paid for or agreed, where there is one.
        until: Option<Day>,
    },
    /// It was renewed.
    Renewed {
        /// The last day paid for or agreed, where there is one.
        until: Option<Day>,
    },
    /// It ended: the customer left, or the contract did.
    Ended,
}

impl SubscriptionStep {
    /// The last day paid for or agreed, where there is one.
    pub fn until(self) -> Option<Day> {
        match self {
            Self::Started { until } | Self::Renewed { until } => until,
            Self::Ended => None,
        }
    }
}

impl Event {
    /// Something that happened on a day.
    ///
    /// # Errors
    /// If a ticket is resolved, or a subscription runs out, before the day.
    pub fn new(customer: impl Into<CustomerId>, day: Day, kind: EventKind) -> Result<Self, Error> {
        let (what, later) = match &kind {
            EventKind::Ticket(ticket) => ("day of resolution", ticket.resolved_on),
            EventKind::Subscription { step, .. } => ("end of subscription", step.until()),
            _ => ("", None),
        };
        if let Some(later) = later.filter(|&later| later < day) {
            return Err(Error::parameter(what, later, "is before the day of the event"));
        }
        Ok(Self { customer: customer.into(), day, kind })
    }

    /// Whom it happened to.
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The day.
    pub fn day(&self) -> Day {
        self.day
    }

    /// What happened.
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// The event as it was known on a day not before its own.
    pub(super) fn as_known(&self, on: Day) -> Self {
        let mut known = self.clone();
        if let EventKind::Ticket(ticket) = &mut known.kind {
            ticket.resolved_on = ticket.resolution_by(on);
        }
        known
    }

    /// Whether the event tells of a customer: as the one it happened to, or as the one referred.
    pub fn tells_of(&self, id: &CustomerId) -> bool {
        self.customer == *id || matches!(&self.kind, EventKind::Referral { to } if to == id)
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        let owner = |event: &Self| (event.customer.as_integer(), event.day);
        // Two numbers are the common case, and cheap to tell apart.
        match (owner(self), owner(other)) {
            ((Some(a), day), (Some(b), other_day)) => (a, day).cmp(&(b, other_day)),
            _ => (&self.customer, self.day).cmp(&(&other.customer, other.day)),
        }
        .then_with(|| self.kind.key().cmp(&other.kind.key()))
    }
}

/// All that an event kind says, in a form that can be ordered. Money has no order across currencies by
/// itself; here any order serves as long as it is always the same.
#[derive(PartialEq, Eq, PartialOrd, Ord, Default)]
struct Key<'a> {
    kind: u8,
    step: u8,
    quantity: u64,
    label: Option<&'a Label>,
    day: Option<Day>,
    person: Option<&'a CustomerId>,
    feedback: Option<Feedback>,
    severity: Option<super::Severity>,
    money: Option<(Currency, i64)>,
}

impl EventKind {
    fn key(&self) -> Key<'_> {
        let mut key = Key::default();
        match self {
            Self::Visit => {}
            Self::EmailSent => key.kind = 1,
            Self::EmailOpened => key.kind = 2,
            Self::EmailClicked => key.kind = 3,
            Self::Cart(step) => (key.kind, key.step) = (4, *step as u8),
            Self::Ticket(ticket) => {
                (key.kind, key.severity, key.day) = (5, ticket.severity, ticket.resolved_on);
                key.label = ticket.topic.as_ref();
            }
            Self::Feedback(feedback) => (key.kind, key.feedback) = (6, Some(*feedback)),
            Self::Referral { to } => (key.kind, key.person) = (7, Some(to)),
            Self::Points { movement, points } => {
                (key.kind, key.step, key.quantity) = (8, *movement as u8, *points);
            }
            Self::Subscription { step, plan } => {
                (key.kind, key.label, key.day) = (9, plan.as_ref(), step.until());
                key.step = match step {
                    SubscriptionStep::Started { .. } => 0,
                    SubscriptionStep::Renewed { .. } => 1,
                    SubscriptionStep::Ended => 2,
                };
            }
            Self::CostToServe(cost) => (key.kind, key.money) = (10, Some(parts(*cost))),
            Self::Other { name, quantity, value } => {
                (key.kind, key.label, key.quantity) = (11, Some(name), *quantity);
                key.money = value.map(parts);
            }
        }
        key
    }
}

fn parts(money: Money) -> (Currency, i64) {
    (money.currency(), money.minor())
}

/// The form in which an event is saved, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    customer: CustomerId,
    day: Day,
    kind: EventKind,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for Event {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        Self::new(saved.customer, saved.day, saved.kind)
    }
}

#[cfg(feature = "serde")]
impl From<Event> for Saved {
    fn from(event: Event) -> Self {
        let Event { customer, day, kind } = event;
        Self { customer, day, kind }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{Sentiment, Severity};

    fn day(day: i8) -> Day {
        Day::ymd(2025, 6, day).unwrap()
    }

    /// At least one of each kind, no two equal, in ascending order.
    pub(in crate::domain) fn one_of_each() -> Vec<EventKind> {
        let label = |text: &str| text.parse::<Label>().unwrap();
        let cents = |minor| Money::of_minor(minor, Currency::EUR);
        let ticket = SupportTicket::new();
        let other = |quantity, value| EventKind::Other { name: label("call"), quantity, value };
        let plan = |step| EventKind::Subscription { step, plan: Some(label("gold")) };
        vec![
            EventKind::Visit,
            EventKind::EmailSent,
            EventKind::EmailOpened,
            EventKind::EmailClicked,
            EventKind::Cart(CartStep::Added),
            EventKind::Cart(CartStep::Abandoned),
            EventKind::Ticket(ticket.clone()),
            EventKind::Ticket(ticket.clone().severity(Severity::Low)),
            EventKind::Ticket(ticket.clone().resolved_on(day(30))),
            EventKind::Ticket(ticket.topic(label("delivery"))),
            EventKind::Feedback(Feedback::nps(3).unwrap()),
            EventKind::Feedback(Feedback::nps(3).unwrap().sentiment(Sentiment::new(-0.5).unwrap())),
            EventKind::Feedback(Feedback::csat(1).unwrap()),
            EventKind::Referral { to: 9_u64.into() },
            EventKind::Referral { to: "ben".into() },
            EventKind::Points { movement: PointsMovement::Earned, points: 10 },
            EventKind::Points { movement: PointsMovement::Redeemed, points: 5 },
            plan(SubscriptionStep::Started { until: None }),
            plan(SubscriptionStep::Started { until: Some(day(30)) }),
            plan(SubscriptionStep::Renewed { until: Some(day(30)) }),
            plan(SubscriptionStep::Ended),
            EventKind::CostToServe(cents(-5)),
            EventKind::CostToServe(cents(100)),
            EventKind::CostToServe(Money::of_minor(1, Currency::USD)),
            other(1, None),
            other(1, Some(cents(0))),
            other(2, None),
        ]
    }

    #[test]
    fn the_order_is_total_and_agrees_with_equality() {
        let events: Vec<Event> =
            one_of_each().into_iter().map(|kind| Event::new("anna", day(2), kind).unwrap()).collect();
        for (i, a) in events.iter().enumerate() {
            for (j, b) in events.iter().enumerate() {
                assert_eq!(a.cmp(b), i.cmp(&j), "{a:?} {b:?}");
                assert_eq!(a == b, i == j);
            }
        }
    }

    #[test]
    fn customer_and_day_come_before_the_kind() {
        let event = |customer: &str, on| Event::new(customer, day(on), EventKind::Visit).unwrap();
        let click = Event::new("9", day(1), EventKind::EmailClicked).unwrap();
        let ordered = [click, event("9", 2), event("10", 1), event("anna", 1), event("ben", 1)];
        assert!(ordered.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn nothing_ends_before_it_begins() {
        let resolved = |on| EventKind::Ticket(SupportTicket::new().resolved_on(day(on)));
        assert!(Event::new("anna", day(5), resolved(5)).is_ok());
        let error = Event::new("anna", day(5), resolved(4)).unwrap_err();
        assert_eq!(error.to_string(), "day of resolution: `2025-06-04` is before the day of the event");
        let step = SubscriptionStep::Renewed { until: Some(day(4)) };
        assert!(Event::new("anna", day(5), EventKind::Subscription { step, plan: None }).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn each_kind_reads_as_it_was_written() {
        for kind in one_of_each() {
            let event = Event::new(7_u64, day(2), kind).unwrap();
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
        }
        let backwards = r#"{"customer":1,"day":"2025-06-05","kind":{"Ticket":
            {"topic":null,"severity":null,"resolved_on":"2025-06-04"}}}"#;
        assert!(serde_json::from_str::<Event>(backwards).is_err());
    }
}
