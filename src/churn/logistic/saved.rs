//! A logistic regression as it is saved.

use super::{
    Coefficient, LeftOut, LogisticModel, Penalty, PenaltyScale,
    design::{Design, Encoding, Part, Term},
};
use crate::{
    churn::schema::{Kind, Schema},
    error::{Error, ErrorKind},
    model::{Exact, Readiness, SchemaVersion, Stop},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    strength: Exact,
    l1_ratio: Exact,
    scale: PenaltyScale,
    base: Exact,
    intercept: (Exact, Option<Exact>),
    columns: Vec<SavedColumn>,
    left_out: Vec<LeftOut>,
    log_likelihood: Exact,
    null_log_likelihood: Exact,
    steps: u32,
    stop: Stop,
    readiness: Readiness,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedColumn {
    name: String,
    kind: SavedKind,
    terms: Vec<SavedTerm>,
}

#[derive(serde::Serialize, serde::Deserialize)]
enum SavedKind {
    /// What stands in for a missing number.
    Number(Exact),
    /// The level that others are held against, and all of them.
    Levels(u32, Vec<String>),
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedTerm {
    of: Part,
    centre: Exact,
    spread: Exact,
    coefficient: Exact,
    std_error: Option<Exact>,
}

impl From<LogisticModel> for Saved {
    fn from(model: LogisticModel) -> Self {
        let design = &model.design;
        let kinds = design.schema.columns().iter().zip(&design.encodings).enumerate();
        let columns = kinds.map(|(at, ((name, kind), encoding))| {
            let terms = design.terms.iter().zip(&model.coefficients).filter(|(term, _)| term.column == at);
            let kind = match (kind, encoding) {
                (Kind::Levels(levels), Encoding::Levels { base }) => SavedKind::Levels(*base, levels.clone()),
                (_, Encoding::Number { fill }) => SavedKind::Number(Exact(*fill)),
                (Kind::Number, Encoding::Levels { .. }) => SavedKind::Number(Exact(0.0)),
            };
            let terms = terms.map(|(term, coefficient)| SavedTerm {
                of: term.part,
                centre: Exact(term.centre),
                spread: Exact(term.spread),
                coefficient: Exact(coefficient.value),
                std_error: coefficient.std_error.map(Exact),
            });
            SavedColumn { name: name.clone(), kind, terms: terms.collect() }
        });
        Self {
            schema: SchemaVersion,
            strength: Exact(model.penalty.strength),
            l1_ratio: Exact(model.penalty.l1_ratio),
            scale: model.penalty.scale,
            base: Exact(model.base),
            intercept: (Exact(model.intercept.value), model.intercept.std_error.map(Exact)),
            columns: columns.collect(),
            left_out: design.left_out.clone(),
            log_likelihood: Exact(model.log_likelihood),
            null_log_likelihood: Exact(model.null_log_likelihood),
            steps: model.steps,
            stop: model.stop,
            readiness: model.readiness,
        }
    }
}

impl TryFrom<Saved> for LogisticModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let penalty = Penalty { strength: saved.strength.0, l1_ratio: saved.l1_ratio.0, scale: saved.scale };
        penalty.check()?;
        let (mut kinds, mut encodings, mut terms, mut estimates) = (vec![], vec![], vec![], vec![]);
        for (at, column) in saved.columns.into_iter().enumerate() {
            if kinds.iter().any(|(name, _)| *name == column.name) {
                return Err(Error::parameter("saved column", column.name, "is given twice"));
            }
            for term in column.terms {
                let read = Term { column: at, part: term.of, centre: term.centre.0, spread: term.spread.0 };
                check(&column.name, &column.kind, &read)?;
                if terms.contains(&read) {
                    return Err(Error::parameter("saved terms of column", column.name, "are given twice"));
                }
                terms.push(read);
                estimates.push((term.coefficient.0, term.std_error.map(|error| error.0)));
            }
            let (kind, encoding) = match column.kind {
                SavedKind::Number(fill) => (Kind::Number, Encoding::Number { fill: fill.0 }),
                SavedKind::Levels(base, levels) => (Kind::Levels(levels), Encoding::Levels { base }),
            };
            kinds.push((column.name, kind));
            encodings.push(encoding);
        }
        let design = Design { schema: Schema::new(kinds), encodings, terms, left_out: saved.left_out };
        let named = |(term, (value, std_error)): (&Term, (f64, Option<f64>))| Coefficient {
            name: design.name(*term),
            column: design.schema.columns()[term.column].0.clone(),
            value,
            std_error,
        };
        let coefficients = design.terms.iter().zip(estimates).map(named).collect();
        let (value, std_error) = (saved.intercept.0.0, saved.intercept.1.map(|error| error.0));
        Ok(Self {
            penalty,
            coefficients,
            intercept: Coefficient { name: "intercept".to_owned(), column: String::new(), value, std_error },
            design,
            base: saved.base.0,
            log_likelihood: saved.log_likelihood.0,
            null_log_likelihood: saved.null_log_likelihood.0,
            steps: saved.steps,
            stop: saved.stop,
            readiness: saved.readiness,
        })
    }
}

/// # Errors
/// If a term is none of its column's.
fn check(name: &str, kind: &SavedKind, term: &Term) -> Result<(), Error> {
    let fits = match (kind, term.part) {
        (SavedKind::Number(_), Part::Value) | (_, Part::Missing) => true,
        (SavedKind::Levels(_, levels), Part::Level(level)) => (level as usize) < levels.len(),
        _ => false,
    };
    if !fits {
        return Err(Error::parameter("saved terms of column", name, "are none of it"));
    }
    if let SavedKind::Levels(_, levels) = kind
        && !levels.is_sorted_by(|a, b| a < b)
    {
        return Err(Error::parameter("saved levels of column", name, "are not ascending"));
    }
    if !(term.spread > 0.0) {
        return Err(ErrorKind::Empty { what: "spread of a saved term" }.into());
    }
    Ok(())
}
