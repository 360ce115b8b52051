//! Judging: the order of the rows and the number of threads change no bit, and a weight is as many rows.

use patronage::churn::{Bins, Calibration, Calibrator, Judgement, Outcomes, Recalibration};
use proptest::prelude::*;

use crate::agrees::judge::{Made, made};

/// Everything that is found out about outcomes.
fn all(outcomes: &Outcomes) -> (Judgement, [Calibrator; 2], f64, usize) {
    (
        outcomes.judge().unwrap(),
        [Calibration::Platt, Calibration::Isotonic].map(|way| way.fit(outcomes).unwrap()),
        outcomes.calibration_error(Bins::Quantile(10)).unwrap(),
        outcomes.roc_curve().unwrap().len(),
    )
}

/// The rows in another order.
fn shuffled(made: &Made, step: usize) -> Made {
    let rows = made.said.len();
    let order: Vec<usize> = (0..rows).map(|row| (row * step + 3) % rows).collect();
    Made {
        said: order.iter().map(|&row| made.said[row]).collect(),
        churned: order.iter().map(|&row| made.churned[row]).collect(),
        weights: made.weights.as_ref().map(|all| order.iter().map(|&row| all[row] * 1.1).collect()),
    }
}

#[test]
fn order_and_threads_change_no_bit() {
    for (levels, weights) in [(None, false), (Some(50), true), (None, true), (Some(9), false)] {
        let made = made(100_003, levels, 0.2, weights);
        let on = |threads: usize, step: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| all(&shuffled(&made, step).outcomes()))
        };
        let known = on(1, 1);
        for (threads, step) in [(1, 7), (2, 1), (3, 99_991)] {
            assert_eq!(on(threads, step), known);
        }
    }
}

/// Close, as sums of as many numbers in another grouping are.
fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-10 * one.abs().max(1.0)
}

proptest! {
    #[test]
    fn a_weight_is_as_many_rows(
        rows in proptest::collection::vec((0_u32..=40, any::<bool>(), 0_u32..4), 6..80)
    ) {
        let weighted = Made {
            said: rows.iter().map(|row| f64::from(row.0) / 40.0).collect(),
            churned: rows.iter().map(|row| row.1).collect(),
            weights: Some(rows.iter().map(|row| f64::from(row.2)).collect()),
        };
        let often: Vec<usize> = (0..rows.len()).flat_map(|row| vec![row; rows[row].2 as usize]).collect();
        let repeated = Made {
            said: often.iter().map(|&row| weighted.said[row]).collect(),
            churned: often.iter().map(|&row| weighted.churned[row]).collect(),
            weights: None,
        };
        prop_assume!(repeated.churned.contains(&true) && repeated.churned.contains(&false));
        let (one, other) = (weighted.outcomes(), repeated.outcomes());
        let (mut judged, mut known) = (one.judge().unwrap(), other.judge().unwrap());
        match (judged.recalibration.take(), known.recalibration.take()) {
            (Some(Recalibration { slope: a, intercept: b, .. }), Some(known)) => {
                prop_assert!(close(a, known.slope) && close(b, known.intercept));
            }
            (one, other) => prop_assert_eq!(one, other),
        }
        // Weights here are whole, and their sums exact.
        prop_assert_eq!(judged, known);
        for bins in [Bins::Quantile(4), Bins::EqualWidth(7)] {
            prop_assert_eq!(one.calibration_curve(bins).unwrap(), other.calibration_curve(bins).unwrap());
        }
        let curve = |outcomes: &Outcomes| Calibration::Isotonic.fit(outcomes).unwrap();
        prop_assert_eq!(curve(&one), curve(&other));
    }

    /// Numbers of any size among the weights, certainties among the probabilities.
    #[test]
    fn nothing_is_not_a_number(
        rows in proptest::collection::vec((prop_oneof![Just(0.0), Just(1.0), Just(1e-320), 0.0..=1.0_f64],
            any::<bool>(), prop_oneof![Just(0.0), Just(1e-30), Just(1e30), 0.0..9.0_f64]), 2..40)
    ) {
        let made = Made {
            said: rows.iter().map(|row| row.0).collect(),
            churned: rows.iter().map(|row| row.1).collect(),
            weights: Some(rows.iter().map(|row| row.2).collect()),
        };
        let Ok(outcomes) = Outcomes::weighted(&made.said, &made.churned, made.weights.as_ref().unwrap()) else {
            return Ok(());
        };
        let Ok(judged) = outcomes.judge() else { return Ok(()) };
        let numbers = [judged.auc.value(), judged.auc.std_error().unwrap_or(0.0), judged.average_precision,
            judged.log_loss, judged.brier, judged.calibration_error, judged.lift_quality];
        prop_assert!(numbers.iter().all(|number| number.is_finite()), "{judged:?}");
        prop_assert!(judged.deciles.iter().all(|gain| gain.lift.is_finite() && gain.lift_within.is_finite()));
        for way in [Calibration::Platt, Calibration::Isotonic] {
            let found = way.fit(&outcomes).unwrap().calibrate(&[0.0, 0.1, 0.5, 1.0]).unwrap();
            prop_assert!(found.is_sorted() && found.iter().all(|p| (0.0..=1.0).contains(p)), "{found:?}");
        }
    }
}
