//! A short rule that describes a cluster, and how well.

use std::fmt;

use crate::{cluster::Labels, feature::Features};

/// Conditions at the most.
const MOST_CONDITIONS: usize = 3;

/// Each condition must better the balance of precision and recall by this much.
const LEAST_GAIN: f64 = 0.01;

/// Conditions that all hold for most customers of a cluster and for few others.
///
/// It describes, and does not decide: [`ClusterModel::assign`](crate::cluster::ClusterModel::assign) does.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Rule {
    /// At most three; none where everyone is in the cluster, or nothing tells it from the others.
    pub conditions: Vec<Condition>,
    /// Of the customers for whom the rule holds, the share in the cluster.
    pub precision: f64,
    /// Of the customers in the cluster, the share for whom the rule holds.
    pub recall: f64,
    /// The share of all customers whom the rule puts on the right side.
    pub fidelity: f64,
}

/// One condition on one feature, in its own unit. It does not hold where the value is missing.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Condition {
    /// The feature's name.
    pub feature: String,
    /// On which side of the value.
    pub bound: Bound,
    /// The value: of those that part the same customers, one with few digits.
    pub value: f64,
}

/// On which side of a value a condition holds; it holds at the value itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Bound {
    /// At the value and above.
    AtLeast,
    /// At the value and below.
    AtMost,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.conditions.is_empty() {
            return f.write_str(if self.precision < 1.0 { "no short rule" } else { "everyone" });
        }
        for (at, Condition { feature, bound, value }) in self.conditions.iter().enumerate() {
            let and = if at == 0 { "" } else { " and " };
            let bound = match bound {
                Bound::AtLeast => "at least",
                Bound::AtMost => "at most",
            };
            write!(f, "{and}{feature} {bound} {value}")?;
        }
        Ok(())
    }
}

/// The customers sorted by each feature, from which the rules of all clusters are found.
pub(super) struct Rules<'a> {
    features: &'a Features,
    /// For each feature the rows whose value is known, by it.
    sorted: Vec<Vec<(f64, u32)>>,
}

/// A condition that might be added, and what it would leave.
struct Cut {
    column: usize,
    bound: Bound,
    value: f64,
    balance: f64,
}

impl<'a> Rules<'a> {
    pub(super) fn of(features: &'a Features) -> Self {
        let by_value = |column| {
            let known = (0..features.len()).filter_map(|row| Some((features.get(row, column)?, row as u32)));
            let mut known: Vec<(f64, u32)> = known.collect();
            known.sort_by(|a, b| a.0.total_cmp(&b.0));
            known
        };
        Self { features, sorted: (0..features.width()).map(by_value).collect() }
    }

    /// The rule of a cluster with so many customers. Conditions are added one by one, each the one that most
    /// betters F1, the balance of precision and recall (van Rijsbergen 1979), as long as it does.
    pub(super) fn describe(&self, labels: &Labels, cluster: usize, size: usize) -> Rule {
        let inside: Vec<bool> = labels.iter().map(|number| number == Some(cluster)).collect();
        let mut holds = vec![true; inside.len()];
        let mut conditions = Vec::new();
        let mut balance = f1(size, inside.len(), size);
        while conditions.len() < MOST_CONDITIONS {
            let Some(cut) =
                self.best_cut(&inside, &holds, size).filter(|cut| cut.balance > balance + LEAST_GAIN)
            else {
                break;
            };
            balance = cut.balance;
            for (row, holds) in holds.iter_mut().enumerate() {
                *holds &= self.features.get(row, cut.column).is_some_and(|value| match cut.bound {
                    Bound::AtLeast => value >= cut.value,
                    Bound::AtMost => value <= cut.value,
                });
            }
            let feature = self.features.names().nth(cut.column).unwrap_or_default().to_owned();
            // A tighter bound takes the place of the one before.
            conditions.retain(|known: &Condition| (&known.feature, known.bound) != (&feature, cut.bound));
            conditions.push(Condition { feature, bound: cut.bound, value: cut.value });
        }
        let covered = holds.iter().filter(|&&holds| holds).count();
        let both = holds.iter().zip(&inside).filter(|&(&holds, &inside)| holds && inside).count();
        let wrong = covered + size - 2 * both;
        Rule {
            conditions,
            precision: both as f64 / covered.max(1) as f64,
            recall: both as f64 / size.max(1) as f64,
            fidelity: 1.0 - wrong as f64 / inside.len().max(1) as f64,
        }
    }

