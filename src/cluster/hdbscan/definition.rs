//! HDBSCAN as it is defined, in cubic time, and that the answer is the same.

#![cfg(test)]

use ndarray::{Array2, ArrayView2};
use proptest::prelude::*;

use super::*;
use crate::cluster::ClusterModel;
use crate::cluster::Labels;

/// A cluster: its members, when it is born, when each point that is in none of its parts leaves, and the parts.
#[derive(Debug)]
struct Cluster {
    members: Vec<usize>,
    birth: f64,
    left: Vec<(usize, f64)>,
    parts: Vec<Cluster>,
}

struct Definition {
    reach: Vec<Vec<f64>>,
    minimum: usize,
}

impl Definition {
    fn new(rows: ArrayView2<'_, f64>, minimum: usize, samples: usize) -> Self {
        let distance = |a: usize, b: usize| {
            let squares =
                rows.row(a).iter().zip(rows.row(b)).map(|(x, y)| (x - y) * (x - y)).collect::<Vec<f64>>();
            squares.into_iter().fold(0.0, |sum, square| sum + square).sqrt()
        };
        let len = rows.nrows();
        let mut reach: Vec<Vec<f64>> = (0..len).map(|a| (0..len).map(|b| distance(a, b)).collect()).collect();
        let core = |row: &Vec<f64>| {
            let mut row = row.clone();
            row.sort_by(f64::total_cmp);
            row[samples - 1]
        };
        let cores: Vec<f64> = reach.iter().map(core).collect();
        for a in 0..len {
            for b in 0..len {
                reach[a][b] = reach[a][b].max(cores[a]).max(cores[b]);
            }
        }
        Self { reach, minimum }
    }

    /// The components of some points by edges of which `joins` holds.
    fn parts(&self, members: &[usize], joins: impl Fn(f64) -> bool) -> Vec<Vec<usize>> {
        let (mut parts, mut rest) = (Vec::new(), members.to_vec());
        while let Some(first) = rest.pop() {
            let mut part = vec![first];
            let mut at = 0;
            while at < part.len() {
                let near = |other: &usize| joins(self.reach[part[at]][*other]);
                let (mut joined, others): (Vec<usize>, Vec<usize>) =
                    rest.iter().partition(|&other| near(other));
                part.append(&mut joined);
                rest = others;
                at += 1;
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts.sort();
        parts
    }

    /// The least distance at which some points are one component.
    fn whole(&self, members: &[usize]) -> f64 {
        let mut all: Vec<f64> = members
            .iter()
            .flat_map(|&a| members.iter().map(move |&b| (a, b)))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| self.reach[a][b])
            .collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let at = all.partition_point(|&most| self.parts(members, |reach| reach <= most).len() > 1);
        all.get(at).copied().unwrap_or(0.0)
    }

    fn cluster(&self, members: Vec<usize>, birth: f64) -> Cluster {
        let (mut now, mut left) = (members.clone(), Vec::new());
        loop {
            let distance = self.whole(&now);
            let parts = self.parts(&now, |reach| reach < distance);
            let (large, small): (Vec<_>, Vec<_>) =
                parts.into_iter().partition(|part| part.len() >= self.minimum);
            left.extend(small.into_iter().flatten().map(|point| (point, distance)));
            if large.len() == 1 {
                now = large.into_iter().next().unwrap();
                continue;
            }
            let parts = large.into_iter().map(|part| self.cluster(part, distance)).collect();
            return Cluster { members, birth, left, parts };
        }
    }
}

impl Cluster {
    fn stability(&self) -> f64 {
        let left: f64 = self.left.iter().map(|(_, distance)| 1.0 / distance - 1.0 / self.birth).sum();
        let parted: f64 = self
            .parts
            .iter()
            .map(|part| (1.0 / part.birth - 1.0 / self.birth) * part.members.len() as f64)
            .sum();
        left + parted
    }

    fn all(&self) -> Vec<&Cluster> {
        std::iter::once(self).chain(self.parts.iter().flat_map(Cluster::all)).collect()
    }

