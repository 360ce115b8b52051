//! For what a customer allows their data to be used, and when.

use std::{fmt, str::FromStr};

use super::{CustomerId, Day, Label, People};
use crate::Error;

/// For what data is used.
///
/// # Example
/// ```
/// use patronage::domain::Purpose;
///
/// assert_eq!("analytics".parse::<Purpose>()?, Purpose::ANALYTICS);
/// assert_ne!("credit check".parse::<Purpose>()?, Purpose::PROFILING);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Purpose(Kind);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Analytics,
    Profiling,
    Marketing,
    Named(Label),
}

impl Purpose {
    /// Counting and modelling customers, without a consequence for any one of them: `analytics`.
    pub const ANALYTICS: Self = Self(Kind::Analytics);
    /// Scoring, naming and treating a customer as the one they are: `profiling`.
    pub const PROFILING: Self = Self(Kind::Profiling);
    /// Writing to a customer: `marketing`.
    pub const MARKETING: Self = Self(Kind::Marketing);

    /// The name.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Analytics => "analytics",
            Kind::Profiling => "profiling",
            Kind::Marketing => "marketing",
            Kind::Named(name) => name.as_str(),
        }
    }
}

impl FromStr for Purpose {
    type Err = Error;

    /// Reads one of the names above, or else a purpose that the host names.
    ///
    /// # Errors
    /// If the text is no [`Label`].
    fn from_str(name: &str) -> Result<Self, Error> {
        let known = [Self::ANALYTICS, Self::PROFILING, Self::MARKETING];
        match known.into_iter().find(|known| known.as_str() == name) {
            Some(known) => Ok(known),
            None => Ok(Self(Kind::Named(Label::new(name)?))),
        }
    }
}

impl TryFrom<String> for Purpose {
    type Error = Error;

    /// # Errors
    /// If the text is no [`Label`].
    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

impl From<Purpose> for String {
    fn from(purpose: Purpose) -> Self {
        purpose.as_str().to_owned()
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a customer said to a purpose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ConsentState {
    /// Yes.
    Granted,
    /// No.
    Denied,
    /// No longer.
    Withdrawn,
}

/// What a customer said to a purpose on a day, and until when it holds.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved", into = "Saved"))]
pub struct Consent {
    // The order of the fields is the order in a register.
    customer: CustomerId,
    purpose: Purpose,
    since: Day,
    state: ConsentState,
    until: Option<Day>,
}

impl Consent {
    /// What a customer said, holding from the day `since` on, that day included.
    pub fn new(customer: impl Into<CustomerId>, purpose: Purpose, state: ConsentState, since: Day) -> Self {
        Self { customer: customer.into(), purpose, since, state, until: None }
    }

    /// Yes, from a day on.
    pub fn granted(customer: impl Into<CustomerId>, purpose: Purpose, since: Day) -> Self {
        Self::new(customer, purpose, ConsentState::Granted, since)
    }

    /// No, from a day on.
    pub fn denied(customer: impl Into<CustomerId>, purpose: Purpose, since: Day) -> Self {
        Self::new(customer, purpose, ConsentState::Denied, since)
    }

    /// No longer, from a day on.
    pub fn withdrawn(customer: impl Into<CustomerId>, purpose: Purpose, since: Day) -> Self {
        Self::new(customer, purpose, ConsentState::Withdrawn, since)
    }

    /// Ends it: `until` is the last day on which it holds.
    ///
    /// # Errors
    /// If that is before the first day.
    pub fn until(self, until: Day) -> Result<Self, Error> {
        if until < self.since {
            return Err(Error::parameter("end of consent", until, "is before its beginning"));
        }
        Ok(Self { until: Some(until), ..self })
    }

    /// Who.
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// To what.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// What was said.
    pub fn state(&self) -> ConsentState {
        self.state
    }

    /// The first day on which it holds.
    pub fn since(&self) -> Day {
        self.since
    }

    /// The last day on which it holds, where there is one.
    pub fn last_day(&self) -> Option<Day> {
        self.until
    }

    /// Whether this, taken alone, allows the purpose on a day.
    fn allows(&self, on: Day) -> bool {
        let running = self.since <= on && self.until.is_none_or(|until| on <= until);
        self.state == ConsentState::Granted && running
    }
}

/// The form in which a consent is saved, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    customer: CustomerId,
    purpose: Purpose,
    state: ConsentState,
    since: Day,
    until: Option<Day>,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for Consent {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let open = Self::new(saved.customer, saved.purpose, saved.state, saved.since);
        saved.until.map_or(Ok(open.clone()), |until| open.until(until))
    }
}

#[cfg(feature = "serde")]
impl From<Consent> for Saved {
    fn from(consent: Consent) -> Self {
        Self {
            customer: consent.customer,
            purpose: consent.purpose,
            state: consent.state,
            since: consent.since,
            until: consent.until,
        }
    }
}

/// Everything that customers said, in any order of intake.
///
/// # Example
/// ```
/// use patronage::domain::{Consent, ConsentRegister, Day, Purpose};
///
/// let june = |day| Day::ymd(2025, 6, day);
/// let said = [
///     Consent::withdrawn("anna", Purpose::ANALYTICS, june(20)?),
///     Consent::granted("anna", Purpose::ANALYTICS, june(1)?),
/// ];
/// let register: ConsentRegister = said.into_iter().collect();
/// let granted = |id: &str, on| register.granted(&id.into(), &Purpose::ANALYTICS, on);
/// assert!(granted("anna", june(19)?));
/// assert!(!granted("anna", june(20)?));
/// assert!(!granted("ben", june(19)?), "silence is no consent");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "Vec<Consent>", into = "Vec<Consent>"))]
pub struct ConsentRegister(Vec<Consent>);

impl ConsentRegister {
    /// Whether a customer allows a purpose on a day.
    ///
    /// Of what the customer said to the purpose by that day, the latest decides; a grant counts from its
    /// first to its last day, both included. Where two were said on one day, all must allow it. A grant that
    /// has run out does not bring an older one back. Who said nothing has granted nothing.
    pub fn granted(&self, id: &CustomerId, purpose: &Purpose, on: Day) -> bool {
        let of_pair = |said: &Consent| (said.customer.cmp(id)).then_with(|| said.purpose.cmp(purpose));
        let from = self.0.partition_point(|said| of_pair(said).is_lt());
        let to = self.0.partition_point(|said| of_pair(said).then(said.since.cmp(&on)).is_le());
        let mut by_then = self.0[from..to].chunk_by(|a, b| a.since == b.since);
        let latest = by_then.next_back();
        latest.is_some_and(|latest| latest.iter().all(|said| said.allows(on)))
    }

