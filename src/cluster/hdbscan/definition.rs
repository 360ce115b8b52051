//! HDBSCAN as it is defined, in cubic time, and that the answer is the same.

#![cfg(test)]
#![allow(clippy::float_cmp, reason = "exact answers are compared")]

use ndarray::{Array2, ArrayView2, Axis};
use proptest::{prelude::*, test_runner::TestCaseError};

use super::*;
use crate::cluster::{ClusterModel, Labels};

/// A cluster: its members, when it is born, when each point that is in none of its parts leaves, and the parts.
struct Cluster {
    members: Vec<usize>,
    birth: f64,
    left: Vec<(usize, f64)>,
    parts: Vec<Cluster>,
}

/// Mutual reachability, and the size of the smallest cluster.
struct Definition {
    reach: Vec<Vec<f64>>,
    minimum: usize,
}

impl Definition {
    fn new(rows: ArrayView2<'_, f64>, minimum: usize, samples: usize) -> Self {
        let distance = |a: usize, b: usize| {
            let squares = rows.row(a).iter().zip(rows.row(b)).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
            squares.sqrt()
        };
        let len = rows.nrows();
        let mut reach: Vec<Vec<f64>> = (0..len).map(|a| (0..len).map(|b| distance(a, b)).collect()).collect();
        let core = |row: &Vec<f64>| {
            let mut row = row.clone();
            row.sort_by(f64::total_cmp);
            row[samples - 1]
        };
        let cores: Vec<f64> = reach.iter().map(core).collect();
        for (a, row) in reach.iter_mut().enumerate() {
            for (reach, core) in row.iter_mut().zip(&cores) {
                *reach = reach.max(*core).max(cores[a]);
            }
        }
        Self { reach, minimum }
    }

    /// The components of some points by edges of which `joins` holds.
    fn parts(&self, members: &[usize], joins: impl Fn(f64) -> bool) -> Vec<Vec<usize>> {
        let (mut parts, mut rest) = (Vec::new(), members.to_vec());
        while let Some(first) = rest.pop() {
            let (mut part, mut at) = (vec![first], 0);
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
        let others = |&a: &usize| members.iter().filter(move |&&b| a != b).map(move |&b| self.reach[a][b]);
        let mut all: Vec<f64> = members.iter().flat_map(others).collect();
        all.sort_by(f64::total_cmp);
        let at = all.partition_point(|&most| self.parts(members, |reach| reach <= most).len() > 1);
        all.get(at).copied().unwrap_or(0.0)
    }

    fn cluster(&self, members: Vec<usize>, birth: f64) -> Cluster {
        let (mut now, mut left) = (members.clone(), Vec::new());
        loop {
            let distance = self.whole(&now);
            let parts = self.parts(&now, |reach| reach < distance);
            let (mut large, small): (Vec<_>, Vec<_>) =
                parts.into_iter().partition(|part| part.len() >= self.minimum);
            left.extend(small.into_iter().flatten().map(|point| (point, distance)));
            if large.len() != 1 {
                let parts = large.into_iter().map(|part| self.cluster(part, distance)).collect();
                return Cluster { members, birth, left, parts };
            }
            now = large.remove(0);
        }
    }
}

impl Cluster {
    fn stability(&self) -> f64 {
        let left: f64 = self.left.iter().map(|(_, distance)| 1.0 / distance - 1.0 / self.birth).sum();
        let parted = |part: &Self| (1.0 / part.birth - 1.0 / self.birth) * part.members.len() as f64;
        left + self.parts.iter().map(parted).sum::<f64>()
    }

    fn all(&self) -> Vec<&Self> {
        std::iter::once(self).chain(self.parts.iter().flat_map(Self::all)).collect()
    }

    /// Whether a cluster is as stable as its parts, but for what rounding makes of it.
    fn is_torn(&self) -> bool {
        let (own, below) = (self.stability(), self.parts.iter().map(|part| part.best(true).0).sum::<f64>());
        (own - below).abs() <= 1e-9 * own && !self.parts.is_empty() || self.parts.iter().any(Self::is_torn)
    }

    /// The most stable choice, with its stability; of equals the larger clusters.
    fn best(&self, allowed: bool) -> (f64, Vec<&Self>) {
        let below: Vec<_> = self.parts.iter().map(|part| part.best(true)).collect();
        let sum: f64 = below.iter().map(|best| best.0).sum();
        let own = self.stability();
        if allowed && sum <= own {
            return (own, vec![self]);
        }
        (sum, below.into_iter().flat_map(|best| best.1).collect())
    }

