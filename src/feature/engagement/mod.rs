//! What customers do besides buying: counts and rates over a window of days.

#[cfg(feature = "serde")]
mod saved;
mod tally;
mod tests;

use self::tally::Tally;
use super::{
    Features, blocks,
    shrinkage::{Shrinkage, Tallies, shrunk},
    window::{self, Days},
};
use crate::{
    domain::{Activity, Customers, Day, EventHistory},
    error::Error,
    math::parallel,
};

/// A number that an [`Activity`] log tells of each customer, over the window.
///
/// Counts are 0 for who did nothing, or is not in the log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum EngagementFeature {
    /// `visits`.
    Visits,
    /// `days_since_seen`: days since the last visit, email opened or clicked, or step with a cart. Missing without one
    /// in the window.
    DaysSinceSeen,
    /// `emails_sent`.
    EmailsSent,
    /// `emails_opened`.
    EmailsOpened,
    /// `emails_clicked`.
    EmailsClicked,
    /// `email_open_rate`: opened of sent, at most 1, drawn towards the rate of all. Missing if none was sent.
    OpenRate,
    /// `email_click_rate`: clicked of sent, at most 1, drawn towards the rate of all. Missing if none was sent.
    ClickRate,
    /// `cart_additions`.
    CartAdditions,
    /// `carts_abandoned`.
    CartsAbandoned,
    /// `tickets`: requests for help opened.
    Tickets,
    /// `tickets_severe`: those of them that are high or critical.
    TicketsSevere,
    /// `tickets_open`: those of them not resolved, as far as is known on the day.
    TicketsOpen,
    /// `resolution_days_mean`: mean days to the resolution of those that are. Missing without one.
    ResolutionDaysMean,
    /// `nps_mean`: mean likelihood to recommend, 0 to 10. Missing without an answer.
    NpsMean,
    /// `csat_mean`: mean satisfaction, 1 to 5. Missing without an answer.
    CsatMean,
    /// `review_mean`: mean stars, 1 to 5. Missing without a review.
    ReviewMean,
    /// `sentiment_mean`: mean sentiment of all feedback that has one, -1 to 1. Missing without one.
    SentimentMean,
    /// `referrals`.
    Referrals,
    /// `points_earned`.
    PointsEarned,
    /// `points_redeemed`.
    PointsRedeemed,
}

impl EngagementFeature {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Visits,
        Self::DaysSinceSeen,
        Self::EmailsSent,
        Self::EmailsOpened,
        Self::EmailsClicked,
        Self::OpenRate,
        Self::ClickRate,
        Self::CartAdditions,
        Self::CartsAbandoned,
        Self::Tickets,
        Self::TicketsSevere,
        Self::TicketsOpen,
        Self::ResolutionDaysMean,
        Self::NpsMean,
        Self::CsatMean,
        Self::ReviewMean,
        Self::SentimentMean,
        Self::Referrals,
        Self::PointsEarned,
        Self::PointsRedeemed,
    ];

    /// The name of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visits => "visits",
            Self::DaysSinceSeen => "days_since_seen",
            Self::EmailsSent => "emails_sent",
            Self::EmailsOpened => "emails_opened",
            Self::EmailsClicked => "emails_clicked",
            Self::OpenRate => "email_open_rate",
            Self::ClickRate => "email_click_rate",
            Self::CartAdditions => "cart_additions",
            Self::CartsAbandoned => "carts_abandoned",
            Self::Tickets => "tickets",
            Self::TicketsSevere => "tickets_severe",
            Self::TicketsOpen => "tickets_open",
            Self::ResolutionDaysMean => "resolution_days_mean",
            Self::NpsMean => "nps_mean",
            Self::CsatMean => "csat_mean",
            Self::ReviewMean => "review_mean",
            Self::SentimentMean => "sentiment_mean",
            Self::Referrals => "referrals",
            Self::PointsEarned => "points_earned",
            Self::PointsRedeemed => "points_redeemed",
        }
    }
}

