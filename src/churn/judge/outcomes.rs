//! What was foretold of customers beside what they did, in the order of what was foretold.

use std::ops::Range;

use crate::{
    error::{Error, ErrorKind},
    math::{
        parallel,
        sort::{key_of, real_of, sort, sort_with},
    },
};

/// Probabilities of churn, and who churned: what every measure of a model is taken of.
///
/// Customers are sorted once by their probability and those who churned kept apart from those who stayed, so
/// every measure sees ties for what they are and the order of the rows changes no bit.
///
/// # Example
/// ```
/// use patronage::churn::Outcomes;
///
/// let outcomes = Outcomes::new(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true])?;
/// assert_eq!(outcomes.auc()?.value(), 0.75);
/// assert_eq!(outcomes.average_precision()?, 0.8333333333333333);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Outcomes {
    pub(super) churned: Side,
    pub(super) stayed: Side,
}

/// The customers of one kind, by ascending score.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Side {
    keys: Vec<u64>,
    /// 1 each where there are none.
    weights: Option<Vec<f64>>,
    pub(super) total: f64,
}

/// All customers of one score: the weight of those who churned, and of those who stayed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Tie {
    pub(crate) score: f64,
    pub(crate) churned: f64,
    pub(crate) stayed: f64,
}

impl Tie {
    pub(crate) fn all(&self) -> f64 {
        self.churned + self.stayed
    }
}

impl Outcomes {
    /// Probabilities of churn, from 0 to 1, and whether each customer churned.
    ///
    /// # Errors
    /// If there are none, the columns differ in length, or a probability is not between 0 and 1: the row is
    /// named.
    pub fn new(probabilities: &[f64], churned: &[bool]) -> Result<Self, Error> {
        check_probabilities(probabilities)?;
        Self::of_scores(probabilities, churned, None)
    }

    /// The same, where a row counts as so many customers as its weight says: none, at 0. Standard errors take a weight for
    /// that many rows that are equal.
    ///
    /// # Errors
    /// As [`new`](Self::new), and if a weight is neither 0 nor between 1e-30 and 1e30, or
    /// all are 0.
    pub fn weighted(probabilities: &[f64], churned: &[bool], weights: &[f64]) -> Result<Self, Error> {
        check_probabilities(probabilities)?;
        Self::of_scores(probabilities, churned, Some(weights))
    }

    /// Finite scores that need not be probabilities: for what looks at their order alone.
    pub(crate) fn of_scores(
        scores: &[f64],
        churned: &[bool],
        weights: Option<&[f64]>,
    ) -> Result<Self, Error> {
        if scores.is_empty() {
            return Err(ErrorKind::Empty { what: "customers to judge by" }.into());
        }
        let length = |what, found| {
            let expected = scores.len();
            if found == expected { Ok(()) } else { Err(ErrorKind::Length { what, expected, found }) }
        };
        length("who churned", churned.len())?;
        length("weights", weights.map_or(scores.len(), <[f64]>::len))?;
        if let Some(row) = scores.iter().position(|score| !score.is_finite()) {
            return Err(refused(row, "score must be finite", scores[row]));
        }
        if let Some(weights) = weights
            && let Some(row) = weights.iter().position(|weight| *weight != 0.0 && !WEIGHTS.contains(weight))
        {
            return Err(refused(row, "weight must be 0, or from 1e-30 to 1e30", weights[row]));
        }
        let side = |wanted| Side::of(scores, churned, weights, wanted);
        let outcomes = Self { churned: side(true), stayed: side(false) };
        if outcomes.customers() > 0.0 {
            return Ok(outcomes);
        }
        Err(ErrorKind::Empty { what: "customers of any weight to judge by" }.into())
    }

    /// The weight of all customers: their number, without weights.
    pub fn customers(&self) -> f64 {
        self.churned.total + self.stayed.total
    }

    /// The weight of those who churned.
    pub fn churned(&self) -> f64 {
        self.churned.total
    }

    /// The share that churned, from 0 to 1.
    pub fn rate(&self) -> f64 {
        self.churned.total / self.customers()
    }

    /// # Errors
    /// [`ErrorKind::TooFew`] if nobody churned, or nobody stayed.
    pub(crate) fn require_both(&self) -> Result<(), Error> {
        self.require_churners()?;
        self.stayed.require("a single class: of the customers to judge by nobody stayed")
    }

