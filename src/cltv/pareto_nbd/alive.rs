//! P(alive) of eight customers at a time.
//!
//! The integral of [`super::law`] has the antiderivative (by Euler's transformation of equation 18 there)
//!
//! ```text
//! -(α+y)^-a (β+y)^-s / D(z), z = (α-β)/(α+y), 1/D(z) = 2F1(1, a; a+s+1; z)/(a+s)
//! ```
//!
//! Relative to the value at `t_x` the customer has therefore left with s (1/D at `t_x` - stayed/D at T). The two
//! cancel where next to nobody left, but there 1 stands beside them. D is Gauss's continued fraction (DLMF
//! 15.7.1), with p = a + s:
//!
//! ```text
//! D(z) = p - a p z/(p+1 - (s+1) z/(p+2 - (a+1)(p+1) z/(p+3 - 2 (s+2) z/(p+4 - ...
//! ```
//!
//! It gains the more digits a step the nearer α+y and β+y are to each other. They are nearest for late y, so
//! that parameters alone tell how many steps are enough for all customers.

use super::law::Law;
use crate::{
    math::lanes::{self, LANES, Lanes, each, gather},
    summary::History,
};

/// Where one of α and β is more than so many times the other, the fraction gains too little a step.
const MOST_APART: f64 = 48.0;

/// A share of D that is left out.
const NOTHING: f64 = 1e-17;

impl Law {
    /// P(alive) of each row.
    pub(super) fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
        if let Some(steps) = self.steps() {
            lanes::answer(
                rows,
                out,
                #[inline(always)]
                |rows, out| *out = self.by_fraction(rows, steps),
            );
        } else {
            out.iter_mut().zip(rows).for_each(|(out, row)| *out = self.ends_of(row).p_alive());
        }
    }

    /// Double steps of the fraction that are enough for all rows; `None` where they are too many.
    fn steps(&self) -> Option<u32> {
        let apart = (self.alpha / self.beta).ln().abs();
        // (1 - √(1-z))/(1 + √(1-z)), the gain of a step, where 1-z is the quotient of the two.
        let gain = (apart / 4.0).tanh();
        #[allow(clippy::cast_sign_loss, reason = "the quotient of two logarithms of less than 1")]
        let steps = (NOTHING.ln() / (2.0 * gain.ln())).ceil() as u32;
        (apart <= MOST_APART.ln()).then_some(steps.max(1))
    }

    #[inline(always)]
    fn by_fraction(&self, rows: &[History; LANES], steps: u32) -> Lanes {
        let a = gather(rows, |row| self.r + f64::from(row.repeats()));
        let recency = gather(rows, History::recency);
        let age = gather(rows, History::age);
        let (mut alpha, mut beta) = ([0.0; LANES], [0.0; LANES]);
        for at in 0..LANES {
            alpha[at] = (age[at] - recency[at]) / (self.alpha + recency[at]);
            beta[at] = (age[at] - recency[at]) / (self.beta + recency[at]);
        }
        let (alpha, beta) = (lanes::ln_1p(&alpha), lanes::ln_1p(&beta));
        let mut stayed = [0.0; LANES];
        for at in 0..LANES {
            stayed[at] = -a[at] * alpha[at] - self.s * beta[at];
        }
        stayed = lanes::exp_or_0(&stayed);
        let before = self.fraction(&a, &recency, steps);
        let after = self.fraction(&a, &age, steps);
        let mut p_alive = [0.0; LANES];
        for at in 0..LANES {
            // Rounding may leave a trifle below nothing.
            let left = (self.s * (1.0 / before[at] - stayed[at] / after[at])).max(0.0);
            p_alive[at] = stayed[at] / (stayed[at] + left);
        }
        p_alive
    }

    /// D at times y, from the far end, two of its steps with one division.
    #[inline(always)]
    fn fraction(&self, a: &Lanes, y: &Lanes, steps: u32) -> Lanes {
        let z = each(y, |y| (self.alpha - self.beta) / (self.alpha + y));
        let mut fraction = each(a, |a| a + self.s + 2.0 * f64::from(steps));
        for n in (0..steps).rev().map(f64::from) {
            let even = (n + 1.0) * (self.s + n + 1.0);
            for at in 0..LANES {
                let p = a[at] + self.s;
                let odd = (a[at] + n) * (p + n);
                let rest = (p + (2.0 * n + 1.0)) * fraction[at] - even * z[at];
                fraction[at] = (p + 2.0 * n) - odd * z[at] * fraction[at] / rest;
            }
        }
        fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [[f64; 4]; 9] = [
        [0.55, 10.6, 0.61, 11.7],
        [0.55, 11.7, 0.61, 10.6],
        [2.0, 3.0, 0.1, 3.0],
        [0.3, 5.0, 4.0, 230.0],
        [8.0, 230.0, 0.02, 5.0],
        [1e-30, 1.0, 1e-30, 7.0],
        [1e6, 9.0, 1e6, 1.0],
        [0.5, 1e-3, 2.0, 1e3],
        [1e3, 1e3, 1e-3, 1e-3],
    ];

    fn rows() -> Vec<History> {
        let times =
            [(0.0, 0.0), (0.0, 1e-9), (0.0, 39.0), (1e-3, 5.0), (30.0, 30.0), (20.0, 900.0), (7.0, 1e9)];
        let row = |repeats, (recency, age)| {
            History::new(repeats, if repeats == 0 { 0.0 } else { recency }, age).unwrap()
        };
        [0, 1, 4, 60, 3000].iter().flat_map(|&x| times.map(|times| row(x, times))).collect()
    }

    #[test]
    fn the_fraction_agrees_with_the_quadrature() {
        let mut served = 0;
        for [r, alpha, s, beta] in LAWS {
            let (law, rows) = (Law { r, alpha, s, beta }, rows());
            let mut found = vec![0.0; rows.len()];
            law.p_alive_into(&rows, &mut found);
            served += u32::from(law.steps().is_some());
            for (row, found) in rows.iter().zip(found) {
                let known = law.ends_of(row).p_alive();
                assert!((found - known).abs() <= 1e-13 * known + 1e-300, "{law:?} {row:?}: {found} {known}");
            }
        }
        assert_eq!(served, 7);
    }

    #[test]
    fn the_company_of_a_row_changes_no_bit() {
        for [r, alpha, s, beta] in LAWS {
            let (law, rows) = (Law { r, alpha, s, beta }, rows());
            let mut whole = vec![0.0; rows.len()];
            law.p_alive_into(&rows, &mut whole);
            for (row, whole) in rows.iter().zip(whole) {
                let mut alone = [0.0];
                law.p_alive_into(std::slice::from_ref(row), &mut alone);
                assert_eq!(alone[0].to_bits(), whole.to_bits(), "{law:?} {row:?}");
            }
        }
    }
}
