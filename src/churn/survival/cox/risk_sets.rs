//! Who was at risk at each event: what a partial likelihood runs over.

use std::ops::Range;

use crate::{
    churn::survival::{Lifetimes, risk_table::bits, rows::Rows},
    error::{Error, ErrorKind},
};

/// Rows by stratum and time, and the times at which somebody leaves.
pub(super) struct RiskSets {
    pub(super) of: Rows,
    pub(super) strata: Vec<Stratum>,
    /// The times at which somebody leaves, by stratum, ascending.
    pub(super) blocks: Vec<Block>,
    /// For each row, where in the running hazard of its stratum it leaves; see [`Stratum::hazards`].
    pub(super) exits: Vec<u32>,
    pub(super) late: Option<LateEntries>,
}

pub(super) struct Stratum {
    pub(super) number: u32,
    pub(super) rows: Range<usize>,
    pub(super) blocks: Range<usize>,
    /// Where its running hazards begin: 0, then one after each block.
    pub(super) hazards: usize,
}

/// Everybody who leaves a stratum at one time: the rows `start..start + deaths`. At risk is every row from `start` to
/// the end of the stratum that has entered before.
pub(super) struct Block {
    pub(super) time: f64,
    pub(super) start: usize,
    pub(super) deaths: usize,
}

impl Block {
    pub(super) fn rows(&self) -> Range<usize> {
        self.start..self.start + self.deaths
    }
}

/// Of rows that are not at risk from the beginning.
pub(super) struct LateEntries {
    /// For each row, where in the running hazard of its stratum it enters.
    pub(super) hazards: Vec<u32>,
    /// For each block the rows that enter at its time or later, but before the next one's: they leave the risk set as one
    /// goes back in time.
    pub(super) leaving: Vec<Vec<u32>>,
}

impl RiskSets {
    pub(super) fn new(lifetimes: &Lifetimes<'_>, columns: &[&[f64]]) -> Self {
        let of = Rows::new(lifetimes, columns);
        let (strata, blocks) = strata(lifetimes, &of.given);
        let mut sets = Self { of, strata, blocks, exits: Vec::new(), late: None };
        sets.exits = sets.places(|row| lifetimes.durations()[row], |time, at| time <= at);
        sets.late = lifetimes.entries().map(|entries| sets.late_entries(entries));
        sets
    }

    pub(super) fn rows(&self) -> usize {
        self.of.given.len()
    }

    pub(super) fn width(&self) -> usize {
        self.of.columns.len()
    }

    /// How many running hazards there are, over all strata.
    pub(super) fn hazards(&self) -> usize {
        self.blocks.len() + self.strata.len()
    }

    /// For each row, the running hazard of its stratum after the blocks for which `before(their time, the row's)`.
    fn places(&self, time: impl Fn(usize) -> f64, before: impl Fn(f64, f64) -> bool) -> Vec<u32> {
        let mut places = Vec::with_capacity(self.rows());
        for stratum in &self.strata {
            let blocks = &self.blocks[stratum.blocks.clone()];
            for &row in &self.of.given[stratum.rows.clone()] {
                let at = time(row as usize);
                let passed = blocks.partition_point(|block| before(block.time, at));
                places.push((stratum.hazards + passed) as u32);
            }
        }
        places
    }

    fn late_entries(&self, entries: &[f64]) -> LateEntries {
        // Who enters at the time of a block is not at risk in it.
        let hazards = self.places(|row| entries[row], |time, at| time <= at);
        let mut leaving = vec![Vec::new(); self.blocks.len()];
        for stratum in &self.strata {
            for row in stratum.rows.clone() {
                let passed = hazards[row] as usize - stratum.hazards;
                // After the last block a row is in no risk set.
                if let Some(block) = passed.checked_sub(1) {
                    leaving[stratum.blocks.start + block].push(row as u32);
                }
            }
        }
        LateEntries { hazards, leaving }
    }
}

fn strata(lifetimes: &Lifetimes<'_>, given: &[u32]) -> (Vec<Stratum>, Vec<Block>) {
    let (mut strata, mut blocks): (Vec<Stratum>, Vec<Block>) = (Vec::new(), Vec::new());
    let mut start = 0;
    for rows in given.chunk_by(|&a, &b| lifetimes.stratum(a as usize) == lifetimes.stratum(b as usize)) {
        let first_block = blocks.len();
        let hazards = first_block + strata.len();
        // -0 is 0.
        let time = |row: u32| lifetimes.durations()[row as usize] + 0.0;
        let mut at = start;
        for run in rows.chunk_by(|&a, &b| bits(time(a)) == bits(time(b))) {
            let deaths = run.iter().filter(|&&row| lifetimes.events()[row as usize]).count();
            if deaths > 0 {
                blocks.push(Block { time: time(run[0]), start: at, deaths });
            }
            at += run.len();
        }
        let number = lifetimes.stratum(rows[0] as usize);
        strata.push(Stratum { number, rows: start..at, blocks: first_block..blocks.len(), hazards });
        start = at;
    }
    (strata, blocks)
}

impl RiskSets {
    pub(super) fn check_rows(&self) -> Result<(), Error> {
        if self.rows() < 2 {
            let why = "a single lifetime is compared with none".to_owned();
            return Err(ErrorKind::TooFew { why, needed: 2, found: self.rows() as u64 }.into());
        }
        if self.blocks.is_empty() {
            return Err(ErrorKind::Empty { what: "events" }.into());
        }
        Ok(())
    }
}
