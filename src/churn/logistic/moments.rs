//! Weights of rows, and what columns are like under them.

use crate::{churn::Examples, feature::Fill};

/// How much each row counts, one on average and more than nothing.
pub(super) struct Weights {
    /// Nothing if all rows count one.
    pub(super) each: Option<Vec<f64>>,
    /// What they were divided by.
    pub(super) unit: f64,
}

impl Weights {
    pub(super) fn of(examples: &Examples) -> Self {
        let Some(weights) = examples.weights() else {
            return Self { each: None, unit: 1.0 };
        };
        let total: f64 = weights.iter().sum();
        let unit = (total / weights.len().max(1) as f64).max(f64::MIN_POSITIVE);
        Self { each: Some(weights.iter().map(|weight| weight / unit).collect()), unit }
    }

    pub(super) fn get(&self, row: usize) -> f64 {
        self.each.as_ref().map_or(1.0, |each| each[row])
    }
}

/// A column of numbers: its missing values have a weight, and no more is said of them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Moments {
    pub(super) known: f64,
    pub(super) missing: f64,
    pub(super) mean: f64,
    /// The weighted sum of squared distances from the mean.
    squares: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// Rows at a time: their mean and squares are joined with those of the rows before.
const ROWS: usize = 4096;

impl Moments {
    const NONE: Self = Self {
        known: 0.0,
        missing: 0.0,
        mean: 0.0,
        squares: 0.0,
        least: f64::INFINITY,
        most: f64::NEG_INFINITY,
    };

    pub(super) fn of(values: &[f64], weights: &Weights) -> Self {
        let mut all = Self::NONE;
        match &weights.each {
            None => values.chunks(ROWS).for_each(|part| all.join(Self::of_part(part, |_| 1.0))),
            Some(each) => {
                for (part, each) in values.chunks(ROWS).zip(each.chunks(ROWS)) {
                    all.join(Self::of_part(part, |row| each[row]));
                }
            }
        }
        all
    }

    fn of_part(values: &[f64], weight: impl Fn(usize) -> f64) -> Self {
        let mut part = Self::NONE;
        let mut sum = 0.0;
        for (row, &value) in values.iter().enumerate() {
            let weight = weight(row);
            let counts = !value.is_nan();
            part.known += if counts { weight } else { 0.0 };
            part.missing += if value.is_nan() { weight } else { 0.0 };
            sum += if counts { weight * value } else { 0.0 };
            part.least = if counts && value < part.least { value } else { part.least };
            part.most = if counts && value > part.most { value } else { part.most };
        }
        if part.known > 0.0 {
            part.mean = (sum / part.known).clamp(part.least, part.most);
            for (row, &value) in values.iter().enumerate() {
                let away = value - part.mean;
                part.squares += if value.is_nan() { 0.0 } else { weight(row) * away * away };
            }
        }
        part
    }

    /// Both parts as one (Chan, Golub & `LeVeque` 1979).
    fn join(&mut self, part: Self) {
        self.missing += part.missing;
        if part.known > 0.0 {
            let known = self.known + part.known;
            let apart = part.mean - self.mean;
            let share = part.known / known;
            self.squares += part.squares + apart * apart * (self.known * share);
            self.mean += apart * share;
            self.known = known;
            self.least = self.least.min(part.least);
            self.most = self.most.max(part.most);
        }
    }

    /// Mean and standard deviation once missing values are filled.
    pub(super) fn filled(&self, fill: f64) -> (f64, f64) {
        let all = self.known + self.missing;
        let share = self.missing / all;
        let centre = self.mean + (fill - self.mean) * share;
        let apart = fill - self.mean;
        let squares = self.squares + apart * apart * (self.known * share);
        (centre, (squares / all).sqrt())
    }
}

/// What stands in for a missing value, learned from those that are there.
pub(super) fn fill(by: Fill, values: &[f64], moments: &Moments, weights: &Weights) -> f64 {
    match by {
        Fill::Mean => moments.mean,
        Fill::Value(value) => value,
        Fill::Median => median(values, weights),
    }
}

/// The median of as many copies of each value as it has weight; 0 of none.
fn median(values: &[f64], weights: &Weights) -> f64 {
    let known = (0..values.len()).filter(|&row| !values[row].is_nan());
    let mut sorted: Vec<(f64, f64)> = known.map(|row| (values[row], weights.get(row))).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = sorted.iter().map(|pair| pair.1).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for (at, &(value, weight)) in sorted.iter().enumerate() {
        below += weight;
        // Half of the copies end here: the middle lies between this value and the next.
        if (below - half).abs() <= 1e-9 * half {
            return value.midpoint(sorted.get(at + 1).map_or(value, |next| next.0));
        }
        if below > half {
            return value;
        }
    }
    0.0
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    fn weights(each: &[f64]) -> Weights {
        Weights { each: Some(each.to_vec()), unit: 1.0 }
    }

    #[test]
    fn parts_join_to_the_moments_of_all() {
        // The first whole numbers: mean (n - 1) / 2, variance (n^2 - 1) / 12.
        let (n, far) = (10_000, 1e9);
        let values: Vec<f64> = (0..n).map(|k| far + f64::from(k)).collect();
        let all = Moments::of(&values, &Weights { each: None, unit: 1.0 });
        let (mean, deviation) = all.filled(0.0);
        assert!((mean - far - f64::from(n - 1) / 2.0).abs() < 1e-6);
        assert!((deviation.powi(2) / ((f64::from(n).powi(2) - 1.0) / 12.0) - 1.0).abs() < 1e-12);
        assert_eq!((all.least, all.most), (far, far + f64::from(n - 1)));
    }

    #[test]
    fn weights_are_repeats_and_what_is_missing_is_filled() {
        let weighted = Moments::of(&[1.0, f64::NAN, 4.0], &weights(&[2.0, 1.0, 1.0]));
        let (mean, deviation) = weighted.filled(10.0);
        // 1, 1, 10, 4.
        assert_eq!((mean, deviation), (4.0, 13.5_f64.sqrt()));
        assert_eq!(median(&[1.0, 4.0, f64::NAN, 9.0], &weights(&[2.0, 1.0, 5.0, 1.0])), 2.5);
        assert_eq!(median(&[1.0, 4.0, 9.0], &weights(&[1.0, 2.0, 1.0])), 4.0);
        assert_eq!(median(&[f64::NAN], &weights(&[1.0])), 0.0);
    }
}
