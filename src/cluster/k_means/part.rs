//! The rows of a task: which centroid each goes to, and when it may be another one.
//!
//! The gap between the distances of a row's two nearest centroids closes by no more than both of them move. So a
//! clock that runs by the two longest moves of each step tells when a row is due: until then its centroid is the
//! same (Hamerly 2010, with one number instead of two). Eight rows are a block, due when the first of them is, so
//! that memory is read in order and in whole vectors. For the rows of a block to be due alike they are sorted by
//! their gaps, once they have been looked at often enough to pay for it.

use std::ops::Range;

use super::{
    by_gap::ByGap,
    nearest::{best, blocks_at, numbers, rounding},
    table::Table,
    totals::{Moves, NONE, Spread},
};
use crate::math::{
    lanes::{LANES, Lanes},
    simd,
};

/// Some consecutive rows of the table, in an order of its own.
pub(super) struct Part {
    rows: Range<usize>,
    /// `None` while the order is that of the table.
    sorted: Option<Sorted>,
    /// The centroid at each place, [`NONE`] before the first step; whole blocks, so that what is beyond the rows
    /// means nothing.
    labels: Vec<[u32; LANES]>,
    /// What the clock shows when a row of each block may have another one.
    due: Vec<f64>,
    /// Blocks looked at since the rows were sorted.
    looks: usize,
}

/// Copies in the order of the part.
struct Sorted {
    /// The row at each place, from the part's first.
    rows: Vec<u32>,
    columns: Vec<Vec<f64>>,
}

/// What a step works with.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) spread: &'a Spread,
    pub(super) centroids: &'a [f64],
    pub(super) clock: f64,
}

/// Rows are sorted anew when each was looked at so often, on average: a sort costs about three looks, and a search
/// of few steps does without.
const SORT: usize = 6;

impl Step<'_> {
    /// What the clock shows when it has run by the least of the gaps.
    #[inline(always)]
    fn due(&self, gaps: impl Iterator<Item = f64>) -> f64 {
        let least = gaps.fold(f64::INFINITY, |least, gap| if gap < least { gap } else { least });
        // Sooner than it would be without rounding.
        (self.clock + least) * (1.0 - 4.0 * f64::EPSILON)
    }
}

impl Part {
    pub(super) fn new(rows: Range<usize>) -> Self {
        let blocks = rows.len().div_ceil(LANES);
        Self { rows, sorted: None, labels: vec![[NONE; LANES]; blocks], due: vec![0.0; blocks], looks: 0 }
    }

    /// Sends each row to the nearest centroid.
    pub(super) fn step(&mut self, step: Step<'_>, scratch: &mut Scratch) -> Moves {
        let sort = self.looks >= SORT * self.due.len();
        scratch.select(&self.due, if sort { f64::INFINITY } else { step.clock });
        self.looks += scratch.selected;
        self.look(step, scratch);
        let moves = self.relabel_all(step, scratch);
        if sort {
            self.sort(step, scratch);
        }
        moves
    }

    /// Finds the nearest centroids of the blocks that were selected, and when they are due again.
    fn look(&mut self, step: Step<'_>, scratch: &mut Scratch) {
        let columns = columns(step.table, &self.rows, self.sorted.as_ref());
        let (len, due) = (self.rows.len(), &mut self.due);
        let (blocks, gaps, nearest) = scratch.parts();
        let less = 1.0 - rounding(columns.len());
        blocks_at(
            &columns,
            &blocks.iter().map(|block| *block as usize * LANES),
            #[inline(always)]
            |at, rows| {
                let [label, least, second] = best(rows, step.centroids);
                let mut gap = [0.0; LANES];
                for lane in 0..LANES {
                    gap[lane] = second[lane].sqrt() * less - least[lane].sqrt();
                }
                gap[LANES.min(len - at)..].fill(f64::INFINITY);
                let block = at / LANES;
                gaps[block] = gap;
                due[block] = step.due(gap.into_iter());
                nearest[block] = numbers(&label);
            },
        );
    }

