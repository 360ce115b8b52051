//! The events of a customer in a window, counted.

use crate::{
    domain::{
        CartStep, Day, EventHistory, EventKind, Feedback, FeedbackKind, PointsMovement, Severity,
        SupportTicket,
    },
    feature::window::{Days, window},
};

/// What a customer did in the window.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Tally {
    pub(super) visits: u32,
    pub(super) last_seen: Option<Day>,
    pub(super) sent: u32,
    pub(super) opened: u32,
    pub(super) clicked: u32,
    pub(super) additions: u32,
    pub(super) abandoned: u32,
    pub(super) tickets: u32,
    pub(super) severe: u32,
    /// Days to the resolution of those that are resolved.
    pub(super) resolution: Mean,
    pub(super) nps: Mean,
    pub(super) csat: Mean,
    pub(super) review: Mean,
    pub(super) sentiment: Mean,
    pub(super) referrals: u32,
    pub(super) earned: u64,
    pub(super) redeemed: u64,
}

/// A sum and how many it is of.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

impl Tally {
    /// Of the events in the window, in the order of their days and kinds: so sums are always the same.
    pub(super) fn of(history: EventHistory<'_>, as_of: Day, days: Days) -> Self {
        let mut tally = Self::default();
        let window = window(as_of, days);
        for event in history.until(as_of).since(*window.start()) {
            let (kind, day) = (event.kind(), event.day());
            if is_seen(kind) {
                tally.last_seen = Some(day);
            }
            tally.add(kind, day, as_of);
        }
        tally
    }

    fn add(&mut self, kind: &EventKind, day: Day, as_of: Day) {
        match kind {
            EventKind::Visit => self.visits += 1,
            EventKind::EmailSent => self.sent += 1,
            EventKind::EmailOpened => self.opened += 1,
            EventKind::EmailClicked => self.clicked += 1,
            EventKind::Cart(CartStep::Added) => self.additions += 1,
            EventKind::Cart(CartStep::Abandoned) => self.abandoned += 1,
            EventKind::Ticket(ticket) => self.ticket(ticket, day, as_of),
            EventKind::Feedback(feedback) => self.feedback(*feedback),
            EventKind::Referral { .. } => self.referrals += 1,
            EventKind::Points { movement: PointsMovement::Earned, points } => {
                self.earned = self.earned.saturating_add(*points);
            }
            EventKind::Points { movement: PointsMovement::Redeemed, points } => {
                self.redeemed = self.redeemed.saturating_add(*points);
            }
            _ => {}
        }
    }

    fn ticket(&mut self, ticket: &SupportTicket, opened: Day, as_of: Day) {
        self.tickets += 1;
        self.severe += u32::from(ticket.urgency().is_some_and(|severity| severity >= Severity::High));
        if let Some(resolved) = ticket.resolution_by(as_of) {
            self.resolution.add(resolved.since(opened).into());
        }
    }

    fn feedback(&mut self, feedback: Feedback) {
        let scale = match feedback.kind() {
            FeedbackKind::Nps => &mut self.nps,
            FeedbackKind::Csat => &mut self.csat,
            FeedbackKind::Review => &mut self.review,
        };
        scale.add(feedback.score().into());
        if let Some(mood) = feedback.mood() {
            self.sentiment.add(mood.value().into());
        }
    }
}

/// Whether the customer was there.
fn is_seen(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Visit | EventKind::EmailOpened | EventKind::EmailClicked | EventKind::Cart(_))
}
