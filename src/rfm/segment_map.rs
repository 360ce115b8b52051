//! Which name each cell has.

use std::{fmt::Write, ops::RangeInclusive};

use super::{
    cell::{Cell, MOST_LEVELS},
    scores::Scores,
};
use crate::{
    error::{Error, ErrorKind},
    math::parallel::{BLOCK, column},
    model::{Assignment, Segment},
};

/// A name for every cell of a grid of scores: a partition, proven when it is built.
///
/// Every cell has one name and no more, and every name has a cell. The presets are
/// [`standard`](Self::standard), [`recency_frequency`](Self::recency_frequency), [`four`](Self::four) and
/// [`three_tiers`](Self::three_tiers), all over five levels; a host's own is built with
/// [`SegmentMap::builder`] over 2 to 10.
///
/// # Example
/// ```
/// use patronage::rfm::{Cell, SegmentMap};
///
/// let map = SegmentMap::builder(3)
///     .block("Best", 3..=3, 2..=3, 2..=3)
///     .cells("Watch", "133 132 123")
///     .rest("Others")
///     .build()?;
/// assert_eq!(map.name_of("323".parse::<Cell>()?), Some("Best"));
///
/// let error = SegmentMap::builder(2).cells("Good", "222 221 212 2x1").cells("Bad", "111 222").build();
/// assert_eq!(
///     error.unwrap_err().to_string(),
///     "segment map: `Good`: malformed cell `2x1`; \
///      cell 222 is named twice: `Good` and `Bad`; \
///      cells without a name: 211 122 121 112"
/// );
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "Saved", try_from = "Saved"))]
pub struct SegmentMap {
    levels: u8,
    segments: Vec<Segment>,
    /// For each place of the grid the number of its segment.
    table: Vec<u16>,
}

/// Collects the names of cells, and proves them a partition in [`MapBuilder::build`].
#[derive(Clone, Debug)]
pub struct MapBuilder {
    levels: u8,
    names: Vec<String>,
    /// For each place of the grid the first name it was given.
    table: Vec<Option<u16>>,
    faults: Vec<String>,
}

impl SegmentMap {
    /// Starts a map over so many levels, 2 to 10.
    pub fn builder(levels: u8) -> MapBuilder {
        MapBuilder::new(levels)
    }

    /// The number of levels of the grid.
    pub fn levels(&self) -> u8 {
        self.levels
    }

    /// The segments in the order in which they were named; the rule of each lists its cells.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The name of a cell, or `None` if the grid has no such cell.
    pub fn name_of(&self, cell: Cell) -> Option<&str> {
        let number = self.table[cell.place(self.levels)?];
        Some(&self.segments[usize::from(number)].name)
    }

    /// Every cell with its name, from the best code down.
    pub fn iter(&self) -> impl Iterator<Item = (Cell, &str)> {
        Cell::all(self.levels).filter_map(|cell| Some((cell, self.name_of(cell)?)))
    }

    /// Names every customer's cell.
    ///
    /// # Errors
    /// If the scores have another number of levels than the map.
    pub fn name(&self, scores: &Scores) -> Result<Assignment, Error> {
        self.require_levels(scores)?;
        let index = column(scores.len(), BLOCK, |rows, index| {
            for (number, cell) in index.iter_mut().zip(scores.cells_of(rows)) {
                *number = self.table[cell.place_within(self.levels)];
            }
        });
        let customers = scores.customers().clone();
        Ok(Assignment::of_valid(scores.as_of(), customers, self.segments.clone(), index))
    }

    /// # Errors
    /// If the scores have another number of levels than the map.
    pub(super) fn require_levels(&self, scores: &Scores) -> Result<(), Error> {
        if scores.levels() == self.levels {
            return Ok(());
        }
        let found = format!("{} of the scores, {} of the map", scores.levels(), self.levels);
        Err(Error::parameter("levels", found, "must be the same"))
    }
}

impl MapBuilder {
    fn new(levels: u8) -> Self {
        let size = usize::from(levels.min(MOST_LEVELS)).pow(3);
        let mut faults = Vec::new();
        if !(2..=MOST_LEVELS).contains(&levels) {
            faults.push(format!("a grid has 2 to 10 levels, not {levels}"));
        }
        Self { levels: levels.min(MOST_LEVELS), names: Vec::new(), table: vec![None; size], faults }
    }

