//! How far two labellings of the same rows agree.

use crate::{
    cluster::{Labels, labels::NOISE},
    error::{Error, ErrorKind},
};

/// How far two labellings agree, whatever the numbers of the clusters: which clusters share how many rows.
///
/// Noise is a cluster of its own, as in scikit-learn. All answers are the same if the labellings change places.
///
/// # Example
/// ```
/// use patronage::cluster::{Agreement, Labels};
///
/// let of = |numbers: [usize; 6]| Labels::new(3, &numbers.map(Some));
/// let (a, b) = (of([0, 0, 0, 1, 1, 1])?, of([0, 0, 1, 1, 2, 2])?);
/// let agreement = Agreement::of(&a, &b)?;
/// assert!((agreement.adjusted_rand_index() - 0.242_424_242_424_242_4).abs() < 1e-15);
/// assert_eq!(Agreement::of(&a, &a)?.adjusted_mutual_information(), 1.0);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    rows: u64,
    /// Rows in each cluster of either labelling, and in none as the last.
    first: Vec<u64>,
    second: Vec<u64>,
    shared: Vec<Shared>,
}

/// Rows that a cluster of the first labelling shares with one of the second: at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shared {
    first: usize,
    second: usize,
    rows: u64,
}

impl Agreement {
    /// Compares two labellings.
    ///
    /// # Errors
    /// If they are not of the same number of rows, or of none.
    pub fn of(first: &Labels, second: &Labels) -> Result<Self, Error> {
        if first.len() != second.len() {
            let (expected, found) = (first.len(), second.len());
            return Err(ErrorKind::Length { what: "labels", expected, found }.into());
        }
        if first.is_empty() {
            return Err(ErrorKind::Empty { what: "labels" }.into());
        }
        let shared = shared(first, second);
        let (mut in_first, mut in_second) = (vec![0; first.clusters() + 1], vec![0; second.clusters() + 1]);
        for pair in &shared {
            in_first[pair.first] += pair.rows;
            in_second[pair.second] += pair.rows;
        }
        Ok(Self { rows: first.len() as u64, first: in_first, second: in_second, shared })
    }

    /// The share of pairs of rows on which both agree, that they are in one cluster or that they are not (Rand, 1971):
    /// from 0 to 1. It is 1 for a single row.
    pub fn rand_index(&self) -> f64 {
        let Pairs { all, first, second, both } = self.pairs();
        if all == 0 { 1.0 } else { (all + 2 * both - first - second) as f64 / all as f64 }
    }

    /// The Rand index adjusted for chance (Hubert & Arabie, 1985): 0 on average for labels at random, 1 if both are the
    /// same, and below 0 if they agree less than by chance.
    ///
    /// # Formula
    /// ```text
    /// ARI = (S - A B / N) / ((A + B) / 2 - A B / N)
    /// ```
    /// where of `N` pairs of rows `A` are in one cluster of the first, `B` of the second and `S` of both.
    pub fn adjusted_rand_index(&self) -> f64 {
        let Pairs { all, first, second, both } = self.pairs();
        // Below 2^126: pairs of fewer than 2^32 rows are fewer than 2^63.
        let most = first * (all - second) + second * (all - first);
        // Both put all rows together, or each by itself.
        if most == 0 {
            return 1.0;
        }
        2.0 * (both * all - first * second) as f64 / most as f64
    }

    fn pairs(&self) -> Pairs {
        let of = |rows: u64| i128::from(rows) * (i128::from(rows) - 1) / 2;
        Pairs {
            all: of(self.rows),
            first: self.first.iter().map(|&rows| of(rows)).sum(),
            second: self.second.iter().map(|&rows| of(rows)).sum(),
            both: self.shared.iter().map(|pair| of(pair.rows)).sum(),
        }
    }

    /// What one labelling tells of the other, in nats (natural logarithms): 0 or more.
    ///
    /// # Formula
    /// ```text
    /// MI = sum over i, j of  n_ij / n  ln(n n_ij / (a_i b_j))
    /// ```
    /// where cluster i of the first holds `a_i` of `n` rows, j of the second `b_j`, and both together `n_ij`.
    pub fn mutual_information(&self) -> f64 {
        let n = self.rows as f64;
        let term = |pair: &Shared| {
            let (a, b) = (self.first[pair.first] as f64, self.second[pair.second] as f64);
            let rows = pair.rows as f64;
            rows / n * ((rows / a) * (n / b)).ln()
        };
        self.shared.iter().map(term).sum::<f64>().max(0.0)
    }

