//! The rows that each tree learns from.

use rand::{Rng, RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::churn::tree::grow::Entry;

/// Draws of rows with replacement. A draw depends on the seed and the number of its tree alone, so that it can be made
/// again.
#[derive(Debug)]
pub(super) struct Bags {
    /// The rows that count.
    pub(super) all: Vec<Entry>,
    /// For each row the weight up to and with it, if they are not all alike.
    weights: Option<Vec<f64>>,
    seeds: Vec<u64>,
}

impl Bags {
    pub(super) fn new(all: Vec<Entry>, weighted: bool, trees: u32, seed: u64) -> Self {
        let mut sum = 0.0;
        let mut up_to = |entry: &Entry| {
            sum += entry.weight;
            sum
        };
        let weights = weighted.then(|| all.iter().map(&mut up_to).collect());
        Self { all, weights, seeds: streams(seed, trees as usize) }
    }

    /// How often each row was drawn for a tree, and the tree's random numbers after that.
    pub(super) fn draw(&self, tree: usize) -> (Vec<u32>, Xoshiro256PlusPlus) {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(self.seeds[tree]);
        let rows = self.all.len();
        let mut drawn = vec![0_u32; rows];
        for _ in 0..rows {
            let row = match &self.weights {
                None => chance.gen_range(0..rows as u32) as usize,
                Some(up_to) => {
                    let mark = chance.r#gen::<f64>() * up_to[rows - 1];
                    // Rounding may bring the mark to the end, or onto a row.
                    up_to.partition_point(|&weight| weight <= mark).min(rows - 1)
                }
            };
            drawn[row] += 1;
        }
        (drawn, chance)
    }

    /// The rows drawn, which weigh as often as they were.
    pub(super) fn entries(&self, drawn: &[u32]) -> Vec<Entry> {
        let drawn = self.all.iter().zip(drawn).filter(|(_, times)| **times > 0);
        drawn.map(|(entry, &times)| Entry { weight: f64::from(times), ..*entry }).collect()
    }

    /// The rows that a tree has not seen.
    pub(super) fn unseen(&self, tree: usize) -> Vec<Entry> {
        let (drawn, _) = self.draw(tree);
        self.all.iter().zip(drawn).filter(|(_, times)| *times == 0).map(|(entry, _)| *entry).collect()
    }
}

/// Seeds of so many streams of random numbers.
pub(super) fn streams(seed: u64, count: usize) -> Vec<u64> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| chance.next_u64()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_drawn_by_their_weight() {
        let entry = |row: u32| Entry { row, churned: false, weight: f64::from(1 + row % 3) };
        let bags = Bags::new((0..3000).map(entry).collect(), true, 2, 9);
        let drawn = bags.draw(1).0;
        assert_eq!(drawn.iter().sum::<u32>(), 3000);
        for (rest, share) in [(0, 500.0), (1, 1000.0), (2, 1500.0)] {
            let found: u32 = drawn.iter().skip(rest).step_by(3).sum();
            // Four deviations of a binomial count.
            assert!((f64::from(found) - share).abs() < 110.0, "{found} {share}");
        }
        let unseen = bags.unseen(1).len() + bags.entries(&drawn).len();
        assert_eq!((unseen, bags.draw(1).0 == drawn, bags.draw(0).0 == drawn), (3000, true, false));
    }
}
