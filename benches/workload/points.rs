//! Points whose groups are known.

use ndarray::{Array2, ShapeBuilder};

/// Groups about the corners of a square, in `width` columns, far apart.
pub(crate) const GROUPS: usize = 4;

/// Rows of the groups in turn: pseudo-random, the same on every machine.
pub(crate) fn points(rows: usize, width: usize) -> Array2<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut unit = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut values = Vec::with_capacity(rows * width);
    for column in 0..width {
        for row in 0..rows {
            // The sum of four uniform numbers is bell-shaped enough.
            let noise = unit() + unit() + unit() + unit() - 2.0;
            let corner = (row % GROUPS) >> (column % 2) & 1;
            values.push(10.0 * corner as f64 + noise);
        }
    }
    Array2::from_shape_vec((rows, width).f(), values).unwrap()
}

/// Whether rows are in one cluster just where they are in one group.
pub(crate) fn finds(labels: &patronage::cluster::Labels) -> bool {
    let first: Vec<_> = (0..GROUPS).map(|group| labels.get(group)).collect();
    labels.clusters() == GROUPS && labels.iter().enumerate().all(|(row, label)| label == first[row % GROUPS])
}
