//! The same groups again: numbers that last from one clustering to the next.

use super::{ClusterModel, Clustered, Labels, Points};
use crate::{
    error::{Error, ErrorKind},
    math::hungarian,
};

/// Which cluster of an earlier clustering each of a later one continues.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Matching {
    /// One for each cluster of the later clustering, in its numbers.
    pub clusters: Vec<MatchedCluster>,
    /// The earlier clusters that no later one continues, ascending.
    pub ended: Vec<usize>,
}

/// What a cluster continues.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MatchedCluster {
    /// The number of the earlier cluster; `None` where it is new.
    pub earlier: Option<usize>,
    /// Jaccard similarity, from 0 to 1: the rows in both over the rows in either. 0 where it is new.
    pub overlap: f64,
}

impl Matching {
    /// Clusters that can be matched: the method takes the third power of their number.
    pub const MOST: usize = 1_000;

    /// Pairs the clusters of two labelings of the same rows, so that as many rows as can be lie in paired
    /// clusters (the assignment problem, by the Hungarian method). Clusters without a row in common are not
    /// paired; rows that are noise in one of them count for neither.
    ///
    /// # Errors
    /// If the labelings differ in their number of rows, or either has more than [`MOST`](Self::MOST) clusters.
    pub fn of(later: &Labels, earlier: &Labels) -> Result<Self, Error> {
        if later.len() != earlier.len() {
            let (expected, found) = (earlier.len(), later.len());
            return Err(ErrorKind::Length { what: "labels to match", expected, found }.into());
        }
        let most = later.clusters().max(earlier.clusters());
        if most > Self::MOST {
            return Err(Error::parameter("clusters", most, "are more than 1000: too many to match"));
        }
        let mut common = vec![vec![0_u64; earlier.clusters()]; later.clusters()];
        for (later, earlier) in later.iter().zip(earlier.iter()) {
            if let (Some(later), Some(earlier)) = (later, earlier) {
                common[later][earlier] += 1;
            }
        }
        let gain = |row: usize, column: usize| common[row][column] as f64;
        let pairs = hungarian::assign(later.clusters(), earlier.clusters(), gain);
        let (later_sizes, earlier_sizes) = (later.sizes(), earlier.sizes());
        let matched = pairs.into_iter().enumerate().map(|(cluster, pair)| {
            let pair = pair.filter(|&earlier| common[cluster][earlier] > 0);
            let overlap = pair.map_or(0.0, |earlier| {
                let both = common[cluster][earlier];
                both as f64 / (later_sizes[cluster] + earlier_sizes[earlier] - both) as f64
            });
            MatchedCluster { earlier: pair, overlap }
        });
        let clusters: Vec<MatchedCluster> = matched.collect();
        let continued = |earlier: &usize| clusters.iter().any(|cluster| cluster.earlier == Some(*earlier));
        let ended = (0..earlier.clusters()).filter(|earlier| !continued(earlier)).collect();
        Ok(Self { clusters, ended })
    }

    /// For each later cluster its place when they are sorted by what they continue; new ones come last.
    fn numbers(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.clusters.len()).collect();
        order.sort_by_key(|&cluster| self.clusters[cluster].earlier.unwrap_or(usize::MAX));
        let mut numbers = vec![0; order.len()];
        for (number, cluster) in order.into_iter().enumerate() {
            numbers[cluster] = number;
        }
        numbers
    }
}

impl<M: ClusterModel> Clustered<M> {
    /// Numbers the clusters as those of an earlier model that they continue, and says which those are.
    ///
    /// `points` are those learned from; the earlier model assigns them too, and clusters are paired by the rows
    /// that they share ([`Matching::of`]). Clusters come in the order of the earlier ones, and new ones last:
    /// as long as none ends, each keeps its number. Names go by [`MatchedCluster::earlier`].
    ///
    /// # Errors
    /// If the points are not those learned from, the earlier model is of another width, the labels are not of the
    /// model, or there are more than [`Matching::MOST`] clusters.
    pub fn matched(
        mut self,
        earlier: &(impl ClusterModel + ?Sized),
        points: &Points<'_>,
    ) -> Result<(Self, Matching), Error> {
        self.check()?;
        let mut matching = Matching::of(&self.labels, &earlier.assign(points)?)?;
        let numbers = matching.numbers();
        self.renumber(&numbers);
        let before = matching.clusters.clone();
        for (number, cluster) in numbers.into_iter().zip(before) {
            matching.clusters[number] = cluster;
        }
        Ok((self, matching))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(clusters: usize, numbers: &[i32]) -> Labels {
        let numbers: Vec<_> = numbers.iter().map(|&number| usize::try_from(number).ok()).collect();
        Labels::new(clusters, &numbers).unwrap()
    }

    #[test]
    fn clusters_continue_those_with_whom_they_share_most() {
        let earlier = labels(3, &[0, 0, 0, 1, 1, 1, 2, -1]);
        let later = labels(3, &[2, 2, 2, 0, 0, 2, 1, 1]);
        let matching = Matching::of(&later, &earlier).unwrap();
        let pairs: Vec<_> = matching.clusters.iter().map(|cluster| cluster.earlier).collect();
        assert_eq!(pairs, [Some(1), Some(2), Some(0)]);
        // 2 of the 3 rows in either, 1 of 2, 3 of 4.
        let overlaps: Vec<_> = matching.clusters.iter().map(|cluster| cluster.overlap).collect();
        assert_eq!(overlaps, [2.0 / 3.0, 0.5, 0.75]);
        assert_eq!(matching.numbers(), [1, 2, 0]);
        assert!(matching.ended.is_empty());
        assert!(Matching::of(&later, &labels(1, &[0])).is_err());
    }

    #[test]
    fn clusters_begin_and_end() {
        let matching = Matching::of(&labels(2, &[0, 0, 1, 1]), &labels(3, &[2, 2, 2, -1])).unwrap();
        assert_eq!(matching.clusters[0], MatchedCluster { earlier: Some(2), overlap: 2.0 / 3.0 });
        assert_eq!(matching.clusters[1], MatchedCluster { earlier: None, overlap: 0.0 });
        assert_eq!(matching.ended, [0, 1]);
    }
}
