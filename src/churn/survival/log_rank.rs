//! Do groups leave alike? (Mantel 1966, Peto & Peto 1972)

use std::ops::Range;

use super::{
    Lifetimes,
    counts::Counts,
    lifetimes::{check_length, distinct},
    risk_table::{bits, sorted},
};
use crate::{
    error::{Error, ErrorKind},
    math::{
        chi_square::chi_square_tail,
        special::Compensated,
        symmetric::{Symmetric, dot},
    },
};

/// How much an event time counts in a [`LogRank`] test, with n at risk and S the survival of all groups together.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub enum Weighting {
    /// All the same: best where hazards are proportional.
    #[default]
    LogRank,
    /// n: early differences count more (Gehan 1965, Breslow 1970).
    Wilcoxon,
    /// The root of n (Tarone & Ware 1977).
    TaroneWare,
    /// Π (1 - d / (n + 1)) up to and with the time (Peto & Peto 1972).
    Peto,
    /// S(before)^early (1 - S(before))^late, both exponents finite and not below 0 (Fleming & Harrington 1991).
    FlemingHarrington {
        /// Exponent of the survival.
        early: f64,
        /// Exponent of what has left.
        late: f64,
    },
}

/// A test of whether groups leave alike: each group's events against those expected if all had the same hazard.
///
/// # Example
/// ```
/// use patronage::churn::survival::{Lifetimes, LogRank, Weighting};
///
/// let durations = [6.0, 7.0, 10.0, 15.0, 19.0, 25.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0];
/// let plan = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2];
/// let seen = Lifetimes::new(&durations, &[true; 12])?;
/// let test = LogRank::of(&seen, &plan, Weighting::LogRank)?;
/// assert!(test.p_value() < 0.01 && test.degrees_of_freedom() == 1);
/// assert!(test.groups()[0].expected > test.groups()[0].observed);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct LogRank {
    statistic: f64,
    degrees: usize,
    groups: Vec<LogRankGroup>,
}

/// A group of a [`LogRank`] test.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LogRankGroup {
    /// Its number, as given.
    pub group: u32,
    /// Its events, by weight and by what their times count.
    pub observed: f64,
    /// As many would be expected if all groups had the same hazard.
    pub expected: f64,
}

/// More are no comparison, and each event would cost their square.
const MOST_GROUPS: usize = 100;

/// An eigenvalue of the variance below this part of the largest is a direction in which groups are not compared.
const SINGULAR: f64 = 1e-9;

impl LogRank {
    /// Compares the groups, within each stratum if the lifetimes have any, over all times.
    ///
    /// # Errors
    /// If there is not a group a row, there are fewer than 2 or more than 100 groups, there is no event, no two groups
    /// are ever at risk together at one, or an exponent of the weighting is not finite or below 0.
    pub fn of(lifetimes: &Lifetimes<'_>, groups: &[u32], weighting: Weighting) -> Result<Self, Error> {
        check_length("groups", lifetimes.len(), groups.len())?;
        weighting.check()?;
        let names = distinct(groups);
        if !(2..=MOST_GROUPS).contains(&names.len()) {
            return Err(Error::parameter("groups", names.len(), "must be from 2 to 100"));
        }
        if !lifetimes.events().contains(&true) {
            return Err(ErrorKind::Empty { what: "events" }.into());
        }
        let mut score = Score::new(names.len());
        for (_, rows) in lifetimes.by_stratum() {
            score.add(&moments(lifetimes, groups, &names, &rows), weighting);
        }
        score.test(&names)
    }

    /// The test statistic, chi-squared distributed if all groups leave alike.
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// The number of groups that are compared, less one.
    pub fn degrees_of_freedom(&self) -> usize {
        self.degrees
    }

    /// The probability of such a statistic, or a larger one, if all groups leave alike.
    pub fn p_value(&self) -> f64 {
        chi_square_tail(self.statistic, self.degrees)
    }

