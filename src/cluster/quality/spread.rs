//! How far points lie from the middle of their cluster, and the middles from one another.

use super::judged::{Judged, Middle, square};
use crate::{
    cluster::{Labels, Points},
    error::{Error, ErrorKind},
};

/// The spread of points within their clusters and between them, and the indices that follow from it. An index
/// means little by itself: it says which of several clusterings of the same points is better.
///
/// Points in no cluster are left out, and [counted](Self::left_out). A weight counts as so many equal points.
/// Clusters that hold no point are no clusters.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{Labels, Points, Spread};
///
/// let rows = array![[0.0], [2.0], [10.0], [14.0]];
/// let labels = Labels::new(2, &[Some(0), Some(0), Some(1), Some(1)])?;
/// let spread = Spread::of(&Points::new(rows.view())?, &labels)?;
/// assert_eq!((spread.within(), spread.between()), (10.0, 121.0));
/// assert_eq!(spread.calinski_harabasz(), Some(121.0 / (10.0 / 2.0)));
/// assert_eq!(spread.davies_bouldin(), Some((1.0 + 2.0) / 11.0));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Spread {
    within: Vec<f64>,
    between: f64,
    calinski_harabasz: Option<f64>,
    davies_bouldin: Option<f64>,
    left_out: u64,
}

impl Spread {
    /// Measures labels of points.
    ///
    /// # Errors
    /// If there is not a label a point, no point is in a cluster, or a sum of squares is too large.
    pub fn of(points: &Points<'_>, labels: &Labels) -> Result<Self, Error> {
        let judged = Judged::of(points, labels)?;
        let middles = judged.middles();
        let away = judged.sums(2, |row, sums| {
            let square = judged.square_from(row, &middles[judged.numbers[row] as usize].centroid);
            sums[0] += judged.weight(row) * square;
            sums[1] += judged.weight(row) * square.sqrt();
        });
        let within: f64 = away.iter().map(|sums| sums[0]).sum();
        judged.squares(within)?;
        let held: Vec<(Middle, f64)> = middles
            .into_iter()
            .zip(&away)
            .filter(|(middle, _)| middle.size > 0.0)
            .map(|(middle, sums)| {
                let distance = sums[1] / middle.size;
                (middle, distance)
            })
            .collect();
        if held.is_empty() {
            return Err(ErrorKind::Empty { what: "rows in a cluster" }.into());
        }
        let between = between(&held);
        Ok(Self {
            within: away.iter().map(|sums| judged.squares(sums[0])).collect::<Result<_, _>>()?,
            between: judged.squares(between)?,
            calinski_harabasz: calinski_harabasz(&held, within, between),
            davies_bouldin: davies_bouldin(&held),
            left_out: labels.noise(),
        })
    }

    /// The within-cluster sum of squares, which k-means makes small (scikit-learn's `inertia_`).
    ///
    /// # Formula
    /// ```text
    /// W = sum over clusters C, and x in C, of |x - c|^2    where c is the centroid of C
    /// ```
    pub fn within(&self) -> f64 {
        self.within.iter().sum()
    }

    /// The summands of [`within`](Self::within): one a cluster, and 0 where it holds no point.
    pub fn within_each(&self) -> &[f64] {
        &self.within
    }

    /// The sum of squares between clusters: of each centroid from the mean of all points, times the cluster's
    /// size.
    pub fn between(&self) -> f64 {
        self.between
    }

    /// The index of Caliński and Harabasz (1974): large is good. `None` where it is not defined: for one cluster,
    /// for clusters of one point each, and where no cluster has any spread.
    ///
    /// # Formula
    /// ```text
    /// CH = (B / (k - 1)) / (W / (n - k))    for k clusters of n points together
    /// ```
    pub fn calinski_harabasz(&self) -> Option<f64> {
        self.calinski_harabasz
    }

    /// The index of Davies and Bouldin (1979): small is good. `None` where it is not defined: for one cluster, for
    /// clusters of one point each, and where two centroids are the same.
    ///
    /// # Formula
    /// ```text
    /// DB = mean over i of the largest (s_i + s_j) / |c_i - c_j|    where s is the mean distance to the centroid c
    /// ```
    pub fn davies_bouldin(&self) -> Option<f64> {
        self.davies_bouldin
    }