    /// [Mutual information](Self::mutual_information) over the mean of both entropies: from 0 to 1. It is 1 if both
    /// put all rows together. Not adjusted: many clusters make it large.
    pub fn normalised_mutual_information(&self) -> f64 {
        let entropy = self.mean_entropy();
        if entropy > 0.0 { (self.mutual_information() / entropy).min(1.0) } else { 1.0 }
    }

    /// Mutual information adjusted for chance (Vinh, Epps & Bailey, 2010), by the mean of both entropies as in
    /// scikit-learn: 0 on average for labels at random, 1 if both are the same.
    ///
    /// # Formula
    /// ```text
    /// AMI = (MI - E) / ((H_a + H_b) / 2 - E)
    /// ```
    /// where `E` is what is expected of labels at random with clusters of the same sizes.
    pub fn adjusted_mutual_information(&self) -> f64 {
        let alone = |sizes: &[u64]| sizes.iter().all(|&rows| rows <= 1);
        let entropy = self.mean_entropy();
        // Both put all rows together, or each by itself. chance cannot make them differ.
        if entropy == 0.0 || (alone(&self.first) && alone(&self.second)) {
            return 1.0;
        }
        let expected = self.expected_information();
        (self.mutual_information() - expected) / (entropy - expected)
    }

    fn mean_entropy(&self) -> f64 {
        let n = self.rows as f64;
        let share = |&rows: &u64| if rows > 0 { rows as f64 / n * (n / rows as f64).ln() } else { 0.0 };
        let entropy = |sizes: &[u64]| sizes.iter().map(share).sum::<f64>();
        f64::midpoint(entropy(&self.first), entropy(&self.second))
    }

    /// The mean mutual information over all ways to deal the rows to clusters of these sizes.
    fn expected_information(&self) -> f64 {
        let (first, second) = (counts(&self.first), counts(&self.second));
        let mut expected = 0.0;
        for &(a, often) in &first {
            for &(b, as_often) in &second {
                expected += (often * as_often) as f64 * expected_term(a, b, self.rows);
            }
        }
        expected
    }
}

/// Pairs of rows: all of them, those in one cluster of the first or second labelling, and of both.
struct Pairs {
    all: i128,
    first: i128,
    second: i128,
    both: i128,
}

/// A table of all pairs of clusters is filled if it has no more entries than this, or than rows.
const TABLE: usize = 1 << 16;

fn shared(first: &Labels, second: &Labels) -> Vec<Shared> {
    let width = second.clusters() + 1;
    let place =
        |number: u32, labels: &Labels| if number == NOISE { labels.clusters() } else { number as usize };
    let pairs = first.numbers().iter().zip(second.numbers());
    let pairs = pairs.map(|(&a, &b)| (place(a, first), place(b, second)));
    let entries = (first.clusters() + 1).saturating_mul(width);
    if entries <= first.len().max(TABLE) {
        let mut table = vec![0; entries];
        for (a, b) in pairs {
            table[a * width + b] += 1;
        }
        let shared = |(at, &rows): (usize, &u64)| Shared { first: at / width, second: at % width, rows };
        return table.iter().enumerate().filter(|&(_, &rows)| rows > 0).map(shared).collect();
    }
    let mut pairs: Vec<(usize, usize)> = pairs.collect();
    pairs.sort_unstable();
    let runs = pairs.chunk_by(|a, b| a == b);
    runs.map(|run| Shared { first: run[0].0, second: run[0].1, rows: run.len() as u64 }).collect()
}

/// The sizes that occur, above 0, and how often each does.
fn counts(sizes: &[u64]) -> Vec<(u64, u64)> {
    let mut sizes: Vec<u64> = sizes.iter().copied().filter(|&rows| rows > 0).collect();
    sizes.sort_unstable();
    sizes.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)).collect()
}

/// What clusters of `a` and `b` of `n` rows are expected to add to the mutual information. The rows that they share
/// are hypergeometric: chances follow one another from the likeliest number to both sides until they are too small
/// to count, and are divided by their sum, so that there is no factorial to overflow or to lose digits.
fn expected_term(a: u64, b: u64, n: u64) -> f64 {
    let (least, most) = ((a + b).saturating_sub(n), a.min(b));
    let likeliest = (u128::from(a + 1) * u128::from(b + 1) / u128::from(n + 2)) as u64;
    let likeliest = likeliest.clamp(least, most);
    let (a, b, n) = (a as f64, b as f64, n as f64);
    let information =
        |shared: f64| if shared > 0.0 { shared / n * ((shared / a) * (n / b)).ln() } else { 0.0 };
    let (mut chances, mut sum) = (1.0, information(likeliest as f64));
    let mut chance = 1.0;
    for shared in likeliest..most {
        let x = shared as f64;
        chance *= (a - x) / (x + 1.0) * ((b - x) / (n - a - b + x + 1.0));
        if chance < NOTHING {
            break;
        }
        chances += chance;
        sum += chance * information(x + 1.0);
    }
    chance = 1.0;
    for shared in (least + 1..=likeliest).rev() {
        let x = shared as f64;
        chance *= x / (a - x + 1.0) * ((n - a - b + x) / (b - x + 1.0));
        if chance < NOTHING {
            break;
        }
        chances += chance;
        sum += chance * information(x - 1.0);
    }
    sum / chances
}

