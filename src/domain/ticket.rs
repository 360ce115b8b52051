//! A customer in need of help.

use super::{Day, Label};

/// How much a [`SupportTicket`] hinders the customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Severity {
    /// A question or a wish.
    Low,
    /// Something does not work as it should.
    Normal,
    /// Something important does not work.
    High,
    /// Nothing works.
    Critical,
}

/// A customer in need of help. It is opened on the day of its event.
///
/// # Example
/// ```
/// use patronage::domain::{Day, Severity, SupportTicket};
///
/// let june = |day| Day::ymd(2025, 6, day);
/// let ticket = SupportTicket::new()
///     .topic("delivery".parse()?)
///     .severity(Severity::High)
///     .resolved_on(june(12)?);
/// // Who looks on the 11th cannot know of the 12th.
/// assert_eq!(ticket.resolution_by(june(11)?), None);
/// assert_eq!(ticket.resolution_by(june(30)?), Some(june(12)?));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SupportTicket {
    pub(super) topic: Option<Label>,
    pub(super) severity: Option<Severity>,
    pub(super) resolved_on: Option<Day>,
}

impl SupportTicket {
    /// A ticket of which no more is known.
    pub const fn new() -> Self {
        Self { topic: None, severity: None, resolved_on: None }
    }

    /// What it is about.
    #[must_use]
    pub fn topic(self, topic: Label) -> Self {
        Self { topic: Some(topic), ..self }
    }

    /// How much it hinders the customer.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    /// The day on which it was resolved.
    #[must_use]
    pub fn resolved_on(self, day: Day) -> Self {
        Self { resolved_on: Some(day), ..self }
    }

    /// What it is about, where that is known.
    pub fn subject(&self) -> Option<&Label> {
        self.topic.as_ref()
    }

    /// How much it hinders the customer, where that is known.
    pub fn urgency(&self) -> Option<Severity> {
        self.severity
    }

    /// The day on which it was resolved, as far as is known on the day `as_of`. There is no way to ask
    /// without a day, so that no feature can see past its own.
    pub fn resolution_by(&self, as_of: Day) -> Option<Day> {
        self.resolved_on.filter(|&day| day <= as_of)
    }
}
