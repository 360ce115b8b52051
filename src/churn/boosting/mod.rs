//! Gradient boosting: many small trees, each of which takes a step from where those before it have come.

mod grow;
mod histogram;
mod model;
mod rounds;
#[cfg(feature = "serde")]
mod saved;
mod shapley;
mod split;

pub use self::model::BoostingModel;
use self::{
    grow::Growth,
    rounds::{Run, Table, chosen},
};
use super::{ChurnEstimator, ChurnModel, Examples, PredictorColumn};
use crate::error::{Error, ErrorKind};

/// Trees are held, and each takes its time.
const MOST_ROUNDS: u32 = 100_000;

/// Learns gradient boosted trees (Friedman 2001) by Newton steps on the log loss, as `XGBoost` and `LightGBM` do.
///
/// The score of a customer is the log-odds of all, and a step of each tree:
///
/// # Formula
/// `ln(p / (1 - p)) = ln(share / (1 - share)) + rate * sum of steps`. A tree is grown on the slope `g = w (p - y)` and the
/// curvature `h = w p (1 - p)` of each row's loss: the step of a node is `-G / (H + ridge)`, sums over its rows, and a
/// question is worth `(G_l^2 / (H_l + ridge) + G_r^2 / (H_r + ridge) - G^2 / (H + ridge)) / 2` (Chen & Guestrin 2016).
/// No step is larger than 10.
///
/// A column of more than 255 distinct numbers is first parted into 255 bins of about as many rows. Where a value is
/// **missing**, the row goes to the side with which the question was worth more; where none was missing in learning, to
/// the side of more rows. Levels of a category are parted in the order of `G / (H + 10)` (Fisher 1958), and a question
/// about more than two of them is weighed with a ridge larger by 10, as in `LightGBM`: rare levels prove little.
///
/// The sums are of whole numbers of `2^-60` of the whole weight: threads change no bit of a model; nor does the order of the
/// rows, where all weigh the same and a tree learns from all of them.
///
/// # Defaults
/// Trees are added until the log loss of customers left out of learning, in 5 folds, has not become less for 50 trees, and
/// learned again on all rows: as many as were best, 1,000 at the most. A rate of 0.05, at most 4 questions to a leaf,
/// at least 20 rows in each, a ridge of 1; for each tree all rows, and half of the columns.
///
/// # Example
/// ```
/// use patronage::{
///     churn::{Boosting, ChurnModel, Examples, Monotone, Predictors},
///     domain::{CustomerId, Customers, Day},
///     feature::Features,
/// };
///
/// let people: Customers = (0..200_u32).map(CustomerId::from).collect();
/// let tenure = (0..200_u32).map(|row| Some(f64::from(row % 50))).collect();
/// let known = Predictors::of(&Features::new(people, Day::ymd(2026, 3, 14)?, [("tenure".to_owned(), tenure)])?);
/// let examples = Examples::new(known, (0..200).map(|row| row % 50 < 15).collect())?;
///
/// // Whatever the examples say: who has been here longer is no likelier to leave.
/// let model = Boosting::new(1).monotone("tenure", Monotone::Decreasing).fit(&examples)?;
/// let risk = model.probabilities(examples.predictors())?;
/// assert!(risk[5] > 0.9 && risk[40] < 0.1);
/// let why = model.contributions(examples.predictors())?;
/// assert!((why.probability(5).unwrap() - risk[5]).abs() < 1e-12);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Boosting {
    seed: u64,
    rounds: Rounds,
    rate: f64,
    depth: u32,
    leaf_rows: u32,
    ridge: f64,
    rows: f64,
    columns: f64,
    monotone: Vec<(String, Monotone)>,
}

/// How many trees there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rounds {
    Exactly(u32),
    ByFolds { folds: u32, most: u32 },
}

/// What a larger number in a column may do to the risk, all else being equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Monotone {
    /// Never lessen it.
    Increasing,
    /// Never raise it.
    Decreasing,
}

impl Boosting {
    /// Of the same seed the same model. The seed draws folds, columns and rows.
    pub fn new(seed: u64) -> Self {
        let rounds = Rounds::ByFolds { folds: 5, most: 1000 };
        let (rate, depth, leaf_rows, ridge, rows, columns) = (0.05, 4, 20, 1.0, 1.0, 0.5);
        Self { seed, rounds, rate, depth, leaf_rows, ridge, rows, columns, monotone: Vec::new() }
    }

    /// So many trees, from 1 to 100,000. Trees without a question are left out.
    #[must_use]
    pub fn rounds(self, rounds: u32) -> Self {
        Self { rounds: Rounds::Exactly(rounds), ..self }
    }

    /// As many trees, from 0 to `most`, as are best for customers left out of learning in so many folds; from 2 to 100.
    #[must_use]
    pub fn rounds_by_folds(self, folds: u32, most: u32) -> Self {
        Self { rounds: Rounds::ByFolds { folds, most }, ..self }
    }

    /// The part of each step that is taken, above 0 and at most 1. A lower rate needs more trees.
    #[must_use]
    pub fn learning_rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    /// At most so many questions to a leaf, from 1 to 8: columns of which so many act together can be learned.
    #[must_use]
    pub fn depth(self, most: u32) -> Self {
        Self { depth: most, ..self }
    }

