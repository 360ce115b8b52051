//! How much nearer points are to their own cluster than to the next one.

use rand::{SeedableRng, seq::index};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    grouped::Grouped,
    judged::{Judged, Middle},
};
use crate::{
    cluster::{Labels, Points, labels::NOISE},
    error::{Error, ErrorKind},
    math::parallel,
};

/// Silhouettes (Rousseeuw, 1987): for each point a width from -1, among strangers, to 1, far from all of them.
///
/// Points in no cluster have no width, and are to no other point a neighbour. A point alone in its cluster has
/// width 0, as in scikit-learn; so has one for which both distances are 0. A weight counts as so many equal points.
///
/// # Formula
/// ```text
/// s = (b - a) / max(a, b)
/// ```
/// where `a` is the mean distance to the other points of the own cluster, and `b` to those of the nearest other.
///
/// # Example
/// ```
/// use ndarray::array;
/// use patronage::cluster::{Labels, Points, Silhouette};
///
/// let rows = array![[0.0], [2.0], [10.0]];
/// let labels = Labels::new(2, &[Some(0), Some(0), Some(1)])?;
/// let silhouette = Silhouette::of(&Points::new(rows.view())?, &labels)?;
/// assert_eq!(silhouette.widths(), [Some(0.8), Some(0.75), Some(0.0)]);
/// assert_eq!(silhouette.mean(), (0.8 + 0.75) / 3.0);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Silhouette {
    widths: Vec<Option<f64>>,
    mean: f64,
    clusters: Vec<Option<f64>>,
}

impl Silhouette {
    /// The widths of all points, exactly. Takes time in proportion to the square of the number of distinct points,
    /// and memory in proportion to their number.
    ///
    /// # Errors
    /// If there is not a label a point, fewer than two clusters hold points, or none holds two.
    pub fn of(points: &Points<'_>, labels: &Labels) -> Result<Self, Error> {
        let judged = Judged::of(points, labels)?;
        let grouped = Grouped::of(points, &judged);
        check(&grouped.sizes())?;
        Ok(Self::from_widths(grouped.widths(), &judged))
    }

    /// The widths of so many points, drawn evenly from those in a cluster; the others take no part. All of them
    /// where there are no more. This is what scikit-learn's `sample_size` does.
    ///
    /// # Errors
    /// As [`of`](Self::of), for the points drawn; if `rows` is 0.
    pub fn sampled(points: &Points<'_>, labels: &Labels, rows: usize, seed: u64) -> Result<Self, Error> {
        if rows == 0 {
            return Err(Error::parameter("rows", rows, "is too few to sample"));
        }
        let numbers = labels.numbers();
        let inside: Vec<usize> = (0..numbers.len()).filter(|&row| numbers[row] != NOISE).collect();
        if inside.len() <= rows {
            return Self::of(points, labels);
        }
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut drawn = vec![NOISE; numbers.len()];
        for at in index::sample(&mut chance, inside.len(), rows) {
            drawn[inside[at]] = numbers[inside[at]];
        }
        Self::of(points, &Labels::of_valid(labels.clusters(), drawn))
    }

    /// The simplified widths (Hruschka et al., 2004), by distances to centroids, in time linear in the number of
    /// points. They compare numbers of clusters as the exact ones do, but are larger than these.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn simplified(points: &Points<'_>, labels: &Labels) -> Result<Self, Error> {
        let judged = Judged::of(points, labels)?;
        let middles = judged.middles();
        check(&middles.iter().map(|middle| middle.size).filter(|&size| size > 0.0).collect::<Vec<f64>>())?;
        let widths = parallel::column(points.len(), parallel::BLOCK, |rows, widths| {
            for (width, row) in widths.iter_mut().zip(rows) {
                *width = simplified(&judged, &middles, row);
            }
        });
        Ok(Self::from_widths(widths, &judged))
    }

    fn from_widths(widths: Vec<Option<f64>>, judged: &Judged<'_, '_>) -> Self {
        let sums = judged.sums(2, |row, sums| {
            sums[0] += judged.weight(row) * widths[row].unwrap_or(0.0);
            sums[1] += judged.weight(row);
        });
        let total = |at: usize| sums.iter().map(|sums| sums[at]).sum::<f64>();
        let mean = total(0) / total(1);
        let clusters = sums.iter().map(|sums| (sums[1] > 0.0).then(|| sums[0] / sums[1])).collect();
        Self { widths, mean, clusters }
    }

    /// The mean width of all points judged.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The width of each point, in the order of the rows; `None` for those in no cluster or not drawn.
    pub fn widths(&self) -> &[Option<f64>] {
        &self.widths
    }

    /// The mean width in each cluster; `None` where no point of it was judged.
    pub fn clusters(&self) -> &[Option<f64>] {
        &self.clusters
    }

    /// Number of points that have no width: in no cluster, or not drawn.
    pub fn left_out(&self) -> u64 {
        self.widths.iter().filter(|width| width.is_none()).count() as u64
    }
}

