//! Whether so many clusters are more compact than they would be without any structure.

use ndarray::{Array2, ShapeBuilder};
use rand::Rng;

use super::{spread::Spread, stream::stream};
use crate::{
    cluster::{Clusterer, Labels, Points},
    error::{Error, ErrorKind},
    math::{parallel, symmetric::Symmetric},
};

/// The gap statistic (Tibshirani, Walther & Hastie, 2001): compares the within-cluster sum of squares with that of
/// points that are spread evenly in the box around the data along its principal axes.
///
/// # Formula
/// ```text
/// Gap(k) = mean over references b of ln W_kb, less ln W_k
/// s_k    = sd over b of ln W_kb, times sqrt(1 + 1/B)
/// ```
///
/// # Example
/// ```
/// use ndarray::Array2;
/// use patronage::cluster::{GapStatistic, KMeans, Points};
///
/// // Three round groups of forty, by a spiral.
/// let rows = Array2::from_shape_fn((120, 2), |(row, column)| {
///     let (angle, away) = (row as f64 * 2.4, (row as f64 / 120.0).sqrt());
///     let middle = [[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]][row % 3][column];
///     middle + away * if column == 0 { angle.cos() } else { angle.sin() }
/// });
/// let curve = GapStatistic::new(10, 7)
///     .measure(&Points::new(rows.view())?, 5, &|k| Box::new(KMeans::new(k, 7).restarts(3)))?;
/// assert_eq!(curve.best(), Some(3));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GapStatistic {
    references: usize,
    seed: u64,
}

/// A way to cluster for each number of clusters.
pub type Family<'a> = &'a (dyn Fn(usize) -> Box<dyn Clusterer> + Sync);

/// Gaps for one cluster, two, and so on.
#[derive(Clone, PartialEq, Debug)]
pub struct GapCurve {
    gaps: Vec<Gap>,
}

/// The gap for a number of clusters.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gap {
    /// The number of clusters asked for.
    pub clusters: usize,
    /// The logarithm of the within-cluster sum of squares.
    pub ln_within: f64,
    /// What it is on average where there is no structure.
    pub expected: f64,
    /// The standard error `s_k` of that, as simulated.
    pub std_error: f64,
}

impl Gap {
    /// `expected - ln_within`: how much more compact the clusters are than those of no structure.
    pub fn gap(&self) -> f64 {
        self.expected - self.ln_within
    }
}

impl GapCurve {
    /// The gaps in order, from one cluster on. They end before a number of clusters that leaves no spread at all.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The smallest number of clusters k with `Gap(k) >= Gap(k + 1) - s_(k + 1)`, the rule of the paper; 1 means
    /// no structure. `None` if the gaps rise to the end of the curve.
    pub fn best(&self) -> Option<usize> {
        let rule = |pair: &&[Gap]| pair[0].gap() >= pair[1].gap() - pair[1].std_error;
        self.gaps.windows(2).find(rule).map(|pair| pair[0].clusters)
    }
}

impl GapStatistic {
    /// So many sets of reference points; 10 are few, and 100 ample.
    pub fn new(references: usize, seed: u64) -> Self {
        Self { references, seed }
    }

    /// Clusters the points and each reference set into 1 to `most` clusters. Reference points have the weights of
    /// the points. Points that a clusterer takes for noise are left out, of either.
    ///
    /// # Errors
    /// If there are fewer than 2 references, `most` is 0, a clusterer refuses the points or puts none in a
    /// cluster, or a sum of squares is too large.
    pub fn measure(&self, points: &Points<'_>, most: usize, family: Family<'_>) -> Result<GapCurve, Error> {
        if most == 0 {
            return Err(Error::parameter("most", most, "must be at least 1"));
        }
        let mut within = Vec::new();
        for k in 1..=most {
            match ln_within(points, k, family)? {
                Some(ln) => within.push(ln),
                None => break,
            }
        }
        self.beside(points, &within, family)
    }

