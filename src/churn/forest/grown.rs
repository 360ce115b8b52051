//! A forest judged by the rows that its trees have not seen.

use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    bag::{Bags, streams},
    model::ForestModel,
};
use crate::{
    churn::{Examples, schema::Aligned, tree::grow::Entry},
    error::Error,
    math::parallel,
};

/// Trees that are judged before their answers are added up: memory does not grow with the forest.
const TREES: usize = 16;

/// A forest and the examples that it has learned from. About 37 % of the rows are out of the bag of a tree: it has not
/// seen them.
#[derive(Debug)]
pub struct GrownForest<'a> {
    /// The forest.
    pub model: ForestModel,
    pub(super) examples: &'a Examples,
    pub(super) bags: Bags,
}

/// What trees say of rows that they have not seen: close to what the forest will say of new rows.
#[derive(Clone, PartialEq, Debug)]
pub struct OutOfBag {
    probabilities: Vec<Option<f64>>,
    brier: f64,
    log_loss: f64,
}

impl OutOfBag {
    /// For each row the mean over the trees that have not seen it; `None` where all have, or the row has no weight.
    pub fn probabilities(&self) -> &[Option<f64>] {
        &self.probabilities
    }

    /// The mean square of what the probabilities miss by, over the rows that have one; 0 if none has.
    pub fn brier(&self) -> f64 {
        self.brier
    }

    /// The mean of `-ln` of the probability of what happened, over the rows that have one; a probability of 0 counts as
    /// 1e-15. 0 if no row has one.
    pub fn log_loss(&self) -> f64 {
        self.log_loss
    }
}

impl GrownForest<'_> {
    /// What trees say of the rows that they have not seen.
    pub fn out_of_bag(&self) -> OutOfBag {
        let Ok(columns) = self.columns() else { return OutOfBag::of(self, &[]) };
        let mut sums = vec![(0.0, 0_u32); self.examples.len()];
        for trees in parallel::ranges(self.model.trees.len(), TREES) {
            let judged = parallel::map(trees.collect(), |tree: usize| {
                let nodes = &self.model.trees[tree];
                let share = |entry: Entry| (entry.row, nodes.leaf(&columns, |_| entry.row as usize).value);
                self.bags.unseen(tree).into_iter().map(share).collect::<Vec<_>>()
            });
            for (row, share) in judged.into_iter().flatten() {
                let (sum, trees) = &mut sums[row as usize];
                *sum += share;
                *trees += 1;
            }
        }
        OutOfBag::of(self, &sums)
    }

    /// For each column how much the Brier score of a tree rises, on the rows that it has not seen, when the values of the
    /// column are shuffled among them: the mean over the trees (Breiman 2001). About 0 for a column of no use.
    pub fn permutation_importance(&self, seed: u64) -> Vec<(String, f64)> {
        let names: Vec<&str> = self.model.schema.names().collect();
        let mut rises = vec![0.0; names.len()];
        if let Ok(columns) = self.columns() {
            let seeds = streams(seed, self.model.trees.len());
            let trees = (0..seeds.len()).collect();
            for of_tree in parallel::map(trees, |tree: usize| self.rises(tree, seeds[tree], &columns)) {
                rises.iter_mut().zip(of_tree).for_each(|(rise, of_tree)| *rise += of_tree);
            }
        }
        let count = self.model.trees.len() as f64;
        names.into_iter().map(str::to_owned).zip(rises.into_iter().map(|rise| rise / count)).collect()
    }

    fn rises(&self, tree: usize, seed: u64, columns: &[Aligned<'_>]) -> Vec<f64> {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let (nodes, unseen) = (&self.model.trees[tree], self.bags.unseen(tree));
        let whole: f64 = unseen.iter().map(|entry| entry.weight).sum();
        let brier = |shuffled: usize, rows: &[u32]| {
            let miss = |(entry, &other): (&Entry, &u32)| {
                let row = |column| if column == shuffled { other } else { entry.row } as usize;
                let miss = nodes.leaf(columns, row).value - f64::from(u8::from(entry.churned));
                miss * miss * (entry.weight / whole)
            };
            unseen.iter().zip(rows).map(miss).sum::<f64>()
        };
        let rows: Vec<u32> = unseen.iter().map(|entry| entry.row).collect();
        let known = brier(usize::MAX, &rows);
        let rise = |(column, asked)| {
            let mut others = rows.clone();
            // Drawn for every column, asked or not, so that one does not depend on the others.
            others.shuffle(&mut chance);
            if asked { brier(column, &others) - known } else { 0.0 }
        };
        nodes.asks(columns.len()).into_iter().enumerate().map(rise).collect()
    }

    /// The columns learned from, which are there.
    fn columns(&self) -> Result<Vec<Aligned<'_>>, Error> {
        self.model.schema.align(self.examples.predictors())
    }
}

impl OutOfBag {
    /// Sums of probabilities, and of how many trees, for each row.
    fn of(grown: &GrownForest<'_>, sums: &[(f64, u32)]) -> Self {
        let mean = |&(sum, trees): &(f64, u32)| (trees > 0).then(|| (sum / f64::from(trees)).min(1.0));
        let probabilities: Vec<Option<f64>> = sums.iter().map(mean).collect();
        let (mut whole, mut brier, mut log_loss) = (0.0, 0.0, 0.0);
        for entry in &grown.bags.all {
            let Some(&Some(risk)) = probabilities.get(entry.row as usize) else { continue };
            let happened = if entry.churned { risk } else { 1.0 - risk };
            whole += entry.weight;
            // Running means: no sum is too large.
            let part = entry.weight / whole;
            brier += ((1.0 - happened).powi(2) - brier) * part;
            log_loss += (-happened.max(1e-15).ln() - log_loss) * part;
        }
        Self { probabilities, brier, log_loss }
    }
}
