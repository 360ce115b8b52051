//! The assignment problem: which row goes with which column, so that the sum of the gains is largest.

/// For each row its column, or none where there are fewer columns than rows: no column is taken twice, and the
/// sum of `gain(row, column)` is the largest there is. Gains are finite.
///
/// By successive shortest paths with potentials (Jonker & Volgenant 1987), in `O(rows columns^2)`.
pub(crate) fn assign(rows: usize, columns: usize, gain: impl Fn(usize, usize) -> f64) -> Vec<Option<usize>> {
    // A row without a column of its own takes one that stands for none, at no gain.
    let wide = columns + rows;
    let cost = |row: usize, column: usize| if column < columns { -gain(row, column) } else { 0.0 };
    let mut row_potential = vec![0.0; rows];
    let mut potential = vec![0.0; wide + 1];
    // The last column is where each path starts: its row is the new one.
    let start = wide;
    let mut taken_by: Vec<Option<usize>> = vec![None; wide + 1];
    for new in 0..rows {
        taken_by[start] = Some(new);
        let mut reached = vec![false; wide + 1];
        // What it costs beyond the potentials to reach each column, and from which.
        let (mut slack, mut from) = (vec![f64::INFINITY; wide], vec![start; wide]);
        let mut at = start;
        // Lengthens the cheapest path until it ends at a column that is free.
        while let Some(row) = taken_by[at] {
            reached[at] = true;
            let mut next = (start, f64::INFINITY);
            for column in (0..wide).filter(|&column| !reached[column]) {
                let reduced = cost(row, column) - row_potential[row] - potential[column];
                if reduced < slack[column] {
                    (slack[column], from[column]) = (reduced, at);
                }
                if slack[column] < next.1 {
                    next = (column, slack[column]);
                }
            }
            for column in 0..=wide {
                if !reached[column] {
                    slack[column] -= next.1;
                } else if let Some(owner) = taken_by[column] {
                    row_potential[owner] += next.1;
                    potential[column] -= next.1;
                }
            }
            at = next.0;
        }
        // Every row of the path moves to the next column on it.
        while at != start {
            taken_by[at] = taken_by[from[at]];
            at = from[at];
        }
    }
    let mut of = vec![None; rows];
    for (column, row) in taken_by.into_iter().enumerate().take(columns) {
        if let Some(row) = row {
            of[row] = Some(column);
        }
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The best of all ways, tried one by one.
    fn best(gains: &[Vec<f64>], row: usize, used: &mut Vec<bool>) -> f64 {
        if row == gains.len() {
            return 0.0;
        }
        let mut most = best(gains, row + 1, used);
        for column in 0..used.len() {
            if !used[column] {
                used[column] = true;
                most = most.max(gains[row][column] + best(gains, row + 1, used));
                used[column] = false;
            }
        }
        most
    }

    #[test]
    fn a_greedy_choice_is_not_the_best() {
        // 9 first leaves 1 for the other; 8 and 7 are more.
        let gains = [[9.0, 8.0], [7.0, 1.0]];
        assert_eq!(assign(2, 2, |row, column| gains[row][column]), [Some(1), Some(0)]);
        assert_eq!(assign(2, 1, |row, _| gains[row][0]), [Some(0), None]);
        assert_eq!(assign(0, 3, |_, _| 0.0), []);
    }

    proptest! {
        #[test]
        fn the_gain_is_the_largest_there_is(
            columns in 1..5_usize,
            gains in prop::collection::vec(prop::collection::vec(0..6_u8, 5), 0..6),
        ) {
            let gains: Vec<Vec<f64>> = gains.iter().map(|row| row.iter().copied().map(f64::from).collect()).collect();
            let of = assign(gains.len(), columns, |row, column| gains[row][column]);
            let mut taken: Vec<usize> = of.iter().flatten().copied().collect();
            taken.sort_unstable();
            prop_assert!(taken.is_sorted_by(|a, b| a < b));
            let found: f64 = of.iter().zip(&gains).filter_map(|(of, row)| of.map(|column| row[column])).sum();
            // Whole numbers: the sums are exact.
            prop_assert!((found - best(&gains, 0, &mut vec![false; columns])).abs() < 0.5);
        }
    }
}
