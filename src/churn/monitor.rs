//! Whether a model still does what it did: its scores, what it is fed, and what came.

use std::fmt;

use super::{Difference, Judgement, Outcomes, judge::check_probabilities};
use crate::{
    domain::{Customers, Day},
    error::{Error, ErrorKind},
    feature::{Baseline, Features, LARGE_SHIFT, SOME_SHIFT, Shift},
};

/// What a model was when it was taken into use: how its scores and its features were spread, and the lift it promised.
/// It holds no customer.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{Monitor, Outcomes},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let table = |shift: f64, day| {
///     let people: Customers = (0..500_u32).map(CustomerId::from).collect();
///     let visits = (0..500).map(|row| Some(f64::from(row % 50) + shift)).collect();
///     Features::new(people, day, [("visits".to_owned(), visits)])
/// };
/// let risks: Vec<f64> = (0..500).map(|row| f64::from(row % 50) / 50.0).collect();
/// let churned: Vec<bool> = (0..500).map(|row| row * 7 % 50 < row % 50).collect();
/// let held_out = Outcomes::new(&risks, &churned)?;
/// let monitor = Monitor::new(&table(0.0, day)?, &risks, &held_out.judge()?)?;
///
/// let drift = monitor.drift(&table(20.0, day.plus(90))?, &risks)?;
/// assert_eq!(drift.scores, 0.0);
/// assert!(drift.features[0].index > 0.25 && !drift.is_sound());
/// assert!(monitor.realised(&held_out)?.is_sound());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Monitor {
    features: Baseline,
    scores: Baseline,
    promised_lift: f64,
}

/// How far the scores and the features of later customers have moved: known at once, before anybody knows who left.
#[derive(Clone, PartialEq, Debug)]
pub struct Drift {
    /// The day of the later customers.
    pub as_of: Day,
    /// The population stability index of the probabilities: see [`Shift::index`].
    pub scores: f64,
    /// That of each feature.
    pub features: Vec<Shift>,
}

/// What came of later scores.
#[derive(Clone, PartialEq, Debug)]
pub struct Realised {
    /// The lift of the tenth likeliest to leave when the model was judged.
    pub promised_lift: f64,
    /// The lift of the tenth likeliest to leave now.
    pub lift: f64,
    /// All that is to be said of the probabilities now; its calibration slope among it.
    pub judgement: Judgement,
}

/// A name no feature has is not needed: the scores are a table of their own.
const SCORES: &str = "probability of churn";

fn scores(customers: &Customers, day: Day, probabilities: &[f64]) -> Result<Features, Error> {
    if probabilities.len() != customers.len() {
        let (expected, found) = (customers.len(), probabilities.len());
        return Err(ErrorKind::Length { what: "probabilities", expected, found }.into());
    }
    check_probabilities(probabilities)?;
    let column = probabilities.iter().copied().map(Some).collect();
    Features::new(customers.clone(), day, [(SCORES.to_owned(), column)])
}

impl Monitor {
    /// Remembers the features of the customers scored when the model was taken into use, their probabilities, and how
    /// good those of held-out customers were.
    ///
    /// # Errors
    /// If there are no customers, there is not a probability a customer, or one is not between 0 and 1.
    pub fn new(known: &Features, probabilities: &[f64], promised: &Judgement) -> Result<Self, Error> {
        let scores = scores(known.customers(), known.as_of(), probabilities)?;
        let promised_lift = promised.deciles.first().map_or(0.0, |top| top.lift);
        Ok(Self { features: Baseline::of(known)?, scores: Baseline::of(&scores)?, promised_lift })
    }

    /// How far scores and features have moved: the population stability index of [`Baseline::shifts`].
    ///
    /// # Errors
    /// If there are no customers, the columns are others, there is not a probability a customer, or one is not between
    /// 0 and 1.
    pub fn drift(&self, later: &Features, probabilities: &[f64]) -> Result<Drift, Error> {
        let scores = scores(later.customers(), later.as_of(), probabilities)?;
        let index = self.scores.shifts(&scores)?.first().map_or(0.0, |shift| shift.index);
        Ok(Drift { as_of: later.as_of(), scores: index, features: self.features.shifts(later)? })
    }

    /// What came of scores, once it is known who left.
    ///
    /// Whom an offer kept looks like a false alarm: judge by customers who got none, a part left alone for that.
    ///
    /// # Errors
    /// If nobody churned or nobody stayed.
    pub fn realised(&self, outcomes: &Outcomes) -> Result<Realised, Error> {
        let judgement = outcomes.judge()?;
        let lift = judgement.deciles.first().map_or(0.0, |top| top.lift);
        Ok(Realised { promised_lift: self.promised_lift, lift, judgement })
    }
}

impl Drift {
    /// Whether nothing has moved so far that the model speaks of other customers: all indices are below
    /// [`LARGE_SHIFT`].
    pub fn is_sound(&self) -> bool {
        self.scores < LARGE_SHIFT && self.features.iter().all(|shift| shift.index < LARGE_SHIFT)
    }
}

/// Where a realised lift is less than this part of the promised one, the model has lost its use.
const LEAST_PART: f64 = 0.8;

impl Realised {
    /// The calibration slope less 1, with its standard error: below 0 risks are told too far apart. `None` where there
    /// is no slope.
    pub fn slope_off(&self) -> Option<Difference> {
        let found = self.judgement.recalibration?;
        Some(Difference { value: found.slope - 1.0, std_error: found.slope_std_error })
    }