    /// # Errors
    /// [`ErrorKind::TooFew`] if nobody churned.
    pub(super) fn require_churners(&self) -> Result<(), Error> {
        self.churned.require("a single class: of the customers to judge by nobody churned")
    }

    /// The scores by ascending size, each once.
    pub(crate) fn ties(&self) -> Ties<'_> {
        self.ties_in(&(0..self.churned.keys.len(), 0..self.stayed.keys.len()))
    }

    /// The scores by descending size.
    pub(crate) fn descending(&self) -> impl Iterator<Item = Tie> {
        self.ties().collect::<Vec<_>>().into_iter().rev()
    }

    pub(super) fn ties_in(&self, block: &Block) -> Ties<'_> {
        Ties { churned: self.churned.cursor(&block.0), stayed: self.stayed.cursor(&block.1) }
    }

    /// Parts of both sides that no tie spans, by ascending score, of about [`parallel::BLOCK`] rows.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let (churned, stayed) = (&self.churned.keys, &self.stayed.keys);
        let longer = if churned.len() > stayed.len() { churned } else { stayed };
        let mut starts: Vec<(usize, usize)> = (longer.iter().step_by(parallel::BLOCK))
            .map(|start| {
                let below = |keys: &[u64]| keys.partition_point(|key| key < start);
                (below(churned), below(stayed))
            })
            .collect();
        // The shorter side may begin below the longer.
        if let Some(first) = starts.first_mut() {
            *first = (0, 0);
        }
        let ends = starts.iter().copied().skip(1).chain([(churned.len(), stayed.len())]);
        starts.iter().zip(ends).map(|(start, end)| (start.0..end.0, start.1..end.1)).collect()
    }
}

/// Weights whose products are still numbers.
const WEIGHTS: std::ops::RangeInclusive<f64> = 1e-30..=1e30;

/// Rows of those who churned and of those who stayed.
pub(super) type Block = (Range<usize>, Range<usize>);

fn refused(row: usize, rule: &'static str, value: f64) -> Error {
    ErrorKind::Row { row: row as u64, rule, text: value.to_string() }.into()
}

/// # Errors
/// Unless all are between 0 and 1: the row is named.
pub(crate) fn check_probabilities(probabilities: &[f64]) -> Result<(), Error> {
    // NaN is in no range.
    match probabilities.iter().position(|probability| !(0.0..=1.0).contains(probability)) {
        Some(row) => Err(refused(row, "probability must be between 0 and 1", probabilities[row])),
        None => Ok(()),
    }
}

impl Side {
    fn of(scores: &[f64], churned: &[bool], weights: Option<&[f64]>, wanted: bool) -> Self {
        let blocks = parallel::ranges(scores.len(), parallel::BLOCK);
        let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        let rows = |block: Range<usize>| block.filter(move |&row| churned[row] == wanted && counts(row));
        let keys = parallel::map(blocks, |block| {
            let mut keys = Vec::with_capacity(block.len());
            keys.extend(rows(block).map(|row| key_of(scores[row])));
            keys
        })
        .concat();
        let Some(weights) = weights else {
            return Self { total: keys.len() as f64, keys: sort(&keys), weights: None };
        };
        let weights: Vec<f64> = rows(0..scores.len()).map(|row| weights[row]).collect();
        let (keys, weights) = sort_with(&keys, &weights);
        Self { total: summed(&weights), keys, weights: Some(weights) }
    }

    fn require(&self, why: &str) -> Result<(), Error> {
        if self.keys.is_empty() {
            return Err(ErrorKind::TooFew { why: why.to_owned(), needed: 1, found: 0 }.into());
        }
        Ok(())
    }

    /// The weight of some rows.
    pub(super) fn weight(&self, rows: &Range<usize>) -> f64 {
        self.weights.as_ref().map_or(rows.len() as f64, |weights| summed(&weights[rows.clone()]))
    }

