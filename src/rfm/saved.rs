//! Cuts as they are saved.

use super::{
    cut::Kind,
    cuts::{CutPoints, Cuts},
    learn::fixed,
    scheme::{FixedCuts, Rule, Scheme},
};
use crate::{
    domain::{Currency, Day},
    error::Error,
    model::{SchemaVersion, Ties},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    as_of: Day,
    currency: Currency,
    customers: u64,
    scheme: Scheme,
    recency: CutPoints,
    frequency: CutPoints,
    monetary: CutPoints,
}

impl From<Cuts> for Saved {
    fn from(cuts: Cuts) -> Self {
        let [recency, frequency, monetary] = cuts.points;
        Self {
            schema: SchemaVersion,
            as_of: cuts.as_of,
            currency: cuts.currency,
            customers: cuts.customers,
            scheme: cuts.scheme,
            recency,
            frequency,
            monetary,
        }
    }
}

impl TryFrom<Saved> for Cuts {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let cuts = Self {
            scheme: saved.scheme,
            as_of: saved.as_of,
            currency: saved.currency,
            customers: saved.customers,
            points: [saved.recency, saved.frequency, saved.monetary],
        };
        cuts.check()?;
        Ok(cuts)
    }
}

impl Cuts {
    /// # Errors
    /// If the scheme makes no sense, or could not have learned these cuts.
    fn check(&self) -> Result<(), Error> {
        self.scheme.check()?;
        let kinds = [Kind::Whole, Kind::Whole, self.scheme.monetary.kind()];
        if let Some((points, _)) =
            self.points.iter().zip(kinds).find(|&(points, kind)| !self.fits(points, kind))
        {
            let shown = format!("{:?}", points.values().collect::<Vec<_>>());
            return Err(Error::parameter("saved cuts", shown, "are not those of the scheme"));
        }
        match &self.scheme.rule {
            Rule::Fixed(cuts) => self.check_fixed(cuts),
            _ if self.customers == 0 => {
                Err(Error::parameter("saved cuts", "0 customers", "cannot be learned"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the points of one dimension agree with the scheme and the number of customers.
    fn fits(&self, points: &CutPoints, kind: Kind) -> bool {
        let CutPoints { cuts, counts } = points;
        let levels = usize::from(self.levels());
        let split = self.scheme.ties == Ties::Split;
        let counted: u128 = counts.iter().copied().map(u128::from).sum();
        cuts.len() + 1 == levels
            && counts.len() == levels
            && counted == u128::from(self.customers)
            && cuts.iter().all(|cut| cut.is_of(kind) && cut.kept().is_some() == split)
            && cuts.is_sorted_by(|a, b| a.is_up_to(*b))
    }

    /// # Errors
    /// If the cuts are not those set by the business.
    fn check_fixed(&self, set: &FixedCuts) -> Result<(), Error> {
        let set = fixed(set, self.scheme.monetary.kind(), self.currency)?;
        let same = self.points.iter().zip(&set).all(|(points, set)| points.cuts == *set);
        if same {
            Ok(())
        } else {
            Err(Error::parameter("saved cuts", "fixed", "are not those of the scheme"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::{
        domain::Money,
        rfm::{
            Dimension, Frequency, Monetary, Scores,
            fixture::{Row, numbered},
        },
        summary::Summaries,
    };

    /// Cuts as the first version saved them, with what they were learned from; see [`first_schemes`].
    const FIRST: &str = include_str!("../../tests/golden/cuts-1.json");

    fn people() -> Summaries {
        let rows: Vec<_> = (1..40_u8).map(|i| (i.into(), 1 + u32::from(i) % 4, i64::from(i) * 137)).collect();
        numbered(&rows)
    }

    /// One of each rule, tie rule and measure.
    fn first_schemes() -> [Scheme; 3] {
        let set = FixedCuts {
            idle_days: vec![30, 90],
            frequency: vec![1, 2],
            monetary: [1000, 2000].map(|minor| Money::of_minor(minor, Currency::USD)).to_vec(),
        };
        [
            Scheme::fifths(),
            Scheme::ranks(4).monetary(Monetary::MeanPerOrder).frequency(Frequency::Purchases),
            Scheme::fixed(set).ties(Ties::Upper).frequency(Frequency::PurchaseDays),
        ]
    }

    fn fitted() -> Cuts {
        Scheme::fifths().fit(&people()).unwrap()
    }

    fn reread(cuts: &Cuts) -> Cuts {
        serde_json::from_str(&serde_json::to_string(cuts).unwrap()).unwrap()
    }

    #[test]
    fn cuts_are_read_as_they_were_saved_and_hold_no_customer() {
        let saved = serde_json::to_string(&fitted()).unwrap();
        assert!(saved.starts_with(r#"{"schema":1,"#), "{saved}");
        assert_eq!(reread(&fitted()), fitted());
        assert!(saved.len() < 1024, "{} bytes", saved.len());
    }

    #[test]
    fn cuts_of_the_first_schema_are_read_and_still_written() {
        let first: Vec<Cuts> = serde_json::from_str(FIRST).unwrap();
        assert_eq!(first, first_schemes().map(|scheme| scheme.fit(&people()).unwrap()));
        assert_eq!(serde_json::to_string(&first).unwrap(), FIRST.lines().collect::<String>());
    }

    #[test]
    fn a_newer_schema_or_a_damaged_file_is_refused() {
        let saved = serde_json::to_string(&fitted()).unwrap();
        for (whole, broken, says) in [
            (r#""schema":1"#, r#""schema":2"#, "saved with schema 2, this version reads up to 1"),
            (r#""levels":5"#, r#""levels":4"#, "are not those of the scheme"),
            (r#""levels":5"#, r#""levels":0"#, "must be from 2 to 10"),
            (r#""part":"0."#, r#""part":"9."#, "are not those of the scheme"),
            (r#""part":"0."#, r#""part":"x."#, "is not a finite number"),
            (r#""customers":39"#, r#""customers":40"#, "are not those of the scheme"),
        ] {
            let file = saved.replacen(whole, broken, 1);
            let error = serde_json::from_str::<Cuts>(&file).unwrap_err().to_string();
            assert!(file != saved && error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_newer_schema_is_refused_before_the_rest_is_read() {
        let newer = serde_json::from_str::<Cuts>(r#"{"schema":7,"grid":[]}"#).unwrap_err().to_string();
        assert!(newer.starts_with("saved with schema 7, this version reads up to 1"), "{newer}");
    }

    #[test]
    fn cuts_that_another_scheme_learned_are_refused() {
        let [fifths, ranks, fixed] = first_schemes().map(|scheme| scheme.fit(&people()).unwrap());
        let refused = |cuts: &Cuts, spoil: &dyn Fn(&mut Value)| {
            let mut saved = serde_json::to_value(cuts).unwrap();
            spoil(&mut saved);
            serde_json::from_value::<Cuts>(saved).unwrap_err().to_string()
        };
        let measure = |saved: &mut Value| saved["scheme"]["monetary"] = json!("MeanPerOrder");
        let total = |saved: &mut Value| saved["scheme"]["monetary"] = json!("Total");
        let ties = |saved: &mut Value| saved["scheme"]["ties"] = json!("Lower");
        let moved = |saved: &mut Value| saved["monetary"]["cuts"][0]["at"]["Whole"]["floor"] = json!(999);
        let reversed = |saved: &mut Value| saved["recency"]["cuts"].as_array_mut().unwrap().reverse();
        for error in [
            refused(&fifths, &measure),
            refused(&fifths, &reversed),
            refused(&ranks, &total),
            refused(&ranks, &ties),
            refused(&fixed, &measure),
            refused(&fixed, &moved),
        ] {
            assert!(error.ends_with("are not those of the scheme"), "{error}");
        }
        let euros = |saved: &mut Value| saved["currency"] = json!("EUR");
        assert_eq!(refused(&fixed, &euros), "currencies differ: expected EUR, found USD");
    }

    #[test]
    fn a_mean_at_a_cut_stays_at_it() {
        // 102 / 11 is a cut that a reader of JSON numbers moves by its last bit.
        let people = numbered(&[(1, 11, 102), (1, 1, 3), (1, 1, 90)]);
        let means = |levels| Scheme::ranks(levels).ties(Ties::Lower).monetary(Monetary::MeanPerOrder);
        let cuts = means(2).fit(&people).unwrap();
        assert_eq!(cuts.of(Dimension::Monetary).cuts()[0].mean(), Some(102.0 / 11.0));
        assert_eq!(reread(&cuts), cuts);
        assert_eq!(reread(&cuts).score(&people).unwrap(), cuts.score(&people).unwrap());
    }

    proptest! {
        #[test]
        fn cuts_that_were_read_give_the_same_scores(
            rows in prop::collection::vec((0..400_i32, 1..30_u32, -50_000..500_000_i64), 1..40),
            levels in 2..=10_u8,
            rule in 0..5_u8,
            measure in prop_oneof![4 => Just(Monetary::MeanPerOrder), 1 => Just(Monetary::Total)],
        ) {
            let rows: Vec<Row> = rows;
            let scheme = match rule {
                0 => Scheme::quantiles(levels),
                1 => Scheme::quantiles(levels).ties(Ties::Upper),
                2 => Scheme::ranks(levels),
                3 => Scheme::ranks(levels).ties(Ties::Lower),
                _ => Scheme::ranks(levels).ties(Ties::Upper),
            };
            let people = numbered(&rows);
            let cuts = scheme.monetary(measure).fit(&people).unwrap();
            let scores = cuts.score(&people).unwrap();
            prop_assert_eq!(&reread(&cuts), &cuts);
            prop_assert_eq!(&reread(&cuts).score(&people).unwrap(), &scores);
            let saved = serde_json::to_string(&scores).unwrap();
            prop_assert_eq!(serde_json::from_str::<Scores>(&saved).unwrap(), scores);
        }
    }
}
