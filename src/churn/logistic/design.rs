//! From columns to terms: what stands in for a missing value, and which numbers a category becomes.

use super::{
    LeftOut, Logistic, Unused,
    moments::{Moments, Weights, fill},
};
use crate::{
    churn::{
        PredictorColumn, Predictors,
        schema::{Kind, Schema},
    },
    error::Error,
    feature::{Categories, Fill},
    math::parallel,
};

/// How columns become terms, as it was learned.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Design {
    /// Of categories the levels that had a row.
    pub(super) schema: Schema,
    /// For each column.
    pub(super) encodings: Vec<Encoding>,
    pub(super) terms: Vec<Term>,
    pub(super) left_out: Vec<LeftOut>,
}

/// What a value is read as where it is missing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Encoding {
    Number {
        fill: f64,
    },
    /// The place of the level that others are held against.
    Levels {
        base: u32,
    },
}

/// A number of each row that has a coefficient.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Term {
    pub(super) column: usize,
    pub(super) part: Part,
    /// The mean of the rows learned from.
    pub(super) centre: f64,
    /// Their standard deviation, above 0.
    pub(super) spread: f64,
}

/// What of a column a term is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Part {
    /// Its number.
    Value,
    /// 1 where it is missing.
    Missing,
    /// 1 where it has this level.
    Level(u32),
}

/// What is learned of one column.
struct Learned {
    kind: Kind,
    encoding: Encoding,
    terms: Vec<Term>,
    left_out: Option<Unused>,
}

/// The largest number of a column: the square of it, times the rows, stays a number.
const LARGEST: f64 = 1e150;
/// A standard deviation below this is none: its square is all but 0.
const LEAST_SPREAD: f64 = 1e-140;

impl Design {
    /// # Errors
    /// If a column has numbers beyond [`LARGEST`] or too many levels, or there are too many terms.
    pub(super) fn learn(table: &Predictors, weights: &Weights, by: Fill) -> Result<Self, Error> {
        if let Fill::Value(value) = by
            && !(value.abs() <= LARGEST)
        {
            return Err(Error::parameter("fill", value, "must be a number up to 1e150"));
        }
        let columns: Vec<_> = table.columns().enumerate().collect();
        let learn = |(at, (name, column)): (usize, (&str, PredictorColumn<'_>))| match column {
            PredictorColumn::Numbers(values) => number(at, name, values, weights, by),
            PredictorColumn::Categories { levels, codes } => categories(at, name, levels, codes, weights),
        };
        let learned: Vec<Learned> = parallel::map(columns, learn).into_iter().collect::<Result<_, _>>()?;
        let (mut kinds, mut encodings, mut terms, mut left_out) = (vec![], vec![], vec![], vec![]);
        for (name, column) in table.names().zip(learned) {
            left_out.extend(column.left_out.map(|why| LeftOut::new(name, name.to_owned(), why)));
            kinds.push((name.to_owned(), column.kind));
            encodings.push(column.encoding);
            terms.extend(column.terms);
        }
        if terms.len() > Logistic::MOST_TERMS {
            return Err(Error::parameter("terms", terms.len(), "are more than a logistic regression takes"));
        }
        Ok(Self { schema: Schema::new(kinds), encodings, terms, left_out })
    }

    /// Takes out terms that say nothing beside those before them.
    pub(super) fn leave_out(&mut self, redundant: &[usize]) {
        for &at in redundant {
            let term = self.terms[at];
            let column = &self.schema.columns()[term.column].0;
            self.left_out.push(LeftOut::new(column, self.name(term), Unused::Redundant));
        }
        let mut at = 0..;
        self.terms.retain(|_| at.next().is_none_or(|at| !redundant.contains(&at)));
    }

    /// The name of a term: `tenure`, `plan=yearly`, `plan is missing`.
    pub(super) fn name(&self, term: Term) -> String {
        let (column, kind) = &self.schema.columns()[term.column];
        match (term.part, kind) {
            (Part::Missing, _) => format!("{column} is missing"),
            (Part::Level(level), Kind::Levels(levels)) => format!("{column}={}", levels[level as usize]),
            _ => column.clone(),
        }
    }
}

impl Term {
    /// Of a number that is 1 for this share of the rows, and 0 for the others.
    fn indicator(column: usize, part: Part, share: f64) -> Self {
        Self { column, part, centre: share, spread: (share * (1.0 - share)).sqrt() }
    }

    fn is_spread(&self) -> bool {
        self.spread > LEAST_SPREAD
    }
}

fn number(at: usize, name: &str, values: &[f64], weights: &Weights, by: Fill) -> Result<Learned, Error> {
    let moments = Moments::of(values, weights);
    let Moments { known, missing, least, most, .. } = moments;
    if known <= 0.0 {
        let (kind, encoding) = (Kind::Number, Encoding::Number { fill: 0.0 });
        return Ok(Learned { kind, encoding, terms: vec![], left_out: Some(Unused::AllMissing) });
    }
    if least < -LARGEST || most > LARGEST {
        return Err(Error::parameter("column", name, "holds numbers beyond 1e150, too large to square"));
    }
    let fill = fill(by, values, &moments, weights);
    let (centre, spread) = moments.filled(fill);
    let value = Term { column: at, part: Part::Value, centre, spread };
    let varies = least < most && value.is_spread();
    let mut terms: Vec<Term> = varies.then_some(value).into_iter().collect();
    terms.push(Term::indicator(at, Part::Missing, missing / (known + missing)));
    terms.retain(Term::is_spread);
    let left_out = (!varies).then_some(Unused::Constant);
    Ok(Learned { kind: Kind::Number, encoding: Encoding::Number { fill }, terms, left_out })
}

fn categories(
    at: usize,
    name: &str,
    levels: &[String],
    codes: &[u32],
    weights: &Weights,
) -> Result<Learned, Error> {
    let mut counts = vec![0.0; levels.len()];
    let mut missing = 0.0;
    for (row, &code) in codes.iter().enumerate() {
        *counts.get_mut(code as usize).unwrap_or(&mut missing) += weights.get(row);
    }
    let seen: Vec<(&String, f64)> = levels.iter().zip(counts).filter(|(_, count)| *count > 0.0).collect();
    if seen.len() > Logistic::MOST_LEVELS {
        return Err(Error::parameter("column", name, "has more levels than a logistic regression takes"));
    }
    let kind = Kind::Levels(seen.iter().map(|(level, _)| (*level).clone()).collect());
    // Of two that are as frequent the first.
    let mut base = 0;
    for (place, (_, count)) in seen.iter().enumerate() {
        base = if *count > seen[base].1 { place } else { base };
    }
    let all = missing + seen.iter().map(|(_, count)| count).sum::<f64>();
    let others = (0..seen.len()).filter(|&place| place != base);
    let level = |place: usize| Term::indicator(at, Part::Level(place as u32), seen[place].1 / all);
    let mut terms: Vec<Term> = others.map(level).collect();
    if !seen.is_empty() {
        terms.push(Term::indicator(at, Part::Missing, missing / all));
    }
    terms.retain(Term::is_spread);
    let why = if seen.is_empty() { Unused::AllMissing } else { Unused::Constant };
    let left_out = terms.is_empty().then_some(why);
    Ok(Learned { kind, encoding: Encoding::Levels { base: base as u32 }, terms, left_out })
}

/// The code of a missing category.
pub(super) const MISSING: u32 = Categories::MISSING;
