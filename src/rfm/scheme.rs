//! The question: how values become scores.

use super::{
    cell::MOST_LEVELS,
    cut::Kind,
    cuts::{self, Cuts},
    dimension::Dimension,
};
use crate::{
    domain::Money,
    error::{Error, ErrorKind},
    model::{Readiness, Ties},
    summary::Summaries,
};

/// Fewest customers from whom cut points say anything: below it an answer is [`Readiness::Refused`].
pub const LEAST_CUSTOMERS: u64 = 25;

/// Customers from whom cut points are steady: below it an answer is [`Readiness::Degraded`].
pub const ENOUGH_CUSTOMERS: u64 = 100;

/// Days since the last purchase at which many programs cut recency: a month, a quarter, half a year, a year.
pub const IDLE_DAYS: [i32; 4] = [30, 90, 180, 365];

/// What F counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Frequency {
    /// Distinct orders. The default, and the convention.
    #[default]
    Orders,
    /// Purchases by the grain of the observation.
    Purchases,
    /// Distinct days with a purchase.
    PurchaseDays,
}

/// What M measures.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Monetary {
    /// Net money of all orders, as in Shopify and R's `rfm`. The default.
    #[default]
    Total,
    /// Net money per order. Programs that take the mean for M compute this.
    MeanPerOrder,
    /// Net money less cost. The cost of every row must be known.
    Margin,
}

impl Monetary {
    /// What its values are.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Total | Self::Margin => Kind::Whole,
            Self::MeanPerOrder => Kind::Mean,
        }
    }
}

/// Cut points set by the business: so many for each dimension, each list ascending.
///
/// With [`Ties::Lower`], the default, idle days `[30, 90]` mean: at most 30 days is the best of 3 levels,
/// 31 to 90 the middle one. Frequency `[1, 4]` means: 1 is the lowest level, 2 to 4 the middle one.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FixedCuts {
    /// Days since the last purchase, each at least 0; [`IDLE_DAYS`] are common ones.
    pub idle_days: Vec<i32>,
    /// Counts of what [`Frequency`] says.
    pub frequency: Vec<u32>,
    /// Money, in the currency of the customers; of what [`Monetary`] says.
    pub monetary: Vec<Money>,
}

/// How each dimension is cut into levels.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Rule {
    Quantiles { levels: u8 },
    Ranks { levels: u8 },
    Fixed(FixedCuts),
}

/// How recency, frequency and monetary value become scores from 1 to the number of levels, where the
/// highest is best on all three, for recency too.
///
/// [`Scheme::fit`] learns [`Cuts`] from customers; those score the same customers, or others, or the
/// same ones tomorrow.
///
/// # Example
/// ```
/// use patronage::rfm::{Monetary, Scheme, Ties};
///
/// let usual = Scheme::fifths();
/// let other = Scheme::quantiles(4).monetary(Monetary::MeanPerOrder).ties(Ties::Upper);
/// assert_eq!((usual.levels(), other.levels()), (5, 4));
/// assert!(Scheme::quantiles(1).check().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scheme {
    pub(super) rule: Rule,
    pub(super) ties: Ties,
    pub(super) frequency: Frequency,
    pub(super) monetary: Monetary,
    least: u64,
    enough: u64,
}

impl Scheme {
    /// Cut points at the quantiles 1/levels, 2/levels ... of each dimension; 2 to 10 levels.
    ///
    /// # Formula
    /// Quantiles of type 7 (Hyndman & Fan 1996), the default of R and numpy: the value at rank
    /// `(n - 1) * k / levels` of the sorted values, counting from 0, linear between ranks. Ranks are exact
    /// fractions, so no rounding moves a value across a cut. With [`Ties::Lower`], the default:
    /// ```text
    /// F, M:  score = 1      + number of cuts strictly below the value
    /// R:     score = levels - number of cuts strictly below the idle days
    /// ```
    /// Where many values are equal, cut points coincide and some levels stay empty:
    /// [`CutPoints::effective_levels`](super::CutPoints::effective_levels) says how many are in use.
    pub fn quantiles(levels: u8) -> Self {
        Self::new(Rule::Quantiles { levels }, Ties::Lower)
    }

    /// Quantiles with five levels: the convention.
    pub fn fifths() -> Self {
        Self::quantiles(5)
    }

