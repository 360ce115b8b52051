//! The simple rule beside every model: one column, one threshold.

mod model;
#[cfg(feature = "serde")]
mod saved;
mod tests;

pub use self::model::{RuleModel, RuleSplit};
use super::{
    ChurnEstimator, ChurnModel, Examples, PredictorColumn,
    sides::{ByValue, Side},
};
use crate::{
    error::{Error, ErrorKind},
    feature::Categories,
    math::parallel,
};

/// Learns the best single threshold of one column, or of the best column: of days since the last purchase it is "no
/// purchase for X days". A model that is not better is not worth its keep.
///
/// A column of numbers is split into values at least as large as one of them and others, a column of categories into one
/// level and others. Rows without a value are a side of their own.
///
/// # Formula
/// The probability of a side is its share of churned rows, smoothed by one row at the share of all, `p = (c + b) /
/// (n + 1)`. The split is that of the least log loss of the rows learned from, `-Σ c ln p + (n - c) ln(1 - p)` over the
/// sides, or of the largest index of Youden (1950), sensitivity plus specificity less 1; of equal ones the first column
/// and the smallest value.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{ChurnEstimator, Examples, Predictors, Rule},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let people: Customers = (0..6_u32).map(CustomerId::from).collect();
/// let idle = [5.0, 90.0, 30.0, 61.0, 20.0, 75.0].map(Some).to_vec();
/// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [("idle_days".to_owned(), idle)])?);
/// let examples = Examples::new(known, vec![false, true, false, true, false, false])?;
/// let rule = Rule::on("idle_days").fit(&examples)?;
/// assert_eq!(rule.to_string(), "idle_days at least 61: 0.583, else 0.083");
/// assert_eq!(Rule::best().complexity(), 0);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    column: Option<String>,
    choice: RuleChoice,
    name: String,
}

/// What makes one split better than another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum RuleChoice {
    /// The least log loss: the best probabilities. The default.
    #[default]
    LogLoss,
    /// The largest index of Youden: the best single line between who leaves and who stays.
    Youden,
}

impl Rule {
    /// The best split of the best column.
    pub fn best() -> Self {
        Self { column: None, choice: RuleChoice::default(), name: "rule".to_owned() }
    }

    /// The best split of a column.
    pub fn on(column: impl Into<String>) -> Self {
        let column = column.into();
        let name = format!("rule on {column}");
        Self { column: Some(column), choice: RuleChoice::default(), name }
    }

    /// What makes one split better than another.
    #[must_use]
    pub fn by(self, choice: RuleChoice) -> Self {
        Self { choice, ..self }
    }

    /// Learns the split. Other columns than its own may change afterwards.
    ///
    /// # Errors
    /// If all rows have one outcome, the sum of the weights is too large, the column is not there, or no column has two
    /// values to split.
    pub fn fit(&self, examples: &Examples) -> Result<RuleModel, Error> {
        examples.check_both()?;
        let columns: Vec<(&str, PredictorColumn<'_>)> = match &self.column {
            Some(name) => vec![(name.as_str(), examples.predictors().column(name)?)],
            None => examples.predictors().columns().collect(),
        };
        let splits = parallel::map(columns, |(name, column)| {
            let split = Search::new(examples, self.choice).best(column)?;
            Some((split.worth, RuleModel::new(name, split)))
        });
        let better =
            |best: (f64, RuleModel), other: (f64, RuleModel)| if other.0 < best.0 { other } else { best };
        let best = splits.into_iter().flatten().reduce(better);
        Ok(best.ok_or(ErrorKind::Empty { what: "columns with two values to split" })?.1)
    }
}

impl ChurnEstimator for Rule {
    fn name(&self) -> &str {
        &self.name
    }

    fn complexity(&self) -> u32 {
        0
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        Ok(Box::new(self.fit(examples)?))
    }
}

/// The search for a split of a column.
struct Search<'a> {
    examples: &'a Examples,
    choice: RuleChoice,
    all: Side,
}

