//! The tree of clusters: how they part as the distance that joins points is let down.

use super::spanning::{Edge, Sets};

/// How parts of which several are equally far from one another are joined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Joins {
    /// One by one, as other programs do it; here of points as far by mutual reachability those first that are
    /// nearer by distance. Where many distances are equal, clusters change with the order of rows. The default.
    #[default]
    InTurn,
    /// All at once, as the method is defined (Campello, Moulavi, Zimek & Sander, 2015): clusters are the same in any
    /// order of rows, and none is born and lost at one distance.
    AtOnce,
}

/// What a spanning tree condenses to: a cluster that loses fewer than the minimum stays itself.
///
/// Clusters are numbered from the root, 0, breadth first. Distances are in the unit of the search.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Condensed {
    /// For each cluster the one it is part of; the root is part of itself.
    pub(super) parents: Vec<u32>,
    /// For each cluster the distance below which it is one of its own; infinite for the root.
    pub(super) births: Vec<f64>,
    /// For each point the cluster that it is the last in, and the distance below which it is not.
    pub(super) leaves: Vec<(u32, f64)>,
}

/// No cluster, no point.
const NONE: u32 = u32::MAX;

impl Condensed {
    /// Joins points along the edges of a spanning tree, shortest first.
    ///
    /// A point of a weight above 1 is as many equal ones, which part below its core distance.
    pub(super) fn new(
        mut edges: Vec<Edge>,
        cores: &[f64],
        weights: &[f64],
        minimum: f64,
        joins: Joins,
    ) -> Self {
        edges.sort_unstable_by(Edge::order);
        let mut growth = Growth::new(cores, weights, minimum);
        // At distance 0 all is of infinite density, and nothing parts.
        let together = |a: &Edge, b: &Edge| {
            let as_far = a.square.total_cmp(&b.square).is_eq();
            as_far && (joins == Joins::AtOnce || a.square == 0.0)
        };
        for level in edges.chunk_by(together) {
            growth.join(level);
        }
        growth.finish()
    }

    /// Number of clusters.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// The weight of each cluster with all below it.
    pub(super) fn weights(&self, weights: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.len()];
        for ((cluster, _), weight) in self.leaves.iter().zip(weights) {
            sums[*cluster as usize] += weight;
        }
        for cluster in (1..self.len()).rev() {
            sums[self.parents[cluster] as usize] += sums[cluster];
        }
        sums
    }

    /// For each cluster the shortest distance at which it loses points: they leave it, or it parts.
    pub(super) fn deaths(&self) -> Vec<f64> {
        let mut deaths = vec![f64::INFINITY; self.len()];
        for &(cluster, distance) in &self.leaves {
            deaths[cluster as usize] = distance.min(deaths[cluster as usize]);
        }
        for cluster in 1..self.len() {
            let death = &mut deaths[self.parents[cluster] as usize];
            *death = death.min(self.births[cluster]);
        }
        deaths
    }

    /// The excess of mass of each cluster: the sum over its points of how much longer than the cluster they
    /// last, in 1/distance. Infinite where points of enough weight are equal.
    pub(super) fn stabilities(&self, weights: &[f64]) -> Vec<f64> {
        let mut stabilities = vec![0.0; self.len()];
        let born = |cluster: u32| 1.0 / self.births[cluster as usize];
        for (&(cluster, distance), weight) in self.leaves.iter().zip(weights) {
            stabilities[cluster as usize] += (1.0 / distance - born(cluster)) * weight;
        }
        let sums = self.weights(weights);
        for cluster in 1..self.len() as u32 {
            let parent = self.parents[cluster as usize];
            stabilities[parent as usize] += (born(cluster) - born(parent)) * sums[cluster as usize];
        }
        stabilities
    }
}

/// Parts that grow together. A part is known by the point that stands for its set.
struct Growth<'a> {
    minimum: f64,
    cores: &'a [f64],
    sets: Sets,
    /// By part.
    weights: Vec<f64>,
    /// By part the cluster that it is; none while it is too small.
    clusters: Vec<u32>,
    /// By part that is too small its first and last point, and by point the next one.
    ends: Vec<[u32; 2]>,
    next: Vec<u32>,
    parents: Vec<u32>,
    births: Vec<f64>,
    leaves: Vec<(u32, f64)>,
    /// The parts that a level joins, and by part how much they weigh together and what cluster they become.
    touched: Vec<u32>,
    joined: Vec<Joined>,
    /// The length of the longest edge so far.
    farthest: f64,
}

#[derive(Clone, Copy, Default)]
struct Joined {
    weight: f64,
    clusters: u32,
    cluster: u32,
}

impl<'a> Growth<'a> {
    fn new(cores: &'a [f64], weights: &[f64], minimum: f64) -> Self {
        let len = weights.len();
        Self {
            minimum,
            cores,
            sets: Sets::new(len),
            weights: weights.to_vec(),
            clusters: vec![NONE; len],
            ends: (0..len as u32).map(|point| [point, point]).collect(),
            next: vec![NONE; len],
            parents: Vec::new(),
            births: Vec::new(),
            leaves: vec![(NONE, 0.0); len],
            touched: Vec::new(),
            joined: vec![Joined::default(); len],
            farthest: 0.0,
        }
    }

