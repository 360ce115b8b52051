//! Which examples to learn from, and which to judge by.

use std::collections::BTreeMap;

use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Examples;
use crate::{
    domain::{CustomerId, Day},
    error::{Error, ErrorKind},
};

/// Splits of examples, so that each is judged by a model that has not seen it.
///
/// [`stratified`](Self::stratified) folds keep customers whole: a model is judged on customers it has not met, though on
/// days that it may have learned from. A [`rolling`](Self::rolling) origin keeps to time: a model is judged on days whose
/// outcomes lay ahead of all that it learned from, though on customers it may have met before, as it will be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folds(Vec<Fold>);

/// One split: rows, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fold {
    /// The rows to learn from.
    pub learn: Vec<u32>,
    /// The rows to judge by.
    pub judge: Vec<u32>,
}

impl Folds {
    /// So many parts of about the same size, each judged by what is learned from the others: with as many churned in
    /// each as may be, and all rows of a customer in one part.
    ///
    /// # Errors
    /// If there are fewer than 2 folds, or fewer customers who churned, or never did, than folds.
    pub fn stratified(examples: &Examples, folds: usize, seed: u64) -> Result<Self, Error> {
        if folds < 2 {
            return Err(Error::parameter("folds", folds, "must be at least 2"));
        }
        let groups = groups(examples);
        let why = ["customers who churned, a fold each", "customers who stayed, a fold each"];
        if let Some((group, why)) = groups.iter().zip(why).find(|(group, _)| group.len() < folds) {
            let (needed, found) = (folds as u64, group.len() as u64);
            return Err(ErrorKind::TooFew { why: why.to_owned(), needed, found }.into());
        }
        let part = dealt(groups, examples.len(), folds, seed);
        let rows_where = |wanted: &dyn Fn(u32) -> bool| {
            (0..).zip(&part).filter(|(_, part)| wanted(**part)).map(|(row, _)| row).collect()
        };
        let fold = |own: u32| Fold {
            learn: rows_where(&|part| part != own),
            judge: rows_where(&|part| part == own),
        };
        Ok(Self((0..folds as u32).map(fold).collect()))
    }

    /// A rolling origin: each day but the first is judged by what is learned from days whose outcomes were known by
    /// then. Days before which nothing was known are left out.
    ///
    /// # Errors
    /// If it was not said [after how many days](Examples::known_after) outcomes were known, or no day is left.
    pub fn rolling(examples: &Examples) -> Result<Self, Error> {
        let Some(after) = examples.outcome_days() else {
            return Err(Error::parameter("known_after", "none", "must be said for a rolling origin"));
        };
        let after = i32::try_from(after).unwrap_or(i32::MAX);
        let days = examples.predictors().days();
        let mut distinct: Vec<Day> = days.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let rows_where = |wanted: &dyn Fn(Day) -> bool| {
            (0..).zip(days).filter(|(_, day)| wanted(**day)).map(|(row, _)| row).collect()
        };
        let fold = |origin: Day| Fold {
            learn: rows_where(&|day| origin.since(day) >= after && day < origin),
            judge: rows_where(&|day| day == origin),
        };
        let folds: Vec<Fold> = distinct.into_iter().map(fold).filter(|fold| !fold.learn.is_empty()).collect();
        if folds.is_empty() {
            let why = "days whose outcomes were known by a later one".to_owned();
            return Err(ErrorKind::TooFew { why, needed: 1, found: 0 }.into());
        }
        Ok(Self(folds))
    }

    /// Splits of a host's own.
    ///
    /// # Errors
    /// If there are none, one has no rows to learn from or to judge by, or a row is in both or twice in one.
    pub fn new(folds: Vec<Fold>) -> Result<Self, Error> {
        if folds.is_empty() {
            return Err(ErrorKind::Empty { what: "folds" }.into());
        }
        for fold in &folds {
            if fold.learn.is_empty() || fold.judge.is_empty() {
                return Err(ErrorKind::Empty { what: "rows of a fold" }.into());
            }
            let mut all = [fold.learn.as_slice(), &fold.judge].concat();
            all.sort_unstable();
            if let Some(pair) = all.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(Error::parameter("row", pair[0], "stands in a fold twice"));
            }
        }
        Ok(Self(folds))
    }

    /// The splits.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Fold> {
        self.0.iter()
    }

    /// Number of splits.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There is at least one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The rows of each customer, in the order of their ids: of those who ever churned, and of those who never did.
fn groups(examples: &Examples) -> [Vec<Vec<u32>>; 2] {
    let mut customers: BTreeMap<&CustomerId, (bool, Vec<u32>)> = BTreeMap::new();
    let ids = examples.predictors().customers();
    for (row, (id, &churned)) in (0..).zip(ids.iter().zip(examples.churned())) {
        let (ever, rows) = customers.entry(id).or_default();
        *ever |= churned;
        rows.push(row);
    }
    let (left, stayed): (Vec<_>, Vec<_>) = customers.into_values().partition(|(ever, _)| *ever);
    [left, stayed].map(|group| group.into_iter().map(|(_, rows)| rows).collect())
}

/// For each row the number of its fold, in which all rows of its customer are, with about as many churned in each.
#[cfg(feature = "boosting")]
pub(super) fn deal(examples: &Examples, folds: usize, seed: u64) -> Vec<u32> {
    dealt(groups(examples), examples.len(), folds, seed)
}

fn dealt(groups: [Vec<Vec<u32>>; 2], rows: usize, folds: usize, seed: u64) -> Vec<u32> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut part, mut dealt) = (vec![0; rows], 0);
    for mut group in groups {
        group.shuffle(&mut chance);
        for rows in group {
            for row in rows {
                part[row as usize] = (dealt % folds) as u32;
            }
            dealt += 1;
        }
    }
    part
}