    /// Gives the rows of the blocks that were looked at the centroids found.
    fn relabel_all(&mut self, step: Step<'_>, scratch: &mut Scratch) -> Moves {
        let Self { rows, sorted, labels, .. } = self;
        let columns = columns(step.table, rows, sorted.as_ref());
        let mut moves = Moves::new(step.centroids.len() / columns.len(), columns.len());
        let (blocks, _, nearest) = scratch.parts();
        for block in blocks.iter().map(|block| *block as usize) {
            let (old, new) = (&mut labels[block], nearest[block]);
            if *old == new {
                continue;
            }
            let places = block * LANES..rows.len().min((block + 1) * LANES);
            for ((place, old), new) in places.zip(&*old).zip(new) {
                if *old != new {
                    let weight = step.table.weight(rows.start + row_at(sorted.as_ref(), place));
                    moves.change(step.spread, columns.iter().map(|column| column[place]), weight, *old, new);
                }
            }
            *old = new;
        }
        moves
    }

    /// Sorts the rows by their gaps, all of which were just reckoned.
    fn sort(&mut self, step: Step<'_>, scratch: &mut Scratch) {
        let gaps = &scratch.gaps.as_flattened()[..self.rows.len()];
        let order = scratch.by_gap.order(gaps);
        let columns = columns(step.table, &self.rows, self.sorted.as_ref());
        let columns = columns.into_iter().map(|column| pick(column, order)).collect();
        let rows = match &self.sorted {
            Some(sorted) => pick(&sorted.rows, order),
            None => order.to_vec(),
        };
        let labels = pick(self.labels.as_flattened(), order);
        for (block, labels) in self.labels.iter_mut().zip(labels.chunks(LANES)) {
            block[..labels.len()].copy_from_slice(labels);
        }
        for (due, places) in self.due.iter_mut().zip(order.chunks(LANES)) {
            *due = step.due(places.iter().map(|place| gaps[*place as usize]));
        }
        self.sorted = Some(Sorted { rows, columns });
        self.looks = 0;
    }

    /// The rows of the table, each with its centroid.
    pub(super) fn labelled(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let labels = self.labels.as_flattened()[..self.rows.len()].iter();
        labels
            .enumerate()
            .map(|(place, label)| (self.rows.start + row_at(self.sorted.as_ref(), place), *label))
    }

    /// The centroid of a row of the table.
    pub(super) fn label(&self, row: usize) -> u32 {
        self.labels.as_flattened()[self.place(row)]
    }

    /// Gives a row of the table another centroid.
    pub(super) fn relabel(&mut self, row: usize, label: u32) {
        let place = self.place(row);
        self.labels.as_flattened_mut()[place] = label;
        self.due[place / LANES] = 0.0;
    }

    /// Numbers of centroids change.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        self.labels.as_flattened_mut().iter_mut().for_each(|label| *label = number(*label));
    }

    fn place(&self, row: usize) -> usize {
        let row = row - self.rows.start;
        match &self.sorted {
            Some(sorted) => sorted.rows.iter().position(|other| *other as usize == row).unwrap_or(0),
            None => row,
        }
    }
}

fn columns<'a>(table: &'a Table<'_>, rows: &Range<usize>, sorted: Option<&'a Sorted>) -> Vec<&'a [f64]> {
    match sorted {
        Some(sorted) => sorted.columns.iter().map(Vec::as_slice).collect(),
        None => table.slices(rows.clone()),
    }
}

/// The row at a place, from the part's first.
fn row_at(sorted: Option<&Sorted>, place: usize) -> usize {
    sorted.map_or(place, |sorted| sorted.rows[place] as usize)
}

fn pick<T: Copy>(from: &[T], places: &[u32]) -> Vec<T> {
    places.iter().map(|place| from[*place as usize]).collect()
}

/// What a thread keeps from part to part.
#[derive(Default)]
pub(super) struct Scratch {
    /// The blocks to look at, in front, and how many they are.
    blocks: Vec<u32>,
    selected: usize,
    /// By block, what the last look at it found; of other blocks it means nothing.
    gaps: Vec<Lanes>,
    nearest: Vec<[u32; LANES]>,
    by_gap: ByGap,
}