    /// Joins parts along edges of one length.
    fn join(&mut self, level: &[Edge]) {
        let distance = level[0].square.sqrt();
        self.farthest = distance;
        self.touched.clear();
        for edge in level {
            for end in [edge.one, edge.other] {
                let part = self.sets.find(end);
                self.touched.push(part);
            }
        }
        if level.len() > 1 {
            self.touched.sort_unstable();
            self.touched.dedup();
        }
        for edge in level {
            self.sets.unite(edge.one, edge.other);
        }
        let touched = std::mem::take(&mut self.touched);
        for &part in &touched {
            self.stand_alone(part, level[0].square);
            let whole = self.sets.find(part) as usize;
            let joined = &mut self.joined[whole];
            joined.weight += self.weights[part as usize];
            if self.clusters[part as usize] != NONE {
                joined.clusters += 1;
                joined.cluster = self.clusters[part as usize];
            }
        }
        for &part in &touched {
            let whole = self.sets.find(part);
            if whole == part {
                self.name(whole as usize);
            }
        }
        for &part in &touched {
            let whole = self.sets.find(part);
            self.merge(part, whole, distance);
        }
        for &part in &touched {
            if self.sets.find(part) == part {
                let joined = std::mem::take(&mut self.joined[part as usize]);
                self.weights[part as usize] = joined.weight;
                self.clusters[part as usize] = joined.cluster;
            }
        }
        self.touched = touched;
    }

    /// A single point is a cluster if equal points of enough weight hold together below this level.
    fn stand_alone(&mut self, part: u32, square: f64) {
        let at = part as usize;
        let alone = self.ends[at] == [part, part] && self.clusters[at] == NONE;
        if alone && self.weights[at] >= self.minimum && self.cores[at] < square {
            self.clusters[at] = self.cluster();
            self.leaves[at] = (self.clusters[at], self.cores[at].sqrt());
        }
    }

    /// What becomes of parts that are joined: the one cluster among them goes on; several are parts of a new one,
    /// and so are small parts that together are large enough.
    fn name(&mut self, whole: usize) {
        let Joined { weight, clusters, cluster } = self.joined[whole];
        self.joined[whole].cluster = match clusters {
            1 => cluster,
            0 if weight < self.minimum => NONE,
            _ => self.cluster(),
        };
    }

    fn cluster(&mut self) -> u32 {
        self.parents.push(NONE);
        self.births.push(f64::INFINITY);
        self.parents.len() as u32 - 1
    }

    /// Points of a small part leave the cluster that it became part of, or are listed with the others.
    fn merge(&mut self, part: u32, whole: u32, distance: f64) {
        let (own, Joined { cluster, .. }) = (self.clusters[part as usize], self.joined[whole as usize]);
        if own != NONE {
            if own != cluster {
                self.parents[own as usize] = cluster;
                self.births[own as usize] = distance;
            }
        } else if cluster != NONE {
            self.leave(part, cluster, distance);
        } else if part != whole {
            let [first, last] = self.ends[part as usize];
            let end = self.ends[whole as usize][1];
            self.next[end as usize] = first;
            self.ends[whole as usize][1] = last;
        }
    }

    /// All points of a small part leave a cluster at a distance.
    fn leave(&mut self, part: u32, cluster: u32, distance: f64) {
        let mut point = self.ends[part as usize][0];
        while point != NONE {
            self.leaves[point as usize] = (cluster, distance);
            point = self.next[point as usize];
        }
    }

    /// All is one part; if it is too small, it is the root all the same, as it is the last there is.
    fn finish(mut self) -> Condensed {
        let whole = self.sets.find(0);
        if self.clusters[whole as usize] == NONE {
            let root = self.cluster();
            self.clusters[whole as usize] = root;
            let distance = self.farthest;
            self.leave(whole, root, distance);
        }
        numbered(&self.parents, &self.births, &self.leaves)
    }
}

/// Numbers clusters breadth first; those of one parent by the first of their points.
fn numbered(parents: &[u32], births: &[f64], leaves: &[(u32, f64)]) -> Condensed {
    let mut first = vec![NONE; parents.len()];
    for (point, &(cluster, _)) in leaves.iter().enumerate() {
        first[cluster as usize] = first[cluster as usize].min(point as u32);
    }
    let mut below = vec![Vec::new(); parents.len()];
    // A cluster was made before the one it is part of.
    for (cluster, &parent) in parents.iter().enumerate() {
        if parent != NONE {
            first[parent as usize] = first[parent as usize].min(first[cluster]);
            below[parent as usize].push(cluster as u32);
        }
    }
    let mut order = vec![parents.len() as u32 - 1];
    let mut at = 0;
    while at < order.len() {
        let children = &mut below[order[at] as usize];
        children.sort_unstable_by_key(|&child| first[child as usize]);
        order.append(children);
        at += 1;
    }
    let mut numbers = vec![0; parents.len()];
    for (number, &cluster) in order.iter().enumerate() {
        numbers[cluster as usize] = number as u32;
    }
    let parent = |&cluster: &u32| match parents[cluster as usize] {
        NONE => 0,
        parent => numbers[parent as usize],
    };
    Condensed {
        parents: order.iter().map(parent).collect(),
        births: order.iter().map(|&cluster| births[cluster as usize]).collect(),
        leaves: leaves.iter().map(|&(cluster, at)| (numbers[cluster as usize], at)).collect(),
    }
}
