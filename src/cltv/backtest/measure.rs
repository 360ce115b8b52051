//! Forecast against truth, a number a customer each.

use std::cmp::Ordering;

use super::{Accuracy, DecileRow, FrequencyRow, MoneyTest};
use crate::{
    cltv::valuation::to_minor,
    domain::{Currency, Money},
    error::Error,
};

/// The squared errors.
pub(super) fn losses(predicted: &[f64], actual: &[f64]) -> Vec<f64> {
    predicted.iter().zip(actual).map(|(predicted, actual)| (predicted - actual).powi(2)).collect()
}

/// There are rows.
pub(super) fn accuracy(predicted: &[f64], actual: &[f64]) -> Accuracy {
    let count = predicted.len() as f64;
    let absolute = predicted.iter().zip(actual).map(|(predicted, actual)| (predicted - actual).abs());
    Accuracy {
        predicted: predicted.iter().sum(),
        mae: absolute.sum::<f64>() / count,
        rmse: (losses(predicted, actual).iter().sum::<f64>() / count).sqrt(),
        correlation: correlation(predicted, actual),
    }
}

/// Pearson's.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |column: &[f64]| column.iter().sum::<f64>() / column.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |of: fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| of(a - mean_a, b - mean_b)).sum::<f64>();
    let spread = (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt();
    (spread > 0.0 && spread.is_finite()).then(|| (sum(|a, b| a * b) / spread).clamp(-1.0, 1.0))
}

/// The last row is of this many repeat purchases or more.
const OFTEN: u32 = 7;

/// `purchases` in the calibration, the first among them.
pub(super) fn by_frequency(purchases: &[u32], predicted: &[f64], actual: &[f64]) -> Vec<FrequencyRow> {
    let mut rows: Vec<FrequencyRow> = (0..=OFTEN)
        .map(|repeats| FrequencyRow { repeats, customers: 0, actual: 0.0, predicted: 0.0 })
        .collect();
    for (&purchases, (predicted, actual)) in purchases.iter().zip(predicted.iter().zip(actual)) {
        let row = &mut rows[(purchases.saturating_sub(1)).min(OFTEN) as usize];
        row.customers += 1;
        row.predicted += predicted;
        row.actual += actual;
    }
    rows.retain(|row| row.customers > 0);
    for row in &mut rows {
        row.predicted /= row.customers as f64;
        row.actual /= row.customers as f64;
    }
    rows
}

const GROUPS: usize = 10;

/// Equals are parted in the order of customers.
pub(super) fn deciles(predicted: &[f64], actual: &[f64]) -> Vec<DecileRow> {
    let mut order: Vec<usize> = (0..predicted.len()).collect();
    order.sort_by(|&a, &b| predicted[a].total_cmp(&predicted[b]));
    let groups = GROUPS.min(order.len());
    let group = |number: usize| {
        let rows = &order[number * order.len() / groups..(number + 1) * order.len() / groups];
        let mean = |column: &[f64]| rows.iter().map(|&row| column[row]).sum::<f64>() / rows.len() as f64;
        DecileRow { customers: rows.len() as u64, predicted: mean(predicted), actual: mean(actual) }
    };
    (0..groups).map(group).collect()
}

/// The overlap of the two tops, as a share of one.
pub(super) fn top_decile_found(predicted: &[f64], actual: &[f64]) -> Option<f64> {
    if !actual.iter().any(|&made| made > 0.0) {
        return None;
    }
    let size = actual.len().div_ceil(GROUPS);
    let (by_forecast, by_truth) = (Top::of(predicted, size), Top::of(actual, size));
    let both = predicted.iter().zip(actual);
    let found: f64 =
        both.map(|(&predicted, &actual)| by_forecast.has(predicted) * by_truth.has(actual)).sum();
    Some((found / size as f64).min(1.0))
}

/// So many of the largest; equals at the edge have an equal share in the places that are left.
struct Top {
    edge: f64,
    /// Of each at the edge.
    share: f64,
}