    /// Adds what a customer said.
    pub fn insert(&mut self, consent: Consent) {
        let place = self.0.partition_point(|said| *said < consent);
        self.0.insert(place, consent);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that was said: by customer, by purpose, by first day.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Consent> {
        self.0.iter()
    }

    /// What one customer said: by purpose, by first day.
    pub fn of(&self, id: &CustomerId) -> &[Consent] {
        let from = self.0.partition_point(|said| said.customer < *id);
        let to = self.0.partition_point(|said| said.customer <= *id);
        &self.0[from..to]
    }
}

impl From<Vec<Consent>> for ConsentRegister {
    fn from(mut consents: Vec<Consent>) -> Self {
        consents.sort_unstable();
        Self(consents)
    }
}

impl From<ConsentRegister> for Vec<Consent> {
    fn from(register: ConsentRegister) -> Self {
        register.0
    }
}

impl FromIterator<Consent> for ConsentRegister {
    fn from_iter<I: IntoIterator<Item = Consent>>(consents: I) -> Self {
        consents.into_iter().collect::<Vec<_>>().into()
    }
}

impl Extend<Consent> for ConsentRegister {
    fn extend<I: IntoIterator<Item = Consent>>(&mut self, consents: I) {
        self.0.extend(consents);
        self.0.sort_unstable();
    }
}

/// After forgetting, the register no longer knows of a refusal either; silence is no consent.
impl People for ConsentRegister {
    fn holds(&self, id: &CustomerId) -> bool {
        !self.of(id).is_empty()
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let before = self.len();
        self.0.retain(|said| said.customer != *id);
        self.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Day {
        Day::ymd(2025, 6, day).unwrap()
    }

    /// On which days of June, 1 to 9, these consents of one customer and purpose allow it.
    fn days(said: impl IntoIterator<Item = Consent>) -> Vec<i8> {
        let said: Vec<Consent> = said.into_iter().collect();
        let register: ConsentRegister = said.iter().cloned().collect();
        let mut grown = ConsentRegister::default();
        said.into_iter().rev().for_each(|said| grown.insert(said));
        assert_eq!(register, grown);
        let granted = |on: &i8| register.granted(&"anna".into(), &Purpose::ANALYTICS, day(*on));
        (1..=9).filter(granted).collect()
    }

    fn grant(since: i8) -> Consent {
        Consent::granted("anna", Purpose::ANALYTICS, day(since))
    }

    #[test]
    fn a_grant_holds_from_its_first_day_to_its_last() {
        assert_eq!(days([grant(3)]), [3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(days([grant(3).until(day(5)).unwrap()]), [3, 4, 5]);
        assert_eq!(days([grant(3).until(day(3)).unwrap()]), [3]);
        assert!(grant(3).until(day(2)).is_err());
    }

    #[test]
    fn the_latest_word_decides_even_after_it_has_run_out() {
        let withdrawn = |since| Consent::withdrawn("anna", Purpose::ANALYTICS, day(since));
        assert_eq!(days([grant(2), withdrawn(4), grant(7)]), [2, 3, 7, 8, 9]);
        assert_eq!(days([grant(1), grant(4).until(day(5)).unwrap()]), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn of_two_words_on_one_day_the_stricter_wins() {
        let denied = Consent::denied("anna", Purpose::ANALYTICS, day(4));
        assert_eq!(days([grant(2), grant(4), denied]), [2, 3]);
        assert_eq!(days([grant(4), grant(4).until(day(6)).unwrap()]), [4, 5, 6]);
    }

    #[test]
    fn other_people_and_purposes_say_nothing() {
        let others = [
            Consent::granted("ann", Purpose::ANALYTICS, day(1)),
            Consent::granted("annab", Purpose::ANALYTICS, day(1)),
            Consent::granted("anna", Purpose::MARKETING, day(1)),
            Consent::denied("anna", Purpose::PROFILING, day(5)),
        ];
        assert_eq!(days(others.clone()), [0_i8; 0]);
        let mut register: ConsentRegister = others.into_iter().chain([grant(2)]).collect();
        assert_eq!(register.of(&"anna".into()).len(), 3);
        assert!(register.forget(&"anna".into()) && !register.holds(&"anna".into()));
        assert_eq!(register.len(), 2);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_register_is_checked_when_read() {
        let register: ConsentRegister = [grant(3).until(day(5)).unwrap()].into_iter().collect();
        let json = serde_json::to_string(&register).unwrap();
        assert_eq!(serde_json::from_str::<ConsentRegister>(&json).unwrap(), register);
        assert!(json.contains(r#""purpose":"analytics""#), "{json}");
        for bad in [json.replace("06-05", "06-01"), json.replace("analytics", "")] {
            assert!(serde_json::from_str::<ConsentRegister>(&bad).is_err(), "{bad}");
        }
    }
}
