//! Symmetric matrices of a few rows: eigenvalues, inverses, roots. Entries that are no numbers give answers
//! that are none, and never a loop without end.

/// A dense symmetric matrix. Both triangles are held, and always alike.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Symmetric {
    size: usize,
    entries: Vec<f64>,
}

/// Eigenvalues, ascending, and for each an eigenvector of length 1.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Eigen {
    pub(crate) values: Vec<f64>,
    pub(crate) vectors: Vec<Vec<f64>>,
}

/// A lower triangle L, such that L L' is the matrix it came from.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lower {
    /// Row i has i + 1 entries.
    rows: Vec<Vec<f64>>,
}

/// Jacobi's method needs six to ten sweeps.
const MOST_SWEEPS: usize = 60;

impl Symmetric {
    pub(crate) fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] = value;
        self.entries[column * self.size + row] = value;
    }

    /// Adds to the entry and, off the diagonal, to its mirror image.
    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        self.set(row, column, self.get(row, column) + value);
    }

    /// Adds `scale` times another matrix of the same size.
    pub(crate) fn add_scaled(&mut self, other: &Self, scale: f64) {
        for (entry, other) in self.entries.iter_mut().zip(&other.entries) {
            *entry += scale * other;
        }
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.entries.iter().all(|entry| entry.is_finite())
    }

    pub(crate) fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.entries.chunks(self.size.max(1)).map(|row| dot(row, vector)).collect()
    }

    /// By Jacobi's rotations. Without finite entries the eigenvalues are NaN.
    pub(crate) fn eigen(&self) -> Eigen {
        let size = self.size;
        let most = self.largest();
        // Scaled to 1, so that no square overflows.
        let scale = if most > 0.0 && most.is_finite() { most } else { 1.0 };
        let mut left = self.clone();
        left.entries.iter_mut().for_each(|entry| *entry /= scale);
        let unit = |at: usize| (0..size).map(|row| f64::from(u8::from(row == at))).collect();
        let mut vectors: Vec<Vec<f64>> = (0..size).map(unit).collect();
        if most.is_finite() {
            for _ in 0..MOST_SWEEPS {
                if !left.sweep(&mut vectors) {
                    break;
                }
            }
        } else {
            left.entries.fill(f64::NAN);
        }
        let values = (0..size).map(|at| left.get(at, at) * scale);
        let mut pairs: Vec<(f64, Vec<f64>)> = values.zip(vectors).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (values, vectors) = pairs.into_iter().unzip();
        Eigen { values, vectors }
    }

    /// Rotates every entry off the diagonal to zero, once; says whether any was left to rotate.
    fn sweep(&mut self, vectors: &mut [Vec<f64>]) -> bool {
        let mut turned = false;
        for p in 0..self.size {
            for q in p + 1..self.size {
                let (off, p_value, q_value) = (self.get(p, q), self.get(p, p), self.get(q, q));
                let least = f64::EPSILON * (p_value.abs().sqrt() * q_value.abs().sqrt());
                if off.abs() <= least.max(f64::MIN_POSITIVE) {
                    continue;
                }
                turned = true;
                let half = (q_value - p_value) / (2.0 * off);
                let tangent = half.signum() / (half.abs() + half.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                self.rotate(p, q, cosine, tangent);
                let (before, after) = vectors.split_at_mut(q);
                for (x, y) in before[p].iter_mut().zip(&mut after[0]) {
                    (*x, *y) = turn(*x, *y, cosine, tangent);
                }
            }
        }
        turned
    }

    fn rotate(&mut self, p: usize, q: usize, cosine: f64, tangent: f64) {
        let off = self.get(p, q);
        self.add(p, p, -tangent * off);
        self.add(q, q, tangent * off);
        self.set(p, q, 0.0);
        for row in (0..self.size).filter(|&row| row != p && row != q) {
            let (x, y) = turn(self.get(row, p), self.get(row, q), cosine, tangent);
            self.set(row, p, x);
            self.set(row, q, y);
        }
    }

    /// The size of the largest entry; NaN if an entry is NaN.
    fn largest(&self) -> f64 {
        self.entries
            .iter()
            .fold(0.0, |most: f64, entry| if entry.abs() <= most { most } else { entry.abs() + most * 0.0 })
    }

    /// The largest eigenvalue over the smallest, in size; infinite if the matrix is singular or not finite.
    pub(crate) fn condition(&self) -> f64 {
        let values = self.eigen().values;
        let sizes = || values.iter().map(|value| value.abs());
        let (least, most) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
        if !self.is_finite() || least <= most * f64::EPSILON {
            return f64::INFINITY;
        }
        if values.is_empty() { 1.0 } else { most / least }
    }

    /// L with L L' = self; nothing if the matrix is not positive definite, as far as its digits tell.
    pub(crate) fn cholesky(&self) -> Option<Lower> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(self.size);
        for row in 0..self.size {
            let mut next: Vec<f64> = Vec::with_capacity(row + 1);
            for (column, above) in rows.iter().enumerate() {
                next.push((self.get(row, column) - dot(&next, above)) / above[column]);
            }
            let whole = self.get(row, row);
            let pivot = whole - dot(&next, &next);
            let noise = self.size as f64 * f64::EPSILON * whole;
            if !(pivot > noise && pivot.is_finite()) {
                return None;
            }
            next.push(pivot.sqrt());
            rows.push(next);
        }
        Some(Lower { rows })
    }

    /// The inverse of a positive definite matrix; nothing if it is not so, as far as its digits tell.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let lower = self.cholesky()?;
        let mut inverse = Self::zeros(self.size);
        for column in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            let solved = lower.solve(&unit);
            // The lower triangle; the upper is its mirror image.
            for (row, value) in solved.into_iter().enumerate().skip(column) {
                inverse.set(row, column, value);
            }
        }
        inverse.is_finite().then_some(inverse)
    }
}