    /// Groups of equal size by rank, as SQL's `NTILE`; 2 to 10 levels.
    ///
    /// Customers are ordered from worst to best, equals by the order of customers, and dealt into groups
    /// whose sizes differ by at most one, the larger ones first. With [`Ties::Lower`] or [`Ties::Upper`]
    /// equals stay together on that side of the cut, and sizes may differ more.
    ///
    /// For other customers than those it was fitted to, a cut falls at the same value as before, and of
    /// the customers equal to it as many stay below as did then; their groups need not be of equal size.
    pub fn ranks(levels: u8) -> Self {
        Self::new(Rule::Ranks { levels }, Ties::Split)
    }

    /// Cut points set by the business. Nothing is learned from the customers.
    pub fn fixed(cuts: FixedCuts) -> Self {
        Self::new(Rule::Fixed(cuts), Ties::Lower)
    }

    fn new(rule: Rule, ties: Ties) -> Self {
        Self {
            rule,
            ties,
            frequency: Frequency::default(),
            monetary: Monetary::default(),
            least: LEAST_CUSTOMERS,
            enough: ENOUGH_CUSTOMERS,
        }
    }

    /// What F counts; [`Frequency::Orders`] by default.
    #[must_use]
    pub fn frequency(self, frequency: Frequency) -> Self {
        Self { frequency, ..self }
    }

    /// What M measures; [`Monetary::Total`] by default.
    #[must_use]
    pub fn monetary(self, monetary: Monetary) -> Self {
        Self { monetary, ..self }
    }

    /// Where a value goes that equals a cut point.
    #[must_use]
    pub fn ties(self, ties: Ties) -> Self {
        Self { ties, ..self }
    }

    /// Customers below whom learned cuts are refused, and below whom they are degraded;
    /// [`LEAST_CUSTOMERS`] and [`ENOUGH_CUSTOMERS`] by default. `least` must not be above `enough`.
    #[must_use]
    pub fn needs(self, least: u64, enough: u64) -> Self {
        Self { least, enough, ..self }
    }

    /// The number of levels, and so the best score.
    pub fn levels(&self) -> u8 {
        match &self.rule {
            Rule::Quantiles { levels } | Rule::Ranks { levels } => *levels,
            // Held within the type for a scheme that `check` refuses.
            Rule::Fixed(cuts) => u8::try_from(cuts.levels()).unwrap_or(u8::MAX),
        }
    }

    /// What F counts.
    pub fn frequency_measure(&self) -> Frequency {
        self.frequency
    }

    /// What M measures.
    pub fn monetary_measure(&self) -> Monetary {
        self.monetary
    }

    /// Where a value goes that equals a cut point.
    pub fn tie_rule(&self) -> Ties {
        self.ties
    }

    /// Whether the scheme makes sense.
    ///
    /// # Errors
    /// If there are not 2 to 10 levels; if ties are split without ranks; if fixed cuts do not ascend
    /// strictly, differ in number or currency, or have negative idle days; or if the least number of
    /// customers [needed](Self::needs) is above the number that is enough.
    pub fn check(&self) -> Result<(), Error> {
        if self.least > self.enough {
            let needs = format!("at least {}, enough {}", self.least, self.enough);
            return Err(Error::parameter("needs", needs, "must ascend"));
        }
        match &self.rule {
            Rule::Ranks { levels } => return check_levels(*levels),
            Rule::Quantiles { levels } => check_levels(*levels)?,
            Rule::Fixed(cuts) => cuts.check()?,
        }
        if self.ties == Ties::Split {
            return Err(Error::parameter("ties", "Split", "is for ranks alone"));
        }
        Ok(())
    }

    /// Learns the cut points.
    ///
    /// With few customers the cuts are still given and [`Cuts::readiness`] says what they are worth; fixed
    /// cuts are always ready.
    ///
    /// # Errors
    /// If [`check`](Self::check) fails; if there are no customers, unless the cuts are fixed; if fixed
    /// cuts are in another currency; or if M is the margin and a customer's is unknown.
    pub fn fit(&self, people: &Summaries) -> Result<Cuts, Error> {
        self.check()?;
        cuts::fit(self, people)
    }

    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.rule, Rule::Fixed(_))
    }

    pub(super) fn readiness(&self, found: u64) -> Readiness {
        let why = || "cut points from few customers move with each of them".to_owned();
        match self.rule {
            Rule::Fixed(_) => Readiness::Ready,
            _ if found < self.least => Readiness::Refused { why: why(), needed: self.least, found },
            _ if found < self.enough => Readiness::Degraded { why: why(), needed: self.enough, found },
            _ => Readiness::Ready,
        }
    }
}

impl From<FixedCuts> for Scheme {
    fn from(cuts: FixedCuts) -> Self {
        Self::fixed(cuts)
    }
}