    /// Names the cells listed, with spaces between their codes: `"555 554 545"`. A name given before gets
    /// them in addition.
    #[must_use]
    pub fn cells(mut self, name: &str, codes: &str) -> Self {
        let number = self.number(name);
        for code in codes.split_whitespace() {
            match code.parse::<Cell>() {
                Ok(cell) => self.give(number, cell),
                Err(_) => self.faults.push(format!("`{name}`: malformed cell `{code}`")),
            }
        }
        self
    }

    /// Names all cells with these scores for recency, frequency and monetary value.
    #[must_use]
    pub fn block(
        mut self,
        name: &str,
        recency: RangeInclusive<u8>,
        frequency: RangeInclusive<u8>,
        monetary: RangeInclusive<u8>,
    ) -> Self {
        let number = self.number(name);
        for range in [&recency, &frequency, &monetary] {
            if *range.start() < 1 || *range.end() > self.levels {
                let (start, end, levels) = (range.start(), range.end(), self.levels);
                self.faults.push(format!("`{name}`: scores {start} to {end} are not within 1 to {levels}"));
            }
        }
        let within = |cell: &Cell| {
            recency.contains(&cell.recency())
                && frequency.contains(&cell.frequency())
                && monetary.contains(&cell.monetary())
        };
        for cell in Cell::all(self.levels).filter(within) {
            self.give(number, cell);
        }
        self
    }

    /// Names all cells that have no name yet.
    #[must_use]
    pub fn rest(mut self, name: &str) -> Self {
        let number = self.number(name);
        for slot in &mut self.table {
            slot.get_or_insert(number);
        }
        self
    }

    /// Proves the map.
    ///
    /// # Errors
    /// [`ErrorKind::Map`] with all faults at once: cells without a name, cells named twice with both
    /// names, names without a cell, malformed codes, cells outside the grid, a number of levels outside 2
    /// to 10.
    pub fn build(self) -> Result<SegmentMap, Error> {
        let (map, faults) = self.assemble();
        if faults.is_empty() { Ok(map) } else { Err(ErrorKind::Map { faults }.into()) }
    }

    /// The map, and all that keeps it from being a partition.
    pub(super) fn assemble(self) -> (SegmentMap, Vec<String>) {
        let Self { levels, names, table, mut faults } = self;
        let number_of = |cell: &Cell| cell.place(levels).and_then(|place| table[place]);
        let unnamed: Vec<Cell> = Cell::all(levels).filter(|cell| number_of(cell).is_none()).collect();
        if !unnamed.is_empty() {
            faults.push(format!("cells without a name: {}", codes(unnamed.into_iter())));
        }
        let mut segments = Vec::new();
        for (number, name) in names.into_iter().enumerate() {
            let mine = |cell: &Cell| number_of(cell).map(usize::from) == Some(number);
            let rule = codes(Cell::all(levels).filter(mine));
            if name.trim().is_empty() {
                faults.push("a name is empty".to_owned());
            }
            if rule.is_empty() {
                faults.push(format!("`{name}` has no cell"));
            }
            segments.push(Segment { name, rule });
        }
        let table = table.into_iter().map(Option::unwrap_or_default).collect();
        (SegmentMap { levels, segments, table }, faults)
    }

