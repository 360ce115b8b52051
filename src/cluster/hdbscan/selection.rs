//! Which clusters of the tree are the answer.

use super::condensed::Condensed;

/// How clusters are chosen from the tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Selection {
    /// The clusters that are stable the longest: no choice of clusters that share no point has a greater sum of
    /// stabilities (Campello, Moulavi & Sander, 2013). The default.
    #[default]
    ExcessOfMass,
    /// The clusters that part no further: many, small and even.
    Leaf,
}

/// What may be chosen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Choice {
    pub(super) selection: Selection,
    /// Whether the root may be.
    pub(super) root: bool,
    /// Clusters born below this distance stay part of one born at it or above.
    pub(super) epsilon: f64,
    /// No heavier cluster is chosen for its excess of mass.
    pub(super) heaviest: f64,
}

impl Choice {
    /// The clusters chosen, ascending; none is part of another.
    pub(super) fn choose(&self, tree: &Condensed, weights: &[f64]) -> Vec<u32> {
        let mut chosen = match self.selection {
            Selection::ExcessOfMass => self.by_mass(tree, weights),
            Selection::Leaf => self.leaves(tree),
        };
        if self.epsilon > 0.0 {
            self.widen(tree, &mut chosen);
        }
        uppermost(tree, &mut chosen);
        (0..tree.len() as u32).filter(|&cluster| chosen[cluster as usize]).collect()
    }

    /// From the leaves up, each cluster that is at least as stable as what is best below it.
    fn by_mass(&self, tree: &Condensed, weights: &[f64]) -> Vec<bool> {
        let (stabilities, weights) = (tree.stabilities(weights), tree.weights(weights));
        let mut below = vec![0.0; tree.len()];
        let mut chosen = vec![false; tree.len()];
        for cluster in (0..tree.len()).rev() {
            let allowed = (cluster > 0 || self.root) && weights[cluster] <= self.heaviest;
            // What is as stable as its parts is one, whatever rounding makes of their sum.
            chosen[cluster] = allowed && below[cluster] <= stabilities[cluster] * (1.0 + 1e-12);
            if cluster > 0 {
                let best = if chosen[cluster] { stabilities[cluster] } else { below[cluster] };
                below[tree.parents[cluster] as usize] += best;
            }
        }
        chosen
    }

    fn leaves(&self, tree: &Condensed) -> Vec<bool> {
        let mut leaves = vec![true; tree.len()];
        for &parent in &tree.parents[1..] {
            leaves[parent as usize] = false;
        }
        leaves[0] &= self.root;
        leaves
    }

    /// In place of each cluster that is born too near, the nearest above it that is not.
    fn widen(&self, tree: &Condensed, chosen: &mut [bool]) {
        uppermost(tree, chosen);
        for cluster in (1..tree.len()).rev() {
            let parent = tree.parents[cluster] as usize;
            if chosen[cluster] && tree.births[cluster] < self.epsilon && (parent > 0 || self.root) {
                (chosen[cluster], chosen[parent]) = (false, true);
            }
        }
    }
}

/// Leaves out what is part of another that is chosen.
fn uppermost(tree: &Condensed, chosen: &mut [bool]) {
    let mut within = vec![false; tree.len()];
    for cluster in 0..tree.len() {
        let parent = tree.parents[cluster] as usize;
        within[cluster] = cluster > 0 && (within[parent] || chosen[parent]);
    }
    for (chosen, within) in chosen.iter_mut().zip(within) {
        *chosen &= !within;
    }
}