    /// What was observed and expected of each group, by their numbers.
    pub fn groups(&self) -> &[LogRankGroup] {
        &self.groups
    }
}

impl Weighting {
    fn check(self) -> Result<(), Error> {
        let Self::FlemingHarrington { early, late } = self else { return Ok(()) };
        match [early, late].into_iter().find(|exponent| !(*exponent >= 0.0 && exponent.is_finite())) {
            Some(bad) => Err(Error::parameter("exponent", bad, "must be finite and not below 0")),
            None => Ok(()),
        }
    }

    /// With n at risk, and the survival before and (of Peto) after the time.
    fn at(self, at_risk: f64, before: f64, peto: f64) -> f64 {
        match self {
            Self::LogRank => 1.0,
            Self::Wilcoxon => at_risk,
            Self::TaroneWare => at_risk.sqrt(),
            Self::Peto => peto,
            Self::FlemingHarrington { early, late } => before.powf(early) * (1.0 - before).powf(late),
        }
    }
}

/// A distinct duration of a stratum: how many of each group are at risk, and how many leave.
struct Moment {
    at_risk: Vec<f64>,
    events: Vec<f64>,
}

/// The moments at which somebody leaves, ascending.
fn moments(lifetimes: &Lifetimes<'_>, groups: &[u32], names: &[u32], rows: &[usize]) -> Vec<Moment> {
    if lifetimes.weights().is_none() && lifetimes.entries().is_none() {
        let (durations, events) = (lifetimes.durations(), lifetimes.events());
        let kind =
            |row: usize| 2 * names.partition_point(|&name| name < groups[row]) + usize::from(!events[row]);
        let exits = |part: Range<usize>| rows[part].iter().map(|&row| (durations[row], kind(row)));
        if let Some(counts) = Counts::of(rows.len(), 2 * names.len(), exits) {
            return counted(&counts, names.len());
        }
    }
    sorted_moments(lifetimes, groups, names, rows)
}

/// Of exits counted by time, of each group those with an event first.
fn counted(counts: &Counts, groups: usize) -> Vec<Moment> {
    let (mut at_risk, mut moments) = (vec![0.0; groups], Vec::new());
    for (_, kinds) in counts.times().rev() {
        let (pairs, _) = kinds.as_chunks::<2>();
        for (at_risk, [events, censored]) in at_risk.iter_mut().zip(pairs) {
            *at_risk += f64::from(*events) + f64::from(*censored);
        }
        if pairs.iter().any(|[events, _]| *events > 0) {
            let events = pairs.iter().map(|[events, _]| f64::from(*events)).collect();
            moments.push(Moment { at_risk: at_risk.clone(), events });
        }
    }
    moments.reverse();
    moments
}

fn sorted_moments(lifetimes: &Lifetimes<'_>, groups: &[u32], names: &[u32], rows: &[usize]) -> Vec<Moment> {
    let place = |row: usize| names.partition_point(|&name| name < groups[row]);
    let key =
        |row: usize, time: f64, event: bool| (bits(time), event, place(row), lifetimes.weight(row).to_bits());
    let exits = sorted(
        rows.iter().map(|&row| key(row, lifetimes.durations()[row], lifetimes.events()[row])).collect(),
    );
    let entries = lifetimes.entries().map_or_else(Vec::new, |entries| {
        sorted(rows.iter().map(|&row| key(row, entries[row], false)).collect())
    });
    let mut entries = entries.iter().rev().peekable();
    let mut at_risk = vec![Compensated::default(); names.len()];
    let mut moments = Vec::new();
    for run in exits.chunk_by(|a, b| a.0 == b.0).rev() {
        let mut events = vec![0.0; names.len()];
        for &(_, event, group, weight) in run {
            at_risk[group].add(f64::from_bits(weight));
            events[group] += if event { f64::from_bits(weight) } else { 0.0 };
        }
        while let Some(&&(_, _, group, weight)) = entries.peek().filter(|entry| entry.0 >= run[0].0) {
            at_risk[group].add(-f64::from_bits(weight));
            entries.next();
        }
        if events.iter().any(|&events| events > 0.0) {
            let sums = at_risk.iter().zip(&events).map(|(sum, events)| sum.total().max(*events));
            moments.push(Moment { at_risk: sums.collect(), events });
        }
    }
    moments.reverse();
    moments
}

