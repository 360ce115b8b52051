//! What the clusters hold, kept up by what moves between them, and where their means lie.

use std::ops::Range;

use super::table::Table;
use crate::math::{
    lanes::{LANES, Lanes},
    parallel, simd,
};

/// Where the rows lie: sums are of differences from the origin, so that they are exact to what the rows differ by.
pub(super) struct Spread {
    pub(super) origin: Vec<f64>,
    /// The variance of a column, on average.
    pub(super) variance: f64,
}

/// Of a column in some rows.
#[derive(Clone, Copy, Default)]
struct Moments {
    weight: f64,
    mean: f64,
    /// The sum of squared differences from the mean.
    squares: f64,
}

impl Spread {
    pub(super) fn of(table: &Table<'_>) -> Self {
        let chunks = parallel::map(table.chunks(), |rows| {
            let weights = table.weights(rows.clone());
            let moments = |column| Moments::of(column, weights);
            table.slices(rows).into_iter().map(moments).collect::<Vec<_>>()
        });
        let mut columns = vec![Moments::default(); table.width()];
        for chunk in chunks {
            for (all, part) in columns.iter_mut().zip(chunk) {
                all.join(part);
            }
        }
        let variances = columns.iter().map(Moments::variance);
        Self {
            variance: variances.sum::<f64>() / columns.len() as f64,
            origin: columns.iter().map(Moments::origin).collect(),
        }
    }
}

impl Moments {
    fn of(column: &[f64], weights: Option<&[f64]>) -> Self {
        let first = column[0];
        let [mut weight, mut sum, mut squares] = [[0.0; LANES]; 3];
        let mut add = |lane: usize, number: f64, by: f64| {
            let difference = number - first;
            weight[lane] += by;
            sum[lane] += by * difference;
            squares[lane] += by * difference * difference;
        };
        match weights {
            Some(weights) => {
                let rows = column.iter().zip(weights).enumerate();
                rows.for_each(|(row, (number, by))| add(row % LANES, *number, *by));
            }
            None => simd::widest(
                #[inline(always)]
                || {
                    let blocks = column.chunks_exact(LANES);
                    blocks.remainder().iter().enumerate().for_each(|(lane, number)| add(lane, *number, 1.0));
                    blocks.for_each(|block| (0..LANES).for_each(|lane| add(lane, block[lane], 1.0)));
                },
            ),
        }
        let of = |lanes: Lanes| lanes.iter().sum::<f64>();
        let (weight, sum, squares) = (of(weight), of(sum), of(squares));
        let shift = sum / weight;
        Self { weight, mean: first + shift, squares: (squares - sum * shift).max(0.0) }
    }

    /// As Chan, Golub & `LeVeque` (1983) do.
    fn join(&mut self, other: Self) {
        let weight = self.weight + other.weight;
        let (share, apart) = (other.weight / weight, other.mean - self.mean);
        self.squares += other.squares + apart * apart * self.weight * share;
        self.mean += apart * share;
        self.weight = weight;
    }

    fn variance(&self) -> f64 {
        self.squares / self.weight
    }

    /// The mean, to a power of two near the deviation: from there whole numbers stay whole.
    fn origin(&self) -> f64 {
        let deviation = self.variance().sqrt();
        if !(deviation > 0.0) {
            return self.mean;
        }
        let unit = 2.0_f64.powi(deviation.log2().floor() as i32);
        (self.mean / unit).round() * unit
    }
}

/// For each cluster the sums of its rows' coordinates, from the origin and by weight, and of their weights.
pub(super) struct Totals {
    /// Numbers of a cluster: its coordinates, and the weight.
    stride: usize,
    sums: Vec<f64>,
    /// What the sums lost in rounding (Neumaier 1974), so that thousands of moves leave no trace.
    lost: Vec<f64>,
    rows: Vec<i64>,
}

/// The cluster of a row that is in none yet.
pub(super) const NONE: u32 = u32::MAX;

/// What some rows add to the totals and take from them.
pub(super) struct Moves {
    stride: usize,
    sums: Vec<f64>,
    rows: Vec<i64>,
    /// Rows that moved.
    pub(super) moved: u64,
}

impl Moves {
    pub(super) fn new(clusters: usize, width: usize) -> Self {
        let stride = width + 1;
        Self { stride, sums: vec![0.0; clusters * stride], rows: vec![0; clusters], moved: 0 }
    }

