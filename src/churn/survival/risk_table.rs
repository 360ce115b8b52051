//! Who was at risk when: the table that every curve is reckoned from.

use std::ops::Range;

use super::{Lifetimes, counts::Counts};
use crate::math::{fork, sort::sort, special::Compensated};

/// The distinct durations of some rows, ascending, and for each how many (by weight) were at risk just before, had the
/// event, and were censored then.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct RiskTable {
    pub(super) times: Vec<f64>,
    pub(super) at_risk: Vec<f64>,
    pub(super) events: Vec<f64>,
    pub(super) censored: Vec<f64>,
}

/// A moment and a weight. Times are not below 0, so that their bits are in their own order, and the highest bit is free:
/// a duration is shifted by one, and the lowest bit says that it was censored.
type Moment = (u64, f64);

impl RiskTable {
    /// The table of some rows, of which `rows` tells those in a part of `0..count`.
    pub(super) fn of<R: Iterator<Item = usize>>(
        lifetimes: &Lifetimes<'_>,
        count: usize,
        rows: impl Fn(Range<usize>) -> R + Sync + Send,
    ) -> Self {
        let (durations, events) = (lifetimes.durations(), lifetimes.events());
        let exit = |row: usize| bits(durations[row]) << 1 | u64::from(!events[row]);
        let all = || rows(0..count);
        if lifetimes.weights().is_none() && lifetimes.entries().is_none() {
            let of_row = |row: usize| (durations[row], usize::from(!events[row]));
            if let Some(counts) = Counts::of(count, 2, |range| rows(range).map(of_row)) {
                return Self::counted(&counts);
            }
            let exits = sort(&all().map(exit).collect::<Vec<_>>());
            return Self::back(exits.iter().rev().map(|&exit| (exit, 1.0)), &[]);
        }
        // Within a moment by weight, so that the order of rows changes no sum.
        let weighted = |moments: Vec<(u64, u64)>| -> Vec<Moment> {
            sorted(moments).into_iter().map(|(at, weight)| (at, f64::from_bits(weight))).collect()
        };
        let weight = |row: usize| lifetimes.weight(row).to_bits();
        let exits = weighted(all().map(|row| (exit(row), weight(row))).collect());
        let entered = lifetimes
            .entries()
            .map(|entries| weighted(all().map(|row| (bits(entries[row]), weight(row))).collect()));
        Self::back(exits.iter().rev().copied(), &entered.unwrap_or_default())
    }

    /// Of exits counted by time, those with an event first.
    fn counted(counts: &Counts) -> Self {
        let mut table = Self::default();
        let mut at_risk = 0;
        for (time, kinds) in counts.times().rev() {
            let [events, censored] = [0, 1].map(|kind| kinds.get(kind).copied().unwrap_or_default());
            at_risk += u64::from(events) + u64::from(censored);
            table.push(time, at_risk as f64, [events, censored].map(f64::from));
        }
        table.reversed()
    }

    /// Adds up from the last exit back, so that a few who are left over are not the difference of large sums.
    fn back(exits: impl Iterator<Item = Moment>, entries: &[Moment]) -> Self {
        let mut table = Self::default();
        let mut exits = exits.peekable();
        let (mut at_risk, mut rows) = (Compensated::default(), 0_u64);
        let mut entries = entries.iter().rev().peekable();
        while let Some(&(exit, _)) = exits.peek() {
            let time = exit >> 1;
            let (mut sums, mut events) = ([0.0; 2], 0);
            while let Some((exit, weight)) = exits.next_if(|(exit, _)| exit >> 1 == time) {
                let censored = exit & 1 == 1;
                sums[usize::from(censored)] += weight;
                events += u64::from(!censored);
                rows += 1;
            }
            at_risk.add(sums[0]);
            at_risk.add(sums[1]);
            while let Some((_, weight)) = entries.next_if(|(entry, _)| *entry >= time) {
                at_risk.add(-weight);
                rows -= 1;
            }
            // Rounding must not leave over a part of somebody.
            let everybody = if events == rows { sums[0] } else { at_risk.total().max(sums[0] + sums[1]) };
            table.push(f64::from_bits(time), everybody, sums);
        }
        table.reversed()
    }

    fn push(&mut self, time: f64, at_risk: f64, [events, censored]: [f64; 2]) {
        self.times.push(time);
        self.at_risk.push(at_risk);
        self.events.push(events);
        self.censored.push(censored);
    }

    fn reversed(mut self) -> Self {
        for column in [&mut self.times, &mut self.at_risk, &mut self.events, &mut self.censored] {
            column.reverse();
        }
        self
    }
}

/// The bits of a time that is not below 0; -0 is 0.
pub(super) fn bits(time: f64) -> u64 {
    (time + 0.0).to_bits()
}

/// Fewer are not worth another thread.
const FEW: usize = 1 << 14;

/// Sorts by two threads at once. Equal keys are alike in every respect, so that the order is the only one there is.
pub(super) fn sorted<K: Ord + Copy + Send>(mut keys: Vec<K>) -> Vec<K> {
    if keys.len() < FEW {
        keys.sort_unstable();
        return keys;
    }
    let half = keys.len() / 2;
    let (low, high) = keys.split_at_mut(half);
    fork::join(|| low.sort_unstable(), || high.sort_unstable());
    let mut merged = Vec::with_capacity(low.len() + high.len());
    let (mut low, mut high) = (low.iter().copied().peekable(), high.iter().copied().peekable());
    while let (Some(a), Some(b)) = (low.peek(), high.peek()) {
        let next = if a <= b { low.next() } else { high.next() };
        merged.extend(next);
    }
    merged.extend(low);
    merged.extend(high);
    merged
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    #[test]
    fn late_entries_are_at_risk_from_then_on() {
        let (durations, events) = ([2.0, 3.0, 3.0, 5.0, 6.0], [true, true, false, true, true]);
        let entries = [0.0, 0.0, 2.0, 3.0, 5.0];
        let rows = Lifetimes::new(&durations, &events).unwrap().entered(&entries).unwrap();
        let table = RiskTable::of(&rows, 5, |rows| rows);
        assert_eq!(table.times, [2.0, 3.0, 5.0, 6.0]);
        assert_eq!(table.at_risk, [2.0, 2.0, 1.0, 1.0]);
        assert_eq!(table.events, [1.0; 4]);
        assert_eq!(table.censored, [0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn counted_and_sorted_rows_make_one_table() {
        let rows = 50_000_u32;
        let days: Vec<f64> = (0..rows).map(|row| f64::from(row.wrapping_mul(2_654_435_761) >> 22)).collect();
        let events: Vec<bool> = (0..rows).map(|row| row.wrapping_mul(40_503) % 7 < 3).collect();
        // Halves are no whole numbers, and exact.
        let halves: Vec<f64> = days.iter().map(|day| day + 0.5).collect();
        let of = |durations: &[f64]| {
            RiskTable::of(&Lifetimes::new(durations, &events).unwrap(), durations.len(), |rows| rows)
        };
        let (counted, mut sorted) = (of(&days), of(&halves));
        for time in &mut sorted.times {
            *time -= 0.5;
        }
        assert_eq!(counted, sorted);
        assert_eq!(counted.at_risk[0], f64::from(rows));
    }

    #[test]
    fn two_threads_sort_as_one() {
        let keys: Vec<u64> =
            (0..100_000_u64).map(|key| key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 50).collect();
        let mut known = keys.clone();
        known.sort_unstable();
        assert_eq!(sorted(keys), known);
    }
}
