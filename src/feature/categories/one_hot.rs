//! Categories as numbers: a column of 0 and 1 for each level.

use super::{Categories, Vocabulary};
use crate::{
    error::{Error, ErrorKind},
    feature::{Features, names},
};

/// Which level of a column is the base: it gets no column of its own, and is where all the others are 0.
///
/// Models with an intercept need one, for columns of all levels would add up to it. For distances between customers
/// every level counts alike only if there is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Base {
    /// No level: each one has a column.
    None,
    /// The first level by its text.
    First,
    /// The level that most customers have; of several the first by its text.
    Commonest,
}

/// What becomes of a later customer whose level was not there when the levels were learned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Unseen {
    /// The table is refused; the error names the row.
    Refuse,
    /// The value is missing.
    Missing,
    /// All columns of the category are 0, as for the base.
    Zero,
}

/// How categories become columns of 0 and 1, named `COLUMN=LEVEL`. What is missing is missing in all of them.
///
/// [`OneHot::fit`] learns an [`Encoder`] once, so that later customers get the same columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OneHot {
    base: Base,
    bases: Vec<(String, String)>,
    unseen: Unseen,
}

impl OneHot {
    /// With this base for every column. Later levels that were not seen are refused.
    pub fn against(base: Base) -> Self {
        Self { base, bases: Vec::new(), unseen: Unseen::Refuse }
    }

    /// A level as the base of a column, in place of any that it was given before.
    #[must_use]
    pub fn base(mut self, column: impl Into<String>, level: impl Into<String>) -> Self {
        let column = column.into();
        self.bases.retain(|(known, _)| *known != column);
        self.bases.push((column, level.into()));
        self
    }

    /// What becomes of later levels that were not seen.
    #[must_use]
    pub fn unseen(self, unseen: Unseen) -> Self {
        Self { unseen, ..self }
    }

    /// Learns levels and bases from a table of customers.
    ///
    /// # Errors
    /// If a column or a level that was named as a base is not there, or two of the new columns had one name.
    pub fn fit(&self, categories: &Categories) -> Result<Encoder, Error> {
        for (column, level) in &self.bases {
            let place = names::place(&categories.names, column)?;
            if !categories.columns[place].levels.contains(level) {
                return Err(Error::parameter("base level", level, "is not a level of its column"));
            }
        }
        let base = |(name, column): (&String, &super::Column)| {
            let own = self.bases.iter().find(|(known, _)| known == name).map(|(_, level)| level);
            own.map_or_else(|| self.base.of(column), |own| column.levels.binary_search(own).ok())
        };
        let bases = categories.names.iter().zip(&categories.columns).map(base).collect();
        let encoder = Encoder { vocabulary: categories.vocabulary(), bases, unseen: self.unseen };
        names::check(&encoder.names())?;
        Ok(encoder)
    }
}

impl Base {
    fn of(self, column: &super::Column) -> Option<usize> {
        match self {
            Self::None => None,
            Self::First => (!column.levels.is_empty()).then_some(0),
            Self::Commonest => {
                let mut counts = vec![0_u64; column.levels.len()];
                for &code in &column.codes {
                    if let Some(count) = counts.get_mut(code as usize) {
                        *count += 1;
                    }
                }
                let most = counts.iter().max()?;
                counts.iter().position(|count| count == most)
            }
        }
    }
}

/// Levels and bases that a [`OneHot`] learned. It holds no customer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Hot", into = "super::saved::Hot"))]
pub struct Encoder {
    pub(super) vocabulary: Vocabulary,
    /// For each column the place of its base among the levels.
    pub(super) bases: Vec<Option<usize>>,
    pub(super) unseen: Unseen,
}

impl Encoder {
    /// The levels learned.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// For each column of categories its name and its base, if it has one.
    pub fn bases(&self) -> impl ExactSizeIterator<Item = (&str, Option<&str>)> {
        let columns = self.vocabulary.columns().zip(&self.bases);
        columns
            .map(|((name, levels), base)| (name, base.and_then(|base| levels.get(base)).map(String::as_str)))
    }

    /// The names of the columns of numbers: `COLUMN=LEVEL`.
    pub fn names(&self) -> Vec<String> {
        let hot = |((name, levels), base): ((&str, &[String]), &Option<usize>)| {
            own_columns(levels, *base).map(|(_, level)| format!("{name}={level}")).collect::<Vec<_>>()
        };
        self.vocabulary.columns().zip(&self.bases).flat_map(hot).collect()
    }

    /// Makes numbers of categories: 1 for a customer's level, 0 for others, missing where the category is.
    ///
    /// # Errors
    /// If a column learned from is not there, or one is that was not learned from; if a level was not seen and such
    /// are refused.
    pub fn apply(&self, categories: &Categories) -> Result<Features, Error> {
        let mut values = Vec::new();
        for (recoded, base) in self.vocabulary.read(categories)?.iter().zip(&self.bases) {
            let unseen = if self.unseen == Unseen::Zero { NO_LEVEL } else { Categories::MISSING };
            let mut codes: Vec<u32> = recoded.codes().collect();
            for (row, level) in recoded.unseen() {
                if self.unseen == Unseen::Refuse {
                    let text = format!("{level} in column {}", recoded.name);
                    let rule = "level was not learned from";
                    return Err(ErrorKind::Row { row: row as u64, rule, text }.into());
                }
                codes[row] = unseen;
            }
            for (level, _) in own_columns(recoded.levels, *base) {
                values.extend(codes.iter().map(|&code| match code {
                    Categories::MISSING => f64::NAN,
                    code => f64::from(u8::from(code as usize == level)),
                }));
            }
        }
        Ok(Features {
            as_of: categories.as_of,
            customers: categories.customers.clone(),
            names: self.names(),
            values,
        })
    }
}

/// A code that is there and has no column. No list of levels is so long.
const NO_LEVEL: u32 = u32::MAX - 1;

/// The levels that have a column, with their places.
fn own_columns(levels: &[String], base: Option<usize>) -> impl Iterator<Item = (usize, &str)> {
    let levels = levels.iter().map(String::as_str).enumerate();
    levels.filter(move |(place, _)| Some(*place) != base)
}
