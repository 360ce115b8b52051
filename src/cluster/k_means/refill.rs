//! Clusters that were left by their last row.

use std::cmp::Ordering;

use super::{
    EmptyCluster,
    lloyd::{Found, Lloyd},
    totals::Moves,
};
use crate::{error::Error, math::parallel};

impl Lloyd<'_> {
    /// Deals with clusters without rows, and says whether one was given a row.
    pub(super) fn refill(&mut self, rule: EmptyCluster) -> Result<bool, Error> {
        let empty = self.totals.empty();
        if empty.is_empty() {
            return Ok(false);
        }
        if rule == EmptyCluster::Refuse {
            return Err(refused(self.clusters()));
        }
        let wanted = if rule == EmptyCluster::Relocate { empty.len() } else { 0 };
        let mut farthest = self.farthest(wanted).into_iter();
        let mut homeless = Vec::new();
        for cluster in empty {
            match farthest.find(|&(_, row)| self.totals.rows(self.label(row) as usize) > 1) {
                Some((_, row)) => self.relocate(row, cluster as u32),
                None => homeless.push(cluster),
            }
        }
        let refilled = homeless.len() < wanted;
        homeless.into_iter().rev().for_each(|cluster| self.remove(cluster));
        Ok(refilled)
    }

    fn label(&self, row: usize) -> u32 {
        let size = self.table.task();
        self.parts[row / size].label(row)
    }

    fn relocate(&mut self, row: usize, cluster: u32) {
        let mut moves = Moves::new(self.clusters(), self.table.width());
        let weight = self.table.weight(row);
        moves.change(self.spread, self.table.row(row), weight, self.label(row), cluster);
        self.totals.apply(&moves);
        let size = self.table.task();
        self.parts[row / size].relabel(row, cluster);
    }

    fn remove(&mut self, cluster: usize) {
        let width = self.table.width();
        self.centroids.drain(cluster * width..(cluster + 1) * width);
        self.totals.remove(cluster);
        for part in &mut self.parts {
            part.renumber(closed_up(cluster as u32));
        }
    }

    /// Rows away from their centroids with the squares of how far, the farthest first and of equally far ones the
    /// first; enough for so many clusters to be filled.
    fn farthest(&self, wanted: usize) -> Vec<(f64, usize)> {
        if wanted == 0 {
            return Vec::new();
        }
        // A cluster keeps a row, so that the farthest row of each may have to be passed over.
        let most = wanted + self.clusters();
        let width = self.table.width();
        let found = parallel::map(self.parts.iter().collect(), |part| {
            let away = part.labelled().map(|(row, label)| {
                let at = label as usize * width;
                let of = self.centroids[at..at + width].iter();
                let square: f64 = self.table.row(row).zip(of).map(|(x, c)| (x - c) * (x - c)).sum();
                (square, row)
            });
            first_of(away.filter(|(square, _)| *square > 0.0).collect(), most)
        });
        first_of(found.concat(), most)
    }
}

impl Found {
    /// A tolerance may end the search just where a cluster is left by its last row.
    pub(super) fn drop_empty(&mut self, width: usize, rule: EmptyCluster) -> Result<(), Error> {
        for cluster in (0..self.weights.len()).rev() {
            if self.weights[cluster] > 0.0 {
                continue;
            }
            if rule == EmptyCluster::Refuse {
                return Err(refused(self.weights.len()));
            }
            self.weights.remove(cluster);
            self.centroids.drain(cluster * width..(cluster + 1) * width);
            let number = closed_up(cluster as u32);
            self.labels.iter_mut().for_each(|label| *label = number(*label));
        }
        Ok(())
    }
}

fn refused(clusters: usize) -> Error {
    Error::parameter("clusters", clusters, "leave one of them without points")
}

/// The numbers when one is no more.
fn closed_up(gone: u32) -> impl Fn(u32) -> u32 {
    move |label| if label > gone { label - 1 } else { label }
}

fn first_of(mut rows: Vec<(f64, usize)>, most: usize) -> Vec<(f64, usize)> {
    let order = |a: &(f64, usize), b: &(f64, usize)| -> Ordering { b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)) };
    if rows.len() > most {
        rows.select_nth_unstable_by(most, order);
        rows.truncate(most);
    }
    rows.sort_unstable_by(order);
    rows
}
