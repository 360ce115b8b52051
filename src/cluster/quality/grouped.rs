//! Points gathered by cluster, and the mean distance of each to each cluster.

use std::{collections::BTreeMap, ops::Range};

use super::judged::Judged;
use crate::{
    cluster::{Points, distinct::Distinct, labels::NOISE},
    math::{
        lanes::{LANES, Lanes},
        parallel, simd,
    },
};

/// Points of one cluster after those of another. Equal points of a cluster are one, with a weight, where that
/// makes far fewer.
pub(super) struct Grouped {
    columns: Vec<Vec<f64>>,
    /// None if all are 1.
    weights: Option<Vec<f64>>,
    /// The clusters that hold points: where their points lie, and the sum of their weights.
    clusters: Vec<(Range<usize>, f64)>,
    /// For each point given, its place here; [`NOISE`] if it is in no cluster.
    of: Vec<u32>,
}

/// Distinct points are worth gathering if they are no more than this part of all.
const WORTH: usize = 4;

/// Points whose widths are reckoned by one thread at a time.
const ROWS: usize = 64;

/// Points to which distances are reckoned at a time: their sums of squares stay near.
const STRIP: usize = 256;

impl Grouped {
    pub(super) fn of(points: &Points<'_>, judged: &Judged<'_, '_>) -> Self {
        let distinct = Distinct::of(points, points.len() / WORTH);
        let (places, of) = match &distinct {
            Some(distinct) => joined(distinct, judged.numbers),
            None => apart(judged.numbers, judged.clusters),
        };
        let columns =
            judged.columns.iter().map(|column| places.iter().map(|&row| column[row as usize]).collect());
        let mut grouped = Self { columns: columns.collect(), weights: None, clusters: Vec::new(), of };
        if distinct.is_some() || judged.weights.is_some() {
            let mut weights = vec![0.0; places.len()];
            for (row, &place) in grouped.of.iter().enumerate().filter(|&(_, &place)| place != NOISE) {
                weights[place as usize] += judged.weight(row);
            }
            grouped.weights = Some(weights);
        }
        grouped.clusters = clusters(&places, judged.numbers, grouped.weights.as_deref());
        grouped
    }

    /// The sum of the weights in each cluster that holds points.
    pub(super) fn sizes(&self) -> Vec<f64> {
        self.clusters.iter().map(|&(_, size)| size).collect()
    }

    /// The silhouette width of each point given.
    pub(super) fn widths(&self) -> Vec<Option<f64>> {
        let len = self.columns.first().map_or(0, Vec::len);
        let widths = parallel::column(len, ROWS, |rows, widths: &mut [f64]| {
            // A plain loop: what collects is a call, and would be compiled for the narrowest vectors.
            simd::run(
                #[inline(always)]
                || {
                    for (width, row) in widths.iter_mut().zip(rows) {
                        *width = self.width(row);
                    }
                },
            );
        });
        self.of.iter().map(|&place| widths.get(place as usize).copied()).collect()
    }

    #[inline(always)]
    fn width(&self, row: usize) -> f64 {
        let (mut own, mut nearest) = (0.0, f64::INFINITY);
        for (places, size) in &self.clusters {
            let sum = self.distances(row, places.clone());
            if !places.contains(&row) {
                nearest = nearest.min(sum / size);
            } else if *size <= 1.0 {
                return 0.0;
            } else {
                own = sum / (size - 1.0);
            }
        }
        let larger = own.max(nearest);
        if larger > 0.0 { (nearest - own) / larger } else { 0.0 }
    }

    /// The sum of the distances of a point to others, times the weights of these.
    #[inline(always)]
    fn distances(&self, row: usize, places: Range<usize>) -> f64 {
        let mut squares = [0.0; STRIP];
        let mut sums: Lanes = [0.0; LANES];
        for start in places.clone().step_by(STRIP) {
            let strip = start..places.end.min(start + STRIP);
            let squares = &mut squares[..strip.len()];
            squares.fill(0.0);
            for column in &self.columns {
                let here = column[row];
                for (square, there) in squares.iter_mut().zip(&column[strip.clone()]) {
                    *square += (there - here) * (there - here);
                }
            }
            match &self.weights {
                None => add(
                    &mut sums,
                    squares,
                    #[inline(always)]
                    |_, square| square.sqrt(),
                ),
                Some(weights) => {
                    let weights = &weights[strip];
                    add(
                        &mut sums,
                        squares,
                        #[inline(always)]
                        |at, square| weights[at] * square.sqrt(),
                    );
                }
            }
        }
        sums.iter().sum()
    }
}

#[inline(always)]
fn add(sums: &mut Lanes, squares: &[f64], of: impl Fn(usize, f64) -> f64) {
    let (whole, rest) = squares.as_chunks::<LANES>();
    for (strip, squares) in whole.iter().enumerate() {
        for lane in 0..LANES {
            sums[lane] += of(strip * LANES + lane, squares[lane]);
        }
    }
    for (lane, square) in rest.iter().enumerate() {
        sums[lane] += of(whole.len() * LANES + lane, *square);
    }
}

/// A row for each place, by cluster, and the place of each row.
fn apart(numbers: &[u32], clusters: usize) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0_u32; clusters + 1];
    for &number in numbers.iter().filter(|&&number| number != NOISE) {
        next[number as usize + 1] += 1;
    }
    for at in 0..clusters {
        next[at + 1] += next[at];
    }
    let mut places = vec![0; next[clusters] as usize];
    let mut of = vec![NOISE; numbers.len()];
    for (row, &number) in numbers.iter().enumerate().filter(|&(_, &number)| number != NOISE) {
        let place = next[number as usize];
        next[number as usize] += 1;
        places[place as usize] = row as u32;
        of[row] = place;
    }
    (places, of)
}

/// As [`apart`], with one place for all equal rows of a cluster.
fn joined(distinct: &Distinct, numbers: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let keys = || numbers.iter().zip(&distinct.of).enumerate().filter(|(_, (number, _))| **number != NOISE);
    let mut first: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for (row, (&number, &of)) in keys() {
        first.entry((number, of)).or_insert(row as u32);
    }
    let places: Vec<u32> = first.values().copied().collect();
    for (place, value) in first.values_mut().enumerate() {
        *value = place as u32;
    }
    let mut of = vec![NOISE; numbers.len()];
    for (row, (&number, &distinct)) in keys() {
        of[row] = first.get(&(number, distinct)).copied().unwrap_or(NOISE);
    }
    (places, of)
}

fn clusters(places: &[u32], numbers: &[u32], weights: Option<&[f64]>) -> Vec<(Range<usize>, f64)> {
    let mut start = 0;
    let runs = places.chunk_by(|&a, &b| numbers[a as usize] == numbers[b as usize]);
    runs.map(|run| {
        let range = start..start + run.len();
        start = range.end;
        let size = weights.map_or(run.len() as f64, |weights| weights[range.clone()].iter().sum());
        (range, size)
    })
    .collect()
}