fn check_levels(levels: u8) -> Result<(), Error> {
    if (2..=MOST_LEVELS).contains(&levels) {
        return Ok(());
    }
    Err(Error::parameter("levels", levels, "must be from 2 to 10"))
}

impl FixedCuts {
    fn levels(&self) -> usize {
        self.idle_days.len().saturating_add(1)
    }

    fn check(&self) -> Result<(), Error> {
        let expected = self.idle_days.len();
        if !(2..=usize::from(MOST_LEVELS)).contains(&self.levels()) {
            let found = format!("{}, by {expected} cuts of idle days", self.levels());
            return Err(Error::parameter("levels", found, "must be from 2 to 10"));
        }
        for (dimension, found) in
            [(Dimension::Frequency, self.frequency.len()), (Dimension::Monetary, self.monetary.len())]
        {
            if found != expected {
                let what = dimension.cuts_name();
                return Err(ErrorKind::Length { what, expected, found }.into());
            }
        }
        if let Some(days) = self.idle_days.iter().find(|&&days| days < 0) {
            let name = Dimension::Recency.cuts_name();
            return Err(Error::parameter(name, days, "must not be negative"));
        }
        for pair in self.monetary.windows(2) {
            pair[0].currency().require(pair[1].currency())?;
        }
        ascend(Dimension::Recency, &self.idle_days, |&days| days)?;
        ascend(Dimension::Frequency, &self.frequency, |&count| count)?;
        ascend(Dimension::Monetary, &self.monetary, |money| money.minor())
    }
}

fn ascend<T: std::fmt::Debug, K: Ord>(
    dimension: Dimension,
    cuts: &[T],
    key: impl Fn(&T) -> K,
) -> Result<(), Error> {
    if cuts.is_sorted_by(|a, b| key(a) < key(b)) {
        return Ok(());
    }
    let shown = format!("{cuts:?}");
    Err(Error::parameter(dimension.cuts_name(), shown, "must ascend strictly"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    fn fixed(idle_days: &[i32], frequency: &[u32], minor: &[i64]) -> Result<(), Error> {
        let dollars = |&minor: &i64| Money::of_minor(minor, Currency::USD);
        Scheme::fixed(FixedCuts {
            idle_days: idle_days.to_vec(),
            frequency: frequency.to_vec(),
            monetary: minor.iter().map(dollars).collect(),
        })
        .check()
    }

    #[test]
    fn fixed_cuts_ascend_and_match_in_number() {
        assert!(fixed(&IDLE_DAYS, &[1, 2, 4, 9], &[0, 10, 20, 30]).is_ok());
        for (broken, says) in [
            (fixed(&[30, 30], &[1, 2], &[1, 2]), "must ascend strictly"),
            (fixed(&[30, 90], &[2, 1], &[1, 2]), "frequency cuts"),
            (fixed(&[30, 90], &[1, 2], &[1]), "expected 2 rows, found 1"),
            (fixed(&[-1, 90], &[1, 2], &[1, 2]), "must not be negative"),
            (fixed(&[], &[], &[]), "must be from 2 to 10"),
        ] {
            let error = broken.unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let many: Vec<i32> = (0..300).collect();
        assert_eq!(
            fixed(&many, &[], &[]).unwrap_err().to_string(),
            "levels: `301, by 300 cuts of idle days` must be from 2 to 10"
        );
    }

    #[test]
    fn levels_and_ties_are_checked() {
        for levels in [2, 3, 4, 5, 10] {
            assert!(Scheme::quantiles(levels).check().is_ok());
        }
        for levels in [0, 1, 11, u8::MAX] {
            assert!(Scheme::ranks(levels).check().is_err());
        }
        assert!(Scheme::fifths().ties(Ties::Split).check().is_err());
        assert!(Scheme::ranks(5).ties(Ties::Upper).check().is_ok());
    }

    #[test]
    fn few_customers_are_graded_by_the_hosts_own_thresholds() {
        let grade = |scheme: Scheme, found| scheme.readiness(found);
        assert!(grade(Scheme::fifths(), 24).is_refused());
        assert!(!grade(Scheme::fifths(), 25).is_refused());
        assert!(!grade(Scheme::fifths(), 99).is_ready());
        assert!(grade(Scheme::fifths(), 100).is_ready());
        assert!(grade(Scheme::fifths().needs(1, 2), 2).is_ready());
        assert!(Scheme::fifths().needs(5, 5).check().is_ok());
        let reversed = Scheme::fifths().needs(10, 5).check().unwrap_err();
        assert_eq!(reversed.to_string(), "needs: `at least 10, enough 5` must ascend");
    }
}
