//! The rows of a task: which centroid each goes to, and when it may be another one.
//!
//! The gap between the distances of a row's two nearest centroids closes by no more than both of them move. So a
//! clock that runs by the two longest moves of each step tells when a row is due: until then its centroid is the
//! same (Hamerly 2010, with one number for a row instead of two). Rows that are due soon are kept side by side in a
//! copy, so that most steps read no others.

use std::ops::Range;

use super::{
    nearest::Nearest,
    table::{CHUNK, Table},
    totals::{Moves, NONE, Spread},
};
use crate::math::{lanes::LANES, simd};

/// Some consecutive rows.
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    /// The centroid of each row, [`NONE`] before the first step; behind the copies until [`finish`](Self::finish).
    pub(super) labels: Vec<u32>,
    /// What the clock shows when it may be another one.
    due: Vec<f64>,
    soon: Soon,
}

/// Copies of the rows that are due until some time.
struct Soon {
    /// No other row is due until the clock shows this.
    until: f64,
    /// The rows, from the part's first.
    rows: Vec<u32>,
    columns: Vec<Vec<f64>>,
    labels: Vec<u32>,
    due: Vec<f64>,
}

/// What a step works with.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) spread: &'a Spread,
    pub(super) centroids: &'a [f64],
    pub(super) clock: f64,
    /// How far the clock ran in the step before.
    pub(super) pace: f64,
}

/// Rows that are due within so many steps of the present pace are copied: the pace slows down.
const STEPS: f64 = 4.0;

impl Part {
    pub(super) fn new(rows: Range<usize>, width: usize) -> Self {
        let soon = Soon {
            until: f64::NEG_INFINITY,
            rows: Vec::new(),
            columns: vec![Vec::new(); width],
            labels: Vec::new(),
            due: Vec::new(),
        };
        Self { labels: vec![NONE; rows.len()], due: vec![0.0; rows.len()], rows, soon }
    }

    /// Sends each row to the nearest centroid.
    pub(super) fn step(&mut self, step: Step<'_>, scratch: &mut Scratch) -> Moves {
        let mut moves = Moves::new(step.centroids.len() / step.table.width(), step.table.width());
        if step.clock < self.soon.until {
            let columns: Vec<&[f64]> = self.soon.columns.iter().map(Vec::as_slice).collect();
            let (first, rows) = (self.rows.start, &self.soon.rows);
            let row = |at: usize| first + rows[at] as usize;
            scratch.step(step, &columns, &mut self.soon.labels, &mut self.soon.due, &mut moves, row);
        } else {
            self.finish();
            let (columns, first) = (step.table.slices(self.rows.clone()), self.rows.start);
            let row = |at: usize| first + at;
            scratch.step(step, &columns, &mut self.labels, &mut self.due, &mut moves, row);
            let until = step.clock + STEPS * step.pace;
            self.soon.fill(until, &columns, &self.labels, &self.due, &mut scratch.rows);
        }
        moves
    }

    /// Brings the labels up to date, after which there are no copies.
    pub(super) fn finish(&mut self) {
        let soon = &mut self.soon;
        for ((row, label), due) in soon.rows.iter().zip(&soon.labels).zip(&soon.due) {
            self.labels[*row as usize] = *label;
            self.due[*row as usize] = *due;
        }
        soon.rows.clear();
        soon.until = f64::NEG_INFINITY;
    }

    /// Gives a row, counted from the part's first, another centroid, after [`finish`](Self::finish).
    pub(super) fn relabel(&mut self, row: usize, label: u32) {
        self.labels[row] = label;
        self.due[row] = 0.0;
    }
}

impl Soon {
    /// Copies the rows that are due until then, unless they are most. `room` is for their numbers, and keeps nothing.
    fn fill(&mut self, until: f64, columns: &[&[f64]], labels: &[u32], due: &[f64], room: &mut Vec<u32>) {
        room.resize(room.len().max(due.len() + LANES), 0);
        let len = select(due, until, room);
        let rows = &room[..len];
        if 2 * rows.len() > due.len() {
            return;
        }
        self.rows.extend_from_slice(rows);
        self.until = until;
        for (copy, column) in self.columns.iter_mut().zip(columns) {
            copy.clear();
            copy.extend(self.rows.iter().map(|row| column[*row as usize]));
        }
        self.labels.clear();
        self.labels.extend(self.rows.iter().map(|row| labels[*row as usize]));
        self.due.clear();
        self.due.extend(self.rows.iter().map(|row| due[*row as usize]));
    }
}

