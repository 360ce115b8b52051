//! The fitted scheme: cut points of the three dimensions.

use super::{
    cut::{Cut, Good, score, tally},
    dimension::{Amounts, Columns, Dimension, codes},
    learn::learn,
    scheme::Scheme,
    scores::Scores,
};
use crate::{
    domain::{Currency, Day},
    error::Error,
    math::parallel::{BLOCK, column},
    model::{Readiness, Ties},
    summary::Summaries,
};

/// Cut points learned by a [`Scheme`], with all that is needed to score other customers by them.
///
/// No customer is in here. With the feature `serde` the cuts are saved with a schema version, and a file
/// of a newer one is refused.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct Cuts {
    pub(super) scheme: Scheme,
    pub(super) as_of: Day,
    pub(super) currency: Currency,
    pub(super) customers: u64,
    pub(super) points: [CutPoints; 3],
}

/// The cut points of one dimension, and how the customers they were learned from lie between them.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CutPoints {
    pub(super) cuts: Vec<Cut>,
    pub(super) counts: Vec<u64>,
}

impl CutPoints {
    /// The cuts, ascending; one fewer than there are levels. Neighbours are equal where many customers
    /// have one value.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// The cuts as numbers: days (R), counts (F) or minor units (M).
    pub fn values(&self) -> impl ExactSizeIterator<Item = f64> {
        self.cuts.iter().map(|cut| cut.value())
    }

    /// Of the customers the cuts were learned from, how many have score 1, 2, and so on.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The same as shares of 1; all 0 if there were no customers.
    pub fn shares(&self) -> Vec<f64> {
        shares(&self.counts)
    }

    /// How many levels hold a customer: fewer than asked for where values are tied.
    pub fn effective_levels(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }
}

/// Counts as shares of their sum; all 0 if the sum is.
pub(super) fn shares(counts: &[u64]) -> Vec<f64> {
    let sum: u64 = counts.iter().sum();
    counts.iter().map(|&count| count as f64 / sum.max(1) as f64).collect()
}

/// The scheme has been checked.
pub(super) fn fit(scheme: &Scheme, people: &Summaries) -> Result<Cuts, Error> {
    if !scheme.is_fixed() {
        people.require_rows()?;
    }
    let columns = Columns::of(people, scheme)?;
    let cuts = learn(scheme, &columns, people.currency())?;
    let scores = score_all(cuts.each_ref().map(Vec::as_slice), scheme.ties, &columns).into_iter();
    let mut counts = scores.map(|scores| tally(&scores, scheme.levels()));
    Ok(Cuts {
        scheme: scheme.clone(),
        as_of: people.as_of(),
        currency: people.currency(),
        customers: people.len() as u64,
        points: cuts.map(|cuts| CutPoints { cuts, counts: counts.next().unwrap_or_default() }),
    })
}

impl Cuts {
    /// Scores customers: those the cuts were learned from, or others, or the same ones on another day.
    ///
    /// # Errors
    /// If their currency is another, or if M is the margin and a customer's is unknown.
    pub fn score(&self, people: &Summaries) -> Result<Scores, Error> {
        self.currency.require(people.currency())?;
        let columns = Columns::of(people, &self.scheme)?;
        let cuts = self.points.each_ref().map(|points| points.cuts.as_slice());
        let scores = score_all(cuts, self.scheme.ties, &columns);
        Ok(Scores::new(self.clone(), people, scores, columns))
    }

    /// The scheme that was fitted.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The number of levels, and so the best score.
    pub fn levels(&self) -> u8 {
        self.scheme.levels()
    }

    /// The day as of which the cuts were learned.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of the monetary cuts.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How many customers the cuts were learned from.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The cut points of one dimension.
    pub fn of(&self, dimension: Dimension) -> &CutPoints {
        &self.points[dimension as usize]
    }

    /// What the cuts are worth, by the number of customers they were learned from.
    pub fn readiness(&self) -> Readiness {
        self.scheme.readiness(self.customers)
    }
}

