//! Whether the columns of later customers are spread as they were: the population stability index.

use super::Features;
use crate::{
    domain::Day,
    error::{Error, ErrorKind},
    math::quantile::{Between, Share, encode, quantiles},
};

/// A population stability index from which a shift is worth a look; credit scoring has used it for decades
/// (Siddiqi 2006).
pub const SOME_SHIFT: f64 = 0.1;

/// A population stability index from which what was learned no longer speaks of these customers.
pub const LARGE_SHIFT: f64 = 0.25;

/// How the columns of a table were spread: the shares of customers between the deciles of each. It holds no
/// customer.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{CustomerId, Day},
///     feature::{Baseline, Features},
/// };
///
/// let table = |shift: f64| {
///     let people = (0..1000_u32).map(CustomerId::from).collect();
///     let orders = (0..1000).map(|row| Some(f64::from(row % 50) + shift)).collect();
///     Features::new(people, Day::default(), [("orders".to_owned(), orders)])
/// };
/// let baseline = Baseline::of(&table(0.0)?)?;
/// assert_eq!(baseline.shifts(&table(0.0)?)?[0].index, 0.0);
/// assert!(baseline.shifts(&table(20.0)?)?[0].index > 0.25);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Baseline {
    as_of: Day,
    columns: Vec<Column>,
}

#[derive(Clone, PartialEq, Debug)]
struct Column {
    name: String,
    /// The distinct deciles, ascending. A value belongs to the first that is not below it.
    cuts: Vec<f64>,
    /// The share of customers in each bin; the last bin is of those whose value is missing.
    shares: Vec<f64>,
}

/// How far a column has moved.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shift {
    /// The column.
    pub name: String,
    /// The population stability index, at least 0: below [`SOME_SHIFT`] the column is spread as it was, from
    /// [`LARGE_SHIFT`] it no longer is.
    pub index: f64,
}

impl Baseline {
    /// Learns how the columns are spread.
    ///
    /// # Errors
    /// If there is no row.
    pub fn of(table: &Features) -> Result<Self, Error> {
        if table.is_empty() {
            return Err(ErrorKind::Empty { what: "customers to learn a baseline from" }.into());
        }
        let learn = |(column, name): (usize, &str)| {
            let cuts = deciles(table, column);
            let shares = shares(table, column, &cuts);
            Column { name: name.to_owned(), cuts, shares }
        };
        let columns = table.names().enumerate().map(learn).collect();
        Ok(Self { as_of: table.as_of(), columns })
    }

    /// The day as of which the baseline holds.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The population stability index of each column of later customers.
    ///
    /// # Formula
    /// ```text
    /// PSI = sum over bins (q - p) ln(q / p)
    /// ```
    /// with the share `p` of a bin then and `q` now. Bins lie between the deciles of then, equal ones joined;
    /// missing values are a bin of their own. A share is `(count + 1/2) / (customers + bins/2)`, so that an
    /// empty bin gives a finite answer.
    ///
    /// # Errors
    /// If there is no row, or the columns are not those of the baseline.
    pub fn shifts(&self, later: &Features) -> Result<Vec<Shift>, Error> {
        if later.is_empty() {
            return Err(ErrorKind::Empty { what: "customers to compare with the baseline" }.into());
        }
        if !later.names().eq(self.columns.iter().map(|column| column.name.as_str())) {
            return Err(Error::parameter("columns", later.width(), "are not those of the baseline"));
        }
        let shift = |(number, column): (usize, &Column)| Shift {
            name: column.name.clone(),
            index: stability_index(&column.shares, &shares(later, number, &column.cuts)),
        };
        Ok(self.columns.iter().enumerate().map(shift).collect())
    }
}

/// `sum (q - p) ln(q / p)`, for shares above 0: each term is at least 0.
pub(crate) fn stability_index(then: &[f64], now: &[f64]) -> f64 {
    then.iter().zip(now).map(|(p, q)| (q - p) * (q / p).ln()).sum()
}

/// Shares of counts, none of them 0.
pub(crate) fn smooth_shares(counts: &[u64]) -> Vec<f64> {
    let whole = counts.iter().sum::<u64>() as f64 + 0.5 * counts.len() as f64;
    counts.iter().map(|&count| (count as f64 + 0.5) / whole).collect()
}

fn deciles(table: &Features, column: usize) -> Vec<f64> {
    let known: Vec<i64> = (0..table.len()).filter_map(|row| table.get(row, column)).map(encode).collect();
    let tenths: Vec<Share> = (1..10).map(|part| Share { part, whole: 10 }).collect();
    let mut cuts: Vec<f64> =
        quantiles(known.iter().copied(), &tenths).into_iter().map(Between::real).collect();
    cuts.dedup();
    cuts
}

fn shares(table: &Features, column: usize, cuts: &[f64]) -> Vec<f64> {
    let missing = cuts.len() + 1;
    let mut counts = vec![0; missing + 1];
    for row in 0..table.len() {
        let bin = table.get(row, column).map_or(missing, |value| cuts.partition_point(|&cut| cut < value));
        counts[bin] += 1;
    }
    smooth_shares(&counts)
}