    /// A row with these coordinates leaves a cluster, if it was in one, and comes into another.
    #[inline]
    pub(super) fn change(
        &mut self,
        spread: &Spread,
        coordinates: impl Iterator<Item = f64>,
        weight: f64,
        from: u32,
        to: u32,
    ) {
        let (taken, given) = (from as usize * self.stride, to as usize * self.stride);
        let width = self.stride - 1;
        for (at, (coordinate, origin)) in coordinates.zip(&spread.origin).enumerate() {
            let moved = weight * (coordinate - origin);
            if from != NONE {
                self.sums[taken + at] -= moved;
            }
            self.sums[given + at] += moved;
        }
        if from != NONE {
            self.sums[taken + width] -= weight;
            self.rows[from as usize] -= 1;
        }
        self.sums[given + width] += weight;
        self.rows[to as usize] += 1;
        self.moved += 1;
    }
}

impl Totals {
    pub(super) fn new(clusters: usize, width: usize) -> Self {
        let stride = width + 1;
        let zeros = vec![0.0; clusters * stride];
        Self { stride, lost: zeros.clone(), sums: zeros, rows: vec![0; clusters] }
    }

    pub(super) fn apply(&mut self, moves: &Moves) {
        for ((sum, lost), more) in self.sums.iter_mut().zip(&mut self.lost).zip(&moves.sums) {
            let new = *sum + more;
            *lost += if sum.abs() >= more.abs() { (*sum - new) + more } else { (more - new) + *sum };
            *sum = new;
        }
        for (cluster, more) in moves.rows.iter().enumerate() {
            self.rows[cluster] += more;
            if self.rows[cluster] == 0 {
                // What rounding left.
                let all = self.range(cluster);
                self.sums[all.clone()].fill(0.0);
                self.lost[all].fill(0.0);
            }
        }
    }

    fn range(&self, cluster: usize) -> Range<usize> {
        cluster * self.stride..(cluster + 1) * self.stride
    }

    /// Number of rows in a cluster.
    pub(super) fn rows(&self, cluster: usize) -> i64 {
        self.rows[cluster]
    }

    /// The clusters without rows, ascending.
    pub(super) fn empty(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|&cluster| self.rows[cluster] == 0).collect()
    }

    /// Forgets a cluster.
    pub(super) fn remove(&mut self, cluster: usize) {
        let range = self.range(cluster);
        self.sums.drain(range.clone());
        self.lost.drain(range);
        self.rows.remove(cluster);
    }

    /// The means of the clusters, a row each. One without weight stays where it was.
    pub(super) fn means(&self, spread: &Spread, before: &[f64]) -> Vec<f64> {
        let mut means = before.to_vec();
        for (cluster, mean) in means.chunks_mut(self.stride - 1).enumerate() {
            let range = self.range(cluster);
            let total: Vec<f64> = self.sums[range.clone()]
                .iter()
                .zip(&self.lost[range])
                .map(|(sum, lost)| sum + lost)
                .collect();
            let weight = total[self.stride - 1];
            if self.rows[cluster] > 0 && weight > 0.0 {
                for ((mean, sum), origin) in mean.iter_mut().zip(&total).zip(&spread.origin) {
                    *mean = origin + sum / weight;
                }
            }
        }
        means
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::cluster::Points;
    use ndarray::Array2;

    #[test]
    fn moments_are_those_of_all_rows_at_once() {
        let rows = Array2::from_shape_fn((10_001, 2), |(row, column)| {
            1e6 * column as f64 + ((row * 37) % 101) as f64
        });
        let spread = Spread::of(&Table::of(&Points::new(rows.view()).unwrap(), &[]));
        let variance = rows.var_axis(ndarray::Axis(0), 0.0).mean().unwrap();
        assert!((spread.variance / variance - 1.0).abs() < 1e-9, "{} {variance}", spread.variance);
        // The mean is 50, the deviation 29.
        assert_eq!(spread.origin, [48.0, 1_000_048.0]);
    }

    #[test]
    fn what_comes_and_goes_leaves_no_trace() {
        let rows = Array2::from_shape_fn((100, 1), |(row, _)| if row == 0 { 1e12 } else { 0.1 * row as f64 });
        let table = Table::of(&Points::new(rows.view()).unwrap(), &[]);
        let spread = Spread { origin: vec![0.0], variance: 1.0 };
        let mut totals = Totals::new(2, 1);
        let mut change = |rows: Range<usize>, add: bool| {
            let mut moves = Moves::new(2, 1);
            for row in rows {
                let (from, to) = if add { (NONE, 0) } else { (0, 1) };
                moves.change(&spread, table.row(row), table.weight(row), from, to);
            }
            totals.apply(&moves);
            totals.means(&spread, &[7.0, 7.0])[0]
        };
        assert_eq!(change(0..0, true), 7.0);
        let alone = change(1..100, true);
        change(0..1, true);
        assert_eq!(change(0..1, false), alone);
        assert_eq!(change(1..100, false), 7.0);
    }
}
