//! A cell of the grid: one score for each dimension.

use std::{fmt, str::FromStr};

use crate::error::Error;

/// The three scores of a customer, each from 1 (worst) to the number of levels (best), at most 10.
///
/// Printed and read as its code: `543`, or `10-9-3` where a score has two digits.
///
/// # Example
/// ```
/// use patronage::rfm::Cell;
///
/// let cell: Cell = "543".parse()?;
/// assert_eq!((cell.recency(), cell.frequency(), cell.monetary()), (5, 4, 3));
/// assert_eq!(Cell::new(10, 9, 3)?.to_string(), "10-9-3");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    r: u8,
    f: u8,
    m: u8,
}

pub(super) const MOST_LEVELS: u8 = 10;

impl Cell {
    /// A cell by its scores.
    ///
    /// # Errors
    /// If a score is not from 1 to 10.
    pub fn new(recency: u8, frequency: u8, monetary: u8) -> Result<Self, Error> {
        for score in [recency, frequency, monetary] {
            if !(1..=MOST_LEVELS).contains(&score) {
                return Err(Error::parameter("score", score, "must be from 1 to 10"));
            }
        }
        Ok(Self::of(recency, frequency, monetary))
    }

    /// Of scores that are in range.
    pub(super) const fn of(r: u8, f: u8, m: u8) -> Self {
        Self { r, f, m }
    }

    /// The score for recency.
    pub const fn recency(self) -> u8 {
        self.r
    }

    /// The score for frequency.
    pub const fn frequency(self) -> u8 {
        self.f
    }

    /// The score for monetary value.
    pub const fn monetary(self) -> u8 {
        self.m
    }

    /// Every cell of a grid, from the best code down: 555, 554 ... 111.
    pub(super) fn all(levels: u8) -> impl Iterator<Item = Self> {
        let down = move || (1..=levels).rev();
        down().flat_map(move |r| down().flat_map(move |f| down().map(move |m| Self::of(r, f, m))))
    }

    /// The place of the cell in a dense table over `levels` levels, if it has one there.
    pub(super) fn place(self, levels: u8) -> Option<usize> {
        let fits = |score: u8| (1..=levels).contains(&score);
        (fits(self.r) && fits(self.f) && fits(self.m)).then(|| self.place_within(levels))
    }

    /// The same for a cell that is known to fit.
    pub(super) fn place_within(self, levels: u8) -> usize {
        let [r, f, m] = [self.r, self.f, self.m].map(|score| usize::from(score) - 1);
        (r * usize::from(levels) + f) * usize::from(levels) + m
    }
}

impl FromStr for Cell {
    type Err = Error;

    /// Reads three digits, or three numbers with dashes between them.
    ///
    /// # Errors
    /// If the text has another form or a score is not from 1 to 10.
    fn from_str(code: &str) -> Result<Self, Error> {
        let refused = || Error::parameter("cell", code, "is not a code like 543 or 10-9-3");
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| byte - b'0');
        let scores: Option<Vec<u8>> = if code.contains('-') {
            code.split('-').map(|part| part.parse().ok()).collect()
        } else {
            code.as_bytes().iter().map(digit).collect()
        };
        match scores.as_deref() {
            Some(&[r, f, m]) => Self::new(r, f, m).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { r, f: often, m } = self;
        if (*r).max(*often).max(*m) < 10 { write!(f, "{r}{often}{m}") } else { write!(f, "{r}-{often}-{m}") }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_as_it_prints() {
        for levels in [2, 5, 10] {
            let mut places = vec![false; usize::from(levels).pow(3)];
            for cell in Cell::all(levels) {
                assert_eq!(cell.to_string().parse::<Cell>().unwrap(), cell);
                places[cell.place(levels).unwrap()] = true;
            }
            assert!(places.iter().all(|&met| met));
        }
        assert_eq!(Cell::of(5, 5, 6).place(5), None);
    }

    #[test]
    fn malformed_codes_are_refused() {
        for code in ["", "55", "5555", "055", "5a5", "5-5", "5-5-5-5", "11-1-1", "--", "５５５", "0-1-1"] {
            assert!(code.parse::<Cell>().is_err(), "{code}");
        }
    }
}