    /// At least so many rows in each leaf, whatever their weight; from 1.
    #[must_use]
    pub fn leaf_rows(self, least: u32) -> Self {
        Self { leaf_rows: least, ..self }
    }

    /// Added to the curvature, in weight; from 0. The larger, the smaller the steps of small leaves.
    #[must_use]
    pub fn ridge(self, ridge: f64) -> Self {
        Self { ridge, ..self }
    }

    /// The share of the rows that is drawn for each tree, above 0 and at most 1 (Friedman 2002).
    #[must_use]
    pub fn rows(self, share: f64) -> Self {
        Self { rows: share, ..self }
    }

    /// The share of the columns that is drawn for each tree, above 0 and at most 1; rounded up.
    #[must_use]
    pub fn columns(self, share: f64) -> Self {
        Self { columns: share, ..self }
    }

    /// Binds a column of numbers: all else being equal, the risk never falls, or never rises, with it.
    #[must_use]
    pub fn monotone(mut self, column: &str, direction: Monotone) -> Self {
        self.monotone.push((column.to_owned(), direction));
        self
    }

    /// Learns a model.
    ///
    /// # Errors
    /// If there is nothing to learn from, all rows that count have one outcome, the sum of the weights is too large, a
    /// column has more than 65,535 levels, a bound column is not there, holds categories or is bound twice (it is named),
    /// or a setting is out of its range.
    pub fn fit(&self, examples: &Examples) -> Result<BoostingModel, Error> {
        let (table, growth) = self.prepare(examples)?;
        let rounds = match self.rounds {
            Rounds::Exactly(rounds) => rounds,
            Rounds::ByFolds { folds, most } => chosen(&table.losses(&growth, self.seed, folds, most)),
        };
        let mut run = Run::on_all(&table, &growth, self.seed);
        for _ in 0..rounds {
            // What finds nothing on all there is will not find it later.
            if !run.round() && growth.takes_all() {
                break;
            }
        }
        Ok(run.finish())
    }

    /// The mean log loss of customers left out of learning after 0, 1, 2 and so many trees, until it has not become less for
    /// 50: what [`rounds_by_folds`](Self::rounds_by_folds) chooses by, the least of them. All rows of a customer are in one
    /// fold. Folds without both outcomes to learn from say nothing; if all are such, there is one number, 0, that says nothing either.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn held_out_losses(&self, examples: &Examples) -> Result<Vec<f64>, Error> {
        let (table, growth) = self.prepare(examples)?;
        let (folds, most) = match self.rounds {
            Rounds::Exactly(rounds) => (5, rounds),
            Rounds::ByFolds { folds, most } => (folds, most),
        };
        Ok(table.losses(&growth, self.seed, folds, most))
    }

    fn prepare<'a>(&self, examples: &'a Examples) -> Result<(Table<'a>, Growth), Error> {
        self.check()?;
        let table = Table::of(examples)?;
        let growth = Growth {
            depth: self.depth,
            leaf_rows: self.leaf_rows,
            ridge: self.ridge,
            rate: self.rate,
            rows: self.rows,
            columns: self.columns,
            monotone: self.bounds(examples)?,
        };
        Ok((table, growth))
    }

    /// For each column how it is bound.
    fn bounds(&self, examples: &Examples) -> Result<Vec<Option<Monotone>>, Error> {
        let known = examples.predictors();
        let mut bounds = vec![None; known.width()];
        for (name, direction) in &self.monotone {
            if let PredictorColumn::Categories { .. } = known.column(name)? {
                return Err(Error::parameter("monotone", name, "holds categories, which have no order"));
            }
            for (at, _) in known.names().enumerate().filter(|(_, known)| known == name) {
                if bounds[at].replace(*direction).is_some() {
                    return Err(Error::parameter("monotone", name, "is bound twice"));
                }
            }
        }
        Ok(bounds)
    }

    fn check(&self) -> Result<(), Error> {
        match self.rounds {
            Rounds::Exactly(0) => return Err(ErrorKind::Empty { what: "rounds of boosting" }.into()),
            Rounds::Exactly(rounds) | Rounds::ByFolds { most: rounds, .. } if rounds > MOST_ROUNDS => {
                return Err(Error::parameter("rounds", rounds, "must be at most 100000"));
            }
            Rounds::ByFolds { folds, .. } if !(2..=100).contains(&folds) => {
                return Err(Error::parameter("folds", folds, "must be from 2 to 100"));
            }
            _ => {}
        }
        for (name, share) in [("learning_rate", self.rate), ("rows", self.rows), ("columns", self.columns)] {
            if !(share > 0.0 && share <= 1.0) {
                return Err(Error::parameter(name, share, "must be above 0 and at most 1"));
            }
        }
        if !(1..=shapley::MOST).contains(&self.depth) {
            return Err(Error::parameter("depth", self.depth, "must be from 1 to 8"));
        }
        if self.leaf_rows == 0 {
            return Err(Error::parameter("leaf_rows", 0, "must be at least 1"));
        }
        if !(0.0..=f64::MAX).contains(&self.ridge) {
            return Err(Error::parameter("ridge", self.ridge, "must be a finite number from 0"));
        }
        Ok(())
    }
}

impl ChurnEstimator for Boosting {
    fn name(&self) -> &'static str {
        "gradient boosting"
    }

    fn complexity(&self) -> u32 {
        5
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        Ok(Box::new(self.fit(examples)?))
    }
}
