//! Segment maps in use, as data.

use super::segment_map::{MapBuilder, SegmentMap};

/// All 125 cells, in 11 segments.
const STANDARD: [(&str, &str); 11] = [
    ("Champions", "555 554 544 545 454 455 445"),
    ("Loyal", "543 444 435 355 354 345 344 335"),
    (
        "Potential Loyalist",
        "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323",
    ),
    ("New", "512 511 422 421 412 411 311"),
    ("Promising", "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313"),
    ("Need Attention", "535 534 443 434 343 334 325 324"),
    ("About To Sleep", "331 321 312 221 213 231 241 251"),
    ("At Risk", "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124"),
    ("Cannot Lose", "155 154 144 214 215 115 114 113"),
    ("Hibernating", "332 322 233 232 223 222 132 123 122 212 211"),
    ("Lost", "111 112 121 131 141 151"),
];

impl SegmentMap {
    /// The map of 11 segments over all 125 cells that is commonly used: the default choice.
    ///
    /// Codes are R, F, M, from 1 (worst) to 5 (best).
    ///
    /// | segment | cells |
    /// |---|---|
    /// | Champions | 555 554 544 545 454 455 445 |
    /// | Loyal | 543 444 435 355 354 345 344 335 |
    /// | Potential Loyalist | 553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323 |
    /// | New | 512 511 422 421 412 411 311 |
    /// | Promising | 525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313 |
    /// | Need Attention | 535 534 443 434 343 334 325 324 |
    /// | About To Sleep | 331 321 312 221 213 231 241 251 |
    /// | At Risk | 255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124 |
    /// | Cannot Lose | 155 154 144 214 215 115 114 113 |
    /// | Hibernating | 332 322 233 232 223 222 132 123 122 212 211 |
    /// | Lost | 111 112 121 131 141 151 |
    pub fn standard() -> Self {
        let builder = Self::builder(5);
        preset(STANDARD.into_iter().fold(builder, |builder, (name, codes)| builder.cells(name, codes)))
    }

    /// The map of 10 segments over recency and frequency; monetary value is ignored.
    ///
    /// | | F 1 | F 2 | F 3 | F 4 | F 5 |
    /// |---|---|---|---|---|---|
    /// | **R 5** | New | Potential Loyalist | Potential Loyalist | Champions | Champions |
    /// | **R 4** | Promising | Potential Loyalist | Potential Loyalist | Loyal | Loyal |
    /// | **R 3** | About To Sleep | About To Sleep | Need Attention | Loyal | Loyal |
    /// | **R 2** | Hibernating | Hibernating | At Risk | At Risk | Cannot Lose |
    /// | **R 1** | Hibernating | Hibernating | At Risk | At Risk | Cannot Lose |
    pub fn recency_frequency() -> Self {
        preset(
            Self::builder(5)
                .block("Champions", 5..=5, 4..=5, 1..=5)
                .block("Loyal", 3..=4, 4..=5, 1..=5)
                .block("Potential Loyalist", 4..=5, 2..=3, 1..=5)
                .block("New", 5..=5, 1..=1, 1..=5)
                .block("Promising", 4..=4, 1..=1, 1..=5)
                .block("Need Attention", 3..=3, 3..=3, 1..=5)
                .block("About To Sleep", 3..=3, 1..=2, 1..=5)
                .block("At Risk", 1..=2, 3..=4, 1..=5)
                .block("Cannot Lose", 1..=2, 5..=5, 1..=5)
                .block("Hibernating", 1..=2, 1..=2, 1..=5),
        )
    }

    /// The four segments of the common guide, completed to all cells.
    ///
    /// High is 4 or 5, low is 1 to 3. The guide defines four of the eight combinations; the other four
    /// are completed by recency: who still comes may become loyal, who does not is at risk.
    ///
    /// | R | F | M | segment | |
    /// |---|---|---|---|---|
    /// | high | high | high | VIP | as in the guide |
    /// | low | high | high | Loyal | as in the guide |
    /// | high | low | high | Potential Loyalist | as in the guide |
    /// | low | low | low | Churn Risk | as in the guide |
    /// | high | high | low | Potential Loyalist | completed |
    /// | high | low | low | Potential Loyalist | completed |
    /// | low | high | low | Churn Risk | completed |
    /// | low | low | high | Churn Risk | completed |
    pub fn four() -> Self {
        preset(
            Self::builder(5)
                .block("VIP", 4..=5, 4..=5, 4..=5)
                .block("Loyal", 1..=3, 4..=5, 4..=5)
                .block("Potential Loyalist", 4..=5, 1..=3, 1..=5)
                .block("Potential Loyalist", 4..=5, 4..=5, 1..=3)
                .block("Churn Risk", 1..=3, 1..=3, 1..=5)
                .block("Churn Risk", 1..=3, 4..=5, 1..=3),
        )
    }