impl Scratch {
    /// Selects the blocks that are due until then. There is room for what is found of any.
    fn select(&mut self, due: &[f64], until: f64) {
        self.blocks.resize(self.blocks.len().max(due.len() + LANES), 0);
        self.gaps.resize(self.gaps.len().max(due.len()), [0.0; LANES]);
        self.nearest.resize(self.gaps.len(), [NONE; LANES]);
        self.selected = select(due, until, &mut self.blocks);
    }

    fn parts(&mut self) -> (&[u32], &mut [Lanes], &mut [[u32; LANES]]) {
        (&self.blocks[..self.selected], &mut self.gaps, &mut self.nearest)
    }
}

/// Writes the blocks that are due until then to the front of `blocks`, which has room for eight more than all, and
/// says how many they are.
fn select(due: &[f64], until: f64, blocks: &mut [u32]) -> usize {
    let (eights, rest) = due.as_chunks::<LANES>();
    let mut len = 0;
    simd::widest(
        #[inline(always)]
        || {
            for (eight, dues) in eights.iter().enumerate() {
                if dues.iter().map(|due| u8::from(*due <= until)).fold(0, |any, due| any | due) > 0 {
                    len += write_due(dues, until, (eight * LANES) as u32, &mut blocks[len..]);
                }
            }
        },
    );
    len + write_due(rest, until, (eights.len() * LANES) as u32, &mut blocks[len..])
}

/// As [`select`], of at most eight blocks, the first of which has this number.
#[inline(always)]
fn write_due(due: &[f64], until: f64, first: u32, blocks: &mut [u32]) -> usize {
    let mut len = 0;
    let Some(blocks) = blocks.first_chunk_mut::<LANES>() else {
        return 0;
    };
    for (block, due) in (first..).zip(due) {
        // Always written, so that nothing is to be guessed; there are at most eight.
        blocks[len % LANES] = block;
        len += usize::from(*due <= until);
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Points;
    use ndarray::Array2;

    #[test]
    fn rows_are_found_where_a_sort_put_them() {
        let rows = Array2::from_shape_fn((101, 2), |(row, column)| {
            ((row * 7_919 + column * 31) % 101) as f64 + 0.1 * column as f64
        });
        let table = Table::of(&Points::new(rows.view()).unwrap(), &[]);
        let spread = Spread::of(&table);
        let centroids = [10.0, 90.0, 50.0, 50.0, 90.0, 10.0];
        let known = |row: usize| {
            let at: Vec<f64> = table.row(row).collect();
            let square = |one: usize| {
                let centroid = centroids[one * 2..one * 2 + 2].iter();
                centroid.zip(&at).map(|(c, x)| (c - x) * (c - x)).sum::<f64>()
            };
            (0..3_usize).min_by(|&a, &b| square(a).total_cmp(&square(b))).unwrap() as u32
        };
        let (mut part, mut scratch) = (Part::new(20..101), Scratch::default());
        let mut step = |part: &mut Part, clock| {
            let step = Step { table: &table, spread: &spread, centroids: &centroids, clock };
            part.step(step, &mut scratch).moved
        };
        assert_eq!(step(&mut part, 0.0), 81);
        // A clock so fast that all are due.
        let moved: u64 = (1..=2 * SORT).map(|time| step(&mut part, 1e3 * time as f64)).sum();
        assert!(moved == 0 && part.sorted.is_some());
        assert!(part.due.is_sorted(), "{:?}", part.due);
        let mut labelled: Vec<_> = part.labelled().collect();
        labelled.sort_unstable();
        assert_eq!(labelled, (20..101).map(|row| (row, known(row))).collect::<Vec<_>>());

        let wrong = (known(57) + 1) % 3;
        part.relabel(57, wrong);
        assert_eq!(part.label(57), wrong);
        assert!((20..101).filter(|row| *row != 57).all(|row| part.label(row) == known(row)));
        assert_eq!(step(&mut part, 0.0), 1);
        assert_eq!(part.label(57), known(57));
    }
}
