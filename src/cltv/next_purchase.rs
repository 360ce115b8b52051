//! When the next purchase is due, and whether there will be one.

use std::fmt;

use crate::{
    domain::{CustomerId, Customers, Day, Horizon, People, Tick},
    error::{Error, ErrorKind},
    math::parallel,
    model::{PurchaseDistribution, check_coverage},
    summary::{Histories, History, Summaries},
};

/// Forecasts the next purchase of each customer from the probability of none within so many days.
///
/// # Formula
/// ```text
/// probability = 1 - P(Y(h) = 0)
/// F(day)      = (1 - P(Y(day) = 0)) / (1 - P(Y(h) = 0))     given that there is one within h
/// ```
/// The day is the median of `F`, the first day on which it reaches a half; the interval runs from the first
/// day on which `F` reaches `(1 - coverage) / 2` to that on which it reaches `(1 + coverage) / 2`.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::{NextPurchaseForecast, NextPurchases},
///     domain::Horizon,
///     model::PurchaseDistribution,
///     summary::Summaries,
/// };
///
/// /// With 80 in 100 of those who come back within a year, it is within the interval.
/// fn due(model: &dyn PurchaseDistribution, people: &Summaries) -> Result<NextPurchases, patronage::Error> {
///     NextPurchaseForecast::new(model).horizon(Horizon::days(365)).coverage(0.8).of(people)
/// }
/// ```
#[derive(Clone, Copy)]
pub struct NextPurchaseForecast<'a> {
    model: &'a dyn PurchaseDistribution,
    horizon: Horizon,
    coverage: f64,
}

impl fmt::Debug for NextPurchaseForecast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextPurchaseForecast")
            .field("horizon", &self.horizon)
            .field("coverage", &self.coverage)
            .finish_non_exhaustive()
    }
}

impl<'a> NextPurchaseForecast<'a> {
    /// By a model: within 365 days, with intervals that cover 80 %.
    pub fn new(model: &'a dyn PurchaseDistribution) -> Self {
        Self { model, horizon: Horizon::days(365), coverage: 0.8 }
    }

    /// Within which time; whole days count.
    #[must_use]
    pub fn horizon(self, horizon: Horizon) -> Self {
        Self { horizon, ..self }
    }

    /// How much of the distribution the interval spans.
    #[must_use]
    pub fn coverage(self, coverage: f64) -> Self {
        Self { coverage, ..self }
    }

    /// Forecasts as of the end of the observation, a row a customer.
    ///
    /// # Errors
    /// If the horizon is not from 1 day to 100 years, or the coverage is not between 0 and 1.
    pub fn of(&self, people: &Summaries) -> Result<NextPurchases, Error> {
        check_coverage(self.coverage)?;
        let horizon = self.horizon.in_ticks(Tick::Day).floor();
        if !(1.0..=LONGEST).contains(&horizon) {
            return Err(Error::parameter("horizon", horizon, "must be from 1 day to 36,525 days"));
        }
        #[allow(clippy::cast_sign_loss, reason = "from 1 to 36,525")]
        let asked = Asked { model: self.model, horizon: horizon as u32, coverage: self.coverage };
        let blocks = parallel::ranges(people.len(), BLOCK);
        let room = || vec![History::default(); BLOCK];
        let rows = parallel::map_with(blocks, room, |room, rows| {
            let histories = &mut room[..rows.len()];
            Histories::read(people, rows.start, self.model.tick(), histories);
            histories.iter().map(|history| asked.of(history, people.as_of())).collect::<Vec<_>>()
        });
        Ok(NextPurchases {
            as_of: people.as_of(),
            horizon: self.horizon,
            coverage: self.coverage,
            customers: people.customers().clone(),
            rows: rows.concat(),
        })
    }
}

/// In days, 100 years.
const LONGEST: f64 = 36_525.0;

/// A probability that is a difference to 1 says when only so far above its rounding.
const LEAST: f64 = 1e-9;

/// Customers to a task.
const BLOCK: usize = 256;

/// The next purchase of one customer.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NextPurchase {
    /// How likely a purchase within the horizon is, from 0 to 1.
    pub probability: f64,
    /// When, given that there is one; `None` if there is none to expect, with a probability up to one in a
    /// billion.
    pub due: Option<Due>,
}

/// When a purchase is due: days after the one as of which all this holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Due {
    /// As likely before as after, the median.
    pub day: Day,
    /// The lower end of the interval.
    pub earliest: Day,
    /// Its upper end.
    pub latest: Day,
}

/// When the next purchases are due, a row a customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NextPurchases {
    as_of: Day,
    horizon: Horizon,
    coverage: f64,
    customers: Customers,
    rows: Vec<NextPurchase>,
}

impl NextPurchases {
    /// Who the rows are, ascending.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// The rows.
    pub fn rows(&self) -> &[NextPurchase] {
        &self.rows
    }

    /// The row of a customer.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCustomer`] if the customer is not here.
    pub fn of(&self, id: &CustomerId) -> Result<NextPurchase, Error> {
        let unknown = || ErrorKind::UnknownCustomer { id: id.to_string() }.into();
        self.rows.get(self.customers.require(id)?).copied().ok_or_else(unknown)
    }

    /// The day as of which all this holds.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Within which time a purchase was asked for.
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// How much of the distribution the intervals span.
    pub fn coverage(&self) -> f64 {
        self.coverage
    }
}

impl People for NextPurchases {
    fn holds(&self, id: &CustomerId) -> bool {
        self.customers.position(id).is_some()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(row) = self.customers.take_out(id) else {
            return false;
        };
        self.rows.remove(row);
        true
    }
}

struct Asked<'a> {
    model: &'a dyn PurchaseDistribution,
    /// In days.
    horizon: u32,
    coverage: f64,
}

impl Asked<'_> {
    fn of(&self, history: &History, as_of: Day) -> NextPurchase {
        let probability = self.made_by(history, self.horizon);
        if !(probability > LEAST) {
            return NextPurchase { probability: probability.max(0.0), due: None };
        }
        let day = |share: f64| as_of.plus(self.reached(history, share * probability).cast_signed());
        let due = Due {
            day: day(0.5),
            earliest: day(0.5 - self.coverage / 2.0),
            latest: day(0.5 + self.coverage / 2.0),
        };
        NextPurchase { probability: probability.min(1.0), due: Some(due) }
    }

    /// How likely a purchase within so many days is.
    fn made_by(&self, history: &History, days: u32) -> f64 {
        let mut none = [1.0];
        self.model.distribution_into(history, Horizon::days(days), &mut none);
        1.0 - none[0]
    }

    /// The first day by which a purchase is as likely, by bisection: from 1 to the horizon.
    fn reached(&self, history: &History, likely: f64) -> u32 {
        let (mut low, mut high) = (1, self.horizon);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.made_by(history, middle) >= likely {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}
