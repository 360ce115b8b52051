//! How likely each number of purchases is.
//!
//! With F(τ) = 1 - (1+τ/β)^-s the distribution of the time of leaving, and NBD the negative binomial
//! distribution of the purchases of who stays for τ (Fader & Hardie 2006, "Deriving an Expression for
//! P(X(t) = x) Under the Pareto/NBD Model", before the integral is expanded),
//!
//! ```text
//! P(X(t) = k) = (1 - F(t)) NBD(k; t) + ∫ NBD(k; τ) dF(τ), τ from 0 to t
//! ```
//!
//! The nodes of the integral are the same for all k. With τ = α sinh² φ every NBD has about the standard deviation
//! 1/(2 √r) in φ, whatever k, so that panels of one width serve them all.

use super::law::Law;
use crate::math::{
    quadrature::{NODES, WEIGHTS},
    special::ln_beta,
};

/// No time is longer, in multiples of α and β: what happens after has no share in any probability.
const LONGEST: f64 = 1e60;

/// No panel is wider, in φ; or than this over √r.
const WIDEST: f64 = 1.0;
const DEVIATIONS: f64 = 2.0;

/// A number of purchases so much less likely than the likeliest is left out.
const NOTHING: f64 = 1e-60;

impl Law {
    /// Adds `mass` times P(X(t) = k) to the k-th of `out`.
    pub(super) fn add_distribution(&self, mass: f64, t: f64, out: &mut [f64]) {
        let &Self { r, alpha, s, beta } = self;
        let t = t.min(LONGEST * alpha.max(beta));
        self.add_negative_binomial(mass * (-s * (t / beta).ln_1p()).exp(), t / alpha, out);

        let end = (t / alpha).sqrt().asinh().min(self.out_of_reach(out.len()));
        let widest = WIDEST.min(DEVIATIONS / r.sqrt());
        let mut width = widest.min((beta / alpha / (s + 1.0)).sqrt());
        let mut start = 0.0;
        while start < end {
            let left = end - start;
            let panel = width.min(left);
            for (node, weight) in NODES.iter().zip(WEIGHTS) {
                let angle = start + panel * node;
                let time = alpha * angle.sinh() * angle.sinh();
                let speed = alpha * (2.0 * angle).sinh() / (beta + time);
                let leaving = s * speed * (-s * (time / beta).ln_1p()).exp();
                self.add_negative_binomial(mass * panel * weight * leaving, time / alpha, out);
            }
            start = if width < left { start + width } else { end };
            width = (2.0 * width).min(widest);
        }
    }

    /// An angle from which on fewer purchases than `numbers` have no probability above e^-50: the normal tail
    /// where r is large, the power where it is small.
    fn out_of_reach(&self, numbers: usize) -> f64 {
        (numbers as f64 / self.r).sqrt().asinh() + 10.0 / self.r.sqrt() + 25.0 / self.r
    }

    /// Adds `mass` times the probabilities of the negative binomial distribution of shape r and mean r `odds`:
    /// from the most likely number up and down, each from the one before.
    fn add_negative_binomial(&self, mass: f64, odds: f64, out: &mut [f64]) {
        let Some(last) = out.len().checked_sub(1) else { return };
        let success = odds / (1.0 + odds);
        #[allow(clippy::cast_sign_loss, reason = "not negative")]
        let mode = (((self.r - 1.0) * odds).max(0.0) as usize).min(last);
        let peak = mass * self.ln_negative_binomial(mode as f64, odds).exp();
        let ratio = |k: usize| (self.r + k as f64) / (k as f64 + 1.0) * success;

        let nothing = peak * NOTHING;
        let mut term = peak;
        for (k, out) in out.iter_mut().enumerate().skip(mode) {
            if !(term > nothing) {
                break;
            }
            *out += term;
            term *= ratio(k);
        }
        let mut term = peak;
        for k in (0..mode).rev() {
            term /= ratio(k);
            if !(term > nothing) {
                break;
            }
            out[k] += term;
        }
    }

    fn ln_negative_binomial(&self, k: f64, odds: f64) -> f64 {
        let none = -self.r * odds.ln_1p();
        if k == 0.0 {
            return none;
        }
        // Γ(r+k)/Γ(r)/k! = 1/(k B(r,k)).
        none - k * odds.recip().ln_1p() - k.ln() - ln_beta(self.r, k)
    }
}