/// Which numbers of an [`Activity`] log are wanted, and over how many days.
///
/// [`Engagement::fit`] learns the rates of all customers once; the [`EngagementModel`] gives the numbers of customers
/// then and later. Nothing after the day asked for is read: a ticket that was resolved later is open.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Activity, Day, EventKind},
///     feature::{Engagement, EngagementFeature, Shrinkage},
/// };
///
/// let june = |day| Day::ymd(2025, 6, day);
/// let mut intake = Activity::intake();
/// for (who, day, what) in [
///     ("anna", 2, EventKind::EmailSent),
///     ("anna", 2, EventKind::EmailOpened),
///     ("anna", 8, EventKind::Visit),
///     ("ben", 2, EventKind::EmailSent),
/// ] {
///     intake.push(who, june(day)?, what)?;
/// }
/// let activity = intake.finish();
///
/// let wanted = [EngagementFeature::Visits, EngagementFeature::OpenRate];
/// let engagement = Engagement::of(&wanted).days(30).shrinkage(Shrinkage::Strength(1.0));
/// let table = engagement.fit(&activity, june(7)?)?.features(&activity, june(7)?, activity.customers());
/// assert_eq!(table.column("visits")?.collect::<Vec<_>>(), [Some(0.0), Some(0.0)]);
/// // One email in two was opened: (1 + 1/2) / 2 and (0 + 1/2) / 2.
/// assert_eq!(table.column("email_open_rate")?.collect::<Vec<_>>(), [Some(0.75), Some(0.25)]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Engagement {
    wanted: Vec<EngagementFeature>,
    days: Days,
    shrinkage: Shrinkage,
}

impl Engagement {
    /// These numbers, each once and in this order, over everything up to the day asked for; rates are drawn towards
    /// those of all by a learned strength.
    pub fn of(wanted: &[EngagementFeature]) -> Self {
        let mut columns: Vec<EngagementFeature> = Vec::with_capacity(wanted.len());
        for &feature in wanted {
            if !columns.contains(&feature) {
                columns.push(feature);
            }
        }
        Self { wanted: columns, days: None, shrinkage: Shrinkage::Learned }
    }

    /// Only the last so many days, at least 1.
    #[must_use]
    pub fn days(self, days: u32) -> Self {
        Self { days: Some(days), ..self }
    }

    /// How strongly rates are drawn towards those of all.
    #[must_use]
    pub fn shrinkage(self, shrinkage: Shrinkage) -> Self {
        Self { shrinkage, ..self }
    }

    /// Learns the rates of all customers in the log, from what happened up to a day. Where no email was sent there is
    /// no rate, and so no shrinkage.
    ///
    /// # Errors
    /// If the window has no day, or a strength is out of range.
    pub fn fit(&self, activity: &Activity, as_of: Day) -> Result<EngagementModel, Error> {
        window::check(self.days)?;
        self.shrinkage.check()?;
        let Emails { opened, clicked } = Emails::of(activity, as_of, self.days);
        Ok(EngagementModel {
            as_of,
            wanted: self.wanted.clone(),
            days: self.days,
            open: Rate::learn(&opened, self.shrinkage),
            click: Rate::learn(&clicked, self.shrinkage),
        })
    }
}

/// The rate of all customers, and how strongly each one's is drawn towards it.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Rate {
    base: f64,
    strength: f64,
}

impl Rate {
    fn learn(tallies: &Tallies, shrinkage: Shrinkage) -> Self {
        match tallies.base() {
            Some(base) => Self { base: base[0], strength: shrinkage.strength(tallies, &base) },
            None => Self { base: 0.0, strength: 0.0 },
        }
    }

    /// Missing if there was no occasion.
    fn of(self, happened: u32, occasions: u32) -> Option<f64> {
        let seen = f64::from(occasions);
        let own = f64::from(happened.min(occasions)) / seen;
        if occasions == 0 { None } else { shrunk(own, seen, self.base, self.strength) }
    }
}

/// How many customers opened, and clicked, how many of how many emails.
struct Emails {
    opened: Tallies,
    clicked: Tallies,
}

