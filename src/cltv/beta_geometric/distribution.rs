//! How likely each number of purchases is (Fader, Hardie & Lee 2005).
//!
//! A [`Staying`] customer makes k purchases in t if k fell into t and none was the last, or at least k did
//! and the k-th was the last. How many fall into t has a negative binomial distribution.

use super::Staying;
use crate::cltv::negative_binomial::{negative_binomial_into, negative_binomial_tail};

impl Staying {
    /// The probabilities of 0, 1, 2 ... purchases. All that is added up is positive.
    pub(super) fn distribution_into(&self, time: f64, out: &mut [f64]) {
        let ratio = time / self.rate;
        negative_binomial_into(self.shape, ratio, out);
        let mut at_least = negative_binomial_tail(self.shape, ratio, out.len());
        let mut tails = vec![0.0; out.len()];
        for (tail, exactly) in tails.iter_mut().zip(&*out).rev() {
            at_least += exactly;
            *tail = at_least.min(1.0);
        }
        // (b)_k / (a + b)_k: nobody left at k purchases.
        let (mut stayed, mut left) = (1.0, 0.0);
        for (k, (probability, at_least)) in out.iter_mut().zip(tails).enumerate() {
            *probability = stayed * *probability + left * at_least;
            let (sum, other) = (self.a + self.b + k as f64, self.b + k as f64);
            left = stayed * (self.a / sum);
            stayed *= other / sum;
        }
    }
}
