//! The member of a cluster that is nearest to all others.

use crate::{
    cluster::Points,
    math::{parallel, simd},
};

/// Members tried at the most, the nearest to the mean first: where bounds rule the rest out sooner, as in few
/// dimensions, the answer is exact.
const MOST_TRIED: usize = 256;

/// The row among `rows`, of which there is one at least, with the smallest sum of distances to them all.
///
/// Trimed (Newling & Fleuret 2017): a member whose distances are summed rules others out, for by the triangle
/// inequality the mean distance of a member differs from its own by at most the distance between the two.
pub(super) fn of(points: &Points<'_>, rows: &[u32]) -> u32 {
    let gather = |column: std::borrow::Cow<'_, [f64]>| -> Vec<f64> {
        rows.iter().map(|&row| column[row as usize]).collect()
    };
    let columns: Vec<Vec<f64>> = points.columns().into_iter().map(gather).collect();
    let count = rows.len() as f64;
    let mean: Vec<f64> =
        columns.iter().map(|column| column.iter().map(|value| value / count).sum::<f64>()).collect();
    let from_mean = distances(&columns, &mean, rows.len());
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| from_mean[a].total_cmp(&from_mean[b]).then(a.cmp(&b)));
    let mut least = vec![0.0; rows.len()];
    let mut best = (order.first().copied().unwrap_or(0), f64::INFINITY);
    let mut tried = 0;
    for member in order {
        if least[member] >= best.1 {
            continue;
        }
        let place: Vec<f64> = columns.iter().map(|column| column[member]).collect();
        let away = distances(&columns, &place, rows.len());
        let mean_distance = away.iter().map(|distance| distance / count).sum::<f64>();
        if mean_distance < best.1 {
            best = (member, mean_distance);
        }
        for (least, distance) in least.iter_mut().zip(away) {
            *least = f64::max(*least, (mean_distance - distance).abs());
        }
        tried += 1;
        if tried == MOST_TRIED {
            break;
        }
    }
    rows[best.0]
}

/// The distance of each member from a place.
fn distances(columns: &[Vec<f64>], place: &[f64], members: usize) -> Vec<f64> {
    parallel::column(members, parallel::BLOCK, |rows, out: &mut [f64]| {
        simd::widest(|| {
            for (column, place) in columns.iter().zip(place) {
                for (sum, value) in out.iter_mut().zip(&column[rows.clone()]) {
                    let away = value - place;
                    *sum += away * away;
                }
            }
            for sum in out.iter_mut() {
                *sum = sum.sqrt();
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_member_is_nearer_to_all(values in prop::collection::vec(-9..9_i32, 2..80)) {
            let count = values.len() / 2;
            let rows = Array2::from_shape_fn((count, 2), |(row, column)| f64::from(values[2 * row + column]));
            let points = Points::new(rows.view()).unwrap();
            let all: Vec<u32> = (0..count as u32).collect();
            let sum = |of: u32| -> f64 {
                let of = rows.row(of as usize);
                rows.rows().into_iter().map(|row| ((row[0] - of[0]).powi(2) + (row[1] - of[1]).powi(2)).sqrt()).sum()
            };
            let found = sum(super::of(&points, &all));
            prop_assert!(all.iter().all(|&other| found <= sum(other) * (1.0 + 1e-12)));
        }
    }

    #[test]
    fn huge_coordinates_have_a_medoid() {
        let rows = Array2::from_shape_fn((3, 1), |(row, _)| (row as f64 - 1.0) * 1e200);
        assert!(super::of(&Points::new(rows.view()).unwrap(), &[0, 1, 2]) < 3);
    }
}
