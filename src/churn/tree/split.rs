//! The question that best parts the rows of a node.

use super::{
    codes::{Bins, Coded},
    grow::{Entry, Growth},
    histogram::{Histogram, Mass},
};

/// A question to ask of a node, and what it gains.
pub(super) struct Split {
    pub(super) column: usize,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
    pub(super) missing_seen: bool,
    gain: f64,
}

pub(super) enum Cut {
    /// Left up to a bin; the next one with rows is the other.
    Between(u16, u16),
    /// Levels that go left, and right.
    Among(Vec<u16>, Vec<u16>),
    /// Left where there is a value.
    Known,
}

/// Where the bins of a column are parted.
struct Place {
    gain: f64,
    /// So many bins go left.
    left: usize,
    missing_left: bool,
}

/// Looks for splits; its memory serves one node after the other.
pub(super) struct Search {
    histogram: Histogram,
    cells: Vec<(u16, Mass)>,
}

impl Search {
    pub(super) fn new(columns: &[Coded]) -> Self {
        let bins = columns.iter().map(|column| column.missing() as usize + 1).max().unwrap_or(0);
        Self { histogram: Histogram::new(bins), cells: Vec::new() }
    }

    /// The best split of these entries by one column, or the one known if that gains as much: of splits as good the
    /// first column has it, and the lowest threshold. Says too whether the column could be asked.
    pub(super) fn better(
        &mut self,
        known: Option<Split>,
        entries: &[Entry],
        total: Mass,
        (column, coded): (usize, &Coded),
        growth: &Growth,
    ) -> (Option<Split>, bool) {
        for entry in entries {
            self.histogram.add(coded.codes[entry.row as usize], entry.weight, entry.churned());
        }
        self.histogram.drain(&mut self.cells);
        let missing = self.cells.pop_if(|cell| cell.0 == coded.missing()).map(|cell| cell.1);
        if matches!(coded.bins, Bins::Levels(_)) {
            // For two outcomes the best parting of levels is one of those in this order (Breiman et al. 1984).
            self.cells.sort_by(|a, b| a.1.share().total_cmp(&b.1.share()));
        }
        let offers = self.cells.len() + usize::from(missing.is_some()) > 1;
        let Some(place) = best_place(&self.cells, missing, total, growth) else { return (known, offers) };
        let wins = known
            .as_ref()
            .is_none_or(|known| place.gain.total_cmp(&known.gain).then(known.column.cmp(&column)).is_gt());
        (if wins { Some(self.split(&place, missing, column, coded)) } else { known }, offers)
    }

    fn split(&self, place: &Place, missing: Option<Mass>, column: usize, coded: &Coded) -> Split {
        let cut = match self.cells.split_at(place.left) {
            (_, []) => Cut::Known,
            (left, right) if matches!(coded.bins, Bins::Levels(_)) => Cut::Among(levels(left), levels(right)),
            (left, right) => Cut::Between(left[left.len() - 1].0, right[0].0),
        };
        let Place { gain, missing_left, .. } = *place;
        Split { column, cut, missing_left, missing_seen: missing.is_some(), gain }
    }
}

fn levels(cells: &[(u16, Mass)]) -> Vec<u16> {
    let mut levels: Vec<u16> = cells.iter().map(|cell| cell.0).collect();
    levels.sort_unstable();
    levels
}

/// Where the bins, in their order, are best parted. Rows without a value are tried on either side, and against all
/// others; where there are none, a later one will go to the heavier side.
fn best_place(cells: &[(u16, Mass)], missing: Option<Mass>, total: Mass, growth: &Growth) -> Option<Place> {
    let (mut best, mut left) = (None, Mass::default());
    let whole = growth.impurity.of(total);
    let mut offer = |at: usize, left: Mass, missing_left: bool| {
        let right = total.minus(left);
        if growth.allows(left) && growth.allows(right) {
            let gain = (whole - growth.impurity.of(left) - growth.impurity.of(right)).max(0.0);
            if best.as_ref().is_none_or(|best: &Place| gain > best.gain) {
                best = Some(Place { gain, left: at, missing_left });
            }
        }
    };
    for (at, cell) in (1..).zip(cells) {
        left = left.plus(cell.1);
        match missing {
            Some(_) if at == cells.len() => offer(at, left, false),
            Some(missing) => {
                offer(at, left.plus(missing), true);
                offer(at, left, false);
            }
            None if at == cells.len() => {}
            None => offer(at, left, left.weight >= total.weight - left.weight),
        }
    }
    best.filter(|best| best.gain >= growth.least_gain)
}
