//! What customers bought in the last days, and whether it is more than in the days before.

mod tally;
mod tests;

use self::tally::Tally;
use super::{Features, blocks, trend::trend, window};
use crate::{
    domain::{Customers, Day, Ledger},
    error::Error,
    summary::Scratch,
};

/// A number that a [`Ledger`] tells of each customer over the last N days. Its column is named by both: `orders_90d`.
///
/// Orders and days of purchase are counted as [`Observation`](crate::summary::Observation) counts them over the same
/// days: an order that has been returned whole by the day is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum WindowFeature {
    /// `orders_Nd`: distinct orders; rows of a day without an order are one.
    Orders,
    /// `purchase_days_Nd`: distinct days with a purchase.
    PurchaseDays,
    /// `spend_Nd`: money spent less money that went back, in major units (euros, not cents).
    Spend,
    /// `mean_order_Nd`: spend per order in major units. Missing without an order.
    MeanOrder,
    /// `refunds_Nd`: rows with which money went back.
    Refunds,
    /// `refunded_Nd`: money that went back, in major units, at least 0.
    Refunded,
    /// `days_since_purchase_Nd`: days since the last purchase. Missing without one.
    DaysSincePurchase,
    /// `discount_share_Nd`: what was taken off the price over the price, from 0 to 1, of the rows that state a
    /// discount. Missing without one.
    DiscountShare,
    /// `orders_trend_Nd`: orders held against those of the N days before, as [`Features::trend_since`] does. Missing
    /// without an order in both.
    OrdersTrend,
    /// `spend_trend_Nd`: spend held against that of the N days before. Missing where both are 0.
    SpendTrend,
}

impl WindowFeature {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Orders,
        Self::PurchaseDays,
        Self::Spend,
        Self::MeanOrder,
        Self::Refunds,
        Self::Refunded,
        Self::DaysSincePurchase,
        Self::DiscountShare,
        Self::OrdersTrend,
        Self::SpendTrend,
    ];

    /// The name of its column, but for the number of days.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::PurchaseDays => "purchase_days",
            Self::Spend => "spend",
            Self::MeanOrder => "mean_order",
            Self::Refunds => "refunds",
            Self::Refunded => "refunded",
            Self::DaysSincePurchase => "days_since_purchase",
            Self::DiscountShare => "discount_share",
            Self::OrdersTrend => "orders_trend",
            Self::SpendTrend => "spend_trend",
        }
    }

    const fn is_trend(self) -> bool {
        matches!(self, Self::OrdersTrend | Self::SpendTrend)
    }

    fn of(self, now: &Tally, before: &Tally, as_of: Day, minor: f64) -> Option<f64> {
        let money = |tally: &Tally| tally.spend as f64 / minor;
        Some(match self {
            Self::Orders => now.orders.into(),
            Self::PurchaseDays => now.days.into(),
            Self::Spend => money(now),
            Self::MeanOrder => (now.orders > 0).then(|| money(now) / f64::from(now.orders))?,
            Self::Refunds => now.refunds.into(),
            Self::Refunded => now.refunded as f64 / minor,
            Self::DaysSincePurchase => as_of.since(now.last?).into(),
            Self::DiscountShare => now.discount_share()?,
            Self::OrdersTrend => trend(now.orders.into(), before.orders.into()),
            Self::SpendTrend => trend(money(now), money(before)),
        })
    }
}

/// Most windows of one [`Windows`].
pub(super) const MOST_WINDOWS: usize = 8;

/// Which numbers are wanted of the last how many days.
///
/// Nothing after the day asked for is read: on each day the numbers are those that a stream of purchases would have
/// had, and later rows change no bit of them. A small value that is copied, so that a recipe of a churn study can hold
/// it.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Columns, Currency, Day, Ledger, Policies},
///     feature::{WindowFeature, Windows},
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day, day.plus(-9), day.plus(-40), day.plus(-2)];
/// let columns = Columns::new(&["anna", "anna", "anna", "ben"][..], &days, &[3200, 2800, 2000, 500]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
///
/// let windows = Windows::last(&[30, 60])?.only(&[WindowFeature::Orders, WindowFeature::SpendTrend]);
/// let table = windows.features(&ledger, day, ledger.customers());
/// assert_eq!(
///     table.names().collect::<Vec<_>>(),
///     ["orders_30d", "spend_trend_30d", "orders_60d", "spend_trend_60d"]
/// );
/// assert_eq!(table.column("orders_60d")?.collect::<Vec<_>>(), [Some(3.0), Some(1.0)]);
/// // 60 euros after 20; and from nothing to something.
/// assert_eq!(table.column("spend_trend_30d")?.collect::<Vec<_>>(), [Some(0.5), Some(1.0)]);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Windows {
    /// Ascending and distinct, and 0 behind the last.
    days: [u32; MOST_WINDOWS],
    /// Whether each of [`WindowFeature::ALL`] is wanted.
    wanted: [bool; WindowFeature::ALL.len()],
}