    /// Three tiers of value by frequency, completed to all cells; recency is ignored.
    ///
    /// The two ends are as their names say; whoever is at neither end is in the middle.
    ///
    /// | | M 1 | M 2 | M 3 | M 4 | M 5 |
    /// |---|---|---|---|---|---|
    /// | **F 5** | Medium | Medium | Medium | High | High |
    /// | **F 4** | Medium | Medium | Medium | High | High |
    /// | **F 3** | Medium | Medium | Medium | Medium | Medium |
    /// | **F 2** | Low | Low | Medium | Medium | Medium |
    /// | **F 1** | Low | Low | Medium | Medium | Medium |
    ///
    /// High is "High-Value Regulars", Medium "Medium-Value Occasionals", Low "Low-Value One-Timers".
    pub fn three_tiers() -> Self {
        preset(
            Self::builder(5)
                .block("High-Value Regulars", 1..=5, 4..=5, 4..=5)
                .block("Medium-Value Occasionals", 1..=5, 4..=5, 1..=3)
                .block("Medium-Value Occasionals", 1..=5, 3..=3, 1..=5)
                .block("Medium-Value Occasionals", 1..=5, 1..=2, 3..=5)
                .block("Low-Value One-Timers", 1..=5, 1..=2, 1..=2),
        )
    }
}

/// The presets are proven by the tests below.
fn preset(builder: MapBuilder) -> SegmentMap {
    let (map, faults) = builder.assemble();
    debug_assert!(faults.is_empty(), "{faults:?}");
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(map: &SegmentMap) -> Vec<&str> {
        map.segments().iter().map(|segment| segment.name.as_str()).collect()
    }

    fn presets() -> [SegmentMap; 4] {
        [
            SegmentMap::standard(),
            SegmentMap::recency_frequency(),
            SegmentMap::four(),
            SegmentMap::three_tiers(),
        ]
    }

    /// The segment of each cell, by a rule written in another way than the preset.
    fn check(map: &SegmentMap, rule: impl Fn(u8, u8, u8) -> &'static str) {
        assert_eq!(map.iter().count(), 125);
        for (cell, name) in map.iter() {
            assert_eq!(name, rule(cell.recency(), cell.frequency(), cell.monetary()), "{cell}");
        }
    }

    #[test]
    fn every_preset_is_a_partition_with_every_name_reachable() {
        for map in presets() {
            let rebuilt = map
                .segments()
                .iter()
                .fold(SegmentMap::builder(5), |builder, segment| builder.cells(&segment.name, &segment.rule));
            assert_eq!(rebuilt.build().unwrap(), map);
        }
    }

    #[test]
    fn the_standard_map_has_the_sizes_of_its_table() {
        let map = SegmentMap::standard();
        let count = |name| map.iter().filter(|&(_, found)| found == name).count();
        let sizes = [7, 8, 24, 7, 16, 8, 8, 22, 8, 11, 6];
        assert_eq!(names(&map).into_iter().map(count).collect::<Vec<_>>(), sizes);
        assert_eq!(sizes.iter().sum::<usize>(), 125);
        for (cell, name) in [("555", "Champions"), ("111", "Lost"), ("155", "Cannot Lose"), ("311", "New")] {
            assert_eq!(map.name_of(cell.parse().unwrap()), Some(name));
        }
    }

    #[test]
    fn recency_by_frequency_is_as_its_table() {
        const ROWS: [[&str; 5]; 5] = [
            ["Hibernating", "Hibernating", "At Risk", "At Risk", "Cannot Lose"],
            ["Hibernating", "Hibernating", "At Risk", "At Risk", "Cannot Lose"],
            ["About To Sleep", "About To Sleep", "Need Attention", "Loyal", "Loyal"],
            ["Promising", "Potential Loyalist", "Potential Loyalist", "Loyal", "Loyal"],
            ["New", "Potential Loyalist", "Potential Loyalist", "Champions", "Champions"],
        ];
        check(&SegmentMap::recency_frequency(), |r, f, _| ROWS[usize::from(r) - 1][usize::from(f) - 1]);
    }

    #[test]
    fn the_four_are_the_guides_and_completed_by_recency() {
        check(&SegmentMap::four(), |r, f, m| match (r > 3, f > 3, m > 3) {
            (true, true, true) => "VIP",
            (false, true, true) => "Loyal",
            (true, ..) => "Potential Loyalist",
            (false, ..) => "Churn Risk",
        });
    }

    #[test]
    fn the_middle_tier_is_whoever_is_at_neither_end() {
        check(&SegmentMap::three_tiers(), |_, f, m| match (f, m) {
            (4.., 4..) => "High-Value Regulars",
            (..=2, ..=2) => "Low-Value One-Timers",
            _ => "Medium-Value Occasionals",
        });
        assert_eq!(names(&SegmentMap::three_tiers())[2], "Low-Value One-Timers");
    }
}