#[cfg(feature = "serde")]
mod saved {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::{Baseline, Column};
    use crate::{
        domain::{Day, Exact, SchemaVersion},
        error::Error,
    };

    #[derive(Serialize, Deserialize)]
    struct Saved {
        schema: SchemaVersion<1>,
        as_of: Day,
        columns: Vec<SavedColumn>,
    }

    #[derive(Serialize, Deserialize)]
    struct SavedColumn {
        name: String,
        cuts: Vec<Exact>,
        shares: Vec<Exact>,
    }

    impl Serialize for Baseline {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let exact = |reals: &[f64]| reals.iter().copied().map(Exact).collect();
            let column = |column: &Column| SavedColumn {
                name: column.name.clone(),
                cuts: exact(&column.cuts),
                shares: exact(&column.shares),
            };
            let columns = self.columns.iter().map(column).collect();
            Saved { schema: SchemaVersion, as_of: self.as_of, columns }.serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for Baseline {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let saved = Saved::deserialize(from)?;
            let reals = |exact: Vec<Exact>| exact.into_iter().map(|real| real.0).collect();
            let column = |column: SavedColumn| Column {
                name: column.name,
                cuts: reals(column.cuts),
                shares: reals(column.shares),
            };
            let columns: Vec<Column> = saved.columns.into_iter().map(column).collect();
            let fits = |column: &Column| {
                column.shares.len() == column.cuts.len() + 2
                    && column.cuts.is_sorted_by(|a, b| a < b)
                    && column.shares.iter().all(|&share| share > 0.0 && share <= 1.0)
            };
            match columns.iter().find(|column| !fits(column)) {
                Some(column) => {
                    Err(D::Error::custom(Error::parameter("saved baseline", &column.name, "has bad bins")))
                }
                None => Ok(Self { as_of: saved.as_of, columns }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CustomerId;

    fn table(values: &[Option<f64>]) -> Features {
        let people = (0..values.len() as u64).map(CustomerId::from).collect();
        Features::new(people, Day::default(), [("x".to_owned(), values.to_vec())]).unwrap()
    }

    #[test]
    fn the_index_is_that_of_the_formula() {
        // Bins at most 0 and above: 3 and 1 of 4 then, 1 and 3 of 4 now; none missing. Smoothed by 1/2 of 5.5.
        let then = table(&[Some(0.0), Some(0.0), Some(0.0), Some(9.0)]);
        let baseline = Baseline { as_of: Day::default(), columns: Vec::new() };
        let cuts = vec![0.0];
        let shares = shares(&then, 0, &cuts);
        assert_eq!(shares, [3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5]);
        let column = Column { name: "x".into(), cuts, shares };
        let baseline = Baseline { columns: vec![column], ..baseline };
        let now = table(&[Some(0.0), Some(5.0), Some(5.0), Some(9.0)]);
        // (1.5 - 3.5)/5.5 ln(1.5/3.5) + (3.5 - 1.5)/5.5 ln(3.5/1.5)
        let known = 2.0 * (2.0 / 5.5) * (3.5_f64 / 1.5).ln();
        assert!((baseline.shifts(&now).unwrap()[0].index - known).abs() < 1e-15);
    }

    #[test]
    fn missing_values_are_a_bin_of_their_own() {
        let numbers = |missing: usize| -> Vec<_> {
            (0..200).map(|row| (row >= missing).then_some(f64::from(row as u32 % 7))).collect()
        };
        let baseline = Baseline::of(&table(&numbers(0))).unwrap();
        assert!(baseline.shifts(&table(&numbers(0))).unwrap()[0].index.abs() < 1e-15);
        assert!(baseline.shifts(&table(&numbers(100))).unwrap()[0].index > LARGE_SHIFT);
        let nothing_known = Baseline::of(&table(&[None, None])).unwrap();
        assert_eq!(nothing_known.columns[0].cuts, [0.0; 0]);
    }

    #[test]
    fn other_columns_and_no_rows_are_refused() {
        let baseline = Baseline::of(&table(&[Some(1.0)])).unwrap();
        assert!(Baseline::of(&table(&[])).is_err() && baseline.shifts(&table(&[])).is_err());
        let other = Features::new(
            [CustomerId::from(1_u32)].into_iter().collect(),
            Day::default(),
            [("y".to_owned(), vec![Some(1.0)])],
        );
        assert!(
            baseline.shifts(&other.unwrap()).unwrap_err().to_string().contains("not those of the baseline")
        );
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_baseline_is_read_as_it_was_saved() {
        let baseline = Baseline::of(&table(&[Some(1.0), Some(2.5), None, Some(0.1)])).unwrap();
        let json = serde_json::to_string(&baseline).unwrap();
        assert_eq!(serde_json::from_str::<Baseline>(&json).unwrap(), baseline);
        let newer = json.replace(r#""schema":1"#, r#""schema":2"#);
        assert!(serde_json::from_str::<Baseline>(&newer).unwrap_err().to_string().contains("schema 2"));
    }
}
