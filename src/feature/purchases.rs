//! What customers bought, as features: columns of summaries.

use super::{Features, blocks};
use crate::summary::{Summaries, Summary};

/// A number that [`Summaries`] know of each customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum PurchaseFeature {
    /// `recency_days`: days from the first purchase to the last. Large is good.
    Recency,
    /// `idle_days`: days since the last purchase, the R of RFM. Large is bad.
    Idle,
    /// `age_days`: days since the first purchase.
    Age,
    /// `purchases`: purchases by the grain of the observation, at least 1.
    Purchases,
    /// `purchase_days`: distinct days with a purchase, at least 1.
    PurchaseDays,
    /// `orders`: distinct orders, the F of RFM, at least 1.
    Orders,
    /// `total`: net money in major units (euros, not cents), the M of RFM. Negative where more went back than was
    /// bought.
    Total,
    /// `mean_per_order`: net money per order in major units.
    MeanPerOrder,
    /// `mean_repeat_spend`: money per purchase after the first in major units. Missing for who bought once.
    MeanRepeatSpend,
    /// `gap_mean_days`: mean days from a purchase to the next. Missing for who bought once.
    GapMean,
    /// `gap_variation`: standard deviation of those days over their mean; 0 is a clock, 1 is chance. Missing with
    /// fewer than two gaps, and where all purchases fall on one day.
    GapVariation,
    /// `margin`: net money less cost in major units. Missing where a cost is unknown.
    Margin,
}

impl PurchaseFeature {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Recency,
        Self::Idle,
        Self::Age,
        Self::Purchases,
        Self::PurchaseDays,
        Self::Orders,
        Self::Total,
        Self::MeanPerOrder,
        Self::MeanRepeatSpend,
        Self::GapMean,
        Self::GapVariation,
        Self::Margin,
    ];

    /// Recency, frequency and monetary value by the usual convention: idle days, orders and net total.
    pub const RFM: [Self; 3] = [Self::Idle, Self::Orders, Self::Total];

    /// The name of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency_days",
            Self::Idle => "idle_days",
            Self::Age => "age_days",
            Self::Purchases => "purchases",
            Self::PurchaseDays => "purchase_days",
            Self::Orders => "orders",
            Self::Total => "total",
            Self::MeanPerOrder => "mean_per_order",
            Self::MeanRepeatSpend => "mean_repeat_spend",
            Self::GapMean => "gap_mean_days",
            Self::GapVariation => "gap_variation",
            Self::Margin => "margin",
        }
    }

    /// `minor` are the minor units of the currency in a major one.
    fn of(self, one: &Summary, minor: f64) -> Option<f64> {
        Some(match self {
            Self::Recency => one.recency().days().into(),
            Self::Idle => one.idle().days().into(),
            Self::Age => one.age().days().into(),
            Self::Purchases => one.purchases().into(),
            Self::PurchaseDays => one.purchase_days().into(),
            Self::Orders => one.orders().into(),
            Self::Total => one.total().minor() as f64 / minor,
            Self::MeanPerOrder => one.mean_per_order() / minor,
            Self::MeanRepeatSpend => one.mean_repeat_spend()? / minor,
            Self::GapMean => one.gap_mean()?,
            Self::GapVariation => one.gap_variation()?,
            Self::Margin => one.margin()?.minor() as f64 / minor,
        })
    }
}

impl Features {
    /// Columns of summaries, in the order given; each one once.
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     domain::{Columns, Currency, Day, Ledger, Policies},
    ///     feature::{Features, PurchaseFeature},
    ///     summary::Observation,
    /// };
    ///
    /// let day = Day::ymd(2026, 3, 14)?;
    /// let days = [day, day, day.plus(-9)];
    /// let columns = Columns::new(&["anna", "ben", "anna"][..], &days, &[3200, 500, 2800]);
    /// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
    /// let people = Observation::until(day).summarise(&ledger)?;
    ///
    /// let table = Features::rfm(&people);
    /// assert_eq!(table.names().collect::<Vec<_>>(), ["idle_days", "orders", "total"]);
    /// assert_eq!(table.column("total")?.collect::<Vec<_>>(), [Some(60.0), Some(5.0)]);
    /// let gaps = Features::of_purchases(&people, &[PurchaseFeature::GapMean]);
    /// assert_eq!(gaps.column("gap_mean_days")?.collect::<Vec<_>>(), [Some(9.0), None]);
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn of_purchases(people: &Summaries, wanted: &[PurchaseFeature]) -> Self {
        let mut columns: Vec<PurchaseFeature> = Vec::with_capacity(wanted.len());
        for &feature in wanted {
            if !columns.contains(&feature) {
                columns.push(feature);
            }
        }
        let minor = people.currency().minor_per_major() as f64;
        let values = blocks::write(people.len(), columns.len(), |rows, slots| {
            for (at, one) in rows.filter_map(|row| people.get(row)).enumerate() {
                for (feature, slots) in columns.iter().zip(&mut *slots) {
                    slots[at] = feature.of(&one, minor).unwrap_or(f64::NAN);
                }
            }
        });
        Self {
            as_of: people.as_of(),
            customers: people.customers().clone(),
            names: columns.iter().map(|feature| feature.name().to_owned()).collect(),
            values,
        }
    }

    /// [`PurchaseFeature::RFM`]: idle days, orders and net total in major units. Nothing is missing.
    pub fn rfm(people: &Summaries) -> Self {
        Self::of_purchases(people, &PurchaseFeature::RFM)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::{
        domain::{Columns, Currency, Day, Ledger, People, Policies},
        summary::Observation,
    };

    #[test]
    fn every_column_is_that_of_the_summaries() {
        let day = |day: i32| Day::ymd(2026, 1, 1).unwrap().plus(day);
        let days = [day(0), day(10), day(40), day(5), day(5), day(60)];
        let amounts = [1000, 2000, 600, 450, -950, 99];
        let costs = [400, 500, 100, 200, 0, 1];
        let columns = Columns::new(&[1_u64, 1, 1, 2, 2, 3][..], &days, &amounts).costs(&costs);
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        let people = Observation::until(day(50)).summarise(&ledger).unwrap();
        let table = Features::of_purchases(&people, &PurchaseFeature::ALL);
        let row = |row: usize| (0..table.width()).map(|column| table.get(row, column)).collect::<Vec<_>>();
        // Gaps of 10 and 30 days: mean 20, standard deviation 10 sqrt 2.
        let variation = 200_f64.sqrt() / 20.0;
        let anna = [40.0, 10.0, 50.0, 3.0, 3.0, 3.0, 36.0, 12.0, 13.0, 20.0, variation, 26.0];
        assert_eq!(row(0), anna.map(Some));
        let ben =
            [Some(0.0), Some(45.0), Some(45.0), Some(1.0), Some(1.0), Some(1.0), Some(-5.0), Some(-5.0)];
        assert_eq!(row(1)[..8], ben);
        assert_eq!(row(1)[8..11], [None; 3]);
        // Who bought only later is not there.
        assert_eq!((table.len(), table.as_of()), (2, day(50)));
        assert!(!table.holds(&3_u64.into()));
        let few = Features::of_purchases(&people, &[PurchaseFeature::Total, PurchaseFeature::Total]);
        assert_eq!(few, table.select(&["total"]).unwrap());
    }
}
