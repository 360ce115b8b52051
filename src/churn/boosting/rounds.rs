//! Round after round: where the loss slopes, a tree of steps, and how far the scores have come.

use rand::{Rng, RngCore, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    grow::{Grown, Growth, grow},
    histogram::Entry,
    model::BoostingModel,
};
use crate::{
    churn::{
        Examples,
        folds::deal,
        schema::{Aligned, Schema},
        tree::{
            codes::{Coded, code},
            nodes::{Node, Nodes},
        },
    },
    error::Error,
    math::{parallel, special::logistic},
};

/// Bins of a column at the most.
const BINS: usize = 255;

/// The search for the number of rounds ends when so many have not made the loss less.
const PATIENCE: usize = 50;

/// Rounds between two looks at the loss.
const STRIDE: u32 = 10;

/// Examples, as trees learn from them.
pub(super) struct Table<'a> {
    examples: &'a Examples,
    schema: Schema,
    aligned: Vec<Aligned<'a>>,
    columns: Vec<Coded>,
}

impl<'a> Table<'a> {
    /// # Errors
    /// If there is nothing to learn from, or a column has too many levels.
    pub(super) fn of(examples: &'a Examples) -> Result<Self, Error> {
        examples.check_both()?;
        let known = examples.predictors();
        let counts = |row: usize| examples.weights().is_none_or(|weights| weights[row] > 0.0);
        let columns = code(known, &counts, BINS)?;
        let schema = Schema::of(known);
        Ok(Self { examples, aligned: schema.align(known)?, schema, columns })
    }

    fn weight(&self, row: u32) -> f64 {
        self.examples.weights().map_or(1.0, |weights| weights[row as usize])
    }

    fn churned(&self, row: u32) -> bool {
        self.examples.churned()[row as usize]
    }

    /// The mean log loss of the rows that were left out, after 0, 1, 2 and so many rounds.
    pub(super) fn losses(&'a self, growth: &'a Growth, seed: u64, folds: u32, most: u32) -> Vec<f64> {
        let parts = deal(self.examples, folds as usize, seed);
        let mut runs: Vec<Run> =
            (0..folds).filter_map(|fold| Run::without(self, growth, &parts, fold, seed)).collect();
        let whole: f64 = runs.iter().map(|run| run.held_out_weight).sum();
        let mean = |losses: &mut dyn Iterator<Item = f64>| losses.sum::<f64>() / whole.max(f64::MIN_POSITIVE);
        let mut losses = vec![mean(&mut runs.iter().map(Run::held_out_loss))];
        while !runs.is_empty()
            && losses.len() <= most as usize
            && losses.len() <= chosen(&losses) as usize + PATIENCE
        {
            let stride = STRIDE.min(most - (losses.len() as u32 - 1));
            let further = |mut run: Run<'a>| {
                let losses: Vec<f64> = (0..stride).map(|_| run.round_and_loss()).collect();
                (run, losses)
            };
            let (next, found): (Vec<Run>, Vec<Vec<f64>>) = parallel::map(runs, further).into_iter().unzip();
            runs = next;
            losses.extend((0..stride as usize).map(|round| mean(&mut found.iter().map(|run| run[round]))));
        }
        losses
    }
}

/// The number of rounds after which the loss was least; of numbers as good the first.
pub(super) fn chosen(losses: &[f64]) -> u32 {
    let least = losses.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
    least.map_or(0, |least| least.0 as u32)
}

/// A model on its way.
pub(super) struct Run<'a> {
    table: &'a Table<'a>,
    growth: &'a Growth,
    /// The rows that count to learn from, ascending, and those to judge by.
    learn: Vec<u32>,
    held_out: Vec<u32>,
    held_out_weight: f64,
    /// The weight of the rows to learn from.
    whole: f64,
    base: f64,
    /// For each row of the table.
    scores: Vec<f64>,
    trees: Vec<Nodes>,
    /// For each column what its questions were worth.
    gains: Vec<f64>,
    chance: Xoshiro256PlusPlus,
}

