//! Prototypes, and how those are drawn from which a search starts.

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::table::Table;

/// The middle of each cluster.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Prototypes {
    pub(super) means: Vec<Vec<f64>>,
    /// The commonest codes.
    pub(super) modes: Vec<Vec<u32>>,
}

impl Prototypes {
    pub(super) fn given(means: &Array2<f64>, modes: &[Vec<u32>]) -> Self {
        Self { means: means.rows().into_iter().map(|row| row.to_vec()).collect(), modes: modes.to_vec() }
    }

    pub(super) fn len(&self) -> usize {
        self.means.len()
    }

    pub(super) fn means(&self, number: usize) -> &[f64] {
        &self.means[number]
    }

    pub(super) fn modes(&self, number: usize) -> &[u32] {
        &self.modes[number]
    }

    /// One more, at a row.
    fn push(&mut self, table: &Table<'_>, row: usize) {
        self.means.push(table.numbers.iter().map(|column| column[row]).collect());
        self.modes.push(table.codes.iter().map(|codes| codes[row]).collect());
    }
}

/// So many starts, each of as many prototypes as are asked for, or as there are points apart.
pub(super) fn draw(
    table: &Table<'_>,
    clusters: usize,
    gamma: f64,
    seed: u64,
    starts: u32,
) -> Vec<Prototypes> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..starts).map(|_| draw_one(table, clusters, gamma, &mut chance)).collect()
}

fn draw_one(table: &Table<'_>, clusters: usize, gamma: f64, chance: &mut Xoshiro256PlusPlus) -> Prototypes {
    let mut prototypes = Prototypes { means: Vec::new(), modes: Vec::new() };
    let mut least = vec![1.0_f64; table.rows];
    while prototypes.len() < clusters {
        // Weights and distances apart may be large, and together beyond the largest number.
        let most = least.iter().copied().fold(0.0, f64::max);
        let heaviest = (0..table.rows).map(|row| table.weight(row)).fold(0.0, f64::max);
        let share = |row: usize| if most > 0.0 { least[row].min(f64::MAX) / most.min(f64::MAX) } else { 0.0 };
        let shares: Vec<f64> =
            (0..table.rows).map(|row| share(row) * (table.weight(row) / heaviest)).collect();
        let total: f64 = shares.iter().sum();
        if !(total > 0.0) {
            break;
        }
        let Some(row) = find(&shares, chance.r#gen::<f64>() * total) else { break };
        prototypes.push(table, row);
        let newest = Prototypes {
            means: prototypes.means[prototypes.len() - 1..].to_vec(),
            modes: prototypes.modes[prototypes.len() - 1..].to_vec(),
        };
        let first = prototypes.len() == 1;
        for (least, (_, distance)) in least.iter_mut().zip(table.nearest(&newest, gamma)) {
            *least = if first { distance } else { least.min(distance) };
        }
    }
    prototypes
}

/// The place at which the running sum first exceeds `at`, among those above 0.
fn find(shares: &[f64], at: f64) -> Option<usize> {
    let mut sum = 0.0;
    let mut last = None;
    for (place, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        sum += share;
        last = Some(place);
        if sum > at {
            break;
        }
    }
    last
}
