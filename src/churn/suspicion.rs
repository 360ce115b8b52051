//! Columns that know too much: where a table may have been told the outcome.

use std::fmt;

use super::{
    Examples, PredictorColumn,
    sides::{ByValue, Side},
};
use crate::{feature::Categories, math::parallel};

/// A column that alone all but tells who churned. It may have been written after the fact: a day of leaving, a reason, a
/// status. It is reported and stays in the table; whether to take it out is for who knows where it comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Suspicion {
    /// The column.
    pub column: String,
    /// What it shows.
    pub evidence: Evidence,
}

/// Why a column is suspected.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Evidence {
    /// Ordered by the column alone, those who churned and those who stayed stand apart.
    Separates {
        /// The area under the curve, in the better direction: at least [`Examples::SUSPECT_AREA`]. Levels of categories
        /// are ordered by the share of the other rows that churned.
        area: f64,
    },
    /// All rows of one level have one outcome, and they are at least half of all that have it.
    Determines {
        /// The level.
        level: String,
        /// Its rows.
        rows: u64,
        /// Whether they churned.
        churned: bool,
    },
    /// All rows without a value, or all with one, have one outcome, and they are at least half of all that have it.
    Missingness {
        /// Whether it is the rows without a value.
        blank: bool,
        /// How many they are.
        rows: u64,
        /// Whether they churned.
        churned: bool,
    },
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = |churned: &bool| if *churned { "churned" } else { "stayed" };
        write!(f, "{}: ", self.column)?;
        match &self.evidence {
            Evidence::Separates { area } => {
                write!(f, "alone separates who churned from who stayed, with an area of {area:.4}")
            }
            Evidence::Determines { level, rows, churned } => {
                write!(f, "all {rows} rows of {level} {}", outcome(churned))
            }
            Evidence::Missingness { blank, rows, churned } => {
                let which = if *blank { "without a value" } else { "with a value" };
                write!(f, "all {rows} rows {which} {}", outcome(churned))
            }
        }
    }
}

impl Examples {
    /// The area under the curve at which one column alone is suspected.
    pub const SUSPECT_AREA: f64 = 0.99;
    /// An area of fewer rows of either outcome is no evidence.
    pub const LEAST_TO_SUSPECT: u64 = 10;

    /// The columns that know too much, in their order: of each the first evidence of missing values, of a level, and of
    /// the order of its values. Rows are counted, whatever their weight.
    ///
    /// That a group of rows has one outcome is evidence only if by chance it would be so less than once in 10^9, at the
    /// share of all: small groups, and outcomes that nearly all have, are no surprise.
    ///
    /// # Example
    /// ```
    /// use patronage::{
    ///     churn::{Examples, Predictors},
    ///     domain::{CustomerId, Customers, Day},
    ///     feature::Features,
    /// };
    ///
    /// let people: Customers = (0..200_u32).map(CustomerId::from).collect();
    /// let churned: Vec<bool> = (0..200).map(|row| row % 4 == 0).collect();
    /// // Only who has left has a day of leaving.
    /// let left = churned.iter().map(|&left| left.then_some(14.0)).collect();
    /// let visits = (0..200).map(|row| Some(f64::from(row % 7))).collect();
    /// let columns = [("visits".to_owned(), visits), ("left_on_day".to_owned(), left)];
    /// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, columns)?);
    /// let found = Examples::new(known, churned)?.suspicions();
    /// assert_eq!(found.len(), 1);
    /// assert_eq!(found[0].to_string(), "left_on_day: all 150 rows without a value stayed");
    /// # Ok::<(), patronage::Error>(())
    /// ```
    pub fn suspicions(&self) -> Vec<Suspicion> {
        let balance = self.balance();
        let all = Side { rows: self.len() as f64, churned: balance.churned as f64 };
        let columns = self.predictors().columns().collect();
        let found = parallel::map(columns, |(name, column): (&str, PredictorColumn<'_>)| {
            let evidence = match column {
                PredictorColumn::Numbers(values) => of_numbers(values, self.churned(), all),
                PredictorColumn::Categories { levels, codes } => {
                    of_levels(levels, codes, self.churned(), all)
                }
            };
            evidence.map(|evidence| Suspicion { column: name.to_owned(), evidence })
        });
        found.into_iter().flatten().collect()
    }
}

fn of_numbers(values: &[f64], churned: &[bool], all: Side) -> Option<Evidence> {
    let rows = ByValue::of(values, churned, |_| 1.0);
    let order = || rows.area().and_then(|area| separates(&rows, area.max(1.0 - area)));
    missingness(rows.missing, rows.known(), all).or_else(order)
}

fn of_levels(levels: &[String], codes: &[u32], churned: &[bool], all: Side) -> Option<Evidence> {
    let mut sides = vec![Side::default(); levels.len()];
    let mut missing = Side::default();
    for (&code, &churned) in codes.iter().zip(churned) {
        let side = if code == Categories::MISSING { None } else { sides.get_mut(code as usize) };
        side.unwrap_or(&mut missing).add(churned, 1.0);
    }
    let known = sides.iter().fold(Side::default(), |known, side| known.and(*side));
    let determines = || {
        levels.iter().zip(&sides).find_map(|(level, side)| {
            let churned = one_outcome(*side, all)?;
            Some(Evidence::Determines { level: level.clone(), rows: side.count(), churned })
        })
    };
    let order = || {
        // A row has no part in its own level's share: so a level of a single row says nothing.
        let share = |(&code, &churned): (&u32, &bool)| {
            let side = sides.get(code as usize).unwrap_or(&missing);
            (side.churned - f64::from(churned) + all.churned / all.rows) / side.rows
        };
        let shares: Vec<f64> = codes.iter().zip(churned).map(share).collect();
        let rows = ByValue::of(&shares, churned, |_| 1.0);
        // Within a level the share of the others is smaller for who churned: only the direct order is evidence.
        separates(&rows, rows.area()?)
    };
    missingness(missing, known, all).or_else(determines).or_else(order)
}