impl<'a> Run<'a> {
    pub(super) fn on_all(table: &'a Table<'a>, growth: &'a Growth, seed: u64) -> Self {
        let rows = (0..table.examples.len() as u32).filter(|&row| table.weight(row) > 0.0).collect();
        Self::new(table, growth, rows, Vec::new(), Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A run on all but one part of the rows; `None` if they have one outcome, or the part has none.
    fn without(
        table: &'a Table<'a>,
        growth: &'a Growth,
        parts: &[u32],
        fold: u32,
        seed: u64,
    ) -> Option<Self> {
        let rows = (0..parts.len() as u32).filter(|&row| table.weight(row) > 0.0);
        let (held_out, learn): (Vec<u32>, Vec<u32>) = rows.partition(|&row| parts[row as usize] == fold);
        let both =
            [true, false].iter().all(|&outcome| learn.iter().any(|&row| table.churned(row) == outcome));
        let mut seeds = Xoshiro256PlusPlus::seed_from_u64(seed);
        let seed = (0..=fold).fold(0, |_, _| seeds.next_u64());
        (both && !held_out.is_empty())
            .then(|| Self::new(table, growth, learn, held_out, Xoshiro256PlusPlus::seed_from_u64(seed)))
    }

    fn new(
        table: &'a Table<'a>,
        growth: &'a Growth,
        learn: Vec<u32>,
        held_out: Vec<u32>,
        chance: Xoshiro256PlusPlus,
    ) -> Self {
        let weight_of = |rows: &[u32]| rows.iter().map(|&row| table.weight(row)).sum();
        let (whole, held_out_weight): (f64, f64) = (weight_of(&learn), weight_of(&held_out));
        let [left, stayed]: [f64; 2] = [true, false].map(|outcome| {
            learn.iter().filter(|&&row| table.churned(row) == outcome).map(|&row| table.weight(row)).sum()
        });
        let (scores, gains) = (vec![0.0; table.examples.len()], vec![0.0; table.columns.len()]);
        let base = left.ln() - stayed.ln();
        let trees = Vec::new();
        Self { table, growth, learn, held_out, held_out_weight, whole, base, scores, trees, gains, chance }
    }

    /// Grows a tree, and takes its steps; says whether there were any.
    pub(super) fn round(&mut self) -> bool {
        let mut entries = self.entries();
        let mut others = self.held_out.clone();
        if self.growth.rows < 1.0 {
            let share = self.growth.rows;
            let (drawn, left_out): (Vec<Entry>, Vec<Entry>) =
                entries.into_iter().partition(|_| self.chance.r#gen::<f64>() < share);
            others.extend(left_out.iter().map(|entry| entry.row));
            entries = drawn;
        }
        let asked = self.asked();
        if entries.is_empty() || asked.is_empty() {
            return false;
        }
        let (growth, whole) = (self.growth, self.whole);
        let Grown { mut tree, leaves } =
            grow(&self.table.columns, &asked, growth, whole, &mut entries, &mut self.gains);
        if tree.root().branch.is_none() {
            return false;
        }
        for (leaf, rows) in leaves {
            self.step(&mut tree.nodes[leaf], &entries[rows]);
        }
        add_up(&mut tree);
        self.send(&tree, &others);
        self.trees.push(tree);
        true
    }

    fn round_and_loss(&mut self) -> f64 {
        self.round();
        self.held_out_loss()
    }

    /// Slope and curvature of each row's loss at its score.
    fn entries(&self) -> Vec<Entry> {
        parallel::column(self.learn.len(), parallel::BLOCK, |range, entries: &mut [Entry]| {
            for (entry, &row) in entries.iter_mut().zip(&self.learn[range]) {
                let risk = logistic(self.base + self.scores[row as usize]);
                let weight = self.table.weight(row) / self.whole;
                let churned = f64::from(u8::from(self.table.churned(row)));
                *entry = Entry::new(row, weight * (risk - churned), weight * risk * (1.0 - risk));
            }
        })
    }

    /// The columns that this round's tree may ask, ascending.
    fn asked(&mut self) -> Vec<usize> {
        let mut asked: Vec<usize> = (0..self.table.columns.len()).collect();
        if self.growth.columns < 1.0 {
            #[allow(clippy::cast_sign_loss, reason = "a share of a count is not below 0")]
            let count = (self.growth.columns * asked.len() as f64).ceil() as usize;
            let (drawn, _) = asked.partial_shuffle(&mut self.chance, count);
            asked = drawn.to_vec();
            asked.sort_unstable();
        }
        asked
    }

    /// Adds the step of a leaf to the scores of its rows; tells it how many they are, and their weight.
    fn step(&mut self, leaf: &mut Node, entries: &[Entry]) {
        leaf.rows = entries.len() as u32;
        for entry in entries {
            leaf.weight += self.table.weight(entry.row);
            self.scores[entry.row as usize] += leaf.value;
        }
    }

    /// Sends rows that the tree has not learned from through it, and adds their steps to their scores.
    fn send(&mut self, tree: &Nodes, rows: &[u32]) {
        let aligned = &self.table.aligned;
        let steps = parallel::column(rows.len(), parallel::BLOCK, |range, steps: &mut [f64]| {
            for (&row, step) in rows[range].iter().zip(steps) {
                *step = tree.leaf(aligned, |_| row as usize).value;
            }
        });
        for (&row, step) in rows.iter().zip(steps) {
            self.scores[row as usize] += step;
        }
    }

    /// The summed log loss of the rows left out.
    fn held_out_loss(&self) -> f64 {
        let loss = |&row: &u32| {
            let score = self.base + self.scores[row as usize];
            let against = if self.table.churned(row) { -score } else { score };
            // ln(1 + e^x), without overflow.
            self.table.weight(row) * (against.max(0.0) + (-against.abs()).exp().ln_1p())
        };
        self.held_out.iter().map(loss).sum()
    }

    pub(super) fn finish(self) -> BoostingModel {
        let Self { table, base, trees, gains, .. } = self;
        BoostingModel { schema: table.schema.clone(), base, trees, gains }
    }
}

/// Tells each node above the leaves the rows and the weight below it.
fn add_up(tree: &mut Nodes) {
    for at in (0..tree.nodes.len()).rev() {
        if let Some(branch) = tree.nodes[at].branch {
            let [left, right] = [0, 1].map(|side| tree.nodes[branch.left as usize + side]);
            let node = &mut tree.nodes[at];
            (node.rows, node.weight) = (left.rows + right.rows, left.weight + right.weight);
        }
    }
}
