//! Missing values: counted, filled by a rule that is learned once, or left out by rows.

use super::{Features, names};
use crate::{
    domain::{Customers, Day},
    error::Error,
    math::{
        parallel,
        quantile::{Share, encode, quantiles},
        sum::sum_blocks,
    },
};

/// What stands in for a missing value of a column.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Fill {
    /// The median of the values that are there.
    Median,
    /// The mean of the values that are there.
    Mean,
    /// A number that the host states, such as 0.
    Value(f64),
}

/// How missing values are filled: by one rule, or by a column's own.
///
/// [`Filling::fit`] learns a [`Filler`] once, so that later customers are filled with the numbers of those learned
/// from.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{CustomerId, Customers, Day},
///     feature::{Features, Fill, Filling},
/// };
///
/// let people: Customers = [1_u32, 2, 3].map(CustomerId::from).into_iter().collect();
/// let table = Features::new(people, Day::ymd(2026, 3, 14)?, [
///     ("gap".to_owned(), vec![Some(20.0), None, Some(30.0)]),
///     ("tickets".to_owned(), vec![None, Some(2.0), None]),
/// ])?;
/// let filler = Filling::by(Fill::Median).column("tickets", Fill::Value(0.0)).fit(&table)?;
/// let filled = filler.apply(&table)?;
/// assert_eq!(filled.column("gap")?.nth(1), Some(Some(25.0)));
/// assert_eq!(filled.column("tickets")?.nth(0), Some(Some(0.0)));
///
/// let (complete, dropped) = table.select(&["gap"])?.complete();
/// assert_eq!((complete.len(), dropped.len()), (2, 1));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Filling {
    fill: Fill,
    columns: Vec<(String, Fill)>,
}

impl Filling {
    /// This rule for every column.
    pub fn by(fill: Fill) -> Self {
        Self { fill, columns: Vec::new() }
    }

    /// A rule of its own for a column, in place of any that it was given before.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, fill: Fill) -> Self {
        let name = name.into();
        self.columns.retain(|(known, _)| *known != name);
        self.columns.push((name, fill));
        self
    }

    /// Learns from a table of customers, of every column: one that is complete today may not be tomorrow.
    ///
    /// # Errors
    /// If a column that was given a rule of its own is not there, if one without any value is to have its mean or
    /// median, or if a number to fill with is not finite.
    pub fn fit(&self, features: &Features) -> Result<Filler, Error> {
        for (name, _) in &self.columns {
            names::place(&features.names, name)?;
        }
        let learn = |(place, name): (usize, &str)| {
            let own = self.columns.iter().find(|(known, _)| known == name);
            let fill = own.map_or(self.fill, |(_, fill)| *fill);
            Ok((name.to_owned(), fill.learn(name, features.column_at(place))?))
        };
        let columns = features.names().enumerate().map(learn).collect::<Result<_, Error>>()?;
        Ok(Filler { as_of: features.as_of, columns })
    }
}

impl Fill {
    fn learn(self, name: &str, column: &[f64]) -> Result<f64, Error> {
        let value = match self {
            Self::Value(value) => Some(value),
            Self::Mean => mean(column),
            Self::Median => median(column),
        };
        let Some(value) = value else {
            return Err(Error::parameter("column", name, "has no value to learn a filling from"));
        };
        if value.is_finite() {
            return Ok(value + 0.0);
        }
        Err(Error::parameter("filling", format!("{value} for column {name}"), "must be finite"))
    }
}

fn mean(column: &[f64]) -> Option<f64> {
    let count = column.iter().filter(|value| !value.is_nan()).count() as f64;
    // Divided first, so that the sum of large numbers fits.
    let block = |sum: &mut f64, rows: std::ops::Range<usize>| {
        *sum += column[rows].iter().filter(|value| !value.is_nan()).map(|value| value / count).sum::<f64>();
    };
    (count > 0.0).then(|| sum_blocks(column.len(), parallel::BLOCK, || 0.0, block, |sum, part| *sum += part))
}