/// The scores of each dimension.
fn score_all([r, f, m]: [&[Cut]; 3], ties: Ties, columns: &Columns<'_>) -> [Vec<u8>; 3] {
    // Split ties are dealt in the order of all customers, so those are one block.
    let size = if ties == Ties::Split { columns.len() } else { BLOCK };
    let recency = column(columns.len(), size, |rows, scores| {
        score(scores, columns.block(rows).idle_days(), r, Good::Low, ties);
    });
    let frequency = column(columns.len(), size, |rows, scores| {
        score(scores, columns.block(rows).frequencies(), f, Good::High, ties);
    });
    let monetary = column(columns.len(), size, |rows, scores| match &columns.block(rows).monetary {
        Amounts::Whole(column) => score(scores, column.iter().copied(), m, Good::High, ties),
        Amounts::Mean(column) => score(scores, codes(column), m, Good::High, ties),
    });
    [recency, frequency, monetary]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::{
        domain::Money,
        rfm::{
            FixedCuts, Monetary,
            fixture::{Row, numbered},
        },
    };

    const SOME: [Row; 12] = [
        (0, 1, 1000),
        (3, 2, 2550),
        (3, 1, 999),
        (10, 5, 12_000),
        (21, 1, 500),
        (34, 1, 500),
        (34, 3, 7001),
        (55, 1, 500),
        (89, 2, 1500),
        (144, 8, 30_303),
        (233, 1, -250),
        (300, 1, 0),
    ];

    fn found(scheme: &Scheme, rows: &[Row]) -> [Vec<u8>; 3] {
        let people = numbered(rows);
        let scores = scheme.fit(&people).unwrap().score(&people).unwrap();
        Dimension::ALL.map(|dimension| scores.column(dimension).to_vec())
    }

    // numpy 2.4, pandas 3.1, a column at a time: q = np.quantile(x, [k / levels ...]), then
    // levels - np.searchsorted(q, x, "left") for idle days and 1 + np.searchsorted(q, x, "left") for the others.
    #[test]
    fn quantiles_agree_with_numpy() {
        for (levels, known) in [
            (
                3,
                [
                    [3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1],
                    [1, 2, 1, 3, 1, 1, 3, 1, 2, 3, 1, 1],
                    [2, 3, 2, 3, 1, 1, 3, 1, 2, 3, 1, 1],
                ],
            ),
            (
                5,
                [
                    [5, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1],
                    [1, 4, 1, 5, 1, 1, 5, 1, 4, 5, 1, 1],
                    [3, 4, 3, 5, 1, 1, 5, 1, 4, 5, 1, 1],
                ],
            ),
            (
                10,
                [
                    [10, 10, 10, 8, 7, 6, 6, 4, 3, 2, 1, 1],
                    [1, 7, 1, 10, 1, 1, 9, 1, 7, 10, 1, 1],
                    [6, 8, 5, 10, 2, 2, 9, 2, 7, 10, 1, 1],
                ],
            ),
        ] {
            assert_eq!(found(&Scheme::quantiles(levels), &SOME), known, "{levels} levels");
        }
    }

    #[test]
    fn the_other_tie_side_agrees_with_numpy() {
        // The same with np.searchsorted(q, x, "right").
        let known = [
            [5, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1],
            [3, 4, 3, 5, 3, 3, 5, 3, 4, 5, 3, 3],
            [3, 4, 3, 5, 2, 2, 5, 2, 4, 5, 1, 1],
        ];
        assert_eq!(found(&Scheme::fifths().ties(Ties::Upper), &SOME), known);
    }

    #[test]
    fn the_mean_per_order_agrees_with_pandas() {
        // pd.qcut(total / orders, 5, labels=False) + 1
        let mean = Scheme::fifths().monetary(Monetary::MeanPerOrder);
        assert_eq!(found(&mean, &SOME)[2], [4, 4, 3, 5, 1, 1, 5, 1, 3, 5, 1, 1]);
    }

    #[test]
    fn ranks_agree_with_ntile() {
        // A stable sort by (idle descending | value ascending), dealt into 5 groups, the larger ones first.
        let known = [
            [5, 4, 5, 4, 3, 2, 3, 2, 2, 1, 1, 1],
            [1, 3, 1, 5, 1, 2, 4, 2, 4, 5, 2, 3],
            [3, 4, 2, 5, 1, 2, 4, 2, 3, 5, 1, 1],
        ];
        assert_eq!(found(&Scheme::ranks(5), &SOME), known);
    }

    #[test]
    fn ranks_of_distinct_values_are_the_same_by_every_tie_rule() {
        let rows: Vec<Row> =
            (0..23_u8).map(|i| (i32::from(i) * 7 % 23, 1 + u32::from(i), i64::from(i) * 11 % 23)).collect();
        for levels in [2, 5, 10] {
            let dealt = found(&Scheme::ranks(levels), &rows);
            for ties in [Ties::Lower, Ties::Upper] {
                assert_eq!(found(&Scheme::ranks(levels).ties(ties), &rows), dealt, "{levels} {ties:?}");
            }
            for column in dealt {
                let sizes = tally(&column, levels);
                assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
            }
        }
    }

    #[test]
    fn fewer_customers_than_levels_are_no_trouble() {
        for count in 1..5_u8 {
            let rows: Vec<Row> =
                (0..count).map(|i| (i.into(), 5 - u32::from(i), 500 - i64::from(i))).collect();
            for ties in [Ties::Lower, Ties::Upper, Ties::Split] {
                // The first `count` groups hold one customer each.
                let known: Vec<u8> = (1..=count).rev().collect();
                assert_eq!(found(&Scheme::ranks(10).ties(ties), &rows), [(); 3].map(|()| known.clone()));
            }
            assert!(found(&Scheme::fifths(), &rows).iter().flatten().all(|score| (1..=5).contains(score)));
        }
    }

    #[test]
    fn the_answer_states_its_cuts_and_how_many_levels_are_in_use() {
        let cuts = Scheme::fifths().fit(&numbered(&SOME)).unwrap();
        // np.quantile(orders, [.2, .4, .6, .8])
        let found: Vec<f64> = cuts.of(Dimension::Frequency).values().collect();
        for (found, known) in found.iter().zip([1.0, 1.0, 1.6, 2.8]) {
            assert!((found - known).abs() < 1e-12);
        }
        assert_eq!(cuts.of(Dimension::Frequency).counts(), [7, 0, 0, 2, 3]);
        assert_eq!(cuts.of(Dimension::Frequency).effective_levels(), 3);
        assert_eq!(cuts.of(Dimension::Recency).effective_levels(), 5);
        assert!(cuts.readiness().is_refused());
    }

    #[test]
    fn fixed_cuts_need_no_customers_and_keep_their_currency() {
        let fixed = |currency| {
            Scheme::fixed(FixedCuts {
                idle_days: vec![30, 90],
                frequency: vec![1, 2],
                monetary: [1000, 2000].map(|minor| Money::of_minor(minor, currency)).to_vec(),
            })
        };
        let cuts = fixed(Currency::USD).fit(&numbered(&[])).unwrap();
        assert!(cuts.readiness().is_ready());
        assert!(cuts.score(&numbered(&[])).unwrap().is_empty());
        let scores = cuts.score(&numbered(&SOME)).unwrap();
        let known = [3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1];
        assert_eq!(scores.column(Dimension::Recency), known);
        assert_eq!(scores.column(Dimension::Monetary), [1, 3, 1, 3, 1, 1, 3, 1, 2, 3, 1, 1]);
        assert!(fixed(Currency::EUR).fit(&numbered(&SOME)).is_err());
        assert!(Scheme::fifths().fit(&numbered(&[])).unwrap_err().is_empty());
        let mean = fixed(Currency::USD).monetary(Monetary::MeanPerOrder);
        assert_eq!(found(&mean, &SOME)[2], [1, 2, 1, 3, 1, 1, 3, 1, 1, 3, 1, 1]);
    }

    #[test]
    fn a_margin_that_is_not_known_is_refused() {
        let error = Scheme::fifths().monetary(Monetary::Margin).fit(&numbered(&SOME)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "monetary: `margin, unknown for 12 of 12 customers` needs the cost of every row"
        );
    }

    #[test]
    fn cuts_score_other_customers_by_the_same_values() {
        let cuts = Scheme::fifths().fit(&numbered(&SOME)).unwrap();
        let scores = cuts.score(&numbered(&[(26, 2, 1300), (27, 3, 1301), (0, 9, 99_999)])).unwrap();
        let cells: Vec<String> = scores.cells().map(|cell| cell.to_string()).collect();
        // idle cuts 4.4, 26.2, 46.6, 133; orders 1, 1, 1.6, 2.8; totals 500, 699.6, 1300, 6110.8
        assert_eq!(cells, ["443", "354", "555"]);
    }

    /// By the formula in whole numbers, from a full sort: 1 + the number of cuts strictly below.
    fn naive(values: &[i64], levels: u8) -> Vec<u8> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let (last, parts) = (sorted.len() - 1, usize::from(levels));
        // levels * cut, so that nothing is rounded.
        let cut = |k: usize| {
            let (rank, step) = (last * k / parts, i64::try_from(last * k % parts).unwrap());
            sorted[rank] * (i64::from(levels) - step) + sorted[(rank + 1).min(last)] * step
        };
        let below = |value: i64| (1..parts).filter(|&k| cut(k) < value * i64::from(levels)).count();
        values.iter().map(|&value| 1 + below(value) as u8).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn quantiles_agree_with_the_formula(
            rows in prop::collection::vec((0..400_i32, 1..6_u32, -500..500_i64), 1..60),
            levels in 2..=10_u8,
        ) {
            let [recency, frequency, monetary] = found(&Scheme::quantiles(levels), &rows);
            let column = |of: fn(&Row) -> i64| naive(&rows.iter().map(of).collect::<Vec<_>>(), levels);
            let idle = column(|row| row.0.into()).into_iter().map(|score| levels + 1 - score);
            prop_assert_eq!(recency, idle.collect::<Vec<_>>());
            prop_assert_eq!(frequency, column(|row| row.1.into()));
            prop_assert_eq!(monetary, column(|row| row.2));
        }

        #[test]
        fn ranks_make_groups_of_equal_size(
            rows in prop::collection::vec((0..9_i32, 1..4_u32, -5..5_i64), 1..60),
            levels in 2..=10_u8,
        ) {
            for column in found(&Scheme::ranks(levels), &rows) {
                let sizes = tally(&column, levels);
                let groups = usize::from(levels);
                let even = |level: usize| rows.len() / groups + usize::from(level < rows.len() % groups);
                prop_assert_eq!(sizes, (0..groups).map(|level| even(level) as u64).collect::<Vec<_>>());
            }
        }

        #[test]
        fn better_values_never_score_worse(
            rows in prop::collection::vec((0..99_i32, 1..6_u32, -99..99_i64), 2..40),
            upper in any::<bool>(),
        ) {
            let ties = if upper { Ties::Upper } else { Ties::Lower };
            let [recency, frequency, monetary] = found(&Scheme::fifths().ties(ties), &rows);
            for (a, b) in (0..rows.len()).flat_map(|a| (0..rows.len()).map(move |b| (a, b))) {
                prop_assert!(rows[a].0 > rows[b].0 || recency[a] >= recency[b]);
                prop_assert!(rows[a].1 < rows[b].1 || frequency[a] >= frequency[b]);
                prop_assert!(rows[a].2 < rows[b].2 || monetary[a] >= monetary[b]);
            }
        }
    }
}