    /// The weights of the first row, the first two ... summed; 0 before them.
    pub(super) fn sums(&self) -> Vec<f64> {
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]);
        let sums = (0..self.keys.len()).scan(0.0, |sum, row| {
            *sum += weight(row);
            Some(*sum)
        });
        [0.0].into_iter().chain(sums).collect()
    }

    /// How many rows lie below a score, and how many do not lie above it.
    pub(super) fn place(&self, score: f64) -> (usize, usize) {
        let key = key_of(score);
        (self.keys.partition_point(|other| *other < key), self.keys.partition_point(|other| *other <= key))
    }

    /// The least score and the greatest.
    pub(super) fn ends(&self) -> Option<(f64, f64)> {
        Some((real_of(*self.keys.first()?), real_of(*self.keys.last()?)))
    }

    fn cursor(&self, rows: &Range<usize>) -> Cursor<'_> {
        let weights = self.weights.as_ref().map(|weights| &weights[rows.clone()]);
        Cursor { keys: &self.keys[rows.clone()], weights }
    }
}

/// No weights sum to 0 without a sign: an empty sum of floats has one.
fn summed(weights: &[f64]) -> f64 {
    weights.iter().sum::<f64>() + 0.0
}

/// Rows still to come.
struct Cursor<'a> {
    keys: &'a [u64],
    weights: Option<&'a [f64]>,
}

impl Cursor<'_> {
    /// Takes the rows of a key, and says their weight.
    fn take(&mut self, key: u64) -> f64 {
        let rows = self.keys.iter().take_while(|&&other| other == key).count();
        self.keys = &self.keys[rows..];
        let Some(weights) = &mut self.weights else {
            return rows as f64;
        };
        let (now, later) = weights.split_at(rows);
        *weights = later;
        summed(now)
    }
}

/// Both sides, merged.
pub(crate) struct Ties<'a> {
    churned: Cursor<'a>,
    stayed: Cursor<'a>,
}

impl Iterator for Ties<'_> {
    type Item = Tie;

    fn next(&mut self) -> Option<Tie> {
        let key = match (self.churned.keys.first(), self.stayed.keys.first()) {
            (Some(one), Some(other)) => *one.min(other),
            (Some(key), None) | (None, Some(key)) => *key,
            (None, None) => return None,
        };
        let (churned, stayed) = (self.churned.take(key), self.stayed.take(key));
        Some(Tie { score: real_of(key), churned, stayed })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_judged_is_refused() {
        let refused = |error: Error| error.to_string();
        assert!(Outcomes::new(&[], &[]).unwrap_err().is_empty());
        assert_eq!(
            refused(Outcomes::new(&[0.5, 0.1], &[true]).unwrap_err()),
            "who churned: expected 2 rows, found 1"
        );
        for bad in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert_eq!(Outcomes::new(&[0.5, bad], &[true, false]).unwrap_err().row(), Some(1), "{bad}");
            assert_eq!(
                Outcomes::weighted(&[0.5, 0.1], &[true, false], &[1.0, -1.0]).unwrap_err().row(),
                Some(1)
            );
        }
        assert!(Outcomes::weighted(&[0.5, 0.1], &[true, false], &[f64::MAX; 2]).is_err());
        assert!(Outcomes::weighted(&[0.5, 0.1], &[true, false], &[0.0; 2]).unwrap_err().is_empty());
        let nobody = Outcomes::new(&[0.5], &[false]).unwrap().require_both().unwrap_err();
        assert_eq!(
            refused(nobody),
            "a single class: of the customers to judge by nobody churned: needed 1, found 0"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// Blocks hold every row once, and what is equal in one of them.
        #[test]
        fn blocks_part_no_tie(rows in 1_usize..5, spread in 1_u64..40_000, every in 2_usize..9) {
            let rows = rows * 20_000;
            let score = |row: usize| (row as u64 * 7919 % spread) as f64;
            let scores: Vec<f64> = (0..rows).map(score).collect();
            let churned: Vec<bool> = (0..rows).map(|row| row % every == 0).collect();
            let outcomes = Outcomes::of_scores(&scores, &churned, None).unwrap();
            let parts = outcomes.blocks();
            let apart: Vec<Tie> = parts.iter().flat_map(|part| outcomes.ties_in(part)).collect();
            prop_assert!(apart.is_sorted_by(|a, b| a.score < b.score));
            prop_assert_eq!(apart, outcomes.ties().collect::<Vec<_>>());
        }
    }
}
