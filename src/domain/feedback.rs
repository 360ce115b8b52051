//! What a customer says when asked: scores on known scales, and a sentiment that the host supplies.

use std::{cmp::Ordering, fmt};

use crate::Error;

/// The scale of a [`Feedback`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FeedbackKind {
    /// "How likely are you to recommend us?", 0 to 10.
    Nps,
    /// "How satisfied are you?", 1 to 5.
    Csat,
    /// A public review, 1 to 5.
    Review,
}

impl FeedbackKind {
    /// The lowest and the highest score.
    pub const fn range(self) -> (u8, u8) {
        match self {
            Self::Nps => (0, 10),
            Self::Csat | Self::Review => (1, 5),
        }
    }
}

/// A score on a known scale, with a sentiment if the host supplies one.
///
/// # Example
/// ```
/// use patronage::domain::{Feedback, FeedbackKind, Sentiment};
///
/// let review = Feedback::review(2)?.sentiment(Sentiment::new(-0.6)?);
/// assert_eq!((review.kind(), review.score()), (FeedbackKind::Review, 2));
/// assert!(Feedback::nps(11).is_err() && Feedback::csat(0).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved", into = "Saved"))]
pub struct Feedback {
    kind: FeedbackKind,
    score: u8,
    sentiment: Option<Sentiment>,
}

impl Feedback {
    /// A score on a scale.
    ///
    /// # Errors
    /// If the score is off the scale.
    pub fn new(kind: FeedbackKind, score: u8) -> Result<Self, Error> {
        let (lowest, highest) = kind.range();
        if !(lowest..=highest).contains(&score) {
            let rule = match kind {
                FeedbackKind::Nps => "must be 0 to 10",
                FeedbackKind::Csat | FeedbackKind::Review => "must be 1 to 5",
            };
            return Err(Error::parameter("feedback score", score, rule));
        }
        Ok(Self { kind, score, sentiment: None })
    }

    /// The likelihood to recommend, 0 to 10.
    ///
    /// # Errors
    /// If the score is above 10.
    pub fn nps(score: u8) -> Result<Self, Error> {
        Self::new(FeedbackKind::Nps, score)
    }

    /// Satisfaction, 1 to 5.
    ///
    /// # Errors
    /// If the score is not 1 to 5.
    pub fn csat(score: u8) -> Result<Self, Error> {
        Self::new(FeedbackKind::Csat, score)
    }

    /// A review, 1 to 5 stars.
    ///
    /// # Errors
    /// If the score is not 1 to 5.
    pub fn review(score: u8) -> Result<Self, Error> {
        Self::new(FeedbackKind::Review, score)
    }

    /// The sentiment of the words that came with it, as the host reads them: the crate reads no language.
    #[must_use]
    pub fn sentiment(self, sentiment: Sentiment) -> Self {
        Self { sentiment: Some(sentiment), ..self }
    }

    /// The scale.
    pub fn kind(self) -> FeedbackKind {
        self.kind
    }

    /// The score, on its scale.
    pub fn score(self) -> u8 {
        self.score
    }

    /// The sentiment, where the host supplied one.
    pub fn mood(self) -> Option<Sentiment> {
        self.sentiment
    }
}

/// The form in which feedback is saved, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    kind: FeedbackKind,
    score: u8,
    sentiment: Option<Sentiment>,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for Feedback {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let checked = Self::new(saved.kind, saved.score)?;
        Ok(Self { sentiment: saved.sentiment, ..checked })
    }
}

#[cfg(feature = "serde")]
impl From<Feedback> for Saved {
    fn from(feedback: Feedback) -> Self {
        let Feedback { kind, score, sentiment } = feedback;
        Self { kind, score, sentiment }
    }
}

/// How well a text speaks of the business: from -1 (ill) over 0 to 1 (well).
#[derive(Clone, Copy)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f32", into = "f32"))]
pub struct Sentiment(f32);

impl Sentiment {
    /// Takes a sentiment.
    ///
    /// # Errors
    /// If it is not between -1 and 1.
    pub fn new(sentiment: f32) -> Result<Self, Error> {
        // NaN lies in no range.
        if !(-1.0..=1.0).contains(&sentiment) {
            return Err(Error::parameter("sentiment", sentiment, "must be between -1 and 1"));
        }
        // -0.0 + 0.0 is 0.0: zero has one sign.
        Ok(Self(sentiment + 0.0))
    }

    /// The number, from -1 to 1.
    pub fn value(self) -> f32 {
        self.0
    }
}

impl PartialEq for Sentiment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sentiment {}

impl PartialOrd for Sentiment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sentiment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl fmt::Debug for Sentiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<f32> for Sentiment {
    type Error = Error;

    /// # Errors
    /// As [`Sentiment::new`].
    fn try_from(sentiment: f32) -> Result<Self, Error> {
        Self::new(sentiment)
    }
}

impl From<Sentiment> for f32 {
    fn from(sentiment: Sentiment) -> Self {
        sentiment.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_stay_on_their_scale() {
        for (kind, low, high) in
            [(FeedbackKind::Nps, 0, 10), (FeedbackKind::Csat, 1, 5), (FeedbackKind::Review, 1, 5)]
        {
            for score in 0..=u8::MAX {
                let fits = (low..=high).contains(&score);
                assert_eq!(Feedback::new(kind, score).is_ok(), fits, "{kind:?} {score}");
            }
        }
    }

    #[test]
    fn sentiments_are_ordered_and_never_nan() {
        for bad in [f32::NAN, 1.0001, -1.0001, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(Sentiment::new(bad).is_err());
        }
        let sentiment = |value| Sentiment::new(value).unwrap();
        assert_eq!(sentiment(-0.0), sentiment(0.0));
        assert!(sentiment(-1.0) < sentiment(0.5));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn reads_no_score_off_its_scale() {
        let said = Feedback::nps(9).unwrap().sentiment(Sentiment::new(0.5).unwrap());
        let json = serde_json::to_string(&said).unwrap();
        assert_eq!(json, r#"{"kind":"Nps","score":9,"sentiment":0.5}"#);
        assert_eq!(serde_json::from_str::<Feedback>(&json).unwrap(), said);
        for bad in [json.replace('9', "11"), json.replace("0.5", "1.5"), json.replace("Nps", "Csat")] {
            assert!(serde_json::from_str::<Feedback>(&bad).is_err(), "{bad}");
        }
    }
}