/// Observed, expected, and the variance of their difference, over strata.
struct Score {
    observed: Vec<f64>,
    expected: Vec<f64>,
    variance: Symmetric,
}

impl Score {
    fn new(groups: usize) -> Self {
        Self { observed: vec![0.0; groups], expected: vec![0.0; groups], variance: Symmetric::zeros(groups) }
    }

    /// Events at a time are hypergeometric, given how many there are in all.
    fn add(&mut self, moments: &[Moment], weighting: Weighting) {
        let (mut before, mut peto) = (1.0, 1.0);
        for moment in moments {
            let (n, d) = (moment.at_risk.iter().sum::<f64>(), moment.events.iter().sum::<f64>());
            peto *= 1.0 - d / (n + 1.0);
            let weight = weighting.at(n, before, peto);
            before *= ((n - d) / n).max(0.0);
            let spread = if n > 1.0 { ((n - d) / (n - 1.0)).max(0.0) } else { 1.0 };
            let factor = weight * weight * spread * d;
            for (group, (at_risk, events)) in moment.at_risk.iter().zip(&moment.events).enumerate() {
                self.observed[group] += weight * events;
                let share = at_risk / n;
                self.expected[group] += weight * d * share;
                for (other, of_other) in moment.at_risk.iter().enumerate().take(group) {
                    self.variance.add(group, other, -factor * share * (of_other / n));
                }
                self.variance.add(group, group, factor * share * ((n - at_risk).max(0.0) / n));
            }
        }
    }

    /// The quadratic form, over the directions in which the groups are compared at all.
    fn test(&self, names: &[u32]) -> Result<LogRank, Error> {
        let gap: Vec<f64> = self.observed.iter().zip(&self.expected).map(|(seen, due)| seen - due).collect();
        let eigen = self.variance.eigen();
        let least = SINGULAR * eigen.values.last().copied().unwrap_or(0.0);
        let (mut statistic, mut degrees) = (0.0, 0);
        for (value, vector) in eigen.values.iter().zip(&eigen.vectors) {
            if *value > least {
                let along = dot(vector, &gap);
                statistic += along * along / value;
                degrees += 1;
            }
        }
        if degrees == 0 {
            let rule = "are never at risk together when somebody leaves";
            return Err(Error::parameter("groups", names.len(), rule));
        }
        let groups = names.iter().zip(self.observed.iter().zip(&self.expected));
        let groups =
            groups.map(|(&group, (&observed, &expected))| LogRankGroup { group, observed, expected });
        Ok(LogRank { statistic, degrees, groups: groups.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_and_sorted_rows_make_one_test() {
        let days: Vec<f64> =
            (0..5000_u32).map(|row| f64::from(row.wrapping_mul(2_654_435_761) >> 24)).collect();
        let events: Vec<bool> = (0..5000_u32).map(|row| row.wrapping_mul(40_503) % 7 < 3).collect();
        let groups: Vec<u32> = (0..5000).map(|row| [7, 3, 9][row % 3]).collect();
        let strata: Vec<u32> = (0..5000).map(|row| row % 2).collect();
        let halves: Vec<f64> = days.iter().map(|day| day + 0.5).collect();
        for weighting in [Weighting::LogRank, Weighting::Wilcoxon, Weighting::Peto] {
            let of = |durations: &[f64]| {
                let seen = Lifetimes::new(durations, &events).unwrap();
                let whole = LogRank::of(&seen, &groups, weighting).unwrap();
                (whole, LogRank::of(&seen.in_strata(&strata).unwrap(), &groups, weighting).unwrap())
            };
            assert_eq!(of(&days), of(&halves));
        }
    }
}
