//! A scaler as it is saved.

use super::{
    Scaler, Step,
    learned::{LearnedStep, ScaledColumn},
    ranks::RankCurve,
};
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
    customers: u64,
    columns: Vec<SavedColumn>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct SavedColumn {
    name: String,
    steps: Vec<SavedStep>,
}

#[derive(serde::Serialize, serde::Deserialize)]
enum SavedStep {
    Log1p,
    SignedLog,
    Linear { step: Step, center: Exact, scale: Exact, constant: bool },
    Rank { values: Vec<Exact>, ranks: Vec<Exact> },
}

impl From<Scaler> for Saved {
    fn from(scaler: Scaler) -> Self {
        let column = |ScaledColumn { name, steps }| SavedColumn {
            name,
            steps: steps.into_iter().map(SavedStep::from).collect(),
        };
        Self {
            schema: SchemaVersion,
            as_of: scaler.as_of,
            customers: scaler.customers,
            columns: scaler.columns.into_iter().map(column).collect(),
        }
    }
}

impl TryFrom<Saved> for Scaler {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let column = |SavedColumn { name, steps }| {
            let steps = steps.into_iter().map(LearnedStep::try_from).collect::<Result<_, _>>()?;
            Ok(ScaledColumn { name, steps })
        };
        let columns = saved.columns.into_iter().map(column).collect::<Result<Vec<_>, Error>>()?;
        names::check(&columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>())?;
        if saved.customers == 0 || columns.is_empty() {
            return Err(Error::parameter("saved scale", "nothing", "cannot be learned from"));
        }
        Ok(Self { as_of: saved.as_of, customers: saved.customers, columns })
    }
}

impl From<LearnedStep> for SavedStep {
    fn from(step: LearnedStep) -> Self {
        let exact = |values: Vec<f64>| values.into_iter().map(Exact).collect();
        match step {
            LearnedStep::Log1p => Self::Log1p,
            LearnedStep::SignedLog => Self::SignedLog,
            LearnedStep::Linear { step, center, scale, constant } => {
                Self::Linear { step, center: Exact(center), scale: Exact(scale), constant }
            }
            LearnedStep::Rank(RankCurve { values, ranks }) => {
                Self::Rank { values: exact(values), ranks: exact(ranks) }
            }
        }
    }
}

impl TryFrom<SavedStep> for LearnedStep {
    type Error = Error;

    fn try_from(saved: SavedStep) -> Result<Self, Error> {
        let real = |values: Vec<Exact>| values.into_iter().map(|Exact(value)| value).collect();
        Ok(match saved {
            SavedStep::Log1p => Self::Log1p,
            SavedStep::SignedLog => Self::SignedLog,
            SavedStep::Linear { step, center: Exact(center), scale: Exact(scale), constant } => {
                let linear = matches!(step, Step::Standard | Step::Robust | Step::MinMax);
                if !(linear && scale > 0.0 && (!constant || scale.to_bits() == 1_f64.to_bits())) {
                    return Err(Error::parameter("saved scale", scale, "could not have been learned"));
                }
                Self::Linear { step, center, scale, constant }
            }
            SavedStep::Rank { values, ranks } => {
                let curve = RankCurve { values: real(values), ranks: real(ranks) };
                let rising = |numbers: &[f64]| numbers.is_sorted_by(|a, b| a < b);
                let inside = curve.ranks.iter().all(|rank| (0.0..=1.0).contains(rank));
                let paired = !curve.values.is_empty() && curve.values.len() == curve.ranks.len();
                if !(paired && inside && rising(&curve.values) && rising(&curve.ranks)) {
                    return Err(Error::parameter(
                        "saved ranks",
                        curve.values.len(),
                        "values do not rise from 0 to 1",
                    ));
                }
                Self::Rank(curve)
            }
        })
    }
}
