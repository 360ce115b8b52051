//! Why a customer is in a segment, in one line.

use super::{
    cut::Cut,
    dimension::{Dimension, MeanDigits},
    scheme::{Frequency, Monetary},
    scores::Scores,
    segment_map::SegmentMap,
};
use crate::{
    domain::{CustomerId, Money},
    error::Error,
    model::Ties,
};

impl Scores {
    /// One line that says why a customer has a name: on each dimension the value, the score and the cuts
    /// it lies between, then the segment.
    ///
    /// ```text
    /// anna: last purchase 12 days ago (R 5: at most 30), 7 orders (F 4: above 5, at most 9),
    /// 310.50 USD in total (M 5: above 280.00) -> Champions
    /// ```
    /// (in one line). A cut between two whole numbers is shown as the whole number that decides: with
    /// [`Ties::Lower`] a cut at 5.4 orders reads "above 5".
    ///
    /// # Errors
    /// If the customer is not here, or the map has another number of levels.
    pub fn explain(&self, id: &CustomerId, map: &SegmentMap) -> Result<String, Error> {
        map.require_levels(self)?;
        let row = self.customers().require(id)?;
        let cell = self.of(id)?;
        let name = map.name_of(cell).unwrap_or_default();
        let part = |dimension, score| {
            let value = self.value(dimension, row);
            let bounds = self.bounds(dimension, score);
            format!("{value} ({} {score}: {bounds})", dimension.letter())
        };
        let recency = part(Dimension::Recency, cell.recency());
        let frequency = part(Dimension::Frequency, cell.frequency());
        let monetary = part(Dimension::Monetary, cell.monetary());
        Ok(format!("{id}: {recency}, {frequency}, {monetary} -> {name}"))
    }

    /// The value with its unit.
    fn value(&self, dimension: Dimension, row: usize) -> String {
        let scheme = self.cuts().scheme();
        match dimension {
            Dimension::Recency => {
                let days = self.idle_days()[row];
                format!("last purchase {days} {} ago", plural(days == 1, "day", "days"))
            }
            Dimension::Frequency => {
                let count = self.frequencies()[row];
                let (one, many) = match scheme.frequency_measure() {
                    Frequency::Orders => ("order", "orders"),
                    Frequency::Purchases => ("purchase", "purchases"),
                    Frequency::PurchaseDays => ("purchase day", "purchase days"),
                };
                format!("{count} {}", plural(count == 1, one, many))
            }
            Dimension::Monetary => {
                let amount = self.amount(row).map(|amount| amount.to_string()).unwrap_or_default();
                let measure = match scheme.monetary_measure() {
                    Monetary::Total => "in total",
                    Monetary::MeanPerOrder => "per order",
                    Monetary::Margin => "of margin",
                };
                format!("{amount} {measure}")
            }
        }
    }

    /// The cuts that a score lies between.
    fn bounds(&self, dimension: Dimension, score: u8) -> String {
        let cuts = self.cuts().of(dimension).cuts();
        let place = match dimension {
            Dimension::Recency => self.levels() - score,
            Dimension::Frequency | Dimension::Monetary => score - 1,
        };
        let place = usize::from(place);
        let below = place.checked_sub(1).and_then(|place| cuts.get(place));
        let above = cuts.get(place);
        let ties = self.cuts().scheme().tie_rule();
        let (after, before) = match ties {
            Ties::Lower => ("above", "at most"),
            Ties::Upper => ("at least", "below"),
            Ties::Split => ("from", "to"),
        };
        let show = |word: &str, cut: Option<&Cut>| {
            cut.map(|&cut| format!("{word} {}", self.show(dimension, cut, ties)))
        };
        let shown: Vec<String> = [show(after, below), show(before, above)].into_iter().flatten().collect();
        shown.join(if ties == Ties::Split { " " } else { ", " })
    }

    /// The cut as the number that decides: the last value on the lower side, or the first on the upper.
    fn show(&self, dimension: Dimension, cut: Cut, ties: Ties) -> String {
        let currency = self.cuts().currency();
        let decides = if ties == Ties::Upper { cut.ceil() } else { cut.floor() };
        match (dimension, cut.mean()) {
            (Dimension::Monetary, Some(mean)) => MeanDigits(mean, currency).to_string(),
            (Dimension::Monetary, None) => Money::of_minor(decides, currency).digits().to_string(),
            _ => decides.to_string(),
        }
    }
}

fn plural(one: bool, singular: &'static str, plural: &'static str) -> &'static str {
    if one { singular } else { plural }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Currency,
        rfm::{FixedCuts, Scheme, fixture::named},
        summary::Summaries,
    };

    fn people() -> Summaries {
        named(&[("anna", (12, 7, 31_050)), ("ben", (1, 1, 900)), ("cleo", (90, 2, -100))])
    }

    fn line(scheme: &Scheme, id: &str, map: &SegmentMap) -> String {
        let scores = scheme.fit(&people()).unwrap().score(&people()).unwrap();
        scores.explain(&id.into(), map).unwrap()
    }

    fn fixed() -> Scheme {
        Scheme::fixed(FixedCuts {
            idle_days: vec![30, 90, 180, 365],
            frequency: vec![1, 3, 5, 9],
            monetary: [0, 1000, 10_000, 28_000].map(|minor| Money::of_minor(minor, Currency::USD)).to_vec(),
        })
    }

    #[test]
    fn a_line_tells_value_score_cuts_and_segment() {
        let map = SegmentMap::standard();
        assert_eq!(
            line(&fixed(), "anna", &map),
            "anna: last purchase 12 days ago (R 5: at most 30), 7 orders (F 4: above 5, at most 9), \
             310.50 USD in total (M 5: above 280.00) -> Champions"
        );
        assert_eq!(
            line(&fixed().ties(Ties::Upper), "cleo", &map),
            "cleo: last purchase 90 days ago (R 3: at least 90, below 180), 2 orders (F 2: at least 1, below 3), \
             -1.00 USD in total (M 1: below 0.00) -> About To Sleep"
        );
    }

    #[test]
    fn every_measure_is_told_in_its_words() {
        let map = SegmentMap::builder(2).rest("All").build().unwrap();
        let mean = Scheme::quantiles(2).monetary(Monetary::MeanPerOrder).frequency(Frequency::PurchaseDays);
        assert_eq!(
            line(&mean, "ben", &map),
            "ben: last purchase 1 day ago (R 2: at most 12), 1 purchase day (F 1: at most 2), \
             9.0000 USD per order (M 1: at most 9.0000) -> All"
        );
        assert_eq!(
            line(&Scheme::ranks(2).frequency(Frequency::Purchases), "anna", &map),
            "anna: last purchase 12 days ago (R 1: from 12), 7 purchases (F 2: from 2), \
             310.50 USD in total (M 2: from 9.00) -> All"
        );
    }

    #[test]
    fn a_stranger_or_another_grid_is_refused() {
        let scores = fixed().fit(&people()).unwrap().score(&people()).unwrap();
        assert!(scores.explain(&"dora".into(), &SegmentMap::standard()).is_err());
        let two = SegmentMap::builder(2).rest("All").build().unwrap();
        assert!(scores.explain(&"anna".into(), &two).is_err());
    }
}