fn separates(rows: &ByValue, area: f64) -> Option<Evidence> {
    let known = rows.known();
    let least = Examples::LEAST_TO_SUSPECT as f64;
    let enough = known.churned >= least && known.stayed() >= least;
    (enough && area >= Examples::SUSPECT_AREA).then_some(Evidence::Separates { area })
}

fn missingness(missing: Side, known: Side, all: Side) -> Option<Evidence> {
    let of = |blank: bool, side: Side| {
        let other = if blank { known } else { missing };
        // A column without values, or with all, tells nobody apart.
        let churned = one_outcome(side, all).filter(|_| other.rows > 0.0)?;
        Some(Evidence::Missingness { blank, rows: side.count(), churned })
    };
    of(true, missing).or_else(|| of(false, known))
}

/// Whether all rows churned, or stayed, though by chance they would not, and are half of those with that outcome.
fn one_outcome(side: Side, all: Side) -> Option<bool> {
    let churned = side.churned > 0.0;
    if side.rows == 0.0 || (churned && side.stayed() > 0.0) {
        return None;
    }
    let with_it = if churned { all.churned } else { all.stayed() };
    let by_chance = side.rows * (with_it / all.rows).ln();
    (by_chance < ONE_IN_1E9 && 2.0 * side.rows >= with_it).then_some(churned)
}

/// The logarithm of 1e-9.
const ONE_IN_1E9: f64 = -20.723_265_836_946_41;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        churn::Predictors,
        domain::{CustomerId, Customers, Day},
        feature::Features,
    };

    const ROWS: u32 = 400;

    fn leaves(row: u32) -> bool {
        row.wrapping_mul(2_654_435_761).is_multiple_of(5)
    }

    fn suspicions(number: impl Fn(u32) -> Option<f64>, level: impl Fn(u32) -> Option<String>) -> Vec<String> {
        let people: Customers = (0..ROWS).map(CustomerId::from).collect();
        let numbers = [("number".to_owned(), (0..ROWS).map(number).collect())];
        let levels: Vec<Option<String>> = (0..ROWS).map(level).collect();
        let levels = levels.iter().map(Option::as_deref).collect();
        let known = Predictors::of(&Features::new(people.clone(), Day::MIN, numbers).unwrap());
        let levels = Categories::new(people, Day::MIN, [("level".to_owned(), levels)]).unwrap();
        let churned = (0..ROWS).map(leaves).collect();
        let examples = Examples::new(known.with_categories(&levels).unwrap(), churned).unwrap();
        examples.suspicions().iter().map(ToString::to_string).collect()
    }

    fn nothing(row: u32) -> Option<String> {
        (row > 0).then(|| format!("{}", row % 3))
    }

    #[test]
    fn honest_columns_are_not_suspected() {
        assert!(suspicions(|row| Some(f64::from(row % 9)), nothing).is_empty());
        // Nor are missing values, single levels of an id, and values that are good but not too good.
        assert!(suspicions(|row| (row % 9 > 1).then_some(1.0), |row| Some(row.to_string())).is_empty());
        // An area of 0.88.
        let noise = |row: u32| f64::from((row.wrapping_mul(2_246_822_519) >> 16) % 10);
        let good = |row| Some(noise(row) + if leaves(row) { 5.0 } else { 0.0 });
        assert!(suspicions(good, |_| None).is_empty());
        // A few of a rare level who all stayed.
        assert!(
            suspicions(|_| None, |row| Some(if row < 9 && !leaves(row) { "a" } else { "b" }.to_owned()))
                .is_empty()
        );
    }

    #[test]
    fn columns_that_know_are_named_with_their_evidence() {
        let churned = (0..ROWS).filter(|&row| leaves(row)).count();
        let score = |row| Some(f64::from(row) - if leaves(row) { 1e4 } else { 0.0 });
        let known = "number: alone separates who churned from who stayed, with an area of 1.0000";
        assert_eq!(suspicions(score, nothing), [known]);
        let status = |row| Some(if leaves(row) { "closed" } else { "open" }.to_owned());
        assert_eq!(
            suspicions(|_| Some(1.0), status),
            [format!("level: all {churned} rows of closed churned")]
        );
        let reason = |row: u32| leaves(row).then(|| format!("{}", row % 2));
        assert_eq!(
            suspicions(|_| Some(1.0), reason),
            [format!("level: all {} rows without a value stayed", ROWS as usize - churned)]
        );
        // Reasons of more than half of those who left, in many words.
        let some = |row: u32| (leaves(row) && !row.is_multiple_of(4)).then(|| format!("{}", row % 50));
        let with = (0..ROWS).filter(|&row| some(row).is_some()).count();
        assert_eq!(suspicions(|_| None, some), [format!("level: all {with} rows with a value churned")]);
        // Many levels, each of one outcome.
        let codes = |row: u32| Some(format!("{}{}", if leaves(row) { "x" } else { "y" }, row % 20));
        let found = suspicions(|_| None, codes);
        assert!(found.len() == 1 && found[0].starts_with("level: alone separates"), "{found:?}");
    }
}