    /// The curve for points whose sums of squares are known, as logarithms for 1, 2 ... clusters.
    pub(in crate::cluster) fn beside(
        &self,
        points: &Points<'_>,
        within: &[f64],
        family: Family<'_>,
    ) -> Result<GapCurve, Error> {
        if self.references < 2 {
            return Err(Error::parameter("references", self.references, "must be at least 2"));
        }
        let axes = Axes::of(points)?;
        let references = parallel::map((0..self.references).collect(), |index| {
            let rows = axes.draw(points.len(), &mut stream(self.seed, index));
            let mut reference = Points::new(rows.view())?;
            if let Some(weights) = points.weights() {
                reference = reference.weighted(weights)?;
            }
            let ln = |k| Ok(ln_within(&reference, k, family)?.unwrap_or(f64::MIN_POSITIVE.ln()));
            (1..=within.len()).map(ln).collect::<Result<Vec<f64>, Error>>()
        });
        let references = references.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let gap = |(at, &ln_within): (usize, &f64)| {
            let (expected, std_error) = mean_and_error(references.iter().map(|reference| reference[at]));
            Gap { clusters: at + 1, ln_within, expected, std_error }
        };
        Ok(GapCurve { gaps: within.iter().enumerate().map(gap).collect() })
    }
}

/// The logarithm of the within-cluster sum of squares, if that is not 0.
fn ln_within(points: &Points<'_>, clusters: usize, family: Family<'_>) -> Result<Option<f64>, Error> {
    let labels = match clusters {
        1 => Labels::of_valid(1, vec![0; points.len()]),
        _ => family(clusters).cluster(points)?.labels,
    };
    let within = Spread::of(points, &labels)?.within();
    Ok((within > 0.0).then(|| within.ln()))
}

fn mean_and_error(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let square = values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    (mean, square.sqrt() * (1.0 + 1.0 / count).sqrt())
}

/// The principal axes of points, and how far these reach along each.
struct Axes {
    mean: Vec<f64>,
    axes: Vec<Axis>,
}

struct Axis {
    direction: Vec<f64>,
    least: f64,
    most: f64,
}

impl Axes {
    fn of(points: &Points<'_>) -> Result<Self, Error> {
        let (columns, n) = (points.columns(), points.len() as f64);
        let mean: Vec<f64> = columns.iter().map(|column| column.iter().map(|x| x / n).sum::<f64>()).collect();
        let mut products = Symmetric::zeros(columns.len());
        for (a, first) in columns.iter().enumerate() {
            for (b, second) in columns.iter().enumerate().skip(a) {
                let pairs = first.iter().zip(second.iter());
                products.set(a, b, pairs.map(|(x, y)| (x - mean[a]) * (y - mean[b])).sum());
            }
        }
        if !products.is_finite() {
            return Err(ErrorKind::Overflow { what: "sum of squares" }.into());
        }
        let axes = products.eigen().vectors.into_iter().map(|direction| {
            let mut along = vec![0.0; points.len()];
            for ((column, mean), part) in columns.iter().zip(&mean).zip(&direction) {
                for (along, x) in along.iter_mut().zip(column.iter()) {
                    *along += (x - mean) * part;
                }
            }
            let least = along.iter().copied().fold(f64::INFINITY, f64::min);
            Axis { direction, least, most: along.into_iter().fold(f64::NEG_INFINITY, f64::max) }
        });
        let axes = axes.collect();
        Ok(Self { mean, axes })
    }

    /// Points spread evenly in the box.
    fn draw(&self, rows: usize, chance: &mut impl Rng) -> Array2<f64> {
        let mut drawn = Array2::zeros((rows, self.mean.len()).f());
        for mut row in drawn.rows_mut() {
            for (x, mean) in row.iter_mut().zip(&self.mean) {
                *x = *mean;
            }
            for axis in &self.axes {
                let along = axis.least + (axis.most - axis.least) * chance.r#gen::<f64>();
                for (x, part) in row.iter_mut().zip(&axis.direction) {
                    *x += along * part;
                }
            }
        }
        drawn
    }
}
