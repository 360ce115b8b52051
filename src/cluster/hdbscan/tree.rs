//! The tree of clusters as a host sees it.

use super::condensed::Condensed;

/// The clusters of every density: the root holds all points, and each other is part of one before it.
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterTree {
    /// Parents first.
    pub(super) nodes: Vec<ClusterNode>,
}

/// A cluster of the tree.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClusterNode {
    /// The number of the cluster in the tree that it is part of; none for the root, which is number 0.
    pub parent: Option<usize>,
    /// The distance below which it is a cluster of its own, `1/lambda`; infinite for the root.
    pub birth: f64,
    /// The shortest distance at which it still loses points: they leave it, or it parts.
    pub death: f64,
    /// The least distance at which it or a cluster in it loses points: how dense it is at its densest.
    pub densest: f64,
    /// The weight of its points at its birth; their number where points have no weights.
    pub weight: f64,
    /// The excess of mass: summed over its points, by how much the `1/distance` at which they leave exceeds that of
    /// its birth. Infinite where enough points are equal.
    pub stability: f64,
    /// Its number among the clusters found, if it was chosen.
    pub cluster: Option<usize>,
}

impl ClusterTree {
    /// A tree none of whose clusters is chosen.
    pub(super) fn new(tree: &Condensed, weights: &[f64]) -> Self {
        let (sums, deaths, stabilities) = (tree.weights(weights), tree.deaths(), tree.stabilities(weights));
        let node = |number: usize| ClusterNode {
            parent: (number > 0).then_some(tree.parents[number] as usize),
            birth: tree.births[number],
            death: deaths[number],
            densest: deaths[number],
            weight: sums[number],
            stability: stabilities[number],
            cluster: None,
        };
        let mut nodes: Vec<ClusterNode> = (0..tree.len()).map(node).collect();
        for number in (1..nodes.len()).rev() {
            let ClusterNode { parent, densest, .. } = nodes[number];
            if let Some(parent) = parent {
                nodes[parent].densest = nodes[parent].densest.min(densest);
            }
        }
        Self { nodes }
    }

    /// Number of clusters in the tree.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: there is always the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A cluster by its number in the tree.
    pub fn get(&self, number: usize) -> Option<&ClusterNode> {
        self.nodes.get(number)
    }

    /// The clusters by their numbers: the root first, and each after the one it is part of.
    pub fn nodes(&self) -> &[ClusterNode] {
        &self.nodes
    }

    /// The clusters that were chosen, as they are numbered.
    pub fn chosen(&self) -> Vec<&ClusterNode> {
        let mut chosen: Vec<&ClusterNode> = self.nodes.iter().filter(|node| node.cluster.is_some()).collect();
        chosen.sort_by_key(|node| node.cluster);
        chosen
    }

    /// For each cluster found its stability, as a share of what it would be if all of its points lasted to the
    /// densest point of all: from 0 to 1, and 1 where that is infinitely dense.
    pub fn persistence(&self) -> Vec<f64> {
        let densest = self.nodes.first().map_or(0.0, |root| root.densest);
        let share = |node: &ClusterNode| {
            if densest > 0.0 { (node.stability * densest / node.weight).min(1.0) } else { 1.0 }
        };
        self.chosen().into_iter().map(share).collect()
    }

    /// For each cluster of the tree the chosen one that it is or is part of.
    pub(super) fn within(&self) -> Vec<Option<usize>> {
        let mut within: Vec<Option<usize>> = Vec::with_capacity(self.len());
        for (number, node) in self.nodes.iter().enumerate() {
            let above = node.parent.and_then(|parent| within[parent]);
            within.push(node.cluster.map(|_| number).or(above));
        }
        within
    }

    /// The same with distances in units of which the given one is so long.
    pub(super) fn measured(&self, unit: f64) -> Self {
        let length =
            |distance: f64| if distance.is_finite() { (distance * unit).min(f64::MAX) } else { distance };
        let measured = |node: &ClusterNode| ClusterNode {
            birth: length(node.birth),
            death: length(node.death),
            densest: length(node.densest),
            stability: node.stability / unit,
            ..*node
        };
        Self { nodes: self.nodes.iter().map(measured).collect() }
    }
}