/// A split, how bad it is, and the probabilities of its sides.
struct Split {
    at: RuleSplit,
    /// Small is good.
    worth: f64,
    holds: f64,
    otherwise: f64,
    missing: f64,
    base: f64,
}

impl<'a> Search<'a> {
    fn new(examples: &'a Examples, choice: RuleChoice) -> Self {
        let mut search = Self { examples, choice, all: Side::default() };
        for row in 0..examples.len() {
            search.all.add(examples.churned()[row], search.weight(row));
        }
        search
    }

    fn weight(&self, row: usize) -> f64 {
        self.examples.weights().map_or(1.0, |weights| weights[row])
    }

    fn best(&self, column: PredictorColumn<'_>) -> Option<Split> {
        match column {
            PredictorColumn::Numbers(values) => self.of_numbers(values),
            PredictorColumn::Categories { levels, codes } => self.of_levels(levels, codes),
        }
    }

    fn of_numbers(&self, values: &[f64]) -> Option<Split> {
        let rows = ByValue::of(values, self.examples.churned(), |row| self.weight(row));
        let known = rows.known();
        let mut below = Side::default();
        let mut best: Option<(f64, Side, f64)> = None;
        for pair in rows.values.windows(2) {
            below = below.and(pair[0].1);
            let worth = self.worth([below, less(known, below), rows.missing]);
            if best.is_none_or(|(_, _, least)| worth < least) {
                best = Some((pair[1].0, below, worth));
            }
        }
        let (value, below, worth) = best?;
        Some(self.split(RuleSplit::AtLeast(value), [less(known, below), below, rows.missing], worth))
    }

    fn of_levels(&self, levels: &[String], codes: &[u32]) -> Option<Split> {
        let mut sides = vec![Side::default(); levels.len()];
        let mut missing = Side::default();
        for (row, &code) in codes.iter().enumerate() {
            let side = if code == Categories::MISSING { None } else { sides.get_mut(code as usize) };
            side.unwrap_or(&mut missing).add(self.examples.churned()[row], self.weight(row));
        }
        let known = sides.iter().fold(Side::default(), |all, side| all.and(*side));
        let mut best: Option<(usize, f64)> = None;
        for (code, side) in sides.iter().enumerate() {
            let others = less(known, *side);
            let worth = self.worth([*side, others, missing]);
            if side.rows > 0.0 && others.rows > 0.0 && best.is_none_or(|(_, least)| worth < least) {
                best = Some((code, worth));
            }
        }
        let (code, worth) = best?;
        let at = RuleSplit::Is(levels[code].clone());
        Some(self.split(at, [sides[code], less(known, sides[code]), missing], worth))
    }

    fn worth(&self, sides: [Side; 3]) -> f64 {
        let of_side = |side: Side| match self.choice {
            RuleChoice::LogLoss => {
                let p = self.probability(side);
                let loss = |weight: f64, p: f64| if weight > 0.0 { -weight * p.ln() } else { 0.0 };
                loss(side.churned, p) + loss(side.stayed(), 1.0 - p)
            }
            // Predicted to leave are the sides that more of those who churned are on than of those who stayed.
            RuleChoice::Youden => {
                -(side.churned / self.all.churned - side.stayed() / self.all.stayed()).max(0.0)
            }
        };
        sides.into_iter().map(of_side).sum()
    }

    fn probability(&self, side: Side) -> f64 {
        (side.churned + self.base()) / (side.rows + 1.0)
    }

    fn base(&self) -> f64 {
        self.all.churned / self.all.rows
    }

    fn split(&self, at: RuleSplit, [holds, otherwise, missing]: [Side; 3], worth: f64) -> Split {
        let [holds, otherwise, missing] = [holds, otherwise, missing].map(|side| self.probability(side));
        Split { at, worth, holds, otherwise, missing, base: self.base() }
    }
}

/// What is left of all rows; rounding leaves no less than none.
fn less(all: Side, some: Side) -> Side {
    let churned = (all.churned - some.churned).max(0.0);
    Side { churned, rows: (all.rows - some.rows).max(churned) }
}