impl Emails {
    fn of(activity: &Activity, as_of: Day, days: Days) -> Self {
        let histories: Vec<EventHistory<'_>> = activity.histories().collect();
        let blank = || Self { opened: Tallies::new(2), clicked: Tallies::new(2) };
        let parts =
            parallel::map(histories.chunks(parallel::BLOCK).collect(), |histories: &[EventHistory<'_>]| {
                let mut emails = blank();
                for &history in histories {
                    let tally = Tally::of(history, as_of, days);
                    let split =
                        |happened: u32| [happened.min(tally.sent), tally.sent - happened.min(tally.sent)];
                    emails.opened.add(&split(tally.opened));
                    emails.clicked.add(&split(tally.clicked));
                }
                emails
            });
        let mut all = blank();
        for part in &parts {
            all.opened.merge(&part.opened);
            all.clicked.merge(&part.clicked);
        }
        all
    }
}

/// The rates of all customers that an [`Engagement`] learned. It holds no customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "saved::Saved", into = "saved::Saved"))]
pub struct EngagementModel {
    as_of: Day,
    wanted: Vec<EngagementFeature>,
    days: Days,
    open: Rate,
    click: Rate,
}

impl EngagementModel {
    /// The day as of which it was learned.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The share of emails that were opened, of all customers, and the strength with which rates are drawn towards it.
    pub fn open_rate(&self) -> (f64, f64) {
        (self.open.base, self.open.strength)
    }

    /// The share of emails that were clicked, of all customers, and the strength with which rates are drawn towards it.
    pub fn click_rate(&self) -> (f64, f64) {
        (self.click.base, self.click.strength)
    }

    /// The numbers of customers as of a day.
    pub fn features(&self, activity: &Activity, as_of: Day, customers: &Customers) -> Features {
        let rows = blocks::rows_of(activity.customers(), customers);
        let histories: Vec<EventHistory<'_>> = activity.histories().collect();
        let values = blocks::write(customers.len(), self.wanted.len(), |block, slots| {
            for (at, row) in rows[block].iter().enumerate() {
                let tally = match row {
                    Some(row) => Tally::of(histories[*row as usize], as_of, self.days),
                    None => Tally::default(),
                };
                for (feature, slots) in self.wanted.iter().zip(&mut *slots) {
                    slots[at] = self.value(*feature, &tally, as_of).unwrap_or(f64::NAN);
                }
            }
        });
        let names = self.wanted.iter().map(|feature| feature.name().to_owned()).collect();
        Features { as_of, customers: customers.clone(), names, values }
    }

    fn value(&self, feature: EngagementFeature, tally: &Tally, as_of: Day) -> Option<f64> {
        use EngagementFeature as Of;
        Some(match feature {
            Of::Visits => tally.visits.into(),
            Of::DaysSinceSeen => as_of.since(tally.last_seen?).into(),
            Of::EmailsSent => tally.sent.into(),
            Of::EmailsOpened => tally.opened.into(),
            Of::EmailsClicked => tally.clicked.into(),
            Of::OpenRate => self.open.of(tally.opened, tally.sent)?,
            Of::ClickRate => self.click.of(tally.clicked, tally.sent)?,
            Of::CartAdditions => tally.additions.into(),
            Of::CartsAbandoned => tally.abandoned.into(),
            Of::Tickets => tally.tickets.into(),
            Of::TicketsSevere => tally.severe.into(),
            Of::TicketsOpen => (tally.tickets - tally.resolution.count()).into(),
            Of::ResolutionDaysMean => tally.resolution.mean()?,
            Of::NpsMean => tally.nps.mean()?,
            Of::CsatMean => tally.csat.mean()?,
            Of::ReviewMean => tally.review.mean()?,
            Of::SentimentMean => tally.sentiment.mean()?,
            Of::Referrals => tally.referrals.into(),
            Of::PointsEarned => tally.earned as f64,
            Of::PointsRedeemed => tally.redeemed as f64,
        })
    }
}