/// A chance so many times smaller than the likeliest one adds nothing, with all that are smaller still.
const NOTHING: f64 = 1e-30;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    fn close(found: f64, known: f64) {
        assert!((found - known).abs() < 1e-12, "{found} is not {known}");
    }

    fn numbers(rows: usize, clusters: usize, of: impl Fn(usize) -> usize) -> Labels {
        let noise = |row: usize| row % 11 == 5;
        let numbers: Vec<Option<usize>> =
            (0..rows).map(|row| (!noise(row)).then(|| of(row) % clusters)).collect();
        Labels::new(clusters, &numbers).unwrap()
    }

    #[test]
    fn trivial_labellings_agree_as_in_scikit_learn() {
        let of = |clusters: usize, numbers: &[usize]| {
            Labels::new(clusters, &numbers.iter().map(|&number| Some(number)).collect::<Vec<_>>()).unwrap()
        };
        let (one, each, two) = (of(1, &[0; 4]), of(4, &[0, 1, 2, 3]), of(9, &[7, 7, 3, 3]));
        let all = |a: &Labels, b: &Labels| {
            let agreement = Agreement::of(a, b).unwrap();
            [
                agreement.rand_index(),
                agreement.adjusted_rand_index(),
                agreement.adjusted_mutual_information(),
                agreement.normalised_mutual_information(),
            ]
        };
        assert_eq!(all(&one, &one), [1.0; 4]);
        assert_eq!(all(&each, &each), [1.0; 4]);
        assert_eq!(all(&two, &two), [1.0; 4]);
        assert_eq!(all(&one, &each), [0.0; 4]);
        assert_eq!(all(&each, &one), [0.0; 4]);
        assert_eq!(all(&of(1, &[0]), &of(1, &[0])), [1.0; 4]);
        assert!(
            Agreement::of(&one, &of(1, &[0])).is_err() && Agreement::of(&of(1, &[]), &of(1, &[])).is_err()
        );
    }

    #[test]
    fn a_table_and_sorted_pairs_are_the_same() {
        let few = numbers(500, 40, |row| row * row / 7);
        // The same, among numbers that are not used.
        let many: Vec<Option<usize>> = few.iter().map(|number| number.map(|number| number * 100)).collect();
        let many = Labels::new(4_000, &many).unwrap();
        let other = numbers(500, 30, |row| row / 9);
        let (few, many) = (Agreement::of(&few, &other).unwrap(), Agreement::of(&many, &other).unwrap());
        assert_eq!(few.pairs().both, many.pairs().both);
        close(few.adjusted_mutual_information(), many.adjusted_mutual_information());
    }

    /// By definition: the chance of each number of shared rows from binomial coefficients.
    #[test]
    fn the_expected_term_is_the_mean_over_all_deals() {
        let choose = |n: u64, k: u64| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
        for (a, b, n) in
            [(3_u64, 4_u64, 9_u64), (1, 1, 2), (8, 9, 10), (10, 10, 10), (1, 7, 30), (20, 25, 50)]
        {
            let least = (a + b).saturating_sub(n).max(1);
            let mean: f64 = (least..=a.min(b))
                .map(|x| {
                    let chance = choose(a, x) * choose(n - a, b - x) / choose(n, b);
                    let information = x as f64 / n as f64 * ((n * x) as f64 / (a * b) as f64).ln();
                    chance * information
                })
                .sum();
            close(expected_term(a, b, n), mean);
        }
    }

    #[test]
    fn the_largest_labellings_do_not_overflow() {
        let half = u64::from(u32::MAX) / 2;
        let agreement = Agreement {
            rows: 2 * half,
            first: vec![half, half],
            second: vec![half, half],
            shared: vec![
                Shared { first: 0, second: 0, rows: half },
                Shared { first: 1, second: 1, rows: half },
            ],
        };
        close(agreement.adjusted_rand_index(), 1.0);
        close(agreement.adjusted_mutual_information(), 1.0);
    }
}
