//! Purchases made from a fixed seed, outside every clock.

#![allow(dead_code, reason = "each benchmark uses its part")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

pub(crate) mod memory;

use patronage::domain::{Columns, Currency, Day, Ledger, Policies};

/// Purchases, ten to a customer on average.
pub(crate) const SIZES: [usize; 3] = [10_000, 1_000_000, 10_000_000];

/// Purchases in no order: ids all over the range of `u64`, days over two years, amounts of whole cents.
pub(crate) struct Workload {
    pub(crate) ids: Vec<u64>,
    pub(crate) days: Vec<Day>,
    pub(crate) amounts: Vec<i64>,
}

impl Workload {
    pub(crate) fn new(purchases: usize) -> Self {
        let rows = 0..purchases as u64;
        let customers = rows.end / 10;
        let id = |row: u64| if row < customers { mix(row) } else { mix(mix(row ^ 0xA5A5) % customers) };
        let start = Day::default().plus(19_000);
        Self {
            ids: rows.clone().map(|row| id(shuffled(row, rows.end))).collect(),
            days: rows.clone().map(|row| start.plus(i32::from((mix(row + 1) % 731) as u16))).collect(),
            amounts: rows.map(|row| 1 + i64::from((mix(row + 2) % 20_000) as u16)).collect(),
        }
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns::new(&self.ids, &self.days, &self.amounts)
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::from_columns(Currency::EUR, &self.columns(), Policies::default()).unwrap()
    }

    pub(crate) fn last_day(&self) -> Day {
        self.days.iter().max().copied().unwrap()
    }

    /// Distinct pairs of customer and day, by sorting them: the answer to hold ours against.
    pub(crate) fn customer_days(&self) -> usize {
        let mut pairs: Vec<(u64, Day)> = self.ids.iter().copied().zip(self.days.iter().copied()).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs.len()
    }

    pub(crate) fn customers(&self) -> usize {
        let mut ids = self.ids.clone();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }
}

fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A row's place in a fixed shuffle: a step that shares no factor with the number of rows.
fn shuffled(row: u64, rows: u64) -> u64 {
    (row.wrapping_mul(7_368_787) + 12_345) % rows
}

/// Runs `work` once and says how far memory rose, in bytes a row; nothing where the system does not say.
pub(crate) fn peak_bytes_a_row<T>(rows: usize, work: impl FnOnce() -> T) -> f64 {
    memory::peak_bytes(work).unwrap_or_default() as f64 / rows as f64
}