    /// Number of points in no cluster.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

fn size(held: &[(Middle, f64)]) -> f64 {
    held.iter().map(|(middle, _)| middle.size).sum()
}

fn between(held: &[(Middle, f64)]) -> f64 {
    let size = size(held);
    let mut mean = vec![0.0; held[0].0.centroid.len()];
    for (middle, _) in held {
        for (mean, c) in mean.iter_mut().zip(&middle.centroid) {
            *mean += middle.size / size * c;
        }
    }
    held.iter().map(|(middle, _)| middle.size * square(&middle.centroid, &mean)).sum()
}

fn calinski_harabasz(held: &[(Middle, f64)], within: f64, between: f64) -> Option<f64> {
    let (k, n) = (held.len() as f64, size(held));
    let index = (between / (k - 1.0)) / (within / (n - k));
    (k > 1.0 && n > k && index.is_finite()).then_some(index)
}

/// Of the middles with their mean distances.
fn davies_bouldin(held: &[(Middle, f64)]) -> Option<f64> {
    let count = held.len();
    if count < 2 || size(held) <= count as f64 {
        return None;
    }
    let mut sum = 0.0;
    for (at, (one, near)) in held.iter().enumerate() {
        let mut most: f64 = 0.0;
        for (_, (other, far)) in held.iter().enumerate().filter(|&(other, _)| other != at) {
            let likeness = (near + far) / one.distance(other);
            // Infinite or 0/0 where two centroids are the same.
            if !likeness.is_finite() {
                return None;
            }
            most = most.max(likeness);
        }
        sum += most;
    }
    Some(sum / count as f64)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use ndarray::array;

    fn spread(rows: &[f64], numbers: &[Option<usize>]) -> Result<Spread, Error> {
        let rows = ndarray::Array2::from_shape_vec((rows.len(), 1), rows.to_vec()).unwrap();
        Spread::of(&Points::new(rows.view())?, &Labels::new(3, numbers)?)
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let indices = |rows: &[f64], numbers: &[Option<usize>]| {
            let spread = spread(rows, numbers).unwrap();
            (spread.calinski_harabasz(), spread.davies_bouldin())
        };
        let two = [Some(0), Some(0), Some(2), Some(2)];
        assert_eq!(indices(&[1.0, 2.0, 3.0, 4.0], &[Some(1); 4]), (None, None));
        assert_eq!(indices(&[1.0, 2.0, 3.0], &[Some(0), Some(1), Some(2)]), (None, None));
        // Clusters of no spread, and two in one place.
        assert_eq!(indices(&[1.0, 1.0, 3.0, 3.0], &two), (None, Some(0.0)));
        assert_eq!(indices(&[1.0, 3.0, 3.0, 1.0], &two), (Some(0.0), None));
        assert_eq!(indices(&[1.0; 4], &two), (None, None));
        assert_eq!(spread(&[1.0], &[None]).unwrap_err().to_string(), "rows in a cluster: there are none");
    }

    #[test]
    fn enormous_and_tiny_coordinates_have_indices() {
        let rows = [0.0, 1.0, 7.0, 9.0];
        let two = [Some(0), Some(0), Some(1), Some(1)];
        let plain = spread(&rows, &two).unwrap();
        for power in [-1060, 500] {
            let scaled =
                spread(&rows.map(|x| x * f64::from(power / 2).exp2() * f64::from(power / 2).exp2()), &two);
            let scaled = scaled.unwrap();
            assert_eq!(scaled.calinski_harabasz(), plain.calinski_harabasz());
            assert_eq!(scaled.davies_bouldin(), plain.davies_bouldin());
        }
        let over = spread(&rows.map(|x| x * 1e200), &two).unwrap_err();
        assert_eq!(over.to_string(), "sum of squares is too large");
        let columns = array![[1e308, -1e308], [-1e308, 1e308]];
        let points = Points::new(columns.view()).unwrap();
        assert!(Spread::of(&points, &Labels::new(1, &[Some(0); 2]).unwrap()).is_err());
    }
}