    /// The number of a name, new or known.
    fn number(&mut self, name: &str) -> u16 {
        let known = self.names.iter().position(|known| known == name);
        let number = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        // More names than cells are a fault anyway, and no grid has so many cells.
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    fn give(&mut self, number: u16, cell: Cell) {
        let name = &self.names[usize::from(number)];
        let Some(place) = cell.place(self.levels) else {
            let levels = self.levels;
            self.faults.push(format!("`{name}`: cell {cell} is not on a grid of {levels} levels"));
            return;
        };
        match self.table[place] {
            None => self.table[place] = Some(number),
            // The same cell twice under one name is no contradiction.
            Some(first) if first == number => {}
            Some(first) => {
                let first = &self.names[usize::from(first)];
                self.faults.push(format!("cell {cell} is named twice: `{first}` and `{name}`"));
            }
        }
    }
}

fn codes(cells: impl Iterator<Item = Cell>) -> String {
    let mut text = String::new();
    for cell in cells {
        let space = if text.is_empty() { "" } else { " " };
        // Writing to a string does not fail.
        let _ = write!(text, "{space}{cell}");
    }
    text
}

/// A map as it is saved: each name with its cells.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    levels: u8,
    segments: Vec<SavedSegment>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct SavedSegment {
    name: String,
    cells: String,
}

#[cfg(feature = "serde")]
impl From<SegmentMap> for Saved {
    fn from(map: SegmentMap) -> Self {
        let saved = |Segment { name, rule }| SavedSegment { name, cells: rule };
        Self { levels: map.levels, segments: map.segments.into_iter().map(saved).collect() }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for SegmentMap {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let builder = Self::builder(saved.levels);
        let name = |builder: MapBuilder, segment: &SavedSegment| builder.cells(&segment.name, &segment.cells);
        saved.segments.iter().fold(builder, name).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::{Scheme, fixture::named};

    fn faults(builder: MapBuilder) -> Vec<String> {
        match builder.build().unwrap_err().kind() {
            ErrorKind::Map { faults } => faults.clone(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn every_fault_is_listed() {
        let broken = SegmentMap::builder(2)
            .cells("A", "222 221 2222 21x 322")
            .block("B", 1..=2, 2..=2, 2..=3)
            .cells("C", "")
            .cells("", "111");
        assert_eq!(
            faults(broken),
            [
                "`A`: malformed cell `2222`",
                "`A`: malformed cell `21x`",
                "`A`: cell 322 is not on a grid of 2 levels",
                "`B`: scores 2 to 3 are not within 1 to 2",
                "cell 222 is named twice: `A` and `B`",
                "cells without a name: 212 211 121 112",
                "`C` has no cell",
                "a name is empty",
            ]
        );
        assert_eq!(
            faults(SegmentMap::builder(2).rest("A").rest("B")),
            ["`B` has no cell"],
            "the rest must not be empty"
        );
        for levels in [0, 1, 11, u8::MAX] {
            assert!(SegmentMap::builder(levels).rest("A").build().is_err(), "{levels}");
        }
        #[expect(clippy::reversed_empty_ranges)]
        let reversed = SegmentMap::builder(2).block("A", 2..=1, 1..=2, 1..=2).rest("B");
        assert_eq!(faults(reversed), ["`A` has no cell"]);
    }

    #[test]
    fn every_number_of_levels_has_a_map() {
        for levels in 2..=10 {
            let map = Cell::all(levels)
                .fold(SegmentMap::builder(levels), |builder, cell| {
                    builder.cells(&format!("is {cell}"), &cell.to_string())
                })
                .build()
                .unwrap();
            assert_eq!(map.segments().len(), usize::from(levels).pow(3));
            assert!(map.iter().all(|(cell, name)| name == format!("is {cell}")));
        }
    }

    #[test]
    fn customers_are_named_by_their_cells() {
        let people = named(&[("anna", (3, 4, 9000)), ("ben", (40, 1, 500)), ("cleo", (10, 2, 700))]);
        let scores = Scheme::quantiles(3).fit(&people).unwrap().score(&people).unwrap();
        let map = SegmentMap::builder(3).block("Best", 3..=3, 3..=3, 3..=3).rest("Others").build().unwrap();
        let named = map.name(&scores).unwrap();
        assert_eq!(named.of(&"anna".into()).unwrap(), "Best");
        assert_eq!(named.index(), [0, 1, 1]);
        assert_eq!(named.day(), Some(people.as_of()));
        assert!(SegmentMap::standard().name(&scores).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_map_that_is_read_is_proven_again() {
        let saved = serde_json::to_string(&SegmentMap::standard()).unwrap();
        assert_eq!(serde_json::from_str::<SegmentMap>(&saved).unwrap(), SegmentMap::standard());
        let error = serde_json::from_str::<SegmentMap>(&saved.replace("555 ", "")).unwrap_err();
        assert!(error.to_string().contains("cells without a name: 555"), "{error}");
    }
}
