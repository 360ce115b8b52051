//! Agglomeration by chains of nearest neighbours (Murtagh 1983; Müllner 2011, "Modern hierarchical, agglomerative
//! clustering algorithms").

/// Clusters numbered from 0, of which some have been merged.
pub(super) trait Clusters {
    /// How many there were at first.
    fn len(&self) -> usize;

    /// The nearest to a cluster and how far it is; where several are, `before`, else the one of the lowest number.
    ///
    /// Distances are the same bits in both directions: else a chain could run in a circle.
    fn nearest(&mut self, to: usize, before: Option<usize>) -> (usize, f64);

    /// Merges the first into the second, whose number stands for both from then on.
    fn merge(&mut self, gone: usize, into: usize);

    /// The height of the tree at a distance.
    fn height(&self, distance: f64) -> f64;
}

/// Two clusters that merge, each by the number of some point in it, and the height at which they do.
pub(super) type Join = (u32, u32, f64);

/// All merges, as they are found: a lower one may come after a higher one.
///
/// From some cluster one goes to its nearest neighbour, and on to the neighbour's, until two are nearest to one
/// another. These are merged: no other merge can come between them, for a merge brings no cluster nearer.
#[inline(always)]
pub(super) fn chain(clusters: &mut impl Clusters) -> Vec<Join> {
    let mut joins = Vec::with_capacity(clusters.len().saturating_sub(1));
    let mut alone = vec![true; clusters.len()];
    let mut first = 0;
    let mut chain: Vec<usize> = Vec::new();
    while joins.len() + 1 < clusters.len() {
        let Some(last) = chain.pop() else {
            while !alone[first] {
                first += 1;
            }
            chain.push(first);
            continue;
        };
        if !alone[last] {
            continue;
        }
        // Distances that differ by rounding alone may lead a chain to a cluster twice.
        while chain.last().is_some_and(|&before| !alone[before] || before == last) {
            chain.pop();
        }
        let before = chain.last().copied();
        let (nearest, distance) = clusters.nearest(last, before);
        if before != Some(nearest) {
            chain.extend([last, nearest]);
            continue;
        }
        chain.pop();
        let (gone, into) = (last.min(nearest), last.max(nearest));
        clusters.merge(gone, into);
        alone[gone] = false;
        joins.push((gone as u32, into as u32, clusters.height(distance)));
    }
    joins
}
