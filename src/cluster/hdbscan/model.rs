//! The clusters learned, and to which of them other points belong.

use super::{
    held::{Held, Neighbours},
    tree::{ClusterNode, ClusterTree},
};
use crate::{
    cluster::{
        ClusterModel, Labels, Points,
        labels::{NOISE, permutes},
    },
    error::Error,
    math::parallel,
};

/// Clusters found by [`Hdbscan`](super::Hdbscan), to which other points can be assigned.
///
/// The model holds the distinct points that it was learned from, for a new one belongs where its nearest neighbour
/// does; [`forget`](Self::forget) takes one out.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct HdbscanModel {
    pub(super) min_samples: usize,
    pub(super) held: Held,
    /// Measured in the unit of what is held.
    pub(super) tree: ClusterTree,
    /// For each point held the cluster of the tree that it is the last in, and the distance below which it is not.
    pub(super) leaves: Vec<(u32, f64)>,
    /// Points that last less long are not in the root, should that be a cluster.
    pub(super) root_until: f64,
    /// For each cluster of the tree the chosen one that it is or is part of.
    pub(super) within: Vec<Option<usize>>,
}

/// Where a point is: the cluster of the tree, the distance below which it is not in it, and of the clusters found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Place {
    pub(super) cluster: Option<usize>,
    pub(super) strength: f64,
    pub(super) outlier_score: f64,
}

/// Points assigned in one go.
const BLOCK: usize = 1 << 9;

impl HdbscanModel {
    /// The tree of clusters.
    pub fn tree(&self) -> ClusterTree {
        self.tree.measured(self.held.unit)
    }

    /// Number of distinct points that the model holds.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// The cluster of each point, and how strongly it belongs there: from 0 for noise to 1 in the cluster's core.
    ///
    /// A point joins with its nearest neighbour by mutual reachability (of equals the nearest by distance), as if it
    /// were there with those learned from: in the cluster of the tree that the neighbour is in at the distance at
    /// which they join, and no longer than the neighbour. One equal to a point that was learned from is where that is.
    /// Apart from this, and that it considers all neighbours, it is `approximate_predict` of the Python package.
    ///
    /// # Errors
    /// If the points are not of the width learned from.
    pub fn assign_with_strength(&self, points: &Points<'_>) -> Result<(Labels, Vec<f64>), Error> {
        points.check_width(self.width())?;
        let rows = points.rows();
        let work = |(neighbours, point): &mut (Neighbours<'_>, Vec<f64>), block: std::ops::Range<usize>| {
            let place = |row: usize| {
                for (slot, x) in point.iter_mut().zip(rows.row(row)) {
                    *slot = self.held.measure(*x);
                }
                self.join(neighbours.nearest(point))
            };
            block.map(place).collect::<Vec<_>>()
        };
        let scratch = || (self.held.neighbours(self.min_samples), vec![0.0; self.width()]);
        let blocks = parallel::map_with(parallel::ranges(points.len(), BLOCK), scratch, work);
        let places: Vec<Place> = blocks.into_iter().flatten().collect();
        let numbers =
            places.iter().map(|place| place.cluster.map_or(NOISE, |number| number as u32)).collect();
        let strengths = places.iter().map(|place| place.strength).collect();
        Ok((Labels::of_valid(self.clusters(), numbers), strengths))
    }

    /// Takes out a point of some weight, 1 where points had none, and says whether it was held.
    ///
    /// Clusters stay as they were learned. Equal points stay until their weight is used up.
    #[allow(clippy::float_cmp, reason = "equal points are looked for")]
    pub fn forget(&mut self, point: &[f64], weight: f64) -> bool {
        let mut columns = self.held.columns();
        let same =
            |&at: &usize| columns.iter().zip(point).all(|(column, x)| column[at] == self.held.measure(*x));
        let Some(at) = (0..self.held()).find(same).filter(|_| point.len() == self.width()) else {
            return false;
        };
        let (mut weights, mut cores) = (self.held.weights.clone(), self.held.cores.clone());
        weights[at] -= weight;
        if !(weights[at] > 0.0) {
            for column in columns.iter_mut().chain([&mut weights, &mut cores]) {
                column.remove(at);
            }
            self.leaves.remove(at);
        }
        self.held = Held::known(&columns, weights, self.held.unit, cores);
        true
    }

    /// The place of a point held.
    pub(super) fn place(&self, point: usize) -> Place {
        let (node, distance) = self.leaves[point];
        self.within(node as usize, distance)
    }

    /// The place of a point that joins a neighbour at a distance.
    fn join(&self, neighbour: Option<(usize, f64)>) -> Place {
        let Some((point, distance)) = neighbour else {
            return Place { cluster: None, strength: 0.0, outlier_score: 1.0 };
        };
        let (node, until) = self.leaves[point];
        let (mut node, until) = (node as usize, until.max(distance));
        while let ClusterNode { parent: Some(parent), birth, .. } = self.tree.nodes[node]
            && birth <= distance
        {
            node = parent;
        }
        self.within(node, until)
    }

    /// The place of what is in a cluster of the tree, but not below a distance.
    fn within(&self, node: usize, until: f64) -> Place {
        let share = |least: f64| if until > least { least / until } else { 1.0 };
        let outlier_score = 1.0 - share(self.tree.nodes[node].densest);
        let chosen = self.within[node].filter(|&chosen| chosen > 0 || until <= self.root_until);
        let strength = chosen.map_or(0.0, |chosen| share(self.tree.nodes[chosen].death));
        Place { cluster: chosen.and_then(|chosen| self.tree.nodes[chosen].cluster), strength, outlier_score }
    }
}

impl ClusterModel for HdbscanModel {
    fn clusters(&self) -> usize {
        self.tree.nodes.iter().filter(|node| node.cluster.is_some()).count()
    }

    fn width(&self) -> usize {
        self.held.tree.width()
    }

    fn assign(&self, points: &Points<'_>) -> Result<Labels, Error> {
        Ok(self.assign_with_strength(points)?.0)
    }

    fn renumber(&mut self, numbers: &[usize]) {
        if !permutes(numbers, self.clusters()) {
            return;
        }
        for node in &mut self.tree.nodes {
            node.cluster = node.cluster.map(|number| numbers[number]);
        }
    }
}