impl Windows {
    /// All numbers over the last so many days, the day asked for among them.
    ///
    /// # Errors
    /// If there is no window or more than 8, one has no day, or two are the same.
    pub fn last(days: &[u32]) -> Result<Self, Error> {
        if days.is_empty() || days.len() > MOST_WINDOWS {
            return Err(Error::parameter("windows", days.len(), "must be 1 to 8"));
        }
        let mut all = [0; MOST_WINDOWS];
        for (slot, &days) in all.iter_mut().zip(days) {
            window::check(Some(days))?;
            *slot = days;
        }
        let given = &mut all[..days.len()];
        given.sort_unstable();
        match given.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Error::parameter("window", pair[0], "is given twice")),
            None => Ok(Self { days: all, wanted: [true; WindowFeature::ALL.len()] }),
        }
    }

    /// Only some of the numbers. Columns stand in the order of [`WindowFeature::ALL`].
    #[must_use]
    pub fn only(self, wanted: &[WindowFeature]) -> Self {
        Self { wanted: WindowFeature::ALL.map(|feature| wanted.contains(&feature)), ..self }
    }

    /// The numbers of days, ascending.
    pub fn days(&self) -> impl Iterator<Item = u32> + '_ {
        self.days.iter().copied().take_while(|&days| days > 0)
    }

    /// The numbers of customers as of a day, window after window. Who is not in the ledger bought nothing.
    pub fn features(&self, ledger: &Ledger, as_of: Day, customers: &Customers) -> Features {
        let columns: Vec<(u32, WindowFeature)> =
            self.days().flat_map(|days| self.wanted().map(move |feature| (days, feature))).collect();
        let minor = ledger.currency().minor_per_major() as f64;
        let rows = blocks::rows_of(ledger.customers(), customers);
        let values = blocks::write(customers.len(), columns.len(), |block, slots| {
            let mut scratch = Scratch::default();
            for (at, row) in rows[block].iter().enumerate() {
                let mut tallied = 0;
                for days in self.days() {
                    let (now, before) = self.tallies(ledger, *row, as_of, days, &mut scratch);
                    for feature in self.wanted() {
                        let value = feature.of(&now, &before, as_of, minor);
                        slots[tallied][at] = value.unwrap_or(f64::NAN);
                        tallied += 1;
                    }
                }
            }
        });
        let names = columns.iter().map(|(days, feature)| format!("{}_{days}d", feature.name())).collect();
        Features { as_of, customers: customers.clone(), names, values }
    }

    fn wanted(&self) -> impl Iterator<Item = WindowFeature> + '_ {
        WindowFeature::ALL
            .into_iter()
            .zip(self.wanted)
            .filter(|(_, wanted)| *wanted)
            .map(|(feature, _)| feature)
    }

    /// The window that ends on the day, and the one before it where that is asked for.
    fn tallies(
        &self,
        ledger: &Ledger,
        row: Option<u32>,
        as_of: Day,
        days: u32,
        scratch: &mut Scratch,
    ) -> (Tally, Tally) {
        let Some(row) = row else { return Default::default() };
        let history = ledger.history_at(row as usize);
        let now = window::window(as_of, Some(days));
        // A window that reaches to the first of all days has none before it.
        let before = now.start().plus(-1);
        let before = window::window(before, Some(days));
        let is_one = before.end() < now.start() && self.wanted().any(WindowFeature::is_trend);
        let before = is_one.then(|| Tally::of(history, before, scratch));
        (Tally::of(history, now, scratch), before.unwrap_or_default())
    }
}