    /// The best single condition on the customers for whom the rule holds so far.
    fn best_cut(&self, inside: &[bool], holds: &[bool], size: usize) -> Option<Cut> {
        let mut best: Option<Cut> = None;
        for (column, sorted) in self.sorted.iter().enumerate() {
            let left: Vec<(f64, bool)> = sorted
                .iter()
                .filter(|&&(_, row)| holds[row as usize])
                .map(|&(value, row)| (value, inside[row as usize]))
                .collect();
            let total = left.iter().filter(|row| row.1).count();
            let mut below = 0;
            for at in 1..left.len() {
                below += usize::from(left[at - 1].1);
                let (low, high) = (left[at - 1].0, left[at].0);
                if low >= high {
                    continue;
                }
                let at_most = f1(below, at, size);
                let at_least = f1(total - below, left.len() - at, size);
                let most = best.as_ref().map_or(0.0, |best| best.balance);
                if at_least > most && at_least >= at_most {
                    let value = short_above(low, high);
                    best = Some(Cut { column, bound: Bound::AtLeast, value, balance: at_least });
                } else if at_most > most {
                    let value = -short_above(-high, -low);
                    best = Some(Cut { column, bound: Bound::AtMost, value, balance: at_most });
                }
            }
        }
        best
    }
}

/// F1 of a rule that holds for `covered` customers, `both` of whom are among the `size` of the cluster.
fn f1(both: usize, covered: usize, size: usize) -> f64 {
    2.0 * both as f64 / (covered + size) as f64
}

/// A number above `low` and at most `high` that has few digits.
fn short_above(low: f64, high: f64) -> f64 {
    let digits = high.abs().max(low.abs()).log10().ceil() as i32;
    // Beyond these a power of ten is no number, or a quotient not the nearest decimal.
    if low < 0.0 && high >= 0.0 {
        return 0.0;
    }
    if !(-15..=15).contains(&digits) {
        return high;
    }
    let rounded = (-digits..=17 - digits).map(|decimals| {
        let scale = 10_f64.powi(decimals.abs());
        if decimals < 0 { (high / scale).floor() * scale } else { (high * scale).floor() / scale }
    });
    rounded.into_iter().find(|&value| value > low && value <= high).unwrap_or(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CustomerId, Customers, Day};
    use proptest::prelude::*;

    #[test]
    fn values_have_few_digits() {
        for (low, high, short) in [
            (3.0, 4.0, 4.0),
            (317.2, 1204.9, 1000.0),
            (0.1234, 0.1299, 0.125),
            (0.1234, 0.1239, 0.1238),
            (-7.3, -2.1, -3.0),
            (-1.0, 5.0, 0.0),
            (-5.0, 0.0, 0.0),
            (1e300, 2e300, 2e300),
        ] {
            let found = short_above(low, high);
            assert!(found > low && found <= high, "{low} < {found} <= {high}");
            if (short - found).abs() > 0.0 {
                // Another as short as the one known will do.
                assert!(found.to_string().len() <= short.to_string().len(), "{found} for {low} to {high}");
            }
        }
    }

    #[test]
    fn a_corner_needs_two_conditions() {
        let people: Customers = (0..100_u32).map(CustomerId::from).collect();
        let column = |of: fn(u32) -> u32| (0..100_u32).map(|row| Some(f64::from(of(row)))).collect();
        let columns =
            [("tens".to_owned(), column(|row| row / 10)), ("ones".to_owned(), column(|row| row % 10))];
        let features = Features::new(people, Day::default(), columns).unwrap();
        let corner = |row: usize| usize::from(row / 10 >= 6 && row % 10 <= 2);
        let labels = Labels::new(2, &(0..100).map(|row| Some(corner(row))).collect::<Vec<_>>()).unwrap();
        let rule = Rules::of(&features).describe(&labels, 1, 12);
        assert_eq!(rule.to_string(), "ones at most 2 and tens at least 6");
        assert_eq!((rule.precision, rule.recall, rule.fidelity), (1.0, 1.0, 1.0));
    }

    proptest! {
        #[test]
        fn what_a_rule_says_of_itself_is_so(
            rows in prop::collection::vec((prop::option::of(-5..5_i32), prop::option::of(0..3_i32), 0..3_usize), 1..60),
        ) {
            let people: Customers = (0..rows.len() as u64).map(CustomerId::from).collect();
            let first = rows.iter().map(|row| row.0.map(f64::from)).collect();
            let second = rows.iter().map(|row| row.1.map(f64::from)).collect();
            let columns = [("first".to_owned(), first), ("second".to_owned(), second)];
            let features = Features::new(people, Day::default(), columns).unwrap();
            let labels = Labels::new(3, &rows.iter().map(|row| Some(row.2)).collect::<Vec<_>>()).unwrap();
            let size = rows.iter().filter(|row| row.2 == 1).count();
            let rule = Rules::of(&features).describe(&labels, 1, size);
            let holds = |row: usize| rule.conditions.iter().all(|condition| {
                let column = usize::from(condition.feature == "second");
                features.get(row, column).is_some_and(|value| match condition.bound {
                    Bound::AtLeast => value >= condition.value,
                    Bound::AtMost => value <= condition.value,
                })
            });
            let right = (0..rows.len()).filter(|&row| holds(row) == (rows[row].2 == 1)).count();
            prop_assert!((rule.fidelity - right as f64 / rows.len() as f64).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&rule.precision) && (0.0..=1.0).contains(&rule.recall));
        }
    }
}