impl Lower {
    /// The rows, each as far as the diagonal.
    #[cfg(feature = "linfa")]
    pub(crate) fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// L v.
    pub(crate) fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| dot(row, vector)).collect()
    }

    /// x with L x = right.
    pub(crate) fn forward(&self, right: &[f64]) -> Vec<f64> {
        let mut x = right.to_vec();
        for (at, row) in self.rows.iter().enumerate() {
            x[at] = (x[at] - dot(&row[..at], &x)) / row[at];
        }
        x
    }

    /// x with L L' x = right.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x = self.forward(right);
        for (at, row) in self.rows.iter().enumerate().rev() {
            x[at] /= row[at];
            let known = x[at];
            for (value, entry) in x.iter_mut().zip(&row[..at]) {
                *value -= entry * known;
            }
        }
        x
    }
}

/// The sum of products, over the shorter of the two.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A rotation of two coordinates.
fn turn(x: f64, y: f64, cosine: f64, tangent: f64) -> (f64, f64) {
    (cosine * (x - tangent * y), cosine * (y + tangent * x))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(size: usize, entry: impl Fn(usize, usize) -> f64) -> Symmetric {
        let mut matrix = Symmetric::zeros(size);
        for row in 0..size {
            for column in 0..=row {
                matrix.set(row, column, entry(row, column));
            }
        }
        matrix
    }

    fn hilbert(size: usize) -> Symmetric {
        matrix(size, |row, column| ((row + column + 1) as f64).recip())
    }

    #[test]
    fn eigenvalues_of_a_chain_are_cosines() {
        // The second difference matrix of n points: 2 - 2 cos(k π / (n + 1)), k = 1 ... n.
        let size = 30;
        let chain = matrix(size, |row, column| [2.0, -1.0].get(row - column).copied().unwrap_or(0.0));
        let Eigen { values, vectors } = chain.eigen();
        for (at, (value, vector)) in values.iter().zip(&vectors).enumerate() {
            let angle = (at + 1) as f64 * std::f64::consts::PI / (size + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13);
            let image = chain.times(vector);
            assert!(image.iter().zip(vector).all(|(image, entry)| (image - value * entry).abs() < 1e-13));
            assert!((dot(vector, vector) - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn the_inverse_of_hilberts_matrix_is_known() {
        // Its inverse is of whole numbers; that of size 4 begins 16, -120, 240, -140 and ends with 2800.
        let inverse = hilbert(4).inverse().unwrap();
        for (column, known) in [16.0, -120.0, 240.0, -140.0].into_iter().enumerate() {
            assert!((inverse.get(0, column) / known - 1.0).abs() < 1e-11);
        }
        assert!((inverse.get(3, 3) / 2800.0 - 1.0).abs() < 1e-11);
        // mpmath: the ratio of the extreme eigsy(hilbert(4)).
        assert!((hilbert(4).condition() / 15_513.738_738_929 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_root_squares_to_the_matrix() {
        let root = hilbert(6).cholesky().unwrap();
        let unit = |at: usize| -> Vec<f64> { (0..6).map(|row| f64::from(u8::from(row == at))).collect() };
        let columns: Vec<Vec<f64>> = (0..6).map(|at| root.times(&unit(at))).collect();
        for row in 0..6 {
            for column in 0..6 {
                let product: f64 = columns.iter().map(|of| of[row] * of[column]).sum();
                assert!((product - hilbert(6).get(row, column)).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_root() {
        let singular = matrix(2, |_, _| 1.0);
        let indefinite = matrix(2, |row, column| if row == column { 0.0 } else { 1.0 });
        for bad in [singular, indefinite.clone(), Symmetric::zeros(3)] {
            assert_eq!((bad.cholesky(), bad.inverse()), (None, None));
        }
        assert_eq!(indefinite.eigen().values, [-1.0, 1.0]);
        assert_eq!(Symmetric::zeros(2).condition(), f64::INFINITY);
        assert_eq!(Symmetric::zeros(0).condition(), 1.0);
    }

    #[test]
    fn scale_does_not_matter() {
        for scale in [1e-250, 1e300] {
            let mut scaled = Symmetric::zeros(4);
            scaled.add_scaled(&hilbert(4), scale);
            for (value, known) in scaled.eigen().values.iter().zip(hilbert(4).eigen().values) {
                assert!((value / scale / known - 1.0).abs() < 1e-12);
            }
        }
    }

    proptest! {
        #[test]
        fn no_entry_makes_it_loop_or_panic(entries in prop::collection::vec(any::<f64>(), 10)) {
            let any = matrix(4, |row, column| entries[row * (row + 1) / 2 + column]);
            let finite = any.is_finite();
            prop_assert_eq!(any.eigen().values.iter().all(|value| !value.is_nan()), finite);
            prop_assert!(any.condition() >= 1.0);
            prop_assert!(any.inverse().is_none_or(|inverse| inverse.is_finite()));
        }
    }
}
