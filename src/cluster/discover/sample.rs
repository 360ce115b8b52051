//! Which of many points are looked at.

use rand::{Rng, seq::index};

use crate::cluster::{
    Points,
    quality::{Taken, stream},
};

/// At most so many points, without weights: drawn evenly, or by their weights. `None` if they are as many as are to
/// be looked at, and have no weights.
pub(super) fn drawn(points: &Points<'_>, most: usize, seed: u64) -> Option<Taken> {
    let mut chance = stream(seed, 0);
    let drawn: Vec<u32> = match points.weights() {
        None if points.len() <= most => return None,
        None => {
            let mut drawn = index::sample(&mut chance, points.len(), most).into_vec();
            drawn.sort_unstable();
            drawn.into_iter().map(|row| row as u32).collect()
        }
        Some(weights) => by_weight(weights, most, chance.r#gen()),
    };
    Some(Taken::unweighted(points, &drawn))
}

/// Rows at even steps of the running sum of the weights, beginning within the first step: a weight is a number of
/// points, and if they are not too many, each row is drawn so often.
fn by_weight(weights: &[f64], most: usize, start: f64) -> Vec<u32> {
    let total: f64 = weights.iter().sum();
    #[allow(clippy::cast_sign_loss, reason = "it is at least 1")]
    let count = most.min(total.round().max(1.0) as usize);
    let step = total / count as f64;
    let (mut drawn, mut passed, mut next) = (Vec::with_capacity(count), 0.0, start);
    for (row, weight) in weights.iter().enumerate() {
        passed += weight;
        while drawn.len() < count && next * step < passed {
            drawn.push(row as u32);
            next += 1.0;
        }
    }
    // The running sum may fall short of the last step by a rounding error.
    drawn.resize(count, weights.len() as u32 - 1);
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_numbers_of_points() {
        assert_eq!(by_weight(&[2.0, 1.0, 3.0], 100, 0.5), [0, 0, 1, 2, 2, 2]);
        assert_eq!(by_weight(&[2.0, 1.0, 3.0], 3, 0.5), [0, 2, 2]);
        assert_eq!(by_weight(&[0.1, 0.1], 5, 0.0), [0]);
        assert_eq!(by_weight(&[1e300, 1.0], 2, 0.999), [0, 0]);
    }
}
