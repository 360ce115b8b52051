//! Rows on the sides of a cut: how many there are, and how many churned.

/// Rows by weight, and those of them that churned.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Side {
    pub(super) rows: f64,
    pub(super) churned: f64,
}

impl Side {
    pub(super) fn add(&mut self, churned: bool, weight: f64) {
        self.rows += weight;
        self.churned += if churned { weight } else { 0.0 };
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, churned: self.churned + other.churned }
    }

    pub(super) fn stayed(self) -> f64 {
        self.rows - self.churned
    }

    /// The number of rows, where each has a weight of one.
    #[allow(clippy::cast_sign_loss, reason = "rows are not below zero")]
    pub(super) fn count(self) -> u64 {
        self.rows as u64
    }
}

/// The values of a column, ascending and distinct, each with its rows; and the rows without one. Rows of no weight are
/// left out.
pub(super) struct ByValue {
    pub(super) values: Vec<(f64, Side)>,
    pub(super) missing: Side,
}

impl ByValue {
    /// NaN is a missing value.
    pub(super) fn of(values: &[f64], churned: &[bool], weight: impl Fn(usize) -> f64) -> Self {
        let mut rows: Vec<u32> = (0..values.len() as u32).filter(|&row| weight(row as usize) > 0.0).collect();
        let value = |row: &u32| values[*row as usize];
        // Stable, so that sums over equal values go by the rows.
        rows.sort_by(|a, b| value(a).total_cmp(&value(b)));
        let mut by_value = Self { values: Vec::new(), missing: Side::default() };
        for row in rows {
            // Zero has no sign.
            let value = value(&row) + 0.0;
            by_value.side(value).add(churned[row as usize], weight(row as usize));
        }
        by_value
    }

    /// The rows of a value that is none of those before the last.
    fn side(&mut self, value: f64) -> &mut Side {
        if value.is_nan() {
            return &mut self.missing;
        }
        if self.values.last().is_none_or(|(last, _)| *last < value) {
            self.values.push((value, Side::default()));
        }
        let last = self.values.len() - 1;
        &mut self.values[last].1
    }

    /// All rows with a value.
    pub(super) fn known(&self) -> Side {
        self.values.iter().fold(Side::default(), |all, (_, side)| all.and(*side))
    }

    /// The probability that of two rows with a value, one that churned and one that stayed, the one that churned has the
    /// larger value, halves for equal ones: the area under the curve. `None` without such rows.
    pub(super) fn area(&self) -> Option<f64> {
        let all = self.known();
        let (mut stayed_below, mut won) = (0.0, 0.0);
        for (_, side) in &self.values {
            won += side.churned * (stayed_below + side.stayed() / 2.0);
            stayed_below += side.stayed();
        }
        (all.churned > 0.0 && all.stayed() > 0.0).then(|| (won / all.churned / all.stayed()).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn the_area_agrees_with_scikit_learn() {
        // scikit-learn 1.9: roc_auc_score([1, 0, 1, 1, 0, 0, 1], [3, 1, 2, 2, 2, 5, 7], sample_weight=[1, 2, 1, 3, 1, 1, 0.5]).
        let churned = [true, false, true, true, false, false, true];
        let weights = [1.0, 2.0, 1.0, 3.0, 1.0, 1.0, 0.5];
        let by_value = ByValue::of(&[3.0, 1.0, 2.0, 2.0, 2.0, 5.0, 7.0], &churned, |row| weights[row]);
        assert!((by_value.area().unwrap() - 0.681_818_181_818_181_9).abs() < 1e-12);
        let equal = ByValue::of(&[0.0, -0.0, f64::NAN], &[true, false, true], |_| 1.0);
        assert_eq!((equal.area(), equal.values.len(), equal.missing.rows), (Some(0.5), 1, 1.0));
        assert_eq!(ByValue::of(&[1.0], &[true], |_| 1.0).area(), None);
    }
}