    /// The shortest distance at which it loses points.
    fn death(&self) -> f64 {
        let parted = self.parts.iter().map(|part| part.birth);
        self.left.iter().map(|left| left.1).chain(parted).fold(f64::INFINITY, f64::min)
    }

    /// Its members and birth, and those of all that are part of it, in an order.
    fn clusters(&self) -> Vec<(Vec<usize>, f64)> {
        ordered(self.all().into_iter().map(|cluster| (cluster.members.clone(), cluster.birth)).collect())
    }
}

fn ordered(mut clusters: Vec<(Vec<usize>, f64)>) -> Vec<(Vec<usize>, f64)> {
    clusters.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    clusters
}

/// Points joined one by one along edges: the part that each end is in, and the distance.
fn in_turn(edges: &[(usize, usize, f64)], members: &[usize], minimum: usize, birth: f64) -> Cluster {
    let (mut now, mut left) = (members.to_vec(), Vec::new());
    let mut rest = edges.iter().rposition(|edge| now.contains(&edge.0) && now.contains(&edge.1));
    while let Some(last) = rest {
        let mut part = vec![edges[last].0];
        let mut at = 0;
        while at < part.len() {
            for &(one, other, _) in &edges[..last] {
                for (a, b) in [(one, other), (other, one)] {
                    if a == part[at] && now.contains(&b) && !part.contains(&b) {
                        part.push(b);
                    }
                }
            }
            at += 1;
        }
        part.sort_unstable();
        let others: Vec<usize> = now.iter().copied().filter(|point| !part.contains(point)).collect();
        let (mut large, small): (Vec<_>, Vec<_>) =
            [part, others].into_iter().partition(|part| part.len() >= minimum);
        let distance = edges[last].2;
        left.extend(small.into_iter().flatten().map(|point| (point, distance)));
        if large.len() != 1 {
            let parts = large.iter().map(|part| in_turn(&edges[..last], part, minimum, distance)).collect();
            return Cluster { members: members.to_vec(), birth, left, parts };
        }
        now = large.remove(0);
        rest = edges[..last].iter().rposition(|edge| now.contains(&edge.0) && now.contains(&edge.1));
    }
    left.extend(now.iter().map(|&point| (point, 0.0)));
    Cluster { members: members.to_vec(), birth, left, parts: Vec::new() }
}

/// The members and births of all clusters of the tree, in an order.
fn clusters(found: &HdbscanFit) -> Vec<(Vec<usize>, f64)> {
    let tree = found.tree();
    let mut held: Vec<Vec<usize>> = vec![Vec::new(); tree.len()];
    for (row, (node, _)) in found.leaves().into_iter().enumerate() {
        let mut at = Some(node);
        while let Some(node) = at {
            held[node].push(row);
            at = tree.nodes()[node].parent;
        }
    }
    ordered(held.into_iter().zip(tree.nodes()).map(|(rows, node)| (rows, node.birth)).collect())
}

/// The rows of each cluster found, in an order.
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

/// That the tree, where points leave it, the stabilities and the choice are those of a definition.
fn same(found: &HdbscanFit, root: &Cluster, single: bool) -> Result<(), TestCaseError> {
    prop_assert_eq!(clusters(found), root.clusters());
    let leaves = found.leaves();
    for &(point, distance) in root.all().iter().flat_map(|cluster| &cluster.left) {
        prop_assert_eq!(leaves[point].1, distance);
    }
    let mut stabilities: Vec<f64> = found.tree().nodes().iter().map(|node| node.stability).collect();
    let mut known: Vec<f64> = root.all().iter().map(|cluster| cluster.stability()).collect();
    stabilities.sort_by(f64::total_cmp);
    known.sort_by(f64::total_cmp);
    for (found, known) in stabilities.iter().zip(&known) {
        prop_assert!(found == known || (found - known).abs() <= 1e-9 * (1.0 + known), "{found} {known}");
    }
    if root.is_torn() {
        return Ok(());
    }
    let (_, chosen) = root.best(single);
    let mut known: Vec<Vec<usize>> = chosen.iter().map(|cluster| cluster.members.clone()).collect();
    if chosen.first().is_some_and(|first| std::ptr::eq(*first, root)) {
        known[0].retain(|&row| leaves[row].1 <= root.death());
    }
    known.sort();
    prop_assert_eq!(members(found.labels()), known);
    Ok(())
}

fn rows() -> impl Strategy<Value = Array2<f64>> {
    (1_usize..4, 1_usize..36, 1_i32..40).prop_flat_map(|(width, len, side)| {
        prop::collection::vec((0..side).prop_map(f64::from), width * len)
            .prop_map(move |all| Array2::from_shape_vec((len, width), all).unwrap())
    })
}

fn any_number() -> impl Strategy<Value = f64> {
    let finite = any::<f64>().prop_filter("finite", |x| x.is_finite());
    prop_oneof![finite, -2.0..2.0, Just(0.0), Just(f64::MAX), Just(f64::MIN), Just(5e-324)]
}

fn any_way() -> impl Strategy<Value = Hdbscan> {
    let joins = prop_oneof![Just(Joins::InTurn), Just(Joins::AtOnce)];
    let selection = prop_oneof![Just(Selection::ExcessOfMass), Just(Selection::Leaf)];
    (2_usize..7, 1_usize..7, joins, selection, prop_oneof![Just(0.0), 0.0..9.0], any::<bool>()).prop_map(
        |(minimum, samples, joins, selection, epsilon, single)| {
            let how = Hdbscan::new(minimum).min_samples(samples).joins(joins).selection(selection);
            how.epsilon(epsilon).allow_single_cluster(single)
        },
    )
}

/// The same, asking for no more points than there are.
fn fitting(how: Hdbscan, len: usize) -> Hdbscan {
    how.min_samples(how.samples().min(len))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn all_at_once_is_as_defined(rows in rows(), minimum in 2_usize..7, samples in 1_usize..7, single: bool) {
        let samples = samples.min(rows.nrows());
        let how = Hdbscan::new(minimum).min_samples(samples).joins(Joins::AtOnce);
        let found = how.allow_single_cluster(single).fit(&Points::new(rows.view()).unwrap()).unwrap();
        let all = (0..rows.nrows()).collect();
        same(&found, &Definition::new(rows.view(), minimum, samples).cluster(all, f64::INFINITY), single)?;
    }

    #[test]
    fn in_turn_is_along_the_edges(rows in rows(), minimum in 2_usize..7, samples in 1_usize..7, single: bool) {
        // Equal rows are one point.
        let mut distinct: Vec<Vec<f64>> = Vec::new();
        for row in rows.rows().into_iter().map(|row| row.to_vec()) {
            if !distinct.contains(&row) {
                distinct.push(row);
            }
        }
        let len = distinct.len();
        let rows = Array2::from_shape_vec((len, rows.ncols()), distinct.concat()).unwrap();
        let (points, samples) = (Points::new(rows.view()).unwrap(), samples.min(len));
        let (held, _) = fit::hold(&points, samples);
        let mut edges = fit::edges(&held);
        edges.sort_by(spanning::Edge::order);
        let edges: Vec<_> =
            edges.iter().map(|edge| (edge.one as usize, edge.other as usize, edge.square.sqrt())).collect();
        let all: Vec<usize> = (0..len).collect();
        let how = Hdbscan::new(minimum).min_samples(samples).allow_single_cluster(single);
        same(&how.fit(&points).unwrap(), &in_turn(&edges, &all, minimum, f64::INFINITY), single)?;
    }

    #[test]
    fn weights_are_equal_points(
        rows in rows(),
        counts in prop::collection::vec(1_usize..5, 36),
        how in any_way(),
    ) {
        let counts = &counts[..rows.nrows()];
        let weights: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        let repeated: Vec<usize> =
            counts.iter().enumerate().flat_map(|(row, &count)| vec![row; count]).collect();
        let many = rows.select(Axis(0), &repeated);
        let how = fitting(how, repeated.len());
        let one = how.fit(&Points::new(rows.view()).unwrap().weighted(&weights).unwrap()).unwrap();
        let other = how.fit(&Points::new(many.view()).unwrap()).unwrap();
        for (a, b) in one.tree().nodes().iter().zip(other.tree().nodes()) {
            // Which is the largest cluster is asked of the rows.
            prop_assert_eq!(a.cluster.is_some(), b.cluster.is_some());
            prop_assert_eq!(ClusterNode { cluster: None, ..*a }, ClusterNode { cluster: None, ..*b });
        }
        let (leaves, strengths) = (other.leaves(), other.strengths());
        for (at, &row) in repeated.iter().enumerate() {
            prop_assert_eq!((one.leaves()[row], one.strengths()[row]), (leaves[at], strengths[at]));
        }
    }

    #[test]
    fn what_was_learned_from_is_assigned_where_it_was(rows in rows(), how in any_way()) {
        let points = Points::new(rows.view()).unwrap();
        let found = fitting(how, rows.nrows()).fit(&points).unwrap();
        let (labels, strengths) = found.model().assign_with_strength(&points).unwrap();
        prop_assert_eq!(&labels, found.labels());
        prop_assert_eq!(strengths, found.strengths());
        prop_assert_eq!(found.model().clusters(), labels.clusters());
    }

    #[test]
    fn all_at_once_the_order_of_rows_changes_no_group(rows in rows(), how in any_way()) {
        let how = fitting(how, rows.nrows()).joins(Joins::AtOnce);
        let mut backwards = rows.view();
        backwards.invert_axis(Axis(0));
        let one = how.fit(&Points::new(rows.view()).unwrap()).unwrap();
        let other = how.fit(&Points::new(backwards).unwrap()).unwrap();
        let mut turned = members(other.labels());
        for rows_of_one in &mut turned {
            for row in rows_of_one.iter_mut() {
                *row = rows.nrows() - 1 - *row;
            }
            rows_of_one.sort_unstable();
        }
        turned.sort();
        prop_assert_eq!(members(one.labels()), turned);
    }

    #[test]
    fn any_finite_points_are_answered(all in prop::collection::vec(any_number(), 1..60), how in any_way()) {
        let rows = Array2::from_shape_vec((all.len(), 1), all).unwrap();
        let points = Points::new(rows.view()).unwrap();
        let found = fitting(how, rows.nrows()).fit(&points).unwrap();
        let shares = [found.strengths(), found.outlier_scores(), found.tree().persistence()].concat();
        prop_assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        for node in found.tree().nodes() {
            prop_assert!(node.stability >= 0.0 && node.weight > 0.0, "{node:?}");
            prop_assert!(node.birth >= node.death && node.death >= node.densest, "{node:?}");
        }
        prop_assert!(found.leaves().iter().all(|leaf| leaf.1.is_finite()));
        prop_assert_eq!(&found.model().assign(&points).unwrap(), found.labels());
    }

    #[test]
    fn what_is_forgotten_is_not_held(rows in rows(), how in any_way()) {
        let points = Points::new(rows.view()).unwrap();
        let mut model = fitting(how, rows.nrows()).fit(&points).unwrap().clustered.model;
        let (tree, first) = (model.tree(), rows.row(0).to_vec());
        let equal = rows.rows().into_iter().filter(|row| row.to_vec() == first).count();
        for _ in 0..equal {
            prop_assert!(model.forget(&first, 1.0));
        }
        prop_assert!(!model.forget(&first, 1.0) && !model.forget(&[], 1.0));
        prop_assert_eq!(model.tree(), tree);
        prop_assert_eq!(model.assign(&points).unwrap().len(), rows.nrows());
    }
}

#[test]
fn threads_change_no_bit() {
    let rows = Array2::from_shape_fn((5000, 3), |(row, column)| ((row * 7919 * (column + 3)) % 1009) as f64);
    let points = Points::new(rows.view()).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Hdbscan::new(12).min_samples(6).fit(&points).unwrap())
    };
    let one = on(1);
    assert!(one.labels().clusters() > 1);
    for threads in [2, 3] {
        assert!(one == on(threads), "{threads}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let rows = Array2::zeros((4, 1));
    let points = Points::new(rows.view()).unwrap();
    let say = |how: Hdbscan| how.fit(&points).unwrap_err().to_string();
    assert_eq!(say(Hdbscan::new(1)), "min_cluster_size: `1` must be at least 2");
    assert_eq!(say(Hdbscan::new(2).min_samples(0)), "min_samples: `0` must be at least 1");
    assert_eq!(say(Hdbscan::new(2).epsilon(f64::NAN)), "epsilon: `NaN` must be finite and at least 0");
    assert_eq!(say(Hdbscan::new(5)), "fewer points than `min_samples`: needed 5, found 4");
    let wide = Array2::zeros((1, 2));
    let model = Hdbscan::new(2).fit(&points).unwrap().clustered.model;
    assert!(model.assign(&Points::new(wide.view()).unwrap()).is_err());
}
