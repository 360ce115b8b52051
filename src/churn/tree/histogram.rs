//! How much of which outcome is in each bin.

/// Examples, added up.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Mass {
    pub(super) weight: f64,
    /// The weight of those who churned, at most `weight`.
    pub(super) churned: f64,
    pub(super) rows: u32,
}

impl Mass {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            churned: self.churned + other.churned,
            rows: self.rows + other.rows,
        }
    }

    /// What is left without a part; rounding leaves no less than nothing.
    pub(super) fn minus(self, part: Self) -> Self {
        let weight = (self.weight - part.weight).max(0.0);
        Self {
            weight,
            churned: (self.churned - part.churned).clamp(0.0, weight),
            rows: self.rows - part.rows,
        }
    }

    pub(super) fn share(self) -> f64 {
        // Of no weight there is no share.
        if self.weight > 0.0 { self.churned / self.weight } else { 0.0 }
    }
}

/// A mass for each bin, and which bins have any: a few rows are read back without a walk over all bins.
pub(super) struct Histogram {
    cells: Vec<Mass>,
    /// A bit for each cell.
    used: Vec<u64>,
    /// A bit for each of `used`.
    pages: Vec<u64>,
}

impl Histogram {
    pub(super) fn new(bins: usize) -> Self {
        let words = bins / 64 + 1;
        Self {
            cells: vec![Mass::default(); words * 64],
            used: vec![0; words],
            pages: vec![0; words / 64 + 1],
        }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, bin: u16, weight: f64, churned: f64) {
        let bin = bin as usize;
        let cell = &mut self.cells[bin];
        if cell.rows == 0 {
            self.used[bin / 64] |= 1 << (bin % 64);
            self.pages[bin / 4096] |= 1 << (bin / 64 % 64);
        }
        cell.weight += weight;
        cell.churned += churned;
        cell.rows += 1;
    }

    /// Moves what is in the bins to a list, ascending.
    pub(super) fn drain(&mut self, to: &mut Vec<(u16, Mass)>) {
        to.clear();
        for (page, words) in self.pages.iter_mut().enumerate() {
            while let Some(word) = next(words) {
                let word = page * 64 + word;
                while let Some(bit) = next(&mut self.used[word]) {
                    let bin = word * 64 + bit;
                    to.push((bin as u16, std::mem::take(&mut self.cells[bin])));
                }
            }
        }
    }
}

/// The lowest bit set, which is cleared.
fn next(bits: &mut u64) -> Option<usize> {
    let place = (*bits != 0).then(|| bits.trailing_zeros() as usize)?;
    *bits &= *bits - 1;
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_read_ascending_and_left_empty() {
        let (mut histogram, mut cells) = (Histogram::new(u16::MAX as usize), Vec::new());
        for round in 0..2 {
            let bins = [0_u16, 65_535, 64, 63, 4096, 64, 40_000].map(|bin| bin.saturating_sub(round));
            for bin in bins {
                histogram.add(bin, 2.0, 1.0);
            }
            histogram.drain(&mut cells);
            let mut sorted = bins.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(cells.iter().map(|cell| cell.0).collect::<Vec<_>>(), sorted);
            assert_eq!(cells.iter().map(|cell| cell.1.rows).sum::<u32>(), 7);
            assert!((cells.iter().map(|cell| cell.1.weight).sum::<f64>() - 14.0).abs() < 1e-12);
        }
    }
}
