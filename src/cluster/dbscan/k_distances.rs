//! How far points are from their neighbours, to choose eps by.

use super::{cores::LEAVES, mass::Masses, scaled::Scale};
use crate::{
    cluster::Points,
    error::{Error, ErrorKind},
    math::{
        box_tree::{Bounds, BoxTree},
        parallel,
        simd::widest,
    },
};

/// The distance from each point to the k-th nearest, itself being the first; with weights, to the nearest within which
/// `k` is weighed.
///
/// It is the least `eps` with which the point is a core of [`Dbscan`](super::Dbscan) with `min_points` of `k`. Sorted,
/// the distances are the curve by whose knee Ester et al. (1996) choose `eps`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{KDistances, Points};
///
/// let rows = array![[0.0], [1.0], [2.0], [3.0], [4.5], [50.0]];
/// let distances = KDistances::of(&Points::new(rows.view())?, 2)?;
/// assert_eq!(distances.ascending(), [1.0, 1.0, 1.0, 1.0, 1.5, 45.5]);
/// let knee = distances.knee().unwrap();
/// assert_eq!((knee.eps, knee.beyond), (1.5, 1));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct KDistances {
    k: usize,
    by_row: Vec<f64>,
    ascending: Vec<f64>,
}

/// The knee of the curve of [`KDistances`]: before it points lie dense, behind it the distances soar.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Knee {
    /// The distance at the knee, above 0: an `eps` to try.
    pub eps: f64,
    /// How far the curve sags there below the straight line between its ends, in parts of its height: 0 is a straight
    /// line, in which no distance stands out; towards 1 the knee is sharp.
    pub depth: f64,
    /// How many points have a greater distance: with `k` as `min_points` they are no cores.
    pub beyond: usize,
}

impl KDistances {
    /// The distance of every point to its k-th nearest, itself counted.
    ///
    /// Differences less than the largest coordinate by a factor of 2^1000 count as 0.
    ///
    /// # Errors
    /// If `k` is 0, or more than the points, or their weights, come to.
    pub fn of(points: &Points<'_>, k: usize) -> Result<Self, Error> {
        if k == 0 {
            return Err(Error::parameter("k", k, "must be at least 1"));
        }
        let masses = Masses::new(points.weights(), k);
        let scale = Scale::spanning(points);
        let tree = BoxTree::new(scale.columns(points), &|_, _| false);
        if masses.sum(tree.rows()) < masses.least {
            return Err(Error::parameter("k", k, "is more than there are points"));
        }
        let search = Search { tree: &tree, masses: &masses };
        let leaves = tree.leaves();
        let found = parallel::map(leaves.chunks(LEAVES).collect(), |leaves| {
            widest(
                #[inline(always)]
                || search.squares_of(leaves),
            )
        });
        let mut by_row = vec![0.0; points.len()];
        for (&row, square) in tree.rows().iter().zip(found.into_iter().flatten()) {
            by_row[row as usize] = scale.distance(square);
        }
        if by_row.iter().any(|distance| distance.is_infinite()) {
            return Err(ErrorKind::Overflow { what: "distance between points" }.into());
        }
        let mut ascending = by_row.clone();
        ascending.sort_unstable_by(f64::total_cmp);
        Ok(Self { k, by_row, ascending })
    }

    /// How many were counted, the point itself included.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The distance of each point, in the order of the rows.
    pub fn by_row(&self) -> &[f64] {
        &self.by_row
    }

    /// The curve: all distances, the least first.
    pub fn ascending(&self) -> &[f64] {
        &self.ascending
    }

    /// Where the curve sags most below the straight line between its ends; none where no distance is above 0, or all
    /// that are, are equal.
    ///
    /// # Formula
    /// The difference curve of Kneedle (Satopää, Albrecht, Irwin and Raghavan 2011, "Finding a 'Kneedle' in a haystack")
    /// for a curve that bends upwards, at its greatest, without smoothing. Of `m` distances above 0, `d_1` to `d_m`:
    /// ```text
    /// depth(i) = (i - 1) / (m - 1) - (d_i - d_1) / (d_m - d_1)
    /// ```
    /// Of equally deep ones the last is taken. It is a suggestion: a single far point stretches the curve, and data of
    /// several densities have several knees. Look at the curve.
    pub fn knee(&self) -> Option<Knee> {
        let zeros = self.ascending.partition_point(|distance| *distance <= 0.0);
        let curve = &self.ascending[zeros..];
        let (low, high) = (*curve.first()?, *curve.last()?);
        if low >= high {
            return None;
        }
        let (last, height) = ((curve.len() - 1) as f64, high - low);
        let depth = |at: usize| at as f64 / last - (curve[at] - low) / height;
        let at = (0..curve.len()).max_by(|a, b| depth(*a).total_cmp(&depth(*b)))?;
        let beyond = curve.len() - curve.partition_point(|distance| *distance <= curve[at]);
        Some(Knee { eps: curve[at], depth: depth(at), beyond })
    }
}

