//! A table held against an earlier one of the same columns.

use super::Features;
use crate::error::{Error, ErrorKind};

impl Features {
    /// How each number has changed since an earlier table of the same customers and columns: `(now - before) / (|now| +
    /// |before|)` in a column `NAME_trend`, from -1 to 1. 1 is from nothing to something, -1 from something to nothing;
    /// missing where either is missing or both are 0.
    ///
    /// Where the numbers are of the last 30 days, the table to hold them against is that of 30 days before.
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     domain::{Activity, Day, EventKind},
    ///     feature::{Engagement, EngagementFeature},
    /// };
    ///
    /// let june = |day| Day::ymd(2025, 6, day);
    /// let mut intake = Activity::intake();
    /// for day in [2, 9, 10, 11] {
    ///     intake.push("anna", june(day)?, EventKind::Visit)?;
    /// }
    /// let activity = intake.finish();
    /// let week = Engagement::of(&[EngagementFeature::Visits]).days(7).fit(&activity, june(14)?)?;
    /// let as_of = |day| week.features(&activity, day, activity.customers());
    /// let trend = as_of(june(14)?).trend_since(&as_of(june(7)?))?;
    /// // Three visits after one.
    /// assert_eq!(trend.column("visits_trend")?.next(), Some(Some(0.5)));
    /// # Ok::<(), patronage::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the earlier table is not of an earlier day, of the same customers, or of the same columns.
    pub fn trend_since(&self, before: &Self) -> Result<Self, Error> {
        if self.customers != before.customers {
            return Err(ErrorKind::Misaligned { what: "earlier features", other: "the table" }.into());
        }
        if before.as_of >= self.as_of {
            return Err(Error::parameter(
                "day of earlier features",
                before.as_of,
                "is not before the table's",
            ));
        }
        if self.names != before.names {
            return Err(Error::parameter(
                "columns of earlier features",
                before.names.join(", "),
                "are not the table's",
            ));
        }
        let names = self.names.iter().map(|name| format!("{name}_trend")).collect();
        let values =
            self.values.iter().zip(&before.values).map(|(&now, &before)| trend(now, before)).collect();
        Ok(Self { as_of: self.as_of, customers: self.customers.clone(), names, values })
    }

    /// The same columns with a mark behind each name, so that tables of two windows can be joined.
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     domain::{CustomerId, Customers, Day},
    ///     feature::Features,
    /// };
    ///
    /// let people: Customers = [CustomerId::from("anna")].into_iter().collect();
    /// let table = Features::new(people, Day::ymd(2026, 3, 14)?, [("visits".to_owned(), vec![Some(3.0)])])?;
    /// assert_eq!(table.marked("_30d").names().collect::<Vec<_>>(), ["visits_30d"]);
    /// # Ok::<(), patronage::Error>(())
    /// ```
    #[must_use]
    pub fn marked(mut self, mark: &str) -> Self {
        self.names.iter_mut().for_each(|name| name.push_str(mark));
        self
    }
}

/// From -1 to 1; NaN, for missing, where either is or both are 0. Halves, so that no sum of large ones overflows.
pub(super) fn trend(now: f64, before: f64) -> f64 {
    let (now, before) = (now / 2.0, before / 2.0);
    let trend = (now - before) / (now.abs() + before.abs());
    trend.clamp(-1.0, 1.0)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::domain::{CustomerId, Customers, Day};

    #[test]
    fn a_trend_is_between_its_ends() {
        assert_eq!((trend(3.0, 1.0), trend(1.0, 3.0)), (0.5, -0.5));
        assert_eq!((trend(2.0, 0.0), trend(0.0, 2.0)), (1.0, -1.0));
        assert_eq!((trend(f64::MAX, -f64::MAX), trend(-5.0, -5.0)), (1.0, 0.0));
        assert!(trend(0.0, 0.0).is_nan() && trend(f64::NAN, 1.0).is_nan() && trend(1.0, f64::NAN).is_nan());
    }

    #[test]
    fn only_an_earlier_table_of_the_same_columns_will_do() {
        let people: Customers = [CustomerId::from(1_u32)].into_iter().collect();
        let day = Day::MIN.plus(9);
        let table = |day, name: &str| {
            Features::new(people.clone(), day, [(name.to_owned(), vec![Some(1.0)])]).unwrap()
        };
        let now = table(day, "a");
        assert!(now.trend_since(&table(day.plus(-1), "a")).is_ok());
        assert!(now.trend_since(&now).is_err() && now.trend_since(&table(day.plus(1), "a")).is_err());
        assert!(now.trend_since(&table(day.plus(-1), "b")).is_err());
        let nobody = Features::new(Customers::default(), day.plus(-1), [("a".to_owned(), vec![])]).unwrap();
        assert!(now.trend_since(&nobody).is_err());
    }
}
