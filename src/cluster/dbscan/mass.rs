//! Sums of weights that no order of adding changes.

/// Weights in whole units.
///
/// A weight counts as no more than `least`, for alone it is enough; then sums of any number of rows fit, with units
/// so small that weights of 2^-41 of `least` and above are held to the last bit.
#[derive(Clone, Debug)]
pub(super) struct Masses {
    /// One unit each where none are given.
    rows: Option<Vec<u128>>,
    /// What `least` comes to in units.
    pub(super) least: u128,
}

impl Masses {
    /// `least` is at least 1.
    pub(super) fn new(weights: Option<&[f64]>, least: usize) -> Self {
        let Some(weights) = weights else { return Self { rows: None, least: least as u128 } };
        let bits = 93 - least.ilog2();
        let unit = |weight: &f64| ((1_u128 << bits) as f64 * weight.min(least as f64)).ceil();
        // At most 2^94, and above 0.
        #[allow(clippy::cast_sign_loss, reason = "weights are above 0")]
        let rows = weights.iter().map(|weight| unit(weight) as u128).collect();
        Self { rows: Some(rows), least: (least as u128) << bits }
    }

    /// Of rows joined: row `r` is part of `of[r]`, below `len`.
    pub(super) fn joined(&self, of: &[u32], len: usize) -> Self {
        let mut rows = vec![0; len];
        for (row, &at) in (0..).zip(of) {
            rows[at as usize] += self.of(row);
        }
        Self { rows: Some(rows), least: self.least }
    }

    /// Of a row.
    #[inline]
    pub(super) fn of(&self, row: u32) -> u128 {
        self.rows.as_ref().map_or(1, |rows| rows[row as usize])
    }

    /// Of some rows together.
    pub(super) fn sum(&self, rows: &[u32]) -> u128 {
        match &self.rows {
            None => rows.len() as u128,
            Some(_) => rows.iter().map(|&row| self.of(row)).sum(),
        }
    }

    /// Whether every row is one unit.
    pub(super) fn are_equal(&self) -> bool {
        self.rows.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_in_any_order() {
        // Ten times the float nearest to a tenth, which is above it, is more than 1; added as floats it is less.
        let tenths = Masses::new(Some(&[0.1; 10]), 1);
        assert!(tenths.sum(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) > tenths.least);
        assert!([0.1_f64; 10].iter().sum::<f64>() < 1.0);
        let masses = Masses::new(Some(&[0.5, 1e300, 2.5, 1e-300, 3.0]), 3);
        assert_eq!(masses.sum(&[0, 2]), masses.least);
        assert_eq!((masses.of(1), masses.of(4)), (masses.least, masses.least));
        assert_eq!(masses.of(3), 1);
        assert!(masses.sum(&[2, 3]) < masses.least);
        assert_eq!(Masses::new(None, 5).sum(&[3, 3, 3]), 3);
        let most = Masses::new(Some(&[1e30, 1.0]), usize::MAX);
        assert!(most.of(0) >= most.least && most.of(1) < most.least);
    }
}
