//! What HDBSCAN found, and how.

use super::{
    Hdbscan,
    condensed::Condensed,
    held::{Held, unit},
    model::HdbscanModel,
    selection::Choice,
    spanning::{Edge, spanning_tree},
    tree::ClusterTree,
};
use crate::cluster::{Clustered, LabelOrder, Labels, Points, distinct::Distinct, labels::NOISE};

/// What [`Hdbscan`] found among points: their clusters, how strongly each point belongs to its own, and the tree
/// of clusters.
#[derive(Clone, PartialEq, Debug)]
pub struct HdbscanFit {
    /// The clusters, and the cluster of each point.
    pub clustered: Clustered<HdbscanModel>,
    /// For each row the point held that it equals.
    of: Vec<u32>,
}

pub(super) fn fit(how: &Hdbscan, points: &Points<'_>) -> HdbscanFit {
    let (held, of) = hold(points, how.samples());
    let condensed =
        Condensed::new(edges(&held), &held.cores, &held.weights, how.min_cluster_size as f64, how.joins);
    let epsilon = how.epsilon / held.unit;
    let choice = Choice {
        selection: how.selection,
        root: how.allow_single_cluster,
        epsilon,
        heaviest: how.max_cluster_size.map_or(f64::INFINITY, |most| most as f64),
    };
    let mut tree = ClusterTree::new(&condensed, &held.weights);
    for (number, cluster) in choice.choose(&condensed, &held.weights).into_iter().enumerate() {
        tree.nodes[cluster as usize].cluster = Some(number);
    }
    let root_until = if epsilon > 0.0 { epsilon } else { tree.nodes[0].death };
    let within = tree.within();
    let model =
        HdbscanModel { min_samples: how.samples(), held, tree, leaves: condensed.leaves, root_until, within };
    label(model, of)
}

/// The distinct points with their core distances, and for each row which of them it equals.
pub(super) fn hold(points: &Points<'_>, min_samples: usize) -> (Held, Vec<u32>) {
    // There are no more distinct points than points.
    let Distinct { mut columns, weights, of } = Distinct::of(points, points.len()).unwrap_or(Distinct {
        columns: Vec::new(),
        weights: Vec::new(),
        of: Vec::new(),
    });
    let unit = unit(&columns);
    for x in columns.iter_mut().flatten() {
        // By a power of two: mostly by 1.
        *x /= unit;
    }
    (Held::learn(&columns, weights, unit, min_samples), of)
}

/// The spanning tree, by points.
pub(super) fn edges(held: &Held) -> Vec<Edge> {
    let mut edges = spanning_tree(&held.tree, held.placed_cores());
    let rows = held.tree.rows();
    for edge in &mut edges {
        (edge.one, edge.other) = (rows[edge.one as usize], rows[edge.other as usize]);
    }
    edges
}

/// Labels the rows, and numbers the clusters by size.
fn label(model: HdbscanModel, of: Vec<u32>) -> HdbscanFit {
    let places: Vec<u32> =
        (0..model.held.len()).map(|point| model.place(point).cluster.map_or(NOISE, |n| n as u32)).collect();
    let numbers = of.iter().map(|&point| places[point as usize]).collect();
    let labels = Labels::of_valid(model.tree.chosen().len(), numbers);
    let mut clustered = Clustered::new(model, labels);
    let order = clustered.labels.numbers_by(LabelOrder::Size, |_| Vec::new());
    clustered.renumber(&order);
    HdbscanFit { clustered, of }
}

impl HdbscanFit {
    /// The cluster of each row.
    pub fn labels(&self) -> &Labels {
        &self.clustered.labels
    }

    /// The clusters, to which other points can be assigned.
    pub fn model(&self) -> &HdbscanModel {
        &self.clustered.model
    }

    /// The tree of clusters, of which some were chosen.
    pub fn tree(&self) -> ClusterTree {
        self.model().tree()
    }

    /// For each row how strongly it belongs to its cluster: from 0 for noise to 1 for those that last to its end.
    ///
    /// # Formula
    /// ```text
    /// strength = min(lambda, lambda_max) / lambda_max
    /// ```
    /// lambda is 1/distance: of the point where it leaves, and the greatest at which the cluster loses any.
    pub fn strengths(&self) -> Vec<f64> {
        self.each(|point| self.model().place(point).strength)
    }

    /// For each row how much of an outlier it is, from 0 to 1 (GLOSH; Campello, Moulavi, Zimek & Sander, 2015).
    ///
    /// # Formula
    /// ```text
    /// score = 1 - lambda / lambda_max
    /// ```
    /// lambda is 1/distance: of the point where it leaves the last cluster of the tree that it is in, and the
    /// greatest in that cluster or one that is part of it.
    pub fn outlier_scores(&self) -> Vec<f64> {
        self.each(|point| self.model().place(point).outlier_score)
    }

    /// For each row the last cluster of the [`tree`](Self::tree) that it is in, and the distance below which it is
    /// not: with the clusters' own parents and births, all of the condensed tree.
    pub fn leaves(&self) -> Vec<(usize, f64)> {
        let unit = self.model().held.unit;
        self.each(|point| {
            let (node, distance) = self.model().leaves[point];
            (node as usize, (distance * unit).min(f64::MAX))
        })
    }

    fn each<T>(&self, of: impl Fn(usize) -> T) -> Vec<T> {
        self.of.iter().map(|&point| of(point as usize)).collect()
    }
}