    /// The most stable choice, with its stability. Between choices as good, the larger clusters.
    fn best(&self, root: bool) -> (f64, Vec<&Cluster>) {
        let below: Vec<_> = self.parts.iter().map(|part| part.best(true)).collect();
        let sum: f64 = below.iter().map(|best| best.0).sum();
        let own = self.stability();
        // Sums in another order may differ in their last bits.
        if root && sum <= own * (1.0 + 1e-12) {
            return (own, vec![self]);
        }
        (sum, below.into_iter().flat_map(|best| best.1).collect())
    }
}

fn rows() -> impl Strategy<Value = Array2<f64>> {
    (1_usize..4, 1_usize..36, 1_i32..40).prop_flat_map(|(width, len, side)| {
        prop::collection::vec((0..side).prop_map(f64::from), width * len)
            .prop_map(move |all| Array2::from_shape_vec((len, width), all).unwrap())
    })
}

fn members(labels: &Labels) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); labels.clusters()];
    for (row, number) in labels.iter().enumerate() {
        if let Some(number) = number {
            members[number].push(row);
        }
    }
    members.sort();
    members
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_tree_and_the_choice_are_as_defined(rows in rows(), minimum in 2_usize..7, samples in 1_usize..7, single: bool) {
        let samples = samples.min(rows.nrows());
        let points = Points::new(rows.view()).unwrap();
        let how = Hdbscan::new(minimum).min_samples(samples).allow_single_cluster(single);
        let found = how.fit(&points).unwrap();
        let root = Definition::new(rows.view(), minimum, samples).cluster((0..rows.nrows()).collect(), f64::INFINITY);

        let tree = found.tree();
        let leaves = found.leaves();
        let mut known: Vec<(Vec<usize>, f64)> = Vec::new();
        for cluster in root.all() {
            known.push((cluster.members.clone(), cluster.birth));
            for &(point, distance) in &cluster.left {
                prop_assert!((leaves[point].1 - distance).abs() <= 1e-12 * distance, "{point}");
            }
        }
        let mut held: Vec<Vec<usize>> = vec![Vec::new(); tree.len()];
        for (row, &(node, _)) in leaves.iter().enumerate() {
            let mut at = Some(node);
            while let Some(node) = at {
                held[node].push(row);
                at = tree.nodes()[node].parent;
            }
        }
        let sort = |clusters: &mut Vec<(Vec<usize>, f64)>| clusters.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut seen: Vec<(Vec<usize>, f64)> = held.into_iter().zip(tree.nodes()).map(|(rows, node)| (rows, node.birth)).collect();
        sort(&mut seen);
        sort(&mut known);
        prop_assert_eq!(seen, known);

        let mut stabilities: Vec<f64> = tree.nodes().iter().map(|node| node.stability).collect();
        let mut by_definition: Vec<f64> = root.all().iter().map(|cluster| cluster.stability()).collect();
        stabilities.sort_by(f64::total_cmp);
        by_definition.sort_by(f64::total_cmp);
        for (found, known) in stabilities.iter().zip(&by_definition) {
            prop_assert!(found == known || (found - known).abs() <= 1e-9 * (1.0 + known), "{found} {known}");
        }

        let (_, chosen) = root.best(single);
        let mut known: Vec<Vec<usize>> = chosen.iter().map(|cluster| cluster.members.clone()).collect();
        if known.len() == 1 && known[0].len() == rows.nrows() {
            let last = root.left.iter().map(|left| left.1).chain(root.parts.iter().map(|part| part.birth)).fold(f64::INFINITY, f64::min);
            known[0].retain(|&row| leaves[row].1 <= last);
        }
        known.sort();
        prop_assert_eq!(members(found.labels()), known);
    }

    #[test]
    fn weights_are_equal_points(rows in rows(), counts in prop::collection::vec(1_usize..5, 36), minimum in 2_usize..9, samples in 1_usize..9) {
        let weights: Vec<f64> = counts[..rows.nrows()].iter().map(|&count| count as f64).collect();
        let repeated: Vec<usize> = counts.iter().take(rows.nrows()).enumerate().flat_map(|(row, &count)| vec![row; count]).collect();
        let many = rows.select(ndarray::Axis(0), &repeated);
        let how = Hdbscan::new(minimum).min_samples(samples);
        let one = how.fit(&Points::new(rows.view()).unwrap().weighted(&weights).unwrap());
        let other = how.fit(&Points::new(many.view()).unwrap());
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            prop_assert_eq!(one.tree().len(), other.tree().len());
            for (a, b) in one.tree().nodes().iter().zip(other.tree().nodes()) {
                prop_assert_eq!((a.parent, a.birth, a.death, a.weight, a.stability), (b.parent, b.birth, b.death, b.weight, b.stability));
            }
            let (leaves, strengths) = (other.leaves(), other.strengths());
            for (at, &row) in repeated.iter().enumerate() {
                prop_assert_eq!(one.leaves()[row], leaves[at]);
                prop_assert_eq!(one.strengths()[row], strengths[at]);
                prop_assert_eq!(one.labels().get(row).is_some(), other.labels().get(at).is_some());
            }
        }
    }

    #[test]
    fn what_was_learned_from_is_assigned_where_it_was(rows in rows(), minimum in 2_usize..7, samples in 1_usize..7, single: bool, leaf: bool, epsilon in 0.0..9.0) {
        let points = Points::new(rows.view()).unwrap();
        let selection = if leaf { Selection::Leaf } else { Selection::ExcessOfMass };
        let how = Hdbscan::new(minimum).min_samples(samples.min(rows.nrows())).selection(selection).allow_single_cluster(single).epsilon(epsilon);
        let found = how.fit(&points).unwrap();
        let (labels, strengths) = found.model().assign_with_strength(&points).unwrap();
        prop_assert_eq!(&labels, found.labels());
        prop_assert_eq!(strengths, found.strengths());
        prop_assert_eq!(found.model().clusters(), labels.clusters());
    }

    #[test]
    fn the_order_of_rows_changes_no_group(rows in rows(), minimum in 2_usize..7, samples in 1_usize..7) {
        let how = Hdbscan::new(minimum).min_samples(samples.min(rows.nrows()));
        let mut backwards = rows.view();
        backwards.invert_axis(ndarray::Axis(0));
        let one = how.fit(&Points::new(rows.view()).unwrap()).unwrap();
        let other = how.fit(&Points::new(backwards).unwrap()).unwrap();
        let mut turned = members(other.labels());
        for row in turned.iter_mut().flatten() {
            *row = rows.nrows() - 1 - *row;
        }
        turned.iter_mut().for_each(|rows| rows.sort_unstable());
        turned.sort();
        prop_assert_eq!(members(one.labels()), turned);
    }

    #[test]
    fn any_finite_points_are_answered(
        all in prop::collection::vec(prop_oneof![any::<f64>().prop_filter("finite", |x| x.is_finite()), -2.0..2.0, Just(0.0), Just(f64::MAX), Just(f64::MIN), Just(5e-324)], 1..60),
        samples in 1_usize..9,
    ) {
        let rows = Array2::from_shape_vec((all.len(), 1), all).unwrap();
        let points = Points::new(rows.view()).unwrap();
        let found = Hdbscan::new(2).min_samples(samples.min(rows.nrows())).fit(&points).unwrap();
        prop_assert!(found.strengths().iter().chain(&found.outlier_scores()).all(|share| (0.0..=1.0).contains(share)));
        for node in found.tree().nodes() {
            prop_assert!(node.stability >= 0.0 && node.birth >= node.death && node.death >= node.densest && node.weight > 0.0, "{node:?}");
        }
        prop_assert!(found.tree().persistence().iter().all(|share| (0.0..=1.0).contains(share)));
        prop_assert!(found.leaves().iter().all(|leaf| leaf.1.is_finite()));
        prop_assert_eq!(&found.model().assign(&points).unwrap(), found.labels());
    }
}
