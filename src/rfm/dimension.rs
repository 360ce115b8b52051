//! Recency, frequency and monetary value as columns of whole numbers.

use std::{borrow::Cow, fmt, ops::Range};

use super::scheme::{Frequency, Monetary, Scheme};
use crate::{
    domain::{Currency, Day, Money},
    error::Error,
    math::quantile::encode,
    summary::Summaries,
};

/// One of the three dimensions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Dimension {
    /// R: days since the last purchase, fewer are better.
    Recency,
    /// F: how often, more is better.
    Frequency,
    /// M: how much money, more is better.
    Monetary,
}

impl Dimension {
    /// All three, in the order of their letters.
    pub const ALL: [Self; 3] = [Self::Recency, Self::Frequency, Self::Monetary];

    /// R, F or M.
    pub const fn letter(self) -> char {
        match self {
            Self::Recency => 'R',
            Self::Frequency => 'F',
            Self::Monetary => 'M',
        }
    }

    pub(super) const fn cuts_name(self) -> &'static str {
        match self {
            Self::Recency => "idle day cuts",
            Self::Frequency => "frequency cuts",
            Self::Monetary => "monetary cuts",
        }
    }
}

/// The M of one customer: money, or a mean that is not a whole number of minor units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Amount {
    value: Value,
    currency: Currency,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Value {
    Whole(i64),
    Mean(f64),
}

impl Amount {
    /// The money, unless it is a mean.
    pub fn money(self) -> Option<Money> {
        match self.value {
            Value::Whole(minor) => Some(Money::of_minor(minor, self.currency)),
            Value::Mean(_) => None,
        }
    }

    /// Shows the amount without its currency, with all decimals, and two more for a mean.
    pub fn digits(self) -> impl fmt::Display {
        Digits(self)
    }

    /// In minor units. Exact up to 2^53 of them.
    pub fn minor(self) -> f64 {
        match self.value {
            Value::Whole(minor) => minor as f64,
            Value::Mean(minor) => minor,
        }
    }
}

/// Major units and the currency: all decimals of the currency, and two more for a mean.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.digits(), self.currency)
    }
}

struct Digits(Amount);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Amount { value, currency } = self.0;
        match value {
            Value::Whole(minor) => Money::of_minor(minor, currency).digits().fmt(f),
            Value::Mean(minor) => MeanDigits(minor, currency).fmt(f),
        }
    }
}

/// A mean in major units, with two decimals more than the currency has.
pub(super) struct MeanDigits(pub(super) f64, pub(super) Currency);

impl fmt::Display for MeanDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(minor, currency) = self;
        let decimals = currency.decimals() as usize + 2;
        write!(f, "{:.decimals$}", minor / currency.minor_per_major() as f64)
    }
}

/// The column of M.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Amounts<'a> {
    Whole(Cow<'a, [i64]>),
    #[cfg_attr(feature = "serde", serde(with = "saved_means"))]
    Mean(Cow<'a, [f64]>),
}

impl Amounts<'_> {
    #[cfg(feature = "serde")]
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Whole(column) => column.len(),
            Self::Mean(column) => column.len(),
        }
    }

    pub(super) fn get(&self, row: usize, currency: Currency) -> Option<Amount> {
        let value = match self {
            Self::Whole(column) => Value::Whole(*column.get(row)?),
            Self::Mean(column) => Value::Mean(*column.get(row)?),
        };
        Some(Amount { value, currency })
    }

    pub(super) fn remove(&mut self, row: usize) {
        match self {
            Self::Whole(column) => drop(column.to_mut().remove(row)),
            Self::Mean(column) => drop(column.to_mut().remove(row)),
        }
    }

    /// Whether these can be the values of a measure.
    #[cfg(feature = "serde")]
    pub(super) fn is_of(&self, measure: Monetary) -> bool {
        let kind = match self {
            Self::Whole(_) => super::cut::Kind::Whole,
            Self::Mean(_) => super::cut::Kind::Mean,
        };
        kind == measure.kind()
    }
}

/// Means as they are saved: to the last bit.
#[cfg(feature = "serde")]
mod saved_means {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::Exact;