fn median(column: &[f64]) -> Option<f64> {
    let codes: Vec<i64> = column.iter().filter(|value| !value.is_nan()).map(|&value| encode(value)).collect();
    quantiles(codes.into_iter(), &[Share { part: 1, whole: 2 }]).first().map(|median| median.real())
}

/// The numbers that a [`Filling`] learned. It holds no customer.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "saved::Saved", into = "saved::Saved"))]
pub struct Filler {
    as_of: Day,
    columns: Vec<(String, f64)>,
}

impl Filler {
    /// The day as of which it was learned.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// For each column its name and the number that fills it.
    pub fn values(&self) -> impl ExactSizeIterator<Item = (&str, f64)> + Clone {
        self.columns.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Fills what is missing. The columns come out in the order learned.
    ///
    /// # Errors
    /// If a column learned from is not there, or one is that was not learned from.
    pub fn apply(&self, features: &Features) -> Result<Features, Error> {
        let places = names::places(&features.names, self.values().map(|(name, _)| name))?;
        let column = |((_, fill), place): ((&str, f64), usize)| {
            let column = features.column_at(place).iter();
            column.map(move |&value| if value.is_nan() { fill } else { value })
        };
        Ok(Features {
            as_of: features.as_of,
            customers: features.customers.clone(),
            names: self.columns.iter().map(|(name, _)| name.clone()).collect(),
            values: self.values().zip(places).flat_map(column).collect(),
        })
    }
}

impl Features {
    /// The rows in which nothing is missing, and the customers of the others.
    pub fn complete(&self) -> (Self, Customers) {
        let whole = |row: &usize| (0..self.width()).all(|column| !self.column_at(column)[*row].is_nan());
        let (kept, dropped): (Vec<usize>, Vec<usize>) = (0..self.len()).partition(whole);
        let customers =
            |rows: &[usize]| self.customers.select(&rows.iter().map(|&row| row as u32).collect::<Vec<_>>());
        let gather = |column: usize| kept.iter().map(move |&row| self.column_at(column)[row]);
        let complete = Self {
            as_of: self.as_of,
            customers: customers(&kept),
            names: self.names.clone(),
            values: (0..self.width()).flat_map(gather).collect(),
        };
        (complete, customers(&dropped))
    }

