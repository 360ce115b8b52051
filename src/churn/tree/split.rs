//! The question that best parts the rows of a node.

use super::{
    codes::{Bins, Coded},
    grow::{Entry, Growth},
    histogram::{Histogram, Mass},
    nodes::Test,
};

/// A question to ask of a node, and what it gains.
pub(super) struct Split {
    pub(super) column: usize,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
    pub(super) missing_seen: bool,
    gain: f64,
}

pub(in crate::churn) enum Cut {
    /// Left up to a bin; the next one with rows is the other.
    Between(u16, u16),
    /// Levels that go left, and right.
    Among(Vec<u16>, Vec<u16>),
    /// Left where there is a value.
    Known,
}

impl Cut {
    #[inline(always)]
    pub(in crate::churn) fn goes_left(&self, code: u16, missing: u16, missing_left: bool) -> bool {
        match self {
            Self::Known => code != missing,
            _ if code == missing => missing_left,
            Self::Between(last, _) => code <= *last,
            Self::Among(left, _) => left.binary_search(&code).is_ok(),
        }
    }

    /// The question in terms of values, with levels added to those that tests name.
    pub(in crate::churn) fn test(&self, column: &Coded, levels: &mut Vec<u16>) -> Test {
        match self {
            Self::Known => Test::Known,
            Self::Between(below, above) => Test::AtMost(column.between(*below, *above)),
            Self::Among(left, right) => {
                let start = levels.len() as u32;
                levels.extend(left);
                let middle = levels.len() as u32;
                levels.extend(right);
                Test::Among { start, middle, end: levels.len() as u32 }
            }
        }
    }
}

/// What lies in a bin, or in many.
pub(in crate::churn) trait Part: Copy + Default {
    fn plus(self, other: Self) -> Self;

    fn minus(self, part: Self) -> Self;

    /// How heavy it is.
    fn size(self) -> f64;
}

impl Part for Mass {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.plus(other)
    }

    #[inline(always)]
    fn minus(self, part: Self) -> Self {
        self.minus(part)
    }

    #[inline(always)]
    fn size(self) -> f64 {
        self.weight
    }
}

/// Where the bins of a column are parted.
pub(in crate::churn) struct Place {
    pub(in crate::churn) gain: f64,
    /// So many bins go left.
    pub(in crate::churn) left: usize,
    pub(in crate::churn) missing_left: bool,
}

impl Place {
    /// The question that parts these bins so.
    pub(in crate::churn) fn cut<M>(&self, cells: &[(u16, M)], bins: &Bins) -> Cut {
        match cells.split_at(self.left) {
            (_, []) => Cut::Known,
            (left, right) if matches!(bins, Bins::Levels(_)) => Cut::Among(levels(left), levels(right)),
            (left, right) => Cut::Between(left[left.len() - 1].0, right[0].0),
        }
    }
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
        let whole = growth.impurity.of(total);
        let offers = self.cells.len() + usize::from(missing.is_some()) > 1;
        let gain = |left: Mass, right: Mass, _| {
            let gain = || (whole - growth.impurity.of(left) - growth.impurity.of(right)).max(0.0);
            (growth.allows(left) && growth.allows(right)).then(gain)
        };
        let place = best_place(&self.cells, missing, total, gain);
        let Some(place) = place.filter(|place| place.gain >= growth.least_gain) else {
            return (known, offers);
        };
        let wins = known
            .as_ref()
            .is_none_or(|known| place.gain.total_cmp(&known.gain).then(known.column.cmp(&column)).is_gt());
        (if wins { Some(self.split(&place, missing, column, coded)) } else { known }, offers)
    }

    fn split(&self, place: &Place, missing: Option<Mass>, column: usize, coded: &Coded) -> Split {
        let Place { gain, missing_left, .. } = *place;
        let cut = place.cut(&self.cells, &coded.bins);
        Split { column, cut, missing_left, missing_seen: missing.is_some(), gain }
    }
}

fn levels<M>(cells: &[(u16, M)]) -> Vec<u16> {
    let mut levels: Vec<u16> = cells.iter().map(|cell| cell.0).collect();
    levels.sort_unstable();
    levels
}

/// Where the bins, in their order, are best parted: `gain` says what is won by a left and a right part, and is told
/// whether there are known values in both. Rows without a value are tried on either side, and against all others; where
/// there are none, a later one will go to the heavier side.
pub(in crate::churn) fn best_place<M: Part>(
    cells: &[(u16, M)],
    missing: Option<M>,
    total: M,
    gain: impl Fn(M, M, bool) -> Option<f64>,
) -> Option<Place> {
    let (mut best, mut left) = (None, M::default());
    let mut offer = |at: usize, left: M, missing_left: bool| {
        let Some(gain) = gain(left, total.minus(left), at < cells.len()) else { return };
        if best.as_ref().is_none_or(|best: &Place| gain > best.gain) {
            best = Some(Place { gain, left: at, missing_left });
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
            None => offer(at, left, left.size() >= total.minus(left).size()),
        }
    }
    best
}