/// What a thread keeps from chunk to chunk.
pub(super) struct Scratch {
    /// Rows that are due.
    rows: Vec<u32>,
    /// How many they are.
    len: usize,
    /// Their coordinates.
    gathered: Vec<Vec<f64>>,
    nearest: Nearest,
}

impl Scratch {
    pub(super) fn new(width: usize) -> Self {
        let gathered = vec![Vec::with_capacity(CHUNK); width];
        Self { rows: vec![0; CHUNK + LANES], len: 0, gathered, nearest: Nearest::of_rows(CHUNK) }
    }

    /// Finds the nearest centroids of the rows that are due, and when they are due again. `row` is the row of the
    /// table at a place of the columns.
    fn step(
        &mut self,
        step: Step<'_>,
        columns: &[&[f64]],
        labels: &mut [u32],
        due: &mut [f64],
        moves: &mut Moves,
        row: impl Fn(usize) -> usize,
    ) {
        let chunks = labels.chunks_mut(CHUNK).zip(due.chunks_mut(CHUNK));
        for (chunk, (labels, due)) in chunks.enumerate() {
            let start = chunk * CHUNK;
            self.len = select(due, step.clock, &mut self.rows);
            if self.len == 0 {
                continue;
            }
            let columns: Vec<&[f64]> =
                columns.iter().map(|column| &column[start..start + due.len()]).collect();
            if 3 * self.len > due.len() {
                self.nearest.find(&columns, step.centroids);
                self.nearest.reckon_due(due.len(), step.clock, columns.len());
                due.copy_from_slice(&self.nearest.due()[..due.len()]);
                for (at, (label, new)) in labels.iter_mut().zip(self.nearest.numbers()).enumerate() {
                    if *label != *new {
                        let weight = step.table.weight(row(start + at));
                        moves.change(
                            step.spread,
                            columns.iter().map(|column| column[at]),
                            weight,
                            *label,
                            *new,
                        );
                        *label = *new;
                    }
                }
            } else {
                self.gather(&columns, step.centroids);
                self.nearest.reckon_due(self.len, step.clock, columns.len());
                let found = self.nearest.numbers().iter().zip(self.nearest.due());
                for (place, (at, (new, again))) in self.rows[..self.len].iter().zip(found).enumerate() {
                    let at = *at as usize;
                    due[at] = *again;
                    if labels[at] != *new {
                        let weight = step.table.weight(row(start + at));
                        let coordinates = self.gathered.iter().map(|column| column[place]);
                        moves.change(step.spread, coordinates, weight, labels[at], *new);
                        labels[at] = *new;
                    }
                }
            }
        }
    }

    fn gather(&mut self, columns: &[&[f64]], centroids: &[f64]) {
        let rows = &self.rows[..self.len];
        for (gathered, column) in self.gathered.iter_mut().zip(columns) {
            gathered.clear();
            gathered.extend(rows.iter().map(|row| column[*row as usize]));
        }
        let gathered: Vec<&[f64]> = self.gathered.iter().map(Vec::as_slice).collect();
        self.nearest.find(&gathered, centroids);
    }
}

/// Writes the rows that are due until then to the front of `rows`, which has room for eight more than all, and says
/// how many they are.
fn select(due: &[f64], until: f64, rows: &mut [u32]) -> usize {
    let (eights, rest) = due.as_chunks::<LANES>();
    let mut len = 0;
    simd::widest(
        #[inline(always)]
        || {
            for (block, eight) in eights.iter().enumerate() {
                if eight.iter().map(|due| u8::from(*due <= until)).fold(0, |any, due| any | due) > 0 {
                    len += write_due(eight, until, (block * LANES) as u32, &mut rows[len..]);
                }
            }
        },
    );
    len + write_due(rest, until, (eights.len() * LANES) as u32, &mut rows[len..])
}

/// As [`select`], of at most eight rows, the first of which has this number.
#[inline(always)]
fn write_due(due: &[f64], until: f64, first: u32, rows: &mut [u32]) -> usize {
    let mut len = 0;
    let Some(rows) = rows.first_chunk_mut::<LANES>() else {
        return 0;
    };
    for (row, due) in (first..).zip(due) {
        // Always written, so that nothing is to be guessed; there are at most eight.
        rows[len % LANES] = row;
        len += usize::from(*due <= until);
    }
    len
}
