//! How mixed the outcomes of a node are.

use super::histogram::Mass;

/// How mixed the outcomes of a node are: 0 where all are the same. A split is better the more of it is gone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Impurity {
    /// `2 p (1 - p)`: how often two examples drawn from the node differ (Breiman et al. 1984). The default.
    #[default]
    Gini,
    /// `-p ln p - (1 - p) ln(1 - p)`: the log loss of telling everyone the share (Quinlan 1986).
    Entropy,
}

impl Impurity {
    /// Impurity times weight. The weight is above 0.
    #[inline(always)]
    pub(super) fn of(self, mass: Mass) -> f64 {
        let (churned, stayed) = (mass.churned, mass.weight - mass.churned);
        match self {
            // The quotient is at most 1, so that no weight is too large.
            Self::Gini => 2.0 * churned * (stayed / mass.weight),
            Self::Entropy => information(churned, mass.weight) + information(stayed, mass.weight),
        }
    }
}

fn information(part: f64, whole: f64) -> f64 {
    let share = part / whole;
    if share > 0.0 { -part * share.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_mixtures() {
        let mass = |churned: f64| Mass { weight: 4.0, churned, rows: 4 };
        for (impurity, even, quarter) in
            [(Impurity::Gini, 0.5, 0.375), (Impurity::Entropy, 2.0_f64.ln(), 0.562_335_144_618_808_3)]
        {
            assert_eq!((impurity.of(mass(0.0)), impurity.of(mass(4.0))), (0.0, 0.0));
            assert!((impurity.of(mass(2.0)) / 4.0 - even).abs() < 1e-15);
            assert!((impurity.of(mass(1.0)) / 4.0 - quarter).abs() < 1e-15);
        }
    }
}
