//! The tree of merges, and the clusters it falls into when it is cut.

use super::{Cut, chain::Join, rows::Rows};
use crate::{
    cluster::{LabelOrder, Labels},
    error::{Error, ErrorKind},
};

/// Which clusters merged, at what height, from the lowest merge to the highest.
///
/// The convention is that of scipy's `linkage`: of n points, the clusters 0 to n - 1 are the points, and merge k
/// makes the cluster n + k. Merges of equal height stay in the order in which they were found, those of equal points
/// first and in the order of the rows.
///
/// Rows of the tree are the points it was built of: a host that must forget a customer builds it anew.
#[derive(Clone, PartialEq, Debug)]
pub struct MergeTree {
    points: usize,
    merges: Vec<Merge>,
}

/// Two clusters that become one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Merge {
    /// The clusters that merge, the lower number first.
    pub pair: [usize; 2],
    /// How far apart they are, as the linkage has it, in the unit of the points. Finite, at least 0.
    pub height: f64,
    /// Number of points in both, weights aside.
    pub size: usize,
}

impl MergeTree {
    /// # Errors
    /// If a height is not finite.
    pub(super) fn of(rows: &Rows, mut joins: Vec<Join>) -> Result<Self, Error> {
        if joins.iter().any(|&(.., height)| !height.is_finite()) {
            return Err(ErrorKind::Overflow { what: "height of the tree" }.into());
        }
        joins.sort_by(|a, b| a.2.total_cmp(&b.2));
        // A distinct point by the first point that equals it, then those that do again.
        let mut first: Vec<u32> = Vec::with_capacity(rows.len());
        let mut again = Vec::with_capacity(rows.of.len() - rows.len());
        for (row, &of) in (0_u32..).zip(&rows.of) {
            match first.get(of as usize) {
                Some(&first) => again.push((first, row, 0.0)),
                None => first.push(row),
            }
        }
        let met = |(a, b, height): Join| (first[a as usize], first[b as usize], height);
        let mut forest = Forest::of(rows.of.len());
        let joins = again.into_iter().chain(joins.into_iter().map(met));
        Ok(Self { points: rows.of.len(), merges: joins.map(|join| forest.merge(join)).collect() })
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "there is always a point")]
    pub fn len(&self) -> usize {
        self.points
    }

    /// The merges from the lowest to the highest, one fewer than points.
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// The heights, ascending.
    pub fn heights(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.merges.iter().map(|merge| merge.height)
    }

    /// The clusters in which the points lie where the tree is cut; none is noise. They are numbered by size.
    ///
    /// A number of clusters above that of the distinct points parts equal points.
    ///
    /// # Errors
    /// If the number of clusters is 0 or above that of the points, or the height is below 0 or not a number.
    pub fn cut(&self, at: Cut) -> Result<Labels, Error> {
        let kept = match at {
            Cut::Clusters(clusters) if clusters == 0 || clusters > self.points => {
                return Err(Error::parameter("clusters", clusters, "must be from 1 to the number of points"));
            }
            Cut::Clusters(clusters) => self.points - clusters,
            Cut::Height(height) if !(height >= 0.0) => {
                return Err(Error::parameter("height", height, "must be 0 or above"));
            }
            Cut::Height(height) => self.merges.partition_point(|merge| merge.height <= height),
        };
        let clusters = self.points - kept;
        if clusters >= u32::MAX as usize {
            return Err(ErrorKind::Overflow { what: "number of clusters" }.into());
        }
        let mut labels = Labels::of_valid(clusters, self.numbers(kept));
        let numbers = labels.numbers_by(LabelOrder::Size, |_| Vec::new());
        labels.renumber(&numbers);
        Ok(labels)
    }

    /// The cluster of each point after the first `kept` merges, by the first point in each.
    fn numbers(&self, kept: usize) -> Vec<u32> {
        // From the last merge down, a cluster is in the root that the merge above it is in.
        let mut root: Vec<usize> = (0..self.points + kept).collect();
        for (merge, cluster) in self.merges[..kept].iter().rev().zip((self.points..self.points + kept).rev())
        {
            for member in merge.pair {
                root[member] = root[cluster];
            }
        }
        let mut number_of_root = vec![u32::MAX; self.points + kept];
        let mut count = 0;
        let mut number = |&root: &usize| {
            if number_of_root[root] == u32::MAX {
                number_of_root[root] = count;
                count += 1;
            }
            number_of_root[root]
        };
        root[..self.points].iter().map(&mut number).collect()
    }
}

/// Which cluster a point is in while merges are made.
struct Forest {
    /// A point nearer to the one that stands for its cluster; itself, where it is that.
    toward: Vec<u32>,
    /// Of the point that stands for a cluster: the cluster's number and size.
    cluster: Vec<(usize, usize)>,
    next: usize,
}

impl Forest {
    fn of(points: usize) -> Self {
        Self {
            toward: (0..points as u32).collect(),
            cluster: (0..points).map(|point| (point, 1)).collect(),
            next: points,
        }
    }

    /// The point that stands for the cluster of a point. The way there is halved for the next who goes it.
    fn standing(&mut self, mut point: u32) -> u32 {
        while self.toward[point as usize] != point {
            let toward = self.toward[self.toward[point as usize] as usize];
            self.toward[point as usize] = toward;
            point = toward;
        }
        point
    }

    fn merge(&mut self, (a, b, height): Join) -> Merge {
        let (a, b) = (self.standing(a), self.standing(b));
        let [first, second] = [a, b].map(|point| self.cluster[point as usize]);
        let size = first.1 + second.1;
        let (small, large) = if first.1 < second.1 { (a, b) } else { (b, a) };
        self.toward[small as usize] = large;
        self.cluster[large as usize] = (self.next, size);
        self.next += 1;
        Merge { pair: [first.0.min(second.0), first.0.max(second.0)], height, size }
    }
}