    /// Whether the lift is at least four fifths of what was promised, and the 95 % interval of the calibration slope
    /// holds 1 or the slope is between 0.8 and 1.25: with many customers a slope that does no harm is off for certain.
    pub fn is_sound(&self) -> bool {
        let slope = self.slope_off().is_none_or(|off| {
            let certain = off.interval(0.95).is_ok_and(|(low, high)| low > 0.0 || high < 0.0);
            !certain || (-0.2..=0.25).contains(&off.value)
        });
        slope && self.lift >= LEAST_PART * self.promised_lift
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |index: f64| match index {
            index if index >= LARGE_SHIFT => "moved",
            index if index >= SOME_SHIFT => "moved a little",
            _ => "as it was",
        };
        write!(f, "{}: scores {} ({:.3})", self.as_of, word(self.scores), self.scores)?;
        for Shift { name, index } in self.features.iter().filter(|shift| shift.index >= SOME_SHIFT) {
            write!(f, "\n{name} {} ({index:.3})", word(*index))?;
        }
        Ok(())
    }
}

impl fmt::Display for Realised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lift of the top tenth {:.2}, promised {:.2}", self.lift, self.promised_lift)?;
        write!(f, "{}", self.judgement)
    }
}

#[cfg(feature = "serde")]
mod saved {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Monitor;
    use crate::{
        feature::Baseline,
        model::{Exact, SchemaVersion},
    };

    #[derive(Serialize, Deserialize)]
    struct Saved {
        schema: SchemaVersion<1>,
        features: Baseline,
        scores: Baseline,
        promised_lift: Exact,
    }

    impl Serialize for Monitor {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let Self { features, scores, promised_lift } = self.clone();
            Saved { schema: SchemaVersion, features, scores, promised_lift: Exact(promised_lift) }
                .serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for Monitor {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Saved { features, scores, promised_lift: Exact(promised_lift), .. } =
                Saved::deserialize(from)?;
            Ok(Self { features, scores, promised_lift })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CustomerId;

    fn table(rows: u32, shift: f64) -> Features {
        let people: Customers = (0..rows).map(CustomerId::from).collect();
        let x = (0..rows).map(|row| Some(f64::from(row % 20) + shift)).collect();
        Features::new(people, Day::MIN, [("x".to_owned(), x)]).unwrap()
    }

    /// Of 20 levels of risk; who churned is as was said, or at one rate for all.
    fn outcomes(knows: bool) -> (Vec<f64>, Outcomes) {
        let said: Vec<f64> = (0..400_u32).map(|row| f64::from(row % 20) / 20.0 + 0.02).collect();
        let churned: Vec<bool> =
            (0..400_u32).map(|row| if knows { row / 20 < row % 20 } else { (row / 20) % 2 == 0 }).collect();
        let outcomes = Outcomes::new(&said, &churned).unwrap();
        (said, outcomes)
    }

    #[test]
    fn a_model_that_lost_its_use_is_not_sound() {
        let (said, known) = outcomes(true);
        let monitor = Monitor::new(&table(400, 0.0), &said, &known.judge().unwrap()).unwrap();
        assert!(monitor.realised(&known).unwrap().is_sound());
        let (_, lost) = outcomes(false);
        let lost = monitor.realised(&lost).unwrap();
        assert!(!lost.is_sound() && (lost.lift - 1.0).abs() < 1e-12, "{lost}");
        assert!(lost.slope_off().unwrap().value < -0.9);
        // Of the 40 likeliest 37 churned, of all 400 customers 190.
        assert!((lost.promised_lift - (37.0 / 40.0) / (190.0 / 400.0)).abs() < 1e-12, "{lost}");
    }

    #[test]
    fn what_has_moved_is_named() {
        let (said, known) = outcomes(true);
        let monitor = Monitor::new(&table(400, 0.0), &said, &known.judge().unwrap()).unwrap();
        let same = monitor.drift(&table(400, 0.0), &said).unwrap();
        assert!(same.is_sound() && same.scores.abs() < 1e-12);
        let higher: Vec<f64> = said.iter().map(|said| said.sqrt()).collect();
        let moved = monitor.drift(&table(400, 9.0), &higher).unwrap();
        assert!(!moved.is_sound() && moved.scores > SOME_SHIFT);
        assert!(moved.to_string().contains("x moved"), "{moved}");
        assert!(monitor.drift(&table(400, 0.0), &said[1..]).is_err());
        assert!(monitor.drift(&table(1, 0.0), &[f64::NAN]).is_err());
        assert!(Monitor::new(&table(0, 0.0), &[], &known.judge().unwrap()).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_monitor_is_read_as_it_was_saved() {
        let (said, known) = outcomes(true);
        let monitor = Monitor::new(&table(400, 0.0), &said, &known.judge().unwrap()).unwrap();
        let json = serde_json::to_string(&monitor).unwrap();
        assert_eq!(serde_json::from_str::<Monitor>(&json).unwrap(), monitor);
        let newer = json.replacen(r#""schema":1"#, r#""schema":2"#, 1);
        assert!(serde_json::from_str::<Monitor>(&newer).unwrap_err().to_string().contains("schema 2"));
    }
}
