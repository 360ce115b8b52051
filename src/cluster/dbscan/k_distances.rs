//! How far points are from their neighbours, to choose eps by.
use super::{fit::collapsed, mass::Masses, scaled::Scale};
use crate::{
    cluster::{Points, core_distance::core_squares, distinct::Distinct},
    error::{Error, ErrorKind},
    math::kd_tree::{KdTree, LEAF},
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
    /// Differences less than the largest coordinate by a factor of 2^1000 count as 0, and weights are summed as floats.
    ///
    /// # Errors
    /// If `k` is 0, or more than the points, or their weights, come to.
    pub fn of(points: &Points<'_>, k: usize) -> Result<Self, Error> {
        if k == 0 {
            return Err(Error::parameter("k", k, "must be at least 1"));
        }
        let masses = Masses::new(points.weights(), k);
        if (0..points.len() as u32).map(|row| masses.of(row)).sum::<u128>() < masses.least {
            return Err(Error::parameter("k", k, "is more than there are points"));
        }
        let scale = Scale::spanning(points);
        let by_row: Vec<f64> = match collapsed(points) {
            None => distances(scale, scale.columns(points), points.weights(), k),
            Some(Distinct { columns, weights, of }) => {
                let distances = distances(scale, scale.all(&columns), Some(&weights), k);
                of.iter().map(|&at| distances[at as usize]).collect()
            }
        };
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

    /// Where the curve sags most below the straight line between its ends; none where it nowhere does, or all distances
    /// above 0 are equal.
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
        if !(depth(at) > 0.0) {
            return None;
        }
        let beyond = curve.len() - curve.partition_point(|distance| *distance <= curve[at]);
        Some(Knee { eps: curve[at], depth: depth(at), beyond })
    }
}

/// The distances by row.
fn distances(scale: Scale, columns: Vec<Vec<f64>>, weights: Option<&[f64]>, k: usize) -> Vec<f64> {
    let tree = KdTree::new(&columns);
    drop(columns);
    let placed = weights.map(|weights| {
        let mut placed: Vec<f64> = tree.rows().iter().map(|&row| weights[row as usize]).collect();
        // The last leaf is filled up with nothing.
        placed.resize(tree.leaves() * LEAF, 0.0);
        placed
    });
    let mut distances = vec![0.0; tree.len()];
    for (&row, square) in tree.rows().iter().zip(core_squares(&tree, placed.as_deref(), k)) {
        distances[row as usize] = scale.distance(square);
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_knee_is_where_the_curve_sags_most() {
        let knee = |ascending: &[f64]| {
            let ascending = ascending.to_vec();
            KDistances { k: 2, by_row: ascending.clone(), ascending }.knee()
        };
        // By hand: (i - 1) / 4 - (d - 1) / 8 is 0, 1/4, 1/2, 1/4, 0.
        let known = Knee { eps: 1.0, depth: 0.5, beyond: 2 };
        assert_eq!(knee(&[1.0, 1.0, 1.0, 5.0, 9.0]), Some(known));
        // Points with enough equals say nothing of how far the others are.
        assert_eq!(knee(&[0.0, 0.0, 1.0, 1.0, 1.0, 5.0, 9.0]), Some(known));
        // A straight line sags nowhere.
        assert_eq!((knee(&[1.0, 2.0, 3.0]), knee(&[1.0, 3.0, 3.0])), (None, None));
        assert_eq!(
            (knee(&[]), knee(&[0.0, 0.0]), knee(&[0.0, 2.0]), knee(&[2.0, 2.0])),
            (None, None, None, None)
        );
        // The greatest of numbers, and the least.
        assert_eq!(knee(&[5e-324, 1e-323, f64::MAX]).map(|knee| knee.eps), Some(1e-323));
    }
}
