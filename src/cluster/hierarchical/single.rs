//! Single linkage: the shortest tree that spans the points (Prim 1957; Gower & Ross 1969).

use super::{chain::Join, rows::Rows};
use crate::math::simd;

/// Points that are not in the tree yet, a column for each coordinate.
struct Outside {
    columns: Vec<Vec<f64>>,
    numbers: Vec<u32>,
    /// The squared distance to the nearest point in the tree, and which it is.
    distances: Vec<f64>,
    nearest: Vec<u32>,
}

/// The edges of the shortest tree, as it grows from the first point on.
pub(super) fn joins(rows: &Rows) -> Vec<Join> {
    let mut outside = Outside {
        columns: rows.columns.clone(),
        numbers: (0..rows.len() as u32).collect(),
        distances: vec![f64::INFINITY; rows.len()],
        nearest: vec![0; rows.len()],
    };
    let mut joins = Vec::with_capacity(rows.len() - 1);
    let (mut added, _) = outside.take(0);
    while !outside.numbers.is_empty() {
        let place = simd::widest(|| outside.approach(rows, added));
        let (number, (distance, nearest)) = outside.take(place);
        joins.push((nearest, number, distance.sqrt() * rows.unit));
        added = number;
    }
    joins
}

impl Outside {
    /// Takes a point out: its number, how far it is from the tree and from which point of it.
    fn take(&mut self, place: usize) -> (u32, (f64, u32)) {
        for column in &mut self.columns {
            column.swap_remove(place);
        }
        let from = (self.distances.swap_remove(place), self.nearest.swap_remove(place));
        (self.numbers.swap_remove(place), from)
    }

    /// Sees how near the point just added is to each, and finds the place of the nearest to the tree; of several
    /// that of the lowest number.
    #[inline(always)]
    fn approach(&mut self, rows: &Rows, added: u32) -> usize {
        const BLOCK: usize = 64;
        let mut found = (f64::INFINITY, u32::MAX, 0);
        for start in (0..self.numbers.len()).step_by(BLOCK) {
            let block = start..self.numbers.len().min(start + BLOCK);
            let mut sums = [0.0; BLOCK];
            for (column, of) in self.columns.iter().zip(&rows.columns) {
                let x = of[added as usize];
                for (sum, other) in sums.iter_mut().zip(&column[block.clone()]) {
                    *sum += (other - x) * (other - x);
                }
            }
            let distances = &mut self.distances[block.clone()];
            let mut least = [f64::INFINITY; 8];
            for ((distance, nearest), sum) in distances.iter_mut().zip(&mut self.nearest[block]).zip(sums) {
                *nearest = if sum < *distance { added } else { *nearest };
                *distance = if sum < *distance { sum } else { *distance };
            }
            for eight in distances.chunks(8) {
                for (least, &distance) in least.iter_mut().zip(eight) {
                    *least = if distance < *least { distance } else { *least };
                }
            }
            if !least.iter().any(|&least| least <= found.0) {
                continue;
            }
            for (place, &distance) in (start..).zip(distances.iter()) {
                let number = self.numbers[place];
                if distance < found.0 || (distance <= found.0 && number < found.1) {
                    found = (distance, number, place);
                }
            }
        }
        found.2
    }
}