    /// A column for each in which a value is missing, named `NAME_missing`: 1 where it is and 0 where not. Joined to a
    /// table that is filled, it keeps what filling hides.
    #[must_use]
    pub fn missing_flags(&self) -> Self {
        let holed =
            || (0..self.width()).filter(|&column| self.column_at(column).iter().any(|value| value.is_nan()));
        let flags =
            |column: usize| self.column_at(column).iter().map(|value| f64::from(u8::from(value.is_nan())));
        Self {
            as_of: self.as_of,
            customers: self.customers.clone(),
            names: holed().map(|column| format!("{}_missing", self.names[column])).collect(),
            values: holed().flat_map(flags).collect(),
        }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::Filler;
    use crate::{
        domain::{
            Day,
            saved::{Exact, SchemaVersion},
        },
        error::Error,
        feature::names,
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        as_of: Day,
        columns: Vec<(String, Exact)>,
    }

    impl From<Filler> for Saved {
        fn from(Filler { as_of, columns }: Filler) -> Self {
            let columns = columns.into_iter().map(|(name, value)| (name, Exact(value))).collect();
            Self { schema: SchemaVersion, as_of, columns }
        }
    }

    impl TryFrom<Saved> for Filler {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            names::check(&saved.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())?;
            let columns = saved.columns.into_iter().map(|(name, Exact(value))| (name, value)).collect();
            Ok(Self { as_of: saved.as_of, columns })
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::domain::CustomerId;

    fn table(columns: &[(&str, &[Option<f64>])]) -> Features {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        let people: Customers = (0..rows as u32).map(CustomerId::from).collect();
        let columns = columns.iter().map(|&(name, values)| (name.to_owned(), values.to_vec()));
        Features::new(people, Day::MIN, columns).unwrap()
    }

    fn holed() -> Features {
        let (a, b) = ([Some(1.0), None, Some(2.0), Some(9.0)], [None, None, Some(5.0), None]);
        table(&[("a", &a), ("b", &b), ("c", &[Some(0.5); 4])])
    }

    #[test]
    fn later_customers_are_filled_with_what_was_learned() {
        // scikit-learn 1.9.1: SimpleImputer(strategy="median") and "mean" of [1, nan, 2, 9] learn 2 and 4.
        for (fill, known) in [(Fill::Median, 2.0), (Fill::Mean, 4.0), (Fill::Value(-0.0), 0.0)] {
            let filler = Filling::by(fill).fit(&holed()).unwrap();
            assert_eq!(filler.values().next(), Some(("a", known)));
            let later = table(&[("c", &[None]), ("b", &[Some(7.0)]), ("a", &[None])]);
            let whole = filler.apply(&later).unwrap();
            assert_eq!((whole.get(0, 0), whole.get(0, 1)), (Some(known), Some(7.0)));
            assert!(filler.apply(&holed()).unwrap().matrix().is_ok());
            assert!(filler.apply(&holed().without(&["c"]).unwrap()).is_err());
        }
        let huge = table(&[("a", &[Some(f64::MAX), Some(f64::MAX), None])]);
        assert_eq!(Filling::by(Fill::Mean).fit(&huge).unwrap().values().next(), Some(("a", f64::MAX)));
    }

    #[test]
    fn what_cannot_be_learned_is_refused() {
        let empty = table(&[("a", &[None, None])]);
        for fill in [Fill::Mean, Fill::Median, Fill::Value(f64::NAN), Fill::Value(f64::INFINITY)] {
            let error = Filling::by(fill).fit(&empty).unwrap_err().to_string();
            assert!(error.contains('a') && error.contains("column"), "{error}");
        }
        assert!(Filling::by(Fill::Value(1.0)).fit(&empty).is_ok());
        assert!(Filling::by(Fill::Value(1.0)).column("b", Fill::Mean).fit(&empty).is_err());
    }

    #[test]
    fn rows_left_out_are_named_and_flags_keep_what_filling_hides() {
        let (complete, dropped) = holed().complete();
        assert_eq!(complete.customers().iter().collect::<Vec<_>>(), [2_u32.into()]);
        assert_eq!(dropped.iter().collect::<Vec<_>>(), [0_u32, 1, 3].map(CustomerId::from));
        let flags = holed().missing_flags();
        assert_eq!(flags.names().collect::<Vec<_>>(), ["a_missing", "b_missing"]);
        assert_eq!(flags.column("a_missing").unwrap().flatten().collect::<Vec<_>>(), [0.0, 1.0, 0.0, 0.0]);
        let filled = Filling::by(Fill::Mean).fit(&holed()).unwrap().apply(&holed()).unwrap();
        assert_eq!(filled.join(&flags).unwrap().width(), 5);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_filler_of_the_first_schema_is_read_and_still_written() {
        let first = include_str!("../../tests/golden/filler-1.json");
        let filler = Filling::by(Fill::Mean).column("b", Fill::Value(0.1)).fit(&holed()).unwrap();
        assert_eq!(serde_json::from_str::<Filler>(first).unwrap(), filler);
        assert_eq!(serde_json::to_string(&filler).unwrap(), first.trim_end());
        let newer = first.replace(r#""schema":1"#, r#""schema":2"#);
        assert!(serde_json::from_str::<Filler>(&newer).unwrap_err().to_string().contains("schema 2"));
        let twice = first.replace(r#""b""#, r#""a""#);
        assert!(serde_json::from_str::<Filler>(&twice).unwrap_err().to_string().contains("twice"));
    }
}