/// Refuses what no silhouette can be of, by the sizes of the clusters that hold points.
fn check(sizes: &[f64]) -> Result<(), Error> {
    let too_few = |why: &str, found: usize| {
        let why = format!("a silhouette needs {why}");
        Err(ErrorKind::TooFew { why, needed: 2, found: found as u64 }.into())
    };
    if sizes.len() < 2 {
        return too_few("clusters to compare", sizes.len());
    }
    if sizes.iter().all(|&size| size <= 1.0) {
        return too_few("points in a cluster", 1);
    }
    Ok(())
}

fn simplified(judged: &Judged<'_, '_>, middles: &[Middle], row: usize) -> Option<f64> {
    let number = judged.numbers[row];
    let own = middles.get(number as usize)?;
    if own.size <= 1.0 {
        return Some(0.0);
    }
    let others =
        middles.iter().enumerate().filter(|&(at, middle)| at != number as usize && middle.size > 0.0);
    let squares = others.map(|(_, middle)| judged.square_from(row, &middle.centroid));
    let nearest = squares.fold(f64::INFINITY, f64::min).sqrt();
    let own = judged.square_from(row, &own.centroid).sqrt();
    let larger = own.max(nearest);
    Some(if larger > 0.0 { (nearest - own) / larger } else { 0.0 })
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn what_has_no_silhouette_is_refused() {
        let rows = array![[0.0], [1.0], [2.0]];
        let points = Points::new(rows.view()).unwrap();
        let say = |numbers: &[Option<usize>]| {
            let labels = Labels::new(3, numbers).unwrap();
            let simplified = Silhouette::simplified(&points, &labels).unwrap_err().to_string();
            let exact = Silhouette::of(&points, &labels).unwrap_err().to_string();
            assert_eq!(simplified, exact);
            exact
        };
        let clusters = "a silhouette needs clusters to compare: needed 2";
        assert_eq!(say(&[Some(1), Some(1), None]), format!("{clusters}, found 1"));
        assert_eq!(say(&[None; 3]), format!("{clusters}, found 0"));
        let alone = "a silhouette needs points in a cluster: needed 2, found 1";
        assert_eq!(say(&[Some(0), Some(1), Some(2)]), alone);
        assert_eq!(say(&[Some(0); 2]), "labels: expected 3 rows, found 2");
    }

    #[test]
    fn equal_points_have_no_width() {
        let rows = array![[1.0], [1.0], [1.0], [1.0]];
        let labels = Labels::new(2, &[Some(0), Some(0), Some(1), Some(1)]).unwrap();
        let points = Points::new(rows.view()).unwrap();
        assert_eq!(Silhouette::of(&points, &labels).unwrap().widths(), [Some(0.0); 4]);
        assert_eq!(Silhouette::simplified(&points, &labels).unwrap().mean(), 0.0);
    }

    #[test]
    fn a_sample_is_judged_by_itself() {
        let rows =
            ndarray::Array2::from_shape_fn((500, 2), |(row, column)| ((row * row + column) % 97) as f64);
        let labels: Vec<Option<usize>> = (0..500).map(|row| (row % 10 > 0).then_some(row % 2)).collect();
        let (points, labels) = (Points::new(rows.view()).unwrap(), Labels::new(2, &labels).unwrap());
        let sampled = Silhouette::sampled(&points, &labels, 100, 7).unwrap();
        assert_eq!(sampled.left_out(), 400);
        let drawn: Vec<usize> = (0..500).filter(|&row| sampled.widths()[row].is_some()).collect();
        let alone = rows.select(ndarray::Axis(0), &drawn);
        let of_alone: Vec<Option<usize>> = drawn.iter().map(|&row| labels.get(row)).collect();
        let alone =
            Silhouette::of(&Points::new(alone.view()).unwrap(), &Labels::new(2, &of_alone).unwrap()).unwrap();
        assert!((alone.mean() - sampled.mean()).abs() < 1e-14);
        assert_ne!(sampled, Silhouette::sampled(&points, &labels, 100, 8).unwrap());
        let all = Silhouette::of(&points, &labels).unwrap();
        assert_eq!(Silhouette::sampled(&points, &labels, 450, 7).unwrap(), all);
        assert!(Silhouette::sampled(&points, &labels, 0, 7).is_err());
    }
}
