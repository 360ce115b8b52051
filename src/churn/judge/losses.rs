//! How far probabilities are from what happened: log loss and the Brier score.

use super::outcomes::{Outcomes, Tie};

/// Probabilities nearer to 0 or 1 than this count as this near in a logarithm: the gap between 1 and the next
/// number, as scikit-learn has it. A customer who was given no chance to churn, and did, costs 36.04.
pub(crate) const NEAREST: f64 = f64::EPSILON;

impl Outcomes {
    /// The mean logarithmic loss, at least 0: lower is better. Whoever gives everybody the share of churners
    /// has the entropy of that share, 0.693 at a half.
    ///
    /// # Formula
    /// ```text
    /// LL = -mean(churned ? ln p : ln(1 - p))
    /// ```
    /// in nats, with what stands in a logarithm brought to at least 2^-52 and at most 1 - 2^-52, as
    /// scikit-learn's `log_loss` does (Good 1952).
    pub fn log_loss(&self) -> f64 {
        self.mean(|Tie { score, churned, stayed }| {
            let weighed =
                |weight: f64, chance: f64| if weight > 0.0 { weight * surprise(chance) } else { 0.0 };
            weighed(churned, score) + weighed(stayed, 1.0 - score)
        })
    }

    /// The Brier score, from 0 to 1: lower is better. Whoever gives everybody the share of churners has that
    /// share times its rest, 0.25 at a half.
    ///
    /// # Formula
    /// ```text
    /// BS = mean((p - churned)²)
    /// ```
    /// (Brier 1950, for two outcomes by the half of his sum, as scikit-learn's `brier_score_loss`).
    pub fn brier(&self) -> f64 {
        self.mean(|Tie { score, churned, stayed }| churned * (1.0 - score).powi(2) + stayed * score.powi(2))
    }

    fn mean(&self, of: impl FnMut(Tie) -> f64) -> f64 {
        self.ties().map(of).sum::<f64>() / self.customers()
    }
}

/// What happened although, or because, it had this chance, in nats.
pub(crate) fn surprise(chance: f64) -> f64 {
    -chance.clamp(NEAREST, 1.0 - NEAREST).ln()
}

/// Log odds, of what is brought as near to 0 and 1 as [`NEAREST`] allows.
pub(crate) fn log_odds(probability: f64) -> f64 {
    let inside = |share: f64| share.clamp(NEAREST, 1.0 - NEAREST);
    inside(probability).ln() - inside(1.0 - probability).ln()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::math::special::logistic;

    #[test]
    fn the_losses_of_one_class_are_known_too() {
        let outcomes = Outcomes::new(&[1.0, 0.5], &[false, false]).unwrap();
        assert!((outcomes.log_loss() - 0.5 * (52.0 + 1.0) * std::f64::consts::LN_2).abs() < 1e-14);
        assert_eq!(outcomes.brier(), 0.625);
    }

    #[test]
    fn log_odds_go_there_and_back() {
        for probability in [1e-9, 0.1, 0.5, 0.73, 1.0 - 1e-9] {
            assert!((logistic(log_odds(probability)) / probability - 1.0).abs() < 1e-12);
        }
        assert_eq!([log_odds(0.5), logistic(-1e9), logistic(1e9)], [0.0, 0.0, 1.0]);
        assert!(log_odds(0.0) == -log_odds(1.0) && log_odds(1.0) < 36.1);
    }
}