/// How the neighbours are found.
struct Search<'a> {
    tree: &'a BoxTree,
    masses: &'a Masses,
}

/// The nearest so far of one point.
#[derive(Default)]
struct Neighbours {
    /// Squared distances, ascending, and what weighs there.
    found: Vec<(f64, u128)>,
    /// All of it.
    weight: u128,
    /// Nodes to look at, and how near they are.
    stack: Vec<(f64, usize)>,
}

impl Search<'_> {
    /// The square of the distance asked for, at each place of some leaves.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn squares_of(&self, leaves: &[u32]) -> Vec<f64> {
        let (mut squares, mut point) = (Vec::new(), vec![0.0; self.tree.width()]);
        let mut neighbours = Neighbours::default();
        for &leaf in leaves {
            let leaf = leaf as usize;
            let equal = self.tree.bounds(leaf).is_point();
            for block in self.tree.blocks_of(leaf) {
                for lane in 0..self.tree.places(block).len() {
                    self.tree.point(block, lane, &mut point);
                    let square = self.square_of(&point, leaf, &mut neighbours);
                    squares.push(square);
                    if equal {
                        squares.resize(squares.len() - 1 + self.tree.places_of(leaf).len(), square);
                        break;
                    }
                }
                if equal {
                    break;
                }
            }
        }
        squares
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn square_of(&self, point: &[f64], leaf: usize, neighbours: &mut Neighbours) -> f64 {
        neighbours.found.clear();
        neighbours.weight = 0;
        let mut furthest = f64::INFINITY;
        let beside = self.tree.outwards(leaf).map(|beside| beside.node);
        for node in std::iter::once(leaf).chain(beside) {
            neighbours.stack.push((self.least(point, node), node));
            while let Some((least, node)) = neighbours.stack.pop() {
                if least >= furthest {
                    continue;
                }
                if self.tree.is_leaf(node) {
                    furthest = self.look(point, node, neighbours, furthest);
                    continue;
                }
                let [left, right] = self.tree.children(node);
                let (left, right) = ((self.least(point, left), left), (self.least(point, right), right));
                // The nearer one is looked at first.
                neighbours.stack.extend(if left.0 < right.0 { [right, left] } else { [left, right] });
            }
        }
        furthest
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn least(&self, point: &[f64], node: usize) -> f64 {
        Bounds::at(point).squares(&self.tree.bounds(node)).0
    }

    /// Takes in a leaf, and says within what enough is found.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]
    fn look(&self, point: &[f64], leaf: usize, neighbours: &mut Neighbours, furthest: f64) -> f64 {
        let mut furthest = furthest;
        if self.tree.bounds(leaf).is_point() {
            let weight = self.masses.sum(&self.tree.rows()[self.tree.places_of(leaf)]);
            return neighbours.take(self.least(point, leaf), weight, self.masses.least);
        }
        for block in self.tree.blocks_of(leaf) {
            let squares = self.tree.squares(block, point);
            for (place, square) in self.tree.places(block).zip(squares) {
                if square < furthest {
                    let weight = self.masses.of(self.tree.rows()[place]);
                    furthest = neighbours.take(square, weight, self.masses.least);
                }
            }
        }
        furthest
    }
}

impl Neighbours {
    fn take(&mut self, square: f64, weight: u128, least: u128) -> f64 {
        let at = self.found.partition_point(|(other, _)| *other <= square);
        self.found.insert(at, (square, weight));
        self.weight += weight;
        while let Some(&(last, weight)) = self.found.last() {
            if self.weight - weight < least {
                return if self.weight < least { f64::INFINITY } else { last };
            }
            self.found.pop();
            self.weight -= weight;
        }
        f64::INFINITY
    }
}