impl Top {
    fn of(column: &[f64], size: usize) -> Self {
        let mut sorted = column.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let edge = sorted.get(size.saturating_sub(1)).copied().unwrap_or(0.0);
        let above = sorted.partition_point(|&value| value > edge);
        let at = sorted.partition_point(|&value| value >= edge) - above;
        Self { edge, share: (size - above) as f64 / at.max(1) as f64 }
    }

    fn has(&self, value: f64) -> f64 {
        match value.partial_cmp(&self.edge) {
            Some(Ordering::Greater) => 1.0,
            Some(Ordering::Equal) => self.share,
            _ => 0.0,
        }
    }
}

/// # Errors
/// If a sum does not fit.
pub(super) fn money(
    predicted: &[f64],
    each: &[f64],
    totals: &[i64],
    currency: Currency,
) -> Result<MoneyTest, Error> {
    let per_major = currency.minor_per_major();
    let expected = || predicted.iter().zip(each).map(|(purchases, each)| purchases * each);
    let errors = expected()
        .zip(totals)
        .map(|(expected, &total)| (expected - Money::of_minor(total, currency).major()).abs());
    let mae = to_minor(errors.sum::<f64>() / predicted.len() as f64, per_major)?;
    let sum = to_minor(expected().sum(), per_major)?;
    let money = |minor| Money::of_minor(minor, currency);
    Ok(MoneyTest { predicted: money(sum), actual: money(totals.iter().sum()), mae: money(mae) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_numpy() {
        // a = np.array([.5, 2, 0, 1.5]); b = np.array([0, 3, 1, 1])
        // np.abs(a - b).mean() = .75, np.sqrt(((a - b)**2).mean()) = .7905694150420949,
        // np.corrcoef(a, b)[0, 1] = .7254762501100116
        let found = accuracy(&[0.5, 2.0, 0.0, 1.5], &[0.0, 3.0, 1.0, 1.0]);
        assert!((found.predicted - 4.0).abs() < 1e-15 && (found.mae - 0.75).abs() < 1e-15);
        assert!((found.rmse - 0.790_569_415_042_094_9).abs() < 1e-15);
        assert!((found.correlation.unwrap() - 0.725_476_250_110_011_6).abs() < 1e-15);
        assert_eq!(accuracy(&[1.0, 1.0], &[0.0, 3.0]).correlation, None);
    }

    #[test]
    fn customers_are_grouped_by_what_they_did_and_by_what_is_expected() {
        let rows = by_frequency(&[1, 9, 1, 30], &[0.5, 8.0, 1.5, 6.0], &[0.0, 7.0, 2.0, 7.0]);
        let known = [
            FrequencyRow { repeats: 0, customers: 2, actual: 1.0, predicted: 1.0 },
            FrequencyRow { repeats: 7, customers: 2, actual: 7.0, predicted: 7.0 },
        ];
        assert_eq!(rows, known);
        let forecast: Vec<f64> = (0..25).rev().map(f64::from).collect();
        let rows = deciles(&forecast, &forecast);
        assert_eq!(rows.iter().map(|row| row.customers).sum::<u64>(), 25);
        assert_eq!((rows[0].predicted, rows[9].actual), (0.5, 23.0));
        assert_eq!(deciles(&[1.0], &[2.0]).len(), 1);
    }

    #[test]
    fn equals_share_the_places_of_the_top() {
        let twenty = |top: &[f64]| [top, &vec![0.0; 20 - top.len()]].concat();
        let actual = twenty(&[5.0, 4.0, 1.0]);
        assert_eq!(top_decile_found(&twenty(&[9.0, 0.0, 8.0]), &actual), Some(0.5));
        // The second place of the forecast is shared by 19, one of whom is in the true top.
        assert_eq!(top_decile_found(&twenty(&[9.0]), &actual), Some(10.0 / 19.0));
        assert_eq!(top_decile_found(&actual, &[0.0; 20]), None);
    }
}
