//! The search: points to the nearest prototype, prototypes to the middle of their points.

use super::{MixedPoints, start::Prototypes, table::Table};
use crate::{math::parallel, model::Stop};

/// Where a search ended.
pub(super) struct Found {
    pub(super) labels: Vec<u32>,
    pub(super) cost: f64,
    pub(super) steps: u32,
    pub(super) stop: Stop,
}

/// Moves the prototypes to a minimum of the cost. Labels and cost are of the prototypes as they are left.
pub(super) fn search(table: &Table<'_>, prototypes: &mut Prototypes, gamma: f64, max_steps: u32) -> Found {
    let mut before: Vec<u32> = Vec::new();
    let mut steps = 0;
    loop {
        let nearest = table.nearest(prototypes, gamma);
        let mut labels: Vec<u32> = nearest.iter().map(|&(number, _)| number).collect();
        let moved = labels != before;
        if !moved || steps == max_steps {
            let cost =
                nearest.iter().enumerate().map(|(row, (_, distance))| table.weight(row) * distance).sum();
            let stop = if moved { Stop::StepLimit } else { Stop::Converged };
            return Found { labels, cost, steps, stop };
        }
        fill_empty(&mut labels, &nearest, prototypes.len());
        move_to_middle(table, prototypes, &labels);
        before = labels;
        steps += 1;
    }
}

/// Gives each empty cluster the point that is farthest from its prototype, as long as there is one apart from it.
fn fill_empty(labels: &mut [u32], nearest: &[(u32, f64)], clusters: usize) {
    let mut sizes = vec![0_usize; clusters];
    for &label in labels.iter() {
        sizes[label as usize] += 1;
    }
    let empty: Vec<usize> = (0..clusters).filter(|&cluster| sizes[cluster] == 0).collect();
    if empty.is_empty() {
        return;
    }
    let mut farthest: Vec<usize> = (0..labels.len()).filter(|&row| nearest[row].1 > 0.0).collect();
    farthest.sort_by(|&a, &b| nearest[b].1.total_cmp(&nearest[a].1));
    let mut rows = farthest.into_iter();
    for cluster in empty {
        let Some(row) = rows.find(|&row| sizes[labels[row] as usize] > 1) else { return };
        sizes[labels[row] as usize] -= 1;
        labels[row] = cluster as u32;
        sizes[cluster] = 1;
    }
}

/// Moves each prototype to the means and modes of its points. One without points stays.
fn move_to_middle(table: &Table<'_>, prototypes: &mut Prototypes, labels: &[u32]) {
    let clusters = prototypes.len();
    let mut totals = vec![0.0; clusters];
    for (row, &label) in labels.iter().enumerate() {
        totals[label as usize] += table.weight(row);
    }
    // A column is one thread's, so that sums have one order.
    let means = parallel::map((0..table.numbers.len()).collect(), |column| {
        let mut means: Vec<f64> = (0..clusters).map(|cluster| prototypes.means[cluster][column]).collect();
        let old = means.clone();
        for (row, (&label, x)) in labels.iter().zip(table.numbers[column].iter()).enumerate() {
            let cluster = label as usize;
            means[cluster] += table.weight(row) / totals[cluster] * (x - old[cluster]);
        }
        means
    });
    let modes = parallel::map((0..table.codes.len()).collect(), |column| {
        // One place more, for what is missing.
        let size = table.levels[column].len() + 1;
        let mut counts = vec![0.0; clusters * size];
        for (row, (&label, &place)) in labels.iter().zip(&table.places[column]).enumerate() {
            counts[label as usize * size + place as usize] += table.weight(row);
        }
        counts.chunks(size).map(|counts| commonest(&table.levels[column], counts)).collect::<Vec<u32>>()
    });
    for cluster in (0..clusters).filter(|&cluster| totals[cluster] > 0.0) {
        for (mean, column) in prototypes.means[cluster].iter_mut().zip(&means) {
            *mean = column[cluster];
        }
        for (mode, column) in prototypes.modes[cluster].iter_mut().zip(&modes) {
            *mode = column[cluster];
        }
    }
}

fn commonest(levels: &[u32], counts: &[f64]) -> u32 {
    let none = (MixedPoints::MISSING, 0.0);
    levels
        .iter()
        .zip(counts)
        .fold(none, |most, (&level, &count)| if count > most.1 { (level, count) } else { most })
        .0
}