    pub(super) fn serialize<S: Serializer>(means: &[f64], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(means.iter().map(|&mean| Exact(mean)))
    }

    pub(super) fn deserialize<'de, 'a, D: Deserializer<'de>>(from: D) -> Result<Cow<'a, [f64]>, D::Error> {
        let means = Vec::<Exact>::deserialize(from)?;
        Ok(means.into_iter().map(|Exact(mean)| mean).collect())
    }
}

/// The three columns of a scheme, borrowed where the summaries have them as they are.
pub(super) struct Columns<'a> {
    until: Day,
    last: &'a [Day],
    pub(super) frequency: Cow<'a, [u32]>,
    pub(super) monetary: Amounts<'a>,
}

impl<'a> Columns<'a> {
    /// # Errors
    /// If M is the margin and a customer's is unknown.
    pub(super) fn of(people: &'a Summaries, scheme: &Scheme) -> Result<Self, Error> {
        Ok(Self {
            until: people.as_of(),
            last: people.last_days(),
            frequency: frequency(people, scheme.frequency),
            monetary: monetary(people, scheme.monetary)?,
        })
    }

    /// Some of the rows.
    pub(super) fn block(&self, rows: Range<usize>) -> Columns<'_> {
        Columns {
            until: self.until,
            last: &self.last[rows.clone()],
            frequency: Cow::Borrowed(&self.frequency[rows.clone()]),
            monetary: match &self.monetary {
                Amounts::Whole(column) => Amounts::Whole(Cow::Borrowed(&column[rows])),
                Amounts::Mean(column) => Amounts::Mean(Cow::Borrowed(&column[rows])),
            },
        }
    }

    pub(super) fn idle_days(&self) -> impl ExactSizeIterator<Item = i32> + Clone + Send + use<'a> {
        let until = self.until;
        self.last.iter().map(move |&last| until.since(last))
    }

    pub(super) fn len(&self) -> usize {
        self.last.len()
    }

    /// Counts held within an `i32`, which every real one is.
    pub(super) fn frequencies(&self) -> impl ExactSizeIterator<Item = i32> + Clone + Send {
        self.frequency.iter().map(|&count| i32::try_from(count).unwrap_or(i32::MAX))
    }
}

fn frequency(people: &Summaries, frequency: Frequency) -> Cow<'_, [u32]> {
    match frequency {
        Frequency::Orders => Cow::Borrowed(people.orders()),
        Frequency::Purchases => Cow::Borrowed(people.purchases()),
        Frequency::PurchaseDays => people.iter().map(|one| one.purchase_days()).collect(),
    }
}

fn monetary(people: &Summaries, monetary: Monetary) -> Result<Amounts<'_>, Error> {
    match monetary {
        Monetary::Total => Ok(Amounts::Whole(Cow::Borrowed(people.totals()))),
        Monetary::MeanPerOrder => {
            let rows = people.totals().iter().zip(people.orders());
            // A customer has an order; the 1 keeps a damaged file from making a NaN.
            let mean = |(&total, &orders): (&i64, &u32)| total as f64 / f64::from(orders.max(1));
            Ok(Amounts::Mean(rows.map(mean).collect()))
        }
        Monetary::Margin => margins(people).map(|margins| Amounts::Whole(Cow::Owned(margins))),
    }
}

fn margins(people: &Summaries) -> Result<Vec<i64>, Error> {
    let all = people.len();
    let Some(margins) = people.margins() else {
        return if all == 0 { Ok(Vec::new()) } else { Err(unknown(all, all)) };
    };
    let known: Vec<i64> = margins.iter().copied().flatten().collect();
    if known.len() == all { Ok(known) } else { Err(unknown(all - known.len(), all)) }
}

fn unknown(missing: usize, all: usize) -> Error {
    let value = format!("margin, unknown for {missing} of {all} customers");
    Error::parameter("monetary", value, "needs the cost of every row")
}

/// Reals as whole numbers in the same order, so that all three dimensions are scored alike.
pub(super) fn codes(means: &[f64]) -> impl ExactSizeIterator<Item = i64> + Clone {
    means.iter().map(|&mean| encode(mean))
}
