//! How far points are from their neighbours, to choose eps by.
#![allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]

use std::ops::Range;

use super::{mass::Masses, scaled::Scale};
use crate::{
    cluster::Points,
    error::{Error, ErrorKind},
    math::{
        kd_tree::{KdTree, Node, Search, to_box, to_leaf},
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
        let tree = KdTree::new(&scale.columns(points));
        if masses.sum(tree.rows()) < masses.least {
            return Err(Error::parameter("k", k, "is more than there are points"));
        }
        let squares = parallel::column(points.len(), POSITIONS, |positions, out| {
            widest(
                #[inline(always)]
                || write_squares(&tree, &masses, positions, out),
            );
        });
        let mut by_row = vec![0.0; points.len()];
        for (&row, square) in tree.rows().iter().zip(squares) {
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

/// Positions that a thread takes at a time.
const POSITIONS: usize = 1 << 11;

/// Writes the square of the distance asked for, at each of some positions.
#[inline(always)]
fn write_squares(tree: &KdTree, masses: &Masses, positions: Range<usize>, out: &mut [f64]) {
    let (mut point, mut last) = (vec![0.0; tree.width()], Vec::new());
    let (mut stack, mut found, mut square) = (Vec::new(), Vec::new(), 0.0);
    for (position, out) in positions.zip(out) {
        tree.point(position, &mut point);
        // Equal points mostly lie next to one another.
        if point != last {
            found.clear();
            let mut search =
                Neighbours { tree, masses, point: &point, found, weight: 0, furthest: f64::INFINITY };
            tree.search(&mut search, &mut stack);
            (found, square) = (search.found, search.furthest);
            last.clone_from(&point);
        }
        *out = square;
    }
}

/// The nearest of one point, so far.
struct Neighbours<'a> {
    tree: &'a KdTree,
    masses: &'a Masses,
    point: &'a [f64],
    /// Squared distances, ascending, and what weighs there.
    found: Vec<(f64, u128)>,
    /// All of it.
    weight: u128,
    /// Within what enough is found.
    furthest: f64,
}

impl Search for Neighbours<'_> {
    #[inline(always)]
    fn least(&self, node: Node) -> f64 {
        to_box(self.point, self.tree.bounds(node))
    }

    #[inline(always)]
    fn bound(&self) -> f64 {
        self.furthest
    }

    #[inline(always)]
    fn visit(&mut self, leaf: usize) {
        let squares = to_leaf(self.point, self.tree.blocks(leaf));
        for (position, square) in self.tree.positions(leaf).zip(squares) {
            if square < self.furthest {
                self.take(square, self.masses.of(self.tree.rows()[position]));
            }
        }
    }
}

impl Neighbours<'_> {
    fn take(&mut self, square: f64, weight: u128) {
        let at = self.found.partition_point(|(other, _)| *other <= square);
        self.found.insert(at, (square, weight));
        self.weight += weight;
        // Those without which there is enough are not needed.
        while let Some(&(last, weight)) = self.found.last() {
            if self.weight - weight < self.masses.least {
                if self.weight >= self.masses.least {
                    self.furthest = last;
                }
                return;
            }
            self.found.pop();
            self.weight -= weight;
        }
    }
}
